//go:build race

package render

// detector is how many times more memory a worker may take in a build with the race detector, which keeps books on all of it.
const detector = 12
