package course

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mijuan/internal/problem"
)

var harmless = regexp.MustCompile(`</?(?:h3|h4|p|ul|ol|li|blockquote|strong)>`)

// FuzzParse: whatever the text, sound holds.
func FuzzParse(f *testing.F) {
	f.Add(small(f))
	f.Add(Default().Text())
	f.Add("# 课程：甲\n\n版本：1:2\n及格分:+60\n每次题数：5\n答题分钟：5\n# 课文 a：：b\n条款：1\n\n　　[a]: b\n")
	f.Add("# 试题 a\n## 判断题 b\n条款：1，2\n\n解\n析：\n- [x] 对\n- [ ]错\n解析:：\n\n解析")
	f.Fuzz(func(t *testing.T, text string) { sound(t, text) })
}

// sound checks what holds of every text: it is a course or a problem; a course reads the same again from its canonical text,
// its HTML has the few known tags and no other, and a test can be drawn and passed. It reports whether it was a course.
func sound(t *testing.T, text string) bool {
	c, err := Parse(text)
	if err != nil {
		if problem.KindOf(err) == 0 || !utf8.ValidString(err.Error()) {
			t.Fatal(err)
		}
		return false
	}
	again, err := Parse(c.Text())
	if err != nil {
		t.Fatalf("%v in\n%s", err, c.Text())
	}
	if again.Text() != c.Text() || again.Hash() != c.Hash() {
		t.Fatalf("reads again as\n%s\nfrom\n%s", again.Text(), c.Text())
	}
	for _, l := range append(c.Lessons, Lesson{Body: c.Intro}) {
		if bare := harmless.ReplaceAllString(l.Body.HTML, ""); strings.ContainsAny(bare, `<>"'`) {
			t.Fatalf("lesson %s: %s", l.Key, bare)
		}
	}
	d, err := c.Draw([32]byte{1}, c.Exam.Questions)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := d.Mark(perfect(d)); err != nil || !r.Passed {
		t.Fatalf("%+v %v", r, err)
	}
	return true
}

// TestMangled changes whole lines and pieces of lines, which random bytes seldom do, and keeps what is still a course to
// change it further.
func TestMangled(t *testing.T) {
	pieces := strings.Split(small(t), "\n")
	pieces = append(pieces, "　　", "- ", "> ", "**甲**", "：", ":", "解析：", "解析:", "解", "析：乙", "## 单选 x", "### 丙", "1. 丁", "- [x] 戊", "[x]", "条款：9", "\u00a0", "\t", "<", "[a]:", "* * *", "|")
	r := rand.New(rand.NewPCG(1, 2))
	lines := strings.Split(small(t), "\n")
	courses := 0
	for range 800 {
		next := slices.Clone(lines)
		for range 1 + r.IntN(2) {
			i, piece := r.IntN(len(next)), pieces[r.IntN(len(pieces))]
			switch r.IntN(5) {
			case 0:
				next = slices.Delete(next, i, i+1)
			case 1:
				next = slices.Insert(next, i, piece)
			case 2:
				next[i] = piece + next[i]
			case 3:
				next[i] += piece
			case 4:
				j := r.IntN(len(next))
				next[i], next[j] = next[j], next[i]
			}
		}
		if sound(t, strings.Join(next, "\n")) {
			courses++
			if lines = next; len(lines) > 200 {
				lines = strings.Split(small(t), "\n")
			}
		}
	}
	if courses < 80 {
		t.Errorf("only %d of the texts were courses", courses)
	}
}
