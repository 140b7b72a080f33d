package render

import "image"

// Limits on what is drawn: more is scaled down.
const (
	maxPixels = 24_000_000
	maxSide   = 16_384
	minSide   = 16
)

// raster is a clean page in memory, in the form in which it is marked and encoded: luma at full size, chroma (nil for a grey
// page) at half size, full range (JFIF). It never leaves the worker; only its marked copies do.
type raster struct {
	w, h   int
	y      []byte
	cb, cr []byte
}

func newRaster(w, h int, colour bool) *raster {
	r := &raster{w: w, h: h, y: make([]byte, w*h)}
	if colour {
		n := r.halfW() * r.halfH()
		r.cb, r.cr = make([]byte, n), make([]byte, n)
	}
	return r
}

func (r *raster) halfW() int { return (r.w + 1) / 2 }

func (r *raster) halfH() int { return (r.h + 1) / 2 }

func (r *raster) bytes() int { return len(r.y) + len(r.cb) + len(r.cr) }

// copyOf makes r a copy of another raster, in the memory that r has.
func (r *raster) copyOf(o *raster) {
	r.w, r.h = o.w, o.h
	r.y = append(r.y[:0], o.y...)
	if o.cb == nil {
		r.cb, r.cr = nil, nil
		return
	}
	r.cb, r.cr = append(r.cb[:0], o.cb...), append(r.cr[:0], o.cr...)
}

// white makes a page without anything on it.
func white(w, h int) *raster {
	r := newRaster(w, h, false)
	for i := range r.y {
		r.y[i] = 255
	}
	return r
}

// fit gives the pixels for a page of the natural size pw×ph when so many pixels of width are wanted.
func fit(wanted int, pw, ph float64) (w, h int) {
	if !(pw > 0) || !(ph > 0) {
		pw, ph = a4Width, a4Height
	}
	ratio := min(max(ph/pw, 1.0/maxSide), maxSide)
	fw := float64(min(max(wanted, minSide), maxSide))
	if fw*ratio > maxSide {
		fw = maxSide / ratio
	}
	for fw*fw*ratio > maxPixels {
		fw *= 0.95
	}
	return max(int(fw+0.5), minSide), min(max(int(fw*ratio+0.5), minSide), maxSide)
}

// greyTolerance is how far chroma may stray on a page that counts as grey: less than any ink or stamp, more than a scanner's noise.
const greyTolerance = 10

// settle drops the chroma of a page that has no colour.
func (r *raster) settle() {
	for _, plane := range [][]byte{r.cb, r.cr} {
		for _, v := range plane {
			if v < 128-greyTolerance || v > 128+greyTolerance {
				return
			}
		}
	}
	r.cb, r.cr = nil, nil
}

// fromBGRX reads PDFium's bitmap of four bytes a pixel (blue, green, red, unused).
func fromBGRX(pix []byte, w, h, stride int) *raster {
	colour := hasColour(pix, w, h, stride)
	r := newRaster(w, h, colour)
	for y := range h {
		row, out := pix[y*stride:y*stride+4*w], r.y[y*w:(y+1)*w]
		if !colour {
			for x := range out {
				out[x] = row[4*x+1]
			}
			continue
		}
		for x := range out {
			out[x] = luma(row[4*x+2], row[4*x+1], row[4*x])
		}
	}
	if colour {
		r.chromaBGRX(pix, stride)
	}
	return r
}

func hasColour(pix []byte, w, h, stride int) bool {
	const same = 12
	for y := range h {
		row := pix[y*stride : y*stride+4*w]
		for x := 0; x+3 < len(row); x += 4 {
			b, g, r := int(row[x]), int(row[x+1]), int(row[x+2])
			if max(b, g, r)-min(b, g, r) > same {
				return true
			}
		}
	}
	return false
}

// chromaBGRX averages each square of four pixels.
func (r *raster) chromaBGRX(pix []byte, stride int) {
	hw := r.halfW()
	for cy := range r.halfH() {
		upper := pix[2*cy*stride:]
		lower := pix[min(2*cy+1, r.h-1)*stride:]
		for cx := range hw {
			a, b := 8*cx, 4*min(2*cx+1, r.w-1)
			blue := (int(upper[a]) + int(upper[b]) + int(lower[a]) + int(lower[b]) + 2) / 4
			green := (int(upper[a+1]) + int(upper[b+1]) + int(lower[a+1]) + int(lower[b+1]) + 2) / 4
			red := (int(upper[a+2]) + int(upper[b+2]) + int(lower[a+2]) + int(lower[b+2]) + 2) / 4
			r.cb[cy*hw+cx], r.cr[cy*hw+cx] = chroma(red, green, blue)
		}
	}
}

func luma(r, g, b byte) byte { return byte((19595*int(r) + 38470*int(g) + 7471*int(b) + 1<<15) >> 16) }

func chroma(r, g, b int) (cb, cr byte) {
	u := (-11056*r - 21712*g + 32768*b + 128<<16 + 1<<15) >> 16
	v := (32768*r - 27440*g - 5328*b + 128<<16 + 1<<15) >> 16
	return byte(min(max(u, 0), 255)), byte(min(max(v, 0), 255))
}

// turn applies an EXIF or TIFF orientation (1–8).
func (r *raster) turn(orientation int) *raster {
	if orientation < 2 || orientation > 8 {
		return r
	}
	t := *r
	if orientation > 4 {
		t.w, t.h = r.h, r.w
	}
	t.y = turnPlane(r.y, r.w, r.h, orientation)
	if r.cb != nil {
		t.cb, t.cr = turnPlane(r.cb, r.halfW(), r.halfH(), orientation), turnPlane(r.cr, r.halfW(), r.halfH(), orientation)
	}
	return &t
}

func turnPlane(p []byte, w, h, orientation int) []byte {
	out := make([]byte, len(p))
	nw := w
	if orientation > 4 {
		nw = h
	}
	for y := range h {
		for x := range w {
			to := turned(image.Pt(x, y), w, h, orientation)
			out[to.Y*nw+to.X] = p[y*w+x]
		}
	}
	return out
}

// turned tells where a stored pixel belongs on the upright page.
func turned(p image.Point, w, h, orientation int) image.Point {
	switch orientation {
	case 2:
		return image.Pt(w-1-p.X, p.Y)
	case 3:
		return image.Pt(w-1-p.X, h-1-p.Y)
	case 4:
		return image.Pt(p.X, h-1-p.Y)
	case 5:
		return image.Pt(p.Y, p.X)
	case 6:
		return image.Pt(h-1-p.Y, p.X)
	case 7:
		return image.Pt(h-1-p.Y, w-1-p.X)
	}
	return image.Pt(p.Y, w-1-p.X) // 8
}
