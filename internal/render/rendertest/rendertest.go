// Package rendertest says which program works beside a test as a process of its own (the one that makes pages, and any mijuan the test
// starts), and where the code lies that the makers of pages have compiled once for all tests.
package rendertest

import (
	"fmt"
	"os"
	"path/filepath"
)

// Program is the mijuan that MIJUAN_TEST_PROGRAM names: the product as it was just built. Where it names none it is the test itself,
// whose TestMain does the same. With the race detector the test takes many times as long to make pages.
func Program() string {
	if p := os.Getenv("MIJUAN_TEST_PROGRAM"); p != "" {
		return p
	}
	self, err := os.Executable()
	if err != nil {
		panic(err) // the tests have started it
	}
	return self
}

// Worker is the command of a process that makes pages.
func Worker() []string { return []string{Program(), "render-worker"} }

// Code is the directory of PDFium's compiled code.
func Code() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("mijuan-test-code-%d", os.Getuid()))
}
