package render

import (
	"fmt"
	"strings"
	"testing"

	"mijuan/internal/filetype"
)

func face(t testing.TB) *typeface {
	t.Helper()
	f, err := newTypeface()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func other() Mark {
	m := some()
	m.Code = "7F3A-09C2-D41C"
	return m
}

// formats are the page shapes that the tests look at: A4 at the viewer's widths, landscape, a till receipt, a photograph.
var formats = [][2]int{{720, 1018}, {1075, 1520}, {1612, 2280}, {2150, 3041}, {1075, 760}, {1075, 1075}, {600, 2400}, {1600, 900}}

// TestEveryCellIsMarked divides blank pages, black, white and grey, into 16×16 cells: none is untouched, and two views of one page,
// different in the last digit of the code only, differ in each.
func TestEveryCellIsMarked(t *testing.T) {
	f := face(t)
	for _, size := range formats {
		for _, ground := range []byte{0, 90, 128, 200, 255} {
			one, two := plainGround(size, ground), plainGround(size, ground)
			f.burn(one, some())
			f.burn(two, other())
			eachCell(one, 16, func(x, y int, pixels func(yield func(int) bool)) {
				touched, differs := 0, 0
				for i := range pixels {
					if d := int(one.y[i]) - int(ground); max(d, -d) >= weaveDepth/2 {
						touched++
					}
					if one.y[i] != two.y[i] {
						differs++
					}
				}
				if touched < 8 || differs < 8 {
					t.Errorf("%v on %d, cell %d,%d: %d pixels marked, %d differ", size, ground, x, y, touched, differs)
				}
			})
		}
	}
}

func plainGround(size [2]int, v byte) *raster {
	r := newRaster(size[0], size[1], false)
	for i := range r.y {
		r.y[i] = v
	}
	return r
}

func eachCell(r *raster, n int, f func(x, y int, pixels func(yield func(int) bool))) {
	for cy := range n {
		for cx := range n {
			f(cx, cy, func(yield func(int) bool) {
				for y := r.h * cy / n; y < r.h*(cy+1)/n; y++ {
					for x := r.w * cx / n; x < r.w*(cx+1)/n; x++ {
						if !yield(y*r.w + x) {
							return
						}
					}
				}
			})
		}
	}
}

// TestQuarterTellsAll slides a window of half the width and half the height over the page: each field of the mark stands whole in
// it at least once, wherever it is.
func TestQuarterTellsAll(t *testing.T) {
	f := face(t)
	long := some()
	long.Lines = []string{"欧阳若水 ouyangruoshui", "M-2026-0007-3", "2026-07-01 10:24:31", "2001:db8:85a3::8a2e:370:7334"}
	for name, m := range map[string]Mark{"usual": some(), "long": long} {
		for _, size := range formats {
			w, h := size[0], size[1]
			v := f.newWeave(m.fields(), w, h)
			for y := 0; y <= h/2; y += h / 16 {
				for x := 0; x <= w/2; x += w / 16 {
					for i, p := range v.places {
						if !v.whole(p, float32(x), float32(y), float32(w/2), float32(h/2)) {
							t.Fatalf("%s, %v: %q stands nowhere whole in the quarter at %d,%d", name, size, m.fields()[i], x, y)
						}
					}
				}
			}
		}
	}
}

// whole reports whether a copy of the place lies in the window, its letters (an em high) included.
func (v *weave) whole(p place, x, y, w, h float32) bool {
	x0, y0 := v.start[0]+p.from*v.cos, v.start[1]-p.from*v.sin
	x1, y1 := v.start[0]+p.to*v.cos, v.start[1]-p.to*v.sin
	left, right, top, bottom := x0-v.size*v.sin, x1, y1-v.size*v.cos, y0
	for dy := -float32(v.py) * 40; dy < 4*float32(v.py)+y+h; dy += float32(v.py) {
		if top+dy < y || bottom+dy > y+h {
			continue
		}
		for dx := -float32(v.px) * 60; dx < 4*float32(v.px)+x+w; dx += float32(v.px) {
			if left+dx >= x && right+dx <= x+w {
				return true
			}
		}
	}
	return false
}

// TestReadable: the mark takes little from a text: strokes stay dark, paper light.
func TestReadable(t *testing.T) {
	f := face(t)
	r := white(1075, 1520)
	f.write(r, strings.Repeat("甲方应当按期付款", 4), 100, 700, 19, 24)
	clean := append([]byte(nil), r.y...)
	f.burn(r, some())
	for i := 600 * r.w; i < 800*r.w; i++ {
		if clean[i] < 40 && r.y[i] > 90 || clean[i] == 255 && r.y[i] < 225 {
			t.Fatalf("pixel %d,%d went from %d to %d", i%r.w, i/r.w, clean[i], r.y[i])
		}
	}
}

// TestNothingIsDropped: what the font lacks, or what shows nothing, is drawn as a box with its number; different ones differ.
func TestNothingIsDropped(t *testing.T) {
	f := face(t)
	shapes := map[string]rune{}
	for _, c := range []rune{'\U00020bb7', '\U0001f600', '\u202e', '\u200b', '\x07', '\ufeff', '\ue000', '\u0f40', '\u3164'} {
		m := f.mask(c, 20, 0)
		ink := 0
		for _, a := range m.Pix {
			ink += int(a)
		}
		if ink < 20*255 {
			t.Errorf("%U leaves hardly a trace", c)
		}
		if twin, ok := shapes[string(m.Pix)]; ok {
			t.Errorf("%U looks like %U", c, twin)
		}
		shapes[string(m.Pix)] = c
	}
	for _, c := range "汉字字库，Aa1。·〔〕★" {
		if f.load(c) == nil {
			t.Errorf("%q is not in the font", c)
		}
	}
}

// TestMarkIsRequired: there is no way to an image without a mark.
func TestMarkIsRequired(t *testing.T) {
	p := oddPool(t, Options{Workers: 1})
	d := docOf("fine", filetype.Text, []byte("x"))
	for i, m := range []Mark{{}, {Level: "客户资料·秘密级"}, {Level: "客户资料·秘密级", Lines: []string{" ", ""}, Code: "A"}, {Lines: []string{"某人"}, Code: "A"}, {Level: "客户资料·秘密级", Lines: []string{"某人"}}} {
		if img, err := p.Page(t.Context(), d, 1, Spec{Width: 400, Mark: m}); err == nil || img.Bytes != nil {
			t.Errorf("mark %d: an image without a mark", i)
		}
		if img, err := p.Thumb(t.Context(), d, 1, m); err == nil || img.Bytes != nil {
			t.Errorf("mark %d: a thumbnail without a mark", i)
		}
	}
}

func TestMarkIsDeterministic(t *testing.T) {
	one, two := white(1075, 1520), white(1075, 1520)
	face(t).burn(one, some())
	face(t).burn(two, some())
	if string(one.y) != string(two.y) {
		t.Error("the same mark on the same page differs")
	}
}

// TestFootFits: the foot's text lies on the page at every width, and the code is always there.
func TestFootFits(t *testing.T) {
	f := face(t)
	for _, w := range []int{16, 60, 160, 300, 720, 1075, 4000} {
		lines := f.breakFoot(some().fields(), (float32(w)-2*max(float32(w)*0.028, 3))/max(float32(w)*footSize, footMinSize)*em)
		last := lines[len(lines)-1]
		if len(lines) > 2 || last[len(last)-1] != some().Code {
			t.Errorf("at width %d the foot is %q", w, lines)
		}
		r := white(w, w)
		f.burn(r, some())
	}
}

func BenchmarkBurn(b *testing.B) {
	f := face(b)
	clean := white(1075, 1520)
	var r raster
	for i := 0; b.Loop(); i++ {
		m := some()
		m.Code = fmt.Sprintf("%04X-%04X-%04X", i*7919&0xffff, i*104729&0xffff, i&0xffff)
		r.copyOf(clean)
		f.burn(&r, m)
	}
}
