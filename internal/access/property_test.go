package access

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"mijuan/internal/classification"
	"mijuan/policy"
)

// source draws requests from bytes, so that the fuzzer can steer them; past the end it draws zeros.
type source struct{ bytes []byte }

func (s *source) below(n int) int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b) % n
}

func (s *source) yes() bool { return s.below(2) == 1 }

func pick[T any](s *source, from ...T) T { return from[s.below(len(from))] }

func (s *source) request() Request {
	q := Request{Act: Acts[s.below(len(Acts))]}
	q.Who = Principal{ID: pick(s, "p1", "p1", "p1", ""), Active: s.below(8) != 0, Trained: s.below(8) != 0, Pledged: s.below(8) != 0,
		Strong: s.below(4) != 0, System: s.below(16) == 1}
	for range s.below(3) {
		q.Who.Posts = append(q.Who.Posts, Posts[s.below(len(Posts))])
	}
	if q.Who.Narrowed = s.below(8) == 1; q.Who.Narrowed {
		q.Who.Scopes = []Act{Acts[s.below(len(Acts))], q.Act}[:s.below(3)]
	}
	q.Thing = Resource{Kind: kindFor(s, q.Act), ID: pick(s, "t1", "p1"), Matter: pick(s, "m1", "m1", ""), Level: classification.Level(s.below(5)),
		State: pick(s, append(slices.Clone(States), "", "?")...), Proposer: pick(s, "p1", "p2", ""), Reviewer: pick(s, "p1", "p2", ""),
		Owner: pick(s, "p1", "p2", ""), Kindless: s.below(8) == 1, Personal: classification.Personal(s.below(4)), Basis: pick(s, append(slices.Clone(classification.Bases), "", "?")...), Frozen: s.below(8) == 1, Exists: s.below(8) != 0, Scanned: s.yes(), Fit: s.yes()}
	q.Where = Circumstances{Member: s.yes(), Lead: s.yes(), Assigned: s.yes(), Clearance: classification.Level(s.below(4)), Walled: s.below(6) == 1,
		Listed: s.yes(), Self: s.yes(), OfficeNetwork: s.yes(), NewLevel: classification.Level(s.below(4))}
	for range s.below(3) {
		q.Where.Approvals = append(q.Where.Approvals, pick(s, "lead", "director", "committee", "client"))
	}
	if s.below(6) == 1 {
		q.Who.Delegated, q.Who.DelegatedBy = pick(s, Delegable, Acts, []Act{q.Act}), pick(s, "p2", "t1")
	}
	return q
}

// kindFor is mostly a kind to which the act can be done.
func kindFor(s *source, act Act) Kind {
	switch {
	case s.below(16) == 1:
		return pick(s, append(slices.Clone(Kinds), "Shelf")...)
	case slices.Contains(matterActs, act):
		return Matter
	case slices.Contains(materialActs, act):
		return Material
	case slices.Contains(carrierActs, act):
		return Carrier
	case slices.Contains(approvalActs, act):
		return Approval
	case slices.Contains(destructionActs, act):
		return Destruction
	case slices.Contains(mediumActs, act):
		return Medium
	case slices.Contains(exportActs, act):
		return Export
	case slices.Contains(ledgerActs, act):
		return Ledger
	case slices.Contains(personActs, act):
		return Person
	default:
		return Firm
	}
}

