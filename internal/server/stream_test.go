package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
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

// TestLongUploads sends bodies for longer than the server lets an answer take, over both protocols, lets them be looked through for as
// long again, and reads an answer without a body.
func TestLongUploads(t *testing.T) {
	defer func(was time.Duration) { idle = was }(idle)
	idle = 400 * time.Millisecond
	routes := []Route[string]{{Method: "PATCH", Pattern: "/in", Auth: Signed, Body: -1, Timeout: Stream, Handle: func(w http.ResponseWriter, r *http.Request, _ string) error {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return err
		}
		time.Sleep(2 * idle) // as an inspection does
		w.WriteHeader(http.StatusNoContent)
		return nil
	}}}
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		s := httptest.NewUnstartedServer(Mount[string](plainFace{make(chan error, 9)}, routes))
		s.Config.ReadTimeout, s.Config.WriteTimeout, s.EnableHTTP2 = idle, idle, proto == "HTTP/2.0"
		s.StartTLS()
		defer s.Close()
		body, sender := io.Pipe()
		go func() {
			for range 12 {
				fmt.Fprint(sender, "0123456789")
				time.Sleep(idle / 5)
			}
			sender.Close()
		}()
		r, err := http.NewRequest("PATCH", s.URL+"/in", body)
		must(t, err)
		answer, err := s.Client().Do(r)
		if err != nil {
			t.Errorf("%s: %v", proto, err)
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusNoContent || answer.Proto != proto {
			t.Errorf("%s: %s over %s", proto, answer.Status, answer.Proto)
		}
	}
}

// TestInterrupt ends a read that waits for bytes.
func TestInterrupt(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		waits, ended := make(chan io.Reader, 1), make(chan error, 1)
		routes := []Route[string]{{Method: "PATCH", Pattern: "/in", Auth: Signed, Body: -1, Timeout: Stream, Handle: func(_ http.ResponseWriter, r *http.Request, _ string) error {
			waits <- r.Body
			_, err := io.Copy(io.Discard, r.Body)
			ended <- err
			return nil
		}}}
		s := httptest.NewUnstartedServer(Mount[string](plainFace{make(chan error, 9)}, routes))
		s.EnableHTTP2 = h2
		s.StartTLS()
		body, sender := io.Pipe()
		go func() {
			if r, err := http.NewRequest("PATCH", s.URL+"/in", body); err == nil {
				if answer, err := s.Client().Do(r); err == nil {
					answer.Body.Close()
				}
			}
		}()
		fmt.Fprint(sender, "something")
		stream := <-waits
		Interrupt(stream)
		select {
		case err := <-ended:
			if err == nil {
				t.Error("the body ended without an error")
			}
		case <-time.After(10 * time.Second):
			t.Error("the reader waits on")
		}
		sender.Close()
		s.Close()
		Interrupt(stream) // too late: the connection is another's now, or nobody's
	}
}

// TestBrokenOffAnswersLookBroken: over both protocols, an answer that ended before it was whole is no whole answer to the client, however
// the handler left it, and no page of refusal stands behind its first part.
func TestBrokenOffAnswersLookBroken(t *testing.T) {
	ends := map[string]func() error{
		"abort": func() error { panic(http.ErrAbortHandler) }, "panic": func() error { panic("secret") }, "error": func() error { return io.ErrUnexpectedEOF }, "whole": func() error { return nil }}
	var routes []Route[string]
	for name, end := range ends {
		for way, timeout := range map[string]time.Duration{"/page/": time.Minute, "/stream/": Stream} {
			routes = append(routes, Route[string]{Method: "GET", Pattern: way + name, Auth: Public, Timeout: timeout, Handle: func(w http.ResponseWriter, _ *http.Request, _ string) error {
				_, err := w.Write(make([]byte, 100_000))
				return errors.Join(err, end())
			}})
		}
	}
	for _, second := range []bool{false, true} {
		s := httptest.NewUnstartedServer(Mount[string](table{}, routes))
		s.EnableHTTP2, s.Config.ErrorLog = second, log.New(io.Discard, "", 0)
		s.StartTLS()
		defer s.Close()
		for _, route := range routes {
			resp, err := s.Client().Get(s.URL + route.Pattern)
			if err != nil {
				continue // it broke before the head was sent
			}
			raw, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if whole := strings.HasSuffix(route.Pattern, "whole"); whole != (err == nil) || len(raw) > 100_000 {
				t.Errorf("%s over %s: %d bytes, %v", route.Pattern, resp.Proto, len(raw), err)
			}
		}
	}
}
