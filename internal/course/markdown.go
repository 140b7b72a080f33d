package course

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mijuan/internal/problem"
)

const (
	charactersAMinute = 300
	leastSeconds      = 60
	longestLine       = 4000
)

// Prose is text to read. HTML is made of h3, h4, p, ul, ol, li, blockquote and strong without attributes, everything else in it
// is escaped: it may go into a page as it is.
type Prose struct {
	Source  string // the Markdown
	HTML    string
	Seconds int // that reading takes: 300 characters a minute, a minute at least
}

var (
	htmlTag  = regexp.MustCompile(`<[/!?]?[A-Za-z]|<!`)
	link     = regexp.MustCompile(`\][(\[]`)
	address  = regexp.MustCompile(`^\[[^\]]*\]:`)
	numbered = regexp.MustCompile(`^\d{1,3}\. `)
)

// check finds what no line of a course may hold. The Markdown of courses is small on purpose: what a lawyer needs, without a
// way to bring a program, a picture or an address from outside into the page.
func (l line) check() error {
	t := strings.TrimSpace(l.text)
	switch {
	case utf8.RuneCountInString(l.text) > longestLine:
		return problem.New(problem.Invalid, "%s 第 %d 行：这一行过长，最多 %d 个字", l.file, l.no, longestLine)
	case strings.ContainsFunc(l.text, hidden):
		return problem.New(problem.Invalid, "%s 第 %d 行：有看不见的控制字符，请删去重打", l.file, l.no)
	case htmlTag.MatchString(l.text):
		return problem.New(problem.Invalid, "%s 第 %d 行：不能写 HTML 标签或脚本；要写小于号，请用全角“＜”", l.file, l.no)
	case strings.Contains(l.text, "!["):
		return problem.New(problem.Invalid, "%s 第 %d 行：课程里不能放图片", l.file, l.no)
	case link.MatchString(t), address.MatchString(t):
		return problem.New(problem.Invalid, "%s 第 %d 行：课程里不能放链接", l.file, l.no)
	case strings.HasPrefix(t, "#") && !regular(l.text):
		return problem.New(problem.Invalid, "%s 第 %d 行：标题要顶格写，一至三个 # 之后空一格", l.file, l.no)
	case strings.HasPrefix(t, "```"), strings.HasPrefix(t, "~~~"), strings.HasPrefix(t, "|"), strings.HasPrefix(t, "==="), strings.HasPrefix(t, "---"):
		return problem.New(problem.Invalid, "%s 第 %d 行：课程里不能用代码块、表格和分隔线", l.file, l.no)
	case strings.Count(l.text, "**")%2 != 0:
		return problem.New(problem.Invalid, "%s 第 %d 行：加粗的 ** 要在同一行里成对", l.file, l.no)
	}
	return nil
}

func hidden(r rune) bool {
	return r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029')
}

// regular reports whether a line that begins with # is a heading.
func regular(s string) bool {
	return strings.HasPrefix(s, "# ") || strings.HasPrefix(s, "## ") || strings.HasPrefix(s, "### ")
}

// block is a piece of prose that stands by itself.
type block struct {
	tag   string // h3, h4, p, li of a ul or ol, blockquote
	list  string // ul or ol, of a li
	lines []string
}

// compose makes prose of a section's lines.
func compose(lines []line) (Prose, error) {
	var blocks []block
	open := false // whether the next plain line goes on with the last block
	for _, l := range lines {
		t := strings.TrimSpace(l.text)
		if t == "" {
			open = false
			continue
		}
		b := begin(t)
		indented := l.text != t && !strings.HasPrefix(l.text, "\u3000")
		switch {
		case indented && b.tag == "li":
			return Prose{}, problem.New(problem.Invalid, "%s 第 %d 行：列表只能有一层，请顶格写", l.file, l.no)
		case open && b.tag == "p", open && b.tag == "blockquote" && blocks[len(blocks)-1].tag == "blockquote":
			last := &blocks[len(blocks)-1]
			last.lines = append(last.lines, b.lines...)
		default:
			blocks = append(blocks, b)
		}
		open = b.tag != "h3" && b.tag != "h4"
	}
	p := Prose{Source: keep(lines)}
	p.HTML, p.Seconds = render(blocks)
	return p, nil
}

// begin says what a line begins.
func begin(t string) block {
	switch {
	case strings.HasPrefix(t, "### "):
		return block{tag: "h4", lines: []string{strings.TrimSpace(t[4:])}}
	case strings.HasPrefix(t, "## "):
		return block{tag: "h3", lines: []string{strings.TrimSpace(t[3:])}}
	case strings.HasPrefix(t, "- "), strings.HasPrefix(t, "* "), strings.HasPrefix(t, "+ "):
		return block{tag: "li", list: "ul", lines: []string{strings.TrimSpace(t[2:])}}
	case numbered.MatchString(t):
		return block{tag: "li", list: "ol", lines: []string{strings.TrimSpace(t[strings.Index(t, " "):])}}
	case strings.HasPrefix(t, ">"):
		return block{tag: "blockquote", lines: []string{strings.TrimSpace(t[1:])}}
	}
	return block{tag: "p", lines: []string{t}}
}

// render writes the blocks and counts how long reading them takes.
func render(blocks []block) (string, int) {
	var b strings.Builder
	characters, list := 0, ""
	turn := func(to string) {
		if list != to && list != "" {
			b.WriteString("</" + list + ">\n")
		}
		if list != to && to != "" {
			b.WriteString("<" + to + ">\n")
		}
		list = to
	}
	for _, k := range blocks {
		turn(k.list)
		text := flow(k.lines)
		characters += count(text)
		b.WriteString("<" + k.tag + ">" + inline(text) + "</" + k.tag + ">\n")
	}
	turn("")
	return b.String(), max(leastSeconds, characters*60/charactersAMinute)
}

// inline escapes the text and makes **…** strong. Unlike CommonMark it does not ask what stands around the asterisks, since
// that fails beside full-width punctuation.
func inline(text string) string {
	parts := strings.Split(html.EscapeString(text), "**")
	var b strings.Builder
	for i, p := range parts {
		if i%2 == 1 {
			p = "<strong>" + p + "</strong>"
		}
		b.WriteString(p)
	}
	return b.String()
}

// flow joins the lines of a paragraph: with a space where two lines meet in Latin letters, else with nothing.
func flow(lines []string) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			before, _ := utf8.DecodeLastRuneInString(lines[i-1])
			after, _ := utf8.DecodeRuneInString(l)
			if before < 0x2000 && after < 0x2000 {
				b.WriteByte(' ')
			}
		}
		b.WriteString(l)
	}
	return b.String()
}

// count is the number of characters to read.
func count(text string) (n int) {
	for _, r := range strings.ReplaceAll(text, "**", "") {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// keep gives lines as a text that reads the same again: no blank lines at its ends, one at most between others.
func keep(lines []line) string {
	var kept []string
	for _, l := range lines {
		if strings.TrimSpace(l.text) == "" {
			if len(kept) > 0 && kept[len(kept)-1] != "" {
				kept = append(kept, "")
			}
			continue
		}
		kept = append(kept, l.text)
	}
	return strings.TrimRight(strings.Join(kept, "\n"), "\n")
}
