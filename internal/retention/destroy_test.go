package retention_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/signature"
)

// TestWalk takes a list from the request to the register: who may do what, what each step refuses, and what is left afterwards.
func TestWalk(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.set("lead", access.Matter, o.in, "short"))
		o.must(o.close("lead"))
		_, err := o.ask("lead", retention.Asking{Items: o.things()}) // closed today
		o.wants(problem.Conflict, err)
		o.age(16)
		for name, a := range map[string]retention.Asking{
			"nothing":                  {},
			"appraised by who asks":    {Items: o.things(), Appraiser: o.IDs["lead"]},
			"appraised by an outsider": {Items: o.things(), Appraiser: o.IDs["outsider"]},
			"destroyed by the lead":    {Items: o.things(), Destroyer: o.IDs["lead"]},
			"destroyed by appraiser":   {Items: o.things(), Destroyer: o.IDs["handling"]},
			"by an administrator":      {Items: o.things(), Destroyer: o.IDs["security"]},
			"things of nowhere":        {Items: []retention.Ref{{Kind: access.Carrier, ID: o.in}}},
		} {
			if _, err := o.ask("lead", a); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = o.ask("lead", retention.Asking{Items: o.things(), Destroyer: o.IDs["walled"]})
		o.wants(problem.Conflict, err)
		_, err = o.ask("trainee", retention.Asking{Items: o.things()})
		o.wants(problem.Refused, err)
		id, err := o.ask("lead", retention.Asking{Items: o.things()})
		o.must(err)
		_, err = o.ask("lead", retention.Asking{Items: o.things()[:1]}) // on a list already
		o.wants(problem.Conflict, err)

		o.wants(problem.Absent, o.do("outsider", access.ViewDestruction, access.Destruction, id, nil2))
		o.wants(problem.Absent, o.do("walled", access.ViewDestruction, access.Destruction, id, nil2))
		if c := o.list("director", id); c.List.Known || c.List.Items[0].Title != "" || c.List.Reason != "" {
			t.Errorf("the director reads titles by post: %+v", c.List)
		}
		o.wants(problem.Refused, o.appraise("lead", id, retention.ToDestroy))
		o.wants(problem.Invalid, o.do("handling", access.AppraiseDestruction, access.Destruction, id, func(g *guard.Grant) error { return o.House.Retention.Appraise(g, nil, "同意") }))
		o.wants(problem.Refused, o.arrange("keeper", id, retention.Arrangement{})) // not appraised
		o.must(o.appraise("handling", id, retention.ToDestroy))
		o.wants(problem.Refused, o.appraise("handling", id, retention.ToDestroy))

		o.wants(problem.Refused, o.arrange("lead", id, retention.Arrangement{}))
		for name, a := range map[string]retention.Arrangement{
			"too coarse":               {Method: "shred-p4"},
			"a device's":               {Method: "crush-6"},
			"witness destroys":         {Witnesses: [2]string{o.IDs["keeper"]}},
			"witness asked":            {Witnesses: [2]string{o.IDs["lead"]}},
			"the same witness twice":   {Witnesses: [2]string{o.IDs["clerk"], o.IDs["clerk"]}},
			"an administrator watches": {Witnesses: [2]string{o.IDs["auditor"]}},
		} {
			if err := o.arrange("keeper", id, a); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		o.wants(problem.Conflict, o.House.Retention.Ask(t.Context(), o.Who("keeper"), id)) // not arranged
		o.must(o.arrange("keeper", id, retention.Arrangement{}))
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter")) // not approved
		o.wants(problem.Refused, o.House.Retention.Ask(t.Context(), o.Who("lead"), id))
		o.approve(id, "lead")
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter")) // the lead's consent alone
		o.must(o.do("director", access.DecideApproval, access.Approval, o.asked(id)[0].ID, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, "yes", "") }))

		o.wants(problem.Invalid, o.execute("keeper", id, "keeper", "porter")) // the destroyer watches
		o.wants(problem.Invalid, o.execute("keeper", id, "clerk", "clerk"))
		o.wants(problem.Invalid, o.execute("keeper", id, "clerk", "outsider"))
		o.wants(problem.Unauthenticated, o.execute("keeper", id, "clerk", "nobody"))
		e := retention.Execution{Digest: o.list("keeper", id).Digest(), Consent: o.Consent("keeper"), Firm: "所", Witnesses: [2]retention.Standby{standby("clerk"), {Login: "porter", Password: "wrong"}}}
		o.wants(problem.Unauthenticated, o.House.Retention.Execute(t.Context(), o.Who("keeper"), id, e))
		e.Witnesses[1], e.Digest = standby("porter"), "stale"
		o.wants(problem.Conflict, o.House.Retention.Execute(t.Context(), o.Who("keeper"), id, e))
		if b := o.balance(); b.Destroyed != 0 {
			t.Fatalf("something was destroyed: %+v", b)
		}
		o.must(o.execute("keeper", id, "clerk", "porter"))
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter"))
		if b := o.balance(); !b.Even() || b.Destroyed != 3 || b.Held != 0 {
			t.Errorf("the balance: %+v", b)
		}
		o.wants(problem.Refused, o.do("lead", access.View, access.Material, o.materials[0], nil2))
		var entries []retention.Entry
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
			page, err := o.House.Retention.Register(g, retention.EntryFilter{})
			entries = page.Entries
			return err
		}))
		if len(entries) != 5 || entries[0].Number == "" || entries[0].Title == "" || len(entries[0].List.Approvers) != 2 || entries[0].List.Place != "三楼碎纸间" {
			t.Errorf("the register: %+v", entries)
		}
		o.pages(id, entries)
		o.certificateStands(id)
	})
}

