package apptest

// child is what this test program does as a process of its own, to be killed.
func child() int { return 0 }
