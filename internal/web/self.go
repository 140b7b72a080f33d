package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/carrier"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/media"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/web/ui"
)

func (f *face) selfRoutes() []server.Route[*Visitor] {
	return append(f.factorRoutes(), []server.Route[*Visitor]{
		get("/self", server.Signed, f.self),
		post("/self/sessions", server.Signed, f.endSessions),
		post("/self/tokens", server.Signed, f.newToken),
		post("/self/tokens/revoke", server.Signed, f.revokeToken),
		post("/self/password", server.Signed, f.changePassword),
	}...)
}

func (f *face) self(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showSelf(w, r, v, "", nil)
}

// mine is the visitor's own page.
type mine struct {
	own      person.Own
	acts     audit.Page
	now      time.Time
	token    string // a new token, shown once
	keyed    bool   // passkeys can be used here
	tasks    []ui.Task
	links    string          // what the provider is called with which the visitor may be linked; empty: with none
	machines []device.Device // that the visitor answers for
	sticks   []media.Medium  // in the visitor's hands or care
	stands   []ui.Fact       // delegations that the visitor may use
	holds    *duties         // nil: nothing can be held before training and pledge
}

func (f *face) showSelf(w http.ResponseWriter, r *http.Request, v *Visitor, token string, failed error) error {
	me := personThing(v.Person.ID)
	m, err := do(r.Context(), f.Door, v.Who, access.ManageOwnAccount, me, func(g *guard.Grant) (m mine, err error) {
		m.now = g.Tx().Now
		m.own, err = f.People.Own(g)
		return m, err
	})
	if err != nil {
		return err
	}
	m.token, m.keyed = token, f.keyed(r)
	if f.linkable(v) {
		m.links = f.providerName(v.Lang)
	}
	if m.tasks, err = f.obligations(r, v); err != nil {
		return err
	}
	if v.Person.Trained && v.Person.Bound {
		if m.holds, err = f.dutiesOf(r, v, v.Person.ID); err != nil {
			return err
		}
		if m.stands, err = f.myMandates(r, v); err != nil {
			return err
		}
		if m.machines, err = do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, f.Devices.Mine); err != nil {
			return err
		}
		if m.sticks, err = do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, f.Media.Mine); err != nil {
			return err
		}
	}
	if m.acts, err = do(r.Context(), f.Door, v.Who, access.ReadPersonActs, me, func(g *guard.Grant) (audit.Page, error) {
		return f.Audit.Person(g, audit.Filter{Limit: 15})
	}); err != nil {
		if _, refused := guard.AsRefusal(err); !refused {
			return err
		}
	}
	return send(w, r, selfPage(f.shell(r, v, "我的"), v, m, form(r), failed))
}

// obligations are what the visitor has to do as one of the firm, with its dates: training, pledges, a leaving, measures to reply to.
func (f *face) obligations(r *http.Request, v *Visitor) (tasks []ui.Task, err error) {
	err = f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		trainings, err := f.Training.Duties(g)
		if err != nil {
			return err
		}
		pledges, err := f.Pledges.Asked(g)
		if err != nil {
			return err
		}
		leavings, err := f.Leaving.Waiting(g)
		if err != nil {
			return err
		}
		replies, err := f.Measures.ToReply(g)
		if err != nil {
			return err
		}
		late, err := f.Carriers.SlipsLate(g)
		if err != nil {
			return err
		}
		loans, err := f.Carriers.Chase(g)
		if err != nil {
			return err
		}
		fetched, err := f.readCopies(g)
		if err != nil {
			return err
		}
		teams, err := f.TeamReviews.Waiting(g)
		tasks = append(append(dutyTasks(v.Lang, trainings, g.Tx().Now, true), pledgeTasks(v, pledges)...), leavingTasks(v.Lang, leavings)...)
		if replies > 0 {
			tasks = append(tasks, measureTask(v, replies))
		}
		tasks = append(append(tasks, takeOutTasks(v, late, g.Tx().Now)...), chaseTasks(v, carrier.Chase{Mine: loans.Mine}, g.Tx().Now)...)
		tasks = append(tasks, copyTasks(v.Lang, copies{mine: fetched.mine}, g.Tx().Now)...)
		tasks = append(tasks, teamReviewTasks(v, teams, false)...)
		return err
	})
	return tasks, err
}

