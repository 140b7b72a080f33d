package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/signon"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// errandCookie is of a browser that was sent to the provider. It comes back by itself from another site, so that it is Lax.
const (
	errandCookie = "__Host-mijuan-errand"
	errandFor    = 10 * time.Minute
)

func (f *face) providerRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/login/away", server.Public, f.away),
		get("/login/back", server.Public, f.back),
		post("/self/factors/link", server.Signed, f.linkSelf),
		post("/self/factors/unlink", server.Signed, f.unlinkSelf),
	}
}

// providerName is what people call the provider; empty: there is none.
func (f *face) providerName(lang text.Lang) string {
	if f.Provider == nil {
		return ""
	}
	return lang.T(f.Provider.Name())
}

// away sends a browser to the provider to log in there.
func (f *face) away(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if f.Provider == nil {
		return nowhere(w, r, v)
	}
	e, address, err := f.Provider.Depart(r.Context(), false)
	var kept string
	if err == nil {
		kept, err = f.People.Send(r.Context(), errand(e, local(r.FormValue("back"))), f.from(r))
	}
	if retold(err) {
		return f.showLogin(w, r, v, err)
	}
	if err != nil {
		return err
	}
	setCookie(w, errandCookie, kept, errandFor)
	return see(w, r, address)
}

func errand(e signon.Errand, back string) person.Errand {
	return person.Errand{State: e.State, Nonce: e.Nonce, Verifier: e.Verifier, Back: back}
}

// back takes a browser that comes from the provider: each errand once, and only from the browser that was sent on it.
func (f *face) back(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if f.Provider == nil {
		return nowhere(w, r, v)
	}
	kept := cookie(r, errandCookie)
	setCookie(w, errandCookie, "", 0)
	e, err := f.People.Return(r.Context(), kept)
	if err != nil {
		return f.notIn(w, r, v, err)
	}
	was, err := f.Provider.Return(r.Context(), signon.Errand{State: e.State, Nonce: e.Nonce, Verifier: e.Verifier}, r.URL.Query())
	if p, ok := asProblem(err); ok && p.Kind == problem.Unauthenticated && p.Cause != nil {
		slog.Warn("somebody came back from the provider", "error", err)
	}
	id := person.Identity{Issuer: was.Issuer, Subject: was.Subject, Factor: was.Factor}
	if e.Links() {
		return f.linkBack(w, r, v, e, id, err)
	}
	if err != nil {
		return f.notIn(w, r, v, err)
	}
	in, err := f.People.EnterAs(r.Context(), id, f.from(r))
	if err != nil {
		return f.notIn(w, r, v, err)
	}
	return f.goOn(w, r, in, e.Back)
}

// notIn shows the log-in page again with what went wrong at the provider.
func (f *face) notIn(w http.ResponseWriter, r *http.Request, v *Visitor, err error) error {
	if retold(err) {
		return f.showLogin(w, r, v, err)
	}
	return err
}

// linkSelf shows where the visitor goes to say who of the provider they are. A form may lead to no other site, a link may.
func (f *face) linkSelf(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if f.Provider == nil {
		return nowhere(w, r, v)
	}
	e, address, err := f.Provider.Depart(r.Context(), true)
	var kept string
	if err == nil {
		kept, err = f.People.SendToLink(r.Context(), v.secret, r.PostFormValue("password"), errand(e, "/self"), f.from(r))
	}
	if err != nil {
		return f.changed(w, r, v, "link", err)
	}
	setCookie(w, errandCookie, kept, errandFor)
	return send(w, r, departPage(f.shell(r, v, "关联统一登录", ui.Crumb{Name: v.Lang.T("我的"), Href: "/self"}), v, f.providerName(v.Lang), address))
}

// linkBack links the visitor whose session it is. The route is public, since who comes back may be nobody yet.
func (f *face) linkBack(w http.ResponseWriter, r *http.Request, v *Visitor, e person.Errand, id person.Identity, failed error) error {
	inside, err := f.Admit(r, server.Signed)
	if err != nil {
		return f.notIn(w, r, v, err)
	}
	if failed == nil {
		failed = f.People.LinkBack(r.Context(), v.secret, e, id, f.from(r))
	}
	return f.changed(w, r, inside, "link", failed)
}

func (f *face) unlinkSelf(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.changed(w, r, v, "unlink", f.People.Unlink(r.Context(), v.secret, r.PostFormValue("password"), f.from(r)))
}

// identity is whom the security administrator says that somebody is at the provider.
func (f *face) identity(subject string) (person.Identity, error) {
	if f.Provider == nil {
		return person.Identity{}, problem.New(problem.Conflict, "本所没有接通统一登录")
	}
	return person.Identity{Issuer: f.Provider.Issuer(), Subject: subject}, nil
}

// awayAddress leads to the provider, and back to a page.
func awayAddress(back string) string {
	if back == "" {
		return "/login/away"
	}
	return "/login/away?back=" + url.QueryEscape(back)
}

// linkable reports whether one's own page offers a link with the provider.
func (f *face) linkable(v *Visitor) bool {
	return f.Provider != nil && !administers(v.Person)
}

// administers reports whether the person is one of the three administrators, who log in by what this program keeps.
func administers(p person.Person) bool {
	return p.Has(access.SystemAdmin) || p.Has(access.SecurityAdmin) || p.Has(access.Auditor)
}
