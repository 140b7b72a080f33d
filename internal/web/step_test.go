package web

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/text"
	"mijuan/policy"
)

// TestEveryRefusalHasAStep: whoever is refused, and may know it, is offered who may approve or the one step that would help; none of these
// leads to the desk but where the thing's own page is the place.
func TestEveryRefusalHasAStep(t *testing.T) {
	rules, err := access.Load(policy.FS)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, p := range rules.Policies() {
		if !p.Forbid || p.Hides {
			continue
		}
		if seen++; p.Step == "" && p.Approver == "" {
			t.Errorf("%s, clause %s: no step and nobody who approves", p.ID, p.Clause)
		}
		if p.Step != "" && steps[p.Step].Href == "" {
			t.Errorf("%s: the step %s leads nowhere", p.ID, p.Step)
		}
	}
	if seen < 100 {
		t.Errorf("%d rules were looked at", seen)
	}
	for code := range access.Names.Steps {
		l := step(text.ZH, code)
		if l.Href == "/" && !seenThere[code] {
			t.Errorf("the step %s leads to the desk", code)
		}
		if !text.Known(steps[code].Label) {
			t.Errorf("the step %s has no English", code)
		}
	}
}
