package access

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"

	"mijuan/policy"
)

func defaultCases(t *testing.T) []Case {
	t.Helper()
	raw, err := fs.ReadFile(policy.FS, TruthFile)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := ReadTruth(raw)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// under are the rows about the acts and kinds that a policy covers, those first that name its clause: a change of it shows in no other, as no
// change widens its scope.
func under(r *Rules, p Policy, cases []Case) (named, others []Case) {
	for _, c := range cases {
		page := r.pages[deed{c.Request.Act, c.Request.Thing.Kind}]
		switch {
		case page == nil || !slices.ContainsFunc(page.rules.rules, func(rule *rule) bool { return rule.policy.ID == p.ID }):
		case slices.Contains(c.want.clauses, p.Clause):
			named = append(named, c)
		default:
			others = append(others, c)
		}
	}
	return named, others
}

// noticed reports whether a set of rules answers some row wrongly.
func noticed(r *Rules, cases []Case) bool {
	return slices.ContainsFunc(cases, func(c Case) bool { return !wantOf(r.Decide(c.Request)).equal(c.want) })
}

// TestTableNoticesEachPolicy takes each policy away, and turns each of its conditions round, one at a time. The lines that Load
// draws are left out: the table alone must notice.
func TestTableNoticesEachPolicy(t *testing.T) {
	cases := defaultCases(t)
	l := &lint{}
	s, clauses, policies := readSchema(policy.FS, l), readClauses(policy.FS, l), readPolicies(policy.FS, l)
	if err := l.err(); err != nil {
		t.Fatal(err)
	}
	whole := build("", slices.Clone(clauses), slices.Clone(policies), s)
	if noticed(whole, cases) {
		t.Fatal("a row fails before anything is changed")
	}
	for _, p := range whole.Policies() {
		named, others := under(whole, p, cases)
		changed := map[string]string{"removed": ""}
		for _, pair := range [][2]string{{"when {", "unless {"}, {"unless {", "when {"}} {
			for i := range strings.Count(p.Source, pair[0]) {
				changed[fmt.Sprintf("%q number %d turned round", pair[0], i+1)] = replaceNth(p.Source, pair[0], pair[1], i)
			}
		}
		for what, source := range changed {
			r := buildChanged(t, p, source, clauses, policies, s)
			if !noticed(r, named) && !noticed(r, others) {
				t.Errorf("no row notices that %s (%s) was changed: %s", p.ID, p.Clause, what)
			}
		}
	}
}

// buildChanged replaces one policy's text in its file; the other files stand as they were read. What Load would complain of is not looked at.
func buildChanged(t *testing.T, p Policy, source string, clauses []Clause, policies []Policy, s *resolved.Schema) *Rules {
	t.Helper()
	raw, err := fs.ReadFile(policy.FS, p.File)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(raw), p.Source) != 1 {
		t.Fatalf("%s: the text of %s is not found once", p.File, p.ID)
	}
	l := &lint{}
	changed := readPolicies(fstest.MapFS{p.File: &fstest.MapFile{Data: []byte(strings.Replace(string(raw), p.Source, source, 1))}}, l)
	if err := l.err(); err != nil {
		t.Fatalf("%s changed: %v", p.ID, err)
	}
	others := slices.DeleteFunc(slices.Clone(policies), func(q Policy) bool { return q.File == p.File })
	return build("", slices.Clone(clauses), append(others, changed...), s)
}

func replaceNth(s, old, new string, n int) string {
	at := 0
	for range n {
		at += strings.Index(s[at:], old) + len(old)
	}
	return s[:at] + strings.Replace(s[at:], old, new, 1)
}

func copySet(t testing.TB, fsys fs.FS) fstest.MapFS {
	t.Helper()
	set := fstest.MapFS{}
	names, err := fs.Glob(fsys, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		set[name] = &fstest.MapFile{Data: raw}
	}
	return set
}

