package render

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"mijuan/internal/filetype"
)

// decodeBudget bounds what decoding a picture may take in memory; it is known before the first pixel is decoded.
const decodeBudget = 384 << 20

// masterWidth is the width at which a decoded picture is kept for as long as it is open: the widest that a viewer asks for.
const masterWidth = 2150

// picture is a file of one image: JPEG or PNG.
type picture struct {
	src         *source
	w, h        int // upright
	orientation int // EXIF
	decode      func() (image.Image, error)
	master      *raster
}

func openPicture(src *source, t filetype.Type) (*picture, error) {
	p := &picture{src: src, orientation: 1}
	var need int64
	var err error
	if t == filetype.JPEG {
		need, err = p.openJPEG()
	} else {
		need, err = p.openPNG()
	}
	if err != nil {
		return nil, p.failed(err)
	}
	if need > decodeBudget {
		return nil, &failure{Why: tooLarge, A: p.w, B: p.h}
	}
	if p.w < 1 || p.h < 1 {
		return nil, fail(broken, errors.New("no pixels"))
	}
	if p.orientation > 4 {
		p.w, p.h = p.h, p.w
	}
	return p, nil
}

func (p *picture) failed(err error) error {
	var known *failure
	switch {
	case p.src.failed:
		return errSource
	case errors.As(err, &known):
		return err
	}
	if _, ok := errors.AsType[jpeg.UnsupportedError](err); ok {
		return fail(unsupported, err)
	}
	if _, ok := errors.AsType[png.UnsupportedError](err); ok {
		return fail(unsupported, err)
	}
	return fail(broken, err)
}

func (p *picture) openPNG() (need int64, err error) {
	c, err := png.DecodeConfig(p.src.reader())
	if err != nil {
		return 0, err
	}
	p.w, p.h = c.Width, c.Height
	p.decode = func() (image.Image, error) { return png.Decode(bufio.NewReaderSize(p.src.reader(), 64<<10)) }
	pixel := int64(4)
	switch c.ColorModel {
	case color.GrayModel:
		pixel = 1
	case color.Gray16Model:
		pixel = 2
	case color.RGBA64Model, color.NRGBA64Model:
		pixel = 8
	}
	if _, ok := c.ColorModel.(color.Palette); ok {
		pixel = 1
	}
	return pixel * int64(p.w) * int64(p.h), nil
}

func (p *picture) openJPEG() (need int64, err error) {
	head, err := readJPEGHead(bufio.NewReaderSize(p.src.reader(), 64<<10))
	if err != nil {
		return 0, err
	}
	p.w, p.h, p.orientation = head.w, head.h, head.orientation
	p.decode = func() (image.Image, error) { return jpeg.Decode(p.src.reader()) }
	return head.memory(), nil
}

func (p *picture) pages() int { return 1 }

func (p *picture) text(int) (string, error) { return "", nil }

func (p *picture) close() {}

func (p *picture) size(int) (w, h float64, err error) {
	return a4Width, a4Width * float64(p.h) / float64(p.w), nil
}

func (p *picture) draw(_, w, h int) (*raster, error) {
	if p.master != nil && w <= p.master.w {
		return p.master.resize(w, h), nil
	}
	m, err := p.decode()
	if err != nil || p.src.failed {
		return nil, p.failed(err)
	}
	if w > masterWidth || w >= p.w {
		return shrinkUpright(m, w, h, p.orientation), nil
	}
	mw, mh := fit(min(p.w, masterWidth), float64(p.w), float64(p.h))
	p.master = shrinkUpright(m, mw, mh, p.orientation)
	if w <= p.master.w {
		return p.master.resize(w, h), nil
	}
	return shrinkUpright(m, w, h, p.orientation), nil
}

// shrinkUpright makes the raster of an image that is stored turned.
func shrinkUpright(m image.Image, w, h, orientation int) *raster {
	if orientation > 4 {
		w, h = h, w
	}
	return shrinkImage(m, w, h).turn(orientation)
}

// jpegHead is what stands before a JPEG file's pixels.
type jpegHead struct {
	w, h, orientation int
	progressive       bool
	samples           float64 // per pixel
}

// memory is what the decoder will take: a byte a sample, and for a progressive file four more for the coefficients.
func (j jpegHead) memory() int64 {
	each := 1.0
	if j.progressive {
		each = 5
	}
	return int64(float64(j.w) * float64(j.h) * j.samples * each)
}

func readJPEGHead(r *bufio.Reader) (j jpegHead, err error) {
	j.orientation = 1
	if _, err := r.Discard(2); err != nil {
		return j, err
	}
	for {
		marker, size, err := nextSegment(r)
		if err != nil {
			return j, err
		}
		switch {
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return j, j.readFrame(r, marker, size)
		case marker == 0xe1:
			body := make([]byte, size)
			if _, err := io.ReadFull(r, body); err != nil {
				return j, err
			}
			if o := exifOrientation(body); o > 0 {
				j.orientation = o
			}
		default:
			if _, err := r.Discard(size); err != nil {
				return j, err
			}
		}
	}
}

// nextSegment skips to the next marker with a length and gives its payload's size.
func nextSegment(r *bufio.Reader) (marker byte, size int, err error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, 0, err
		}
		if b != 0xff {
			continue
		}
		for b == 0xff {
			if b, err = r.ReadByte(); err != nil {
				return 0, 0, err
			}
		}
		if b == 0 || b == 0x01 || b >= 0xd0 && b <= 0xd8 {
			continue
		}
		if b == 0xd9 || b == 0xda {
			return 0, 0, errors.New("no frame before the scan")
		}
		var n [2]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return 0, 0, err
		}
		return b, max(int(binary.BigEndian.Uint16(n[:]))-2, 0), nil
	}
}

func (j *jpegHead) readFrame(r io.Reader, marker byte, size int) error {
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	if size < 6 || size < 6+3*int(body[5]) {
		return errors.New("a short frame header")
	}
	j.progressive = marker == 0xc2
	j.h, j.w = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	var most, sum float64
	for i := range int(body[5]) {
		f := body[6+3*i+1]
		n := float64(f>>4) * float64(f&15)
		most, sum = max(most, n), sum+n
	}
	if j.samples = 1; most > 0 {
		j.samples = sum / most
	}
	return nil
}

// exifOrientation reads tag 0x0112 of the first directory, 0 where there is none.
func exifOrientation(b []byte) int {
	if len(b) < 14 || string(b[:6]) != "Exif\x00\x00" {
		return 0
	}
	b = b[6:]
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := int(order.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return 0
	}
	for i := range int(order.Uint16(b[at:])) {
		e := at + 2 + 12*i
		if e+12 > len(b) {
			return 0
		}
		if order.Uint16(b[e:]) == 0x0112 {
			if o := int(order.Uint16(b[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
	}
	return 0
}
