package render

import (
	"image"
	"strings"
)

// Mark is burned into the pixels of every page image: the level at the top right, who, what, when, where and the code along the
// foot, and all but the level woven over the whole page.
type Mark struct {
	Level string   // 「客户资料·绝密级」
	Lines []string // name, number, time, address
	Code  string   // the image's own number, as people read it aloud
}

func (m Mark) fields() []string {
	var all []string
	for _, f := range append(append([]string(nil), m.Lines...), m.Code) {
		if f = strings.Join(strings.Fields(f), " "); f != "" {
			all = append(all, f)
		}
	}
	return all
}

// How level and foot look, in relation to the page's width.
const (
	levelSize    = 0.0185
	levelMinSize = 9
	footSize     = 0.0125
	footMinSize  = 9
	markInk      = 38  // luma of their letters
	plateOpacity = 212 // of 255: how white their ground is
)

// burn marks a page. A mark without any field is refused before it comes here.
func (t *typeface) burn(r *raster, m Mark) {
	fields := m.fields()
	t.newWeave(fields, r.w, r.h).cover(r)
	t.foot(r, fields)
	if level := strings.TrimSpace(m.Level); level != "" {
		t.level(r, level)
	}
}

// level writes the level mark into a framed field at the top right.
func (t *typeface) level(r *raster, s string) {
	w := float32(r.w)
	size := max(w*levelSize, levelMinSize)
	width := t.width(s) * size / em
	if widest := 0.8 * w; width > widest {
		size, width = size*widest/width, widest
	}
	padX, padY, edge := size*0.6, size*0.34, max(int(w*0.0014+0.5), 1)
	right, top := w-max(w*0.028, 4), max(w*0.026, 4)
	box := image.Rect(int(right-width-2*padX), int(top), int(right), int(top+size*1.05+2*padY))
	plate(r, box)
	frame(r, box, edge)
	t.write(r, s, float32(box.Min.X)+padX, top+padY+size*0.9, size, markInk)
}

// foot writes the fields under a thin line along the page's foot: in one line, in two, or where that does not fit the last only.
func (t *typeface) foot(r *raster, fields []string) {
	w := float32(r.w)
	size := max(w*footSize, footMinSize)
	margin := max(w*0.028, 3)
	lines := t.breakFoot(fields, (w-2*margin)/size*em)
	leading := size * 1.4
	height := leading*float32(len(lines)) + size*0.5
	bottom := float32(r.h) - max(w*0.010, 2)
	box := image.Rect(0, int(bottom-height), r.w, r.h)
	plate(r, box)
	rule := image.Rect(int(margin), box.Min.Y, r.w-int(margin), box.Min.Y+max(int(w*0.0009+0.5), 1))
	fill(r, rule, markInk+60)
	for i, line := range lines {
		y := bottom - height + size*0.3 + leading*float32(i) + size
		if last := len(line) - 1; last > 0 && i == len(lines)-1 {
			t.write(r, line[last], w-margin-t.width(line[last])*size/em, y, size, markInk)
			line = line[:last]
		}
		t.write(r, strings.Join(line, footSeparator), margin, y, size, markInk)
	}
}

const footSeparator = "  ·  "

// breakFoot spreads the fields over at most two lines of the width in em units.
func (t *typeface) breakFoot(fields []string, width float32) [][]string {
	lines := [][]string{nil}
	for _, f := range fields {
		last := len(lines) - 1
		if longer := append(lines[last][:len(lines[last]):len(lines[last])], f); t.width(strings.Join(longer, footSeparator)) <= width {
			lines[last] = longer
		} else if lines[last] == nil {
			lines[last] = []string{f}
		} else {
			lines = append(lines, []string{f})
		}
	}
	if len(lines) > 2 {
		return [][]string{fields[len(fields)-1:]}
	}
	return lines
}

// plate lightens a field so that letters on it can be read on any ground.
func plate(r *raster, box image.Rectangle) {
	box = box.Intersect(image.Rect(0, 0, r.w, r.h))
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := r.y[y*r.w+box.Min.X : y*r.w+box.Max.X]
		for i, v := range row {
			row[i] = v + byte((255-int(v))*plateOpacity/255)
		}
	}
	if r.cb == nil {
		return
	}
	half := image.Rect((box.Min.X+1)/2, (box.Min.Y+1)/2, box.Max.X/2, box.Max.Y/2)
	for _, plane := range [][]byte{r.cb, r.cr} {
		for y := half.Min.Y; y < half.Max.Y; y++ {
			row := plane[y*r.halfW()+half.Min.X : y*r.halfW()+half.Max.X]
			for i, v := range row {
				row[i] = byte(128 + (int(v)-128)*(255-plateOpacity)/255)
			}
		}
	}
}

// frame draws the edges of a box inside it.
func frame(r *raster, box image.Rectangle, edge int) {
	fill(r, image.Rect(box.Min.X, box.Min.Y, box.Max.X, box.Min.Y+edge), markInk)
	fill(r, image.Rect(box.Min.X, box.Max.Y-edge, box.Max.X, box.Max.Y), markInk)
	fill(r, image.Rect(box.Min.X, box.Min.Y, box.Min.X+edge, box.Max.Y), markInk)
	fill(r, image.Rect(box.Max.X-edge, box.Min.Y, box.Max.X, box.Max.Y), markInk)
}

func fill(r *raster, box image.Rectangle, ink byte) {
	box = box.Intersect(image.Rect(0, 0, r.w, r.h))
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := r.y[y*r.w+box.Min.X : y*r.w+box.Max.X]
		for i := range row {
			row[i] = ink
		}
	}
}
