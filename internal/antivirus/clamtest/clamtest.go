// Package clamtest starts a real clamd for tests, with a database of one hand-made signature: that of the EICAR test file.
package clamtest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"mijuan/internal/antivirus"
)

// Virus is the EICAR test file, which every scanner takes for a virus. It stands in two pieces lest one finds it here.
var Virus = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// Name is what the daemon calls it.
const Name = "Eicar-Test-Signature.UNOFFICIAL"

// StreamMost is how many bytes of a stream the daemon takes.
const StreamMost = 4 << 20

// Start runs a daemon until the test ends and gives its address as --clamd takes it. Where Debian's clamav-daemon is not installed
// the test fails with the sentence that says so.
func Start(t testing.TB) (address string) {
	address, stop := Run(t)
	t.Cleanup(stop)
	return address
}

// Run is Start, and gives what stops the daemon earlier.
func Run(t testing.TB) (address string, stop func()) {
	t.Helper()
	program, err := find()
	if err != nil {
		t.Fatal("clamd is not installed; scripts/tools installs it")
	}
	dir, err := os.MkdirTemp("", "mijuan-clamd-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "socket")
	write(t, filepath.Join(dir, "hand.ndb"), "Eicar-Test-Signature:0:*:"+hex.EncodeToString([]byte(Virus))+"\n")
	write(t, filepath.Join(dir, "clamd.conf"), fmt.Sprintf("Foreground yes\nDatabaseDirectory %s\nLocalSocket %s\nLogFile %s/log\nStreamMaxLength %d\nAlertExceedsMax yes\nMaxThreads 2\n", dir, socket, dir, StreamMost))
	c := exec.Command(program, "-c", filepath.Join(dir, "clamd.conf"))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); c.Wait() }()
	stop = func() { c.Process.Kill(); <-ended; os.RemoveAll(dir) }
	s, err := antivirus.New("unix:"+socket, 0)
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err = s.Check(t.Context()); err == nil {
			return "unix:" + socket, stop
		}
		select {
		case <-ended:
			err = errors.Join(err, errors.New("clamd ended"))
		default:
			if time.Since(began) < 30*time.Second {
				continue
			}
		}
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		stop()
		t.Fatalf("clamd does not answer: %v\n%s", err, log)
	}
}

func find() (string, error) {
	if path, err := exec.LookPath("clamd"); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/clamd")
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
