package person

import (
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// TestDelegation: a director lends approvals for a while; never to oneself, upwards, to an administrator, nor onward, and only as long
// as the director is one.
func TestDelegation(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		director, second := o.join("fangzhou", "方舟", access.Director), o.join("helan", "贺兰", access.Director, access.Lawyer)
		lawyer, other := o.join("luoxi", "罗夕", access.Lawyer), o.join("mubai", "牧白", access.Lawyer)
		committee, system := o.join("anran", "安然", access.Committee), o.join("jianyi", "简一", access.SystemAdmin)
		day := 24 * time.Hour
		give := func(by, to string, acts []access.Act, from, until time.Duration, why string) error {
			return o.as(by, access.Delegate, guard.Firm, func(g *guard.Grant) error {
				return o.Delegate(g, Delegation{Person: to, Acts: acts, Since: o.now().Add(from), Until: o.now().Add(until), Reason: why})
			})
		}
		has := func(person string, act access.Act, want bool) {
			t.Helper()
			if p := o.principal(person); slices.Contains(p.Delegated, act) != want || want && p.DelegatedBy != director {
				t.Errorf("%v may do %v instead of %q, want %s: %v", person, p.Delegated, p.DelegatedBy, act, want)
			}
		}
		release, off := []access.Act{access.Release}, []access.Act{access.WriteOffLeaving}
		for about, err := range map[string]error{
			"oneself":            give(director, director, release, 0, day, "外出"),
			"another director":   give(director, second, release, 0, day, "外出"),
			"the committee":      give(director, committee, release, 0, day, "外出"),
			"an administrator":   give(director, system, release, 0, day, "外出"),
			"nobody":             give(director, "01999999-9999-7abc-8def-999999999999", release, 0, day, "外出"),
			"no acts":            give(director, lawyer, nil, 0, day, "外出"),
			"what is not to be":  give(director, lawyer, []access.Act{access.Appoint}, 0, day, "外出"),
			"delegating":         give(director, lawyer, []access.Act{access.Delegate}, 0, day, "外出"),
			"no reason":          give(director, lawyer, release, 0, day, " "),
			"long ago":           give(director, lawyer, release, -48*time.Hour, day, "外出"),
			"backwards":          give(director, lawyer, release, 2*day, day, "外出"),
			"half a year and on": give(director, lawyer, release, 0, LongestDelegation+time.Hour, "外出"),
		} {
			wants(t, err, problem.Invalid, about)
		}
		wants(t, give(lawyer, other, release, 0, day, "外出"), problem.Refused, "a lawyer delegates")

		o.must(give(director, lawyer, release, day, 10*day, "外出"))
		wants(t, give(second, lawyer, off, 9*day, 12*day, "外出"), problem.Conflict, "two at a time")
		has(lawyer, access.Release, false)
		o.pass(day)
		has(lawyer, access.Release, true)
		has(lawyer, access.WriteOffLeaving, false)
		has(other, access.Release, false)
		wants(t, give(lawyer, other, release, 0, day, "外出"), problem.Refused, "onward")
		o.must(o.appoint(director, func(g *guard.Grant) error { return o.ChangePosts(g, []access.Post{access.Lawyer}, "换届") }))
		has(lawyer, access.Release, false)
		o.must(o.appoint(director, func(g *guard.Grant) error {
			return o.ChangePosts(g, []access.Post{access.Lawyer, access.Director}, "连任")
		}))
		has(lawyer, access.Release, true)
		o.must(o.appoint(director, func(g *guard.Grant) error { return o.Suspend(g, "停用") }))
		has(lawyer, access.Release, false)
		o.must(o.appoint(director, func(g *guard.Grant) error { return o.Restore(g, "恢复") }))
		has(lawyer, access.Release, true)
		o.pass(9*day - time.Millisecond)
		has(lawyer, access.Release, true)
		o.pass(time.Millisecond)
		has(lawyer, access.Release, false)

		o.must(give(director, other, off, 0, 10*day, "住院"))
		has(other, access.WriteOffLeaving, true)
		has(other, access.ReadHoldings, true)
		list := func(person string, act access.Act) (all []Delegation) {
			o.must(o.as(person, act, guard.Firm, func(g *guard.Grant) (err error) { all, _, err = o.Delegations(g, DelegationFilter{}); return err }))
			return all
		}
		all := list(lawyer, access.ReadRoster) // why another stands in is told to who is concerned
		if len(all) != 2 || all[0].Reason != "" || all[1].Reason != "外出" ||
			list(director, access.ReadRoster)[0].Reason != "住院" || all[0].Name != "牧白" || all[0].ByName != "方舟" || !all[0].Stands(o.now()) || all[1].Stands(o.now()) {
			t.Errorf("the register: %+v", all)
		}
		if own := list(lawyer, access.UseSystem); len(own) != 1 || own[0].Person != lawyer {
			t.Errorf("one's own: %+v", own)
		}
		// Whoever becomes an administrator stands in for nobody.
		o.must(o.appoint(other, func(g *guard.Grant) error {
			return o.ChangePosts(g, []access.Post{access.Lawyer, access.Auditor}, "转任")
		}))
		has(other, access.WriteOffLeaving, false)
		o.must(o.appoint(other, func(g *guard.Grant) error { return o.ChangePosts(g, []access.Post{access.Lawyer}, "回任") }))
		has(other, access.WriteOffLeaving, true)
		end := func() error {
			return o.as(second, access.Delegate, guard.Firm, func(g *guard.Grant) error { return o.EndDelegation(g, all[0].ID) })
		}
		o.must(end())
		has(other, access.WriteOffLeaving, false)
		wants(t, end(), problem.Conflict, "ended twice")
		if last := o.newest(); last.detail.Notes["ended"] != nil {
			t.Errorf("a failed act noted %v", last.detail.Notes)
		}
	})
}
