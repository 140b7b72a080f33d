package leaving_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// listed counts what of a kind stands on somebody's list.
func (o *office) listed(leaver string, kind leaving.Kind) (n int) {
	o.t.Helper()
	items, _ := o.holdings("director", leaver)
	for _, i := range items {
		if i.Kind == kind {
			n += i.N
		}
	}
	return n
}

// TestWriteOffForgivesNothingToCome: what somebody answers for is never written off; files that were are destroyed, and those brought in
// afterwards stand on the list again.
func TestWriteOffForgivesNothingToCome(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		o.Receive(in, "a.txt", "证据一", "一", classification.Confidential)
		first := o.Upload(in, "b.txt", "没有备案")
		o.must(o.begin("director", "handling", "auditor"))
		o.must(o.begin("director", "lead", "auditor"))
		o.wants(problem.Invalid, o.writeOff("director", "handling", leaving.Materials, in))
		o.wants(problem.Invalid, o.writeOff("director", "lead", leaving.Reviews, in))
		o.must(o.writeOff("director", "handling", leaving.Uploads, in))
		if n := o.listed("handling", leaving.Uploads); n != 0 {
			t.Errorf("%d uploads are listed that were written off", n)
		}
		err := o.House.Door.Do(context.Background(), o.Who("handling"), access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			u, err := o.House.Shelf.Upload(g, first)
			if err == nil && u.State != "expired" {
				t.Errorf("the file that was written off is %s", u.State)
			}
			return err
		})
		if err != nil && !problem.Is(err, problem.Absent) {
			t.Error(err)
		}
		o.Upload(in, "c.txt", "之后上传的")
		if n := o.listed("handling", leaving.Uploads); n != 1 {
			t.Errorf("%d uploads are listed after another came", n)
		}
		o.must(o.writeOff("director", "handling", leaving.Pledge, ""))
		o.wants(problem.Conflict, o.witness("auditor", "handling"))
	})
}

// TestWhoStaysOwesNothing: a leaving that is cancelled takes the question for its pledge back.
func TestWhoStaysOwesNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.begin("director", "outsider", "auditor"))
		o.must(o.do("director", access.BeginLeaving, "outsider", func(g *guard.Grant) error { return o.House.Leaving.Cancel(g, "本人决定留任") }))
		o.wants(problem.Absent, o.pledge("outsider"))
		o.must(o.begin("director", "outsider", "auditor"))
		o.must(o.pledge("outsider"))
	})
}

