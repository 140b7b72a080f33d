package course

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"mijuan/internal/problem"
)

// whole finds what is wrong with the parts as one course, and puts the questions into the order of the lessons.
func (d *draft) whole() error {
	c := d.course
	switch {
	case d.head.file == "":
		return problem.New(problem.Invalid, "课程没有“%s”这一部分", "# 课程：名称")
	case len(c.Lessons) == 0:
		return problem.New(problem.Invalid, "课程没有课文，请写“%s”", "# 课文 代号：标题")
	case len(d.bank) > mostQuestions:
		return problem.New(problem.TooLarge, "试题过多：最多 %d 道", mostQuestions)
	}
	for _, q := range d.bank {
		if _, ok := c.Lesson(q.lesson); !ok {
			return problem.New(problem.Invalid, "%s 第 %d 行：没有代号为 %s 的课文", q.at.file, q.at.no, q.lesson)
		}
	}
	for _, l := range c.Lessons {
		before := len(c.bank)
		for _, q := range d.bank {
			if q.lesson == l.Key {
				c.bank = append(c.bank, q.question)
			}
		}
		if at := d.seen["课文 "+l.Key]; len(c.bank) == before {
			return problem.New(problem.Invalid, "%s 第 %d 行：课文“%s”没有试题", at.file, at.no, l.Title)
		}
	}
	if len(c.bank) < c.Exam.Questions {
		return problem.New(problem.Invalid, "%s 第 %d 行：每次考 %d 题，但题库只有 %d 题", d.asked.file, d.asked.no, c.Exam.Questions, len(c.bank))
	}
	return nil
}

// Text is the course in its one canonical spelling: parsed again it is the same course. It holds the right answers, and is for
// those who edit the course.
func (c *Course) Text() string {
	var b strings.Builder
	b.WriteString("# 课程：" + c.Title + "\n\n版本：" + c.Version + "\n及格分：" + strconv.Itoa(c.Exam.PassMark) +
		"\n每次题数：" + strconv.Itoa(c.Exam.Questions) + "\n答题分钟：" + strconv.Itoa(c.Exam.Minutes) + "\n")
	if c.Intro.Source != "" {
		b.WriteString("\n" + c.Intro.Source + "\n")
	}
	for _, l := range c.Lessons {
		b.WriteString("\n# 课文 " + l.Key + "：" + l.Title + "\n\n条款：" + strings.Join(l.Clauses, "、") + "\n\n" + l.Body.Source + "\n")
		b.WriteString("\n# 试题 " + l.Key + "\n")
		for _, q := range c.bank {
			if q.lesson == l.Key {
				q.write(&b)
			}
		}
	}
	return b.String()
}

func (q *question) write(b *strings.Builder) {
	b.WriteString("\n## " + q.kind.Name() + " " + q.key + "\n\n条款：" + strings.Join(q.clauses, "、") + "\n\n" + q.stem + "\n\n")
	for _, o := range q.options {
		mark := "- [ ] "
		if o.right {
			mark = "- [x] "
		}
		b.WriteString(mark + o.text + "\n")
	}
	b.WriteString("\n" + explains + q.why + "\n")
}

// Hash identifies the version: the SHA-256 of the canonical text below its format's name, in hexadecimal digits. How a course
// is divided into files, and blank lines, make no difference; a changed word does.
func (c *Course) Hash() string {
	sum := sha256.Sum256([]byte("mijuan-course/1\n" + c.Text()))
	return hex.EncodeToString(sum[:])
}

// display makes paragraphs of a stem or an explanation, one a line.
func display(written string) string {
	var paragraphs []string
	for p := range strings.SplitSeq(written, "\n\n") {
		paragraphs = append(paragraphs, flow(strings.Split(p, "\n")))
	}
	return strings.Join(slices.Clip(paragraphs), "\n")
}
