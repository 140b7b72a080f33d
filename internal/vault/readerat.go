package vault

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/chacha20poly1305"
)

// ReaderAt decrypts any part of a payload of the size, prefix included, and gives the plain size. The last chunk is opened at
// once, so that a payload that was cut short or made longer is found before anything is shown. A byte that was changed or is
// missing is problem.Damaged; an error of payload is answered as it is. It is safe for concurrent use.
func (o *Object) ReaderAt(payload io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	plain := PlainSize(size)
	if plain < 0 {
		return nil, 0, damaged(fmt.Errorf("no payload has %d bytes", size))
	}
	prefix := make([]byte, PrefixSize)
	if err := readFullAt(payload, prefix, 0); err != nil {
		return nil, 0, err
	}
	r := &readerAt{src: payload, stream: o.streamFor(prefix), size: plain}
	if _, err := r.opened(r.last()); err != nil {
		return nil, 0, err
	}
	return r, plain, nil
}

type readerAt struct {
	mute
	src    io.ReaderAt
	stream veiled[cipher.AEAD]
	size   int64 // plaintext bytes
	cache  [batch]atomic.Pointer[cachedChunk]
}

// cachedChunk is never changed once it is in the cache.
type cachedChunk struct {
	chunk int64
	plain []byte
}

func (r *readerAt) last() int64 { return chunksOf(r.size) - 1 }

// length is the number of plaintext bytes of a chunk.
func (r *readerAt) length(chunk int64) int { return int(min(r.size-chunk*ChunkSize, ChunkSize)) }

// ReadAt implements io.ReaderAt.
func (r *readerAt) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("vault: a negative offset")
	}
	for n < len(p) && off < r.size {
		chunk, skip := off/ChunkSize, int(off%ChunkSize)
		var m int
		if skip == 0 && len(p)-n >= r.length(chunk) {
			m, err = r.openRun(p[n:], chunk)
		} else {
			var c *cachedChunk
			if c, err = r.opened(chunk); err == nil {
				m = copy(p[n:], c.plain[skip:])
			}
		}
		if err != nil {
			return n, err
		}
		n += m
		off += int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// opened is a chunk from the cache, or opened into it. Each chunk has one place there.
func (r *readerAt) opened(chunk int64) (*cachedChunk, error) {
	place := &r.cache[chunk%batch]
	if c := place.Load(); c != nil && c.chunk == chunk {
		return c, nil
	}
	sealed := make([]byte, r.length(chunk)+chacha20poly1305.Overhead)
	if err := readFullAt(r.src, sealed, PrefixSize+chunk*SealedChunkSize); err != nil {
		return nil, err
	}
	plain, err := openChunk(r.stream, sealed[:0], uint64(chunk), sealed, chunk == r.last())
	if err != nil {
		return nil, err
	}
	c := &cachedChunk{chunk, plain}
	place.Store(c)
	return c, nil
}

// sealedRuns are buffers for sealed bytes.
var sealedRuns = sync.Pool{New: func() any { return new([batch * SealedChunkSize]byte) }}

// openRun opens whole chunks straight into p, as many as fit in it and in a batch but at least one, and gives their bytes.
func (r *readerAt) openRun(p []byte, chunk int64) (n int, err error) {
	count := max(1, min(int64(len(p)/ChunkSize), batch, r.last()-chunk+1)) // the last chunk fits also when it is short
	buf := sealedRuns.Get().(*[batch * SealedChunkSize]byte)
	defer sealedRuns.Put(buf)
	end := min(r.size, (chunk+count)*ChunkSize)
	run := buf[:end-chunk*ChunkSize+count*chacha20poly1305.Overhead]
	if err := readFullAt(r.src, run, PrefixSize+chunk*SealedChunkSize); err != nil {
		return 0, err
	}
	for ; len(run) > 0; chunk++ {
		sealed := run[:min(len(run), SealedChunkSize)]
		run = run[len(sealed):]
		plain, err := openChunk(r.stream, p[n:n:n+r.length(chunk)], uint64(chunk), sealed, chunk == r.last())
		if err != nil {
			return n, err
		}
		n += len(plain)
	}
	return n, nil
}

// readFullAt fills p. Bytes that are not there are damage.
func readFullAt(src io.ReaderAt, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return damaged(errCut)
	}
	return err
}
