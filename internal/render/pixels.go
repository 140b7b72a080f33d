package render

import (
	"image"
	"image/color"
)

// canvas takes a picture row by row, at full size, and makes a raster of the wanted size of it.
type canvas struct {
	w, h      int
	y, cb, cr *shrinker
	rows      [3][]byte // one source row of each plane
}

func newCanvas(sw, sh, w, h int, colour bool) *canvas {
	c := &canvas{w: w, h: h, y: newShrinker(sw, sh, w, h)}
	for i := range c.rows {
		c.rows[i] = make([]byte, sw)
	}
	if colour {
		c.cb, c.cr = newShrinker(sw, sh, (w+1)/2, (h+1)/2), newShrinker(sw, sh, (w+1)/2, (h+1)/2)
	}
	return c
}

func (c *canvas) raster() *raster {
	r := &raster{w: c.w, h: c.h, y: c.y.out}
	if c.cb != nil {
		r.cb, r.cr = c.cb.out, c.cr.out
		r.settle()
	}
	return r
}

// add takes the first rows, at most so many, of an image that is as wide as the picture.
func (c *canvas) add(m image.Image, most int) {
	read := rowReader(m)
	for y := range min(m.Bounds().Dy(), most) {
		read(y, c.rows[0], c.rows[1], c.rows[2])
		c.y.add(c.rows[0])
		if c.cb != nil {
			c.cb.add(c.rows[1])
			c.cr.add(c.rows[2])
		}
	}
}

// shrinkImage makes a raster of w×h pixels of an image.
func shrinkImage(m image.Image, w, h int) *raster {
	size := m.Bounds().Size()
	if m, ok := m.(*image.YCbCr); ok && m.Rect.Min == (image.Point{}) {
		return shrinkYCbCr(m, w, h)
	}
	c := newCanvas(size.X, size.Y, w, h, !isGrey(m))
	c.add(m, size.Y)
	return c.raster()
}

// shrinkYCbCr shrinks the planes of a JPEG picture as they are.
func shrinkYCbCr(m *image.YCbCr, w, h int) *raster {
	cw, ch := m.CStride, len(m.Cb)/max(m.CStride, 1)
	if at := m.COffset(m.Rect.Max.X-1, m.Rect.Max.Y-1); at >= 0 {
		cw, ch = at%m.CStride+1, at/m.CStride+1
	}
	r := &raster{w: w, h: h}
	r.y = shrinkPlane(m.Y, m.YStride, m.Rect.Dx(), m.Rect.Dy(), w, h)
	r.cb = shrinkPlane(m.Cb, m.CStride, cw, ch, r.halfW(), r.halfH())
	r.cr = shrinkPlane(m.Cr, m.CStride, cw, ch, r.halfW(), r.halfH())
	r.settle()
	return r
}

func shrinkPlane(p []byte, stride, sw, sh, w, h int) []byte {
	s := newShrinker(sw, sh, w, h)
	for y := range sh {
		s.add(p[y*stride : y*stride+sw])
	}
	return s.out
}

// resize makes a smaller raster of a raster.
func (r *raster) resize(w, h int) *raster {
	n := &raster{w: w, h: h, y: shrinkPlane(r.y, r.w, r.w, r.h, w, h)}
	if r.cb != nil {
		n.cb = shrinkPlane(r.cb, r.halfW(), r.halfW(), r.halfH(), n.halfW(), n.halfH())
		n.cr = shrinkPlane(r.cr, r.halfW(), r.halfW(), r.halfH(), n.halfW(), n.halfH())
	}
	return n
}

func isGrey(m image.Image) bool {
	switch m := m.(type) {
	case *image.Gray, *image.Gray16:
		return true
	case *image.Paletted:
		for _, c := range m.Palette {
			if r, g, b, _ := c.RGBA(); r != g || g != b {
				return false
			}
		}
		return true
	}
	return false
}

// rowReader gives a function that reads row y of an image into three planes; what is transparent is white.
func rowReader(m image.Image) func(y int, ys, cbs, crs []byte) {
	b := m.Bounds()
	switch m := m.(type) {
	case *image.Gray:
		return func(y int, ys, cbs, crs []byte) {
			copy(ys, m.Pix[y*m.Stride:y*m.Stride+b.Dx()])
			fill128(cbs, crs)
		}
	case *image.Paletted:
		return palettedRows(m)
	case *image.NRGBA:
		return byteRows(m.Pix, m.Stride, b.Dx(), false)
	case *image.RGBA:
		return byteRows(m.Pix, m.Stride, b.Dx(), true)
	case *image.YCbCr:
		return func(y int, ys, cbs, crs []byte) {
			for x := range b.Dx() {
				c := m.YCbCrAt(b.Min.X+x, b.Min.Y+y)
				ys[x], cbs[x], crs[x] = c.Y, c.Cb, c.Cr
			}
		}
	}
	return func(y int, ys, cbs, crs []byte) {
		for x := range b.Dx() {
			ys[x], cbs[x], crs[x] = onWhite(m.At(b.Min.X+x, b.Min.Y+y))
		}
	}
}

func fill128(planes ...[]byte) {
	for _, p := range planes {
		for i := range p {
			p[i] = 128
		}
	}
}

func palettedRows(m *image.Paletted) func(y int, ys, cbs, crs []byte) {
	var table [256][3]byte
	for i := range table { // an index beyond the palette shows the last of it
		if len(m.Palette) > 0 {
			y, cb, cr := onWhite(m.Palette[min(i, len(m.Palette)-1)])
			table[i] = [3]byte{y, cb, cr}
		}
	}
	return func(y int, ys, cbs, crs []byte) {
		for x, i := range m.Pix[y*m.Stride : y*m.Stride+m.Rect.Dx()] {
			ys[x], cbs[x], crs[x] = table[i][0], table[i][1], table[i][2]
		}
	}
}

// byteRows reads pixels of four bytes: red, green, blue, alpha, the colours multiplied by alpha or not.
func byteRows(pix []byte, stride, w int, multiplied bool) func(y int, ys, cbs, crs []byte) {
	return func(y int, ys, cbs, crs []byte) {
		row := pix[y*stride : y*stride+4*w]
		for x := range w {
			p := row[4*x : 4*x+4 : 4*x+4]
			r, g, b := int(p[0]), int(p[1]), int(p[2])
			if a := int(p[3]); a != 255 {
				if !multiplied {
					r, g, b = r*a/255, g*a/255, b*a/255
				}
				r, g, b = min(r+255-a, 255), min(g+255-a, 255), min(b+255-a, 255)
			}
			ys[x] = luma(byte(r), byte(g), byte(b))
			cbs[x], crs[x] = chroma(r, g, b)
		}
	}
}

func onWhite(c color.Color) (y, cb, cr byte) {
	r, g, b, a := c.RGBA()
	r, g, b = min(r+0xffff-a, 0xffff)>>8, min(g+0xffff-a, 0xffff)>>8, min(b+0xffff-a, 0xffff)>>8
	cb, cr = chroma(int(r), int(g), int(b))
	return luma(byte(r), byte(g), byte(b)), cb, cr
}
