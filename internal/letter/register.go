package letter

import (
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"mijuan/internal/font"
	"mijuan/internal/problem"
)

// MaxRegisterRows is how long a register on paper may be.
const MaxRegisterRows = 20_000

// Register is a table on A4 sheets turned sideways. Its head stands on the first page, the columns' and the mark on every page.
// All words come from the caller, in the caller's language.
type Register struct {
	Firm, Title string
	Mark        string   // of what it holds; on the left of every page's head
	Lines       []string // below the title: span, who, when, number
	Foot        string   // on the left of every page's foot
	PageOf      string   // how a page is numbered, with two %d: which, and of how many
	Head        []string
	Weights     []float64 // how wide the columns are to each other
	Made        time.Time
}

// Measures of the register's page, in millimetres, and of its type, in points.
const (
	wide, tall             = 297.0, 210.0
	edge, upper, lower     = 12.0, 16.0, 14.0
	acrossWidth            = wide - 2*edge
	cellSize, cellPad      = 8.0, 1.2
	registerTitle, markPts = 15.0, 9.0
	mostCellLines          = 12
)

// Setting is a register while its rows come in.
type Setting struct {
	sheet
	r     Register
	slots []float64 // widths of the columns, in millimetres
	rows  int
}

// Begin sets the register's head.
func (r Register) Begin() (*Setting, error) {
	if len(r.Head) == 0 || len(r.Weights) != len(r.Head) || r.Made.IsZero() {
		return nil, problem.New(problem.Invalid, "文书要有标题（不超过 %d 个字）和日期", maxTitle)
	}
	faces, err := typeface()
	if err != nil {
		return nil, err
	}
	s := &Setting{r: r, sheet: sheet{pdf: fpdf.New("L", "mm", "A4", ""), widths: faces}}
	s.pdf.SetCatalogSort(true)
	s.pdf.SetAutoPageBreak(false, 0)
	s.describe(Letter{Title: r.Title, Author: r.Firm, Made: r.Made})
	s.pdf.AddUTF8FontFromBytes("song", "", font.NotoSansSC)
	total := 0.0
	for _, w := range r.Weights {
		total += w
	}
	for _, w := range r.Weights {
		s.slots = append(s.slots, acrossWidth*w/total)
	}
	s.turn()
	s.title()
	s.cells(r.Head, true)
	return s, nil
}

// turn begins a page with the mark at its head.
func (s *Setting) turn() {
	s.page()
	s.y = upper
	if s.r.Mark != "" {
		s.bold(edge, 6, s.lines(s.r.Mark, markPts, acrossWidth)[0], markPts)
	}
}

func (s *Setting) title() {
	middle := func(text string, size float64, strong bool) {
		for _, line := range s.lines(text, size, acrossWidth) {
			x := (wide - s.width(line, size)) / 2
			if strong {
				s.bold(x, s.y, line, size)
			} else {
				s.write(x, s.y, line, size, 0)
			}
			s.y += lineHeight(size)
		}
	}
	if s.r.Firm != "" {
		middle(s.r.Firm, textSize, false)
	}
	middle(s.r.Title, registerTitle, true)
	for _, line := range s.lines(strings.Join(s.r.Lines, "　　"), smallSize, acrossWidth) {
		s.write(edge, s.y, line, smallSize, 0)
		s.y += lineHeight(smallSize)
	}
	s.y += 1
}

// Row sets one row; a cell for each column.
func (s *Setting) Row(cells []string) error {
	if s.rows++; s.rows > MaxRegisterRows {
		return problem.New(problem.TooLarge, "PDF 登记簿最多 %d 行，请缩小范围，或导出 Excel", MaxRegisterRows)
	}
	s.cells(cells, false)
	return nil
}

// cells sets a row of the table, on a new page with the columns' names again where it does not fit. A cell that goes on over
// many lines ends in an ellipsis: a register is to be looked over.
func (s *Setting) cells(cells []string, head bool) {
	lines, most := make([][]string, len(s.slots)), 1
	for i := range lines {
		if i < len(cells) {
			lines[i] = s.lines(cells[i], cellSize, s.slots[i]-2*cellPad)
		}
		if len(lines[i]) > mostCellLines {
			lines[i] = append(lines[i][:mostCellLines-1:mostCellLines-1], "……")
		}
		most = max(most, len(lines[i]))
	}
	step := cellSize * pointMM * 1.45
	height := float64(most)*step + 1.4
	if !head && s.y+height > tall-lower {
		s.turn()
		s.cells(s.r.Head, true)
	}
	x := edge
	for i, w := range s.slots {
		s.cell(x, w, height, head)
		for k, line := range lines[i] {
			s.at(x+cellPad, s.y+0.7+float64(k)*step, line, head)
		}
		x += w
	}
	s.y += height
}

// at writes a line of a cell, whose lines stand closer than a letter's.
func (s *Setting) at(x, y float64, line string, head bool) {
	y -= (lineHeight(cellSize) - cellSize*pointMM*1.45) / 2
	if head {
		s.bold(x, y, line, cellSize)
		return
	}
	s.write(x, y, line, cellSize, 0)
}

// End numbers the pages and writes the document.
func (s *Setting) End(w io.Writer) error {
	pages := s.pdf.PageCount()
	for n := 1; n <= pages; n++ {
		s.pdf.SetPage(n)
		s.pdf.SetFontSize(smallSize + 1) // a size that is set already would not be written on this page
		s.pdf.SetTextColor(90, 90, 90)
		s.write(edge, tall-10, s.lines(s.r.Foot, smallSize, acrossWidth*0.8)[0], smallSize, 0)
		number := fmt.Sprintf(s.r.PageOf, n, pages)
		s.write(wide-edge-s.width(number, smallSize), tall-10, number, smallSize, 0)
	}
	raw, err := s.bytes(Letter{Reference: s.r.Title})
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	return err
}
