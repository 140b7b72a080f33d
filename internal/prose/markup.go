package prose

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"mijuan/internal/filetype"
)

var (
	unseen = regexp.MustCompile(`(?is)<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>`)
	tag    = regexp.MustCompile(`(?s)<[/!?]?([a-zA-Z0-9:]*)[^>]*>`)
	blocks = regexp.MustCompile(`(?i)^(p|div|br|tr|td|th|li|h[1-6]|table|title|text|section|article|pre)$`)
)

// page is the text of a web page.
func page(b []byte) string {
	text := unseen.ReplaceAllString(string(b), "")
	text = tag.ReplaceAllStringFunc(text, func(t string) string {
		if blocks.MatchString(tag.FindStringSubmatch(t)[1]) {
			return "\n"
		}
		return ""
	})
	return html.UnescapeString(text)
}

// Words of RTF: those that end a line, and those that begin what is not shown.
var (
	breaks  = regexp.MustCompile(`^(par|line|cell|row|sect|page|tab)$`)
	hidden  = regexp.MustCompile(`^(fonttbl|colortbl|stylesheet|info|pict|object|themedata|datastore|listtable)$`)
	control = regexp.MustCompile(`^\\([a-zA-Z]+)(-?[0-9]{1,9})? ?`)
)

// rich is the text of an RTF document. Its bytes outside ASCII are taken for GBK, which is what programs here write.
func rich(b []byte) string {
	var text strings.Builder
	var raw []byte // of a text in GBK, until it ends
	flush := func() {
		text.WriteString(filetype.GB18030.Decode(raw))
		raw = raw[:0]
	}
	depth, hiddenFrom, skip := 0, 0, 0
	put := func(s string) {
		if hiddenFrom > 0 {
			return
		}
		flush()
		text.WriteString(s)
	}
	for len(b) > 0 {
		c := b[0]
		switch {
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth < hiddenFrom {
				hiddenFrom = 0
			}
		case c == '\\' && len(b) >= 4 && b[1] == '\'':
			n, err := strconv.ParseUint(string(b[2:4]), 16, 8)
			if skip > 0 {
				skip--
			} else if err == nil && hiddenFrom == 0 {
				raw = append(raw, byte(n))
			}
			b = b[4:]
			continue
		case c == '\\' && len(b) >= 2 && b[1] == '*' && hiddenFrom == 0:
			hiddenFrom = depth
			b = b[2:]
			continue
		case c == '\\':
			m := control.FindSubmatch(b[:min(len(b), 64)])
			if m == nil { // an escaped character
				if len(b) > 1 {
					put(string(b[1:2]))
				}
				b = b[min(2, len(b)):]
				continue
			}
			word, number := string(m[1]), string(m[2])
			switch n, err := strconv.Atoi(number); {
			case word == "u" && err == nil:
				put(string(rune(uint16(n))))
				skip = 1
			case breaks.MatchString(word):
				put("\n")
			case hidden.MatchString(word) && hiddenFrom == 0:
				hiddenFrom = depth
			}
			b = b[len(m[0]):]
			continue
		case c == '\r' || c == '\n':
		case skip > 0:
			skip--
		default:
			put(string(rune(c)))
		}
		b = b[1:]
	}
	flush()
	return text.String()
}
