package course

import (
	"reflect"
	"slices"
	"testing"

	"mijuan/internal/problem"
)

// perfect is the answer sheet without a mistake.
func perfect(d *Test) (a Answers) {
	for _, q := range d.questions {
		a = append(a, q.answer())
	}
	return a
}

func mark(t *testing.T, d *Test, a Answers) Result {
	t.Helper()
	r, err := d.Mark(a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMarkRight(t *testing.T) {
	for s := range uint64(50) {
		d := drawTest(t, Default(), seed(s), 20)
		a := perfect(d)
		for i := range a {
			slices.Reverse(a[i]) // the order of the choices is no matter
		}
		if r := mark(t, d, a); r.Right != 20 || r.Total != 20 || r.Percent != 100 || !r.Passed || r.Wrong != nil || r.Again != nil {
			t.Fatalf("%+v", r)
		}
	}
}

// TestMarkWrong spoils one item after the other: each is told with its explanation and the lesson to read again, and 85 % of 20
// are 17.
func TestMarkWrong(t *testing.T) {
	c := Default()
	d := drawTest(t, c, seed(3), 20)
	a := perfect(d)
	for i := range a {
		switch q := d.questions[i]; q.kind {
		case Multiple:
			a[i] = a[i][1:] // a part of the right ones
		default:
			a[i] = []int{(a[i][0] + 1) % len(q.options)}
		}
		r := mark(t, d, a)
		if wrong := i + 1; r.Right != 20-wrong || len(r.Wrong) != wrong || r.Percent != (20-wrong)*5 || r.Passed != (wrong <= 3) {
			t.Fatalf("after %d mistakes: %+v", wrong, r)
		}
		m, q := r.Wrong[i], d.questions[i]
		if m.Item.Number != i+1 || !reflect.DeepEqual(m.Chosen, a[i]) || !reflect.DeepEqual(m.Right, q.answer()) || m.Why != display(q.why) || m.Lesson.Key != q.lesson {
			t.Errorf("%+v", m)
		}
		for _, place := range m.Right {
			if text := m.Item.Options[place]; !slices.Contains(q.options, option{text, true}) {
				t.Errorf("%s: %q is told to be right", q.key, text)
			}
		}
	}
	r := mark(t, d, a)
	if len(r.Again) != len(c.Lessons) || r.Again[0].Key != c.Lessons[0].Key {
		t.Errorf("%d lessons to read again", len(r.Again))
	}
}

func TestMarkTooManyChoices(t *testing.T) {
	d := drawTest(t, Default(), seed(3), 20)
	for i, q := range d.questions {
		if q.kind != Multiple {
			continue
		}
		a := perfect(d)
		a[i] = []int{0, 1, 2, 3}
		if r := mark(t, d, a); r.Right != 19 {
			t.Errorf("%s: all options are right", q.key)
		}
	}
}

func TestMarkEmpty(t *testing.T) {
	d := drawTest(t, Default(), seed(3), 20)
	for _, a := range []Answers{nil, {}, {nil, {}}} {
		if r := mark(t, d, a); r.Right != 0 || len(r.Wrong) != 20 || r.Passed || r.Percent != 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestMarkForeignAnswers(t *testing.T) {
	d := drawTest(t, Default(), seed(3), 20)
	single := slices.IndexFunc(d.questions, func(q drawn) bool { return q.kind == Single })
	multiple := slices.IndexFunc(d.questions, func(q drawn) bool { return q.kind == Multiple })
	at := func(i int, chosen ...int) Answers {
		a := make(Answers, 20)
		a[i] = chosen
		return a
	}
	for _, a := range []Answers{make(Answers, 21), at(single, 4), at(single, -1), at(single, 0, 1), at(multiple, 1, 1), at(multiple, 0, 9)} {
		if r, err := d.Mark(a); !problem.Is(err, problem.Invalid) || r.Total != 0 {
			t.Errorf("%v: %+v %v", a, r, err)
		}
	}
}

// TestPassMark: the pass mark is reached, not rounded up to.
func TestPassMark(t *testing.T) {
	c := parsed(t, small(t)) // 60 % of 6 are more than 3
	d := drawTest(t, c, seed(1), 6)
	a := perfect(d)
	a[0], a[1] = nil, nil
	if r := mark(t, d, a); !r.Passed || r.Percent != 66 {
		t.Errorf("4 of 6: %+v", r)
	}
	a[2] = nil
	if r := mark(t, d, a); r.Passed || r.Percent != 50 {
		t.Errorf("3 of 6: %+v", r)
	}
	d = drawTest(t, c, seed(1), 5)
	a = perfect(d)
	a[0], a[1] = nil, nil
	if r := mark(t, d, a); !r.Passed || r.Percent != 60 {
		t.Errorf("3 of 5: %+v", r)
	}
}
