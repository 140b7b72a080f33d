package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"mijuan/internal/problem"
)

// Limits of a list.
const (
	MaxBytes = 8 << 20
	maxRows  = 10_000
	unzipped = 16 << 20 // what a workbook may hold, opened; none of it goes to a file
	maxCell  = 200      // characters that are kept of a cell; every column's own limit is lower
)

// Column is one of those that a list may have.
type Column string

// The columns.
const (
	Name       Column = "name"
	Login      Column = "login"
	Department Column = "department"
	Posts      Column = "posts"
	Licence    Column = "licence"
	Starts     Column = "starts"
	Mail       Column = "mail"
)

// Columns are all, in the order of the template.
var Columns = []Column{Name, Login, Department, Posts, Licence, Starts, Mail}

// Labels are their headings in Chinese.
var Labels = map[Column]string{Name: "姓名", Login: "登录名", Department: "部门", Posts: "岗位", Licence: "执业证号", Starts: "入职日期", Mail: "邮箱"}

// headings are the words by which a column is known, in lower case and without spaces.
var headings = map[string]Column{"姓名": Name, "name": Name, "fullname": Name, "displayname": Name, "登录名": Login, "账号": Login, "login": Login, "username": Login,
	"部门": Department, "department": Department, "岗位": Posts, "post": Posts, "posts": Posts, "title": Posts, "执业证号": Licence, "律师执业证号": Licence,
	"licence": Licence, "license": Licence, "licencenumber": Licence, "licensenumber": Licence, "入职日期": Starts, "startdate": Starts, "start": Starts, "hiredate": Starts,
	"邮箱": Mail, "电子邮箱": Mail, "电子邮件": Mail, "邮件地址": Mail, "mail": Mail, "email": Mail, "e-mail": Mail, "emailaddress": Mail}

// List is a file as it was read.
type List struct {
	Hash    string // SHA-256 of the file
	Columns []Column
	Rows    []Row
}

// Row is one line of a list.
type Row struct {
	Line  int // in the file, from 1
	Cells map[Column]string
	Wrong map[Column]string `json:",omitempty"` // what is wrong with the cell itself: "formula", "merged"
}

// Read reads a list from xlsx or CSV (UTF-8, UTF-16 with a mark, or GBK). It takes what time the file takes: call it outside
// the door.
func Read(raw []byte) (List, error) {
	sum := sha256.Sum256(raw)
	l := List{Hash: hex.EncodeToString(sum[:])}
	var lines []Row
	var heading []string
	var err error
	switch {
	case len(raw) > MaxBytes:
		return l, problem.New(problem.TooLarge, "文件过大：最多 %d MiB", MaxBytes>>20).In("file")
	case len(raw) == 0:
		return l, problem.New(problem.Invalid, "请选择文件").In("file")
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		heading, lines, err = workbook(raw, &l)
	case bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")):
		return l, problem.New(problem.Invalid, "这是旧的 .xls 文件，或者加了密码；请另存为 .xlsx 再上传").In("file")
	default:
		heading, lines, err = table(raw, &l)
	}
	if err != nil {
		return l, err
	}
	if len(heading) == 0 || !slices.Contains(l.Columns, Name) || !slices.Contains(l.Columns, Login) {
		return l, problem.New(problem.Invalid, "第一行应当是表头，至少有“姓名”和“登录名”两列；请用模板填写").In("file")
	}
	if len(lines) == 0 {
		return l, problem.New(problem.Invalid, "名单里没有人").In("file")
	}
	l.Rows = lines
	return l, nil
}

// head takes the heading line. A column that stands twice is a mistake; one that is not known is left out.
func (l *List) head(cells []string) ([]Column, error) {
	at := make([]Column, len(cells))
	for i, c := range cells {
		known := headings[strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(c, "\ufeff")), ""))]
		if known == "" {
			continue
		}
		if slices.Contains(l.Columns, known) {
			return nil, problem.New(problem.Invalid, "表头里有两列“%s”", Labels[known]).In("file")
		}
		at[i] = known
		l.Columns = append(l.Columns, known)
	}
	return at, nil
}

// row takes one line; an empty one is none.
func row(number int, at []Column, cells []string) (Row, bool) {
	r, some := Row{Line: number, Cells: map[Column]string{}}, false
	for i, c := range cells {
		if i >= len(at) || at[i] == "" {
			continue
		}
		c = clipped(strings.TrimSpace(c))
		r.Cells[at[i]] = c
		some = some || c != ""
	}
	return r, some
}

func (r *Row) mark(c Column, wrong string) {
	if r.Wrong == nil {
		r.Wrong = map[Column]string{}
	}
	r.Wrong[c] = wrong
}

