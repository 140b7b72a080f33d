package render

import (
	"container/list"
	"errors"
	"fmt"
	"io"
)

const (
	blockSize = 256 << 10
	maxBlocks = 48 // per open document: 12 MiB
)

// errSource says that the pool could not give bytes. Only the pool knows why.
var errSource = errors.New("the document's bytes cannot be had")

// source is the document's bytes as the worker sees them: it asks the pool for blocks and keeps the last used ones. After a
// failed read it stays failed: what was parsed from it may be wrong and must not be shown.
type source struct {
	size   int64
	fetch  func(off int64, n int) ([]byte, error)
	blocks map[int64]*list.Element
	recent *list.List // of block, most recent first
	failed bool
}

type block struct {
	n     int64
	bytes []byte
}

func newSource(size int64, fetch func(int64, int) ([]byte, error)) *source {
	return &source{size: size, fetch: fetch, blocks: map[int64]*list.Element{}, recent: list.New()}
}

// ReadAt reads across blocks, as io.ReaderAt says.
func (s *source) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d", off)
	}
	for n < len(p) && off < s.size {
		b, err := s.block(off / blockSize)
		if err != nil {
			return n, err
		}
		c := copy(p[n:], b[off%blockSize:])
		n, off = n+c, off+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (s *source) block(n int64) ([]byte, error) {
	if e, ok := s.blocks[n]; ok {
		s.recent.MoveToFront(e)
		return e.Value.(*block).bytes, nil
	}
	if s.failed {
		return nil, errSource
	}
	want := int(min(blockSize, s.size-n*blockSize))
	b, err := s.fetch(n*blockSize, want)
	if err == nil && len(b) != want {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		s.failed = true
		return nil, err
	}
	s.blocks[n] = s.recent.PushFront(&block{n, b})
	if s.recent.Len() > maxBlocks {
		delete(s.blocks, s.recent.Remove(s.recent.Back()).(*block).n)
	}
	return b, nil
}

// reader reads the whole from its beginning.
func (s *source) reader() *io.SectionReader { return io.NewSectionReader(s, 0, s.size) }
