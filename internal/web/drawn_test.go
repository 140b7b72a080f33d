package web_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// drawnLine is a signature as from the drawing field.
func drawnLine(t testing.TB) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, 840, 240))
	for x := 40; x < 800; x++ {
		for y := range 5 {
			p.Set(x, 120+x%9+y, color.Black)
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, p))
	return b.Bytes()
}