func clipped(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if n := 0; len(s) > maxCell {
		for i := range s {
			if n++; n > maxCell {
				return s[:i]
			}
		}
	}
	return s
}

func tooMany() error {
	return problem.New(problem.TooLarge, "名单过长：一次最多 %d 人", maxRows).In("file")
}

// table reads CSV: comma, semicolon or tab, in the encodings that Chinese office programs write.
func table(raw []byte, l *List) (heading []string, lines []Row, err error) {
	text, err := decoded(raw)
	if err != nil {
		return nil, nil, err
	}
	first, _, _ := strings.Cut(text, "\n")
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord, c.LazyQuotes = -1, true
	for _, comma := range ",;\t" {
		if strings.Count(first, string(comma)) > strings.Count(first, string(c.Comma)) {
			c.Comma = comma
		}
	}
	var at []Column
	for {
		cells, err := c.Read()
		switch {
		case errors.Is(err, io.EOF):
			return heading, lines, nil
		case err != nil:
			return nil, nil, problem.New(problem.Invalid, "读不懂这个文件；请用模板填写，存为 xlsx 或 CSV").In("file").Because(err)
		case heading == nil:
			heading = cells
			if at, err = l.head(cells); err != nil {
				return nil, nil, err
			}
			continue
		}
		number, _ := c.FieldPos(0)
		r, some := row(number, at, cells)
		if !some {
			continue
		}
		for col, cell := range r.Cells {
			if strings.HasPrefix(cell, "=") {
				r.mark(col, "formula")
			}
		}
		if lines = append(lines, r); len(lines) > maxRows {
			return nil, nil, tooMany()
		}
	}
}

// decoded is the text of a CSV file.
func decoded(raw []byte) (string, error) {
	var text []byte
	var err error
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}), bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(raw)
	case utf8.Valid(raw):
		text = bytes.TrimPrefix(raw, []byte("\ufeff"))
	default:
		text, err = simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	}
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) || bytes.ContainsRune(text, 0) {
		return "", problem.New(problem.Invalid, "读不懂这个文件；请用模板填写，存为 xlsx 或 CSV").In("file").Because(err)
	}
	return string(text), nil
}

// workbook reads the first sheet of an xlsx file.
func workbook(raw []byte, l *List) (heading []string, lines []Row, err error) {
	unreadable := func(err error) error {
		return problem.New(problem.Invalid, "读不懂这个文件；请用模板填写，存为 xlsx 或 CSV").In("file").Because(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: unzipped, UnzipXMLSizeLimit: unzipped, RawCellValue: true})
	if err != nil {
		return nil, nil, unreadable(err)
	}
	defer f.Close()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, nil, unreadable(nil)
	}
	merged, err := f.GetMergeCells(sheets[0])
	if err != nil {
		return nil, nil, unreadable(err)
	}
	rows, err := f.Rows(sheets[0])
	if err != nil {
		return nil, nil, unreadable(err)
	}
	defer rows.Close()
	var at []Column
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, nil, unreadable(err)
		}
		if heading == nil {
			if strings.Join(cells, "") == "" {
				continue
			}
			heading = cells
			if at, err = l.head(cells); err != nil {
				return nil, nil, err
			}
			continue
		}
		r, some := row(number, at, cells)
		if err := formulas(f, sheets[0], &r, at, &some); err != nil {
			return nil, nil, unreadable(err)
		}
		if !some {
			continue
		}
		if lines = append(lines, r); len(lines) > maxRows {
			return nil, nil, tooMany()
		}
	}
	return heading, lines, mergedCells(merged, at, lines)
}

func formulas(f *excelize.File, sheet string, r *Row, at []Column, some *bool) error {
	for i, c := range at {
		if c == "" || !*some {
			continue
		}
		cell, err := excelize.CoordinatesToCellName(i+1, r.Line)
		if err != nil {
			return err
		}
		formula, err := f.GetCellFormula(sheet, cell)
		if err != nil {
			return err
		}
		if formula != "" || strings.HasPrefix(r.Cells[c], "=") {
			r.mark(c, "formula")
		}
	}
	return nil
}

// mergedCells marks the cells of people that are merged with others: nobody can tell whose they are.
func mergedCells(merged []excelize.MergeCell, at []Column, lines []Row) error {
	for _, m := range merged {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return err
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return err
		}
		for i := range lines {
			if lines[i].Line < top || lines[i].Line > bottom {
				continue
			}
			for column := left; column <= min(right, len(at)); column++ {
				if c := at[column-1]; c != "" {
					lines[i].mark(c, "merged")
				}
			}
		}
	}
	return nil
}
