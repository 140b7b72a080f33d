package directory

import (
	"bytes"

	"github.com/xuri/excelize/v2"

	"mijuan/internal/access"
)

// Template is an empty list as xlsx: the headings, every column as text (so that no program makes a number of a licence), and
// the posts to choose from. heading gives a column's words in the reader's language.
func Template(heading func(Column) string) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Sheet1"
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	for i, c := range Columns {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		for _, write := range []func() error{
			func() error { return f.SetColStyle(sheet, column, text) },
			func() error { return f.SetColWidth(sheet, column, column, 22) },
			func() error { return f.SetCellStr(sheet, column+"1", heading(c)) },
			func() error { return f.SetCellStyle(sheet, column+"1", column+"1", bold) },
		} {
			if err := write(); err != nil {
				return nil, err
			}
		}
		if c == Posts {
			if err := offerPosts(f, sheet, column); err != nil {
				return nil, err
			}
		}
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

// offerPosts lets people choose a post. Several may be typed all the same.
func offerPosts(f *excelize.File, sheet, column string) error {
	var names []string
	for _, p := range access.Posts {
		names = append(names, p.Name())
	}
	choice := excelize.NewDataValidation(true)
	choice.Sqref = column + "2:" + column + "10001"
	choice.ShowErrorMessage = false
	if err := choice.SetDropList(names); err != nil {
		return err
	}
	return f.AddDataValidation(sheet, choice)
}
