package letter

import (
	"fmt"
	"strings"
	"time"
)

func (s *sheet) heading(title, subtitle string) {
	for _, line := range s.lines(title, titleSize, measureWidth) {
		s.bold((pageWidth-s.width(line, titleSize))/2, s.y, line, titleSize)
		s.y += lineHeight(titleSize)
	}
	if subtitle != "" {
		for _, line := range s.lines(subtitle, smallSize, measureWidth) {
			s.write((pageWidth-s.width(line, smallSize))/2, s.y, line, smallSize, 0)
			s.y += lineHeight(smallSize)
		}
	}
	s.y += 4
}

// particulars sets the table at the head, two to a row where both are short.
func (s *sheet) particulars(all []Particular) {
	const label = 26.0
	half := measureWidth / 2
	fits := func(p Particular) bool {
		return len(s.lines(p.Value, textSize, half-label-4)) == 1 && len(s.lines(p.Label, textSize, label-4)) == 1
	}
	for len(all) > 0 {
		if len(all) > 1 && fits(all[0]) && fits(all[1]) {
			s.row([]string{all[0].Label, all[0].Value, all[1].Label, all[1].Value}, []float64{label, half - label, label, half - label}, 0, 2)
			all = all[2:]
			continue
		}
		s.row([]string{all[0].Label, all[0].Value}, []float64{label, measureWidth - label}, 0)
		all = all[1:]
	}
	s.y += 4
}

// row sets one row of cells, on one page if it fits there at all, and shades the columns named.
func (s *sheet) row(cells []string, widths []float64, shaded ...int) {
	const pad = 2.0
	columns, most := make([][]string, len(cells)), 1
	for i, cell := range cells {
		columns[i] = s.lines(cell, textSize, widths[i]-2*pad)
		most = max(most, len(columns[i]))
	}
	height := lineHeight(textSize)
	perPage := int((pageHeight - top - bottom - 2) / height)
	for from := 0; from < most; from += perPage {
		n := min(most-from, perPage)
		s.room(float64(n)*height + 2)
		x := side
		for i, column := range columns {
			s.cell(x, widths[i], float64(n)*height+2, contains(shaded, i))
			for k, line := range column[min(from, len(column)):min(from+n, len(column))] {
				s.write(x+pad, s.y+1+float64(k)*height, line, textSize, 0)
			}
			x += widths[i]
		}
		s.y += float64(n)*height + 2
	}
}

func (s *sheet) cell(x, width, height float64, shaded bool) {
	style := "D"
	if shaded {
		s.pdf.SetFillColor(242, 242, 242)
		style = "DF"
	}
	s.pdf.Rect(x, s.y, width, height, style)
}

func contains(all []int, n int) bool {
	for _, have := range all {
		if have == n {
			return true
		}
	}
	return false
}

func (s *sheet) body(blocks []Block) {
	for _, b := range blocks {
		switch b.kind {
		case heading:
			s.section(b.text)
		case plain:
			for part := range strings.SplitSeq(b.text, "\n") {
				s.paragraph("", part)
			}
		case item:
			s.items++
			s.paragraph(fmt.Sprintf("%d.", s.items), b.text)
		case grid:
			s.grid(b)
		}
	}
	s.y += 3
}

func (s *sheet) section(text string) {
	s.room(lineHeight(headSize) + 3*lineHeight(textSize))
	s.y += 2
	for _, line := range s.lines(text, headSize, measureWidth) {
		s.room(lineHeight(headSize))
		s.bold(side, s.y, line, headSize)
		s.y += lineHeight(headSize)
	}
}

// paragraph sets a text with its number hanging before it, or, without one, with its first line two characters in. Neither its
// first line nor its last stands alone on a page where the text is long enough.
func (s *sheet) paragraph(number, text string) {
	indent, lead := 8.0, ""
	if number == "" {
		indent, lead = 0, "\u3000\u3000"
	}
	width := measureWidth - indent
	lines := s.lines(lead+text, textSize, width)
	height := lineHeight(textSize)
	for i, line := range lines {
		alone := 1
		if left := len(lines) - i; left == 2 && len(lines) > 3 || i == 0 && left > 1 {
			alone = 2
		}
		s.room(float64(alone) * height)
		if i == 0 {
			s.write(side, s.y, number, textSize, 0)
		}
		spread := 0.0
		if i < len(lines)-1 {
			spread = s.justified(line, textSize, width)
		}
		s.write(side+indent, s.y, line, textSize, spread)
		s.y += height
	}
	s.y += 1
}

func (s *sheet) grid(b Block) {
	total := 0.0
	for _, w := range b.weights {
		total += w
	}
	widths, head := make([]float64, len(b.weights)), make([]int, len(b.head))
	for i, w := range b.weights {
		widths[i], head[i] = measureWidth*w/total, i
	}
	s.y += 1
	s.room(3 * (lineHeight(textSize) + 2))
	s.row(b.head, widths, head...)
	for _, row := range b.rows {
		if s.room(s.tall(row, widths)) {
			s.row(b.head, widths, head...)
		}
		s.row(row, widths)
	}
	s.y += 3
}

// tall is how high a row will be, or the height of one line for a row that is longer than a page.
func (s *sheet) tall(cells []string, widths []float64) float64 {
	most := 1
	for i, cell := range cells {
		most = max(most, len(s.lines(cell, textSize, widths[i]-4)))
	}
	if height := float64(most)*lineHeight(textSize) + 2; height < (pageHeight-top-bottom)/2 {
		return height
	}
	return lineHeight(textSize) + 2
}

// signature sets the block of one person, all on one page.
func (s *sheet) signature(who Signature, drawn *ink) error {
	const label, inkHeight = 26.0, 16.0
	shown := who.Time.Format("2006年1月2日 15:04:05 (UTC-07:00)")
	if who.Time.IsZero() {
		shown = "年　　月　　日"
	}
	digits := s.lines(grouped(who.Fingerprint), smallSize, measureWidth-label)
	step := lineHeight(textSize)
	height := 4 + inkHeight + 2*step + float64(len(digits))*lineHeight(smallSize)
	s.room(height)
	s.y += 2
	s.pdf.Line(side, s.y, pageWidth-side, s.y)
	s.y += 1
	if drawn != nil {
		if err := s.picture(drawn, side+label+50, s.y+1, measureWidth-label-50, inkHeight-2); err != nil {
			return err
		}
	}
	middle := s.y + (inkHeight-step)/2
	s.write(side, middle, s.lines(who.Role, textSize, label)[0], textSize, 0)
	s.write(side+label, middle, s.lines(who.Name, textSize, 48)[0], textSize, 0)
	s.y += inkHeight
	s.write(side, s.y, "签署时间", textSize, 0)
	s.write(side+label, s.y, shown, textSize, 0)
	s.y += step
	if who.Fingerprint != "" {
		s.write(side, s.y, "证书指纹", smallSize, 0)
		for _, line := range digits {
			s.write(side+label, s.y, line, smallSize, 0)
			s.y += lineHeight(smallSize)
		}
	}
	s.y += 2
	return nil
}

// grouped parts a fingerprint so that it can be compared by eye.
func grouped(fingerprint string) string {
	var b strings.Builder
	for i, r := range fingerprint {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// day is a time as metadata write it.
func day(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
