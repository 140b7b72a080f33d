package pledge

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mijuan/internal/letter"
	"mijuan/internal/problem"
)

// Style is what a block of a pledge's text is.
type Style uint8

const (
	Heading Style = iota + 1 // ## 一、……
	Plain                    // a paragraph
	Item                     // 1. …; items count through the whole text
)

// Block is a part of a pledge's text.
type Block struct {
	Style Style
	Text  string
}

// Text is a pledge's text as people read it and as it is set.
type Text struct {
	Title  string
	Blocks []Block
}

const (
	longestText  = 20_000 // characters
	longestTitle = 40
)

var numbered = regexp.MustCompile(`^[0-9]{1,3}[.．、] *`)

// ParseText reads a text in the Markdown of pledges: `# ` its title in the first line, `## ` headings, `1. ` numbered items,
// paragraphs between blank lines, and nothing else. What it does not know is problem.Invalid in the field "text".
func ParseText(markdown string) (Text, error) {
	var t Text
	if utf8.RuneCountInString(markdown) > longestText {
		return t, problem.New(problem.TooLarge, "承诺书过长：最多 %d 个字", longestText).In("text")
	}
	fresh := true // whether a line begins a new block
	for i, line := range strings.Split(strings.ReplaceAll(markdown, "\r\n", "\n"), "\n") {
		line = strings.TrimSpace(line)
		if strings.ContainsFunc(line, hidden) || !utf8.ValidString(line) {
			return t, problem.New(problem.Invalid, "第 %d 行：有看不见的控制字符，请删去重打", i+1).In("text")
		}
		if err := t.take(i+1, line, fresh); err != nil {
			return t, err
		}
		fresh = line == "" || strings.HasPrefix(line, "#")
	}
	if t.Title == "" || utf8.RuneCountInString(t.Title) > longestTitle {
		return t, problem.New(problem.Invalid, "承诺书第一行要写标题：# 之后空一格，不超过 %d 个字", longestTitle).In("text")
	}
	if len(t.Blocks) == 0 {
		return t, problem.New(problem.Invalid, "承诺书没有正文").In("text")
	}
	return t, nil
}

func (t *Text) take(no int, line string, fresh bool) error {
	add := func(s Style, text string) {
		t.Blocks = append(t.Blocks, Block{s, strings.TrimSpace(text)})
	}
	switch {
	case line == "":
	case strings.HasPrefix(line, "# ") && t.Title == "" && len(t.Blocks) == 0:
		t.Title = strings.TrimSpace(line[2:])
	case strings.HasPrefix(line, "## "):
		add(Heading, line[3:])
	case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "|"), strings.HasPrefix(line, "```"), strings.HasPrefix(line, "- "), strings.HasPrefix(line, "* "),
		strings.HasPrefix(line, ">"), strings.HasPrefix(line, "<"), strings.Contains(line, "**"), strings.Contains(line, "]("):
		return problem.New(problem.Invalid, "第 %d 行：承诺书里只能有一个标题（# ）、小标题（## ）、编号条目（1. ）和段落", no).In("text")
	case numbered.MatchString(line):
		add(Item, numbered.ReplaceAllString(line, ""))
	case fresh || len(t.Blocks) == 0:
		add(Plain, line)
	default:
		t.Blocks[len(t.Blocks)-1].Text += line
	}
	return nil
}

// hidden are control characters and those that turn or hide what stands beside them.
func hidden(r rune) bool { return r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }

// body is the text as a letter sets it.
func (t Text) body() (all []letter.Block) {
	for _, b := range t.Blocks {
		switch b.Style {
		case Heading:
			all = append(all, letter.Heading(b.Text))
		case Plain:
			all = append(all, letter.Plain(b.Text))
		case Item:
			all = append(all, letter.Item(b.Text))
		}
	}
	return all
}

// Digest tells one text from another: a form that shows a text sends it back, so that nobody signs what they did not see.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
