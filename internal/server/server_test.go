package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serving starts a server of the product's configuration, with a change, and gives its address and what ends it.
func serving(t *testing.T, h http.HandlerFunc, change func(*http.Server)) string {
	t.Helper()
	cert, err := Certificate(t.TempDir(), []string{"127.0.0.1"}, time.Now())
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := configured(cert, h)
	change(s)
	go func() { _ = s.ServeTLS(l, "", "") }() // ends with the test
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

func dial(t *testing.T, address string) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func hello(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	fmt.Fprint(w, "hello")
}

// TestEveryLimitIsSet: a server without one of these can be held by slow callers.
func TestEveryLimitIsSet(t *testing.T) {
	s := configured(tls.Certificate{}, http.NotFoundHandler())
	for name, d := range map[string]time.Duration{"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout, "WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("%s is %s", name, d)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 1<<20 || s.TLSConfig.MinVersion < tls.VersionTLS12 {
		t.Errorf("headers of %d bytes, TLS from %x", s.MaxHeaderBytes, s.TLSConfig.MinVersion)
	}
}

// TestSlowHeaders drips a request's head: the connection is closed when its time is over, and others are answered meanwhile.
func TestSlowHeaders(t *testing.T) {
	address := serving(t, hello, func(s *http.Server) { s.ReadHeaderTimeout = 300 * time.Millisecond })
	c := dial(t, address)
	go func() {
		for _, err := fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n"); err == nil; _, err = fmt.Fprint(c, "X-Drip: 1\r\n") {
			time.Sleep(20 * time.Millisecond) // as slow as the attack
		}
	}()
	other := dial(t, address)
	fmt.Fprint(other, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if r, err := http.ReadResponse(bufio.NewReader(other), nil); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("another caller: %v", err)
	}
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	raw, err := io.ReadAll(c)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || strings.Contains(string(raw), "200") {
		t.Errorf("the slow one: %q, %v", raw, err)
	}
}

// TestSlowBody: the same for a body.
func TestSlowBody(t *testing.T) {
	address := serving(t, hello, func(s *http.Server) { s.ReadTimeout = 300 * time.Millisecond })
	c := dial(t, address)
	fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	if _, err := io.ReadAll(c); err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			t.Error("the body is waited for without end")
		}
	}
}

func TestLargeHeadersAreRefused(t *testing.T) {
	address := serving(t, hello, func(*http.Server) {})
	c := dial(t, address)
	go fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("a", 1<<20))
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	if r, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil && r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d", r.StatusCode)
	}
}

// TestPlainHTTPAndOldTLS: nothing but TLS 1.2 and later is answered.
func TestPlainHTTPAndOldTLS(t *testing.T) {
	address := serving(t, hello, func(*http.Server) {})
	if r, err := http.Get("http://" + address); err == nil && r.StatusCode < 400 {
		t.Errorf("plain HTTP: %d", r.StatusCode)
	}
	if c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		c.Close()
		t.Error("TLS 1.1 was taken")
	}
}

// TestServeEnds: a server that is stopped lets a running request finish.
func TestServeEnds(t *testing.T) {
	cert, err := Certificate(t.TempDir(), []string{"127.0.0.1"}, time.Now())
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended, came := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- Serve(ctx, l, cert, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(came)
			<-ctx.Done()
			fmt.Fprint(w, "finished")
		}), 10*time.Second)
	}()
	c := dial(t, l.Addr().String())
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-came
	stop()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(t, err)
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != "finished" {
		t.Errorf("%q, %v", body, err)
	}
	must(t, <-ended)
}

// table is a face whose callers are words.
type table struct{}

func (table) Admit(r *http.Request, auth Auth) (string, error) {
	if auth == Public {
		return "anybody", nil
	}
	if r.Header.Get("Who") == "" {
		return "", errors.New("nobody")
	}
	return r.Header.Get("Who"), nil
}

func (table) Fail(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusTeapot)
}

