package corpus

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	ttf "mijuan/internal/font"
)

var face = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(ttf.NotoSansSC)
	if err != nil {
		panic(fmt.Sprintf("corpus: read the font: %v", err))
	}
	return f
})

// narrow holds the advances below the ideographs, in em; above them every glyph is one em wide.
var narrow = sync.OnceValue(func() []float64 {
	const unit = 1000
	var buf sfnt.Buffer
	widths := make([]float64, 0x3000)
	for r := range widths {
		g, err := face().GlyphIndex(&buf, rune(r))
		if err != nil || g == 0 {
			continue
		}
		a, err := face().GlyphAdvance(&buf, g, fixed.I(unit), font.HintingNone)
		if err != nil {
			panic(fmt.Sprintf("corpus: measure %q: %v", rune(r), err))
		}
		widths[r] = float64(a) / 64 / unit
	}
	return widths
})

// advance is a character's width in em.
func advance(r rune) float64 {
	if r < 0x3000 {
		return narrow()[r]
	}
	return 1
}

// width is a line's width in em.
func width(s string) (w float64) {
	for _, r := range s {
		w += advance(r)
	}
	return w
}

// affine maps (x, y) to (a·x + c·y + e, b·x + d·y + f), in pixels.
type affine struct{ a, b, c, d, e, f float64 }

func at(x, y float64) affine { return affine{a: 1, d: 1, e: x, f: y} }

// turned is at(x, y) with the axes turned clockwise by an angle in radians.
func turned(x, y, angle float64) affine {
	sin, cos := math.Sincos(angle)
	return affine{a: cos, b: sin, c: -sin, d: cos, e: x, f: y}
}

func (m affine) apply(x, y float64) (float32, float32) {
	return float32(m.a*x + m.c*y + m.e), float32(m.b*x + m.d*y + m.f)
}

// ink is a text's colour and thickness on an image.
type ink struct {
	color color.Color
	bold  bool
	gap   float64 // pixels added after each character
}

// letter draws s on the image with its baseline along the x axis of m and size pixels to the em.
func letter(dst draw.Image, m affine, size float64, s string, with ink) {
	var buf sfnt.Buffer
	src := image.NewUniform(with.color)
	x := 0.0
	for _, r := range s {
		g, err := face().GlyphIndex(&buf, r)
		if err != nil {
			panic(fmt.Sprintf("corpus: find %q: %v", r, err))
		}
		segments, err := face().LoadGlyph(&buf, g, fixed.Int26_6(math.Round(size*64)), nil)
		if err != nil {
			panic(fmt.Sprintf("corpus: load %q: %v", r, err))
		}
		stroke(dst, segments, m, x, src)
		if with.bold {
			stroke(dst, segments, m, x+size/28, src)
		}
		x += advance(r)*size + with.gap
	}
}

func stroke(dst draw.Image, segments sfnt.Segments, m affine, x float64, src image.Image) {
	if len(segments) == 0 {
		return
	}
	lowX, lowY, highX, highY := bounds(segments, m, x)
	box := image.Rect(int(math.Floor(lowX)), int(math.Floor(lowY)), int(math.Ceil(highX))+1, int(math.Ceil(highY))+1)
	if box.Intersect(dst.Bounds()).Empty() {
		return
	}
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	p := func(q fixed.Point26_6) (float32, float32) {
		px, py := m.apply(float64(q.X)/64+x, float64(q.Y)/64)
		return px - float32(box.Min.X), py - float32(box.Min.Y)
	}
	for _, s := range segments {
		ax, ay := p(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			z.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			bx, by := p(s.Args[1])
			z.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			bx, by := p(s.Args[1])
			cx, cy := p(s.Args[2])
			z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	z.ClosePath()
	if box.In(dst.Bounds()) {
		z.Draw(dst, box, src, image.Point{})
		return
	}
	clip := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	z.Draw(clip, clip.Rect, image.Opaque, image.Point{})
	draw.DrawMask(dst, box, src, image.Point{}, clip, image.Point{}, draw.Over)
}

func bounds(segments sfnt.Segments, m affine, x float64) (lowX, lowY, highX, highY float64) {
	lowX, lowY, highX, highY = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range segments {
		for _, q := range s.Args[:arguments(s.Op)] {
			px, py := m.apply(float64(q.X)/64+x, float64(q.Y)/64)
			lowX, highX = min(lowX, float64(px)), max(highX, float64(px))
			lowY, highY = min(lowY, float64(py)), max(highY, float64(py))
		}
	}
	return lowX, lowY, highX, highY
}

func arguments(op sfnt.SegmentOp) int {
	switch op {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	default:
		return 1
	}
}

// drawable reports whether the font has the character.
func drawable(r rune) bool {
	var buf sfnt.Buffer
	g, err := face().GlyphIndex(&buf, r)
	return err == nil && g != 0
}
