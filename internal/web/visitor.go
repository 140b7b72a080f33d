package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/reply"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// Cookies. The session's is bound to this host and hidden from scripts; the other two say how pages look.
const (
	sessionCookie = "__Host-mijuan"
	langCookie    = "mijuan-lang"
	themeCookie   = "mijuan-theme"
)

// Admit establishes who visits.
func (f *face) Admit(r *http.Request, auth server.Auth) (*Visitor, error) {
	v := &Visitor{Lang: language(r), Theme: cookie(r, themeCookie), secret: cookie(r, sessionCookie)}
	if v.Theme == "" {
		v.Theme = "auto"
	}
	if auth != server.Signed {
		return v, nil
	}
	var err error
	v.Who, v.Person, err = f.People.Authenticate(r.Context(), v.secret, f.ClientIP(r))
	return v, err
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func language(r *http.Request) text.Lang {
	if tag := cookie(r, langCookie); tag != "" {
		return text.Parse(tag)
	}
	return text.ZH
}

// setCookie sends a cookie; an empty value takes it back.
func setCookie(w http.ResponseWriter, name, value string, keep time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(keep.Seconds())}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// Fail answers an error: as a problem to a program, as a page to a person, and by the log-in page to somebody who is not
// logged in.
func (f *face) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if wantsProblem(r) {
		p := reply.Describe(err)
		p.Detail = translated(language(r), err, p.Detail)
		reply.Write(w, p)
		return
	}
	if problem.Is(err, problem.Unauthenticated) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		http.Redirect(w, r, "/login?back="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	p := reply.Describe(err)
	lang := language(r)
	props := ui.PageProps{Lang: lang, Title: lang.T("不能办理"), Theme: cookie(r, themeCookie)}
	if v, aerr := f.Admit(r, server.Signed); aerr == nil {
		props = f.shell(r, v, "不能办理")
	}
	if serr := ui.Send(r.Context(), w, p.Status, refusedPage(props, f.refusal(lang, p, err))); serr != nil {
		reply.Write(w, serr)
	}
}

// wantsProblem reports whether a script asks: uploads, and the viewer's images.
func wantsProblem(r *http.Request) bool {
	return r.Header.Get("Tus-Resumable") != "" || strings.Contains(r.Header.Get("Accept"), "application/problem+json")
}

// refusal is the panel that says why not, by which clause, and what would help.
func (f *face) refusal(lang text.Lang, p *reply.Problem, err error) ui.RefusalProps {
	out := ui.RefusalProps{Lang: lang, Title: lang.T("不能办理"), Sentence: translated(lang, err, p.Detail), Step: step(lang, p.Step)}
	if p.Clause != "" {
		out.Clause = ClauseLabel(lang, p.Clause)
	}
	var no *guard.Refusal
	if errors.As(err, &no) && no.Decision.Outcome == access.NeedsApproval {
		if address := askAt(no.Act, no.Thing); address != "" {
			out.Title, out.Step = lang.T("需要批准"), ui.Link{Label: lang.T("申请批准"), Href: address}
		}
	} else if no != nil && no.Matter != "" {
		out.Step = stepInMatter(lang, p.Step, no.Matter, out.Step)
	}
	if no != nil && seenThere[p.Step] && no.Decision.Outcome != access.NeedsApproval {
		if address := pageOf(no.Thing); address != "" {
			out.Step.Href = address
		}
	}
	if problem.Is(err, problem.Absent) {
		out.Title, out.Step = lang.T("没有找到"), ui.Link{Label: lang.T("回到工作台"), Href: "/"}
	}
	return out
}

// translated is the sentence of an error in the reader's language.
func translated(lang text.Lang, err error, fallback string) string {
	if p, ok := asProblem(err); ok {
		return sentence(lang, p)
	}
	return lang.T(fallback)
}

// shell is the frame of a page: the rooms that the visitor's posts open, and who they are. title is fixed words, never client
// data.
func (f *face) shell(r *http.Request, v *Visitor, title string, crumbs ...ui.Crumb) ui.PageProps {
	props := ui.PageProps{Lang: v.Lang, Title: v.Lang.T(title), Theme: v.Theme, Rooms: f.rooms(r, v), Crumbs: crumbs, Search: "/search", Back: r.URL.RequestURI(),
		Person: ui.Person{Name: v.Person.Name, Post: v.Lang.T(v.mainPost().Name()), Initial: v.Person.Initial()}}
	if f.Demo {
		props.Notice = demoNotice(v.Lang)
	}
	return props
}

// mainPost is the post by which the frame names a person.
func (v *Visitor) mainPost() access.Post {
	if len(v.Person.Posts) == 0 {
		return access.Other
	}
	return v.Person.Posts[0]
}

// keepsDevices reports whether the register of devices is open to the visitor's posts.
func (v *Visitor) keepsDevices() bool {
	return slices.ContainsFunc([]access.Post{access.Director, access.Custodian, access.Administration, access.Logistics, access.SystemAdmin, access.SecurityAdmin, access.Auditor}, v.Person.Has)
}

// rooms are the rooms that the visitor's posts open; the others are absent.
func (f *face) rooms(r *http.Request, v *Visitor) []ui.Room {
	admin := v.Person.Has(access.SystemAdmin) || v.Person.Has(access.SecurityAdmin) || v.Person.Has(access.Auditor)
	var rooms []ui.Room
	add := func(show bool, group, name, href string) {
		if show {
			rooms = append(rooms, ui.Room{Name: v.Lang.T(name), Href: href, Group: group, Current: r.URL.Path == href || href != "/" && strings.HasPrefix(r.URL.Path, href)})
		}
	}
	manage := v.Lang.T("管理")
	add(true, "", "工作台", "/")
	add(!admin, "", "案件", "/matters")
	add(!admin, "", "资料", "/materials")
	add(!admin || v.Person.Has(access.Auditor), "", "审批中心", "/approvals")
	add(!admin || v.Person.Has(access.Auditor), "", "载体", "/carriers")
	add(true, "", "保管与销毁", "/destruction")
	add(!admin || v.Person.Has(access.Auditor), "", "打印复印扫描", "/output")
	add(v.Person.Has(access.SecurityAdmin) || v.Person.Has(access.Director), "", "泄密事件", "/incidents")
	add(true, "", "隐患排查", "/dangers")
	add(true, manage, "人员", "/people")
	add(true, manage, "权限变更", "/rights")
	add(v.Person.Has(access.SecurityAdmin) || v.Person.Has(access.Auditor), manage, "团队复核", "/team-reviews")
	add(v.Person.Has(access.Director) || admin, manage, "审批授权", "/delegations")
	add(v.keepsDevices(), manage, "设备", "/devices")
	add(v.keepsDevices(), manage, "移动介质", "/media")
	add(true, manage, "承诺书", "/pledge")
	add(true, manage, "培训", "/training")
	add(v.Person.Has(access.SecurityAdmin) || v.Person.Has(access.Director), manage, "隔离墙", "/walls")
	add(v.Person.Has(access.SecurityAdmin), manage, "邮件提醒", "/notices")
	add(true, manage, "定密标准", "/criteria")
	add(true, manage, "制度地图", "/rules")
	add(v.Person.Has(access.Auditor) || v.Person.Has(access.SecurityAdmin), manage, "台账", "/ledger")
	return rooms
}
