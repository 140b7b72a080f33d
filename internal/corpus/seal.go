package corpus

import (
	"image"
	"image/color"
	"math"
	"strings"

	"golang.org/x/image/vector"
)

const sealSize = 300 // pixels; 42 mm on paper

// sealImage draws a company's round red seal: name on the arc, star in the middle, worn in places as real ones are.
func sealImage(name string) image.Image {
	name, label, _ := strings.Cut(name, "·")
	c := chanceOf("seal", name)
	img := image.NewRGBA(image.Rect(0, 0, sealSize, sealSize))
	ink := color.RGBA{200, 25, 30, 255}
	const mid = sealSize / 2.0
	ring(img, mid, mid, 146, 7, ink)
	tilt := (c.Float64() - 0.5) * 0.3
	around(img, name, mid, 112, tilt, ink)
	star(img, mid, mid, 40, tilt, ink)
	if label != "" {
		size := 27.0
		letter(img, turned(mid-width(label)*size/2*math.Cos(tilt)-85*math.Sin(tilt), mid+85*math.Cos(tilt)-width(label)*size/2*math.Sin(tilt), tilt),
			size, label, inkOf(ink))
	}
	wear(img, c)
	return img
}

func inkOf(c color.Color) ink { return ink{color: c} }

// around sets a text on the upper arc of a circle.
func around(img *image.RGBA, s string, mid, radius, tilt float64, c color.Color) {
	runes := []rune(s)
	span := min(float64(len(runes))*0.34, 4.6)
	size := min(36.0, span/float64(len(runes))*radius*1.02)
	for i, r := range runes {
		angle := tilt - span/2 + span*(float64(i)+0.5)/float64(len(runes))
		x, y := mid+math.Sin(angle)*radius, mid-math.Cos(angle)*radius
		m := turned(x-math.Cos(angle)*size/2, y-math.Sin(angle)*size/2, angle)
		m.e -= math.Sin(angle) * size * 0.38
		m.f += math.Cos(angle) * size * 0.38
		letter(img, m, size, string(r), ink{color: c, bold: true})
	}
}

func ring(img *image.RGBA, x, y, radius, thick float64, c color.Color) {
	z := vector.NewRasterizer(img.Rect.Dx(), img.Rect.Dy())
	for _, r := range []float64{radius, -(radius - thick)} {
		const steps = 120
		for i := range steps + 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / steps)
			px, py := float32(x+cos*math.Abs(r)), float32(y+sin*r)
			if i == 0 {
				z.MoveTo(px, py)
			} else {
				z.LineTo(px, py)
			}
		}
		z.ClosePath()
	}
	z.Draw(img, img.Rect, image.NewUniform(c), image.Point{})
}

func star(img *image.RGBA, x, y, radius, tilt float64, c color.Color) {
	z := vector.NewRasterizer(img.Rect.Dx(), img.Rect.Dy())
	for i := range 10 {
		r := radius
		if i%2 == 1 {
			r *= 0.382
		}
		sin, cos := math.Sincos(tilt + float64(i)*math.Pi/5)
		if i == 0 {
			z.MoveTo(float32(x+sin*r), float32(y-cos*r))
		} else {
			z.LineTo(float32(x+sin*r), float32(y-cos*r))
		}
	}
	z.ClosePath()
	z.Draw(img, img.Rect, image.NewUniform(c), image.Point{})
}

// wear lets paper shine through: all ink a little, and patches more.
func wear(img *image.RGBA, c chance) {
	type patch struct{ x, y, r, keep float64 }
	patches := make([]patch, 14)
	for i := range patches {
		patches[i] = patch{c.Float64() * sealSize, c.Float64() * sealSize, 8 + c.Float64()*26, 0.45 + c.Float64()*0.4}
	}
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i+3] == 0 {
			continue
		}
		x, y := float64(i/4%sealSize), float64(i/4/sealSize)
		keep := 0.85
		for _, p := range patches {
			if math.Hypot(x-p.x, y-p.y) < p.r {
				keep = min(keep, p.keep)
			}
		}
		for k := range 4 {
			img.Pix[i+k] = uint8(float64(img.Pix[i+k]) * keep)
		}
	}
}

const (
	signatureSize   = 62.0
	signatureHeight = 110
)

func signatureWidth(name string) int { return int(width(name)*signatureSize) + 50 }

// signature writes a name by hand: slanted, uneven, in blue-black ink.
func signature(name string) image.Image {
	c := chanceOf("signature", name)
	const size = signatureSize
	img := image.NewRGBA(image.Rect(0, 0, signatureWidth(name), signatureHeight))
	x := 12.0
	for _, r := range name {
		m := turned(x, 72+float64(c.between(-7, 7)), (c.Float64()-0.6)*0.22)
		scale := 0.9 + c.Float64()*0.35
		m.c -= 0.28
		letter(img, m, size*scale, string(r), ink{color: inkHue})
		x += size * (0.8 + c.Float64()*0.2)
	}
	return img
}
