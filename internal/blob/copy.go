package blob

import (
	"context"
	"io"
	"os"
	"sync"
)

const (
	copySize  = 1 << 20  // bytes that are copied at a time
	writeBack = 16 << 20 // bytes after which the system is asked to begin writing them to the disk
)

var copyBuffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// copyTo writes what r gives to a file, whose position is at, and tells how much was written and what r and the file said. It
// stops between two pieces when ctx ends. While one piece is written the next is already read.
func copyTo(ctx context.Context, f *os.File, at int64, r io.Reader) (n int64, reading, writing error) {
	w := behind{f: f, at: at, free: copyBuffers.Get().(*[copySize]byte)}
	defer func() { n, writing = w.end() }()
	for ctx.Err() == nil {
		m, err := r.Read(w.free[:])
		if !w.write(m, err != nil) || err == io.EOF {
			return 0, nil, nil
		}
		if err != nil {
			return 0, err, nil
		}
	}
	return 0, ctx.Err(), nil
}

// behind writes pieces to a file, one at a time and while its user fills the next.
type behind struct {
	f           *os.File
	at          int64           // where the writing began
	n           int64           // bytes written, once no piece is on its way
	begun       int64           // bytes that the system was asked to write to the disk
	dropped     int64           // bytes that are there and were let go from memory
	free, other *[copySize]byte // the one to fill, and the one that is or was being written
	way         chan error      // the outcome of the piece on its way; nil: none is
	err         error
}

// write takes the first m bytes of free; the last piece is written at once. It reports whether the file takes more.
func (b *behind) write(m int, last bool) bool {
	if b.wait(); b.err != nil || m == 0 {
		return b.err == nil
	}
	piece := b.free[:m]
	if last {
		b.err = b.put(piece)
		return b.err == nil
	}
	if b.other == nil {
		b.other = copyBuffers.Get().(*[copySize]byte)
	}
	b.free, b.other = b.other, b.free
	b.way = make(chan error, 1)
	go func(way chan<- error) { way <- b.put(piece) }(b.way)
	return true
}

func (b *behind) wait() {
	if b.way != nil {
		b.err, b.way = <-b.way, nil
	}
}

// put writes a piece. What is far behind is let go from the system's memory: a large object would drive out what others need, and
// memory that is used again costs less than memory that was not used before.
func (b *behind) put(piece []byte) error {
	if _, err := b.f.Write(piece); err != nil {
		return err
	}
	if b.n += int64(len(piece)); b.n-b.begun < writeBack {
		return nil
	}
	beginWriteBack(b.f, b.at+b.begun, b.n-b.begun)
	if b.begun > b.dropped {
		letGo(b.f, b.at+b.dropped, b.begun-b.dropped)
	}
	b.begun, b.dropped = b.n, b.begun
	return nil
}

func (b *behind) end() (int64, error) {
	b.wait()
	for _, buf := range []*[copySize]byte{b.free, b.other} {
		if buf != nil {
			copyBuffers.Put(buf)
		}
	}
	return b.n, b.err
}

// Stream reads an object from its beginning to its end, for whoever wants all of it. As with writing, what was read of a large file is
// let go from the system's memory.
func Stream(o Object) io.Reader {
	r := io.NewSectionReader(o, 0, o.Size())
	if f, ok := o.(*file); ok && f.size > 2*writeBack {
		return &passing{r: r, f: f.f}
	}
	return r
}

// passing reads a large file once.
type passing struct {
	r           io.Reader
	f           *os.File
	n, letGoing int64
}

func (p *passing) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if p.n += int64(n); p.n-p.letGoing >= writeBack {
		letGo(p.f, p.letGoing, p.n-p.letGoing)
		p.letGoing = p.n
	}
	return n, err
}
