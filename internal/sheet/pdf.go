package sheet

import (
	"io"

	"mijuan/internal/letter"
)

// paper is a register as PDF.
type paper struct {
	w io.Writer
	s *letter.Setting
}

func newPaper(w io.Writer, h Head, columns []Column) (form, error) {
	r := letter.Register{Firm: h.Firm, Title: h.Title, Mark: h.Mark, Lines: h.lines(), Foot: h.foot(), PageOf: h.Lang.T("第 %d 页，共 %d 页"), Made: h.At}
	for _, c := range columns {
		r.Head, r.Weights = append(r.Head, c.Label), append(r.Weights, c.width())
	}
	s, err := r.Begin()
	return paper{w, s}, err
}

func (p paper) row(cells []string) error { return p.s.Row(cells) }

func (p paper) end() error { return p.s.End(p.w) }
