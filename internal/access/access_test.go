package access

import (
	"encoding/json"
	"io/fs"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"mijuan/internal/classification"
	"mijuan/internal/problem"
	"mijuan/internal/text"
	"mijuan/policy"
)

var defaults = sync.OnceValues(func() (*Rules, error) { return Load(policy.FS) })

func defaultRules(tb testing.TB) *Rules {
	tb.Helper()
	r, err := defaults()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestTruthTable runs the table that stands beside the default rules: clause by clause, what each post may do.
func TestTruthTable(t *testing.T) {
	r := Check(policy.FS)
	if r.Problem != nil {
		t.Fatal(r.Problem)
	}
	for _, f := range r.Failures {
		t.Errorf("%s:%d %s\n%s | %s\nwant %s\ngot  %s", TruthFile, f.Case.Line, f.Case.Section, f.Case.Text, f.Case.Request.Act.Name(), f.Want(), Verdict(f.Got))
	}
	if r.Rows < 150 || len(r.Unproved) > 0 {
		t.Errorf("%d rows; forbids that no row sees at work: %v", r.Rows, r.Unproved)
	}
	t.Logf("%d rows, %d cases", r.Rows, r.Cases)
}

// TestTableCoversPostsAndActs wants each post, act, level and state in some row, and each act both permitted and refused.
func TestTableCoversPostsAndActs(t *testing.T) {
	posts, permitted, refused := map[Post]bool{}, map[Act]bool{}, map[Act]bool{}
	for _, c := range defaultCases(t) {
		for _, p := range c.Request.Who.Posts {
			posts[p] = true
		}
		permitted[c.Request.Act] = permitted[c.Request.Act] || c.want.outcome == Permit
		refused[c.Request.Act] = refused[c.Request.Act] || c.want.outcome == Refuse
	}
	for _, p := range Posts {
		if !posts[p] {
			t.Errorf("no row about %s", p)
		}
	}
	for _, a := range Acts {
		if !permitted[a] || !refused[a] {
			t.Errorf("%s: permitted in some row %v, refused in some row %v", a, permitted[a], refused[a])
		}
	}
}

func TestCheckTellsWhatFails(t *testing.T) {
	set := copySet(t, policy.FS)
	table := string(set[TruthFile].Data)
	set[TruthFile].Data = []byte(strings.Replace(table, "→ 允许", "→ 拒绝 9", 1))
	r := Check(set)
	if r.OK() || len(r.Failures) != 1 || r.Failures[0].Want() != "拒绝 9" || Verdict(r.Failures[0].Got) != "允许" {
		t.Errorf("a wrong row gave %+v", r.Failures)
	}
	set[TruthFile].Data = []byte(table + "律师 | 飞行 | 律所 | 常态 | → 允许\n律师 | 立案 | 律所 | 常态\n")
	r = Check(set)
	if r.OK() || !strings.Contains(r.Problem.Error(), "没有“飞行”这一行为") || !strings.Contains(r.Problem.Error(), "应有五栏") {
		t.Errorf("unreadable rows gave %v", r.Problem)
	}
	delete(set, TruthFile)
	if r = Check(set); r.OK() || problem.KindOf(r.Problem) != problem.Invalid {
		t.Errorf("a set without a table gave %v", r.Problem)
	}
}

// TestDescribeReadsBack writes each case of the table as a row and reads it again.
func TestDescribeReadsBack(t *testing.T) {
	r := defaultRules(t)
	for _, c := range defaultCases(t) {
		back, err := readRow(Describe(c.Request) + " | → " + c.want.String())
		if err != nil {
			t.Fatalf("%s: %v", Describe(c.Request), err)
		}
		if len(back) != 1 || !back[0].want.equal(c.want) {
			t.Fatalf("%s → %s read back as %v", c.Text, c.want, back)
		}
		if got := r.Decide(back[0].Request); !wantOf(got).equal(c.want) {
			t.Errorf("%s reads back as something else: %s instead of %s", Describe(c.Request), Verdict(got), c.want)
		}
	}
}

func TestReasonsComeHidingFirstThenHardThenByClause(t *testing.T) {
	r := defaultRules(t)
	q := privileged(Lawyer)
	q.Act, q.Who.Pledged, q.Who.Strong, q.Where = FetchOriginal, false, false, Circumstances{Member: true, Clearance: classification.TopSecret}
	q.Thing = Resource{Kind: Material, ID: "d", Matter: "m", Level: classification.TopSecret, State: Filed, Owner: "o", Exists: true}
	d := r.Decide(q)
	var rules []string
	for _, why := range d.Reasons {
		rules = append(rules, why.Rule)
	}
	want := []string{"need-to-know", "pledged", "original-channel", "second-factor", "top-secret-in-office", "original-lead", "original-director"}
	if !slices.Equal(rules, want) || d.Outcome != Refuse || !d.Hidden {
		t.Errorf("%v hidden=%v: %v, want %v", d.Outcome, d.Hidden, rules, want)
	}
	if why := d.Reasons[5]; why != (Reason{"7.2.1", "original-lead", "取用原件须经主办律师同意", "ask-lead", "lead", 0}) {
		t.Errorf("the reason is %+v", why)
	}
}

// TestBrokenRuleRefuses adds rules that cannot be evaluated for some requests: Cedar alone would skip them.
func TestBrokenRuleRefuses(t *testing.T) {
	const overflow = `when { resource.level + 9223372036854775807 > 0 };`
	q := privileged(Lawyer)
	q.Act, q.Thing = View, Resource{Kind: Material, ID: "d", Matter: "m", Level: classification.Secret, State: Filed, Owner: "o", Exists: true}
	for _, c := range []struct {
		rule   string
		hidden bool
	}{
		{`@id("x") @clause("9") @sentence("s") forbid (principal, action == Action::"view", resource) ` + overflow, false},
		{`@id("x") @clause("9") @sentence("s") @hides("true") forbid (principal, action == Action::"view", resource) ` + overflow, true},
		{`@id("x") @clause("9") permit (principal, action == Action::"view", resource) ` + overflow, false},
	} {
		set := copySet(t, policy.FS)
		set["99.cedar"] = &fstest.MapFile{Data: []byte(c.rule)}
		r, err := assemble(set)
		if err != nil {
			t.Fatal(err)
		}
		d := r.Decide(q)
		if d.Outcome != Refuse || d.Hidden != c.hidden || len(d.Reasons) != 1 || d.Reasons[0] != (Reason{Clause: "9", Rule: "x", Sentence: sentenceError}) {
			t.Errorf("%s\ngave %+v", c.rule, d)
		}
	}
}

// TestRuleAboutOneMatter shows that a firm can write a rule for one matter or person by id.
func TestRuleAboutOneMatter(t *testing.T) {
	set := copySet(t, policy.FS)
	set["99.cedar"] = &fstest.MapFile{Data: []byte(`
		@id("x") @clause("9") @sentence("s") forbid (principal, action, resource in Matter::"m1");
		@id("y") @clause("9") @sentence("s") forbid (principal == Caller::"p1", action in Action::"contents", resource);
		@id("z") @clause("9") @sentence("s") forbid (principal, action in Action::"contents", resource is Material) when { resource in Matter::"m2" };`)}
	r, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		person, matter string
		want           Outcome
	}{{"p0", "m0", Permit}, {"p0", "m1", Refuse}, {"p1", "m0", Refuse}, {"p0", "m2", Refuse}} {
		q := privileged(Lawyer)
		q.Act, q.Who.ID = View, c.person
		q.Thing = Resource{Kind: Material, ID: "d", Matter: c.matter, Level: classification.Confidential, State: Filed, Owner: "o", Exists: true}
		if d := r.Decide(q); d.Outcome != c.want {
			t.Errorf("%s in %s: %s", c.person, c.matter, Verdict(d))
		}
	}
}

