package filetype

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is how a text's characters are written as bytes.
type Encoding uint8

const (
	UTF8    Encoding = iota + 1
	GB18030          // and its subsets GBK and GB 2312
	UTF16LE
	UTF16BE
)

func (e Encoding) String() string {
	switch e {
	case UTF8:
		return "utf-8"
	case GB18030:
		return "gb18030"
	case UTF16LE:
		return "utf-16le"
	case UTF16BE:
		return "utf-16be"
	}
	return fmt.Sprintf("encoding(%d)", uint8(e))
}

const byteOrderMark = "\ufeff"

// Decode gives the text without its byte order mark. Bytes that are no character become U+FFFD; a character that b's end cuts
// off counts as such bytes.
func (e Encoding) Decode(b []byte) string {
	out := b
	var err error
	switch e {
	case UTF8:
	case GB18030:
		out, err = simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	case UTF16LE:
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Bytes(b)
	case UTF16BE:
		out, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Bytes(b)
	}
	if err != nil {
		out = b // these decoders replace what is wrong and fail for nothing else
	}
	return strings.TrimPrefix(strings.ToValidUTF8(string(out), "\ufffd"), byteOrderMark)
}

// TextEncoding tells the encoding of a text from its head, and whether it is a text at all. whole says that the head is all
// there is; else its end may cut a character.
func TextEncoding(head []byte, whole bool) (Encoding, bool) {
	switch {
	case len(head) == 0:
		return 0, false
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return UTF16LE, UTF16LE.plausible(head, false)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return UTF16BE, UTF16BE.plausible(head, false)
	case bytes.IndexByte(head, 0) >= 0:
		return wideEncoding(head)
	case validUTF8(head, whole):
		return UTF8, UTF8.plausible(head, whole)
	case chinese(head):
		return GB18030, GB18030.plausible(head, whole)
	}
	return 0, false
}

// wideEncoding finds UTF-16 without a byte order mark: read the right way, nine in ten characters are those of Chinese and English
// texts.
func wideEncoding(head []byte) (Encoding, bool) {
	switch {
	case mostlyUsual(head, binary.LittleEndian) && UTF16LE.plausible(head, false):
		return UTF16LE, true
	case mostlyUsual(head, binary.BigEndian) && UTF16BE.plausible(head, false):
		return UTF16BE, true
	}
	return 0, false
}

// mostlyUsual counts units of 16 bits; it stops where too many are unusual, which in a binary file is soon.
func mostlyUsual(head []byte, order binary.ByteOrder) bool {
	unusual := len(head) % 2
	for b := head; len(b) > 1 && unusual*20 <= len(head); b = b[2:] {
		u := order.Uint16(b)
		if !(u >= 0x20 && u < 0x7f || u == '\n' || u == '\r' || u >= 0x4e00 && u <= 0x9fff || u >= 0x3000 && u <= 0x303f || u >= 0xff00 && u <= 0xffef) {
			unusual++
		}
	}
	return unusual*20 <= len(head)
}

func validUTF8(b []byte, whole bool) bool {
	if !whole {
		for cut := 0; cut < utf8.UTFMax && cut < len(b); cut++ {
			if utf8.Valid(b[:len(b)-cut]) {
				return true
			}
		}
		return false
	}
	return utf8.Valid(b)
}

// chinese reports whether bytes read as GB 18030 and mostly fall into the plane of GB 2312 (common hanzi and punctuation),
// which bytes of other encodings and of binary files do not.
func chinese(b []byte) bool {
	common, all := 0, 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		if i+1 >= len(b) {
			break // the head's end cuts it
		}
		lead, trail := b[i], b[i+1]
		switch {
		case lead == 0x80 || lead == 0xff:
			return false
		case trail >= 0x40 && trail != 0x7f && trail != 0xff:
			i++
		case trail >= 0x30 && trail <= 0x39: // four bytes
			if i+3 < len(b) && (b[i+2] < 0x81 || b[i+2] == 0xff || b[i+3] < 0x30 || b[i+3] > 0x39) {
				return false
			}
			i += 3
		default:
			return false
		}
		all++
		if trail >= 0xa1 && (lead >= 0xb0 && lead <= 0xf7 || lead >= 0xa1 && lead <= 0xa9) {
			common++
		}
	}
	return all > 0 && common*10 >= all*7
}

// plausible reports whether the bytes, decoded, have hardly any characters that texts do not have. Unless b is whole, its end may
// cut a character.
func (e Encoding) plausible(b []byte, whole bool) bool {
	s := e.Decode(b)
	if !whole {
		s = strings.TrimRight(s, "\ufffd")
	}
	odd, n := 0, 0
	for _, r := range s {
		n++
		switch {
		case r == '\t', r == '\n', r == '\r', r == '\f', r == 0x1a:
		case r < 0x20, r == 0x7f, r == utf8.RuneError, r >= 0x80 && r < 0xa0, r >= 0xe000 && r <= 0xf8ff:
			odd++
		}
	}
	return odd*200 <= n
}

var (
	mailHeader = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*:`)
	webStart   = regexp.MustCompile(`(?i)^(<!doctype html|<html|<head|<body)`)
	svgStart   = regexp.MustCompile(`(?is)^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg[\s>]`)
)

// textual tells the formats that are written as text from plain text.
func textual(s string) Type {
	s = strings.TrimLeft(s, " \t\r\n")
	switch {
	case webStart.MatchString(s):
		return HTML
	case svgStart.MatchString(s):
		return SVG
	case isMail(s):
		return Mail
	}
	return Text
}

// isMail reports whether a text begins with the header of an Internet message: only header lines up to the first empty line,
// among them one that programs write and people do not.
func isMail(s string) bool {
	byProgram, lines := false, 0
	for line := range strings.Lines(s) {
		if !strings.HasSuffix(line, "\n") {
			break // cut off
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		if !mailHeader.MatchString(line) {
			return false
		}
		lines++
		switch key, _, _ := strings.Cut(strings.ToLower(line), ":"); key {
		case "mime-version", "message-id", "received", "return-path", "x-mailer", "dkim-signature":
			byProgram = true
		}
	}
	return byProgram && lines >= 3
}
