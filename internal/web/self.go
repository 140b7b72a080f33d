package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
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
	own   person.Own
	acts  audit.Page
	now   time.Time
	token string // a new token, shown once
	keyed bool   // passkeys can be used here
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
	if m.acts, err = do(r.Context(), f.Door, v.Who, access.ReadPersonActs, me, func(g *guard.Grant) (audit.Page, error) {
		return f.Audit.Person(g, audit.Filter{Limit: 15})
	}); err != nil {
		if _, refused := guard.AsRefusal(err); !refused {
			return err
		}
	}
	return send(w, r, selfPage(f.shell(r, v, "我的"), v, m, form(r), failed))
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