// TestWitnessesGoToo: who is to witness another's leaving has that on the own list until somebody else is appointed; the witness does not
// close what they witnessed.
func TestWitnessesGoToo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("second", access.SecurityAdmin)
		appoint := func(witness string) error {
			return o.do("director", access.BeginLeaving, "outsider", func(g *guard.Grant) error { return o.House.Leaving.SetWitness(g, o.IDs[witness]) })
		}
		o.wants(problem.Conflict, appoint("auditor")) // not leaving
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		o.must(o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE matter SET lead = $1 WHERE id = $2`, o.IDs["outsider"], in)
			return err
		}))
		o.must(o.begin("director", "outsider", "trainee"))
		o.must(o.begin("director", "trainee", "auditor"))
		o.wants(problem.Conflict, o.begin("director", "heir", "trainee")) // who leaves witnesses nobody
		if n := o.listed("trainee", leaving.Witnessing); n != 1 {
			t.Errorf("%d hand-overs to witness stand on the witness's list", n)
		}
		o.must(o.settle("director", "outsider", leaving.Lead, in, "heir"))
		o.must(o.writeOff("director", "outsider", leaving.Pledge, ""))
		o.must(o.witness("trainee", "outsider"))
		o.wants(problem.Invalid, appoint("heir"))     // has taken over
		o.wants(problem.Invalid, appoint("outsider")) // the leaver
		o.must(appoint("second"))
		if n := o.listed("trainee", leaving.Witnessing); n != 0 {
			t.Error("the former witness still has it")
		}
		_, err := o.close("security", "outsider")
		o.wants(problem.Refused, err) // what the former witness signed is void
		o.must(o.witness("second", "outsider"))
		_, err = o.close("second", "outsider")
		o.wants(problem.Conflict, err) // is the witness
		_, err = o.close("security", "outsider")
		o.must(err)
	})
}

// TestNoSuchMatter: a matter of which there is none, and another's, are one answer.
func TestNoSuchMatter(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		o.must(o.begin("director", "outsider", "auditor"))
		foreign, none := o.settle("director", "outsider", leaving.Lead, in, "heir"), o.settle("director", "outsider", leaving.Lead, "00000000-0000-7000-8000-00000000dead", "heir")
		o.wants(problem.Conflict, foreign)
		if none == nil || foreign.Error() != none.Error() {
			t.Errorf("%v, and %v", foreign, none)
		}
	})
}

// TestTheOnlyAccess: who alone knows a matter leads it, and cannot go before somebody else does, with all that the leaver could know.
func TestTheOnlyAccess(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			for _, login := range []string{"handling", "trainee"} {
				if err := o.House.Matters.Remove(g, o.IDs[login]); err != nil {
					return err
				}
			}
			return nil
		}))
		o.must(o.begin("director", "lead", "auditor"))
		o.must(o.pledge("lead"))
		o.wants(problem.Conflict, o.witness("auditor", "lead"))
		_, err := o.close("security", "lead")
		o.wants(problem.Refused, err)
		o.must(o.settle("director", "lead", leaving.Lead, in, "heir"))
		o.must(o.witness("auditor", "lead"))
		_, err = o.close("security", "lead")
		o.must(err)
		o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			is, err := matter.Relation(tx, in, o.IDs["heir"])
			if !is.Lead || is.Clearance != classification.TopSecret || !is.Listed {
				t.Errorf("the heir is %+v", is)
			}
			return err
		}))
	})
}

// TestWhatWasOpened: the report is for the security administrator and whoever takes over, of the matters taken over; not for the witness.
func TestWhatWasOpened(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
		read := func(by string) (over map[string]bool, err error) {
			return over, o.do(by, access.ReadOpened, "lead", func(g *guard.Grant) (err error) { over, err = o.House.Leaving.TakenOver(g); return err })
		}
		o.must(o.begin("director", "lead", "trainee"))
		for _, by := range []string{"trainee", "heir"} {
			_, err := read(by)
			o.wants(problem.Refused, err)
		}
		o.must(o.settle("director", "lead", leaving.Lead, in, "heir"))
		over, err := read("heir")
		if o.must(err); len(over) != 1 || !over[in] {
			t.Errorf("taken over: %v", over)
		}
		_, err = read("security")
		o.must(err)
	})
}

// TestCountingEndsFirst: who opened a stock-taking that nobody has closed has it on the list, and it is neither handed over nor let go.
func TestCountingEndsFirst(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("keeper", access.Custodian)
		o.RegisterCarriers(o.OpenMatter("股权转让纠纷", "沧浪环保有限公司"), 1)
		var round string
		count := func(f func(*guard.Grant) error) {
			t.Helper()
			o.must(o.House.Door.Do(context.Background(), o.Who("keeper"), access.TakeStock, guard.Firm, f))
		}
		count(func(g *guard.Grant) (err error) { round, err = o.House.Stock.Open(g, "", ""); return err })
		o.must(o.begin("director", "keeper", "auditor"))
		if n := o.listed("keeper", leaving.Stock); n != 1 {
			t.Errorf("%d rounds are listed", n)
		}
		o.wants(problem.Invalid, o.settle("director", "keeper", leaving.Stock, "", "heir"))
		o.wants(problem.Invalid, o.writeOff("director", "keeper", leaving.Stock, ""))
		count(func(g *guard.Grant) error { return o.House.Stock.Close(g, round) })
		if n := o.listed("keeper", leaving.Stock); n != 0 {
			t.Errorf("%d rounds are listed after it was closed", n)
		}
	})
}
