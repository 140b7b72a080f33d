package render

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// decoded makes a page for somebody and decodes it.
func decoded(t testing.TB, p *Pool, d Doc, n int, m Mark) *raster {
	t.Helper()
	img, err := p.Page(t.Context(), d, n, Spec{Width: 1075, Mark: m})
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, img)
}

func decode(t testing.TB, img Image) *raster {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(img.Bytes))
	if err != nil || m.Bounds().Size() != image.Pt(img.W, img.H) || img.ContentType != "image/jpeg" {
		t.Fatalf("an image of %d×%d, %s: %v", img.W, img.H, img.ContentType, err)
	}
	r := newRaster(img.W, img.H, false)
	for i := range r.y {
		r.y[i] = byte(lumaOf(m, i%r.w, i/r.w))
	}
	if c, ok := m.(*image.YCbCr); ok {
		r.cb, r.cr = c.Cb, c.Cr
	}
	return r
}

// ink counts the dark pixels in a part of the page given in thousandths.
func ink(r *raster, x0, y0, x1, y1 int) (n int) {
	for y := r.h * y0 / 1000; y < r.h*y1/1000; y++ {
		for x := r.w * x0 / 1000; x < r.w*x1/1000; x++ {
			if r.y[y*r.w+x] < 128 {
				n++
			}
		}
	}
	return n
}
