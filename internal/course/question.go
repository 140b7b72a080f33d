package course

import (
	"slices"
	"strings"
	"unicode/utf8"

	"mijuan/internal/problem"
)

const (
	longestText   = 1000 // of a stem or an explanation, in characters
	longestOption = 300
	mostOptions   = 8
	mostQuestions = 1000
)

// questions reads a section 试题: questions to the lesson of that key.
func (d *draft) questions(s section, lesson string) error {
	if !keyForm.MatchString(lesson) {
		return problem.New(problem.Invalid, "%s 第 %d 行：“%s”之后要写所属课文的代号", s.head.file, s.head.no, "# 试题")
	}
	first, all := cut(s.body, "## ")
	if at, ok := wording(first); ok {
		return problem.New(problem.Invalid, "%s 第 %d 行：试题要以“%s”开头", at.file, at.no, questionHeadings)
	}
	for _, q := range all {
		if err := d.question(q, lesson); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) question(s section, lesson string) error {
	word, key, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(s.head.text, "## ")), " ")
	q := question{key: strings.TrimSpace(key), lesson: lesson}
	for k, name := range kindNames {
		if strings.TrimSuffix(word, "题") == name {
			q.kind = k
		}
	}
	if q.kind == 0 {
		return problem.New(problem.Invalid, "%s 第 %d 行：试题要以“%s”开头", s.head.file, s.head.no, questionHeadings)
	}
	if err := d.name(s.head, q.key, "试题"); err != nil {
		return err
	}
	f, body, err := fields(s, "条款")
	if err != nil {
		return err
	}
	if q.clauses, err = clauses(f["条款"]); err != nil {
		return err
	}
	if err := q.read(body); err != nil {
		return err
	}
	if err := q.sound(s.head); err != nil {
		return err
	}
	if before, ok := d.seen["题干 "+q.stem]; ok {
		return problem.New(problem.Invalid, "%s 第 %d 行：题干与前面 %s 第 %d 行的试题相同", s.head.file, s.head.no, before.file, before.no)
	}
	d.seen["题干 "+q.stem] = s.head
	d.bank = append(d.bank, placed{q, s.head})
	return nil
}

// The words of the format, which are Chinese in every language of the faces.
const (
	explains         = "解析："
	yes, no          = "对", "错"
	questionHeadings = "## 单选 代号”“## 多选 代号”“## 判断 代号"
)

// read takes the lines below the fields: the stem, the options, the explanation, in this order.
func (q *question) read(lines []line) error {
	var stem, why []line
	for _, l := range lines {
		l.text = strings.TrimSpace(l.text)
		text, right, isOption := asOption(l.text)
		switch {
		case strings.HasPrefix(l.text, "### "), strings.Contains(l.text, "**"):
			return problem.New(problem.Invalid, "%s 第 %d 行：试题里只写普通文字，不用小标题和加粗", l.file, l.no)
		case strings.HasPrefix(l.text, explains), strings.HasPrefix(l.text, "解析:"):
			if why != nil {
				return problem.New(problem.Invalid, "%s 第 %d 行：“%s”写了两次", l.file, l.no, "解析")
			}
			_, l.text, _ = colon(l.text)
			why = append(why, l)
		case isOption && why == nil:
			if q.options = append(q.options, option{text, right}); text == "" || utf8.RuneCountInString(text) > longestOption {
				return problem.New(problem.Invalid, "%s 第 %d 行：选项不能空着，最多 %d 个字", l.file, l.no, longestOption)
			}
		case isOption || looksLikeOption(l.text):
			return problem.New(problem.Invalid, "%s 第 %d 行：选项以“- [ ]”开头，正确的以“- [x]”开头，都放在解析之前", l.file, l.no)
		case why != nil:
			why = append(why, l)
		case q.options == nil:
			stem = append(stem, l)
		case l.text != "":
			return problem.New(problem.Invalid, "%s 第 %d 行：一个选项写在一行里；选项之后只能写“%s”", l.file, l.no, explains)
		}
	}
	q.stem, q.why = keep(stem), keep(why)
	return nil
}

// asOption reads “- [ ] text” and “- [x] text”.
func asOption(t string) (text string, right, ok bool) {
	for _, mark := range []string{"- [ ]", "- [x]", "- [X]"} {
		if rest, ok := strings.CutPrefix(t, mark); ok {
			return strings.TrimSpace(rest), mark != "- [ ]", true
		}
	}
	return "", false, false
}

// looksLikeOption catches what would otherwise be taken for more of the stem.
func looksLikeOption(t string) bool {
	if strings.HasPrefix(t, "- ") || strings.HasPrefix(t, "* ") || strings.HasPrefix(t, "+ ") {
		return true
	}
	t = strings.TrimLeft(t, "-*+ ")
	for _, mark := range []string{"[ ]", "[x]", "[X]", "[]", "[√]", "[✓]", "【x】", "【√】", "【 】", "【】", "【✓】"} {
		if strings.HasPrefix(t, mark) {
			return true
		}
	}
	return false
}

// sound finds what is wrong with a question by itself.
func (q *question) sound(at line) error {
	right := 0
	for i, o := range q.options {
		if o.right {
			right++
		}
		if slices.ContainsFunc(q.options[:i], func(p option) bool { return p.text == o.text }) {
			return problem.New(problem.Invalid, "%s 第 %d 行：试题有两个相同的选项“%s”", at.file, at.no, o.text)
		}
	}
	switch {
	case q.stem == "" || utf8.RuneCountInString(q.stem) > longestText:
		return problem.New(problem.Invalid, "%s 第 %d 行：试题要有题干，最多 %d 个字", at.file, at.no, longestText)
	case q.why == "" || utf8.RuneCountInString(q.why) > longestText:
		return problem.New(problem.Invalid, "%s 第 %d 行：试题要有“%s”，最多 %d 个字", at.file, at.no, explains, longestText)
	case q.kind == Judgement && !q.yesOrNo():
		return problem.New(problem.Invalid, "%s 第 %d 行：判断题的选项依次只写“%s”和“%s”", at.file, at.no, yes, no)
	case len(q.options) < 2 || len(q.options) > mostOptions:
		return problem.New(problem.Invalid, "%s 第 %d 行：试题要有 2 到 %d 个选项", at.file, at.no, mostOptions)
	case right == 0:
		return problem.New(problem.Invalid, "%s 第 %d 行：试题没有标出正确答案，请在正确的选项前写“- [x]”", at.file, at.no)
	case q.kind != Multiple && right > 1:
		return problem.New(problem.Invalid, "%s 第 %d 行：单选题和判断题只能有一个正确答案", at.file, at.no)
	case q.kind == Multiple && right < 2:
		return problem.New(problem.Invalid, "%s 第 %d 行：多选题至少要有两个正确答案", at.file, at.no)
	}
	return nil
}

func (q *question) yesOrNo() bool {
	return len(q.options) == 2 && q.options[0].text == yes && q.options[1].text == no
}
