package course

import (
	"slices"

	"mijuan/internal/problem"
)

// Answers are the chosen options of each item, in the order of the sheet, as places in its options from 0. Items may be left
// empty; an answer sheet that is too short leaves the rest empty.
type Answers [][]int

// Result is a marked test. It tells right answers: it is for the person who gave theirs.
type Result struct {
	Right, Total int
	Percent      int // of the questions, rounded down
	Passed       bool
	Wrong        []Mistake // in the order of the sheet
	Again        []Lesson  // to read once more, in the order of the course, each once
}

// Mistake is an item that was not answered rightly.
type Mistake struct {
	Item    Item
	Chosen  []int // places in the item's options
	Right   []int
	Why     string // plain text, one paragraph a line
	Clauses []string
	Lesson  Lesson
}

// Mark marks the answers. An item is right when exactly the right options were chosen: a part of them is wrong. Answers that
// do not belong to this sheet are a problem and mark nothing.
func (t *Test) Mark(answers Answers) (Result, error) {
	if len(answers) > t.Len() {
		return Result{}, problem.New(problem.Invalid, "答卷与试卷不符，请重新打开试卷").In("answers")
	}
	r := Result{Total: t.Len()}
	again := map[string]bool{}
	for i := range t.questions {
		var chosen []int
		if i < len(answers) {
			chosen = slices.Sorted(slices.Values(answers[i]))
		}
		if !t.questions[i].admits(chosen) {
			return Result{}, problem.New(problem.Invalid, "答卷与试卷不符，请重新打开试卷").In("answers")
		}
		right := t.questions[i].answer()
		if slices.Equal(chosen, right) {
			r.Right++
			continue
		}
		r.Wrong = append(r.Wrong, t.mistake(i, chosen, right))
		again[t.questions[i].lesson] = true
	}
	for _, l := range t.course.Lessons {
		if again[l.Key] {
			r.Again = append(r.Again, l)
		}
	}
	r.Percent = r.Right * 100 / r.Total
	r.Passed = r.Right*100 >= r.Total*t.course.Exam.PassMark
	return r, nil
}

// admits reports whether sorted choices can stand on the sheet: places that exist, each once, one only where one is right.
func (q drawn) admits(chosen []int) bool {
	for i, place := range chosen {
		if place < 0 || place >= len(q.order) || i > 0 && place == chosen[i-1] {
			return false
		}
	}
	return q.kind == Multiple || len(chosen) <= 1
}

// answer is the places of the right options on the sheet, ascending.
func (q drawn) answer() (right []int) {
	for shown, place := range q.order {
		if q.options[place].right {
			right = append(right, shown)
		}
	}
	return right
}

func (t *Test) mistake(i int, chosen, right []int) Mistake {
	q := t.questions[i]
	lesson, _ := t.course.Lesson(q.lesson)
	return Mistake{Item: t.item(i), Chosen: chosen, Right: right, Why: display(q.why), Clauses: q.clauses, Lesson: lesson}
}
