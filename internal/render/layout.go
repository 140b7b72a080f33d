package render

import (
	"strings"
	"unicode"
)

// The page on which plain text is set, in points.
const (
	textSize    = 10.5
	textLeading = 17.0
	textSide    = 56.0
	textTop     = 64.0
	textFoot    = 60.0
	textColumn  = (a4Width - 2*textSide) / textSize * em // in em units
	textLines   = 42                                     // fill the page
	maxLines    = 120                                    // on a page of a long text, whose pages are cut by bytes
	tabStop     = 4 * em
)

// step is where the pen stands after a character, in em units from the line's beginning.
func (t *typeface) step(r rune, x float32) float32 {
	switch {
	case r == '\t':
		return (float32(int(x/tabStop)) + 1) * tabStop
	case r >= 0x2e80 && r < 0xff00:
		return x + em
	}
	return x + t.outline(r).advance
}

// hanging characters may stand in the margin rather than begin a line.
const hanging = "，。、；：？！）】」』》〉”’％…,.;:?!)]}%"

// setPage breaks text into at most so many lines and tells how many bytes they took. A form feed ends the page.
func (t *typeface) setPage(s string, most int) (lines []string, took int) {
	for took < len(s) && len(lines) < most {
		line, n, end := t.setLine(s[took:])
		took += n
		if end == '\f' && line == "" && len(lines) == 0 {
			continue // an empty page before a form feed is none
		}
		lines = append(lines, line)
		if end == '\f' {
			break
		}
	}
	return lines, took
}

// setLine takes one line off the text: up to its end, or as much as the column holds. end is the character that ended it, 0 for a
// full column.
func (t *typeface) setLine(s string) (line string, took int, end rune) {
	x, room := float32(0), 0 // room: bytes up to the last place where the line may break
	before := rune(' ')
	for i, r := range s {
		switch r {
		case '\n', '\f':
			return s[:i], i + 1, r
		case '\r':
			if strings.HasPrefix(s[i:], "\r\n") {
				return s[:i], i + 2, '\n'
			}
			return s[:i], i + 1, '\n'
		}
		if i > 0 && breakable(before, r) {
			room = i
		}
		next := t.step(r, x)
		if next > textColumn && r != ' ' && !(x <= textColumn && strings.ContainsRune(hanging, r)) {
			if room == 0 || i-room > 40 {
				room = max(i, 1)
			}
			return s[:room], room, 0
		}
		x, before = next, r
	}
	return s, len(s), '\n'
}

// breakable reports whether a line may end between two characters: around ideographs and after blanks.
func breakable(a, b rune) bool {
	if strings.ContainsRune(hanging, b) || strings.ContainsRune("（【「『《〈“‘([{", a) {
		return false
	}
	return a == ' ' || a == '\t' || wide(a) || wide(b)
}

func wide(r rune) bool { return r >= 0x2e80 && !unicode.Is(unicode.Co, r) }

// drawPage sets lines on a white page of w×h pixels.
func (t *typeface) drawPage(lines []string, w, h int) *raster {
	r := white(w, h)
	point := float32(w) / a4Width
	size := textSize * point
	for i, line := range lines {
		x, y := float32(0), (textTop+textLeading*float32(i)+textSize)*point
		for _, c := range line {
			next := t.step(c, x)
			if c != '\t' {
				t.write(r, string(c), textSide*point+x*size/em, y, size, 24)
			}
			x = next
		}
	}
	return r
}

// pageHeight is the height in points of a page with so many lines.
func pageHeight(lines int) float64 {
	return max(a4Height, textTop+textFoot+textLeading*float64(lines))
}
