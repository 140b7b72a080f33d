// Package archtest holds the house to its plan: who may import whom, that every package says what it is, that files stay small,
// that only a few packages read the clock, and that every sentence has its English.
package archtest
