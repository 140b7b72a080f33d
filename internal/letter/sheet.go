package letter

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"mijuan/internal/font"
)

// Measures of the page, in millimetres, and of type, in points.
const (
	pageWidth, pageHeight = 210.0, 297.0
	side, top, bottom     = 25.0, 24.0, 26.0
	measureWidth          = pageWidth - 2*side
	pointMM               = 25.4 / 72
	titleSize, headSize   = 18.0, 12.0
	textSize, smallSize   = 10.5, 8.5
	leading               = 1.75 // of the type size
	loosest               = 0.25 // of the type size: the most that a line is spread between two characters
)

// sheet is a document while it is set. y is where the next line begins.
type sheet struct {
	pdf    *fpdf.Fpdf
	widths map[rune]int
	y      float64
	items  int
	starts []int        // first pages of the copies of a letter
	inks   map[int]bool // widths of pictures: fpdf orders those of one width by chance, so each gets its own
}

func newSheet(l Letter) (*sheet, error) {
	widths, err := typeface()
	if err != nil {
		return nil, err
	}
	s := &sheet{pdf: fpdf.New("P", "mm", "A4", ""), widths: widths, inks: map[int]bool{}}
	s.pdf.SetCatalogSort(true)
	s.pdf.SetAutoPageBreak(false, 0)
	s.describe(l)
	s.pdf.AddUTF8FontFromBytes("song", "", font.NotoSansSC)
	s.page()
	return s, nil
}

func (s *sheet) page() {
	s.pdf.AddPage()
	s.pdf.SetTextColor(0, 0, 0)
	s.pdf.SetDrawColor(90, 90, 90)
	s.pdf.SetLineWidth(0.2)
	s.y = top
}

// room begins a new page where less than height is left on this one, and tells whether it did.
func (s *sheet) room(height float64) bool {
	if s.y+height <= pageHeight-bottom {
		return false
	}
	s.page()
	return true
}

func lineHeight(size float64) float64 { return size * pointMM * leading }

// lines breaks a text, with its line breaks, for a column of the width in millimetres.
func (s *sheet) lines(text string, size, width float64) []string {
	var out []string
	for part := range strings.SplitSeq(legible(text, s.widths), "\n") {
		out = append(out, wrap(part, int(width/(size*pointMM)*em), s.widths)...)
	}
	return out
}

// width of a text in millimetres.
func (s *sheet) width(text string, size float64) float64 {
	return float64(measure(text, s.widths)) / em * size * pointMM
}

// write puts one line, already legible, with its base below y. spread is added after each character, in millimetres.
func (s *sheet) write(x, y float64, text string, size, spread float64) {
	if text == "" {
		return
	}
	s.pdf.SetFont("song", "", size)
	if spread > 0 {
		s.pdf.RawWriteStr(fmt.Sprintf("%.3f Tc", spread/pointMM))
		defer s.pdf.RawWriteStr("0 Tc")
	}
	s.pdf.Text(x, y+(lineHeight(size)+size*pointMM*0.72)/2, text)
}

// bold writes with a stroked outline: there is one weight of type.
func (s *sheet) bold(x, y float64, text string, size float64) {
	s.pdf.SetDrawColor(0, 0, 0)
	s.pdf.SetLineWidth(size * pointMM / 40)
	s.pdf.SetTextRenderingMode(2)
	s.write(x, y, text, size, 0)
	s.pdf.SetTextRenderingMode(0)
	s.pdf.SetDrawColor(90, 90, 90)
	s.pdf.SetLineWidth(0.2)
}

// justified is how far the characters of a line are put apart to fill the width: not at all where the line is far from it.
func (s *sheet) justified(line string, size, width float64) float64 {
	n := len([]rune(line))
	if n < 2 {
		return 0
	}
	gap := (width - s.width(line, size)) / float64(n-1)
	if gap < 0 || gap > loosest*size*pointMM {
		return 0
	}
	return gap
}

// feet numbers the pages of each copy, now that their number is known.
func (s *sheet) feet(reference string) {
	left := s.lines(reference, smallSize, measureWidth*0.7)[0]
	for i, first := range s.starts {
		last := s.pdf.PageCount()
		if i+1 < len(s.starts) {
			last = s.starts[i+1] - 1
		}
		for n := first; n <= last; n++ {
			s.pdf.SetPage(n)
			s.pdf.SetFontSize(smallSize + 1) // a size that is set already would not be written on this page
			s.pdf.SetTextColor(90, 90, 90)
			s.write(side, pageHeight-18, left, smallSize, 0)
			number := fmt.Sprintf("第 %d 页，共 %d 页", n-first+1, last-first+1)
			s.write(pageWidth-side-s.width(number, smallSize), pageHeight-18, number, smallSize, 0)
		}
	}
}

// picture places a drawn signature within a box, on the left of it.
func (s *sheet) picture(i *ink, x, y, width, height float64) error {
	b := i.Bounds()
	own := b.Dx()
	for s.inks[own] {
		own++
	}
	s.inks[own] = true
	canvas := image.NewRGBA(image.Rect(0, 0, own, b.Dy()))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(canvas, canvas.Bounds(), i, b.Min, draw.Src)
	var raw bytes.Buffer
	if err := png.Encode(&raw, canvas); err != nil {
		return fmt.Errorf("write a drawn signature: %w", err)
	}
	scale := min(width/float64(own), height/float64(b.Dy()))
	name := fmt.Sprintf("ink %d", own)
	options := fpdf.ImageOptions{ImageType: "PNG"}
	s.pdf.RegisterImageOptionsReader(name, options, &raw)
	s.pdf.ImageOptions(name, x, y, float64(own)*scale, float64(b.Dy())*scale, false, options, 0, "")
	return nil
}
