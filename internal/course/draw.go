package course

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"mijuan/internal/problem"
)

// Test is a test drawn for one person. It knows the right answers and so prints and encodes as nothing; what a page needs is
// its Sheet.
type Test struct {
	course    *Course
	questions []drawn
}

type drawn struct {
	*question
	order []int // places of the options in the bank, as shown
}

// Format keeps the answers out of logs.
func (t *Test) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "test of %d questions", t.Len()) }

// Len is the number of questions.
func (t *Test) Len() int { return len(t.questions) }

// Sheet is a test as it is shown: without any answer.
type Sheet struct {
	Title string // of the course
	Exam  Exam   // with as many questions as the sheet has
	Items []Item
}

// Item is a question as it is shown.
type Item struct {
	Number  int // from 1
	Kind    Kind
	Stem    string // plain text, one paragraph a line
	Options []string
}

// Draw makes a test of n questions, each at most once, taken from the lessons in turn: no lesson gives two more than another, but
// where the other has no more. The same course, seed and n give the same test for ever (docs/formats/course.md), so that only
// these need be stored. The seed must be secret and random until the test is marked.
func (c *Course) Draw(seed [32]byte, n int) (*Test, error) {
	if n < 1 || n > len(c.bank) {
		return nil, problem.New(problem.Invalid, "题库有 %d 题，不能出 %d 题", len(c.bank), n)
	}
	byLesson := map[string][]*question{}
	for i := range c.bank {
		q := &c.bank[i]
		byLesson[q.lesson] = append(byLesson[q.lesson], q)
	}
	var lessons []string
	for _, l := range c.Lessons {
		lessons = append(lessons, l.Key)
	}
	lessons = shuffle(seed, "lesson", lessons, func(key string) string { return key })
	for _, key := range lessons {
		byLesson[key] = shuffle(seed, "pick", byLesson[key], questionKey)
	}
	var picked []*question
	for round := 0; len(picked) < n; round++ {
		for _, key := range lessons {
			if pile := byLesson[key]; round < len(pile) && len(picked) < n {
				picked = append(picked, pile[round])
			}
		}
	}
	t := &Test{course: c}
	for _, q := range shuffle(seed, "show", picked, questionKey) {
		t.questions = append(t.questions, drawn{q, q.shown(seed)})
	}
	return t, nil
}

func questionKey(q *question) string { return q.key }

// shown is the order of the options; right and wrong always stand in theirs.
func (q *question) shown(seed [32]byte) []int {
	order := make([]int, len(q.options))
	for i := range order {
		order[i] = i
	}
	if q.kind == Judgement {
		return order
	}
	return shuffle(seed, "option "+q.key, order, func(i int) string { return q.options[i].text })
}

// shuffle sorts by the SHA-256 of the seed, the purpose and each one's name, which must differ.
func shuffle[T any](seed [32]byte, purpose string, all []T, name func(T) string) []T {
	rank := func(v T) []byte {
		sum := sha256.Sum256(fmt.Appendf(nil, "mijuan-course-draw/1\n%s%s\n%s", seed[:], purpose, name(v)))
		return sum[:]
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b T) int { return bytes.Compare(rank(a), rank(b)) })
	return all
}

// Sheet is what is shown.
func (t *Test) Sheet() Sheet {
	s := Sheet{Title: t.course.Title, Exam: t.course.Exam}
	s.Exam.Questions = t.Len()
	for i := range t.questions {
		s.Items = append(s.Items, t.item(i))
	}
	return s
}

func (t *Test) item(i int) Item {
	q := t.questions[i]
	it := Item{Number: i + 1, Kind: q.kind, Stem: display(q.stem)}
	for _, place := range q.order {
		it.Options = append(it.Options, q.options[place].text)
	}
	return it
}
