package render

import (
	"encoding/binary"
	"errors"
	"image/jpeg"
	"io"

	"golang.org/x/image/tiff"
)

const maxLeaves = 20_000 // pages of one file

// album is a TIFF file: one directory and one image a page. The library decodes one image a file, so each page is given to it as
// a file whose header points to that page. JPEG strips, which it does not know, are decoded here.
type album struct {
	src    *source
	order  binary.ByteOrder
	leaves []int64 // offsets of the directories
	last   int     // the page whose master is kept
	master *raster
}

func openAlbum(src *source) (*album, error) {
	a := &album{src: src, last: -1}
	head := make([]byte, 8)
	if _, err := src.ReadAt(head, 0); err != nil {
		return nil, a.failed(err)
	}
	a.order = binary.LittleEndian
	if head[0] == 'M' {
		a.order = binary.BigEndian
	}
	if a.order.Uint16(head[2:]) != 42 {
		return nil, fail(unsupported, errors.New("BigTIFF"))
	}
	seen := map[int64]bool{}
	for at := int64(a.order.Uint32(head[4:])); at != 0 && !seen[at] && len(a.leaves) < maxLeaves; {
		seen[at] = true
		next, err := a.nextLeaf(at)
		if err != nil {
			if len(a.leaves) > 0 && !src.failed {
				break // a torn chain: what comes before can be shown
			}
			return nil, a.failed(err)
		}
		a.leaves = append(a.leaves, at)
		at = next
	}
	if len(a.leaves) == 0 {
		return nil, fail(broken, errors.New("no directory"))
	}
	return a, nil
}

func (a *album) failed(err error) error {
	var known *failure
	switch {
	case a.src.failed:
		return errSource
	case errors.As(err, &known):
		return err
	}
	if _, ok := errors.AsType[tiff.UnsupportedError](err); ok {
		return fail(unsupported, err)
	}
	if _, ok := errors.AsType[jpeg.UnsupportedError](err); ok {
		return fail(unsupported, err)
	}
	return fail(broken, err)
}

func (a *album) nextLeaf(at int64) (int64, error) {
	var b [4]byte
	if _, err := a.src.ReadAt(b[:2], at); err != nil {
		return 0, err
	}
	if _, err := a.src.ReadAt(b[:4], at+2+12*int64(a.order.Uint16(b[:]))); err != nil {
		return 0, err
	}
	return int64(a.order.Uint32(b[:])), nil
}

func (a *album) pages() int { return len(a.leaves) }

func (a *album) text(int) (string, error) { return "", nil }

func (a *album) close() {}

// dimensions are a page's width and height, upright, and its orientation. Too large a page is a failure.
func (a *album) dimensions(n int) (l leaf, w, h, orientation int, err error) {
	if l, err = a.leaf(n); err != nil {
		return nil, 0, 0, 0, a.failed(err)
	}
	w, h = int(l.first(tagWidth, 0)), int(l.first(tagHeight, 0))
	pixel := int64(4)
	if l.first(tagBits, 1) > 8 {
		pixel = 8
	}
	if w < 1 || h < 1 {
		return nil, 0, 0, 0, fail(broken, errors.New("no pixels"))
	}
	if int64(w) > decodeBudget || int64(h) > decodeBudget || pixel*int64(w)*int64(h) > decodeBudget {
		return nil, 0, 0, 0, &failure{Why: tooLarge, A: w, B: h}
	}
	if orientation = int(l.first(tagOrientation, 1)); orientation > 4 && orientation <= 8 {
		w, h = h, w
	}
	return l, w, h, orientation, nil
}

func (a *album) size(n int) (w, h float64, err error) {
	_, pw, ph, _, err := a.dimensions(n)
	if err != nil {
		return 0, 0, err
	}
	return a4Width, a4Width * float64(ph) / float64(pw), nil
}

func (a *album) draw(n, w, h int) (*raster, error) {
	if a.last == n && w <= a.master.w {
		return a.master.resize(w, h), nil
	}
	l, pw, ph, orientation, err := a.dimensions(n)
	if err != nil {
		return nil, err
	}
	mw, mh := fit(max(min(pw, masterWidth), w), float64(pw), float64(ph))
	r, err := a.decode(n, l, mw, mh, orientation)
	if err != nil || a.src.failed {
		return nil, a.failed(err)
	}
	a.last, a.master = n, r
	return r.resize(w, h), nil
}

func (a *album) decode(n int, l leaf, w, h, orientation int) (*raster, error) {
	if l.first(tagCompression, 1) == compressionJPEG {
		return a.decodeJPEG(l, w, h, orientation)
	}
	m, err := tiff.Decode(io.NewSectionReader(&pointed{a.src, a.order, uint32(a.leaves[n])}, 0, a.src.size))
	if err != nil {
		return nil, err
	}
	return shrinkUpright(m, w, h, orientation), nil
}

// pointed is the file with another first directory.
type pointed struct {
	io.ReaderAt
	order binary.ByteOrder
	at    uint32
}

func (p *pointed) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, off)
	var field [4]byte
	p.order.PutUint32(field[:], p.at)
	for i, v := range field {
		if at := 4 + int64(i) - off; at >= 0 && at < int64(n) {
			b[at] = v
		}
	}
	return n, err
}
