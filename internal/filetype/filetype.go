// Package filetype tells what a file is by its content, never by its name: the head, and where that leaves a choice the
// directory of an archive or of an Office compound file. It also tells a text's encoding, and when a name claims what the
// content is not. Whatever it is given, it answers; what it cannot tell is Unknown.
package filetype

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/gabriel-vasile/mimetype"
)

// HeadSize is how much of a file's beginning is looked at.
const HeadSize = 64 << 10

// Type is a kind of file. The zero value is no type.
type Type struct {
	Code string // stable, stored in the database
	Name string // Chinese name, a key of the catalogue
	Ext  string // usual ending with its dot; "" where there is none
	show bool
}

// Viewable reports whether the renderer can show pages of it.
func (t Type) Viewable() bool { return t.show }

// ByCode finds a type by its code; a code that no type has gives Unknown.
func ByCode(code string) Type {
	if t, ok := byCode[code]; ok {
		return t
	}
	return Unknown
}

// Detect tells the type from the file's first bytes (HeadSize of them, or all) and its whole size. Of archives and compound
// files whose directory lies outside the head it knows less than DetectAt.
func Detect(head []byte, size int64) Type {
	t, err := detect(content{head: head, size: size})
	if err != nil {
		return Unknown // a content without src reads nothing that could fail
	}
	return t
}

// DetectAt tells the type of a file, reading its head and, where needed, its directory. The error is the source's own.
func DetectAt(src io.ReaderAt, size int64) (Type, error) {
	head := make([]byte, min(size, HeadSize))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		return Unknown, fmt.Errorf("read the head: %w", err)
	}
	return detect(content{head: head, size: size, src: src})
}

// content is the file as far as it can be read.
type content struct {
	head []byte
	size int64
	src  io.ReaderAt // nil: only the head is there
}

// at gives n bytes from off on, or nil where they are out of reach.
func (c content) at(off int64, n int) ([]byte, error) {
	if off < 0 || n <= 0 || off+int64(n) > c.size {
		return nil, nil
	}
	if off+int64(n) <= int64(len(c.head)) {
		return c.head[off : off+int64(n)], nil
	}
	if c.src == nil {
		return nil, nil
	}
	b := make([]byte, n)
	if got, err := c.src.ReadAt(b, off); got < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("read %d bytes at %d: %w", n, off, err)
	}
	return b, nil
}

func detect(c content) (Type, error) {
	if c.size == 0 {
		return Empty, nil
	}
	for _, m := range magics {
		if bytes.HasPrefix(c.head, []byte(m.prefix)) {
			return m.found, nil
		}
	}
	switch {
	case bytes.HasPrefix(c.head, []byte(oleMagic)):
		return detectOLE(c)
	case bytes.HasPrefix(c.head, []byte("PK\x03\x04")), bytes.HasPrefix(c.head, []byte("PK\x05\x06")):
		return detectZip(c)
	}
	if bytes.Contains(c.head[:min(len(c.head), 1024)], []byte("%PDF-")) { // readers accept so late a header
		return PDF, nil
	}
	if e, ok := TextEncoding(c.head, c.size <= int64(len(c.head))); ok {
		return textual(e.Decode(c.head[:min(len(c.head), 8<<10)])), nil
	}
	return known(mimetype.Detect(c.head)), nil
}

// known finds our type for the library's answer, or for the nearest of its more general answers.
func known(m *mimetype.MIME) Type {
	for ; m != nil; m = m.Parent() {
		if t, ok := byMIME[m.String()]; ok {
			return t
		}
	}
	return Unknown
}
