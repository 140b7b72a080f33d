package access

import (
	"cmp"
	"slices"
	"strings"

	"mijuan/internal/problem"
)

// TruthFile is the truth table's name in a set of rules.
const TruthFile = "truth.txtar"

// Case is one row of a truth table (one act of it, where a row names several).
type Case struct {
	Section string
	Line    int // in the file, from 1
	Text    string
	Request Request
	want    want
}

// want is what a row expects, or what a decision gave.
type want struct {
	outcome   Outcome
	hidden    bool
	clauses   []string // sorted, each once; empty when permitted
	approvers []string // sorted; only of NeedsApproval
}

func wantOf(d Decision) want {
	w := want{outcome: d.Outcome, hidden: d.Hidden}
	for _, r := range d.Reasons {
		w.clauses = append(w.clauses, r.Clause)
		if d.Outcome == NeedsApproval {
			w.approvers = append(w.approvers, r.Approver)
		}
	}
	return w.sorted()
}

func (w want) sorted() want {
	slices.SortFunc(w.clauses, compareClauses)
	slices.Sort(w.approvers)
	w.clauses, w.approvers = slices.Compact(w.clauses), slices.Compact(w.approvers)
	return w
}

func (w want) equal(v want) bool {
	return w.outcome == v.outcome && w.hidden == v.hidden && slices.Equal(w.clauses, v.clauses) && slices.Equal(w.approvers, v.approvers)
}

// compareClauses orders 7.2.1 before 10.
func compareClauses(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
	})
}

// ReadTruth reads a truth table. Its form is txtar: a section a clause or subject; in it one row a line,
//
//	who | act, act | thing | circumstances | → outcome clause clause
//
// with the words of docs/rules.md; empty lines and lines that begin with # are for the reader.
func ReadTruth(raw []byte) ([]Case, error) {
	var cases []Case
	var l lint
	section := ""
	for i, text := range strings.Split(string(raw), "\n") {
		text = strings.TrimSpace(text)
		if name, ok := strings.CutPrefix(text, "-- "); ok {
			section = strings.TrimSuffix(strings.TrimSuffix(name, " --"), ".txt")
			continue
		}
		if text == "" || strings.HasPrefix(text, "#") || section == "" {
			continue
		}
		row, err := readRow(text)
		if err != nil {
			l.add("%s 第 %d 行：%s", TruthFile, i+1, err.Error())
			continue
		}
		for _, c := range row {
			c.Section, c.Line, c.Text = section, i+1, text
			cases = append(cases, c)
		}
	}
	return cases, l.err()
}

// readRow reads one line: a case for each act it names.
func readRow(text string) ([]Case, error) {
	cells := strings.Split(text, "|")
	if len(cells) != 5 {
		return nil, problem.New(problem.Invalid, "应有五栏：谁 | 行为 | 对象 | 情形 | 结果")
	}
	q := ordinary()
	for _, read := range []func(*Request) error{
		func(q *Request) error { return readThing(q, split(cells[2])) },
		func(q *Request) error { return readWho(q, split(cells[0])) },
		func(q *Request) error { return readCircumstances(q, split(cells[3])) },
	} {
		if err := read(&q); err != nil {
			return nil, err
		}
	}
	w, err := readWant(split(cells[4]))
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, name := range split(cells[1]) {
		act, ok := named(Names.Acts, name)
		if !ok {
			return nil, problem.New(problem.Invalid, "没有“%s”这一行为", name)
		}
		q.Act = act
		cases = append(cases, Case{Request: q, want: w})
	}
	if len(cases) == 0 {
		return nil, problem.New(problem.Invalid, "没有写明行为")
	}
	return cases, nil
}

func split(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(wordSeparates, r) || r == '→' })
}

// readThing makes the thing: its kind first, in the ordinary case present, in a matter and with an owner.
func readThing(q *Request, words []string) error {
	if len(words) == 0 {
		return problem.New(problem.Invalid, "没有写明对象")
	}
	kind, ok := named(Names.Kinds, words[0])
	if !ok {
		return problem.New(problem.Invalid, "没有“%s”这一类对象", words[0])
	}
	q.Thing = Resource{Kind: kind, ID: tableThing, Exists: true}
	if kind == Matter || kind == Material || kind == Carrier || kind == Approval || kind == Destruction || kind == Medium || kind == Export {
		q.Thing.Matter, q.Thing.Owner = tableMatter, tableOther
	}
	if kind == Material || kind == Destruction {
		q.Thing.Proposer, q.Thing.Reviewer = tableOther, tableOther
	}
	for _, text := range words[1:] {
		if err := apply(thingWords, q, text); err != nil {
			return err
		}
	}
	if q.Thing.Exists && q.Thing.State == "" && (kind == Matter || kind == Material || kind == Carrier || kind == Approval || kind == Destruction || kind == Medium || kind == Export || kind == Danger) {
		return problem.New(problem.Invalid, "案件、资料、载体、申请单、移动介质、导出单和隐患要写明所处环节，如“办理中”“已定密”")
	}
	return nil
}

// readWho makes the person: posts, then relations to the thing.
func readWho(q *Request, words []string) error {
	if len(words) == 0 {
		return problem.New(problem.Invalid, "没有写明是谁")
	}
	for _, text := range words {
		post, ok := named(Names.Posts, text)
		switch {
		case ok:
			q.Who.Posts = append(q.Who.Posts, post)
		case text == wordSystem:
			q.Who = Principal{ID: tableSystem, System: true}
		case text == wordNobody:
			q.Who = Principal{}
		default:
			if err := apply(relationWords, q, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// readCircumstances makes the rest. The names of acts are what a token may do.
func readCircumstances(q *Request, words []string) error {
	for _, text := range words {
		if act, ok := named(Names.Acts, text); ok {
			q.Who.Scopes = append(q.Who.Scopes, act)
			continue
		}
		if err := apply(circumstanceWords, q, text); err != nil {
			return err
		}
	}
	return nil
}

func apply(words []word, q *Request, text string) error {
	for _, w := range words {
		if w.text == text {
			w.set(q)
			return nil
		}
	}
	return problem.New(problem.Invalid, "不认识“%s”", text)
}

func readWant(words []string) (w want, err error) {
	for _, text := range words {
		outcome, isOutcome := named(Names.Outcomes, text)
		approver, isApprover := named(Names.Approvers, text)
		switch {
		case isOutcome:
			w.outcome = outcome
		case text == wordHidden:
			w.outcome, w.hidden = Refuse, true
		case isApprover:
			w.approvers = append(w.approvers, approver)
		case strings.Trim(text, "0123456789.") == "":
			w.clauses = append(w.clauses, text)
		default:
			return w, problem.New(problem.Invalid, "不认识“%s”", text)
		}
	}
	if w.outcome == 0 {
		return w, problem.New(problem.Invalid, "没有写明结果")
	}
	return w.sorted(), nil
}
