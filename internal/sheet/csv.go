package sheet

import (
	"encoding/csv"
	"io"
)

// table is CSV after RFC 4180, in UTF-8 with the mark by which office programs know it. It has no head: programs read it.
type table struct{ w *csv.Writer }

func newTable(w io.Writer, _ Head, columns []Column) (form, error) {
	t := table{csv.NewWriter(w)}
	t.w.UseCRLF = true
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = c.Key
	}
	keys[0] = "\ufeff" + keys[0]
	return t, t.w.Write(keys)
}

func (t table) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = c
		if formula(c) {
			safe[i] = "'" + c
		}
	}
	return t.w.Write(safe)
}

func (t table) end() error {
	t.w.Flush()
	return t.w.Error()
}
