// Package render makes page images of documents, each marked in its pixels with who looks at it, when and from where. Documents
// are read in worker processes: this program again, confined by the kernel to memory and two pipes, given the document's bytes
// by ranges, killed when they take too long. A file that breaks a worker harms nobody else's page. There is no call that gives
// an image without a mark, and no clean page leaves a worker or reaches a disk (clauses 3.2, 5.1, 8.5).
package render

import (
	"io"
	"time"

	"mijuan/internal/filetype"
)

// Options says how the workers run.
type Options struct {
	Command     []string      // starts a worker: a program that calls WorkerMain
	Workers     int           // processes that are kept ready; 0: as many as processors, at least two
	CacheDir    string        // a directory of this package's own for compiled code, made 0700; nothing of any document; "" starts slowly
	MemoryLimit int64         // bytes a worker may take; 0: 1 GiB
	Timeout     time.Duration // that a worker may think about one page; 0: 15 s. Waiting for the document's bytes does not count
}

// Doc is a document to read. Its Key names its content: the same key must always mean the same bytes. Src is read only while a
// call runs, from one goroutine at a time.
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
	Encrypted bool // it needs a password; then nothing else is known
}

// Spec says how a page is to look: Width in pixels or, when that is 0, DPI; and its Mark, which must not be empty. A page that
// would be larger than 24 megapixels comes out smaller.
type Spec struct {
	Width, DPI int
	Mark       Mark
}

// Image is one marked page.
type Image struct {
	Bytes       []byte
	ContentType string // "image/jpeg"
	W, H        int
}

// ThumbWidth is the width of a Thumb in pixels.
const ThumbWidth = 160
