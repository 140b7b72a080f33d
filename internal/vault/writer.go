package vault

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// batch is how many chunks are sealed or read at a time: 512 KiB.
const batch = 8

// Writer seals a stream into the payload of an object. It holds one chunk back, since only what follows tells whether a chunk
// is the last.
type Writer struct {
	mute
	object *Object
	dst    io.Writer
	chunk  uint64 // the next to be sealed
	held   []byte // plaintext of that chunk, as far as it has come
	out    []byte // sealed and not yet written
	err    error
}

var errWriterEnded = errors.New("vault: the writer has ended")

// Writer seals what is written, from chunk atChunk on, into dst. With atChunk 0 it begins with the prefix. Close seals the last
// chunk; Stop leaves the object unfinished, to go on with another Writer later. Neither closes dst.
func (o *Object) Writer(dst io.Writer, atChunk uint64) *Writer {
	w := &Writer{object: o, dst: dst, chunk: atChunk}
	if atChunk == 0 {
		w.out = o.Prefix()
	}
	return w
}

// Write implements io.Writer. After an error of dst, it is for the caller to find how much dst has kept.
func (w *Writer) Write(p []byte) (int, error) {
	total := len(p)
	for w.err == nil && len(p) > 0 {
		if len(w.held) == ChunkSize {
			w.seal(w.held, false)
			w.held = w.held[:0]
		}
		for len(w.held) == 0 && len(p) > ChunkSize && w.err == nil {
			w.seal(p[:ChunkSize], false)
			p = p[ChunkSize:]
		}
		n := min(len(p), ChunkSize-len(w.held))
		w.held = append(w.held, p[:n]...)
		p = p[n:]
	}
	if w.flush(); w.err != nil {
		return 0, w.err
	}
	return total, nil
}

// seal seals one chunk and writes out when a batch is full.
func (w *Writer) seal(plain []byte, last bool) {
	if !last && cap(w.out)-len(w.out) < SealedChunkSize {
		w.out = slices.Grow(w.out, batch*SealedChunkSize)
	}
	w.out = w.object.Seal(w.out, w.chunk, plain, last)
	w.chunk++
	if len(w.out) >= batch*SealedChunkSize {
		w.flush()
	}
}

func (w *Writer) flush() {
	if w.err != nil || len(w.out) == 0 {
		return
	}
	if _, err := w.dst.Write(w.out); err != nil {
		w.err = fmt.Errorf("write sealed chunks: %w", err)
	}
	w.out = w.out[:0]
}

// Close seals and writes the last chunk. A stream that goes on at a later chunk needs at least one byte: its last chunk cannot
// be empty.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if len(w.held) == 0 && w.chunk > 0 {
		return errors.New("vault: nothing was written after the chunk where sealing went on")
	}
	w.seal(w.held, true)
	return w.end()
}

// Stop ends the writing without a last chunk and tells the chunk at which to go on. What was written of that chunk is dropped
// and must be written again, from byte next × 64 KiB.
func (w *Writer) Stop() (next uint64, err error) {
	if w.err != nil {
		return w.chunk, w.err
	}
	return w.chunk, w.end()
}

func (w *Writer) end() error {
	w.flush()
	clear(w.held)
	if w.err != nil {
		return w.err
	}
	w.err = errWriterEnded
	return nil
}
