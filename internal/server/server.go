// Package server turns a table of routes into one safe HTTPS server: every route states its method, pattern, who may call it,
// how large a body may be and how long it may take, and a zero value of any of these admits nothing. Handlers return errors;
// the face that owns the route answers them in one place.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Auth says who may call a route.
type Auth uint8

const (
	Public   Auth = iota + 1 // anybody: log-in, assets, the ledger's tiles
	Signed                   // a person with a live session or token
	Entering                 // half-way in: password given, second factor or set-up still to come
)

// Stream as a Timeout lets a route's bytes flow for as long as they flow: it ends when none did for the idle limit.
const Stream time.Duration = -1

// Route is one row of the table of a face whose callers are C.
type Route[C any] struct {
	Method  string // GET, POST, PATCH, HEAD, DELETE
	Pattern string // as http.ServeMux, without method
	Auth    Auth
	Body    int64 // bytes; 0 admits no body, -1 is unlimited (streams count for themselves)
	Timeout time.Duration
	Handle  func(w http.ResponseWriter, r *http.Request, caller C) error
}

// Face is one side of the house: pages for browsers, or the JSON API. The two share no route and no cookie rule.
type Face[C any] interface {
	// Admit establishes the caller for a route's Auth, or refuses.
	Admit(r *http.Request, auth Auth) (C, error)
	// Fail answers an error of Admit or of a handler.
	Fail(w http.ResponseWriter, r *http.Request, err error)
}

// Mount makes a face's table a handler. It panics on a row that leaves something open, which is a mistake in the program.
func Mount[C any](face Face[C], routes []Route[C]) *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range routes {
		if route.Method == "" || route.Pattern == "" || route.Auth == 0 || route.Timeout == 0 || route.Handle == nil {
			panic(fmt.Sprintf("server: the route %s %s is not complete", route.Method, route.Pattern))
		}
		mux.Handle(route.Method+" "+route.Pattern, serve(face, route))
	}
	return mux
}

func serve[C any](face Face[C], route Route[C]) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := &begun{ResponseWriter: w}
		w = sent
		defer func() {
			cause := recover()
			if cause == http.ErrAbortHandler {
				panic(cause) // what was sent is not the whole, and the connection has to break to say so
			}
			if cause != nil {
				slog.Error("a handler panicked", "route", route.Pattern, "panic", fmt.Sprint(cause))
				fail(face, sent, w, r, errors.New("panic"))
			}
		}()
		if route.Body >= 0 {
			r.Body = http.MaxBytesReader(w, r.Body, route.Body)
		}
		if route.Timeout == Stream {
			writer, body := flowing(w, r.Body)
			defer body.finish()
			w, r.Body = writer, body
		} else {
			ctx, cancel := context.WithTimeout(r.Context(), route.Timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		caller, err := face.Admit(r, route.Auth)
		if err == nil {
			err = route.Handle(w, r, caller)
		}
		if err != nil {
			fail(face, sent, w, r, err)
		}
	})
}

// fail answers an error: by the face while nothing was sent, else by breaking the connection, so that nobody takes for the whole what
// is a part with a page of refusal behind it.
func fail[C any](face Face[C], sent *begun, w http.ResponseWriter, r *http.Request, err error) {
	if sent.yes {
		slog.Error("an answer broke off", "error", err)
		panic(http.ErrAbortHandler)
	}
	face.Fail(w, r, err)
}

// headers are sent with every answer. Pages need nothing but the product's own files: no inline script or style, no frame,
// no other origin.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	"Strict-Transport-Security":    "max-age=31536000",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=()" + nothingElse,
	"Cache-Control":                "no-store",
}

const nothingElse = ", microphone=(), geolocation=(), payment=(), usb=()"

// AllowCamera lets the page that is answered use the camera. No other page may: scripts that got in elsewhere would see nothing.
func AllowCamera(w http.ResponseWriter) {
	w.Header().Set("Permissions-Policy", "camera=(self)"+nothingElse)
}

// Harden sends the headers and stops requests that another site makes a browser send.
func Harden(next http.Handler) http.Handler {
	protected := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for k, v := range headers {
			h.Set(k, v)
		}
		protected.ServeHTTP(w, r)
	})
}

// configured is the server with its limits: none of them may be left to a caller who is slow on purpose.
func configured(cert tls.Certificate, h http.Handler) *http.Server {
	return &http.Server{
		Handler:           Harden(h),
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
}

// Serve answers on the listener until ctx ends, then lets running requests finish for up to grace.
func Serve(ctx context.Context, l net.Listener, cert tls.Certificate, h http.Handler, grace time.Duration) error {
	s := configured(cert, h)
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		stopped <- s.Shutdown(end)
	}()
	if err := s.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}
