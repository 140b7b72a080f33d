package leaving_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/leaving"
	"mijuan/internal/ledger"
	"mijuan/internal/matter"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t *testing.T
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := housetest.Settings(t)
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := &office{housetest.Found(t, s), t}
			housetest.Must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
			o.Hire("heir", access.Lawyer)
			f(t, o)
		})
	}
}

// do is an act of somebody on somebody.
func (o *office) do(by string, act access.Act, on string, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Thing{Kind: access.Person, ID: o.IDs[on]}, f)
}

func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

func (o *office) begin(by, leaver, witness string) error {
	return o.do(by, access.BeginLeaving, leaver, func(g *guard.Grant) error {
		return o.House.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.In(matter.Beijing).AddDate(0, 0, 14), Reason: "本人辞职", Witness: o.IDs[witness]})
	})
}

func (o *office) settle(by, leaver string, kind leaving.Kind, in, to string, ids ...string) error {
	return o.do(by, access.SettleLeaving, leaver, func(g *guard.Grant) error {
		_, err := o.House.Leaving.Settle(g, leaving.Handover{Kind: kind, Matter: in, Successor: o.IDs[to], Materials: ids})
		return err
	})
}

func (o *office) writeOff(by, leaver string, kind leaving.Kind, in string) error {
	return o.House.Leaving.WriteOff(context.Background(), o.Who(by), o.IDs[leaver], leaving.Forgiven{Items: []leaving.Item{{Kind: kind, Matter: in}}, Reason: "无法移交"}, o.Consent(by), "江澜衡砚律师事务所")
}

func (o *office) close(by, leaver string) (e leaving.Ended, err error) {
	err = o.do(by, access.CloseLeaving, leaver, func(g *guard.Grant) error { e, err = o.House.Leaving.Close(g); return err })
	return e, err
}

func (o *office) holdings(by, leaver string) (items []leaving.Item, d *leaving.Departure) {
	o.t.Helper()
	o.must(o.do(by, access.ReadHoldings, leaver, func(g *guard.Grant) (err error) {
		items, d, err = o.House.Leaving.Holdings(g)
		return err
	}))
	return items, d
}

func (o *office) pledge(login string) error {
	var due []pledge.Due
	o.must(o.House.Door.Do(context.Background(), o.Who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		due, err = o.House.Pledges.Asked(g)
		return err
	}))
	for _, d := range due {
		if d.Kind == pledge.Leaving {
			_, err := o.House.Pledges.Sign(context.Background(), o.Who(login), pledge.Signing{Kind: d.Kind, Version: d.Version, Digest: pledge.Digest(d.Text), Consent: o.Consent(login)})
			return err
		}
	}
	return problem.New(problem.Absent, "nobody asks for the leaving pledge")
}

func (o *office) witness(by, leaver string) error {
	_, d := o.holdings("director", leaver)
	return o.House.Leaving.Witness(context.Background(), o.Who(by), o.IDs[leaver], d.Digest(), o.Consent(by), "江澜衡砚律师事务所")
}

