package web

import (
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/reply"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) signonRoutes() []server.Route[*Visitor] {
	return append(f.providerRoutes(), []server.Route[*Visitor]{
		get("/people/log-ins", server.Signed, f.logIns),
		{Method: http.MethodPost, Pattern: "/people/log-ins", Auth: server.Signed, Body: formLimit, Timeout: importTimeout, Handle: f.allByDirectory},
	}...)
}

// doors are the ways in that the log-in page offers besides one's own password.
type doors struct {
	keyed     bool   // a passkey
	directory bool   // the directory's password, in place of one's own
	provider  string // what the OpenID provider is called; empty: there is none
	left      string // the provider's address to log out, for who has just left; empty: none
}

func (f *face) doors(r *http.Request, lang text.Lang) doors {
	return doors{keyed: f.keyed(r), directory: f.People.HasDirectory(), provider: f.providerName(lang)}
}

// outsideLogIns reports whether the firm has a service that proves who somebody is; without one no page speaks of it.
func (f *face) outsideLogIns() bool { return f.People.HasDirectory() || f.Provider != nil }

// retold reports whether an error of a log-in belongs on its page. One of a service that is away is the operator's to know as well.
func retold(err error) bool {
	if problem.Is(err, problem.Unavailable) {
		reply.Describe(err)
		return true
	}
	return shown(err)
}

// passwordHint says which password is meant where there are two.
func (d doors) passwordHint(lang text.Lang) string {
	if d.directory {
		return lang.T("改用域账号登录的人，输入域账号的密码")
	}
	return ""
}

// own names the visitor's own password: who logs in by the directory has it for signing only.
func (v *Visitor) own(label string) string {
	if v.Person.Directory {
		return v.Lang.T("签名口令")
	}
	return v.Lang.T(label)
}

// newPassword names the password that somebody chooses.
func newPassword(lang text.Lang, p person.Person) string {
	if p.Directory {
		return lang.T("新的签名口令")
	}
	return lang.T("新密码")
}

// changeTitle heads the form that changes one's own password.
func changeTitle(v *Visitor) string {
	if v.Person.Directory {
		return v.Lang.T("更换签名口令")
	}
	return v.Lang.T("更换密码")
}

// passwordFacts tell how long one's own password holds; the directory's is not ours to know.
func passwordFacts(v *Visitor, m mine) []ui.Fact {
	if v.Person.Directory {
		return []ui.Fact{logInFact(v.Lang, v.Person)}
	}
	return []ui.Fact{{Label: v.Lang.T("密码有效至"), Value: ui.Date(m.own.Due)}}
}

// logInCounts tell how many log in by what.
func logInCounts(lang text.Lang, d doors, n person.LogIns) []ui.Fact {
	facts := []ui.Fact{{Label: lang.T("用本系统密码登录"), Value: ui.Figure(int64(n.Password))}}
	if d.directory || n.Directory > 0 {
		facts = append(facts, ui.Fact{Label: lang.T("用域账号登录"), Value: ui.Figure(int64(n.Directory))})
	}
	if d.provider != "" || n.Linked > 0 {
		facts = append(facts, ui.Fact{Label: lang.T("关联了统一登录"), Value: ui.Figure(int64(n.Linked))})
	}
	return facts
}

// logInFact tells by what somebody logs in.
func logInFact(lang text.Lang, p person.Person) ui.Fact {
	by := lang.T("本系统密码")
	if p.Directory {
		by = lang.T("域账号")
	}
	return ui.Fact{Label: lang.T("登录方式"), Value: by}
}

func (f *face) logIns(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showLogIns(w, r, v, nil)
}

func (f *face) showLogIns(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	if !f.outsideLogIns() {
		return nowhere(w, r, v)
	}
	n, err := do(r.Context(), f.Door, v.Who, access.Appoint, guard.Firm, f.People.LogIns)
	if err != nil {
		return err
	}
	return send(w, r, logInsPage(f.shell(r, v, "登录方式", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, f.doors(r, v.Lang), n, form(r), failed))
}

func (f *face) allByDirectory(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	_, err := do(r.Context(), f.Door, v.Who, access.Appoint, guard.Firm, func(g *guard.Grant) (int, error) {
		return f.People.AllByDirectory(g, r.PostFormValue("reason"))
	})
	if err != nil && correctable(err) {
		return f.showLogIns(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/people/log-ins")
}
