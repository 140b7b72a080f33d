package vault

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

var (
	errCut  = errors.New("the payload ends before its last chunk")
	errOver = errors.New("the payload's last chunk is empty")
)

// openChunk opens one sealed chunk into dst's room.
func openChunk(stream veiled[cipher.AEAD], dst []byte, chunk uint64, sealed []byte, last bool) ([]byte, error) {
	if len(sealed) < chacha20poly1305.Overhead {
		return nil, damaged(errCut)
	}
	if len(sealed) == chacha20poly1305.Overhead && chunk > 0 {
		return nil, damaged(errOver)
	}
	nonce := chunkNonce(chunk, last)
	plain, err := stream().Open(dst, nonce[:], sealed, nil)
	if err != nil {
		return nil, damaged(fmt.Errorf("chunk %d does not open, last %t", chunk, last))
	}
	return plain, nil
}

// Reader decrypts a whole payload in order. A byte that was changed or is missing is problem.Damaged at the chunk where it
// stands, before anything of that chunk is given; io.EOF comes only after the last chunk has opened. An error of payload is
// answered as it is. The reader also is an io.WriterTo, which copies nothing.
func (o *Object) Reader(payload io.Reader) (io.Reader, error) {
	prefix := make([]byte, PrefixSize)
	if _, err := io.ReadFull(payload, prefix); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, damaged(errCut)
	} else if err != nil {
		return nil, err
	}
	return &reader{src: payload, stream: o.streamFor(prefix), buf: make([]byte, SealedChunkSize+1)}, nil
}

// reader reads one byte further than the chunk that it opens: a chunk is the last when nothing follows.
type reader struct {
	mute
	src    io.Reader
	stream veiled[cipher.AEAD]
	chunk  uint64 // the next to be opened
	buf    []byte
	have   []byte // in buf: read and not yet opened
	plain  []byte // in buf: opened and not yet given
	ended  bool   // src has given all
	err    error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.plain) == 0 && r.err == nil {
		r.next()
	}
	n := copy(p, r.plain)
	if r.plain = r.plain[n:]; n > 0 {
		return n, nil
	}
	return 0, r.err
}

// WriteTo implements io.WriterTo.
func (r *reader) WriteTo(w io.Writer) (total int64, err error) {
	for {
		n, err := w.Write(r.plain)
		total += int64(n)
		r.plain = r.plain[n:]
		if err != nil {
			return total, err
		}
		if r.err == io.EOF {
			return total, nil
		}
		if r.err != nil {
			return total, r.err
		}
		r.next()
	}
}

// next opens the next chunk where it lies.
func (r *reader) next() {
	if r.err = r.fill(); r.err != nil {
		return
	}
	n := min(len(r.have), SealedChunkSize)
	last := r.ended && n == len(r.have)
	sealed := r.have[:n]
	r.plain, r.err = openChunk(r.stream, sealed[:0], r.chunk, sealed, last)
	r.have = r.have[n:]
	r.chunk++
	if last && r.err == nil {
		r.err = io.EOF
	}
}

// fill reads until there is a chunk and a byte, or src has ended.
func (r *reader) fill() error {
	const need = SealedChunkSize + 1
	if len(r.have) >= need || r.ended {
		return nil
	}
	to := r.buf
	if r.chunk > 0 && len(to) == need { // more than one chunk: worth a larger buffer
		to = make([]byte, batch*SealedChunkSize+1)
	}
	n := copy(to, r.have)
	r.buf = to
	for n < need && !r.ended {
		m, err := r.src.Read(r.buf[n:])
		n += m
		if r.ended = err == io.EOF; err != nil && !r.ended {
			return err
		}
	}
	r.have = r.buf[:n]
	return nil
}
