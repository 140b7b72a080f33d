package render

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"mijuan/internal/font"
)

// fontFile is where PDFium looks for fonts when a document does not carry its own.
const fontFile = "usr/share/fonts/NotoSansSC-Regular.ttf"

// fontFS is all that PDFium sees of a file system: one font, in memory, and the directories that lead to it.
type fontFS struct{}

func (fontFS) Open(name string) (fs.File, error) {
	switch {
	case name == fontFile:
		return &fontEntry{name: path.Base(name), Reader: bytes.NewReader(font.NotoSansSC)}, nil
	case name == "." || strings.HasPrefix(fontFile, name+"/"):
		return &fontEntry{name: path.Base(name), child: nextPart(name)}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// nextPart is the one entry of a directory on the way to the font.
func nextPart(dir string) string {
	rest := fontFile
	if dir != "." {
		rest = strings.TrimPrefix(fontFile, dir+"/")
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// fontEntry is the font or, with a child, a directory. It is its own fs.FileInfo and fs.DirEntry.
type fontEntry struct {
	*bytes.Reader
	name, child string
	listed      bool
}

func (e *fontEntry) Stat() (fs.FileInfo, error) { return e, nil }
func (e *fontEntry) Info() (fs.FileInfo, error) { return e, nil }
func (e *fontEntry) Close() error               { return nil }
func (e *fontEntry) Name() string               { return e.name }
func (e *fontEntry) IsDir() bool                { return e.child != "" }
func (e *fontEntry) Type() fs.FileMode          { return e.Mode().Type() }
func (e *fontEntry) ModTime() time.Time         { return time.Time{} }
func (e *fontEntry) Sys() any                   { return nil }

func (e *fontEntry) Mode() fs.FileMode {
	if e.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (e *fontEntry) Size() int64 {
	if e.IsDir() {
		return 0
	}
	return e.Reader.Size()
}

func (e *fontEntry) Read(p []byte) (int, error) {
	if e.IsDir() {
		return 0, &fs.PathError{Op: "read", Path: e.name, Err: fs.ErrInvalid}
	}
	return e.Reader.Read(p)
}

func (e *fontEntry) ReadDir(n int) ([]fs.DirEntry, error) {
	if !e.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: e.name, Err: fs.ErrInvalid}
	}
	if e.listed {
		if n > 0 {
			return nil, io.EOF
		}
		return nil, nil
	}
	e.listed = true
	if strings.Contains(e.child, ".") {
		return []fs.DirEntry{&fontEntry{name: e.child, Reader: bytes.NewReader(font.NotoSansSC)}}, nil
	}
	return []fs.DirEntry{&fontEntry{name: e.child, child: "..."}}, nil
}
