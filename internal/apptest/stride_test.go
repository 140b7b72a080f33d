//go:build !race

package apptest

// stride is at how many of a day's durable writes the crash test goes on to the next one.
const stride = 1
