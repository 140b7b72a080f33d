// Package letter sets documents of record (pledges, hand-over lists, certificates of destruction) as A4 PDFs: a title, the
// particulars of a person, text with numbered items, tables, and the blocks in which people sign. The typeface is embedded, the
// text can be extracted, and the same letter is always the same bytes. A character that the typeface lacks is written as its
// number, such as 〔U+20BB7〕, and never dropped. The package signs nothing: see package signature.
package letter

import (
	"time"

	"mijuan/internal/problem"
)

// Letter is a document to be set. Title and Made must be there.
type Letter struct {
	Title       string
	Subtitle    string // below the title, small: the version, for example
	Author      string // the firm; goes into the metadata
	Reference   string // at the foot of each page, on the left
	Particulars []Particular
	Body        []Block
	Signatures  []Signature
	Copies      []string  // the whole is set once for each, with the word below the title: 交件人留存; empty: once
	Made        time.Time // the document's date of creation: with equal content, equal bytes
}

// Particular is one row of the table at the head: what it is called, and what it is.
type Particular struct{ Label, Value string }

// Signature is a block in which one person signs: what they are in this document, their name, when they signed, the fingerprint
// of their certificate, and what they drew. All but Role may be empty, and an empty one leaves room for a pen.
type Signature struct {
	Role        string
	Name        string
	Time        time.Time // shown in the zone that it carries
	Fingerprint string
	Drawing     []byte // PNG, as from a drawing field: see Ink
}

// Block is a part of the body. Make it with Heading, Plain, Item or Grid.
type Block struct {
	kind    kind
	text    string
	head    []string
	weights []float64
	rows    [][]string
}

type kind uint8

const (
	heading kind = iota + 1
	plain
	item
	grid
)

// Heading is a line above what follows, with which it stays on a page.
func Heading(text string) Block { return Block{kind: heading, text: text} }

// Plain is a paragraph. A line break in the text begins a new one.
func Plain(text string) Block { return Block{kind: plain, text: text} }

// Item is a paragraph with a number; items count through the whole letter.
func Item(text string) Block { return Block{kind: item, text: text} }

// Grid is a table whose head is repeated on each page. The weights tell how wide the columns are to each other; there is one for
// each column.
func Grid(head []string, weights []float64, rows [][]string) Block {
	return Block{kind: grid, head: head, weights: weights, rows: rows}
}

// Limits of a letter.
const (
	maxTitle   = 80      // characters
	maxText    = 400_000 // characters in all
	maxRows    = 20_000
	maxSigners = 8
)

// PDF sets the letter. What it is not able to set is problem.Invalid or problem.TooLarge.
func (l Letter) PDF() ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	inks := make([]*ink, len(l.Signatures))
	for i, s := range l.Signatures {
		var err error
		if inks[i], err = readInk(s.Drawing); err != nil {
			return nil, err
		}
	}
	s, err := newSheet(l)
	if err != nil {
		return nil, err
	}
	for n := range max(1, len(l.Copies)) {
		subtitle := l.Subtitle
		if len(l.Copies) > 0 {
			subtitle += "　·　" + l.Copies[n]
		}
		if n > 0 {
			s.page()
		}
		s.starts, s.items = append(s.starts, s.pdf.PageNo()), 0
		s.heading(l.Title, subtitle)
		s.particulars(l.Particulars)
		s.body(l.Body)
		for i, signature := range l.Signatures {
			if err := s.signature(signature, inks[i]); err != nil {
				return nil, err
			}
		}
	}
	s.feet(l.Reference)
	return s.bytes(l)
}

func (l Letter) check() error {
	title := len([]rune(l.Title))
	if title == 0 || title > maxTitle || l.Made.IsZero() {
		return problem.New(problem.Invalid, "文书要有标题（不超过 %d 个字）和日期", maxTitle)
	}
	if len(l.Signatures) > maxSigners {
		return problem.New(problem.TooLarge, "一份文书最多 %d 人签署", maxSigners)
	}
	size, rows := l.size()
	if size > maxText || rows > maxRows {
		return problem.New(problem.TooLarge, "文书太长：最多 %d 个字、%d 行表格", maxText, maxRows)
	}
	for _, b := range l.Body {
		if err := b.check(); err != nil {
			return err
		}
	}
	return nil
}

// size is the bytes of text, which are never fewer than the characters, and the rows.
func (l Letter) size() (text, rows int) {
	text = len(l.Subtitle) + len(l.Reference) + len(l.Author)
	for _, p := range l.Particulars {
		text += len(p.Label) + len(p.Value)
	}
	for _, s := range l.Signatures {
		text += len(s.Role) + len(s.Name) + len(s.Fingerprint)
	}
	for _, b := range l.Body {
		text += len(b.text)
		rows += len(b.rows)
		for _, row := range b.rows {
			for _, cell := range row {
				text += len(cell)
			}
		}
	}
	return text / 3, rows + len(l.Particulars)
}

func (b Block) check() error {
	if b.kind == 0 {
		return problem.New(problem.Invalid, "文书里有一段没有内容")
	}
	for _, row := range b.rows {
		if len(row) != len(b.head) {
			return problem.New(problem.Invalid, "表格每行的格数要和表头一样")
		}
	}
	if len(b.weights) != len(b.head) {
		return problem.New(problem.Invalid, "表格每行的格数要和表头一样")
	}
	for _, w := range b.weights {
		if !(w > 0 && w < 1000) {
			return problem.New(problem.Invalid, "表格的列宽必须大于零")
		}
	}
	return nil
}
