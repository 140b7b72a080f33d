// Package agetest runs the stock age tool in tests. It asks for a passphrase at a terminal and nowhere else, so it is given one.
package agetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Decrypt opens the age file in with a passphrase and writes out. Where age is not installed the test fails.
func Decrypt(t testing.TB, passphrase, in, out string) error {
	t.Helper()
	program, err := exec.LookPath("age")
	if err != nil {
		t.Fatal("age is not installed; scripts/tools installs it")
	}
	ours, theirs, err := terminal()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	c := exec.Command(program, "--decrypt", "--output", out, in)
	c.Stdin, c.Stdout, c.Stderr = theirs, theirs, theirs
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	stop := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer stop.Stop()
	said := answer(ours, passphrase)
	if err := c.Wait(); err != nil {
		return fmt.Errorf("age: %w: %s", err, said)
	}
	return nil
}

// answer types the passphrase when it is asked for, and gives all that was said.
func answer(terminal *os.File, passphrase string) string {
	var said bytes.Buffer
	buf, asked := make([]byte, 4096), false
	for {
		n, err := terminal.Read(buf)
		said.Write(buf[:n])
		if !asked && strings.Contains(said.String(), "assphrase") {
			asked = true
			terminal.WriteString(passphrase + "\n")
		}
		if err != nil {
			return said.String()
		}
	}
}

// terminal opens a pseudo-terminal.
func terminal() (ours, theirs *os.File, err error) {
	if ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	fd := int(ours.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	theirs, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	return ours, theirs, err
}