// hardships each take something from the caller or add something against the act.
var hardships = []struct {
	name  string
	apply func(*Request)
}{
	{"inactive", func(q *Request) { q.Who.Active = false }},
	{"untrained", func(q *Request) { q.Who.Trained = false }},
	{"unpledged", func(q *Request) { q.Who.Pledged = false }},
	{"without second factor", func(q *Request) { q.Who.Strong = false }},
	{"nobody", func(q *Request) { q.Who.ID = "" }},
	{"token without scope", func(q *Request) { q.Who.Narrowed, q.Who.Scopes = true, nil }},
	{"walled", func(q *Request) { q.Where.Walled = true }},
	{"off the list", func(q *Request) { q.Where.Listed = false }},
	{"out of the team", func(q *Request) { q.Where.Member, q.Where.Lead, q.Where.Assigned = false, false, false }},
	{"no clearance", func(q *Request) { q.Where.Clearance = 0 }},
	{"remote", func(q *Request) { q.Where.OfficeNetwork = false }},
	{"nothing delegated", func(q *Request) { q.Who.Delegated = nil }},
	{"in bulk", func(q *Request) { q.Where.Bulk = true }},
	{"nothing approved", func(q *Request) { q.Where.Approvals = nil }},
	{"gone", func(q *Request) { q.Thing.Exists = false }},
	{"outside every matter", func(q *Request) { q.Thing.Matter = "" }},
	{"under legal hold", func(q *Request) { q.Thing.Frozen = true }},
	{"not scanned", func(q *Request) { q.Thing.Scanned = false }},
	{"without a fit medium", func(q *Request) { q.Thing.Fit = false }},
	{"kindless", func(q *Request) { q.Thing.Kindless = true }},
	{"with personal information on no basis", func(q *Request) { q.Thing.Personal, q.Thing.Basis = classification.Sensitive, "" }},
}

// severity orders outcomes from the mildest.
var severity = map[Outcome]int{Permit: 1, NeedsApproval: 2, Refuse: 3}

// checkLaws holds one request against what must be true of every set of rules.
func checkLaws(t *testing.T, r *Rules, reference *reference, q Request) {
	t.Helper()
	d := r.Decide(q)
	if d.Outcome == Permit && (len(d.Reasons) > 0 || d.Hidden) || d.Outcome != Permit && len(d.Reasons) == 0 || severity[d.Outcome] == 0 {
		t.Fatalf("%s: an answer that contradicts itself: %+v", Describe(q), d)
	}
	reference.check(t, r, q)
	if d.Outcome != Refuse && (q.Who.ID == "" || !q.Who.System && !q.Who.Active) {
		t.Fatalf("%s: %s", Describe(q), Verdict(d))
	}
	for _, h := range hardships {
		harder := q
		h.apply(&harder)
		if after := r.Decide(harder); severity[after.Outcome] < severity[d.Outcome] {
			t.Fatalf("%s: %s, but when %s: %s", Describe(q), Verdict(d), h.name, Verdict(after))
		}
	}
	if slices.Contains(matterActs, q.Act) && q.Thing.Kind == Matter || slices.Contains(materialActs, q.Act) && q.Thing.Kind == Material || slices.Contains(carrierActs, q.Act) && q.Thing.Kind == Carrier || slices.Contains(approvalActs, q.Act) && q.Thing.Kind == Approval {
		absent := q
		absent.Thing = Resource{Kind: q.Thing.Kind, ID: q.Thing.ID}
		if after := r.Decide(absent); notHidden(after) {
			t.Fatalf("%s: absent, yet answered %s", Describe(q), Verdict(after))
		}
	}
}

// reference decides by cedar.Authorize over the whole set as it stands in the files: no pages, no remembered records.
type reference struct{ set *cedar.PolicySet }

func newReference(t testing.TB, r *Rules) *reference {
	t.Helper()
	set := cedar.NewPolicySet()
	for _, p := range r.policies {
		list, err := cedar.NewPolicyListFromBytes(p.File, []byte(p.Source))
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d policies, %v", p.ID, len(list), err)
		}
		set.Add(cedar.PolicyID(p.ID), list[0])
	}
	return &reference{set}
}

// check wants the same answer from both.
func (ref *reference) check(t *testing.T, r *Rules, q Request) {
	t.Helper()
	d := r.Decide(q)
	if want := ref.decide(t, r, q); !wantOf(d).equal(want) {
		t.Fatalf("%s: %s, and %s by plain Cedar over the whole set", Describe(q), Verdict(d), want)
	}
}

