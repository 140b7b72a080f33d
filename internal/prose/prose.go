// Package prose reads the text of office files, mail, web pages and RTF, as far as it takes to look for marks in it: the letters in
// their order, paragraphs apart, no form. What it reads comes from strangers: nothing in it is followed or run, and its size is bounded.
package prose

import (
	"bytes"
	"io"

	"mijuan/internal/filetype"
)

// most is how many bytes are taken of one file, unpacked.
var most int64 = 64 << 20

// deepest is how far things may stand in one another: a letter in a letter in a letter.
const deepest = 8

// Text gives the text of a file by pieces that marks do not run over: a part of a document, a sheet, a part of a letter. whole is false
// where it was not all read: the file is of another kind, is broken or too large, or holds pictures or other files that no text comes
// from. The error is f's, which ends it.
func Text(t filetype.Type, src io.ReaderAt, size int64, f func(string) error) (whole bool, err error) {
	r := &reader{left: most, emit: f, whole: true}
	r.text(t, src, size, 0)
	return r.whole, r.err
}

// reader reads one file with what is in it.
type reader struct {
	left  int64 // bytes that may still be unpacked
	emit  func(string) error
	whole bool
	err   error
}

func (r *reader) text(t filetype.Type, src io.ReaderAt, size int64, depth int) {
	read := readers[t.Code]
	if read == nil || depth > deepest {
		r.whole = false
		return
	}
	read(r, src, size, depth)
}

// readers are the kinds of files that text can be read of.
var readers map[string]func(r *reader, src io.ReaderAt, size int64, depth int)

func init() { // they are recursive
	readers = map[string]func(*reader, io.ReaderAt, int64, int){
		filetype.Text.Code: flat(filetype.UTF8.Decode), filetype.HTML.Code: flat(page), filetype.RTF.Code: flat(rich), filetype.SVG.Code: flat(page),
		filetype.DOCX.Code: (*reader).archive, filetype.XLSX.Code: (*reader).archive, filetype.PPTX.Code: (*reader).archive, filetype.OFD.Code: (*reader).archive,
		"odt": (*reader).archive, "ods": (*reader).archive, "odp": (*reader).archive, filetype.Mail.Code: (*reader).letter,
	}
}

// give passes a piece on; after an error no more.
func (r *reader) give(text string) {
	if r.err == nil && text != "" {
		r.err = r.emit(text)
	}
}

// all reads what src gives, as far as it may.
func (r *reader) all(src io.Reader) []byte {
	b, err := io.ReadAll(io.LimitReader(src, r.left+1))
	if int64(len(b)) > r.left {
		b, r.whole = b[:r.left], false
	}
	r.left -= int64(len(b))
	if err != nil {
		r.whole = false
	}
	return b
}

// flat reads a file that is one piece.
func flat(convert func([]byte) string) func(*reader, io.ReaderAt, int64, int) {
	return func(r *reader, src io.ReaderAt, size int64, _ int) {
		r.give(convert(decoded(r.all(io.NewSectionReader(src, 0, size)))))
	}
}

// decoded is a text in UTF-8, whatever it was in.
func decoded(b []byte) []byte {
	if e, ok := filetype.TextEncoding(b, true); ok && e != filetype.UTF8 {
		return []byte(e.Decode(b))
	}
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
}
