package course

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mijuan/internal/problem"
)

const longestTitle = 60

// headings are the three sorts of sections.
const headings = "# 课程：名称”“# 课文 代号：标题”“# 试题 代号"

var (
	keyForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	clauseForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,15}$`)
)

// draft is a course while it is read, with the places that a later problem must name.
type draft struct {
	course *Course
	head   line            // of the heading 课程; no file when there was none
	asked  line            // of the field 每次题数
	seen   map[string]line // lessons and questions by their key, questions by their stem
	bank   []placed
}

// placed is a question and its heading.
type placed struct {
	question
	at line
}

// section is a heading and the lines up to the next one of its depth.
type section struct {
	head line
	body []line
}

// parse reads the sections, which may stand in any order; lessons keep theirs.
func parse(lines []line) (*Course, error) {
	d := &draft{course: &Course{}, seen: map[string]line{}}
	first, sections := cut(lines, "# ")
	if at, ok := wording(first); ok {
		return nil, problem.New(problem.Invalid, "%s 第 %d 行：这一行不在“%s”任何一部分之下", at.file, at.no, headings)
	}
	for _, s := range sections {
		if err := d.section(s); err != nil {
			return nil, err
		}
	}
	if err := d.whole(); err != nil {
		return nil, err
	}
	return d.course, nil
}

// cut divides lines at the headings that begin with the mark; first is what stands before them.
func cut(lines []line, mark string) (first []line, sections []section) {
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l.text, mark):
			sections = append(sections, section{head: l})
		case len(sections) == 0:
			first = append(first, l)
		default:
			last := &sections[len(sections)-1]
			last.body = append(last.body, l)
		}
	}
	return first, sections
}

// wording finds the first line that is not blank.
func wording(lines []line) (line, bool) {
	i := slices.IndexFunc(lines, func(l line) bool { return l.text != "" })
	if i < 0 {
		return line{}, false
	}
	return lines[i], true
}

// section reads one of the three sorts: “# 课程：title”, “# 课文 key：title”, “# 试题 key”.
func (d *draft) section(s section) error {
	words := strings.TrimSpace(strings.TrimPrefix(s.head.text, "# "))
	before, title, _ := colon(words)
	name, key, _ := strings.Cut(before, " ")
	key = strings.TrimSpace(key)
	if name == "试题" && title == "" {
		return d.questions(s, key)
	}
	if name != "课程" && name != "课文" || name == "课程" && key != "" {
		return problem.New(problem.Invalid, "%s 第 %d 行：不认识的标题“%s”；标题应为“%s”之一", s.head.file, s.head.no, words, headings)
	}
	if title == "" || utf8.RuneCountInString(title) > longestTitle {
		return problem.New(problem.Invalid, "%s 第 %d 行：冒号之后要写名称，最多 %d 个字", s.head.file, s.head.no, longestTitle)
	}
	if name == "课程" {
		return d.cover(s, title)
	}
	return d.lesson(s, key, title)
}

// cover reads the section 课程.
func (d *draft) cover(s section, title string) error {
	if d.head.file != "" {
		return problem.New(problem.Invalid, "%s 第 %d 行：“%s”只能有一处，前面 %s 第 %d 行已有", s.head.file, s.head.no, "# 课程", d.head.file, d.head.no)
	}
	d.head = s.head
	f, body, err := fields(s, "版本", "及格分", "每次题数", "答题分钟")
	if err != nil {
		return err
	}
	c := d.course
	c.Title, c.Version, d.asked = title, f["版本"].text, f["每次题数"]
	if utf8.RuneCountInString(c.Version) > 200 {
		return problem.New(problem.Invalid, "%s 第 %d 行：版本说明最多 %d 个字", f["版本"].file, f["版本"].no, 200)
	}
	for _, n := range []struct {
		name        string
		to          *int
		least, most int
	}{{"及格分", &c.Exam.PassMark, 60, 100}, {"每次题数", &c.Exam.Questions, 5, 100}, {"答题分钟", &c.Exam.Minutes, 5, 240}} {
		at := f[n.name]
		v, err := strconv.Atoi(at.text)
		if err != nil || v < n.least || v > n.most {
			return problem.New(problem.Invalid, "%s 第 %d 行：“%s”要写 %d 到 %d 之间的整数", at.file, at.no, n.name, n.least, n.most)
		}
		*n.to = v
	}
	c.Intro, err = compose(body)
	return err
}

// lesson reads a section 课文.
func (d *draft) lesson(s section, key, title string) error {
	if err := d.name(s.head, key, "课文"); err != nil {
		return err
	}
	f, body, err := fields(s, "条款")
	if err != nil {
		return err
	}
	l := Lesson{Key: key, Title: title}
	if l.Clauses, err = clauses(f["条款"]); err != nil {
		return err
	}
	if _, ok := wording(body); !ok {
		return problem.New(problem.Invalid, "%s 第 %d 行：课文没有内容", s.head.file, s.head.no)
	}
	if l.Body, err = compose(body); err != nil {
		return err
	}
	d.course.Lessons = append(d.course.Lessons, l)
	return nil
}

// name takes a key, once.
func (d *draft) name(at line, key, sort string) error {
	if !keyForm.MatchString(key) {
		return problem.New(problem.Invalid, "%s 第 %d 行：代号用小写字母、数字和连字符，最多 40 个", at.file, at.no)
	}
	if before, ok := d.seen[sort+" "+key]; ok {
		return problem.New(problem.Invalid, "%s 第 %d 行：代号 %s 重复，前面 %s 第 %d 行已有", at.file, at.no, key, before.file, before.no)
	}
	d.seen[sort+" "+key] = at
	return nil
}

// fields reads the lines “name：value” that stand directly below a heading, all of the names and no others. The text of a
// field's line is its value.
func fields(s section, names ...string) (map[string]line, []line, error) {
	found := map[string]line{}
	start := slices.IndexFunc(s.body, func(l line) bool { return l.text != "" })
	i := max(start, 0)
	for ; i < len(s.body) && s.body[i].text != ""; i++ {
		l := s.body[i]
		name, value, ok := colon(l.text)
		switch {
		case !ok || !slices.Contains(names, name):
			return nil, nil, problem.New(problem.Invalid, "%s 第 %d 行：标题下面先写“%s”，每项一行，再空一行写正文", l.file, l.no, strings.Join(names, "”“"))
		case found[name].file != "":
			return nil, nil, problem.New(problem.Invalid, "%s 第 %d 行：“%s”写了两次", l.file, l.no, name)
		case value == "":
			return nil, nil, problem.New(problem.Invalid, "%s 第 %d 行：“%s”没有填写", l.file, l.no, name)
		}
		l.text = value
		found[name] = l
	}
	for _, name := range names {
		if found[name].file == "" {
			return nil, nil, problem.New(problem.Invalid, "%s 第 %d 行：这个标题下面缺少“%s”", s.head.file, s.head.no, name)
		}
	}
	return found, s.body[i:], nil
}

// colon divides at the first colon, Chinese or Latin, and trims both sides.
func colon(s string) (before, after string, ok bool) {
	i := strings.IndexAny(s, "：:")
	if i < 0 {
		return strings.TrimSpace(s), "", false
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+size:]), true
}

// clauses reads a list of clause keys.
func clauses(at line) ([]string, error) {
	keys := strings.FieldsFunc(at.text, func(r rune) bool { return strings.ContainsRune("、，, ；;", r) })
	for i, k := range keys {
		if !clauseForm.MatchString(k) || slices.Contains(keys[:i], k) {
			return nil, problem.New(problem.Invalid, "%s 第 %d 行：条款要写编号，用顿号隔开，不重复，如“7.1.3、10”", at.file, at.no)
		}
	}
	if len(keys) == 0 {
		return nil, problem.New(problem.Invalid, "%s 第 %d 行：条款要写编号，用顿号隔开，不重复，如“7.1.3、10”", at.file, at.no)
	}
	return keys, nil
}
