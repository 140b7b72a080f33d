package render

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"

	"golang.org/x/image/tiff"
)

// TIFF tags that are read here; the rest is the library's.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagStripOffsets = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripSizes   = 279
	tagTileWidth    = 322
	tagJPEGTables   = 347

	compressionJPEG = 7
	photometricRGB  = 2
)

const (
	maxLeaves = 20_000 // pages of one file
	maxValues = 1 << 16
)

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

// leaf holds the values of a page's directory that are needed here.
type leaf map[uint16][]uint32

func (l leaf) first(tag uint16, otherwise uint32) uint32 {
	if v := l[tag]; len(v) > 0 {
		return v[0]
	}
	return otherwise
}

func (a *album) leaf(n int) (leaf, error) {
	var count [2]byte
	if _, err := a.src.ReadAt(count[:], a.leaves[n]); err != nil {
		return nil, err
	}
	entries := make([]byte, 12*int(a.order.Uint16(count[:])))
	if _, err := a.src.ReadAt(entries, a.leaves[n]+2); err != nil {
		return nil, err
	}
	l := leaf{}
	for ; len(entries) >= 12; entries = entries[12:] {
		switch tag := a.order.Uint16(entries); tag {
		case tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric, tagStripOffsets, tagOrientation, tagSamples, tagRowsPerStrip, tagStripSizes, tagTileWidth, tagJPEGTables:
			values, err := a.values(entries)
			if err != nil {
				return nil, err
			}
			l[tag] = values
		}
	}
	return l, nil
}

// values reads an entry's numbers (bytes, shorts or longs).
func (a *album) values(e []byte) ([]uint32, error) {
	size := map[uint16]int64{1: 1, 3: 2, 4: 4, 7: 1}[a.order.Uint16(e[2:])]
	count := int64(a.order.Uint32(e[4:]))
	if size == 0 || count > maxValues {
		return nil, fail(broken, errors.New("an odd directory entry"))
	}
	raw := e[8:12]
	if size*count > 4 {
		raw = make([]byte, size*count)
		if _, err := a.src.ReadAt(raw, int64(a.order.Uint32(e[8:]))); err != nil {
			return nil, err
		}
	}
	v := make([]uint32, count)
	for i := range v {
		switch size {
		case 1:
			v[i] = uint32(raw[i])
		case 2:
			v[i] = uint32(a.order.Uint16(raw[2*i:]))
		case 4:
			v[i] = a.order.Uint32(raw[4*i:])
		}
	}
	return v, nil
}

func (a *album) pages() int { return len(a.leaves) }

func (a *album) hasText() bool { return false }

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

// decodeJPEG puts a page together from strips, each of which is a JPEG image that shares its tables with the others.
func (a *album) decodeJPEG(l leaf, w, h, orientation int) (*raster, error) {
	if l[tagTileWidth] != nil {
		return nil, fail(unsupported, errors.New("JPEG tiles"))
	}
	offsets, sizes := l[tagStripOffsets], l[tagStripSizes]
	sw, sh := int(l.first(tagWidth, 0)), int(l.first(tagHeight, 0))
	if orientation > 4 && orientation <= 8 {
		w, h = h, w
	}
	c := newCanvas(sw, sh, w, h, l.first(tagSamples, 1) > 1)
	for i := range min(len(offsets), len(sizes)) {
		strip, err := a.strip(l, offsets[i], sizes[i])
		if err != nil {
			return nil, err
		}
		left := sh - c.y.y
		if b := strip.Bounds(); b.Dx() != sw || b.Dy() > left && b.Dy() != int(l.first(tagRowsPerStrip, 0)) {
			return nil, errors.New("a strip of another size")
		}
		if left <= 0 {
			break
		}
		c.add(strip, left)
	}
	if c.y.y != sh {
		return nil, errors.New("strips are missing")
	}
	return c.raster().turn(orientation), nil
}

func (a *album) strip(l leaf, offset, size uint32) (image.Image, error) {
	if int64(size) > a.src.size {
		return nil, io.ErrUnexpectedEOF
	}
	data := make([]byte, size)
	if _, err := a.src.ReadAt(data, int64(offset)); err != nil {
		return nil, err
	}
	whole := []byte{0xff, 0xd8}
	if l.first(tagPhotometric, 0) == photometricRGB { // say that the components are no YCbCr
		whole = append(whole, 0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0)
	}
	if tables := l[tagJPEGTables]; len(tables) > 4 {
		for _, v := range tables[2 : len(tables)-2] {
			whole = append(whole, byte(v))
		}
	}
	whole = append(whole, bytes.TrimPrefix(data, []byte{0xff, 0xd8})...)
	head, err := jpeg.DecodeConfig(bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	if w := int(l.first(tagWidth, 0)); head.Width != w || 4*int64(head.Width)*int64(head.Height) > decodeBudget {
		return nil, errors.New("a strip of another size")
	}
	return jpeg.Decode(bytes.NewReader(whole))
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
