package antivirus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"mijuan/internal/antivirus"
	"mijuan/internal/antivirus/clamtest"
)

func scanner(t *testing.T, address string, largest int64) *antivirus.Scanner {
	t.Helper()
	s, err := antivirus.New(address, largest)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestClamd asks a real daemon: what is clean, what is infected, and what it does not say.
func TestClamd(t *testing.T) {
	address, stop := clamtest.Run(t)
	defer stop()
	s := scanner(t, address, 0)
	if version, err := s.Check(t.Context()); err != nil || !strings.HasPrefix(version, "ClamAV ") {
		t.Errorf("check: %q, %v", version, err)
	}
	big := bytes.Repeat([]byte("卷"), (clamtest.StreamMost-1000)/3)
	for _, c := range []struct {
		what string
		of   io.Reader
		want antivirus.Finding
		name string
	}{
		{"a text", strings.NewReader("股权转让协议"), antivirus.Clean, ""},
		{"nothing", strings.NewReader(""), antivirus.Clean, ""},
		{"one piece exactly", bytes.NewReader(make([]byte, 64<<10)), antivirus.Clean, ""},
		{"a large file", bytes.NewReader(big), antivirus.Clean, ""},
		{"the test file", strings.NewReader(clamtest.Virus), antivirus.Infected, clamtest.Name},
		{"the test file byte by byte", iotest.OneByteReader(strings.NewReader(clamtest.Virus)), antivirus.Infected, clamtest.Name},
		{"the test file at the end of a large one", io.MultiReader(bytes.NewReader(big), strings.NewReader(clamtest.Virus)), antivirus.Infected, clamtest.Name},
		{"more than the daemon takes", io.MultiReader(bytes.NewReader(big), bytes.NewReader(big)), antivirus.Unknown, ""},
		{"a file that breaks off", io.MultiReader(strings.NewReader("股权"), iotest.ErrReader(errors.New("broken"))), antivirus.Unknown, ""},
	} {
		v := s.Scan(t.Context(), c.of)
		if v.Finding != c.want || v.Name != c.name || (v.Cause != nil) != (c.want == antivirus.Unknown) {
			t.Errorf("%s: %+v", c.what, v)
		}
	}
	if v := scanner(t, address, 1000).Scan(t.Context(), bytes.NewReader(make([]byte, 1001))); v.Finding != antivirus.Unknown || !errors.Is(v.Cause, antivirus.ErrTooLarge) {
		t.Errorf("a stream over the limit of our own: %+v", v)
	}
	if v := s.Scan(t.Context(), bytes.NewReader(make([]byte, 2*clamtest.StreamMost))); !errors.Is(v.Cause, antivirus.ErrTooLarge) {
		t.Errorf("a stream over the daemon's limit: %+v", v)
	}
	stop()
	if v := s.Scan(t.Context(), strings.NewReader("股权转让协议")); v.Finding != antivirus.Unknown {
		t.Errorf("a daemon that is gone: %+v", v)
	}
}

// TestNeverCleanByMistake has a daemon that is not one answer: only "stream: OK" lets bytes through.
func TestNeverCleanByMistake(t *testing.T) {
	for _, reply := range []string{"", "OK", "OK\x00", "stream:OK\x00", "stream: OK FOUND?\x00", "stream: ok\x00", "stream: OK\nstream: Eicar FOUND\x00", "stream: Can't allocate memory ERROR\x00",
		"INSTREAM size limit exceeded. ERROR\x00", "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00", "UNKNOWN COMMAND\x00", strings.Repeat("stream: OK", 5000)} {
		if v := answered(t, reply, time.Minute); v.Finding == antivirus.Clean || v.Finding == 0 || v.Cause == nil {
			t.Errorf("%.40q was taken for %+v", reply, v)
		}
	}
	if v := answered(t, "stream: OK\x00", time.Minute); v.Finding != antivirus.Clean {
		t.Errorf("a clean answer: %+v", v)
	}
	if v := answered(t, "", 0); v.Finding != antivirus.Unknown { // never answers
		t.Errorf("a silent daemon: %+v", v)
	}
}

// answered is the verdict on a daemon's reply; after none, the caller's time runs out.
func answered(t *testing.T, reply string, after time.Duration) antivirus.Verdict {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		buf := make([]byte, 0, 1024)
		for !bytes.HasSuffix(buf, []byte{0, 0, 0, 0}) {
			n, err := c.Read(buf[:cap(buf)])
			if buf = buf[:n]; err != nil {
				return
			}
		}
		if after == 0 {
			<-t.Context().Done()
			return
		}
		io.WriteString(c, reply)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	return scanner(t, "unix:"+socket, 0).Scan(ctx, strings.NewReader("x"))
}

func TestAddress(t *testing.T) {
	for _, wrong := range []string{"", "unix:", "tcp:", "tcp:3310", "/run/clamd", "http://host", "tcp:host"} {
		if _, err := antivirus.New(wrong, 0); err == nil {
			t.Errorf("%q was taken for an address", wrong)
		}
	}
	for _, right := range []string{"unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310", "tcp:[::1]:3310"} {
		if _, err := antivirus.New(right, 0); err != nil {
			t.Errorf("%q: %v", right, err)
		}
	}
}
