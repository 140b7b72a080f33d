//go:build !linux || !(amd64 || arm64)

package render

import "os/exec"

// confine can do nothing here; the WebAssembly sandbox and the pool's timeout remain.
func confine(int64) bool { return false }

// endWithParent cannot be had here: a worker ends when its pipe does.
func endWithParent(*exec.Cmd) {}
