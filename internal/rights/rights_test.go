package rights_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/rights"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t     *testing.T
	clock *housetest.Clock
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			f(t, &office{housetest.Found(t, s), t, clock})
		})
	}
}

func (o *office) do(by string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, thing, f)
}

func (o *office) of(login string) guard.Thing {
	return guard.Thing{Kind: access.Person, ID: o.IDs[login]}
}

func (o *office) askPosts(by, of, why string, posts ...access.Post) error {
	return o.do(by, access.RequestRights, o.of(of), func(g *guard.Grant) error { _, err := o.House.Rights.AskPosts(g, o.IDs[of], posts, why); return err })
}

func (o *office) askPlace(by, number string) error {
	return o.do(by, access.RequestRights, o.of(by), func(g *guard.Grant) error {
		return o.House.Rights.AskPlace(g, rights.Wanted{Number: number, Duty: matter.Assisting, Level: classification.Confidential}, "协助整理证据")
	})
}

func (o *office) list(by string, f func(*guard.Grant) ([]rights.Request, error)) (all []rights.Request) {
	o.t.Helper()
	housetest.Must(o.t, o.do(by, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { all, err = f(g); return err }))
	return all
}

func (o *office) waiting(by string) []rights.Request { return o.list(by, o.House.Rights.Waiting) }
func (o *office) mine(by string) []rights.Request    { return o.list(by, o.House.Rights.Mine) }

func (o *office) decide(by, of, id string, approve bool, why string) error {
	return o.do(by, access.DecideRights, o.of(of), func(g *guard.Grant) error { return o.House.Rights.DecidePosts(g, id, approve, why) })
}

func (o *office) place(by, in, id string, approve bool, why string) error {
	return o.do(by, access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error { return o.House.Rights.DecidePlace(g, id, approve, why) })
}

func (o *office) carryOut(by, of, id string) error {
	return o.do(by, access.Appoint, o.of(of), func(g *guard.Grant) error { return o.House.Rights.CarryOut(g, id) })
}

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

func (o *office) posts(login string) (posts []access.Post) {
	o.t.Helper()
	housetest.Must(o.t, o.House.DB.Read(context.Background(), func(tx *store.Tx) error {
		p, err := o.House.People.Principal(tx, o.IDs[login])
		posts = p.Posts
		return err
	}))
	return posts
}

func (o *office) knows(login, in string) bool {
	return o.do(login, access.ViewMatter, guard.Thing{Kind: access.Matter, ID: in}, func(*guard.Grant) error { return nil }) == nil
}

// TestPosts: other posts are asked for, approved by another, carried out by a third, and what is no longer needed goes.
func TestPosts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		o.Hire("chair", access.Committee)
		o.wants(problem.Refused, o.askPosts("lead", "trainee", "转正", access.Lawyer)) // not one's own to ask
		o.wants(problem.Invalid, o.askPosts("trainee", "trainee", " ", access.Lawyer))
		o.wants(problem.Invalid, o.askPosts("trainee", "trainee", "转正", access.Trainee))
		o.wants(problem.Invalid, o.askPosts("trainee", "trainee", "转正", access.SystemAdmin, access.Auditor))
		housetest.Must(t, o.askPosts("trainee", "trainee", "取得律师执业证", access.Lawyer))
		o.wants(problem.Conflict, o.askPosts("trainee", "trainee", "再来一次", access.Lawyer))
		// Who appoints asks like everybody else where somebody can approve.
		housetest.Must(t, o.do("security", access.Appoint, o.of("handling"), func(g *guard.Grant) error {
			asked, err := o.House.Rights.AskPosts(g, o.IDs["handling"], []access.Post{access.Lawyer, access.Committee}, "增补委员")
			if !asked {
				t.Error("posts changed without anybody's approval")
			}
			return err
		}))
		housetest.Must(t, o.askPosts("director", "director", "兼任律师", access.Director, access.Lawyer))
		if len(o.waiting("lead"))+len(o.waiting("security"))+len(o.waiting("trainee")) != 0 || len(o.waiting("director")) != 2 || len(o.waiting("chair")) != 3 {
			t.Errorf("the director decides %d, the committee %d", len(o.waiting("director")), len(o.waiting("chair")))
		}
		q := o.mine("trainee")[0]
		o.wants(problem.Refused, o.decide("lead", "trainee", q.ID, true, ""))
		o.wants(problem.Absent, o.decide("director", "handling", q.ID, true, "")) // another's
		o.wants(problem.Refused, o.decide("director", "director", o.mine("director")[0].ID, true, ""))
		o.wants(problem.Invalid, o.decide("director", "trainee", q.ID, false, ""))
		o.wants(problem.Conflict, o.carryOut("security", "trainee", q.ID)) // not approved
		housetest.Must(t, o.decide("director", "trainee", q.ID, true, "同意"))
		o.wants(problem.Conflict, o.decide("chair", "trainee", q.ID, false, "迟了"))
		o.wants(problem.Refused, o.carryOut("director", "trainee", q.ID))
		if w := o.waiting("security"); len(w) != 1 || w[0].DecidedBy != "测试director" || w[0].Name != "测试trainee" {
			t.Errorf("to be carried out: %+v", w)
		}
		token, _ := o.Token("trainee", time.Hour, access.ViewMatter)
		housetest.Must(t, o.carryOut("security", "trainee", q.ID))
		o.wants(problem.Conflict, o.carryOut("security", "trainee", q.ID))
		if got := o.posts("trainee"); !slices.Equal(got, []access.Post{access.Lawyer}) {
			t.Errorf("posts: %v", got)
		}
		if _, err := o.House.People.AuthenticateToken(t.Context(), token, "127.0.0.1"); err == nil {
			t.Error("a token of the former post lives")
		}
		if done := o.mine("trainee")[0]; done.State != rights.Done || done.DoneBy != "测试security" || done.Opinion != "同意" {
			t.Errorf("done: %+v", done)
		}
		// The lead confirms the place, or it ends.
		o.clock.Forward(rights.Term - time.Minute)
		if !o.knows("trainee", in) {
			t.Error("the place ended before its day")
		}
		o.clock.Forward(time.Minute)
		if o.knows("trainee", in) || !o.knows("handling", in) {
			t.Error("the place that nobody confirmed stands, or another's ended")
		}
		if len(o.waiting("director")) != 0 || o.mine("director")[0].State != rights.Lapsed {
			t.Error("what nobody decided waits after two weeks")
		}
		var all []rights.Request
		for by, want := range map[string]int{"director": 3, "auditor": 3} {
			housetest.Must(t, o.do(by, access.ReadRights, guard.Firm, func(g *guard.Grant) (err error) {
				all, _, err = o.House.Rights.List(g, rights.Filter{Kind: rights.Posts})
				return err
			}))
			all = slices.DeleteFunc(all, func(q rights.Request) bool { return len(q.Wanted.Before) == 0 }) // the first posts
			if len(all) != want {
				t.Errorf("%s reads %d", by, len(all))
			}
		}
	})
}

