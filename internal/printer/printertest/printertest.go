// Package printertest starts a real IPP printer for tests: ippeveprinter of CUPS, on a message bus of its own, with a certificate of
// its own, that hands each job to a script. A test can have it jam, refuse, be slow or vanish.
package printertest

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/printer"
)

// Printer is a printer at work.
type Printer struct {
	Address printer.Address
	Dir     string // jobs lie in Dir/jobs; files named jam, fail or slow in Dir change what it does
	t       testing.TB
	port    int
	run     *exec.Cmd
	bus     *exec.Cmd
}

// The script keeps each document. While a file "jam" is there it says that paper is stuck and waits; with "fail" it gives a job up;
// with "lie" it says that all is well and drops the paper.
const script = `#!/bin/sh
dir=%q
n=0
while [ -e "$dir/jam" ]; do
  [ $n = 0 ] && echo "STATE: +media-jam-error" >&2
  n=1
  sleep 0.1
done
[ $n = 1 ] && echo "STATE: -media-jam-error" >&2
while [ -e "$dir/slow" ]; do sleep 0.1; done
[ -e "$dir/fail" ] && exit 1
[ -e "$dir/lie" ] && exit 0
cp "$1" "$dir/jobs/.part-$$" && mv "$dir/jobs/.part-$$" "$dir/jobs/$(date +%%s%%N)"
exit 0
`

// Start starts a printer that takes the formats, PDF if none are named, over ipps. The test fails where there is no ippeveprinter.
func Start(t testing.TB, formats ...string) *Printer {
	t.Helper()
	path, err := exec.LookPath("ippeveprinter")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/ippeveprinter"); err != nil {
			t.Fatal("no ippeveprinter: scripts/tools installs it")
		}
	}
	if len(formats) == 0 {
		formats = []string{"application/pdf"}
	}
	dir, err := os.MkdirTemp("", "ipp") // short: sockets have short names
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &Printer{Dir: dir, t: t}
	for _, sub := range []string{"jobs", "spool", "keys"} {
		must(t, os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	must(t, os.WriteFile(filepath.Join(dir, "print"), fmt.Appendf(nil, script, dir), 0o700))
	bus := "unix:path=" + filepath.Join(dir, "bus")
	p.bus = exec.Command("dbus-daemon", "--session", "--nofork", "--address="+bus)
	must(t, p.bus.Start())
	t.Cleanup(func() { end(p.bus) })
	waitFor(t, "the message bus", func() bool { _, err := os.Stat(filepath.Join(dir, "bus")); return err == nil })
	waitFor(t, "a port", func() bool { // below those that the system gives to clients, one of which could take it before the printer does
		p.port = 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
		return err == nil && l.Close() == nil
	})
	p.run = exec.Command(path, "-n", "localhost", "-r", "off", "-p", fmt.Sprint(p.port), "-f", strings.Join(formats, ","), "-c", filepath.Join(dir, "print"),
		"-d", filepath.Join(dir, "spool"), "-K", filepath.Join(dir, "keys"), "Office")
	p.run.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+bus)
	p.Start()
	t.Cleanup(p.Stop)
	p.Address = printer.Address{URI: fmt.Sprintf("ipps://localhost:%d/ipp/print", p.port), Pin: fingerprint(t, p.port)}
	return p
}

// Start switches the printer on, again after Stop.
func (p *Printer) Start() {
	p.t.Helper()
	again := exec.Command(p.run.Path, p.run.Args[1:]...)
	again.Env = p.run.Env
	p.run = again
	must(p.t, p.run.Start())
	waitFor(p.t, "the printer", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", p.port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// Stop switches it off; its jobs are forgotten.
func (p *Printer) Stop() { end(p.run) }

func end(c *exec.Cmd) {
	if c.Process != nil && c.ProcessState == nil {
		c.Process.Kill()
		c.Wait()
	}
}

// Set and Unset put a file there or take it away: jam, slow, fail, lie.
func (p *Printer) Set(what string) {
	p.t.Helper()
	must(p.t, os.WriteFile(filepath.Join(p.Dir, what), nil, 0o600))
}

// Unset takes a file away.
func (p *Printer) Unset(what string) { os.Remove(filepath.Join(p.Dir, what)) }

// Jobs are the documents that came out, in their order.
func (p *Printer) Jobs() (paths []string) {
	p.t.Helper()
	entries, err := os.ReadDir(filepath.Join(p.Dir, "jobs"))
	must(p.t, err)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			paths = append(paths, filepath.Join(p.Dir, "jobs", e.Name()))
		}
	}
	return paths
}

func fingerprint(t testing.TB, port int) string {
	t.Helper()
	var pin string
	waitFor(t, "the certificate", func() bool {
		c, err := tls.Dial("tcp", fmt.Sprintf("localhost:%d", port), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			return false
		}
		defer c.Close()
		sum := sha256.Sum256(c.ConnectionState().PeerCertificates[0].Raw)
		pin = hex.EncodeToString(sum[:])
		return true
	})
	return pin
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s did not come up", what)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
