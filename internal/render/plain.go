package render

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"mijuan/internal/filetype"
)

// document is an open file of which pages can be made. Pages count from 0 here. Implementations: portable (PDF), picture (JPEG,
// PNG), album (TIFF), plain (text). Errors are *failure where the file is at fault.
type document interface {
	pages() int
	// size is a page's natural size in points.
	size(n int) (w, h float64, err error)
	// draw makes a page of exactly w×h pixels.
	draw(n, w, h int) (*raster, error)
	// text is a page's text, "" where it has none.
	text(n int) (string, error)
	close()
}

const (
	wholeText = 4 << 20  // texts up to here are read whole and set page by page; longer ones are cut by bytes
	cutSize   = 4096     // bytes a page of a long text
	cutSlack  = 512      // within which a cut is moved to a line's beginning
	cutSearch = 64 << 10 // within which a character's beginning is looked for where bytes alone do not tell it
	textAhead = 64       // characters of the next page that a page's text includes, so that nothing is torn in two
)

// plain is a text without form. A short one is set as a book is; of a long one each page is a fixed stretch of bytes, so that
// any page is found at once and nothing grows with the file.
type plain struct {
	src      *source
	face     *typeface
	encoding filetype.Encoding
	whole    string // a short text, decoded
	starts   []int  // where its pages begin, and its length at the end
}

func openPlain(src *source, face *typeface) (*plain, error) {
	head := make([]byte, min(src.size, filetype.HeadSize))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	encoding, ok := filetype.TextEncoding(head, src.size <= int64(len(head)))
	if !ok {
		return nil, fail(broken, errors.New("no encoding fits"))
	}
	p := &plain{src: src, face: face, encoding: encoding}
	if src.size > wholeText {
		return p, nil
	}
	all := make([]byte, src.size)
	if _, err := src.ReadAt(all, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	p.whole = encoding.Decode(all)
	for at := 0; at < len(p.whole); {
		p.starts = append(p.starts, at)
		_, took := face.setPage(p.whole[at:], textLines)
		at += took
	}
	if len(p.starts) == 0 {
		p.starts = []int{0}
	}
	p.starts = append(p.starts, len(p.whole))
	return p, nil
}

func (p *plain) pages() int {
	if p.starts != nil {
		return len(p.starts) - 1
	}
	return int((p.src.size + cutSize - 1) / cutSize)
}

func (p *plain) close() {}

func (p *plain) size(n int) (w, h float64, err error) {
	lines, err := p.lines(n)
	return a4Width, pageHeight(len(lines)), err
}

func (p *plain) draw(n, w, h int) (*raster, error) {
	lines, err := p.lines(n)
	if err != nil {
		return nil, err
	}
	return p.face.drawPage(lines, w, h), nil
}

func (p *plain) lines(n int) ([]string, error) {
	if p.starts != nil {
		lines, _ := p.face.setPage(p.whole[p.starts[n]:p.starts[n+1]], textLines)
		return lines, nil
	}
	s, err := p.stretch(n, 0)
	if err != nil {
		return nil, err
	}
	s = strings.ReplaceAll(s, "\f", "\n")
	lines, took := p.face.setPage(s, maxLines)
	if took < len(s) { // too many lines: run them on, each end visible
		lines, _ = p.face.setPage(strings.NewReplacer("\r\n", "↵", "\n", "↵", "\r", "↵").Replace(s), maxLines)
	}
	return lines, nil
}

func (p *plain) text(n int) (string, error) {
	if p.starts == nil {
		return p.stretch(n, 4*textAhead)
	}
	end := p.starts[n+1]
	for range textAhead {
		_, size := utf8.DecodeRuneInString(p.whole[end:])
		end += size
	}
	return p.whole[p.starts[n]:end], nil
}

// stretch decodes the bytes of a page of a long text and some ahead.
func (p *plain) stretch(n, ahead int) (string, error) {
	from, err := p.cut(int64(n))
	if err != nil {
		return "", err
	}
	to, err := p.cut(int64(n) + 1)
	if err != nil {
		return "", err
	}
	b := make([]byte, min(to-from+int64(ahead), p.src.size-from))
	if _, err := p.src.ReadAt(b, from); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(p.encoding.Decode(b), "\ufffd"), nil
}

// cut is where page n begins: at the first line that begins after n·cutSize if that is near, else at the next character.
func (p *plain) cut(n int64) (int64, error) {
	at := n * cutSize
	if at == 0 || at >= p.src.size {
		return min(at, p.src.size), nil
	}
	for back := int64(cutSlack); ; back *= 8 {
		base := max(at-back, 0)
		around := make([]byte, min(at-base+cutSlack, p.src.size-base))
		if _, err := p.src.ReadAt(around, base); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i, sure := p.boundary(around, int(at-base)); sure || base == 0 || back >= cutSearch {
			return base + int64(i), nil
		}
	}
}

// boundary finds in b the first line's beginning from at on, else the first character's; sure says that it is one.
func (p *plain) boundary(b []byte, at int) (i int, sure bool) {
	switch p.encoding {
	case filetype.UTF16LE:
		return wideBoundary(b, at, binary.LittleEndian), true
	case filetype.UTF16BE:
		return wideBoundary(b, at, binary.BigEndian), true
	}
	if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
		return at + i + 1, true
	}
	if p.encoding == filetype.GB18030 {
		return gbBoundary(b, at)
	}
	for i := at; i < min(at+4, len(b)); i++ {
		if utf8.RuneStart(b[i]) {
			return i, true
		}
	}
	return at, true
}

func wideBoundary(b []byte, at int, order binary.ByteOrder) int {
	for i := at; i+2 <= len(b); i += 2 {
		if order.Uint16(b[i:]) == '\n' {
			return i + 2
		}
	}
	if at+1 < len(b) && order.Uint16(b[at:])&0xfc00 == 0xdc00 { // the second half of a pair
		return at + 2
	}
	return at
}

// gbBoundary finds the first character's beginning from at on in GB 18030: bytes below 0x30 are never a part of another
// character, so that from the last of them on one can count. Without one near, it is not sure.
func gbBoundary(b []byte, at int) (i int, sure bool) {
	i = at
	for i > 0 && b[i-1] >= 0x30 {
		i--
	}
	sure = i > 0
	for i < at {
		switch {
		case b[i] < 0x80 || i+1 >= len(b):
			i++
		case b[i+1] >= 0x30 && b[i+1] <= 0x39:
			i += 4
		default:
			i += 2
		}
	}
	return min(i, len(b)), sure
}
