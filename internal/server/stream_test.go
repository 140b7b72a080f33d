package server

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

type plainFace struct{ failed chan error }

func (f plainFace) Admit(*http.Request, Auth) (string, error)              { return "somebody", nil }
func (f plainFace) Fail(_ http.ResponseWriter, _ *http.Request, err error) { f.failed <- err }

// TestStreamStandsStill sends a body with pauses shorter than the idle limit, for longer than it, and then nothing any more.
func TestStreamStandsStill(t *testing.T) {
	defer func(was time.Duration) { idle = was }(idle)
	idle = 400 * time.Millisecond
	failed, came := make(chan error, 1), make(chan int64, 1)
	routes := []Route[string]{{Method: "POST", Pattern: "/in", Auth: Signed, Body: -1, Timeout: Stream, Handle: func(_ http.ResponseWriter, r *http.Request, _ string) error {
		n, err := io.Copy(io.Discard, r.Body)
		came <- n
		return err
	}}}
	s := httptest.NewUnstartedServer(Mount[string](plainFace{failed}, routes))
	s.Config.ReadTimeout, s.Config.WriteTimeout = idle, idle
	s.StartTLS()
	defer s.Close()
	c, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
	for range 12 {
		fmt.Fprint(c, "0123456789")
		time.Sleep(idle / 5)
	}
	select {
	case n := <-came:
		if n != 120 {
			t.Errorf("%d bytes came, then it was given up", n)
		}
		if err := <-failed; err == nil {
			t.Error("no error")
		}
	case <-time.After(20 * idle):
		t.Error("a client that sends nothing is waited for for ever")
	}
	c.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = bufio.NewReader(c).ReadString('\n')
}