func TestRequestSurvivesJSON(t *testing.T) {
	var cases []Request
	for _, c := range defaultCases(t) {
		if c.Request.Thing.Level <= classification.TopSecret {
			cases = append(cases, c.Request)
		}
	}
	cases = append(cases, Request{}, Request{Act: "fly", Who: Principal{ID: "a", Scopes: []Act{View}, Narrowed: true}})
	for _, q := range cases {
		raw, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		var back Request
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if !reflect.DeepEqual(q, back) {
			t.Errorf("%+v came back as %+v", q, back)
		}
	}
}

func TestCompareNamesWhatWouldChange(t *testing.T) {
	old := defaultRules(t)
	set := copySet(t, policy.FS)
	raw := string(set["7-handling.cedar"].Data)
	set["7-handling.cedar"].Data = []byte(strings.Replace(raw, "resource.level >= 2 && !context.officeNetwork", "resource.level >= 1 && !context.officeNetwork", 1))
	set["5-levels.cedar"].Data = []byte(strings.Replace(string(set["5-levels.cedar"].Data), `["lawyer", "committee"]`, `["lawyer", "committee", "trainee"]`, 1))
	changed, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	if changed.Hash() == old.Hash() || len(old.Hash()) != 64 {
		t.Errorf("hashes %s and %s", old.Hash(), changed.Hash())
	}
	var requests iter.Seq2[uint64, Request] = func(yield func(uint64, Request) bool) {
		for i, c := range defaultCases(t) {
			if !yield(uint64(i), c.Request) {
				return
			}
		}
	}
	changes := Compare(old, changed, requests)
	opens := 0
	for _, c := range changes {
		if c.Opens() {
			opens++
		}
		if c.Request.Act != FetchOriginal && c.Request.Act != Review {
			t.Errorf("%s changes from %s to %s", Describe(c.Request), Verdict(c.Old), Verdict(c.New))
		}
	}
	if len(changes) != 2 || opens != 1 {
		t.Errorf("%d changes of which %d open something; want 2 and 1", len(changes), opens)
	}
	if again := Compare(old, old, requests); len(again) != 0 {
		t.Errorf("a set differs from itself in %d requests", len(again))
	}
}

