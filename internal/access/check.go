package access

import (
	"io/fs"
	"slices"

	"mijuan/internal/problem"
)

// Report is the result of checking a set of rules.
type Report struct {
	Rules    *Rules // nil when the set cannot be used
	Problem  error  // why it cannot, or what is wrong with its truth table; problem.Invalid items, joined
	Rows     int    // rows of the table
	Cases    int    // requests made of them
	Failures []Failure
	Unproved []string // ids of forbids that no row sees at work
}

// Failure is a case that came out otherwise than its row says.
type Failure struct {
	Case Case
	Got  Decision
}

// Want is what the row expects, in its words.
func (f Failure) Want() string { return f.Case.want.String() }

// OK reports whether the set can be put in force.
func (r Report) OK() bool { return r.Problem == nil && len(r.Failures) == 0 }

// Check loads a set and runs the truth table that stands beside it. It is what `mijuan policy check` shows.
func Check(fsys fs.FS) Report {
	var out Report
	if out.Rules, out.Problem = Load(fsys); out.Problem != nil {
		return out
	}
	raw, err := fs.ReadFile(fsys, TruthFile)
	if err != nil {
		out.Problem = problem.New(problem.Invalid, "缺少文件 %s", TruthFile)
		return out
	}
	cases, err := ReadTruth(raw)
	out.Problem = err
	out.run(cases)
	return out
}

func (r *Report) run(cases []Case) {
	seen := map[string]bool{}
	line := 0
	for _, c := range cases {
		got := r.Rules.Decide(c.Request)
		if !wantOf(got).equal(c.want) {
			r.Failures = append(r.Failures, Failure{c, got})
		}
		for _, why := range got.Reasons {
			seen[why.Rule] = true
		}
		r.Cases++
		if c.Line != line {
			r.Rows++
			line = c.Line
		}
	}
	for _, p := range r.Rules.policies {
		if p.Forbid && !seen[p.ID] {
			r.Unproved = append(r.Unproved, p.ID)
		}
	}
	slices.Sort(r.Unproved)
}
