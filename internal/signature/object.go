package signature

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"unicode/utf16"
)

// thing is the kind of a PDF object (ISO 32000-1, 7.3).
type thing uint8

const (
	other     thing = iota + 1 // true, false, null, real numbers
	integer                    // number
	name                       // text
	text                       // text: a string's bytes
	hexText                    // text: likewise, written in hexadecimal digits
	array                      // items
	dict                       // keys and items
	reference                  // number
)

// object is one object as it stands in the file, from..to.
type object struct {
	thing    thing
	from, to int
	number   int
	text     []byte
	keys     []string
	items    []object
}

// get is the value of a key; of an absent one, an object of no kind.
func (o object) get(key string) object {
	for i, k := range o.keys {
		if k == key {
			return o.items[i]
		}
	}
	return object{}
}

var errPDF = errors.New("read a PDF: an object is broken")

// reader reads objects at a place. Depth and the end of the file bound it.
type reader struct {
	raw   []byte
	at    int
	depth int
}

const deepest = 32

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (r *reader) space() {
	for r.at < len(r.raw) {
		switch c := r.raw[r.at]; {
		case isSpace(c):
			r.at++
		case c == '%':
			for r.at < len(r.raw) && r.raw[r.at] != '\n' && r.raw[r.at] != '\r' {
				r.at++
			}
		default:
			return
		}
	}
}

// word is a run of regular characters.
func (r *reader) word() []byte {
	from := r.at
	for r.at < len(r.raw) && !isSpace(r.raw[r.at]) && !isDelimiter(r.raw[r.at]) {
		r.at++
	}
	return r.raw[from:r.at]
}

func (r *reader) starts(s string) bool {
	return bytes.HasPrefix(r.raw[min(r.at, len(r.raw)):], []byte(s))
}

func (r *reader) object() (o object, err error) {
	if r.depth++; r.depth > deepest {
		return o, errPDF
	}
	defer func() { r.depth-- }()
	r.space()
	o.from = r.at
	switch {
	case r.starts("<<"):
		r.at += 2
		err = r.dict(&o)
	case r.starts("<"):
		err = r.hex(&o)
	case r.starts("("):
		err = r.literal(&o)
	case r.starts("["):
		r.at++
		err = r.array(&o)
	case r.starts("/"):
		r.at++
		o.thing, o.text = name, r.word()
	default:
		err = r.plain(&o)
	}
	o.to = r.at
	return o, err
}

func (r *reader) dict(o *object) error {
	o.thing = dict
	for {
		r.space()
		if r.starts(">>") {
			r.at += 2
			return nil
		}
		key, err := r.object()
		if err != nil || key.thing != name || o.get(string(key.text)).thing != 0 {
			return errPDF // a key that is there twice is read in two ways by two programs
		}
		value, err := r.object()
		if err != nil {
			return err
		}
		o.keys, o.items = append(o.keys, string(key.text)), append(o.items, value)
	}
}

func (r *reader) array(o *object) error {
	o.thing = array
	for {
		r.space()
		if r.starts("]") {
			r.at++
			return nil
		}
		item, err := r.object()
		if err != nil {
			return err
		}
		o.items = append(o.items, item)
	}
}

func (r *reader) hex(o *object) error {
	o.thing = hexText
	end := bytes.IndexByte(r.raw[r.at:], '>')
	if end < 0 {
		return errPDF
	}
	o.text = make([]byte, hex.DecodedLen(end-1))
	if _, err := hex.Decode(o.text, r.raw[r.at+1:r.at+end]); err != nil {
		return errPDF // white space within, or an odd digit, which nobody here writes
	}
	r.at += end + 1
	return nil
}

func (r *reader) literal(o *object) error {
	o.thing = text
	for open := 0; r.at < len(r.raw); r.at++ {
		c := r.raw[r.at]
		switch {
		case c == '\\' && r.at+1 < len(r.raw):
			r.at++
			o.text = append(o.text, c) // not unescaped: nothing here reads such a text
			c = r.raw[r.at]
		case c == '(':
			if open++; open == 1 {
				continue
			}
		case c == ')':
			if open--; open == 0 {
				r.at++
				return nil
			}
		}
		o.text = append(o.text, c)
	}
	return errPDF
}

// plain reads a number, a reference or a keyword.
func (r *reader) plain(o *object) error {
	word := r.word()
	if len(word) == 0 {
		return errPDF
	}
	n, err := strconv.Atoi(string(word))
	if err != nil {
		o.thing = other
		return nil
	}
	o.thing, o.number = integer, n
	ahead := *r
	ahead.space()
	if generation := ahead.word(); string(generation) != "0" || n <= 0 {
		return nil
	}
	ahead.space()
	if string(ahead.word()) == "R" {
		o.thing, r.at = reference, ahead.at
	}
	return nil
}

// utf16Hex writes a text as a PDF string in UTF-16.
func utf16Hex(s string) string {
	raw := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		raw = append(raw, byte(u>>8), byte(u))
	}
	return "<" + hex.EncodeToString(raw) + ">"
}

// string reads a text that utf16Hex wrote; of anything else, its bytes.
func (o object) string() string {
	if len(o.text) < 2 || len(o.text)%2 != 0 || o.text[0] != 0xfe || o.text[1] != 0xff {
		return string(bytes.ToValidUTF8(o.text, []byte("\ufffd")))
	}
	var units []uint16
	for i := 2; i < len(o.text); i += 2 {
		units = append(units, uint16(o.text[i])<<8|uint16(o.text[i+1]))
	}
	return string(utf16.Decode(units))
}
