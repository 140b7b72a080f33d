package course

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mijuan/internal/problem"
)

func seed(n uint64) (s [32]byte) {
	binary.BigEndian.PutUint64(s[:], n)
	return s
}

func drawTest(t testing.TB, c *Course, s [32]byte, n int) *Test {
	t.Helper()
	d, err := c.Draw(s, n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// checkDraw tells what every draw must be: n different questions, the lessons evenly, each option once.
func checkDraw(t *testing.T, c *Course, d *Test, n int) {
	t.Helper()
	stock, taken, seen := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, q := range c.bank {
		stock[q.lesson]++
	}
	for _, q := range d.questions {
		if seen[q.key] {
			t.Fatalf("%s twice", q.key)
		}
		seen[q.key] = true
		taken[q.lesson]++
		places := slices.Sorted(slices.Values(q.order))
		for i, p := range places {
			if i != p || len(places) != len(q.options) {
				t.Fatalf("%s shows the options %v", q.key, q.order)
			}
		}
	}
	if len(seen) != n {
		t.Fatalf("%d questions of %d", len(seen), n)
	}
	for a := range stock {
		for b := range stock {
			if taken[a]+1 < taken[b] && taken[a] < stock[a] {
				t.Fatalf("lesson %s gives %d of %d, lesson %s %d", a, taken[a], stock[a], b, taken[b])
			}
		}
	}
}

func TestDrawIsEvenAndReproducible(t *testing.T) {
	for _, c := range []*Course{Default(), parsed(t, small(t))} {
		again := parsed(t, c.Text())
		for s := range uint64(100) {
			n := 1 + int(s)%c.Bank()
			d := drawTest(t, c, seed(s), n)
			checkDraw(t, c, d, n)
			if !reflect.DeepEqual(d.Sheet(), drawTest(t, again, seed(s), n).Sheet()) {
				t.Fatalf("seed %d drew another test from the same course", s)
			}
		}
	}
}

// TestDrawIsRandom: over many seeds each question comes, each option comes first, and two seeds differ.
func TestDrawIsRandom(t *testing.T) {
	c := Default()
	times, first := map[string]int{}, map[string]int{}
	sheets := map[string]bool{}
	const draws = 500
	for s := range uint64(draws) {
		d := drawTest(t, c, seed(s), c.Exam.Questions)
		sheets[fmt.Sprint(d.Sheet())] = true
		for _, q := range d.questions {
			times[q.key]++
			if q.kind != Judgement {
				first[q.key+q.options[q.order[0]].text]++
			} else if q.order[0] != 0 {
				t.Fatalf("%s shows wrong before right", q.key)
			}
		}
	}
	if len(sheets) != draws {
		t.Errorf("only %d different tests", len(sheets))
	}
	for _, q := range c.bank {
		want := draws * c.Exam.Questions / c.Bank()
		if n := times[q.key]; n < want*7/10 || n > want*13/10 {
			t.Errorf("%s came %d times, about %d are expected", q.key, n, want)
		}
		for _, o := range q.options {
			if q.kind != Judgement && first[q.key+o.text] < times[q.key]/len(q.options)/2 {
				t.Errorf("%s: option %q came first %d times of %d", q.key, o.text, first[q.key+o.text], times[q.key])
			}
		}
	}
}

func TestDrawRefuses(t *testing.T) {
	for _, n := range []int{-1, 0, Default().Bank() + 1} {
		if _, err := Default().Draw(seed(1), n); !problem.Is(err, problem.Invalid) {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// TestSheetKeepsTheAnswers: neither the sheet nor a printed or encoded test tells which options are right, and the sheet is the
// same whichever they are.
func TestSheetKeepsTheAnswers(t *testing.T) {
	d := drawTest(t, parsed(t, small(t)), seed(7), 6)
	other := strings.NewReplacer("[x] 办案", "[ ] 办案", "[ ] 有空", "[x] 有空", "[x] 借阅", "[ ] 借阅", "[ ] 读制度", "[x] 读制度", "- [ ] 对\n- [x] 错", "- [x] 对\n- [ ] 错",
		"[x] 主办", "[ ] 主办", "[ ] 客户", "[x] 客户", "[x] 召回", "[ ] 召回", "[ ] 等对方", "[x] 等对方", "解析：", "解析：另一说，").Replace(small(t))
	if got := drawTest(t, parsed(t, other), seed(7), 6).Sheet(); !reflect.DeepEqual(got, d.Sheet()) {
		t.Errorf("the sheet depends on the answers:\n%v\n%v", got, d.Sheet())
	}
	//lint:ignore SA9005 that nothing comes out is what is tested
	encoded, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%v", d), fmt.Sprintf("%+v", d), fmt.Sprintf("%#v", d), fmt.Sprint(d), string(encoded)} {
		if text != "test of 6 questions" && text != "{}" {
			t.Errorf("a test tells %s", text)
		}
	}
	s := d.Sheet()
	if s.Title != "小课程" || s.Exam.Questions != 6 || len(s.Items) != 6 || s.Items[5].Number != 6 {
		t.Errorf("%+v", s)
	}
}

// TestVector holds the format to what docs/formats/course.md says: these numbers never change.
func TestVector(t *testing.T) {
	c := parsed(t, small(t))
	if got := c.Hash(); got != "e52f1bf63654496073dc16165b17054db2ff9ae6b912ef6c210c5ede0eabeba6" {
		t.Errorf("hash %s", got)
	}
	var shown []string
	for _, q := range drawTest(t, c, seed(1), 4).questions {
		shown = append(shown, fmt.Sprint(q.key, q.order))
	}
	if got := strings.Join(shown, " "); got != "two-1[0 1] one-2[1 0 3 2] two-3[2 0 1] one-1[1 2 0]" {
		t.Errorf("draw %s", got)
	}
}
