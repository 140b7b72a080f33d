package corpus

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	ttf "mijuan/internal/font"
)

// pdf writes pages as a PDF with real text. The date goes into the file's metadata.
func pdf(title string, date time.Time, pages []page) []byte {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetCatalogSort(true)
	p.SetCreationDate(date.UTC())
	p.SetModificationDate(date.UTC())
	p.SetProducer("", false)
	p.SetTitle(title, true)
	p.SetAutoPageBreak(false, 0)
	p.AddUTF8FontFromBytes("song", "", ttf.NotoSansSC)
	for _, marks := range pages {
		p.AddPage()
		for _, m := range marks {
			print(p, m)
		}
	}
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		panic(fmt.Sprintf("corpus: write %s: %v", title, err))
	}
	return b.Bytes()
}

func print(p *fpdf.Fpdf, m mark) {
	switch m.kind {
	case textMark:
		printText(p, m)
	case lineMark:
		p.SetDrawColor(int(m.color.R), int(m.color.G), int(m.color.B))
		p.SetLineWidth(0.18)
		p.Line(m.x, m.y, m.x+m.w, m.y+m.h)
	case pictureMark:
		printPicture(p, m)
	}
}

func printText(p *fpdf.Fpdf, m mark) {
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

func printPicture(p *fpdf.Fpdf, m mark) {
	options := fpdf.ImageOptions{ImageType: "PNG"}
	if p.GetImageInfo(m.name) == nil {
		var b bytes.Buffer
		var err error
		if strings.HasPrefix(m.name, "photo:") {
			options.ImageType = "JPG"
			err = jpeg.Encode(&b, m.picture, &jpeg.Options{Quality: 72})
		} else {
			err = png.Encode(&b, m.picture)
		}
		if err != nil {
			panic(fmt.Sprintf("corpus: encode %s: %v", m.name, err))
		}
		p.RegisterImageOptionsReader(m.name, options, &b)
	}
	p.ImageOptions(m.name, m.x, m.y, m.w, m.h, false, options, 0, "")
}
