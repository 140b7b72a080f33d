package storetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// init turns the test program into the keeper when it is run as such.
func init() {
	if pid, err := strconv.Atoi(os.Getenv(keeperEnv)); err == nil {
		keep(clusterDir(), pid)
		os.Exit(0)
	}
}

// startKeeper leaves a process behind that outlives the test program and holds none of its pipes.
func startKeeper(dir string, pid int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	keeper := exec.Command(self)
	keeper.Dir = dir
	keeper.Env = append(os.Environ(), keeperEnv+"="+strconv.Itoa(pid))
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return keeper.Start()
}

// keep stops the server once nobody has used it for idleAfter.
func keep(dir string, pid int) {
	for idle := time.Duration(0); ; {
		time.Sleep(time.Second)
		users, err := lock(filepath.Join(dir, "users"), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			idle = 0
			continue
		}
		if idle += time.Second; idle >= idleAfter {
			_ = syscall.Kill(pid, syscall.SIGINT) // fast shutdown
			awaitExit(pid)
			return // and the lock with it
		}
		users.Close()
	}
}

func awaitExit(pid int) {
	for range 200 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
