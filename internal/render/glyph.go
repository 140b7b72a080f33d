package render

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"mijuan/internal/font"
)

// em is the number of units in which advances are counted.
const em = 1000

const (
	a4Width  = 595.0
	a4Height = 842.0
)

// outline is a character's shape in em units, y downwards from the baseline.
type outline struct {
	advance  float32 // em units
	segments []segment
}

type segment struct {
	op sfnt.SegmentOp
	at [3][2]float32
}

// typeface reads shapes from the one font and keeps them. What the font lacks becomes a box with the character's hexadecimal
// number in it, so that nothing is dropped. It is not for concurrent use.
type typeface struct {
	font     *sfnt.Font
	buf      sfnt.Buffer
	outlines map[rune]*outline
	masks    map[maskKey]*image.Alpha
	shape    vector.Rasterizer
}

type maskKey struct {
	r    rune
	size uint16 // 1/4 pixel
	sub  uint8  // 1/4 pixel to the right
}

const (
	keptOutlines = 8192
	keptMasks    = 8192
)

func newTypeface() (*typeface, error) {
	f, err := sfnt.Parse(font.NotoSansSC)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	return &typeface{font: f, outlines: map[rune]*outline{}, masks: map[maskKey]*image.Alpha{}}, nil
}

func (t *typeface) outline(r rune) *outline {
	o, ok := t.outlines[r]
	if !ok {
		if len(t.outlines) >= keptOutlines {
			clear(t.outlines)
		}
		if o = t.load(r); o == nil {
			o = t.substitute(r)
		}
		t.outlines[r] = o
	}
	return o
}

// load reads a character's shape, or gives nil where the font has none.
func (t *typeface) load(r rune) *outline {
	g, err := t.font.GlyphIndex(&t.buf, r)
	if err != nil || g == 0 {
		return nil
	}
	advance, err := t.font.GlyphAdvance(&t.buf, g, fixed.I(em), xfont.HintingNone)
	if err != nil {
		return nil
	}
	segments, err := t.font.LoadGlyph(&t.buf, g, fixed.I(em), nil)
	if err != nil {
		return nil
	}
	o := &outline{advance: float32(advance) / 64}
	for _, s := range segments {
		n := segment{op: s.Op}
		for i, a := range s.Args {
			n.at[i] = [2]float32{float32(a.X) / 64, float32(a.Y) / 64}
		}
		o.segments = append(o.segments, n)
	}
	if len(o.segments) == 0 && !strings.ContainsRune(blanks, r) {
		return nil // a shape without lines shows nothing
	}
	return o
}

// blanks are the characters that rightly show nothing.
const blanks = " \u00a0\u2002\u2003\u2009\u200a\u202f\u3000"

// substitute draws a box with the character's number, four or six digits in two lines.
func (t *typeface) substitute(r rune) *outline {
	o := &outline{advance: em}
	frame := func(x0, y0, x1, y1 float32) {
		for i, p := range [][2]float32{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}} {
			op := sfnt.SegmentOpLineTo
			if i == 0 {
				op = sfnt.SegmentOpMoveTo
			}
			o.segments = append(o.segments, segment{op: op, at: [3][2]float32{p}})
		}
	}
	frame(60, -860, 940, 100)
	frame(110, 50, 890, -810) // the other way round: a hole
	hex := strings.ToUpper(strconv.FormatInt(int64(r), 16))
	hex = strings.Repeat("0", max(4-len(hex), len(hex)%2)) + hex
	columns, scale := len(hex)/2, float32(0.44)
	if columns > 2 {
		scale = 0.36
	}
	for i, digit := range hex {
		x := em/2 + (float32(i%columns)-float32(columns)/2)*em*scale*0.62
		y := -420 + float32(i/columns)*400
		for _, s := range t.outline(digit).segments {
			for k := range s.at {
				s.at[k] = [2]float32{x + s.at[k][0]*scale, y + s.at[k][1]*scale}
			}
			o.segments = append(o.segments, s)
		}
	}
	return o
}

