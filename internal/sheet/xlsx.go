package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mijuan/internal/problem"
)

// Limits of the format (ECMA-376; those of common programs).
const (
	maxRows = 1_048_576
	maxCell = 32_767 // characters
)

// Styles in styles.xml, by their place in cellXfs.
const (
	stylePlain = iota
	styleTitle
	styleFirm
	styleMark
	styleHeading
	styleText   // text that no program takes for anything else
	styleQuoted // text that begins like a formula, with the prefix that keeps it text when it is edited
	styleNumber
)

// workbook is a register as xlsx with one worksheet. Nothing is shared between cells, so that it streams.
type workbook struct {
	zip     *zip.Writer
	sheet   *bufio.Writer
	head    Head
	columns []Column
	at      int // the last row that was written, from 1
}

func newWorkbook(w io.Writer, h Head, columns []Column) (form, error) {
	b := &workbook{zip: zip.NewWriter(w), head: h, columns: columns}
	for _, p := range parts(h) {
		f, err := b.zip.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(f, p.content); err != nil {
			return nil, err
		}
	}
	f, err := b.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	b.sheet = bufio.NewWriterSize(f, 64<<10)
	b.begin()
	return b, b.flush()
}

const headRows = 4

// begin writes what stands above the rows: view with the head frozen, widths, and the head itself.
func (b *workbook) begin() {
	h := b.head
	fmt.Fprintf(b.sheet, `%s<worksheet xmlns="%s"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0"><pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`,
		xml.Header, spreadsheet, headRows+1, headRows+2)
	for i, c := range b.columns {
		fmt.Fprintf(b.sheet, `<col min="%d" max="%d" width="%.1f" customWidth="1"/>`, i+1, i+1, 2*c.width()+2)
	}
	b.sheet.WriteString(`</cols><sheetData>`)
	b.line(h.Firm, styleFirm)
	b.line(h.Title, styleTitle)
	b.line(h.Mark, styleMark)
	b.line(strings.Join(h.lines(), "　　"), stylePlain)
	b.open()
	for i, c := range b.columns {
		b.text(i, c.Label, styleHeading)
	}
	b.shut()
}

// line is a row of the head, over all columns.
func (b *workbook) line(text string, style int) {
	b.open()
	b.text(0, text, style)
	b.shut()
}

func (b *workbook) open() {
	b.at++
	fmt.Fprintf(b.sheet, `<row r="%d">`, b.at)
}

func (b *workbook) shut() { b.sheet.WriteString(`</row>`) }

func (b *workbook) text(column int, value string, style int) {
	if utf8.RuneCountInString(value) > maxCell {
		value = string([]rune(value)[:maxCell-1]) + "…"
	}
	fmt.Fprintf(b.sheet, `<c r="%s%d" t="inlineStr" s="%d"><is><t xml:space="preserve">`, columnName(column), b.at, style)
	_ = xml.EscapeText(b.sheet, []byte(value)) // the buffer keeps the error for flush
	b.sheet.WriteString(`</t></is></c>`)
}

func (b *workbook) row(cells []string) error {
	if b.at == maxRows {
		return problem.New(problem.TooLarge, "Excel 登记簿最多 %d 行，请缩小范围", maxRows-headRows-1)
	}
	b.open()
	for i, value := range cells {
		switch {
		case i < len(b.columns) && b.columns[i].Num && digits(value):
			fmt.Fprintf(b.sheet, `<c r="%s%d" s="%d"><v>%s</v></c>`, columnName(i), b.at, styleNumber, value)
		case formula(value):
			b.text(i, value, styleQuoted)
		default:
			b.text(i, value, styleText)
		}
	}
	b.shut()
	return b.flush()
}

// flush tells of an error that the buffer kept; it sends nothing by itself until the buffer is full.
func (b *workbook) flush() error {
	_, err := b.sheet.Write(nil)
	return err
}

func (b *workbook) end() error {
	last := columnName(len(b.columns) - 1)
	fmt.Fprintf(b.sheet, `</sheetData><autoFilter ref="A%d:%s%d"/><mergeCells count="%d">`, headRows+1, last, b.at, headRows)
	for i := range headRows {
		fmt.Fprintf(b.sheet, `<mergeCell ref="A%d:%s%d"/>`, i+1, last, i+1)
	}
	b.sheet.WriteString(`</mergeCells><pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>`)
	fmt.Fprintf(b.sheet, `<headerFooter><oddHeader>&amp;L%s</oddHeader><oddFooter>&amp;L%s&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>`, margin(b.head.Mark), margin(b.head.foot()))
	if err := b.sheet.Flush(); err != nil {
		return err
	}
	return b.zip.Close()
}

// columnName is A, B … Z, AA ….
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// margin is a text for the page's margins, where & begins a code, and 200 characters are enough.
func margin(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return escaped(strings.ReplaceAll(s, "&", "&&"))
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
