//go:build !race

package render

const detector = 1