// width is a text's length in em units.
func (t *typeface) width(s string) (w float32) {
	for _, r := range s {
		w += t.outline(r).advance
	}
	return w
}

// mask gives the coverage of a character of the size in pixels whose pen stands at x=0 plus quarters of a pixel; its bounds are
// relative to the whole pixel and the baseline.
func (t *typeface) mask(r rune, size float32, quarters uint8) *image.Alpha {
	key := maskKey{r, uint16(size*4 + 0.5), quarters}
	m, ok := t.masks[key]
	if !ok {
		if len(t.masks) >= keptMasks {
			clear(t.masks)
		}
		m = t.turnedMask(r, size, 1, 0, float32(quarters)/4, 0)
		t.masks[key] = m
	}
	return m
}

// turnedMask rasterises a character turned by an angle (cosine, sine; counter-clockwise) with its pen at (x, y).
func (t *typeface) turnedMask(r rune, size, cos, sin, x, y float32) *image.Alpha {
	segments := t.outline(r).segments
	k := size / em
	place := func(p [2]float32) (float32, float32) {
		return x + k*(p[0]*cos+p[1]*sin), y + k*(p[1]*cos-p[0]*sin)
	}
	box := [4]float32{math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32, -math.MaxFloat32}
	for _, s := range segments {
		for i := range points(s.op) {
			px, py := place(s.at[i])
			box = [4]float32{min(box[0], px), min(box[1], py), max(box[2], px), max(box[3], py)}
		}
	}
	if len(segments) == 0 {
		return &image.Alpha{}
	}
	bounds := image.Rect(int(math.Floor(float64(box[0]))), int(math.Floor(float64(box[1]))), int(math.Ceil(float64(box[2])))+1, int(math.Ceil(float64(box[3])))+1)
	x, y = x-float32(bounds.Min.X), y-float32(bounds.Min.Y)
	t.shape.Reset(bounds.Dx(), bounds.Dy())
	t.shape.DrawOp = draw.Src
	t.trace(segments, place)
	m := image.NewAlpha(bounds)
	t.shape.Draw(m, bounds, image.Opaque, image.Point{})
	return m
}

func points(op sfnt.SegmentOp) int {
	switch op {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	}
	return 1
}

func (t *typeface) trace(segments []segment, place func([2]float32) (float32, float32)) {
	for _, s := range segments {
		ax, ay := place(s.at[0])
		switch s.op {
		case sfnt.SegmentOpMoveTo:
			t.shape.ClosePath()
			t.shape.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			t.shape.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			bx, by := place(s.at[1])
			t.shape.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			bx, by := place(s.at[1])
			cx, cy := place(s.at[2])
			t.shape.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	t.shape.ClosePath()
}

// write draws a line of text in ink (a luma) on a raster, its pen at x on the baseline y. It gives where the pen ends.
func (t *typeface) write(r *raster, s string, x, y, size float32, ink byte) float32 {
	for _, c := range s {
		whole := float32(math.Floor(float64(x)))
		t.stamp(r, t.mask(c, size, uint8((x-whole)*4)&3), int(whole), int(y+0.5), ink)
		x += t.outline(c).advance * size / em
	}
	return x
}

// stamp blends ink through a mask.
func (t *typeface) stamp(r *raster, m *image.Alpha, x, y int, ink byte) {
	area := m.Rect.Add(image.Pt(x, y)).Intersect(image.Rect(0, 0, r.w, r.h))
	for py := area.Min.Y; py < area.Max.Y; py++ {
		from := m.PixOffset(area.Min.X-x, py-y)
		row := m.Pix[from : from+area.Dx()]
		out := r.y[py*r.w+area.Min.X : py*r.w+area.Max.X]
		for i, a := range row {
			if a != 0 {
				out[i] = byte((int(out[i])*(255-int(a)) + int(ink)*int(a) + 127) / 255)
			}
		}
	}
}
