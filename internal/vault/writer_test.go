package vault_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"mijuan/internal/vault"
)

// TestWriterStopsAndGoesOn stops at every kind of place, goes on with a writer that has the header alone, and opens the joined
// bytes with the age library.
func TestWriterStopsAndGoesOn(t *testing.T) {
	m := newMatterKey(t)
	for _, size := range sizes {
		plain := noise(size)
		for _, stop := range []int{0, 1, vault.ChunkSize - 1, vault.ChunkSize, vault.ChunkSize + 1, 2*vault.ChunkSize - 1, 2 * vault.ChunkSize, 8 * vault.ChunkSize,
			9*vault.ChunkSize + 7, size - 1, size} {
			if stop < 0 || stop > size {
				continue
			}
			o, err := m.NewObject()
			if err != nil {
				t.Fatal(err)
			}
			var payload bytes.Buffer
			w := o.Writer(&payload, 0)
			if _, err := io.Copy(w, iotest.HalfReader(bytes.NewReader(plain[:stop]))); err != nil {
				t.Fatal(err)
			}
			next, err := w.Stop()
			if err != nil {
				t.Fatal(err)
			}
			if held := stop - int(next)*vault.ChunkSize; held < 0 || held > vault.ChunkSize || held == 0 && stop > 0 {
				t.Fatalf("stopped at %d, goes on at chunk %d", stop, next)
			}
			if next == 0 {
				payload.Reset() // nothing sealed yet; the prefix comes again
			}
			if o, err = m.OpenObject(o.Header); err != nil {
				t.Fatal(err)
			}
			w = o.Writer(&payload, next)
			if _, err := w.Write(plain[next*vault.ChunkSize:]); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got, err := stock(t, m, o.Header, payload.Bytes()); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes stopped at %d: age opens %d, %v", size, stop, len(got), err)
			}
		}
	}
}

func TestWriterAfterItsEnd(t *testing.T) {
	o := newObject(t)
	for name, end := range map[string]func(*vault.Writer) error{
		"Close": (*vault.Writer).Close,
		"Stop":  func(w *vault.Writer) error { _, err := w.Stop(); return err },
	} {
		w := o.Writer(io.Discard, 0)
		if err := end(w); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("x")); err == nil {
			t.Errorf("writes after %s", name)
		}
		if w.Close() == nil {
			t.Errorf("closes after %s", name)
		}
		if _, err := w.Stop(); err == nil {
			t.Errorf("stops after %s", name)
		}
	}
	if err := o.Writer(io.Discard, 3).Close(); err == nil {
		t.Error("a stream that went on at chunk 3 ended without a byte")
	}
}

func TestWriterOfAFullPlace(t *testing.T) {
	o, full := newObject(t), errors.New("full")
	w := o.Writer(writerFunc(func([]byte) (int, error) { return 0, full }), 0)
	if _, err := w.Write(noise(3 * vault.ChunkSize)); !errors.Is(err, full) {
		t.Errorf("write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("close: %v", err)
	}
	if _, err := w.Stop(); !errors.Is(err, full) {
		t.Errorf("stop: %v", err)
	}
	w = o.Writer(writerFunc(func([]byte) (int, error) { return 0, full }), 0)
	if _, err := w.Write([]byte("x")); !errors.Is(err, full) { // the prefix cannot be written
		t.Errorf("first write: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestWriterStopsAtEveryChunk seals one object by as many writers as it has chunks, each with the header alone.
func TestWriterStopsAtEveryChunk(t *testing.T) {
	m := newMatterKey(t)
	first, err := m.NewObject()
	if err != nil {
		t.Fatal(err)
	}
	plain := noise(1<<20 + 1)
	var payload bytes.Buffer
	next := uint64(0)
	for at := vault.ChunkSize + 1; ; at += vault.ChunkSize {
		o, err := m.OpenObject(first.Header)
		if err != nil {
			t.Fatal(err)
		}
		w, from := o.Writer(&payload, next), int(next)*vault.ChunkSize
		piece := plain[from:min(at, len(plain))]
		for _, part := range [][]byte{piece[:min(100, len(piece))], piece[min(100, len(piece)):]} { // a chunk that comes in pieces
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if at >= len(plain) {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			break
		}
		before := next
		if next, err = w.Stop(); err != nil || next != before+1 {
			t.Fatalf("stopped at %d, goes on at chunk %d, %v", at, next, err)
		}
	}
	if !bytes.Equal(payload.Bytes(), seal(first, plain)) {
		t.Error("the pieces are not the whole")
	}
	if got, err := stock(t, m, first.Header, payload.Bytes()); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("age opens %d bytes, %v", len(got), err)
	}
}