// pages: page after page the register gives what it gives at once, narrowed to what the reader may know; the list is one line among lists.
func (o *office) pages(id string, all []retention.Entry) {
	o.t.Helper()
	read := func(by string, f retention.EntryFilter) (page retention.EntryPage) {
		o.t.Helper()
		o.must(o.House.Door.Do(o.t.Context(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
			page, err = o.House.Retention.Register(g, f)
			return err
		}))
		return page
	}
	var paged []string
	for f, n := (retention.EntryFilter{Limit: 2}), 0; n < 5; n++ {
		page := read("lead", f)
		for _, e := range page.Entries {
			paged = append(paged, e.Number)
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	for n, e := range all {
		if n >= len(paged) || paged[n] != e.Number {
			o.t.Fatalf("page after page: %v", paged)
		}
	}
	day := all[0].List.Ended
	for _, c := range []struct {
		by string
		f  retention.EntryFilter
		n  int
	}{{"keeper", retention.EntryFilter{}, 5}, {"auditor", retention.EntryFilter{}, 5}, {"director", retention.EntryFilter{}, 5}, {"walled", retention.EntryFilter{}, 0}, {"security", retention.EntryFilter{}, 0}, {"outsider", retention.EntryFilter{}, 0},
		{"lead", retention.EntryFilter{Until: day}, 0}, {"lead", retention.EntryFilter{Since: day}, 5}, {"lead", retention.EntryFilter{After: "?"}, 5}} {
		page := read(c.by, c.f)
		if len(page.Entries) != c.n {
			o.t.Errorf("%s with %+v reads %d lines, not %d", c.by, c.f, len(page.Entries), c.n)
		}
		for _, e := range page.Entries {
			if (c.by == "auditor" || c.by == "director") && (e.Title != "" || e.List.Place != "") {
				o.t.Errorf("%s is told %+v", c.by, e)
			}
		}
	}
	for by, n := range map[string]int{"lead": 1, "keeper": 1, "clerk": 1, "auditor": 1, "walled": 0, "security": 0} {
		o.must(o.House.Door.Do(o.t.Context(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
			page, err := o.House.Retention.Lists(g, retention.Filter{Stage: retention.Done})
			if len(page.Lists) != n || n == 1 && (page.Lists[0].ID != id || page.Lists[0].Size != 5) {
				o.t.Errorf("%s sees the lists %+v", by, page.Lists)
			}
			return err
		}))
	}
}

// certificateStands: the certificate bears three signatures that hold, for pdfsig too, and the ledger names it.
func (o *office) certificateStands(id string) {
	o.t.Helper()
	var pdf []byte
	o.must(o.do("clerk", access.ViewDestruction, access.Destruction, id, func(g *guard.Grant) (err error) { pdf, _, err = o.House.Retention.Sheet(g); return err }))
	report, err := signature.Verify(pdf)
	o.must(err)
	if !report.Intact() || len(report.Signatures) != 3 {
		o.t.Fatalf("the certificate has %d signatures: %v", len(report.Signatures), report.Faults())
	}
	for n, name := range []string{"测试keeper", "测试clerk", "测试porter"} {
		if report.Signatures[n].Name != name {
			o.t.Errorf("signature %d is of %s", n, report.Signatures[n].Name)
		}
	}
	o.wants(problem.Absent, o.do("director", access.ViewDestruction, access.Destruction, id, func(g *guard.Grant) error { _, _, err := o.House.Retention.Sheet(g); return err }))
	if tool, err := exec.LookPath("pdfsig"); err == nil {
		file := filepath.Join(o.t.TempDir(), "certificate.pdf")
		o.must(os.WriteFile(file, pdf, 0o600))
		out, _ := exec.Command(tool, "-nocert", file).CombinedOutput()
		if n := strings.Count(string(out), "Signature is Valid"); n != 3 {
			o.t.Errorf("pdfsig finds %d valid signatures:\n%s", n, out)
		}
	}
}

// TestHoldDuringDestruction: a hold that is set between showing the list and signing it stops every step, and lifted it goes on.
func TestHoldDuringDestruction(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.approved(false)
		digest, consent := o.list("keeper", id).Digest(), o.Consent("keeper")
		o.must(o.freeze("security", access.Matter, o.in)) // between showing and signing
		run := func() error {
			return o.House.Retention.Execute(t.Context(), o.Who("keeper"), id, retention.Execution{Digest: digest, Consent: consent, Firm: "所", Witnesses: [2]retention.Standby{standby("clerk"), standby("porter")}})
		}
		o.wants(problem.Conflict, run())
		o.wants(problem.Refused, o.arrange("keeper", id, retention.Arrangement{}))
		o.wants(problem.Refused, o.do("clerk", access.WitnessDestruction, access.Destruction, id, nil2))
		o.wants(problem.Refused, o.House.Door.Do(t.Context(), o.Who("keeper"), access.Destroy, guard.Thing{Kind: access.Destruction, ID: id}, nil2))
		o.must(o.thaw("director", access.Matter, o.in))
		o.must(run())
	})
}

