package letter

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	"mijuan/internal/font"
)

// em is the unit in which widths of characters are counted.
const em = 1000

// typeface knows which characters the one font has and how wide they are.
var typeface = sync.OnceValues(func() (map[rune]int, error) {
	f, err := sfnt.Parse(font.NotoSansSC)
	if err != nil {
		return nil, fmt.Errorf("parse the typeface: %w", err)
	}
	var buf sfnt.Buffer
	widths := map[rune]int{}
	for r := rune(' '); r <= 0xffff; r++ {
		index, err := f.GlyphIndex(&buf, r)
		if err != nil || index == 0 {
			continue
		}
		advance, err := f.GlyphAdvance(&buf, index, fixed.I(em), xfont.HintingNone)
		if err == nil && advance > 0 {
			widths[r] = advance.Round()
		}
	}
	return widths, nil
})

// legible is the text as it is set: composed, white space as spaces, line breaks as they are, and whatever the typeface lacks,
// or what would not be seen or would turn the reading round, as its number.
func legible(text string, widths map[rune]int) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ", "\u00a0", " ").Replace(norm.NFC.String(text))
	var b strings.Builder
	for _, r := range text {
		_, known := widths[r]
		if r == '\n' || known && unicode.IsPrint(r) || r == '\u3000' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "〔U+%04X〕", r)
		}
	}
	return b.String()
}

// Legible reports whether every character of the text is set as it is. A name that is not may be asked for in another spelling.
func Legible(text string) bool {
	widths, err := typeface()
	return err == nil && legible(text, widths) == norm.NFC.String(text)
}

const (
	// neverFirst must not begin a line, neverLast must not end one (GB/T 15834, 5.1).
	neverFirst = "，。、；：？！）》」』】〕〉”’…—～·％℃,.;:?!)]}%>"
	neverLast  = "（《「『【〔〈“‘([{<￥$"
)

// atoms cuts a paragraph into what stays together on a line.
func atoms(text string) []string {
	var out []string
	var last rune
	for _, r := range text {
		if n := len(out); n > 0 && together(last, r) {
			out[n-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = r
	}
	return out
}

func together(before, after rune) bool {
	if after == ' ' || before == ' ' {
		return false
	}
	return strings.ContainsRune(neverFirst, after) || strings.ContainsRune(neverLast, before) || wordly(before) && wordly(after)
}

// wordly reports whether the character is one of those that make words and numbers, as against characters that stand alone.
func wordly(r rune) bool {
	return r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("-_/@#&+.:", r))
}

// wrap breaks a paragraph without line breaks into lines of at most width, counted in thousandths of the type size.
func wrap(text string, width int, widths map[rune]int) []string {
	var lines []string
	line, used := "", 0
	next := func() { lines, line, used = append(lines, strings.TrimRight(line, " ")), "", 0 }
	for _, atom := range atoms(text) {
		w := measure(atom, widths)
		if used+w > width && used > 0 && atom != " " {
			next()
		}
		if w <= width || atom == " " {
			line, used = line+atom, used+w
			continue
		}
		for _, r := range atom {
			if used+widths[r] > width && used > 0 {
				next()
			}
			line, used = line+string(r), used+widths[r]
		}
	}
	next()
	return lines
}

func measure(s string, widths map[rune]int) (n int) {
	for _, r := range s {
		n += widths[r]
	}
	return n
}
