package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// lease lends a document's bytes to a call. After end nothing reads from it, not even for a worker that is still busy.
type lease struct {
	mu    sync.Mutex
	src   io.ReaderAt
	ended bool
	err   error // of the first read that failed
}

var errEnded = errors.New("the call has ended")

func (l *lease) read(b []byte, off int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return errEnded
	}
	n, err := l.src.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if l.err == nil {
		l.err = fmt.Errorf("read %d bytes of the document at %d: %w", len(b), off, err)
	}
	return err
}

func (l *lease) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

func (l *lease) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		return errEnded
	}
	return l.err
}

// watch calls late when its time is up, not counting pauses.
type watch struct {
	mu     sync.Mutex
	timer  *time.Timer
	left   time.Duration
	since  time.Time
	ran    bool
	paused bool
}

func newWatch(limit time.Duration, late func()) *watch {
	w := &watch{left: limit, since: time.Now()}
	w.timer = time.AfterFunc(limit, func() {
		w.mu.Lock()
		w.ran = !w.paused
		fire := w.ran
		w.mu.Unlock()
		if fire {
			late()
		}
	})
	return w
}

func (w *watch) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.paused, w.left = true, w.left-time.Since(w.since)
}

func (w *watch) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused, w.since = false, time.Now()
	w.timer.Reset(max(w.left, time.Millisecond))
}

func (w *watch) stop() { w.timer.Stop() }

func (w *watch) fired() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ran
}

// tail keeps the first line of what a worker says: the cause stands first, traces after it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailSize = 300

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p[:min(len(p), tailSize-t.buf.Len())])
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	first, _, _ := strings.Cut(t.buf.String(), "\n")
	return first
}
