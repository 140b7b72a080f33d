package rights_test

import (
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/rights"
	"mijuan/internal/teamreview"
)

// appoint asks for posts as who appoints, and tells whether that became a request.
func (o *office) appoint(by, of string, posts ...access.Post) (asked bool, err error) {
	err = o.do(by, access.Appoint, o.of(of), func(g *guard.Grant) (err error) {
		asked, err = o.House.Rights.AskPosts(g, o.IDs[of], posts, "调整")
		return err
	})
	return asked, err
}

func (o *office) register(by string, f rights.Filter) (all []rights.Request) {
	o.t.Helper()
	housetest.Must(o.t, o.do(by, access.ReadRights, guard.Firm, func(g *guard.Grant) (err error) { all, _, err = o.House.Rights.List(g, f); return err }))
	return all
}

// TestNobodyGetsRidOfWhoApproves: neither by appointing over the head of the one director nor by closing the accounts of all who could
// approve; and a log-in that was reset is not a new person's.
func TestNobodyGetsRidOfWhoApproves(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if asked, err := o.appoint("security", "director", access.Lawyer); !asked || err != nil {
			t.Errorf("the director lost the post without approval: %v", err)
		}
		reset := func(login string) {
			t.Helper()
			housetest.Must(t, o.do("security", access.Appoint, o.of(login), func(g *guard.Grant) error {
				_, _, err := o.House.People.ResetLogin(g, "忘记密码")
				return err
			}))
		}
		reset("trainee")
		if asked, err := o.appoint("security", "trainee", access.Director); !asked || err != nil {
			t.Errorf("who had only forgotten a password became director: %v", err)
		}
		housetest.Must(t, o.do("security", access.Appoint, o.of("director"), func(g *guard.Grant) error { return o.House.People.Suspend(g, "外出") }))
		if asked, err := o.appoint("security", "outsider", access.Director); !asked || err != nil {
			t.Errorf("with the director's account closed somebody became director: %v", err)
		}
	})
}

// TestNobodyMakesWhoApprovesForThem: a new person's first posts are asked for where somebody could approve them, whether they come when the
// person is entered or before the person has come in; the firm's first director is entered directly, and so is everybody of its first list.
func TestNobodyMakesWhoApprovesForThem(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		enter := func(login string, posts ...access.Post) (asked bool) {
			t.Helper()
			housetest.Must(t, o.do("security", access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
				o.IDs[login], _, asked, err = o.House.Directory.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: login}, Posts: posts}, "")
				return err
			}))
			return asked
		}
		for login, posts := range map[string][]access.Post{"mole1": {access.Director}, "mole2": {access.Lawyer, access.Committee}, "mole3": {access.SecurityAdmin}, "mole4": {access.Auditor}} {
			asked, now := enter(login, posts...), o.posts(login)
			waits := slices.ContainsFunc(o.waiting("director"), func(q rights.Request) bool {
				return q.Person == o.IDs[login] && person.SamePosts(q.Wanted.Posts, posts)
			})
			if !asked || !waits || person.Power(now) || len(now) != 1 {
				t.Errorf("%v was given %v; asked %v, waits %v", posts, now, asked, waits)
			}
		}
		if enter("plain", access.Lawyer) {
			t.Error("a lawyer waits for an approval")
		}
		if asked, err := o.appoint("security", "plain", access.Director); !asked || err != nil || person.Power(o.posts("plain")) {
			t.Errorf("who has not come in became director: %v", err)
		}
		if asked, err := o.appoint("security", "plain", access.Trainee); asked || err != nil {
			t.Errorf("who has not come in waits to be a trainee: %v", err)
		}
		o.wants(problem.Conflict, o.do("security", access.Appoint, guard.Firm, func(g *guard.Grant) error {
			_, err := o.House.People.Enrol(g, person.Invitation{Login: "past", Details: person.Details{Name: "past"}, Posts: []access.Post{access.Director}})
			return err
		}))
		q := o.waiting("director")[slices.IndexFunc(o.waiting("director"), func(q rights.Request) bool { return q.Person == o.IDs["mole2"] })]
		housetest.Must(t, o.decide("director", "mole2", q.ID, true, "同意"))
		housetest.Must(t, o.carryOut("security", "mole2", q.ID))
		if !slices.Contains(o.posts("mole2"), access.Committee) {
			t.Errorf("approved and carried out: %v", o.posts("mole2"))
		}
		housetest.Must(t, o.do("security", access.Appoint, o.of("mole2"), func(g *guard.Grant) error {
			return o.House.People.ChangePosts(g, []access.Post{access.Lawyer}, "换届")
		}))
		housetest.Must(t, o.do("security", access.Appoint, o.of("director"), func(g *guard.Grant) error {
			return o.House.People.ChangePosts(g, []access.Post{access.Lawyer}, "换届")
		}))
		if enter("first", access.Director) || enter("second", access.Committee) || !slices.Contains(o.posts("first"), access.Director) {
			t.Error("a firm without who could approve cannot make its first director")
		}
	})
}

