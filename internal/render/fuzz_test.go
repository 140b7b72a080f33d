package render

import (
	"testing"

	"mijuan/internal/filetype"
)

// FuzzDecoders opens and draws whatever comes with the decoders that run outside PDFium.
func FuzzDecoders(f *testing.F) {
	f.Add(asJPEG(f, photo(40, 30)))
	f.Add(asPNG(f, photo(40, 30)))
	f.Add(asTIFF(f, photo(40, 30)))
	f.Add(multiTIFF(f, 2))
	f.Add([]byte(statute(3)))
	face := face(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 || len(body) > 1<<16 {
			return
		}
		ty := filetype.Detect(body, int64(len(body)))
		if ty == filetype.PDF {
			return
		}
		w := &worker{face: face}
		d, err := w.opener(nil)(request{Type: ty.Code}, sourceOf(body))
		if err != nil {
			return
		}
		defer d.close()
		for n := range min(d.pages(), 3) {
			pw, ph, err := d.size(n)
			if err != nil || pixelsOf(d, n) > 1<<20 {
				continue
			}
			width, height := fit(64, pw, ph)
			if r, err := d.draw(n, width, height); err == nil && (r.w != width || r.h != height || len(r.y) != width*height) {
				t.Errorf("page %d: %d×%d instead of %d×%d", n, r.w, r.h, width, height)
			}
		}
	})
}

// pixelsOf is how large a page is, so that the fuzzer does not spend its time on decoding what is merely large.
func pixelsOf(d document, n int) int {
	switch d := d.(type) {
	case *picture:
		return d.w * d.h
	case *album:
		if _, w, h, _, err := d.dimensions(n); err == nil {
			return w * h
		}
	}
	return 0
}
