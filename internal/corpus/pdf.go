package corpus

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	ttf "mijuan/internal/font"
)

// press is a PDF being printed. fpdf writes images of one width in the order of a map, so each gets a width of its own: otherwise
// the same document would not always be the same bytes.
type press struct {
	*fpdf.Fpdf
	widths map[int]bool
}

func newPress(title string, date time.Time) *press {
	p := &press{fpdf.New("P", "mm", "A4", ""), map[int]bool{}}
	p.SetCatalogSort(true)
	p.SetCreationDate(date.UTC())
	p.SetModificationDate(date.UTC())
	p.SetProducer("", false)
	p.SetTitle(title, true)
	p.SetAutoPageBreak(false, 0)
	return p
}

func (p *press) bytes(title string) []byte {
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		panic(fmt.Sprintf("corpus: write %s: %v", title, err))
	}
	return b.Bytes()
}

// pdf writes pages as a PDF with real text. The date goes into the file's metadata.
func pdf(title string, date time.Time, pages []page) []byte {
	p := newPress(title, date)
	p.AddUTF8FontFromBytes("song", "", ttf.NotoSansSC)
	for _, marks := range pages {
		p.AddPage()
		for _, m := range marks {
			p.print(m)
		}
	}
	return p.bytes(title)
}

// scanPDF is a PDF whose pages are scans: it holds no text.
func scanPDF(title string, date time.Time, pages []page, c chance) []byte {
	p := newPress(title, date)
	for i, marks := range pages {
		p.AddPage()
		p.picture(mark{name: fmt.Sprintf("photo:%d", i), picture: func() image.Image { return scanned(paint(marks, 100), c) }, w: pageWidth, h: pageHeight}, 55)
	}
	return p.bytes(title)
}

func (p *press) print(m mark) {
	switch m.kind {
	case textMark:
		p.text(m)
	case lineMark:
		p.SetDrawColor(int(m.color.R), int(m.color.G), int(m.color.B))
		p.SetLineWidth(0.18)
		p.Line(m.x, m.y, m.x+m.w, m.y+m.h)
	case pictureMark:
		p.picture(m, 72)
	}
}

func (p *press) text(m mark) {
	r, g, b := int(m.color.R), int(m.color.G), int(m.color.B)
	p.SetFont("song", "", m.size)
	p.SetTextColor(r, g, b)
	if m.bold {
		p.SetDrawColor(r, g, b)
		p.SetLineWidth(m.size * pointMM / 38)
		p.SetTextRenderingMode(2)
		defer p.SetTextRenderingMode(0)
	}
	if m.gap > 0 {
		p.RawWriteStr(fmt.Sprintf("%.3f Tc", m.gap/pointMM))
		defer p.RawWriteStr("0 Tc")
	}
	p.Text(m.x, m.y, m.text)
}

// picture places an image; one whose name begins with "photo:" is stored as a JPEG of the quality.
func (p *press) picture(m mark, quality int) {
	options := fpdf.ImageOptions{ImageType: "PNG"}
	if p.GetImageInfo(m.name) == nil {
		raw := p.ownWidth(m.picture())
		if strings.HasPrefix(m.name, "photo:") {
			options.ImageType = "JPG"
			p.RegisterImageOptionsReader(m.name, options, bytes.NewReader(jpegOf(raw, quality)))
		} else {
			p.RegisterImageOptionsReader(m.name, options, bytes.NewReader(pngOf(raw)))
		}
	}
	p.ImageOptions(m.name, m.x, m.y, m.w, m.h, false, options, 0, "")
}

// ownWidth cuts off as few columns on the right as make the width unique in the document.
func (p *press) ownWidth(img image.Image) image.Image {
	b := img.Bounds()
	for p.widths[b.Dx()] {
		b.Max.X--
	}
	p.widths[b.Dx()] = true
	return img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(b)
}