// TestDirectChange: where nobody could approve, a change of posts takes the same steps as one that was approved, and stands in the register.
func TestDirectChange(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		housetest.Must(t, o.do("security", access.Appoint, o.of("director"), func(g *guard.Grant) error {
			return o.House.People.ChangePosts(g, []access.Post{access.Lawyer}, "换届")
		}))
		_, err := o.appoint("security", "lead", access.Auditor)
		o.wants(problem.Conflict, err) // leads a matter
		token, _ := o.Token("handling", time.Hour, access.ViewMatter)
		if asked, err := o.appoint("security", "handling", access.Assistant); asked || err != nil {
			t.Fatalf("asked %v: %v", asked, err)
		}
		if _, err := o.House.People.AuthenticateToken(t.Context(), token, "127.0.0.1"); err == nil {
			t.Error("a token of the former post lives")
		}
		all := o.register("auditor", rights.Filter{Kind: rights.Posts, Person: o.IDs["handling"]})
		if len(all) != 2 || !slices.Equal(all[0].Wanted.Before, []access.Post{access.Lawyer}) || all[0].Reason != "调整" || all[0].DoneBy != "测试security" || len(all[1].Wanted.Before) != 0 {
			t.Errorf("the register has %+v", all)
		}
		if !slices.Equal(all[0].Held, []access.Post{access.Lawyer}) {
			t.Errorf("the register tells today's posts: %v", all[0].Held)
		}
		o.clock.Forward(rights.Term)
		if o.knows("handling", in) {
			t.Error("the place stands that no lead confirmed after the change")
		}
	})
}

// TestApprovedByAnother: not by who stands in for the applicant; and who approved does not carry out.
func TestApprovedByAnother(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("both", access.Director, access.SecurityAdmin)
		housetest.Must(t, o.do("both", access.Delegate, guard.Firm, func(g *guard.Grant) error {
			return o.House.People.Delegate(g, person.Delegation{Person: o.IDs["outsider"], Acts: []access.Act{access.DecideRights}, Since: g.Tx().Now, Until: g.Tx().Now.Add(time.Hour), Reason: "外出"})
		}))
		open := func(of string) string {
			t.Helper()
			all := o.register("auditor", rights.Filter{Kind: rights.Posts, Person: o.IDs[of]})
			if all[0].State != rights.Open {
				t.Fatalf("no request: %+v", all)
			}
			return all[0].ID
		}
		asked, err := o.appoint("both", "trainee", access.Lawyer)
		if housetest.Must(t, err); !asked {
			t.Fatal("it needed no approval")
		}
		id := open("trainee")
		if len(o.waiting("outsider")) != 0 {
			t.Error("who stands in for the applicant is asked to approve")
		}
		o.wants(problem.Conflict, o.decide("outsider", "trainee", id, true, ""))
		housetest.Must(t, o.decide("director", "trainee", id, true, ""))
		housetest.Must(t, o.carryOut("both", "trainee", id))

		housetest.Must(t, o.askPosts("handling", "handling", "改任助理", access.Assistant))
		id = open("handling")
		housetest.Must(t, o.decide("both", "handling", id, true, ""))
		if len(o.waiting("both")) != 0 {
			t.Error("who approved is asked to carry out")
		}
		o.wants(problem.Conflict, o.carryOut("both", "handling", id))
		housetest.Must(t, o.carryOut("security", "handling", id))
	})
}

