package corpus

import "strings"

const (
	neverFirst = "，。、；：！？）》」』】〉”’…—·,.;:!?)]%"
	neverLast  = "（《「『【〈“‘(["
)

// breakLines sets a paragraph in lines of at most max em, the first one shorter by indent. Words and figures stay whole, closing
// marks never begin a line and opening ones never end it.
func breakLines(s string, max, indent float64) []string {
	var lines []string
	var line strings.Builder
	room := max - indent
	for _, u := range units(s) {
		w := width(u)
		if w > room && line.Len() > 0 {
			lines = append(lines, strings.TrimRight(line.String(), " "))
			line.Reset()
			room = max
			u = strings.TrimLeft(u, " ")
		}
		for w > max {
			head := fitting(u, room)
			lines = append(lines, line.String()+head)
			line.Reset()
			u, room = u[len(head):], max
			w = width(u)
		}
		line.WriteString(u)
		room -= w
	}
	if line.Len() > 0 || len(lines) == 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// fitting is the longest head of s within room em, at least one character.
func fitting(s string, room float64) string {
	for i, r := range s {
		room -= advance(r)
		if room < 0 && i > 0 {
			return s[:i]
		}
	}
	return s
}

// units cuts a paragraph into the pieces between which a line may break.
func units(s string) []string {
	var out []string
	var piece []rune
	flush := func() {
		if len(piece) > 0 {
			out = append(out, string(piece))
			piece = nil
		}
	}
	for _, r := range s {
		if len(piece) > 0 && mayBreak(piece[len(piece)-1], r) {
			flush()
		}
		piece = append(piece, r)
	}
	flush()
	return out
}

func mayBreak(left, right rune) bool {
	switch {
	case strings.ContainsRune(neverFirst, right), strings.ContainsRune(neverLast, left):
		return false
	case left == ' ':
		return right != ' '
	default:
		return !(latin(left) && latin(right))
	}
}

func latin(r rune) bool { return r > ' ' && r < 0x2000 }
