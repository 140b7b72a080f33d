package screening

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// folded is a text in one form (narrow, lower case), with the way back: byte i of text came from the rune at byte at[i] of the
// original, whose end is end[i].
type folded struct {
	text    string
	at, end []int
}

// fold brings s into one form and leaves out the runes that keep refuses (keep sees them folded).
func fold(s string, keep func(rune) bool) folded {
	var b strings.Builder
	b.Grow(len(s))
	f := folded{at: make([]int, 0, len(s)), end: make([]int, 0, len(s))}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if n := foldRune(r); keep(n) {
			wrote, _ := b.WriteRune(n)
			for range wrote {
				f.at, f.end = append(f.at, i), append(f.end, i+size)
			}
		}
		i += size
	}
	f.text = b.String()
	return f
}

func foldRune(r rune) rune {
	if r >= 0x4e00 && r <= 0x9fff {
		return r
	}
	if w := width.LookupRune(r).Folded(); w != 0 {
		r = w
	}
	return unicode.ToLower(r)
}

// span maps a range of folded bytes to bytes of the original.
func (f folded) span(start, end int) (int, int) { return f.at[start], f.end[end-1] }

func anything(rune) bool { return true }

// telling keeps what names and numbers consist of: letters and digits. What people put between them falls away.
func telling(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// inLine keeps all but the blanks within a line.
func inLine(r rune) bool { return r == '\n' || !unicode.IsSpace(r) && r != '\u200b' && r != '\ufeff' }

func isLatin(b byte) bool { return b >= 'a' && b <= 'z' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
