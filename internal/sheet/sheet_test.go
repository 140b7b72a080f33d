package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"mijuan/internal/problem"
	"mijuan/internal/text"
)

var (
	head = Head{Lang: text.ZH, Firm: "江澜衡砚律师事务所", Title: "资料登记簿", Span: "2026-民-0147", By: "欧阳静（ou.yang）",
		At: time.Date(2026, 11, 23, 10, 26, 7, 0, time.FixedZone("UTC+8", 8*3600)), No: "48213", Mark: "客户资料·机密级"}
	columns = []Column{{Key: "number", Label: "编号"}, {Key: "title", Label: "名称", Width: 24}, {Key: "pages", Label: "页数", Width: 4, Num: true}}
	rows    = [][]string{{"2026-0147-0001-3", "代理词 <终稿> & 附件", "12"}, {"=HYPERLINK(\"http://x\")", "+86 138", "-3"}, {"@SUM(A1)", "＝1+1", "007"},
		{" =1", "多\n行\x01文", "9999999999999999"}, {"", strings.Repeat("长名称", 40), "0"}}
)

func write(t testing.TB, f Format, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	s, err := New(f, &b, head, columns)
	must(t, err)
	for _, r := range rows {
		must(t, s.Row(r...))
	}
	must(t, s.Close())
	if s.Rows() != len(rows) {
		t.Errorf("%d rows", s.Rows())
	}
	if dir := os.Getenv("SHEET_OUT"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, "register."+string(f)), b.Bytes(), 0o600))
	}
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWorkbookReads opens the workbook with somebody else's library.
func TestWorkbookReads(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(write(t, XLSX, rows)))
	must(t, err)
	defer f.Close()
	name := f.GetSheetName(0)
	cell := func(at string) string {
		v, err := f.GetCellValue(name, at, excelize.Options{RawCellValue: true})
		must(t, err)
		return v
	}
	for at, want := range map[string]string{"A1": "江澜衡砚律师事务所", "A2": "资料登记簿", "A3": "客户资料·机密级", "A5": "编号", "C5": "页数", "B6": "代理词 <终稿> & 附件", "C6": "12",
		"A7": "=HYPERLINK(\"http://x\")", "C7": "-3", "B8": "＝1+1", "C8": "007", "A9": " =1", "B9": "多\n行\ufffd文", "C9": "9999999999999999", "C10": "0"} {
		if got := cell(at); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	for _, want := range []string{"范围：2026-民-0147", "导出人：欧阳静（ou.yang）", "导出时间：2026-11-23 10:26:07", "台账记录：第 48213 条"} {
		if !strings.Contains(cell("A4"), want) {
			t.Errorf("the head lacks %q: %s", want, cell("A4"))
		}
	}
	for r := range rows {
		for _, c := range []string{"A", "B", "C"} {
			at := fmt.Sprint(c, r+6)
			formula, err := f.GetCellFormula(name, at)
			must(t, err)
			if formula != "" {
				t.Errorf("%s holds the formula %q", at, formula)
			}
			kind, err := f.GetCellType(name, at)
			must(t, err)
			if text := at != "C6" && at != "C10"; text != (kind == excelize.CellTypeInlineString) {
				t.Errorf("%s is of type %v", at, kind)
			}
		}
	}
	for at, quoted := range map[string]bool{"A7": true, "B7": true, "A8": true, "B8": true, "A9": true, "B6": false} {
		style, err := f.GetCellStyle(name, at)
		must(t, err)
		if (style == styleQuoted) != quoted {
			t.Errorf("%s has style %d", at, style)
		}
	}
	props, err := f.GetDocProps()
	must(t, err)
	if props.Creator != head.By || props.Category != head.Mark || props.Identifier != head.No {
		t.Errorf("properties %+v", props)
	}
}

func TestTableIsSafe(t *testing.T) {
	raw := write(t, CSV, rows)
	if !bytes.HasPrefix(raw, []byte("\xef\xbb\xbfnumber,title,pages\r\n")) {
		t.Fatalf("begins with %q", raw[:40])
	}
	all, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	must(t, err)
	if len(all) != len(rows)+1 {
		t.Fatalf("%d rows", len(all))
	}
	for _, r := range all[1:] {
		for _, c := range r {
			if formula(c) {
				t.Errorf("%q may be taken for a formula", c)
			}
		}
	}
	if all[2][0] != "'=HYPERLINK(\"http://x\")" || all[3][1] != "'＝1+1" || all[1][1] != rows[0][1] {
		t.Errorf("cells: %q", all)
	}
}

func TestPaperReads(t *testing.T) {
	many := rows
	for i := range 120 {
		many = append(many, []string{fmt.Sprintf("2026-0147-%04d", i), "证据目录", "3"})
	}
	path := filepath.Join(t.TempDir(), "register.pdf")
	must(t, os.WriteFile(path, write(t, PDF, many), 0o600))
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	must(t, err)
	pages := strings.Split(strings.TrimRight(string(out), "\f"), "\f")
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		squeezed := strings.Join(strings.Fields(page), "")
		for _, want := range []string{"客户资料·机密级", "编号名称页数", fmt.Sprintf("第%d页，共%d页", i+1, len(pages)), "欧阳静（ou.yang）", "第48213条"} {
			if !strings.Contains(squeezed, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
	}
	whole := strings.Join(strings.Fields(string(out)), "")
	for _, want := range []string{"江澜衡砚律师事务所", "资料登记簿", "=HYPERLINK", "2026-0147-0119"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the register lacks %q", want)
		}
	}
}

func TestLimits(t *testing.T) {
	if _, err := New("doc", io.Discard, head, columns); !problem.Is(err, problem.Invalid) {
		t.Errorf("a format that is none: %v", err)
	}
	s, err := New(PDF, io.Discard, head, columns[:1])
	must(t, err)
	for range 20_000 {
		must(t, s.Row("x"))
	}
	if err := s.Row("x"); !problem.Is(err, problem.TooLarge) {
		t.Errorf("row 20,001 on paper: %v", err)
	}
	b := &workbook{columns: columns, at: maxRows}
	if err := b.row(nil); !problem.Is(err, problem.TooLarge) {
		t.Errorf("a row below the last: %v", err)
	}
}

// broken takes n bytes.
type broken struct{ n int }

var errBroken = errors.New("the reader left")

func (w *broken) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

// TestAReaderThatLeaves: writing ends soon after nobody takes it any more.
func TestAReaderThatLeaves(t *testing.T) {
	for _, f := range []Format{XLSX, CSV} {
		s, err := New(f, &broken{n: 8 << 10}, head, columns)
		must(t, err)
		n := 0
		for ; err == nil && n < 1_000_000; n++ {
			err = s.Row(fmt.Sprint(n*7919), "名称", "1")
		}
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %d rows, %v", f, n, err)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	for _, f := range []Format{XLSX, CSV} {
		b.Run(string(f), func(b *testing.B) {
			s, err := New(f, io.Discard, head, columns)
			must(b, err)
			for b.Loop() {
				must(b, s.Row(rows[0]...))
			}
		})
	}
}