func TestClausesCiteTheirPolicies(t *testing.T) {
	r := defaultRules(t)
	cited := 0
	for _, c := range r.Clauses() {
		cited += len(c.Policies)
		if c.Key == "6.2" && (len(c.Policies) != 3 || c.Policies[0].ID != "overdue" || c.Policies[1].ID != "training-by-security" || c.Policies[2].ID != "training-read-by") {
			t.Errorf("6.2 is served by %v", c.Policies)
		}
		if c.Title.EN == "" || c.Text.EN == "" || c.Note.ZH == "" || c.Note.EN == "" {
			t.Errorf("clause %s lacks a text", c.Key)
		}
	}
	if len(r.Clauses()) != 53 || cited < len(r.Policies()) {
		t.Errorf("%d clauses, %d citations of %d policies", len(r.Clauses()), cited, len(r.Policies()))
	}
	for _, p := range r.Policies() {
		if !strings.HasPrefix(p.Source, "@id") || !strings.HasSuffix(p.Source, ";") || p.Line == 0 || len(p.Acts) == 0 {
			t.Errorf("%s at %s:%d for %v reads\n%s", p.ID, p.File, p.Line, p.Acts, p.Source)
		}
	}
}

// TestEveryTextHasEnglish covers the names, the sentences of the rules and the complaints of this package.
func TestEveryTextHasEnglish(t *testing.T) {
	var all []string
	for _, p := range defaultRules(t).Policies() {
		all = append(all, p.Sentence)
	}
	all = append(all, sentenceOutside, sentenceError)
	names := reflect.ValueOf(Names)
	for i := range names.NumField() {
		for _, v := range names.Field(i).MapKeys() {
			all = append(all, names.Field(i).MapIndex(v).String())
		}
	}
	for _, f := range floors {
		all = append(all, f.name)
	}
	files, err := fs.Glob(sources, "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := fs.ReadFile(sources, file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, complaints(string(raw))...)
	}
	for _, s := range all {
		if !text.Known(s) {
			t.Errorf("no English for %q", s)
		}
	}
}
