package web

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/text"
)

func (f *face) passkeyRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		post("/login/passkey/begin", server.Public, f.beginKeyLogin),
		post("/login/passkey", server.Public, f.keyLogin),
		post("/login/second/passkey/begin", server.Entering, f.beginKeySecond),
		post("/login/second/passkey", server.Entering, f.keySecond),
		post("/login/setup/passkey/begin", server.Entering, f.beginNewKey),
		post("/login/setup/passkey", server.Entering, f.keySetUp),
	}
}

// keyed reports whether the request came by the name that passkeys are bound to. Under any other a browser would not answer, and
// the pages do not speak of them.
func (f *face) keyed(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	name := f.People.PasskeyHost()
	return name != "" && strings.EqualFold(host, name)
}

// sendChallenge gives the page's script what the browser is to answer.
func sendChallenge(w http.ResponseWriter, c person.Ceremony, err error) error {
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"ceremony": c.ID, "options": json.RawMessage(c.Options)})
	if err != nil {
		return fmt.Errorf("encode a challenge: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(raw)
	return err
}

func keyAnswer(r *http.Request) (ceremony string, answer []byte) {
	return r.PostFormValue("ceremony"), []byte(r.PostFormValue("answer"))
}

func (f *face) beginKeyLogin(w http.ResponseWriter, r *http.Request, _ *Visitor) error {
	c, err := f.People.BeginPasskeyLogin(r.Context(), f.from(r))
	return sendChallenge(w, c, err)
}

func (f *face) keyLogin(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	ceremony, answer := keyAnswer(r)
	e, err := f.People.FinishPasskeyLogin(r.Context(), ceremony, answer, f.from(r))
	if shown(err) {
		return f.showLogin(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return f.goOn(w, r, e, r.PostFormValue("back"))
}

func (f *face) beginKeySecond(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := f.People.BeginPasskeyFactor(r.Context(), v.secret)
	return sendChallenge(w, c, err)
}

func (f *face) keySecond(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	ceremony, answer := keyAnswer(r)
	e, err := f.People.FinishPasskeyFactor(r.Context(), v.secret, ceremony, answer, f.from(r))
	return f.secondShown(w, r, v, e, err)
}

// beginNewKey asks for a new passkey: at the set-up of an account at once, later by the password.
func (f *face) beginNewKey(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := f.People.BeginPasskey(r.Context(), v.secret, r.PostFormValue("password"), f.from(r))
	return sendChallenge(w, c, err)
}

// newKey sets up the passkey in the form.
func (f *face) newKey(r *http.Request, v *Visitor) (person.Entry, error) {
	ceremony, answer := keyAnswer(r)
	return f.People.FinishPasskey(r.Context(), v.secret, ceremony, r.PostFormValue("label"), answer, f.from(r))
}

func (f *face) keySetUp(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	e, err := f.newKey(r, v)
	return f.setUpDone(w, r, v, e, err)
}

// keyWords are what the script says, in the page's language.
func keyWords(lang text.Lang) string {
	raw, err := json.Marshal(map[string]string{
		"waiting": lang.T("请按浏览器的提示操作…"), "cancelled": lang.T("没有完成，可以再试一次"), "known": lang.T("这台设备上已经有您的通行密钥"),
		"place": lang.T("这个浏览器在此不能使用通行密钥"), "failed": lang.T("没有连上，请再试一次"),
	})
	if err != nil {
		panic("web: a map of strings is always JSON: " + err.Error())
	}
	return string(raw)
}
