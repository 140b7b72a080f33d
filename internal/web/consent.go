package web

import (
	"net/http"

	"github.com/a-h/templ"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/person"
	"mijuan/internal/text"
)

// consent is how the visitor confirms a signature: with a passkey where the account has nothing else and this browser can show one, with a
// code where there is a second factor, and with the password always.
type consent struct {
	asks  person.Factors
	keyed bool
}

// consents reads it. The act is useSystem.
func (f *face) consents(g *guard.Grant, r *http.Request) (c consent, err error) {
	c.asks, err = f.People.Asks(g)
	c.keyed = c.asks.Passkeys > 0 && !c.asks.TOTP && f.keyed(r)
	return c, err
}

// consent is consents outside of an act.
func (f *face) consent(r *http.Request, v *Visitor) (consent, error) {
	return do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (consent, error) { return f.consents(g, r) })
}

// consented is what the visitor has put into consentFields.
func (f *face) consented(r *http.Request, v *Visitor) hand.Consent {
	ceremony, answer := keyAnswer(r)
	return hand.Consent{Session: v.secret, From: f.from(r),
		Confirmation: person.Confirmation{Password: r.PostFormValue("password"), Code: r.PostFormValue("code"), Ceremony: ceremony, Answer: answer}}
}

// fields are those beside which consentFields shows what is wrong.
func (c consent) fields() []string {
	if c.asks.Any() && !c.keyed {
		return []string{"password", "code"}
	}
	return []string{"password"}
}

// attrs have the browser show a passkey before the form is sent, password and all.
func (c consent) attrs(lang text.Lang) templ.Attributes {
	if !c.keyed {
		return nil
	}
	return templ.Attributes{"data-mj-passkey": "/pledge/sign/begin", "data-mj-both": true, "data-words": keyWords(lang)}
}
