package web

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"
	"net/url"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) doorRoutes() []server.Route[*Visitor] {
	return append(f.passkeyRoutes(), []server.Route[*Visitor]{
		get("/login", server.Public, f.login),
		post("/login", server.Public, f.logIn),
		get("/login/second", server.Entering, f.second),
		post("/login/second", server.Entering, f.showSecond),
		get("/login/setup", server.Entering, f.setUp),
		post("/login/setup", server.Entering, f.confirmSetUp),
		get("/login/password", server.Entering, f.renewal),
		post("/login/password", server.Entering, f.renew),
		post("/leave", server.Public, f.leave),
		post("/preferences", server.Public, f.preferences),
		get("/invite/{link}", server.Public, f.welcome),
		post("/invite/{link}", server.Public, f.accept),
	}...)
}

// sessionFor is how long the browser keeps the cookie; the session itself ends sooner.
const sessionFor = 12 * time.Hour

func (f *face) from(r *http.Request) person.From {
	return person.From{Addr: f.ClientIP(r), Agent: r.UserAgent()}
}

// outside is the frame of a page before log-in.
func (f *face) outside(r *http.Request, v *Visitor, title string) ui.PageProps {
	p := ui.PageProps{Lang: v.Lang, Title: v.Lang.T(title), Theme: v.Theme, Back: r.URL.Path}
	if f.Demo {
		p.Notice = demoNotice(v.Lang)
	}
	return p
}

func (f *face) login(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showLogin(w, r, v, nil)
}

// afterLeaving says that whoever came by the provider is still logged in there.
const afterLeaving = "provider"

func (f *face) showLogin(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	d := f.doors(r, v.Lang)
	if f.Provider != nil && r.URL.Query().Get("left") == afterLeaving {
		d.left = f.Provider.Leave(r.Context())
	}
	status := http.StatusOK
	if problem.Is(failed, problem.Unavailable) {
		status = http.StatusServiceUnavailable
	}
	return ui.Send(r.Context(), w, status, loginPage(f.outside(r, v, "登录"), r.FormValue("back"), r.PostFormValue("login"), d, failed))
}