// TestMeanwhile: what happens to a thing after the approval stops the whole list.
func TestMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.approved(false)
		handed := func(to string) error {
			return o.do("handling", access.HandCarrier, access.Carrier, o.carriers[0], func(g *guard.Grant) error { return o.House.Carriers.Offer(g, handing(o.IDs[to])) })
		}
		o.must(handed("keeper"))
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter"))
		o.must(o.do("handling", access.HandCarrier, access.Carrier, o.carriers[0], o.House.Carriers.Withdraw))
		o.must(o.do("handling", access.ReturnCarrier, access.Carrier, o.carriers[0], func(g *guard.Grant) error { return o.House.Carriers.Return(g, "客户经办人") }))
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter"))
		if b := o.balance(); !b.Even() || b.Destroyed != 0 || b.Returned != 1 {
			t.Errorf("half of it was done: %+v", b)
		}
		o.must(o.do("lead", access.View, access.Material, o.materials[0], nil2)) // nothing of it was
		o.must(o.do("lead", access.WithdrawDestruction, access.Destruction, id, func(g *guard.Grant) error { return o.House.Retention.Withdraw(g, "其中一份已归还客户") }))
		o.carriers = o.carriers[1:]
		id, err := o.ask("lead", retention.Asking{Items: o.things()})
		o.must(err)
		o.must(o.appraise("handling", id, retention.ToDestroy))
		o.must(o.arrange("keeper", id, retention.Arrangement{}))
		o.approve(id, "lead", "director")
		// Put into a class that is kept longer, its period is not over any more.
		o.must(o.set("lead", access.Carrier, o.carriers[0], "permanent"))
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter"))
		o.must(o.set("lead", access.Carrier, o.carriers[0], ""))
		// The approval is good for a week.
		o.clock.Forward(8 * 24 * time.Hour)
		o.wants(problem.Conflict, o.execute("keeper", id, "clerk", "porter"))
		o.approve(id, "lead", "director")
		o.must(o.execute("keeper", id, "clerk", "porter"))
		if b := o.balance(); !b.Even() || b.Destroyed != 2 {
			t.Errorf("the balance: %+v", b)
		}
	})
}

// TestTwoAtOnce: of two that carry out the same list at once one does, and nothing is destroyed twice.
func TestTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.approved(false)
		var done sync.WaitGroup
		errs := make([]error, 2)
		digest := o.list("keeper", id).Digest()
		consents := [2]func() retention.Execution{}
		for n := range consents {
			consent := o.Consent("keeper")
			consents[n] = func() retention.Execution {
				return retention.Execution{Digest: digest, Consent: consent, Firm: "所", Witnesses: [2]retention.Standby{standby("clerk"), standby("porter")}}
			}
		}
		for n := range errs {
			done.Go(func() { errs[n] = o.House.Retention.Execute(context.Background(), o.Who("keeper"), id, consents[n]()) })
		}
		done.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if problem.KindOf(err) == 0 {
				t.Errorf("the other is told %v", err)
			}
		}
		if b := o.balance(); won != 1 || !b.Even() || b.Destroyed != 3 {
			t.Errorf("%d carried it out: %+v, %v", won, b, errors.Join(errs...))
		}
	})
}

// TestKeptLonger: an appraisal puts a thing's end off, and what is handed over leaves the list.
func TestKeptLonger(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.set("lead", access.Matter, o.in, "short"))
		o.must(o.close("lead"))
		o.clock.Forward(16 * 366 * 24 * time.Hour)
		o.renew()
		id, err := o.ask("handling", retention.Asking{Items: o.things(), Appraiser: o.IDs["lead"]})
		o.must(err)
		o.must(o.appraise("lead", id, retention.Keep))
		if c := o.list("lead", id); c.List.Stage != retention.Spared {
			t.Errorf("nothing was to be destroyed, and the list is %s", c.List.Stage)
		}
		if all := o.expired("lead"); len(all) != 0 {
			t.Errorf("kept for three years more: %+v", all)
		}
		o.clock.Forward(4 * 366 * 24 * time.Hour)
		o.renew()
		if all := o.expired("lead"); len(all) != 1 || all[0].Carriers != 3 {
			t.Errorf("after that: %+v", all)
		}
	})
}