func (ref *reference) decide(t *testing.T, r *Rules, q Request) want {
	t.Helper()
	uid := types.NewEntityUID(actionType, types.String(q.Act))
	caller := types.Entity{UID: types.NewEntityUID(callerType, types.String(q.Who.ID)), Attributes: callerRecord(&q.Who)}
	thing := types.Entity{UID: types.NewEntityUID(types.EntityType(q.Thing.Kind), types.String(q.Thing.ID)), Attributes: thingRecord(&q.Thing)}
	entities := types.EntityMap{caller.UID: caller, thing.UID: thing}
	for id, e := range r.acts {
		entities[id] = e
	}
	if r.pages[deed{q.Act, q.Thing.Kind}] == nil {
		return wantOf(outside())
	}
	decision, why := cedar.Authorize(ref.set, entities, cedar.Request{Principal: caller.UID, Action: uid, Resource: thing.UID,
		Context: whereRecord(&q.Where, relationOf(&q))})
	if len(why.Errors) > 0 {
		t.Fatalf("%s: %v", Describe(q), why.Errors)
	}
	if decision == cedar.Allow {
		return want{outcome: Permit}
	}
	if len(why.Reasons) == 0 {
		return wantOf(outside())
	}
	return ref.refusal(r, q, why)
}

func (ref *reference) refusal(r *Rules, q Request, why cedar.Diagnostic) want {
	d := Decision{Outcome: NeedsApproval}
	for _, reason := range why.Reasons {
		i := slices.IndexFunc(r.policies, func(p Policy) bool { return p.ID == string(reason.PolicyID) })
		p := r.policies[i]
		d.Reasons = append(d.Reasons, Reason{Clause: p.Clause, Approver: p.Approver})
		d.Hidden = d.Hidden || p.Hides
		if p.Approver == "" {
			d.Outcome = Refuse
		}
	}
	// The default permits ask nothing but that the caller be no program; the console's do not cover what needs approval.
	if q.Who.System {
		d.Outcome = Refuse
	}
	return wantOf(d)
}

// TestLaws holds random requests against the laws.
func TestLaws(t *testing.T) {
	r := defaultRules(t)
	ref := newReference(t, r)
	random := rand.NewChaCha8([32]byte{7})
	outcomes := map[Outcome]int{}
	for range 2000 {
		raw := make([]byte, 64)
		random.Read(raw)
		q := (&source{raw}).request()
		outcomes[r.Decide(q).Outcome]++
		checkLaws(t, r, ref, q)
	}
	if outcomes[Permit] < 50 || outcomes[Refuse] < 50 {
		t.Errorf("the requests are not mixed: %v", outcomes)
	}
}

// TestLawsNearPermits holds requests of the table and all their single hardships against the laws: random requests are mostly
// refused for many reasons at once.
func TestLawsNearPermits(t *testing.T) {
	r := defaultRules(t)
	ref := newReference(t, r)
	for _, c := range defaultCases(t) {
		checkLaws(t, r, ref, c.Request)
		for _, h := range hardships {
			q := c.Request
			h.apply(&q)
			ref.check(t, r, q)
		}
	}
}

func FuzzDecide(f *testing.F) {
	r, err := Load(policy.FS)
	if err != nil {
		f.Fatal(err)
	}
	ref := newReference(f, r)
	f.Add([]byte("a lawyer of the matter views what is filed, in the office"))
	f.Fuzz(func(t *testing.T, raw []byte) { checkLaws(t, r, ref, (&source{raw}).request()) })
}

// TestHiddenAndAbsentAreOneAnswer asks, for everybody outside and every act, about a thing that is there and one that is not:
// what the caller is told must not differ.
func TestHiddenAndAbsentAreOneAnswer(t *testing.T) {
	r := defaultRules(t)
	told := func(d Decision) string {
		if d.Hidden {
			return "absent"
		}
		return Verdict(d)
	}
	n := 0
	for q := range except(business(func(q *Request) { q.Where = Circumstances{OfficeNetwork: true} }), byPost) {
		absent := q
		absent.Thing = Resource{Kind: q.Thing.Kind, ID: q.Thing.ID}
		there, gone := r.Decide(q), r.Decide(absent)
		if told(there) != told(gone) || told(gone) != "absent" {
			t.Errorf("%s: %s when there, %s when absent", Describe(q), Verdict(there), Verdict(gone))
		}
		n++
	}
	if n < 400 {
		t.Errorf("only %d requests", n)
	}
}
