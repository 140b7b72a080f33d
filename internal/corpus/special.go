package corpus

import (
	"image"
	"strconv"
	"strings"
)

// special sets a seal over the lines just written, a signed line, or a picture.
func (c *composer) special(kind, rest string) {
	switch kind {
	case "@seal":
		const d = 41.0
		c.put(mark{kind: pictureMark, x: pageWidth - marginRight - d - 14, y: max(marginTop, c.y-d*0.72), w: d, h: d, picture: func() image.Image { return sealImage(rest) }, name: "seal:" + rest})
	case "@sign":
		c.signed(rest)
	case "@picture":
		name, height, _ := strings.Cut(rest, "|")
		h, err := strconv.ParseFloat(height, 64)
		if err != nil {
			panic("corpus: height of picture " + rest)
		}
		c.place(name, h)
	}
}

func (c *composer) signed(rest string) {
	label, name, _ := strings.Cut(rest, "|")
	c.need(c.lead * 1.5)
	c.y += c.lead * 1.3
	room := width(name)*c.em()*1.25 + 8
	x := pageWidth - marginRight - room
	c.put(mark{kind: textMark, x: x - width(label)*c.em(), y: c.y - c.lead*0.28, size: c.size, text: label, color: black})
	w := min(room+4, 34)
	h := w * signatureHeight / float64(signatureWidth(name))
	c.put(mark{kind: pictureMark, x: x, y: c.y - h + 1.5, w: w, h: h, picture: func() image.Image { return signature(name) }, name: "sign:" + name})
}

func (c *composer) place(name string, h float64) {
	w := h * photoWidth / photoHeight
	c.need(h + 4)
	c.put(mark{kind: pictureMark, x: (pageWidth - w) / 2, y: c.y + 2, w: w, h: h, picture: func() image.Image { return c.photo(name) }, name: "photo:" + name})
	c.y += h + 4
}
