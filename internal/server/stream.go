package server

import (
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// idle is how long a stream may stand still. A dead client must not hold an upload, or a reader's place, for ever.
var idle = 2 * time.Minute

// flowing gives a stream's two sides deadlines that move on with its bytes. As long as there is nothing to write, no deadline for
// writing runs: what comes in may take hours, and be looked through after that.
func flowing(w http.ResponseWriter, body io.ReadCloser) (*flowingWriter, *flowingBody) {
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Time{})
	return &flowingWriter{ResponseWriter: w, deadline: deadline{set: c.SetWriteDeadline}}, &flowingBody{ReadCloser: body, deadline: deadline{set: c.SetReadDeadline}}
}

// Flowing is for a long answer outside Mount's table: a writer whose deadline moves on with its bytes.
func Flowing(w http.ResponseWriter) http.ResponseWriter {
	writer, _ := flowing(w, http.NoBody)
	return writer
}

// deadline moves a connection's deadline on, not oftener than matters.
type deadline struct {
	set   func(time.Time) error
	moved time.Time
}

func (d *deadline) move() {
	if now := time.Now(); now.Sub(d.moved) > idle/10 {
		d.moved = now
		_ = d.set(now.Add(idle)) // a writer without deadlines has none to move
	}
}

type flowingBody struct {
	io.ReadCloser
	deadline
	ended atomic.Bool

	mu   sync.Mutex // held while another than the handler reaches for the connection
	done bool       // the handler has returned: the connection serves others
}

func (b *flowingBody) Read(p []byte) (int, error) {
	b.move()
	if b.ended.Load() { // after the deadline was moved: it may have moved on the one that Interrupt set
		return 0, os.ErrDeadlineExceeded
	}
	return b.ReadCloser.Read(p)
}

// Interrupt ends the reading of a stream's body, also for who waits in it. Of a stream that has ended it does nothing.
func Interrupt(body io.Reader) {
	if b, ok := body.(*flowingBody); ok {
		b.mu.Lock()
		defer b.mu.Unlock()
		if !b.done {
			b.ended.Store(true)
			_ = b.set(time.Unix(1, 0))
		}
	}
}

// finish lets nobody reach for the connection any more.
func (b *flowingBody) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
}

type flowingWriter struct {
	http.ResponseWriter
	deadline
}

func (w *flowingWriter) WriteHeader(status int) {
	w.move()
	w.ResponseWriter.WriteHeader(status)
}

func (w *flowingWriter) Write(p []byte) (int, error) {
	w.move()
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *flowingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begun knows whether anything of the answer was sent.
type begun struct {
	http.ResponseWriter
	yes bool
}

func (b *begun) WriteHeader(status int) {
	b.yes = true
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }
