package letter

import (
	"fmt"
	"image/color"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"

	"mijuan/internal/font"
	"mijuan/internal/problem"
)

// Label is what is stuck on a thing: its number as text, as a QR code (ISO/IEC 18004) and as Code 128 (ISO/IEC 15417), so that a
// phone, a hand scanner and a person can read it, and a few short lines that tell nothing.
type Label struct {
	Number string
	Bars   string   // what the bars of a label printer's label say: the number, shorter; empty: the number
	Mark   string   // 客户资料·机密级
	Lines  []string // at most three are set
}

// Stock is what labels are printed on (标签规格).
type Stock string

const (
	Sheets Stock = "a4"    // self-adhesive A4 sheets, twenty-four to a sheet
	Roll60 Stock = "60x40" // a label printer's roll: each page is one label of 60 × 40 mm
	Roll50 Stock = "50x30" // likewise, 50 × 30 mm
)

// Stocks lists them in the order in which pages offer them.
var Stocks = []Stock{Sheets, Roll60, Roll50}

var stockNames = map[Stock]string{Sheets: "A4 不干胶", Roll60: "60×40 mm", Roll50: "50×30 mm"}

// Name is the stock in Chinese.
func (s Stock) Name() string { return stockNames[s] }

// Measures of a sheet of labels, in millimetres: three across and eight down, as the usual self-adhesive sheets are cut.
const (
	labelWide, labelTall   = 63.5, 33.9
	labelLeft, labelTop    = 7.2, 13.0
	labelGap               = 2.5 // between columns
	labelsAcross, labelsUp = 3, 8
	codeSide, barTall      = 19.0, 6.5
	labelPad               = 2.0
	maxLabels              = 5000
)

// Labels sets labels on a stock. The same labels are always the same bytes.
func Labels(author string, made time.Time, on Stock, labels []Label) ([]byte, error) {
	if len(labels) == 0 || len(labels) > maxLabels {
		return nil, problem.New(problem.TooLarge, "一次最多打印 %d 张标签", maxLabels)
	}
	place, page := (*sheet).sheets, fpdf.SizeType{Wd: pageWidth, Ht: pageHeight}
	if on != Sheets {
		r, known := rolls[on]
		if !known {
			return nil, problem.New(problem.Invalid, "没有这种标签规格").In("stock")
		}
		place, page = r.set, fpdf.SizeType{Wd: r.wide, Ht: r.tall}
	}
	faces, err := typeface()
	if err != nil {
		return nil, err
	}
	s := &sheet{pdf: fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "mm", Size: page}), widths: faces}
	s.pdf.SetCatalogSort(true)
	s.pdf.SetAutoPageBreak(false, 0)
	head := Letter{Title: "标签", Author: author, Reference: "标签", Made: made}
	s.describe(head)
	s.pdf.AddUTF8FontFromBytes("song", "", font.NotoSansSC)
	for n, l := range labels {
		if err := place(s, n, l); err != nil {
			return nil, err
		}
	}
	return s.bytes(head)
}

// sheets places the nth label on its sheet.
func (s *sheet) sheets(n int, l Label) error {
	place := n % (labelsAcross * labelsUp)
	if place == 0 {
		s.page()
	}
	return s.label(l, labelLeft+float64(place%labelsAcross)*(labelWide+labelGap), labelTop+float64(place/labelsAcross)*labelTall)
}

// codes are the square and the bars of a label.
func codes(number, barred string) (square, bars barcode.Barcode, err error) {
	if square, err = qr.Encode(number, qr.M, qr.Auto); err != nil {
		return nil, nil, fmt.Errorf("make the code of %s: %w", number, err)
	}
	if bars, err = code128.Encode(barred); err != nil {
		return nil, nil, fmt.Errorf("make the bars of %s: %w", number, err)
	}
	return square, bars, nil
}

func (s *sheet) label(l Label, x, y float64) error {
	square, bars, err := codes(l.Number, l.Number)
	if err != nil {
		return err
	}
	s.pdf.SetFillColor(0, 0, 0)
	s.modules(square, x+labelPad, y+labelPad, codeSide, codeSide)
	beside := x + labelPad + codeSide + 2
	room := labelWide - codeSide - 2*labelPad - 2
	at := y + labelPad - 1
	if l.Mark != "" {
		s.bold(beside, at, s.lines(l.Mark, 9, room)[0], 9)
		at += 5
	}
	for _, line := range l.Lines[:min(len(l.Lines), 3)] {
		s.write(beside, at, s.lines(line, 7.5, room)[0], 7.5, 0)
		at += 4.2
	}
	s.modules(bars, x+labelPad, y+labelPad+codeSide+1, labelWide-2*labelPad, barTall)
	s.write(x+(labelWide-s.width(l.Number, 8))/2, y+labelTall-5, l.Number, 8, 0)
	return nil
}

// modules draws the dark ones of a code into a box, run by run along each row; a code of one row is as tall as the box.
func (s *sheet) modules(code barcode.Barcode, x, y, width, height float64) {
	b := code.Bounds()
	w, h := width/float64(b.Dx()), height/float64(b.Dy())
	dark := func(i, j int) bool { return color.GrayModel.Convert(code.At(b.Min.X+i, b.Min.Y+j)) == color.Gray{} }
	for j := range b.Dy() {
		for i := 0; i < b.Dx(); i++ {
			if !dark(i, j) {
				continue
			}
			run := i
			for run < b.Dx() && dark(run, j) {
				run++
			}
			s.pdf.Rect(x+float64(i)*w, y+float64(j)*h, float64(run-i)*w, h, "F")
			i = run
		}
	}
}