// TestTableNoticesEachPart changes every small part of every condition and scope: a side of an `and` or `or` is dropped, a `not`
// lifted, a number moved by one, a member taken out of a list, an equality turned round.
func TestTableNoticesEachPart(t *testing.T) {
	cases := defaultCases(t)
	l := &lint{}
	s, clauses := readSchema(policy.FS, l), readClauses(policy.FS, l)
	policies := readPolicies(policy.FS, l)
	if err := l.err(); err != nil {
		t.Fatal(err)
	}
	tried, whole := 0, build("", slices.Clone(clauses), slices.Clone(policies), s)
	for i, p := range policies {
		named, others := under(whole, p, cases)
		for what, changed := range changes(p.ast) {
			mutant := slices.Clone(policies)
			mutant[i].ast = changed
			r := build("", slices.Clone(clauses), mutant, s)
			tried++
			if !noticed(r, named) && !noticed(r, others) {
				t.Errorf("no row notices a change of %s (%s), %s:\n%s", p.ID, p.Clause, what, strip(changed).MarshalCedar())
			}
		}
	}
	t.Logf("%d changes tried", tried)
}

// changes gives every policy that differs from p in one small part, named by what was changed.
func changes(p *ast.Policy) map[string]*ast.Policy {
	out := map[string]*ast.Policy{}
	for i, c := range p.Conditions {
		for j, body := range nodeChanges(c.Body) {
			q := *p
			q.Conditions = slices.Clone(p.Conditions)
			q.Conditions[i].Body = body
			out[fmt.Sprintf("condition %d, change %d", i, j)] = &q
		}
	}
	if set, ok := p.Action.(ast.ScopeTypeInSet); ok {
		for i, e := range set.Entities {
			q := *p
			q.Action = ast.ScopeTypeInSet{Entities: without(set.Entities, i)}
			out["without "+string(e.ID)] = &q
		}
	}
	return out
}

func without[T any](list []T, i int) []T { return append(slices.Clone(list[:i]), list[i+1:]...) }

// nodeChanges gives every node that differs from n in one small part.
func nodeChanges(n ast.IsNode) (out []ast.IsNode) {
	pair := func(b ast.BinaryNode, make func(ast.BinaryNode) ast.IsNode) {
		for _, l := range nodeChanges(b.Left) {
			out = append(out, make(ast.BinaryNode{Left: l, Right: b.Right}))
		}
		for _, r := range nodeChanges(b.Right) {
			out = append(out, make(ast.BinaryNode{Left: b.Left, Right: r}))
		}
	}
	switch n := n.(type) {
	case ast.NodeTypeAnd:
		out = append(out, n.Left, n.Right)
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeAnd{BinaryNode: b} })
	case ast.NodeTypeOr:
		out = append(out, n.Left, n.Right)
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeOr{BinaryNode: b} })
	case ast.NodeTypeNot:
		out = append(out, n.Arg)
		for _, a := range nodeChanges(n.Arg) {
			out = append(out, ast.NodeTypeNot{UnaryNode: ast.UnaryNode{Arg: a}})
		}
	case ast.NodeTypeEquals:
		out = append(out, ast.NodeTypeNotEquals(n))
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeEquals{BinaryNode: b} })
	case ast.NodeTypeNotEquals:
		out = append(out, ast.NodeTypeEquals(n))
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeNotEquals{BinaryNode: b} })
	case ast.NodeTypeLessThan:
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeLessThan{BinaryNode: b} })
		out = append(out, ast.NodeTypeLessThanOrEqual(n))
	case ast.NodeTypeGreaterThan:
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeGreaterThan{BinaryNode: b} })
		out = append(out, ast.NodeTypeGreaterThanOrEqual(n))
	case ast.NodeTypeGreaterThanOrEqual:
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeGreaterThanOrEqual{BinaryNode: b} })
	case ast.NodeTypeContains:
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeContains{BinaryNode: b} })
	case ast.NodeTypeContainsAny:
		pair(n.BinaryNode, func(b ast.BinaryNode) ast.IsNode { return ast.NodeTypeContainsAny{BinaryNode: b} })
	case ast.NodeTypeSet:
		for i := range n.Elements {
			out = append(out, ast.NodeTypeSet{Elements: without(n.Elements, i)})
		}
	case ast.NodeValue:
		if v, ok := n.Value.(types.Long); ok {
			out = append(out, ast.NodeValue{Value: v + 1}, ast.NodeValue{Value: v - 1})
		}
	}
	return out
}
