package corpus

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"

	xdraw "golang.org/x/image/draw"
)

// paint draws a page at a resolution, black on white and seals red.
func paint(p page, dpi float64) *image.RGBA {
	k := dpi / 25.4
	img := image.NewRGBA(image.Rect(0, 0, int(pageWidth*k), int(pageHeight*k)))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for _, m := range p {
		switch m.kind {
		case textMark:
			letter(img, at(m.x*k, m.y*k), m.size*dpi/72, m.text, ink{color: m.color, bold: m.bold, gap: m.gap * k})
		case lineMark:
			r := image.Rect(int(m.x*k), int(m.y*k), int((m.x+m.w)*k)+1, int((m.y+m.h)*k)+1)
			draw.Draw(img, r, image.NewUniform(m.color), image.Point{}, draw.Over)
		case pictureMark:
			r := image.Rect(int(m.x*k), int(m.y*k), int((m.x+m.w)*k), int((m.y+m.h)*k))
			picture := m.picture()
			xdraw.BiLinear.Scale(img, r, picture, picture.Bounds(), draw.Over, nil)
		}
	}
	return img
}

// scanned makes a painted page look as if it had lain on a scanner: a little askew, the paper not quite white, specks of dust.
func scanned(img *image.RGBA, c chance) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	paper := uint8(c.between(240, 249))
	draw.Draw(out, out.Rect, image.NewUniform(color.RGBA{paper, paper, paper - 3, 255}), image.Point{}, draw.Src)
	sin, cos := math.Sincos((c.Float64() - 0.5) * 0.022)
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	m := [6]float64{cos, -sin, w/2 - cos*w/2 + sin*h/2, sin, cos, h/2 - sin*w/2 - cos*h/2}
	xdraw.ApproxBiLinear.Transform(out, m, img, img.Rect, draw.Over, nil)
	for i := 0; i < len(out.Pix); i += 4 {
		for k := range 3 {
			out.Pix[i+k] = min(out.Pix[i+k], paper)
		}
	}
	for range c.between(20, 60) {
		out.Set(c.IntN(out.Rect.Dx()), c.IntN(out.Rect.Dy()), color.Gray{uint8(c.between(90, 200))})
	}
	return out
}

func jpegOf(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(fmt.Sprintf("corpus: encode a JPEG: %v", err))
	}
	return b.Bytes()
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(fmt.Sprintf("corpus: encode a PNG: %v", err))
	}
	return b.Bytes()
}
