package corpus

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// workbook writes a spreadsheet of the kind that a form asks for.
func (s *scene) workbook(what string) []byte {
	f := excelize.NewFile()
	defer f.Close() // nothing was opened
	switch what {
	case "statement":
		s.bankStatement(f)
	case "balance":
		s.balance(f)
	case "valuation":
		s.valuation(f)
	case "payroll":
		s.payroll(f)
	case "claims":
		s.claims(f)
	case "expense":
		s.expenses(f)
	case "assets":
		s.assets(f)
	default:
		panic("corpus: no workbook " + what)
	}
	must(f.DeleteSheet("Sheet1"))
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("corpus: write a workbook: %v", err))
	}
}

// ledgerSheet writes one sheet row by row.
type ledgerSheet struct {
	file  *excelize.File
	name  string
	row   int
	width int
}

// newSheet begins a sheet with a title over its columns, whose widths are in characters.
func newSheet(f *excelize.File, name, title string, widths ...float64) *ledgerSheet {
	_, err := f.NewSheet(name)
	must(err)
	l := &ledgerSheet{file: f, name: name, width: len(widths)}
	for i, w := range widths {
		col, err := excelize.ColumnNumberToName(i + 1)
		must(err)
		must(f.SetColWidth(name, col, col, w))
	}
	l.add(title)
	must(f.MergeCell(name, "A1", l.cell(len(widths))))
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 15}, Alignment: &excelize.Alignment{Horizontal: "center"}})
	return l
}

func (l *ledgerSheet) cell(col int) string {
	c, err := excelize.CoordinatesToCellName(col, l.row)
	must(err)
	return c
}

// add appends a row. Sums are given in fen as type fen and shown in yuan.
func (l *ledgerSheet) add(values ...any) {
	l.row++
	for i, v := range values {
		if sum, ok := v.(fen); ok {
			v = float64(sum) / 100
		}
		must(l.file.SetCellValue(l.name, l.cell(i+1), v))
	}
	for i, v := range values {
		if _, ok := v.(fen); ok {
			l.styleCell(i+1, &excelize.Style{NumFmt: 4})
		}
	}
}

// fen is a sum of money.
type fen int64

// head appends a row of column names.
func (l *ledgerSheet) head(names ...any) {
	l.add(names...)
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6EE"}},
		Alignment: &excelize.Alignment{Horizontal: "center"}, Border: []excelize.Border{{Type: "bottom", Color: "666666", Style: 1}}})
}

func (l *ledgerSheet) style(s *excelize.Style) {
	id, err := l.file.NewStyle(s)
	must(err)
	first, err := excelize.CoordinatesToCellName(1, l.row)
	must(err)
	must(l.file.SetCellStyle(l.name, first, l.cell(l.width), id))
}

func (l *ledgerSheet) styleCell(col int, s *excelize.Style) {
	id, err := l.file.NewStyle(s)
	must(err)
	must(l.file.SetCellStyle(l.name, l.cell(col), l.cell(col), id))
}

// total appends a row whose given columns sum up the rows from first on.
func (l *ledgerSheet) total(label string, first int, sums map[int]fen) {
	l.add(label)
	for col := 1; col <= l.width; col++ {
		sum, ok := sums[col]
		if !ok {
			continue
		}
		name, err := excelize.ColumnNumberToName(col)
		must(err)
		must(l.file.SetCellValue(l.name, l.cell(col), float64(sum)/100))
		must(l.file.SetCellFormula(l.name, l.cell(col), fmt.Sprintf("SUM(%s%d:%s%d)", name, first, name, l.row-1)))
	}
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4, Border: []excelize.Border{{Type: "top", Color: "666666", Style: 1}}})
}
