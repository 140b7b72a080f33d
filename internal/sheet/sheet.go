// Package sheet writes registers as files that an office prints and files away: xlsx, PDF and CSV. Rows go in one by one. xlsx
// and CSV leave as they are written and need the memory of a row; a PDF is held until its pages are counted. No file is laid
// down on the way, since registers name clients. A cell is text and stays text: what looks like a formula is none.
package sheet

import (
	"io"
	"strings"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/text"
)

// Format is a kind of file. Its text is the file name's extension.
type Format string

const (
	XLSX Format = "xlsx"
	PDF  Format = "pdf"
	CSV  Format = "csv"
)

var contentTypes = map[Format]string{XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", PDF: "application/pdf",
	CSV: "text/csv; charset=utf-8"}

// ContentType is the media type; empty for what is no format of ours.
func (f Format) ContentType() string { return contentTypes[f] }

// Head is what stands above a register, so that a printed sheet tells what it is and where it came from.
type Head struct {
	Lang  text.Lang
	Firm  string
	Title string    // 资料登记簿
	Span  string    // what it covers
	By    string    // who fetched it
	At    time.Time // when, in the zone to be shown
	No    string    // number of the fetching in the ledger
	Mark  string    // 客户资料·机密级, or what else may be done with it
}

// Column is one column. CSV is read by programs and has the Key as its heading.
type Column struct {
	Key   string
	Label string
	Width float64 // in characters of Chinese text; 0 is 10
	Num   bool    // a cell of digits is a number
}

func (c Column) width() float64 {
	if c.Width == 0 {
		return 10
	}
	return c.Width
}

// form is one way to write a register.
type form interface {
	row(cells []string) error
	end() error
}

// Sheet is a register while it is written.
type Sheet struct {
	form
	columns []Column
	rows    int
}

// New begins a register on w.
func New(f Format, w io.Writer, h Head, columns []Column) (*Sheet, error) {
	begin, known := map[Format]func(io.Writer, Head, []Column) (form, error){XLSX: newWorkbook, PDF: newPaper, CSV: newTable}[f]
	if !known {
		return nil, problem.New(problem.Invalid, "没有这种导出格式")
	}
	made, err := begin(w, h, columns)
	return &Sheet{form: made, columns: columns}, err
}

// Row writes one row, a cell for each column.
func (s *Sheet) Row(cells ...string) error {
	s.rows++
	return s.row(cells)
}

// Rows is how many were written.
func (s *Sheet) Rows() int { return s.rows }

// Close ends the file. One that is not closed is not whole.
func (s *Sheet) Close() error { return s.end() }

// stamp is the time as registers show it.
func (h Head) stamp() string { return h.At.Format("2006-01-02 15:04:05") }

// lines are the head below the title.
func (h Head) lines() []string {
	var all []string
	for _, l := range []struct{ value, said string }{{h.Span, h.Lang.T("范围：%s", h.Span)}, {h.By, h.Lang.T("导出人：%s", h.By)},
		{"-", h.Lang.T("导出时间：%s", h.stamp())}, {h.No, h.Lang.T("台账记录：第 %s 条", h.No)}} {
		if l.value != "" {
			all = append(all, l.said)
		}
	}
	return all
}

// foot is on every page of paper.
func (h Head) foot() string {
	return strings.Join([]string{h.Mark, h.By, h.stamp(), h.Lang.T("台账记录：第 %s 条", h.No)}, " · ")
}

// formula tells a text that a spreadsheet might take for a formula, in the forms that East Asian keyboards give too.
func formula(s string) bool {
	s = strings.TrimLeft(s, " \u3000\u00a0")
	return s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0])
}

// digits tells a number that a cell can hold exactly.
func digits(s string) bool {
	return s != "" && len(s) <= 15 && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0')
}
