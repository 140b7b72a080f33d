package render

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// pattern draws something with flat parts, edges and noise.
func pattern(w, h int, colour bool) *raster {
	r := newRaster(w, h, colour)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range r.y {
		x, y := i%w, i/w
		switch {
		case y < h/3:
			r.y[i] = 255
		case x < w/2:
			r.y[i] = byte(x*7 + y*3)
		default:
			r.y[i] = byte(rng.IntN(256))
		}
	}
	for i := range r.cb {
		r.cb[i], r.cr[i] = byte(128+40*(i%3)), byte(100+i%50)
	}
	return r
}

// TestJPEG encodes at sizes around the block size and has the standard library decode it.
func TestJPEG(t *testing.T) {
	e := newEncoder(95)
	for _, colour := range []bool{false, true} {
		for _, size := range []image.Point{{1, 1}, {7, 9}, {8, 8}, {16, 16}, {17, 31}, {64, 40}, {203, 101}} {
			r := pattern(size.X, size.Y, colour)
			m, err := jpeg.Decode(bytes.NewReader(e.encode(r)))
			if err != nil || m.Bounds().Size() != size {
				t.Fatalf("%v, colour %v: %v", size, colour, err)
			}
			if worst, mean := distance(r, m); worst > 60 || mean > 4 {
				t.Errorf("%v, colour %v: luma is off by %d at worst, %.2f in the mean", size, colour, worst, mean)
			}
		}
	}
}

func distance(r *raster, m image.Image) (worst int, mean float64) {
	sum := 0
	for y := range r.h {
		for x := range r.w {
			d := int(r.y[y*r.w+x]) - lumaOf(m, x, y)
			worst, sum = max(worst, d, -d), sum+max(d, -d)
		}
	}
	return worst, float64(sum) / float64(r.w*r.h)
}

// lumaOf gives the stored luma: converting to RGB and back would clip strong chroma.
func lumaOf(m image.Image, x, y int) int {
	switch m := m.(type) {
	case *image.Gray:
		return int(m.GrayAt(x, y).Y)
	case *image.YCbCr:
		return int(m.YCbCrAt(x, y).Y)
	}
	return int(color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
}

// TestJPEGAgainstStandard compares with the standard library's encoder at the same quality: as near to the picture, as small.
func TestJPEGAgainstStandard(t *testing.T) {
	r := pattern(403, 299, false)
	ours := bytes.Clone(newEncoder(80).encode(r))
	var theirs bytes.Buffer
	if err := jpeg.Encode(&theirs, &image.Gray{Pix: r.y, Stride: r.w, Rect: image.Rect(0, 0, r.w, r.h)}, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	a, err := jpeg.Decode(bytes.NewReader(ours))
	if err != nil {
		t.Fatal(err)
	}
	b, err := jpeg.Decode(&theirs)
	if err != nil {
		t.Fatal(err)
	}
	_, mine := distance(r, a)
	_, std := distance(r, b)
	if mine > std*1.02+0.05 {
		t.Errorf("mean error %.3f; the standard library's is %.3f", mine, std)
	}
}

func BenchmarkJPEG(b *testing.B) {
	for name, colour := range map[string]bool{"grey": false, "colour": true} {
		r := newRaster(1075, 1520, colour)
		for i := range r.y {
			if r.y[i] = 255; i%24 > 3 && i/1075%36 < 20 && i*7%11 < 4 {
				r.y[i] = byte(i)
			}
		}
		for i := range r.cb {
			r.cb[i], r.cr[i] = 128, 128
		}
		b.Run(name, func(b *testing.B) {
			e := newEncoder(80)
			for b.Loop() {
				e.encode(r)
			}
		})
		if !colour {
			b.Run("grey, standard library", func(b *testing.B) {
				for b.Loop() {
					var out bytes.Buffer
					if err := jpeg.Encode(&out, &image.Gray{Pix: r.y, Stride: r.w, Rect: image.Rect(0, 0, r.w, r.h)}, &jpeg.Options{Quality: 80}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
