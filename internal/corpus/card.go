package corpus

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"golang.org/x/image/vector"
)

// cards is a page with both sides of an identity card copied one above the other.
func cards(p Party) *image.RGBA {
	img := blank(1000, 1300)
	front, back := image.Rect(150, 120, 850, 560), image.Rect(150, 660, 850, 1100)
	ground(img, front, color.RGBA{226, 238, 244, 255})
	ground(img, back, color.RGBA{232, 240, 238, 255})
	obverse(img, front.Min, p)
	reverse(img, back.Min, p)
	letter(img, at(330, 1190), 26, "仅供办理委托代理手续使用　再复印无效", inkOf(color.RGBA{40, 40, 120, 255}))
	watermark(img, 54)
	return img
}

// ground is the card's guilloche, made of sine lines.
func ground(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	fillRect(img, r.Min.X, r.Min.Y, r.Dx(), r.Dy(), c)
	line := color.RGBA{c.R - 18, c.G - 10, c.B - 8, 255}
	for k := range 24 {
		for x := r.Min.X; x < r.Max.X; x++ {
			y := float64(r.Min.Y) + float64(k)*float64(r.Dy())/24 + math.Sin(float64(x)/38+float64(k)*0.7)*9
			if y >= float64(r.Min.Y) && y < float64(r.Max.Y) {
				img.Set(x, int(y), line)
			}
		}
	}
	for _, e := range []image.Rectangle{{r.Min, image.Pt(r.Max.X, r.Min.Y+2)}, {image.Pt(r.Min.X, r.Max.Y-2), r.Max}, {r.Min, image.Pt(r.Min.X+2, r.Max.Y)}, {image.Pt(r.Max.X-2, r.Min.Y), r.Max}} {
		fillRect(img, e.Min.X, e.Min.Y, e.Dx(), e.Dy(), color.RGBA{150, 160, 166, 255})
	}
}

func obverse(img *image.RGBA, o image.Point, p Party) {
	label, value := inkOf(color.RGBA{40, 96, 150, 255}), inkOf(color.RGBA{24, 24, 28, 255})
	x, y := float64(o.X), float64(o.Y)
	sex := "女"
	if (p.Identity[16]-'0')%2 == 1 {
		sex = "男"
	}
	born := p.Identity[6:14]
	row := func(dy float64, l, v string) {
		letter(img, at(x+48, y+dy), 24, l, label)
		letter(img, at(x+124, y+dy), 30, v, value)
	}
	row(76, "姓名", p.Name)
	row(134, "性别", sex)
	letter(img, at(x+240, y+134), 24, "民族　　汉", label)
	row(192, "出生", born[:4]+" 年 "+strings.TrimPrefix(born[4:6], "0")+" 月 "+strings.TrimPrefix(born[6:], "0")+" 日")
	letter(img, at(x+48, y+250), 24, "住址", label)
	for i, l := range breakLines(p.Address, 11, 0) {
		letter(img, at(x+124, y+250+float64(i)*38), 28, l, value)
	}
	letter(img, at(x+48, y+396), 24, "公民身份号码", label)
	letter(img, at(x+240, y+396), 34, p.Identity, ink{color: color.RGBA{24, 24, 28, 255}, gap: 3})
	portrait(img, o.Add(image.Pt(478, 60)), chanceOf("portrait", p.Name))
}

// portrait is a plain head and shoulders, nobody's.
func portrait(img *image.RGBA, o image.Point, c chance) {
	fillRect(img, o.X, o.Y, 180, 240, color.RGBA{214, 224, 232, 255})
	tone := color.RGBA{uint8(c.between(196, 226)), uint8(c.between(164, 186)), 150, 255}
	x, y := float64(o.X)+90, float64(o.Y)
	oval(img, x, y+222, 84, 66, color.RGBA{uint8(c.between(40, 90)), uint8(c.between(46, 70)), uint8(c.between(60, 110)), 255}, o.Y+240)
	oval(img, x, y+150, 22, 40, tone, o.Y+240)
	oval(img, x, y+92, 54, 62, color.RGBA{44, 36, 34, 255}, o.Y+240)
	oval(img, x, y+104, 45, 56, tone, o.Y+240)
	for _, side := range []float64{-1, 1} {
		oval(img, x+side*18, y+100, 5, 3.4, color.RGBA{50, 40, 40, 255}, o.Y+240)
	}
	oval(img, x, y+134, 12, 2.6, color.RGBA{150, 84, 80, 255}, o.Y+240)
}

// oval fills an ellipse, cut off below the floor.
func oval(img *image.RGBA, x, y, rx, ry float64, c color.Color, floor int) {
	z := vector.NewRasterizer(img.Rect.Dx(), img.Rect.Dy())
	for i := range 49 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 48)
		px, py := float32(x+cos*rx), float32(min(y+sin*ry, float64(floor)))
		if i == 0 {
			z.MoveTo(px, py)
		} else {
			z.LineTo(px, py)
		}
	}
	z.ClosePath()
	z.Draw(img, img.Rect, image.NewUniform(c), image.Point{})
}

func reverse(img *image.RGBA, o image.Point, p Party) {
	x, y := float64(o.X), float64(o.Y)
	dark := color.RGBA{30, 30, 34, 255}
	ring(img, x+110, y+110, 60, 6, color.RGBA{190, 60, 50, 255})
	letter(img, at(x+72, y+122), 38, "样例", ink{color: color.RGBA{190, 60, 50, 255}, bold: true})
	letter(img, at(x+250, y+110), 44, "江澜演示共用", ink{color: dark, bold: true, gap: 10})
	letter(img, at(x+250, y+186), 56, "居 民 身 份 证", ink{color: dark, bold: true})
	c := chanceOf("validity", p.Name)
	from := c.between(2010, 2022)
	letter(img, at(x+150, y+330), 26, "签发机关　　江澜市演示公安分局", inkOf(dark))
	letter(img, at(x+150, y+386), 26, "有效期限　　"+fmt.Sprintf("%d.03.16-%d.03.16", from, from+20), inkOf(dark))
}
