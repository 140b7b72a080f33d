package blob

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/minio/minio-go/v7"
)

// How much of a remote object is fetched at a time: of one that is read on where the last read ended, and after a jump. And how
// many such spans are kept.
const (
	spanInOrder = 4 << 20
	spanOnJump  = 512 << 10
	spansKept   = 3
)

// remote is an open object in a bucket. It fetches spans, ahead of who reads in order.
type remote struct {
	s    *S3
	name string
	etag string
	size int64
	ctx  context.Context // of the Open: what is being fetched ends with it, or with Close
	end  context.CancelFunc

	mu    sync.Mutex
	spans []*span // the one used last stands at the end
}

func newRemote(ctx context.Context, s *S3, name string, info minio.ObjectInfo) *remote {
	o := &remote{s: s, name: name, etag: info.ETag, size: info.Size}
	o.ctx, o.end = context.WithCancel(ctx)
	return o
}

func (o *remote) Size() int64 { return o.size }

func (o *remote) Close() error {
	o.end()
	return nil
}

// span is a part of an object that is here or on its way.
type span struct {
	start, end int64
	inOrder    bool
	here       chan struct{} // closed when the two below are set
	bytes      []byte
	err        error
}

// ReadAt implements io.ReaderAt.
func (o *remote) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("blob: read %s at %d", o.name, off)
	}
	for n < len(p) && off < o.size {
		s := o.span(off)
		select {
		case <-s.here:
		case <-o.ctx.Done():
			return n, o.ctx.Err()
		}
		if s.err != nil {
			o.forget(s)
			return n, s.err
		}
		m := copy(p[n:], s.bytes[off-s.start:])
		n += m
		off += int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// span is the span that holds a position. It is begun if need be, and so is the one behind it when reading goes on in order.
func (o *remote) span(off int64) *span {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.spans, func(s *span) bool { return s.start <= off && off < s.end })
	var s *span
	if i >= 0 {
		s = o.spans[i]
		o.spans = slices.Delete(o.spans, i, i+1)
	} else {
		s = o.begin(off, off == 0 || o.holds(func(s *span) bool { return s.end == off }))
	}
	if s.inOrder && s.end < o.size && off-s.start >= (s.end-s.start)/4 && !o.holds(func(next *span) bool { return next.start == s.end }) {
		o.keep(o.begin(s.end, true))
	}
	o.keep(s)
	return s
}

func (o *remote) holds(is func(*span) bool) bool { return slices.ContainsFunc(o.spans, is) }

// keep puts a span last and lets go of the one not used for the longest time.
func (o *remote) keep(s *span) {
	if o.spans = append(o.spans, s); len(o.spans) > spansKept {
		o.spans = slices.Delete(o.spans, 0, 1)
	}
}

func (o *remote) forget(s *span) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spans = slices.DeleteFunc(o.spans, func(have *span) bool { return have == s })
}

// begin begins to fetch a span.
func (o *remote) begin(off int64, inOrder bool) *span {
	length := int64(spanOnJump)
	if inOrder {
		length = spanInOrder
	}
	s := &span{start: off, end: min(off+length, o.size), inOrder: inOrder, here: make(chan struct{})}
	go func() {
		defer close(s.here)
		s.bytes = make([]byte, s.end-s.start)
		n, again := 0, true
		for try := 0; n < len(s.bytes) && again && try < tries; try++ {
			var m int
			m, again, s.err = o.fetch(s.bytes[n:], s.start+int64(n))
			n += m
		}
	}()
	return s
}

// fetch asks for a range and gives how much of it came, and whether asking again may help.
func (o *remote) fetch(p []byte, off int64) (n int, again bool, err error) {
	opts := minio.GetObjectOptions{}
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, false, fmt.Errorf("read %s: %w", o.name, err)
	}
	if o.etag != "" {
		if err := opts.SetMatchETag(o.etag); err != nil {
			return 0, false, fmt.Errorf("read %s: %w", o.name, err)
		}
	}
	body, _, _, err := o.s.core.GetObject(o.ctx, o.s.bucket, o.name, opts)
	if err != nil {
		return 0, false, o.s.absent(o.ctx, failure(o.ctx, err))
	}
	defer body.Close()
	n, err = io.ReadFull(body, p)
	return n, err != nil, failure(o.ctx, err)
}
