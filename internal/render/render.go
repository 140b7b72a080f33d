// Package render makes marked page images out of documents, in worker processes.
package render

import (
	"context"
	"io"
	"time"

	"mijuan/internal/filetype"
)

// Options says how the workers run.
type Options struct {
	Command     []string      // starts a worker: a program that calls WorkerMain
	Workers     int           // 0: as many as processors
	CacheDir    string        // for compiled code, 0700; nothing of any document
	MemoryLimit int64         // bytes a worker may use; 0: 768 MiB
	Timeout     time.Duration // for one request; 0: 30 s
}

// Pool is a set of workers.
type Pool struct{}

// Doc is a document to read. Key names its content: the same key must always mean the same bytes.
type Doc struct {
	Key  string
	Type filetype.Type
	Src  io.ReaderAt
	Size int64
}

// Info is what is known of a document without showing it.
type Info struct {
	Pages     int
	Type      filetype.Type
	Text      bool
	Encrypted bool
}

// Mark is burned into the pixels of every page.
type Mark struct {
	Level string
	Lines []string
	Code  string
}

// Spec says how a page is to look. One of Width (pixels) and DPI is given.
type Spec struct {
	Width, DPI int
	Mark       Mark
}

// Image is one marked page.
type Image struct {
	Bytes       []byte
	ContentType string
	W, H        int
}

// NewPool starts the workers.
func NewPool(o Options) (*Pool, error) { return &Pool{}, nil }

// Inspect reads what a document is.
func (p *Pool) Inspect(ctx context.Context, d Doc) (Info, error) { return Info{}, nil }

// Text gives the text of each page in order.
func (p *Pool) Text(ctx context.Context, d Doc, f func(page int, text string) error) error {
	return nil
}

// Page renders page n, counted from 1, with its mark.
func (p *Pool) Page(ctx context.Context, d Doc, n int, s Spec) (Image, error) { return Image{}, nil }

// Thumb is a small page, also marked.
func (p *Pool) Thumb(ctx context.Context, d Doc, n int, m Mark) (Image, error) { return Image{}, nil }

// Close ends the workers.
func (p *Pool) Close() error { return nil }

// WorkerMain is the worker's whole life: it answers requests until in ends.
func WorkerMain(in io.Reader, out io.Writer) int { return 0 }
