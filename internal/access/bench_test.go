package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mijuan/internal/classification"
	"mijuan/policy"
)

// firm makes requests of a firm with 100,000 materials, 5,000 matters and 1,000 people: half by members of the matter's team,
// the rest by anybody.
func firm() []Request {
	const people, matters, materials, team = 1000, 5000, 100_000, 6
	random := rand.New(rand.NewPCG(1, 2))
	id := func(kind string, n int) string { return fmt.Sprintf("%s-%07d", kind, n) }
	teams := make([][team]int, matters)
	for m := range teams {
		for i := range teams[m] {
			teams[m][i] = random.IntN(people)
		}
	}
	acts := []Act{ListEntry, ListEntry, ListEntry, View, ViewPage, ViewPage, ReadHistory, FetchOriginal, Propose, Review}
	posts := [][]Post{{Lawyer}, {Lawyer}, {Lawyer}, {Trainee}, {Assistant}, {Lawyer, Director}, {Auditor}, {SecurityAdmin}}
	requests := make([]Request, materials)
	for i := range requests {
		m := random.IntN(matters)
		q := &requests[i]
		*q = ordinary()
		place := random.IntN(team)
		who := teams[m][place]
		if random.IntN(2) == 0 {
			who = random.IntN(people)
		}
		q.Act, q.Who.ID, q.Who.Posts, q.Who.Strong = acts[random.IntN(len(acts))], id("person", who), posts[who%len(posts)], who%3 != 0
		q.Thing = Resource{Kind: Material, ID: id("material", i), Matter: id("matter", m), Level: classification.Level(1 + random.IntN(3)),
			State: []State{Filed, Filed, Filed, Proposed}[random.IntN(4)], Proposer: id("person", teams[m][1]), Reviewer: id("person", teams[m][0]),
			Owner: id("person", teams[m][1]), Exists: true}
		if at := slices.Index(teams[m][:], who); at >= 0 {
			q.Where = Circumstances{Member: true, Lead: at == 0, Assigned: at < 3, Clearance: classification.Level(1 + at%3), Listed: at < 2, OfficeNetwork: true}
		}
	}
	return requests
}

// BenchmarkDecide decides over the whole rule set and reports the median and the 99th percentile of single decisions.
func BenchmarkDecide(b *testing.B) {
	rules, requests := defaultRules(b), firm()
	b.ReportAllocs()
	times := make([]time.Duration, 0, 1<<20)
	outcomes := map[Outcome]int{}
	i := 0
	for b.Loop() {
		q := requests[i%len(requests)]
		start := time.Now()
		d := rules.Decide(q)
		if len(times) < cap(times) {
			times = append(times, time.Since(start))
		}
		outcomes[d.Outcome]++
		i++
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(100*float64(outcomes[Permit])/float64(i), "%permitted")
}

// BenchmarkDecidePermit decides the commonest request: a member of the team looks at a page.
func BenchmarkDecidePermit(b *testing.B) {
	rules, q := defaultRules(b), privileged(Lawyer)
	q.Act = ViewPage
	q.Thing = Resource{Kind: Material, ID: "d", Matter: "m", Level: classification.Secret, State: Filed, Owner: "o", Exists: true}
	if d := rules.Decide(q); d.Outcome != Permit {
		b.Fatal(Verdict(d))
	}
	b.ReportAllocs()
	for b.Loop() {
		rules.Decide(q)
	}
}

func BenchmarkLoad(b *testing.B) {
	set := copySet(b, policy.FS)
	for b.Loop() {
		if _, err := Load(set); err != nil {
			b.Fatal(err)
		}
	}
}