// TestTheRegisterTellsOfAll: what changed rights without a request stands in it too.
func TestTheRegisterTellsOfAll(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		o.Hire("heir", access.Lawyer)
		for _, deed := range []func(*guard.Grant) error{
			func(g *guard.Grant) error { return o.House.People.Suspend(g, "长期病假") },
			func(g *guard.Grant) error { return o.House.People.Restore(g, "病愈返岗") },
		} {
			housetest.Must(t, o.do("security", access.Appoint, o.of("outsider"), deed))
		}
		all := o.register("director", rights.Filter{Kind: rights.Account})
		if len(all) != 2 || all[0].Wanted.Is != person.Active || all[1].Wanted.Is != person.Suspended || all[1].Reason != "长期病假" || all[1].DoneBy != "测试security" {
			t.Errorf("accounts: %+v", all)
		}
		o.wants(problem.Invalid, o.do("lead", access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			return o.House.Rights.Assign(g, matter.Member{Person: o.IDs["outsider"], Duty: matter.Assisting, Clearance: classification.Secret}, " ")
		}))
		housetest.Must(t, o.do("director", access.BeginLeaving, o.of("lead"), func(g *guard.Grant) error {
			return o.House.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 3), Reason: "辞职", Witness: o.IDs["auditor"]})
		}))
		housetest.Must(t, o.do("lead", access.SettleLeaving, o.of("lead"), func(g *guard.Grant) error {
			_, err := o.House.Leaving.Settle(g, leaving.Handover{Kind: leaving.Lead, Matter: in, Successor: o.IDs["heir"]})
			return err
		}))
		housetest.Must(t, o.do("security", access.OpenTeamReview, guard.Firm, func(g *guard.Grant) error {
			_, err := o.House.TeamReviews.Open(g, g.Tx().Now.AddDate(0, 0, 20))
			return err
		}))
		housetest.Must(t, o.do("heir", access.ReviewTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			rows, err := o.House.TeamReviews.Pending(g)
			for _, row := range rows {
				if row.Person == o.IDs["trainee"] {
					return o.House.TeamReviews.Decide(g, teamreview.Choices{Remove: []string{row.Place}, Why: "不再参与"})
				}
			}
			return err
		}))
		told := map[string]bool{}
		for _, q := range o.register("auditor", rights.Filter{Kind: rights.Place}) {
			told[q.Person+" "+string(q.Wanted.WasDuty)+" "+string(q.Wanted.Duty)+" "+q.Reason] = q.Wanted.Number != "" && q.ApplicantName != ""
		}
		for _, want := range []string{o.IDs["heir"] + "  lead 离岗交接", o.IDs["lead"] + " lead handling 离岗交接", o.IDs["trainee"] + " assisting  不再参与"} {
			if !told[want] {
				t.Errorf("the register does not tell of %q: %v", want, told)
			}
		}
		if all := o.register("auditor", rights.Filter{Text: "heir"}); len(all) != 2 {
			t.Errorf("by name: %+v", all)
		}
		if all := o.register("auditor", rights.Filter{To: o.clock.Now().Add(-time.Hour)}); len(all) != 0 {
			t.Errorf("by date: %+v", all)
		}
	})
}
