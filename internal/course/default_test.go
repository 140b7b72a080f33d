package course

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mijuan/policy"
)

// TestTheCourseThatShips: the ready course is complete, of the promised size, and names only clauses that the rules have.
func TestTheCourseThatShips(t *testing.T) {
	c := Default()
	if len(c.Lessons) < 8 || c.Bank() < 60 {
		t.Errorf("%d lessons, %d questions", len(c.Lessons), c.Bank())
	}
	for _, l := range c.Lessons {
		if n := l.Body.Seconds * charactersAMinute / 60; n < 500 || n > 900 {
			t.Errorf("lesson %s has %d characters", l.Key, n)
		}
		kinds := map[Kind]int{}
		for _, q := range c.bank {
			if q.lesson == l.Key {
				kinds[q.kind]++
			}
		}
		if kinds[Single] < 2 || kinds[Multiple] < 1 || kinds[Judgement] < 1 {
			t.Errorf("lesson %s has questions %v", l.Key, kinds)
		}
	}
	raw, err := policy.FS.ReadFile("clauses.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range c.Clauses() {
		if !strings.Contains(string(raw), `{"key": "`+key+`"`) {
			t.Errorf("the rules have no clause %s", key)
		}
	}
	for _, must := range []string{"3.1", "5.2", "7.1.3", "7.2.2", "7.2.3", "7.2.4", "16", "17", "21", "23", "24"} {
		if !slices.Contains(c.Clauses(), must) {
			t.Errorf("nothing is taught on %s", must)
		}
	}
}

// TestGuessingDoesNotPay: who marks the longest option, or always right, or always wrong, does not pass.
func TestGuessingDoesNotPay(t *testing.T) {
	yesses, judgements, longest, singles := 0, 0, 0, 0
	for _, q := range Default().bank {
		switch q.kind {
		case Judgement:
			judgements++
			if q.options[0].right {
				yesses++
			}
		case Single:
			singles++
			long := slices.MaxFunc(q.options, func(a, b option) int {
				return utf8.RuneCountInString(a.text) - utf8.RuneCountInString(b.text)
			})
			if long.right {
				longest++
			}
		case Multiple:
			if !slices.ContainsFunc(q.options, func(o option) bool { return !o.right }) {
				t.Errorf("%s: every option is right", q.key)
			}
		}
	}
	if yesses*5 < judgements*2 || yesses*5 > judgements*3 {
		t.Errorf("%d of %d statements are right", yesses, judgements)
	}
	if longest*2 > singles {
		t.Errorf("the longest option is right in %d of %d", longest, singles)
	}
}