// measureTask is of measures on the visitor who has not been heard.
func measureTask(v *Visitor, n int) ui.Task {
	return ui.Task{Kind: v.Lang.T("奖惩"), Title: v.Lang.T("有 %d 件与您有关，请陈述", n), Tone: ui.Warn,
		Step: ui.Link{Label: v.Lang.T("去陈述"), Href: "/people/" + v.Person.ID + "/measures"}, First: true}
}

// own does an act on the visitor's own account and shows the page again.
func (f *face) own(w http.ResponseWriter, r *http.Request, v *Visitor, run func(*guard.Grant) error) error {
	err := f.Door.Do(r.Context(), v.Who, access.ManageOwnAccount, personThing(v.Person.ID), run)
	if err != nil && correctable(err) {
		return f.showSelf(w, r, v, "", err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/self")
}

func (f *face) endSessions(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.own(w, r, v, func(g *guard.Grant) error {
		if id := r.PostFormValue("session"); id != "" {
			return f.People.RevokeSession(g, id)
		}
		_, err := f.People.RevokeSessions(g)
		return err
	})
}

func (f *face) newToken(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	days, err := strconv.Atoi(form.Get("days"))
	if err != nil {
		days = 90
	}
	n := person.NewToken{Name: form.Get("name"), For: time.Duration(days) * 24 * time.Hour}
	for _, s := range form["scopes"] {
		n.Scopes = append(n.Scopes, access.Act(s))
	}
	secret, err := do(r.Context(), f.Door, v.Who, access.ManageOwnAccount, personThing(v.Person.ID), func(g *guard.Grant) (string, error) {
		_, secret, err := f.People.CreateToken(g, n)
		return secret, err
	})
	if err != nil && !correctable(err) {
		return err
	}
	return f.showSelf(w, r, v, secret, err)
}

func (f *face) revokeToken(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.own(w, r, v, func(g *guard.Grant) error { return f.People.RevokeToken(g, r.PostFormValue("token")) })
}

func (f *face) changePassword(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	password, err := twice(r)
	if err == nil {
		err = f.People.ChangePassword(r.Context(), v.secret, r.PostFormValue("old"), password, f.from(r))
	}
	if shown(err) {
		return f.showSelf(w, r, v, "", err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/self")
}

// unready stands in a list in place of its rows for who has not been trained, or has not signed: the clause, and the step that opens it.
func unready(v *Visitor) (ui.EmptyProps, bool) {
	step := ui.Link{Label: v.Lang.T("去培训"), Href: "/training"}
	if v.Person.Trained {
		step = ui.Link{Label: v.Lang.T("去签署"), Href: "/pledge"}
	}
	said := v.Lang.T("%s：上岗前须完成保密培训并签署承诺书，逾期暂停接触资料。", ClauseLabel(v.Lang, "6.1"))
	if !v.Person.Trained && !v.Person.TrainedUntil.IsZero() {
		said = v.Lang.T("%s：定期培训已经逾期，完成之后立即恢复。", ClauseLabel(v.Lang, "6.2"))
	}
	return ui.EmptyProps{Title: v.Lang.T("完成培训并签署承诺书之后才能查看"), Sentence: said, Step: step},
		!v.Person.Trained || !v.Person.Bound
}

// outcomeTone is the tone of an outcome in registers.
func outcomeTone(o ledger.Outcome) ui.Tone {
	switch o {
	case ledger.Refused, ledger.NeedsApproval:
		return ui.Late
	case ledger.Failed, ledger.BrokenOff:
		return ui.Warn
	case ledger.Allowed, ledger.Completed:
	}
	return 0
}
