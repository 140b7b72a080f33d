package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/server"
)

func (f *face) pledgeRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/pledge", server.Signed, f.pledge),
		{Method: http.MethodPost, Pattern: "/pledge/sign", Auth: server.Signed, Body: formLimit, Timeout: signTimeout, Handle: f.signPledge},
		get("/pledge/{pledge}/document", server.Signed, f.pledgeDocument),
		get("/pledge/authority", server.Signed, f.authority),
		get("/pledge/register", server.Signed, f.pledgeRegister),
		get("/pledge/missing", server.Signed, f.pledgeMissing),
		post("/pledge/sign/begin", server.Signed, f.beginKeySign),
		post("/pledge/leaving", server.Signed, f.askLeaving),
		get("/pledge/texts", server.Signed, f.pledgeTexts),
		post("/pledge/texts", server.Signed, f.publishPledge),
	}
}

// signTimeout leaves room for a stamping authority that is asked twice, and for a new key.
const signTimeout = time.Minute

// oath is the visitor's own page of pledges: what is to be signed, and what was.
type oath struct {
	due    []pledge.Due
	mine   []pledge.Pledge
	now    time.Time
	asks   consent // for signing
	tried  pledge.Kind
	failed error
	done   bool // one was just signed
}

func (f *face) pledge(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showPledge(w, r, v, oath{done: r.URL.Query().Get("signed") != ""})
}

func (f *face) showPledge(w http.ResponseWriter, r *http.Request, v *Visitor, o oath) error {
	o, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (_ oath, err error) {
		o.now = g.Tx().Now
		if o.due, err = f.Pledges.Asked(g); err != nil {
			return o, err
		}
		if o.mine, err = f.Pledges.Mine(g); err != nil {
			return o, err
		}
		o.asks, err = f.consents(g, r)
		return o, err
	})
	if err != nil {
		return err
	}
	return send(w, r, pledgePage(f.shell(r, v, "承诺书"), v, o, f.pledgeTabs(r, v)))
}

// signPledge signs what the form shows. What it proves is never shown again.
func (f *face) signPledge(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	version, _ := strconv.Atoi(form.Get("version")) // none: no such pledge is asked for
	s := pledge.Signing{Kind: pledge.Kind(form.Get("kind")), Version: version, Digest: form.Get("digest"),
		Consent: f.consented(r, v)}
	drawing, err := drawn(form.Get("drawing"))
	switch {
	case err != nil:
	case form.Get("read") != "yes":
		err = problem.New(problem.Invalid, "请先阅读全文，再勾选“已阅读”").In("read")
	default:
		s.Drawing = drawing
		_, err = f.Pledges.Sign(r.Context(), v.Who, s)
	}
	if shown(err) || problem.Is(err, problem.Unavailable) {
		if _, _, gone := f.People.Authenticate(r.Context(), v.secret, f.ClientIP(r)); gone != nil {
			return gone // the account was closed or the session ended meanwhile
		}
		return f.showPledge(w, r, v, oath{tried: s.Kind, failed: err})
	}
	if err != nil {
		return err
	}
	return see(w, r, "/pledge?signed=1")
}

// beginKeySign asks the browser for a passkey that is to go with a signature.
func (f *face) beginKeySign(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := f.People.BeginPasskeyFactor(r.Context(), v.secret)
	return sendChallenge(w, c, err)
}

// drawn reads the address in which the drawing field keeps its picture.
func drawn(address string) ([]byte, error) {
	if address == "" {
		return nil, nil
	}
	text, ok := strings.CutPrefix(address, "data:image/png;base64,")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		return nil, problem.New(problem.Invalid, "手写签名无法读取，请清除后重写").In("drawing")
	}
	return raw, nil
}

// pledgeDocument gives the signed PDF.
func (f *face) pledgeDocument(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := f.Pledges.Fetch(r.Context(), v.Who, r.PathValue("pledge"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(c.PDF)))
	h.Set("Content-Disposition", `attachment; filename="pledge-`+string(c.Pledge.Kind)+"-"+c.Pledge.Document[:12]+`.pdf"`)
	n, err := w.Write(c.PDF)
	return errors.Join(err, c.Close(r.Context(), int64(n), err))
}

// authority gives the certificate of the firm's own authority, which is public.
func (f *face) authority(w http.ResponseWriter, r *http.Request, _ *Visitor) error {
	cert, err := f.Hand.Authority(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pkix-cert")
	h.Set("Content-Disposition", `attachment; filename="authority.cer"`)
	_, err = w.Write(cert.Raw)
	return err
}