// TestLeadLeaves walks a leaving to its end: nothing closes before everything is handed over, pledged and witnessed, and nothing is
// open afterwards.
func TestLeadLeaves(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		waiting := o.Receive(in, "a.txt", "证据一", "内容", classification.TopSecret)
		o.wants(problem.Refused, o.begin("lead", "lead", "auditor"))     // for oneself
		o.wants(problem.Refused, o.begin("outsider", "lead", "auditor")) // not theirs to do
		o.wants(problem.Invalid, o.begin("director", "lead", "director"))
		o.wants(problem.Invalid, o.begin("director", "lead", "lead"))
		o.wants(problem.Refused, o.settle("lead", "lead", leaving.Lead, in, "heir")) // not begun
		o.must(o.begin("director", "lead", "trainee"))
		o.wants(problem.Conflict, o.begin("security", "lead", "trainee"))

		items, d := o.holdings("lead", "lead")
		if len(items) != 3 || items[0].Kind != leaving.Lead || items[1].Kind != leaving.Reviews || items[2].Kind != leaving.Pledge || items[0].Number == "" || d == nil || d.Reason != "本人辞职" {
			t.Fatalf("the list is %+v of %+v", items, d)
		}
		_, err := o.close("security", "lead")
		o.wants(problem.Refused, err)
		o.wants(problem.Conflict, o.witness("trainee", "lead")) // something is outstanding
		o.wants(problem.Refused, o.do("outsider", access.ReadHoldings, "lead", nil))

		o.wants(problem.Invalid, o.settle("director", "lead", leaving.Lead, in, "auditor")) // no lawyer
		o.wants(problem.Invalid, o.settle("director", "lead", leaving.Lead, in, "trainee")) // the witness
		o.wants(problem.Conflict, o.settle("director", "lead", leaving.Lead, in, "walled"))
		o.wants(problem.Invalid, o.settle("lead", "lead", leaving.Lead, in, "lead"))
		o.wants(problem.Invalid, o.settle("lead", "lead", leaving.Pledge, "", "heir"))
		o.must(o.settle("director", "lead", leaving.Lead, in, "heir"))
		o.wants(problem.Conflict, o.settle("director", "lead", leaving.Lead, in, "outsider"))        // it is the heir's now
		o.wants(problem.Invalid, o.settle("lead", "lead", leaving.Reviews, in, "handling", waiting)) // who proposed it
		o.must(o.settle("lead", "lead", leaving.Reviews, in, "heir", waiting))
		o.wants(problem.Invalid, o.writeOff("director", "lead", leaving.Lead, in))
		o.wants(problem.Refused, o.writeOff("lead", "lead", leaving.Pledge, ""))

		o.must(o.pledge("lead"))
		o.wants(problem.Refused, o.witness("auditor", "lead")) // is not the witness
		o.must(o.witness("trainee", "lead"))
		o.wants(problem.Conflict, o.witness("trainee", "lead"))
		_, err = o.close("director", "lead")
		o.wants(problem.Refused, err)
		ended, err := o.close("security", "lead")
		o.must(err)
		if ended.Places != 1 || ended.Tokens != 1 || ended.Sessions != 3 { // of joining, of signing, and of trying to let things go
			t.Errorf("what ended: %+v", ended)
		}
		o.wants(problem.Refused, o.House.Door.Do(context.Background(), o.Who("lead"), access.UseSystem, guard.Firm, nil))
		if _, err := o.House.People.AuthenticateToken(context.Background(), o.Tokens["lead"], "127.0.0.1"); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("the leaver's token: %v", err)
		}
		o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			is, err := matter.Relation(tx, in, o.IDs["lead"])
			if is.Member || is.Lead {
				t.Error("the leaver is still in the team")
			}
			return err
		}))
		if items, d = o.holdings("security", "lead"); len(items) > 0 || d.Closed.IsZero() || d.Ended != ended || len(d.Done) != 2 || d.Done[0].Name != "测试heir" {
			t.Errorf("afterwards: %+v %+v", items, d)
		}
		_, err = o.close("security", "lead")
		o.wants(problem.Refused, err)

		// The heir leads with all that the leaver could know, and reviews.
		o.must(o.House.Door.Do(context.Background(), o.Who("heir"), access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(*guard.Grant) error { return nil }))
		o.must(o.House.Door.Do(context.Background(), o.Who("heir"), access.Review, guard.Thing{Kind: access.Material, ID: waiting, Level: classification.TopSecret},
			func(g *guard.Grant) error { return o.House.Shelf.Review(g, "同意") }))
		o.sheetStands("auditor", "lead")
	})
}

// sheetStands: the signed list is a PDF, and the ledger names it by its hash.
func (o *office) sheetStands(by, leaver string) {
	o.t.Helper()
	o.must(o.do(by, access.ReadHoldings, leaver, func(g *guard.Grant) error {
		pdf, number, err := o.House.Leaving.Sheet(g)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(pdf)
		entries, err := o.House.Ledger.Query(g.Tx(), ledger.Query{Thing: hex.EncodeToString(sum[:])})
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || number != hex.EncodeToString(sum[:]) || len(entries) == 0 {
			o.t.Errorf("%d bytes %q, %d entries", len(pdf), number, len(entries))
		}
		return err
	}))
}

// TestWhoHoldsTheFiles: materials go to whoever may know them, in part or whole; what cannot go is written off; a list that changes
// after the signature must be signed again.
func TestWhoHoldsTheFiles(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		plain := o.Receive(in, "a.txt", "证据一", "一", classification.Confidential)
		secret := o.Receive(in, "b.txt", "证据二", "二", classification.Secret)
		o.Review(plain, classification.Confidential)
		o.Review(secret, classification.Secret)
		o.Upload(in, "c.txt", "没有备案")
		o.must(o.begin("security", "handling", "auditor"))
		items, _ := o.holdings("director", "handling")
		if len(items) != 3 || items[0].Kind != leaving.Materials || items[0].N != 2 || items[0].Top != classification.Secret || items[1].Kind != leaving.Uploads {
			t.Fatalf("the list is %+v", items)
		}
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Materials, in, "outsider")) // not in the team
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Materials, in, "trainee"))  // may not know them all
		o.must(o.settle("handling", "handling", leaving.Materials, in, "trainee", plain))
		o.must(o.settle("handling", "handling", leaving.Materials, in, "lead"))
		o.wants(problem.Conflict, o.settle("handling", "handling", leaving.Materials, in, "lead"))
		o.must(o.writeOff("director", "handling", leaving.Uploads, in))
		o.must(o.writeOff("director", "handling", leaving.Pledge, ""))
		o.must(o.witness("auditor", "handling"))

		late := o.Receive(in, "d.txt", "最后一份", "三", classification.Confidential) // after the signature
		_, err := o.close("security", "handling")
		o.wants(problem.Refused, err)
		o.must(o.settle("director", "handling", leaving.Materials, in, "lead", late))
		_, err = o.close("security", "handling")
		o.wants(problem.Refused, err) // the list is not the one that was signed
		o.must(o.witness("auditor", "handling"))
		_, err = o.close("security", "handling")
		o.must(err)

		var listed []leaving.Departure
		o.must(o.House.Door.Do(context.Background(), o.Who("director"), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
			listed, _, err = o.House.Leaving.List(g, leaving.Filter{})
			return err
		}))
		if len(listed) != 1 || listed[0].Name != "测试handling" || listed[0].WitnessName != "测试auditor" || len(listed[0].Successors()) != 2 {
			t.Errorf("the register has %+v", listed)
		}
		o.must(o.House.Door.Do(context.Background(), o.Who("outsider"), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
			listed, _, err = o.House.Leaving.List(g, leaving.Filter{})
			return err
		}))
		if len(listed) != 0 {
			t.Errorf("an outsider reads %+v", listed)
		}
	})
}

