//go:build race

package apptest

// stride is longer where the race detector makes a process take seconds to start; scripts/test lives through every write without it.
const stride = 5
