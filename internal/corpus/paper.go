package corpus

import (
	"image"
	"image/color"
)

// mark is one thing drawn on a page. Lengths are millimetres from the page's top left corner, sizes of type are points.
type mark struct {
	kind       markKind
	x, y, w, h float64 // text: x and baseline; line: from (x, y) by (w, h)
	size       float64
	text       string
	gap        float64 // added after each character so that a line is filled
	bold       bool
	color      color.RGBA
	picture    func() image.Image
	name       string // of the picture, unique in its document
}

type markKind uint8

const (
	textMark markKind = iota + 1
	lineMark
	pictureMark
)

// page is one page of a document, portrait A4.
type page []mark

const (
	pageWidth  = 210.0
	pageHeight = 297.0
	pointMM    = 25.4 / 72
)

var (
	black  = color.RGBA{20, 20, 20, 255}
	grey   = color.RGBA{120, 120, 120, 255}
	red    = color.RGBA{190, 20, 25, 255}
	inkHue = color.RGBA{25, 45, 120, 255}
)

// look is how a document is set.
type look struct {
	size   float64 // of the text, points
	lead   float64 // from line to line, millimetres
	header string  // small, above every page
	footer string  // "plain": - 3 -; "total": 第 3 页 共 9 页; empty: none
}

var (
	pleading = look{size: 14, lead: 9.2, footer: "plain"}
	contract = look{size: 12, lead: 7.8, footer: "total"}
	report   = look{size: 11.5, lead: 7.4, footer: "total"}
	record   = look{size: 12, lead: 8.2, footer: "total"}
)

const (
	marginLeft   = 28.0
	marginRight  = 26.0
	marginTop    = 30.0
	marginBottom = 27.0
	textWidth    = pageWidth - marginLeft - marginRight
)
