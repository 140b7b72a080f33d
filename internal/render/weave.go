package render

import (
	"hash/fnv"
	"math"
)

// weave is the pattern that covers a page: the mark's fields written one after another along a slanting line that closes on
// itself on a torus of px×py pixels, so that laid side by side the tiles make parallel lines of running text without a seam.
// Each field then stands whole somewhere in every quarter of the page, and no spot the size of a word is without ink.
type weave struct {
	px, py   int
	cos, sin float32
	length   float32 // of the whole line, in pixels
	size     float32 // of the letters, in pixels
	start    [2]float32
	tile     []byte  // how much to change the luma, px×py
	places   []place // of the fields
}

// place is where a field begins and ends along the line, in pixels.
type place struct{ from, to float32 }

// How the weave looks, in relation to the page's width or the letters' size.
const (
	weaveSize    = 0.0165 // of the width: 10.5 point on A4
	weaveMinSize = 9.0    // pixels
	weaveGap     = 1.2    // em, between fields
	weavePitch   = 4.4    // em, between lines
	weaveAngle   = 26 * math.Pi / 180
	weaveDepth   = 24 // of 255: how much ink darkens white and lightens black
)

// newWeave lays out the fields for a page of w×h pixels. The same fields on the same page give the same weave; any other fields
// shift it, so that two viewers' pages differ everywhere.
func (t *typeface) newWeave(fields []string, w, h int) *weave {
	var length, longest float32
	for _, f := range fields {
		n := t.width(f) / em
		length, longest = length+n+weaveGap, max(longest, n)
	}
	size := max(float32(w)*weaveSize, weaveMinSize)
	if fits := 0.44 * float32(min(w, 2*h)) / max(longest, 1); size > fits {
		size = max(fits, weaveMinSize)
	}
	v := closeLine(float64(length*size), float64(size), float64(longest*size), float64(w), float64(h))
	v.size = size
	v.write(t, fields)
	return v
}

// closeLine finds the torus whose closed line, winding n times across and m times down, is about as long as the text, as wide apart
// as wanted, and repeats each field within a quarter of the page.
func closeLine(length, size, longest, w, h float64) *weave {
	cos, sin := math.Cos(weaveAngle), math.Sin(weaveAngle)
	pitch := max(min(weavePitch*size, 0.8*(w*sin+h*cos)/16), 1.5*size)
	roomX, roomY := max(w/2-longest*cos-size, w/8), max(h/2-longest*sin-2*size, h/8)
	best, bestScore := [2]int{1, 1}, math.Inf(1)
	for m := 1; m <= 12; m++ {
		for n := 1; n <= 60; n++ {
			if gcd(n, m) != 1 {
				continue
			}
			apart := length * sin * cos / float64(n*m)
			tight := max(length*cos/float64(n)/roomX, length*sin/float64(m)/roomY, 1)
			score := 100*(tight-1) + math.Abs(math.Log(apart/pitch))
			if score < bestScore {
				best, bestScore = [2]int{n, m}, score
			}
		}
	}
	n, m := float64(best[0]), float64(best[1])
	v := &weave{px: max(int(math.Ceil(length*cos/n)), 8), py: max(int(math.Ceil(length*sin/m)), 8)}
	dx, dy := n*float64(v.px), m*float64(v.py)
	v.cos, v.sin = float32(dx/math.Hypot(dx, dy)), float32(dy/math.Hypot(dx, dy))
	v.length = float32(math.Hypot(dx, dy))
	v.tile = make([]byte, v.px*v.py)
	return v
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// write puts the fields along the line, from a point that the fields themselves determine.
func (v *weave) write(t *typeface, fields []string) {
	used := float32(0)
	sum := fnv.New64a()
	for _, f := range fields {
		used += t.width(f) * v.size / em
		sum.Write([]byte(f + "\x00"))
	}
	gap := (v.length - used) / float32(len(fields))
	phase := sum.Sum64()
	v.start = [2]float32{float32(phase % uint64(v.px)), float32(phase >> 20 % uint64(v.py))}
	pen := float32(0)
	for _, f := range fields {
		from := pen
		for _, r := range f {
			v.ink(t, r, v.start[0]+pen*v.cos, v.start[1]-pen*v.sin)
			pen += t.outline(r).advance * v.size / em
		}
		v.places = append(v.places, place{from, pen})
		pen += gap
	}
}

// ink blends one character into the tile, over its edges.
func (v *weave) ink(t *typeface, r rune, x, y float32) {
	m := t.turnedMask(r, v.size, v.cos, v.sin, x, y)
	for my := range m.Rect.Dy() {
		row := wrap(m.Rect.Min.Y+my, v.py) * v.px
		at := wrap(m.Rect.Min.X, v.px)
		for _, a := range m.Pix[my*m.Stride : my*m.Stride+m.Rect.Dx()] {
			if depth := byte((int(a)*weaveDepth + 127) / 255); depth > v.tile[row+at] {
				v.tile[row+at] = depth
			}
			if at++; at == v.px {
				at = 0
			}
		}
	}
}

func wrap(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}

// cover lays the weave over a page: light spots get darker, dark spots lighter, so that it shows on any ground.
func (v *weave) cover(r *raster) {
	for y := range r.h {
		tile := v.tile[y%v.py*v.px:][:v.px]
		for row := r.y[y*r.w : (y+1)*r.w]; len(row) > 0; {
			n := min(len(row), len(tile))
			for i, depth := range tile[:n] {
				if depth == 0 {
					continue
				}
				if row[i] >= 128 {
					row[i] -= depth
				} else {
					row[i] += depth + depth/2 // the eye sees less in the dark
				}
			}
			row = row[n:]
		}
	}
}
