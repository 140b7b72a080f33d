package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/mail"
	"mijuan/internal/notice"
	"mijuan/internal/problem"
	"mijuan/internal/reply"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// tryTimeout is for a test, which waits for what the mail server says.
const tryTimeout = time.Minute

func (f *face) noticeRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/notices", server.Signed, f.notices),
		post("/notices/server", server.Signed, f.setMailServer),
		post("/notices/stop", server.Signed, f.stopNotices),
		{Method: http.MethodPost, Pattern: "/notices/test", Auth: server.Signed, Body: formLimit, Timeout: tryTimeout, Handle: f.tryMail},
		post("/self/mail", server.Signed, f.wantMail),
	}
}

// posting is the page of notices by mail.
type posting struct {
	notice.Health
	now    time.Time
	tried  bool  // a test went out just now
	says   error // what the mail server says of a test
	form   url.Values
	failed error
}

func (f *face) notices(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showNotices(w, r, v, posting{})
}

func (f *face) showNotices(w http.ResponseWriter, r *http.Request, v *Visitor, x posting) error {
	err := f.Door.Do(r.Context(), v.Who, access.SetMail, guard.Firm, func(g *guard.Grant) (err error) {
		x.now = g.Tx().Now
		x.Health, err = f.Notices.Look(g)
		return err
	})
	if err != nil {
		return err
	}
	x.form = form(r)
	return send(w, r, noticesPage(f.shell(r, v, "邮件提醒"), v, x))
}

func (f *face) setMailServer(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	set := mail.Settings{Host: form.Get("host"), Security: mail.Security(form.Get("security")), CA: form.Get("ca"), User: form.Get("user"), Secret: mail.Secret(form.Get("secret")), From: form.Get("from")}
	port, err := strconv.Atoi(strings.TrimSpace(form.Get("port")))
	if err != nil && strings.TrimSpace(form.Get("port")) != "" {
		port = -1
	}
	set.Port = port
	return f.settleMail(w, r, v, func(g *guard.Grant) error { return f.Notices.SetServer(g, set) })
}

func (f *face) stopNotices(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.settleMail(w, r, v, f.Notices.Stop)
}

func (f *face) settleMail(w http.ResponseWriter, r *http.Request, v *Visitor, act func(*guard.Grant) error) error {
	err := f.Door.Do(r.Context(), v.Who, access.SetMail, guard.Firm, act)
	if err != nil && correctable(err) {
		return f.showNotices(w, r, v, posting{failed: err})
	}
	if err != nil {
		return err
	}
	return see(w, r, "/notices")
}

// tryMail sends a mail to the visitor, and shows what the mail server says.
func (f *face) tryMail(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	err := f.Notices.Try(r.Context(), v.Who)
	switch {
	case err == nil:
		return f.showNotices(w, r, v, posting{tried: true})
	case problem.Is(err, problem.Unavailable):
		reply.Describe(err) // which the operator sees, too
		return f.showNotices(w, r, v, posting{says: err})
	case problem.Is(err, problem.Conflict):
		return f.showNotices(w, r, v, posting{says: err})
	}
	if _, refused := guard.AsRefusal(err); !refused && problem.Is(err, problem.Refused) { // by the mail server
		return f.showNotices(w, r, v, posting{says: err})
	}
	return err
}

func (f *face) wantMail(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.own(w, r, v, func(g *guard.Grant) error { return f.People.WantMail(g, r.PostFormValue("mails") == "on") })
}

// typed is what a field of the server holds: what was typed before an error, or what is kept.
func (x posting) typed(name string) string {
	if x.failed != nil {
		return x.form.Get(name)
	}
	if !x.On {
		return map[string]string{"security": string(mail.TLS)}[name]
	}
	return map[string]string{"host": x.Server.Host, "port": strconv.Itoa(x.Server.Port), "security": string(x.Server.Security), "user": x.Server.User, "from": x.Server.From, "ca": x.Server.CA}[name]
}

func securityOptions(lang text.Lang) (all []ui.Option) {
	for _, s := range mail.Securities {
		all = append(all, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	return all
}

// postFacts tell how notices stand.
func postFacts(v *Visitor, x posting) []ui.Fact {
	state := ui.Fact{Label: v.Lang.T("状态"), Value: v.Lang.T("没有启用"), Tone: ui.Warn}
	if x.On {
		state = ui.Fact{Label: v.Lang.T("状态"), Value: v.Lang.T("已启用")}
	}
	facts := []ui.Fact{state, {Label: v.Lang.T("收得到的人"), Value: ui.Figure(int64(x.Reached))}, {Label: v.Lang.T("没有邮箱或关闭了提醒的人"), Value: ui.Figure(int64(x.Unreached))},
		{Label: v.Lang.T("近 30 天发出"), Value: ui.Figure(int64(x.Sent))}}
	if !x.Last.IsZero() {
		facts = append(facts, ui.Fact{Label: v.Lang.T("最近一封"), Value: ui.When(v.Lang, x.Last, x.now)})
	}
	if x.Waiting > 0 {
		facts = append(facts, ui.Fact{Label: v.Lang.T("等待发出"), Value: v.Lang.T("%d 件，最早 %s", x.Waiting, ui.When(v.Lang, x.Since, x.now)), Tone: lateIf(x.now.Sub(x.Since) > time.Hour)})
	}
	return append(facts, ui.Fact{Label: v.Lang.T("近 30 天没有送到"), Value: ui.Figure(int64(x.Failed)), Tone: lateIf(x.Failed > 0)})
}

func lateIf(is bool) ui.Tone {
	if is {
		return ui.Late
	}
	return 0
}

// postTask is of notices that do not go out, for who sets the server.
func postTask(v *Visitor, n int) ui.Task {
	return ui.Task{Kind: v.Lang.T("邮件提醒"), Title: v.Lang.T("有 %d 件提醒没有送到", n), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去查看"), Href: "/notices"}}
}
