package corpus

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// photoNames are the scenes that a photograph of evidence can show.
var photoNames = []string{"仓库", "工地", "车间", "铭牌", "破损", "封条"}

const (
	photoWidth  = 960
	photoHeight = 720
)

// photo makes what a document's @picture asks for.
func (s *scene) photo(name string) image.Image {
	return photograph(s.luck, name, s.day.Format("2006/01/02  15:04"))
}

// photograph draws a scene as a cheap camera would see it, with the date in a corner.
func photograph(c chance, name, stamp string) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, photoWidth, photoHeight))
	switch name {
	case "工地":
		site(img, c)
	case "车间", "仓库":
		hall(img, c, name == "仓库")
	default:
		closeUp(img, c, name)
	}
	vignette(img, c)
	letter(img, at(650, 690), 26, stamp, ink{color: color.RGBA{255, 170, 40, 255}, bold: true})
	return img
}

func fillRect(img draw.Image, x, y, w, h int, c color.Color) {
	draw.Draw(img, image.Rect(x, y, x+w, y+h), image.NewUniform(c), image.Point{}, draw.Over)
}

// polygon fills the shape with the given corners.
func polygon(img *image.RGBA, c color.Color, points ...float32) {
	z := vector.NewRasterizer(img.Rect.Dx(), img.Rect.Dy())
	z.MoveTo(points[0], points[1])
	for i := 2; i < len(points); i += 2 {
		z.LineTo(points[i], points[i+1])
	}
	z.ClosePath()
	z.Draw(img, img.Rect, image.NewUniform(c), image.Point{})
}

func gradient(img *image.RGBA, top, bottom color.RGBA) {
	b := img.Rect
	mix := func(a, z uint8, t float64) uint8 { return uint8(float64(a) + (float64(z)-float64(a))*t) }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		t := float64(y-b.Min.Y) / float64(b.Dy())
		fillRect(img, b.Min.X, y, b.Dx(), 1, color.RGBA{mix(top.R, bottom.R, t), mix(top.G, bottom.G, t), mix(top.B, bottom.B, t), 255})
	}
}

// site is a building in its frame behind a crane.
func site(img *image.RGBA, c chance) {
	gradient(img, color.RGBA{150, 178, 205, 255}, color.RGBA{222, 220, 208, 255})
	fillRect(img, 0, 560, 960, 160, color.RGBA{134, 112, 86, 255})
	left, floors := c.between(180, 320), c.between(5, 8)
	for f := range floors {
		y := 560 - (f+1)*62
		fillRect(img, left, y, 420, 12, color.RGBA{140, 138, 132, 255})
		for k := range 8 {
			fillRect(img, left+k*58, y, 12, 62, color.RGBA{120, 118, 114, 255})
			if c.IntN(3) > 0 {
				fillRect(img, left+k*58+12, y+12, 46, 50, color.RGBA{uint8(c.between(60, 96)), 70, 72, 255})
			}
		}
	}
	mast := float32(left - 90)
	polygon(img, color.RGBA{214, 160, 30, 255}, mast, 560, mast+10, 90, mast+22, 90, mast+32, 560)
	polygon(img, color.RGBA{214, 160, 30, 255}, mast-120, 100, mast+560, 84, mast+560, 92, mast-120, 112)
	fillRect(img, int(mast)+380, 90, 3, c.between(90, 260), color.RGBA{60, 60, 60, 255})
	for range 60 {
		x, y := c.IntN(960), c.between(575, 700)
		fillRect(img, x, y, c.between(6, 44), c.between(3, 14), color.RGBA{uint8(c.between(90, 170)), uint8(c.between(80, 130)), 84, 255})
	}
}