func answering(t *testing.T, routes []Route[string], method, path, body string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Harden(Mount[string](table{}, routes)).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestRoutesHoldTheirLimits: who may not is not handled, a body over the limit is not read, time runs out, a panic is a failure, and
// another site's request does not arrive.
func TestRoutesHoldTheirLimits(t *testing.T) {
	read := func(w http.ResponseWriter, r *http.Request, who string) error {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			fmt.Fprint(w, who, len(body))
		}
		return err
	}
	routes := []Route[string]{
		{Method: "POST", Pattern: "/small", Auth: Signed, Body: 4, Timeout: time.Minute, Handle: read},
		{Method: "POST", Pattern: "/none", Auth: Public, Timeout: time.Minute, Handle: read},
		{Method: "POST", Pattern: "/any", Auth: Public, Body: -1, Timeout: Stream, Handle: read},
		{Method: "POST", Pattern: "/slow", Auth: Public, Timeout: 20 * time.Millisecond, Handle: func(_ http.ResponseWriter, r *http.Request, _ string) error {
			<-r.Context().Done()
			return r.Context().Err()
		}},
		{Method: "POST", Pattern: "/panic", Auth: Public, Timeout: time.Minute, Handle: func(http.ResponseWriter, *http.Request, string) error { panic("secret") }},
	}
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
		says       string
	}{
		"small":      {"/small", "1234", []string{"Who", "me"}, 200, "me4"},
		"nobody":     {"/small", "1234", nil, 418, "nobody"},
		"large":      {"/small", "12345", []string{"Who", "me"}, 418, "too large"},
		"none":       {"/none", "", nil, 200, "anybody0"},
		"none has":   {"/none", "1", nil, 418, "too large"},
		"any":        {"/any", strings.Repeat("1", 1<<20), nil, 200, "anybody1048576"},
		"slow":       {"/slow", "", nil, 418, "deadline"},
		"panic":      {"/panic", "", nil, 418, "panic"},
		"other site": {"/none", "", []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross-origin"},
		"other page": {"/none", "", []string{"Origin", "https://evil.example"}, 403, "cross-origin"},
		"nowhere":    {"/nowhere", "", nil, 404, ""},
	} {
		status, says := answering(t, routes, "POST", c.path, c.body, c.header...)
		if status != c.status || !strings.Contains(says, c.says) || strings.Contains(says, "secret") {
			t.Errorf("%s: %d %q", name, status, says)
		}
	}
}

// TestIncompleteRoutesAreMistakes: a row that leaves something open does not become a server.
func TestIncompleteRoutesAreMistakes(t *testing.T) {
	whole := Route[string]{Method: "GET", Pattern: "/", Auth: Public, Timeout: time.Second, Handle: func(http.ResponseWriter, *http.Request, string) error { return nil }}
	Mount[string](table{}, []Route[string]{whole})
	for name, spoil := range map[string]func(*Route[string]){"method": func(r *Route[string]) { r.Method = "" }, "pattern": func(r *Route[string]) { r.Pattern = "" },
		"auth": func(r *Route[string]) { r.Auth = 0 }, "timeout": func(r *Route[string]) { r.Timeout = 0 }, "handler": func(r *Route[string]) { r.Handle = nil }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a route without its %s was mounted", name)
				}
			}()
			row := whole
			spoil(&row)
			Mount[string](table{}, []Route[string]{row})
		}()
	}
}

// TestCamera: no page may use the camera but those that say so.
func TestCamera(t *testing.T) {
	for allowed, want := range map[bool]string{false: "camera=(), microphone=()", true: "camera=(self), microphone=()"} {
		w := httptest.NewRecorder()
		Harden(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if allowed {
				AllowCamera(w)
			}
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := w.Header().Get("Permissions-Policy"); !strings.HasPrefix(got, want) {
			t.Errorf("allowed %v: %s", allowed, got)
		}
	}
}