// TestWallsStandInTheList: whoever stands behind a matter's wall is not told which matter it is, and cannot hand it over.
func TestWallsStandInTheList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.SetWall, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["director"], Reason: "曾代理对方"})
		}))
		o.must(o.begin("security", "lead", "auditor"))
		items, _ := o.holdings("director", "lead")
		if i := items[0]; !i.Walled || i.Number != "" || i.Matter != "" {
			t.Errorf("the director behind the wall is told %+v", i)
		}
		if items, _ = o.holdings("security", "lead"); items[0].Walled || items[0].Number == "" {
			t.Errorf("the security administrator is told %+v", items[0])
		}
		o.wants(problem.Conflict, o.settle("director", "lead", leaving.Lead, in, "heir"))
		o.must(o.settle("lead", "lead", leaving.Lead, in, "heir"))
		if _, d := o.holdings("director", "lead"); d.Done[0].Number != "" || !d.Done[0].Walled {
			t.Errorf("the director behind the wall is told %+v", d.Done[0])
		}
	})
}

// TestWhoMayNotGo: the last security administrator cannot go, one who stays after all is free again, and two cannot end each other.
func TestWhoMayNotGo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.begin("director", "security", "auditor"))
		if items, _ := o.holdings("director", "security"); items[0].Kind != leaving.Administrator {
			t.Errorf("the list is %+v", items)
		}
		o.wants(problem.Invalid, o.writeOff("director", "security", leaving.Administrator, ""))
		o.wants(problem.Conflict, o.witness("auditor", "security"))
		o.must(o.do("director", access.BeginLeaving, "security", func(g *guard.Grant) error { return o.House.Leaving.Cancel(g, "本人决定留任") }))
		o.wants(problem.Refused, o.writeOff("director", "security", leaving.Pledge, ""))

		o.Hire("second", access.SecurityAdmin)
		o.must(o.begin("second", "security", "auditor"))
		o.must(o.begin("security", "second", "auditor"))
		for _, one := range []string{"security", "second"} {
			o.must(o.writeOff("director", one, leaving.Pledge, ""))
			o.must(o.witness("auditor", one))
		}
		_, err := o.close("security", "second")
		o.must(err)
		_, err = o.close("second", "security")
		o.wants(problem.Refused, err) // has left
		_, err = o.close("security", "security")
		o.wants(problem.Refused, err)
		if items, _ := o.holdings("director", "security"); len(items) != 1 || items[0].Kind != leaving.Administrator {
			t.Errorf("the last one's list is %+v", items)
		}
	})
}

// TestPortions: a great many materials go a portion at a time.
func TestPortions(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		first := o.Receive(in, "a.txt", "证据一", "一", classification.Confidential)
		o.must(o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
				INSERT INTO material (id, matter, number, serial, sealed_title, sealed_name, kinds, client_asked, level, state, proposer, reviewer, owner, received) SELECT '01999999-9999-7abc-8def-' || CAST(100000000000 + i AS TEXT), matter, 'T-' || CAST(i AS TEXT), i, sealed_title, sealed_name, kinds, client_asked, level, state, proposer, reviewer, owner, received
				FROM material, n WHERE id = $1`, first)
			return err
		}))
		o.must(o.begin("security", "handling", "auditor"))
		start := time.Now()
		items, _ := o.holdings("director", "handling")
		if items[0].N != 1200 || time.Since(start) > 5*time.Second {
			t.Errorf("%+v after %v", items[0], time.Since(start))
		}
		for _, want := range []int{500, 500, 200} {
			var n int
			o.must(o.do("director", access.SettleLeaving, "handling", func(g *guard.Grant) (err error) {
				n, err = o.House.Leaving.Settle(g, leaving.Handover{Kind: leaving.Materials, Matter: in, Successor: o.IDs["lead"]})
				return err
			}))
			if n != want {
				t.Errorf("%d went, want %d", n, want)
			}
		}
	})
}