// hall is a shop floor in perspective, with machines or with shelves of boxes.
func hall(img *image.RGBA, c chance, shelves bool) {
	gradient(img, color.RGBA{196, 202, 206, 255}, color.RGBA{168, 172, 172, 255})
	polygon(img, color.RGBA{126, 138, 132, 255}, 0, 720, 340, 400, 620, 400, 960, 720)
	polygon(img, color.RGBA{224, 226, 224, 255}, 340, 250, 620, 250, 620, 400, 340, 400)
	for i := range 5 {
		t := float32(i) / 5
		x, y, w := 340-t*300, 140-t*110, 8+t*30
		polygon(img, color.RGBA{250, 250, 240, 255}, x+60, y+40, x+60+w*3, y+40, x+60+w*3, y+44+t*8, x+60, y+44+t*8)
	}
	for side := range 2 {
		for i := range 4 {
			t := 1 + float64(i)*0.75
			w, h := int(70*t), int(64*t)
			x := 400 - int(95*t) - w/2
			if side == 1 {
				x = 960 - x - w
			}
			block(img, c, x, 400+int(34*t)-h/2, w, h, shelves)
		}
	}
}

func block(img *image.RGBA, c chance, x, y, w, h int, shelves bool) {
	if !shelves {
		fillRect(img, x, y, w, h, color.RGBA{uint8(c.between(52, 80)), uint8(c.between(88, 112)), uint8(c.between(110, 140)), 255})
		fillRect(img, x+w/8, y+h/6, w/2, h/2, color.RGBA{30, 38, 44, 255})
		fillRect(img, x+w*3/4, y+h/5, w/7, h/4, color.RGBA{90, 200, 150, 255})
		return
	}
	for r := range 3 {
		for k := range 4 {
			shade := uint8(c.between(150, 196))
			fillRect(img, x+k*w/4, y+r*h/3, w/4-2, h/3-3, color.RGBA{shade, shade - 34, shade - 78, 255})
		}
	}
}

// closeUp is a plate, a broken crate or a seal seen from near.
func closeUp(img *image.RGBA, c chance, what string) {
	shade := uint8(c.between(96, 140))
	gradient(img, color.RGBA{shade, shade + 6, shade + 8, 255}, color.RGBA{shade - 40, shade - 38, shade - 36, 255})
	tilt := (c.Float64() - 0.5) * 0.12
	switch what {
	case "铭牌":
		polygon(img, color.RGBA{206, 208, 206, 255}, 200, 170, 770, 190, 760, 540, 190, 520)
		for i, l := range []string{"样　例　铭　牌", "型号　HY-5X-990", "编号　9900" + mobile(c)[7:], "功率　37 kW", "制造　样例制造厂"} {
			letter(img, turned(250, 240+float64(i)*62, tilt/3), 38, l, ink{color: color.RGBA{40, 40, 44, 255}, bold: i == 0})
		}
	case "封条":
		fillRect(img, 140, 120, 680, 480, color.RGBA{104, 92, 78, 255})
		polygon(img, color.RGBA{240, 236, 220, 255}, 120, 420, 830, 250, 850, 340, 140, 510)
		letter(img, turned(250, 450, -0.235), 58, "封　存　样　例", ink{color: red, bold: true})
	default:
		fillRect(img, 120, 140, 720, 470, color.RGBA{178, 142, 98, 255})
		for i := range 9 {
			x := float32(300 + i*c.between(18, 34))
			y := float32(c.between(190, 500))
			polygon(img, color.RGBA{72, 54, 40, 255}, x, y, x+float32(c.between(40, 110)), y+float32(c.between(-40, 10)), x+30, y+float32(c.between(30, 90)))
		}
		letter(img, turned(160, 580, tilt), 40, "易碎　向上　样例货箱", ink{color: color.RGBA{60, 40, 30, 255}, bold: true})
	}
}

// vignette darkens the corners and adds the grain of a small sensor.
func vignette(img *image.RGBA, c chance) {
	b := img.Rect
	midX, midY := float64(b.Dx())/2, float64(b.Dy())/2
	far := math.Hypot(midX, midY)
	for y := range b.Dy() {
		for x := range b.Dx() {
			i := y*img.Stride + x*4
			keep := 1 - 0.32*math.Pow(math.Hypot(float64(x)-midX, float64(y)-midY)/far, 2)
			grain := float64(c.IntN(13)) - 6
			for k := range 3 {
				img.Pix[i+k] = uint8(max(0, min(255, float64(img.Pix[i+k])*keep+grain)))
			}
		}
	}
}