// TestNobodyToApprove: in a firm without director and committee the security administrator changes posts alone.
func TestNobodyToApprove(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		housetest.Must(t, o.do("security", access.Appoint, o.of("director"), func(g *guard.Grant) error {
			return o.House.People.ChangePosts(g, []access.Post{access.Lawyer}, "换届")
		}))
		housetest.Must(t, o.do("security", access.Appoint, o.of("trainee"), func(g *guard.Grant) error {
			asked, err := o.House.Rights.AskPosts(g, o.IDs["trainee"], []access.Post{access.Director}, "设立主任")
			if asked {
				t.Error("a request that nobody could approve")
			}
			return err
		}))
		if got := o.posts("trainee"); !slices.Equal(got, []access.Post{access.Director}) {
			t.Errorf("posts: %v", got)
		}
	})
}

// TestPlaceTellsNothing: a place is granted by the lead; to who may not know the matter, a wrong number, a wall and a refusal look alike
// at every moment.
func TestPlaceTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in, other := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司"), o.OpenMatter("买卖合同纠纷", "云麓科技有限公司") // both with "walled" behind their walls
		var number, second string
		housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			n, err := o.House.Matters.Numbers(tx, []string{in, other})
			number, second = n[in], n[other]
			return err
		}))
		o.wants(problem.Invalid, o.do("director", access.RequestRights, o.of("outsider"), func(g *guard.Grant) error {
			return o.House.Rights.AskPlace(g, rights.Wanted{Number: number, Duty: matter.Assisting, Level: 1}, "代人申请")
		}))
		housetest.Must(t, o.askPlace("outsider", number))
		housetest.Must(t, o.askPlace("outsider", second))
		housetest.Must(t, o.askPlace("outsider", "2026-民-9999"))
		housetest.Must(t, o.askPlace("walled", number))
		o.wants(problem.Conflict, o.askPlace("outsider", number))
		w := o.waiting("lead")
		if len(w) != 2 || w[0].Person != o.IDs["outsider"] || len(o.waiting("handling")) != 0 {
			t.Fatalf("the lead is asked %+v", w)
		}
		o.wants(problem.Absent, o.place("lead", other, w[0].ID, true, ""))
		o.wants(problem.Refused, o.place("handling", in, w[0].ID, true, ""))
		housetest.Must(t, o.place("lead", in, w[0].ID, false, "人手已足"))
		same := func(want rights.State) {
			t.Helper()
			for _, q := range append(o.mine("outsider"), o.mine("walled")...) {
				if q.State != want && q.Wanted.Number != second || q.Opinion != "" || q.DecidedBy != "" && q.Wanted.Number != second || !q.Decided.IsZero() && q.Wanted.Number != second {
					t.Errorf("%s of %s shows %+v, want %s", q.Wanted.Number, q.Person, q, want)
				}
			}
		}
		same(rights.Open)
		// What the lead does without a request stands in the register too, and is nobody's request.
		housetest.Must(t, o.do("lead", access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			return errors.Join(o.House.Rights.Assign(g, matter.Member{Person: o.IDs["trainee"], Duty: matter.Assisting, Clearance: classification.Secret}, "协助开庭"), o.House.Rights.Remove(g, o.IDs["handling"], "另有任务"))
		}))
		if len(o.mine("trainee"))+len(o.mine("lead")) != 0 {
			t.Error("what the lead did is shown as a request")
		}
		o.wants(problem.Conflict, o.askPlace("outsider", number)) // as for a number that waits
		housetest.Must(t, o.place("lead", other, w[1].ID, true, ""))
		if !o.knows("outsider", other) || o.knows("outsider", in) {
			t.Error("the place granted is not there, or the one refused is")
		}
		o.clock.Forward(rights.Term)
		same(rights.Lapsed)
		for _, q := range o.mine("outsider") {
			err := o.do("outsider", access.RequestRights, o.of("outsider"), func(g *guard.Grant) error { return o.House.Rights.Withdraw(g, q.ID) })
			o.wants(problem.Conflict, err)
		}
		// The register names no matter of which there is none, and none to who stands behind its wall.
		var all []rights.Request
		read := func(by string) {
			housetest.Must(t, o.do(by, access.ReadRights, guard.Firm, func(g *guard.Grant) (err error) {
				all, _, err = o.House.Rights.List(g, rights.Filter{Kind: rights.Place})
				return err
			}))
		}
		if read("director"); len(all) != 0 {
			t.Errorf("the director reads of teams: %+v", all)
		}
		read("auditor")
		numbers := map[string]int{}
		for _, q := range all {
			numbers[q.Wanted.Number]++
		}
		if w := all[0].Wanted; !w.Removed && !all[1].Wanted.Removed || w.WasDuty == "" {
			t.Errorf("what the lead did: %+v", all[:2])
		}
		if len(all) != 6 || numbers[number] != 3 || numbers[second] != 1 || numbers[""] != 2 {
			t.Errorf("the auditor reads %v", numbers)
		}
	})
}