func (f *face) logIn(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.People.Enter(r.Context(), r.PostFormValue("login"), r.PostFormValue("password"), f.from(r))
	if retold(err) {
		return f.showLogin(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return f.goOn(w, r, e, r.PostFormValue("back"))
}

// shown reports whether an error belongs on the form that caused it.
func shown(err error) bool { return correctable(err) || problem.Is(err, problem.Unauthenticated) }

// goOn keeps the session and leads to what is still to be done.
func (f *face) goOn(w http.ResponseWriter, r *http.Request, e person.Entry, back string) error {
	setCookie(w, sessionCookie, e.Token, sessionFor)
	switch e.Stage {
	case person.NeedFactor:
		return see(w, r, onward("/login/second", back))
	case person.NeedSetUp:
		return see(w, r, onward("/login/setup", back))
	case person.NeedPassword:
		return see(w, r, onward("/login/password", back))
	case person.Live:
	}
	return see(w, r, local(back))
}

// onward is the address of a step of the log-in that keeps where somebody was going: whoever comes by the link of a notice gets to its page.
func onward(step, back string) string {
	if back = local(back); back == "/" {
		return step
	}
	return step + "?back=" + url.QueryEscape(back)
}

// entering checks that the visitor's session is on its way in.
func (f *face) entering(r *http.Request, v *Visitor) error {
	_, err := f.People.Entering(r.Context(), v.secret)
	return err
}

func (f *face) second(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.People.Entering(r.Context(), v.secret)
	if err != nil {
		return err
	}
	return send(w, r, secondPage(f.outside(r, v, "第二因素"), r.FormValue("back"), e.Factors, f.keyed(r), nil))
}

func (f *face) showSecond(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.People.VerifyCode(r.Context(), v.secret, r.PostFormValue("code"), f.from(r))
	return f.secondShown(w, r, v, e, err)
}

// secondShown goes on after a second factor was shown, or asks for it once more.
func (f *face) secondShown(w http.ResponseWriter, r *http.Request, v *Visitor, e person.Entry, err error) error {
	if err == nil {
		return f.goOn(w, r, e, r.FormValue("back"))
	}
	before, gone := f.People.Entering(r.Context(), v.secret)
	if !shown(err) || gone != nil {
		return err
	}
	return send(w, r, secondPage(f.outside(r, v, "第二因素"), r.FormValue("back"), before.Factors, f.keyed(r), err))
}

func (f *face) setUp(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showSetUp(w, r, v, nil)
}

// showSetUp has the holder of a new account set up a second factor. Whoever is in does that among the own factors.
func (f *face) showSetUp(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	if _, err := f.People.Entering(r.Context(), v.secret); err != nil {
		return see(w, r, "/self/factors/totp")
	}
	a, err := f.People.PendingTOTP(r.Context(), v.secret)
	if problem.Is(err, problem.Unauthenticated) {
		a, err = f.People.BeginTOTP(r.Context(), v.secret, "", f.from(r))
	}
	if err != nil {
		return err
	}
	picture, err := qrPicture(a.URL)
	if err != nil {
		return err
	}
	return send(w, r, setUpPage(f.outside(r, v, "设置第二因素"), r.FormValue("back"), a.Secret, picture, f.keyed(r), form(r), failed))
}

// qrPicture draws a QR code as a data: address.
func qrPicture(content string) (string, error) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	if code, err = barcode.Scale(code, 220, 220); err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func (f *face) confirmSetUp(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.People.ConfirmTOTP(r.Context(), v.secret, r.PostFormValue("code"), f.from(r))
	return f.setUpDone(w, r, v, e, err)
}

// setUpDone goes on after the first second factor was set up.
func (f *face) setUpDone(w http.ResponseWriter, r *http.Request, v *Visitor, e person.Entry, err error) error {
	if shown(err) {
		return f.showSetUp(w, r, v, err)
	}
	if err != nil {
		return err
	}
	if len(e.Codes) == 0 {
		return f.goOn(w, r, e, r.FormValue("back"))
	}
	setCookie(w, sessionCookie, e.Token, sessionFor)
	return send(w, r, codesPage(f.outside(r, v, "恢复码"), local(r.FormValue("back")), e.Codes))
}

func (f *face) renewal(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if err := f.entering(r, v); err != nil {
		return err
	}
	return send(w, r, renewPage(f.outside(r, v, "更换密码"), r.FormValue("back"), nil))
}

func (f *face) renew(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	password, err := twice(r)
	var e person.Entry
	if err == nil {
		e, err = f.People.Renew(r.Context(), v.secret, r.PostFormValue("old"), password, f.from(r))
	}
	if shown(err) && f.entering(r, v) == nil {
		return send(w, r, renewPage(f.outside(r, v, "更换密码"), r.FormValue("back"), err))
	}
	if err != nil {
		return err
	}
	return f.goOn(w, r, e, r.FormValue("back"))
}

// twice is the password that a form gives two times over.
func twice(r *http.Request) (string, error) {
	if r.PostFormValue("password") != r.PostFormValue("again") {
		return "", problem.New(problem.Invalid, "两次输入的密码不一样").In("again")
	}
	return r.PostFormValue("password"), nil
}

func (f *face) leave(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	elsewhere := f.Provider != nil && f.People.CameByProvider(r.Context(), v.secret)
	if err := f.People.Leave(r.Context(), v.secret, f.from(r)); err != nil && !problem.Is(err, problem.Unauthenticated) {
		return err
	}
	setCookie(w, sessionCookie, "", 0)
	if elsewhere {
		return see(w, r, "/login?left="+afterLeaving)
	}
	return see(w, r, "/login")
}

// preferencesFor is how long a browser remembers language and theme.
const preferencesFor = 365 * 24 * time.Hour

func (f *face) preferences(w http.ResponseWriter, r *http.Request, _ *Visitor) error {
	if lang := r.PostFormValue("lang"); lang != "" {
		setCookie(w, langCookie, map[text.Lang]string{text.ZH: "zh", text.EN: "en"}[text.Parse(lang)], preferencesFor)
	}
	switch theme := r.PostFormValue("theme"); theme {
	case "auto", "light", "dark":
		setCookie(w, themeCookie, theme, preferencesFor)
	}
	return see(w, r, local(r.PostFormValue("back")))
}

func (f *face) welcome(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showWelcome(w, r, v, nil)
}

func (f *face) showWelcome(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	g, err := f.People.Welcome(r.Context(), r.PathValue("link"))
	if err != nil {
		return err
	}
	return send(w, r, welcomePage(f.outside(r, v, "启用账号"), r.URL.Path, g, form(r), failed))
}

func (f *face) accept(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	password, err := twice(r)
	var e person.Entry
	if err == nil {
		e, err = f.People.Accept(r.Context(), r.PathValue("link"), person.Acceptance{Password: password, Name: r.PostFormValue("name"), Login: r.PostFormValue("login")}, f.from(r))
	}
	if correctable(err) {
		return f.showWelcome(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return f.goOn(w, r, e, "/")
}
