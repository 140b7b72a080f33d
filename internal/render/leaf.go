package render

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
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

const maxValues = 1 << 16 // of one directory entry

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