// TestMove: who leads a matter hands it over before becoming an administrator; the account stays, and every place in a team goes.
func TestMove(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		o.Hire("heir", access.Lawyer)
		housetest.Must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
		housetest.Must(t, o.askPosts("lead", "lead", "转任审计", access.Auditor))
		id := o.mine("lead")[0].ID
		housetest.Must(t, o.decide("director", "lead", id, true, ""))
		o.wants(problem.Conflict, o.carryOut("security", "lead", id))
		handOver := func() {
			t.Helper()
			housetest.Must(t, o.do("security", access.BeginLeaving, o.of("lead"), func(g *guard.Grant) error {
				return o.House.Rights.HandOver(g, id, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 20), Witness: o.IDs["trainee"]})
			}))
		}
		handOver()
		var d *leaving.Departure
		look := func() {
			t.Helper()
			housetest.Must(t, o.do("director", access.ReadHoldings, o.of("lead"), func(g *guard.Grant) (err error) { _, d, err = o.House.Leaving.Holdings(g); return err }))
		}
		if look(); len(d.Outstanding) != 1 || d.Outstanding[0].Kind != leaving.Lead || !slices.Equal(d.Moves, []access.Post{access.Auditor}) {
			t.Fatalf("the list is %+v", d)
		}
		housetest.Must(t, o.do("director", access.SettleLeaving, o.of("lead"), func(g *guard.Grant) error {
			_, err := o.House.Leaving.Settle(g, leaving.Handover{Kind: leaving.Lead, Matter: in, Successor: o.IDs["heir"]})
			return err
		}))
		o.wants(problem.Conflict, o.carryOut("security", "lead", id)) // neither witnessed nor closed
		housetest.Must(t, o.do("director", access.BeginLeaving, o.of("lead"), func(g *guard.Grant) error { return o.House.Leaving.Cancel(g, "改期") }))
		o.wants(problem.Conflict, o.carryOut("security", "lead", id)) // nobody has witnessed what was handed over
		handOver()
		o.clock.Forward(rights.Term + time.Hour) // the approval waits for the hand-over
		look()
		housetest.Must(t, o.House.Leaving.Witness(t.Context(), o.Who("trainee"), o.IDs["lead"], d.Digest(), o.Consent("trainee"), "江澜衡砚律师事务所"))
		housetest.Must(t, o.do("security", access.CloseLeaving, o.of("lead"), func(g *guard.Grant) error { _, err := o.House.Leaving.Close(g); return err }))
		if !o.knows("lead", in) {
			t.Error("the hand-over for another post closed the account, or took the place")
		}
		housetest.Must(t, o.carryOut("security", "lead", id))
		if got := o.posts("lead"); !slices.Equal(got, []access.Post{access.Auditor}) || o.knows("lead", in) || !o.knows("heir", in) {
			t.Errorf("posts %v", got)
		}
		housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			gone, err := leaving.GoneOnes(tx)
			if len(gone) != 0 {
				t.Errorf("moved within the firm, and counted as gone: %+v", gone)
			}
			is, rerr := matter.Relation(tx, in, o.IDs["lead"])
			if is.Member {
				t.Error("an administrator in a team")
			}
			return errors.Join(err, rerr)
		}))
	})
}
