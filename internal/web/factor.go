package web

import (
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/web/ui"
)

func (f *face) factorRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/self/factors/{change}", server.Signed, f.factor),
		post("/self/factors/totp", server.Signed, f.beginTOTP),
		post("/self/factors/totp/confirm", server.Signed, f.confirmTOTP),
		post("/self/factors/remove-totp", server.Signed, f.removeTOTP),
		post("/self/factors/passkey/begin", server.Signed, f.beginNewKey),
		post("/self/factors/passkey", server.Signed, f.addKey),
		post("/self/factors/remove-passkey", server.Signed, f.removeKey),
		post("/self/factors/codes", server.Signed, f.newCodes),
	}
}

// change is a page that changes one's own second factors; each asks for the password again.
type change struct {
	name, title, say, button string
	look                     ui.Look
	passkey, label           string // the passkey to remove, and what it is called
}

var changes = map[string]change{
	"totp":           {title: "绑定验证器", say: "请先输入密码，然后用手机上的验证器应用扫描二维码。原来绑定的验证器随即失效。", button: "继续", look: ui.Primary},
	"remove-totp":    {title: "移除验证器", say: "移除后，验证器显示的数字不能再用来登录。", button: "移除", look: ui.Danger},
	"passkey":        {title: "添加通行密钥", say: "用这台设备的指纹、面容、锁屏密码，或一把安全密钥证明是您本人，以后登录可以不输密码。", button: "添加", look: ui.Primary},
	"remove-passkey": {title: "移除通行密钥", say: "移除后不能再用它登录；设备里留下的那一份，可以在设备的设置里删除。", button: "移除", look: ui.Danger},
	"link":           {title: "关联统一登录", say: "关联之后，可以用统一登录的账号登录密卷。请先输入密码，再到统一登录那边登录一次。", button: "继续", look: ui.Primary},
	"unlink":         {title: "解除统一登录的关联", say: "解除之后，不能再用统一登录的账号登录密卷。", button: "解除关联", look: ui.Danger},
	"codes":          {title: "换发恢复码", say: "换发后，以前的恢复码全部作废。", button: "换发", look: ui.Primary},
}

func (f *face) factor(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showChange(w, r, v, r.PathValue("change"), nil)
}

// showChange asks for the password. A change that cannot be made here is absent.
func (f *face) showChange(w http.ResponseWriter, r *http.Request, v *Visitor, name string, failed error) error {
	own, err := do(r.Context(), f.Door, v.Who, access.ManageOwnAccount, personThing(v.Person.ID), f.People.Own)
	if err != nil {
		return err
	}
	c, known := changes[name]
	c.name = name
	switch name {
	case "remove-totp":
		known = own.Factors.TOTP && removable(own)
	case "passkey":
		known = f.keyed(r)
	case "remove-passkey":
		c.passkey = r.FormValue("passkey")
		c.label, known = labelled(own, c.passkey)
		known = known && removable(own)
	case "link":
		known = f.linkable(v) && own.Linked == nil
	case "unlink":
		known = own.Linked != nil
	case "codes":
		known = own.Factors.Any()
	}
	if !known {
		return nowhere(w, r, v)
	}
	return send(w, r, changePage(f.shell(r, v, c.title, ui.Crumb{Name: v.Lang.T("我的"), Href: "/self"}, ui.Crumb{Name: v.Lang.T(c.title)}), v, c, form(r), failed))
}

// removable reports whether one factor may go: the last stays where one is needed.
func removable(own person.Own) bool {
	n := own.Factors.Passkeys
	if own.Factors.TOTP {
		n++
	}
	return n > 1 || !own.Required
}

// recoveryNote says how many recovery codes are left.
func recoveryNote(v *Visitor, own person.Own) string {
	if !own.Factors.Any() {
		return ""
	}
	return v.Lang.T("恢复码还有 %d 个", own.Factors.Recovery)
}

func labelled(own person.Own, id string) (string, bool) {
	for _, k := range own.Passkeys {
		if k.ID == id {
			return k.Label, true
		}
	}
	return "", false
}

// changed goes back to one's own page, or shows the form again.
func (f *face) changed(w http.ResponseWriter, r *http.Request, v *Visitor, name string, err error) error {
	if shown(err) {
		return f.showChange(w, r, v, name, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/self")
}

func (f *face) removeTOTP(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.changed(w, r, v, "remove-totp", f.People.RemoveTOTP(r.Context(), v.secret, r.PostFormValue("password"), f.from(r)))
}

func (f *face) removeKey(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.changed(w, r, v, "remove-passkey", f.People.RemovePasskey(r.Context(), v.secret, r.PostFormValue("password"), r.PostFormValue("passkey"), f.from(r)))
}

func (f *face) newCodes(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	codes, err := f.People.NewRecoveryCodes(r.Context(), v.secret, r.PostFormValue("password"), f.from(r))
	if err != nil {
		return f.changed(w, r, v, "codes", err)
	}
	return send(w, r, codesPage(f.outside(r, v, "恢复码"), "/", codes))
}

func (f *face) addKey(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.newKey(r, v)
	return f.added(w, r, v, "passkey", e, err)
}

// added shows the recovery codes that come with the first factor.
func (f *face) added(w http.ResponseWriter, r *http.Request, v *Visitor, name string, e person.Entry, err error) error {
	if err != nil || len(e.Codes) == 0 {
		return f.changed(w, r, v, name, err)
	}
	return send(w, r, codesPage(f.outside(r, v, "恢复码"), "/", e.Codes))
}

func (f *face) beginTOTP(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	a, err := f.People.BeginTOTP(r.Context(), v.secret, r.PostFormValue("password"), f.from(r))
	if err != nil {
		return f.changed(w, r, v, "totp", err)
	}
	return f.showTOTP(w, r, v, a, nil)
}

func (f *face) showTOTP(w http.ResponseWriter, r *http.Request, v *Visitor, a person.Authenticator, failed error) error {
	picture, err := qrPicture(a.URL)
	if err != nil {
		return err
	}
	return send(w, r, authenticatorPage(f.shell(r, v, "绑定验证器", ui.Crumb{Name: v.Lang.T("我的"), Href: "/self"}, ui.Crumb{Name: v.Lang.T("绑定验证器")}), v, a.Secret, picture, failed))
}

// confirmTOTP keeps the secret on the page after a wrong code; once its time is over, the password is asked for again.
func (f *face) confirmTOTP(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.People.ConfirmTOTP(r.Context(), v.secret, r.PostFormValue("code"), f.from(r))
	if !problem.Is(err, problem.Unauthenticated) {
		return f.added(w, r, v, "totp", e, err)
	}
	a, gone := f.People.PendingTOTP(r.Context(), v.secret)
	if gone != nil {
		return f.changed(w, r, v, "totp", gone)
	}
	return f.showTOTP(w, r, v, a, err)
}
