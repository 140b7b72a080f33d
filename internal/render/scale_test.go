package render

import (
	"math"
	"testing"
)

// TestShrink compares with the mean computed straight from the definition, at sizes that do and do not divide.
func TestShrink(t *testing.T) {
	for _, c := range [][4]int{{10, 10, 10, 10}, {100, 60, 10, 6}, {101, 67, 13, 9}, {7, 5, 3, 2}, {1000, 3, 1, 1}, {3, 700, 2, 4}, {3, 2, 9, 8}, {5, 100, 11, 7}, {1, 1, 16, 16}, {24, 24, 101, 99}, {10, 11, 134, 133}, {3, 2, 200, 199}} {
		sw, sh, dw, dh := c[0], c[1], c[2], c[3]
		src := make([]byte, sw*sh)
		for i := range src {
			src[i] = byte(i*i*7 + i/3)
		}
		s := newShrinker(sw, sh, dw, dh)
		for y := range sh {
			s.add(src[y*sw : (y+1)*sw])
		}
		for y := range dh {
			for x := range dw {
				want := areaMean(src, sw, sh, dw, dh, x, y)
				if got := float64(s.out[y*dw+x]); math.Abs(got-want) > 0.51 {
					t.Fatalf("%v: pixel %d,%d is %v, the mean is %.1f", c, x, y, got, want)
				}
			}
		}
	}
}

func areaMean(src []byte, sw, sh, dw, dh, x, y int) float64 {
	overlap := func(i, n, d, k int) float64 { // of source pixel i with output pixel k
		a, b := float64(k)*float64(n)/float64(d), float64(k+1)*float64(n)/float64(d)
		return max(min(b, float64(i+1))-max(a, float64(i)), 0)
	}
	sum, area := 0.0, 0.0
	for j := range sh {
		for i := range sw {
			w := overlap(i, sw, dw, x) * overlap(j, sh, dh, y)
			sum, area = sum+w*float64(src[j*sw+i]), area+w
		}
	}
	return sum / area
}

func BenchmarkShrink(b *testing.B) {
	row := make([]byte, 2480)
	b.SetBytes(2480 * 3508)
	for b.Loop() {
		s := newShrinker(2480, 3508, 1075, 1520)
		for range 3508 {
			s.add(row)
		}
	}
}
