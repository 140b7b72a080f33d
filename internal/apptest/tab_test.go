package apptest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"mijuan/internal/access"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/person"
	"mijuan/internal/server"
)

// street is a firm at an address with a name, as a browser reaches it, where every log-in needs a second factor.
type street struct {
	t    testing.TB
	h    *house.House
	wire *wire
	url  string
	axe  string
}

func newStreet(t *testing.T, change ...func(*house.Settings)) *street {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	s := settings(t, t.TempDir())
	s.Hosts, s.Port, s.SecondFactor = []string{"localhost"}, port, true
	for _, f := range change {
		f(&s)
	}
	h, err := house.Create(t.Context(), s)
	must(t, err)
	t.Cleanup(func() { h.Close() })
	w := &wire{Listener: l}
	served := httptest.NewUnstartedServer(server.Harden(cli.Faces(h, func(*http.Request) string { return "127.0.0.1" })))
	served.Listener.Close()
	served.Listener = w
	served.StartTLS()
	t.Cleanup(served.Close)
	return &street{t, h, w, "https://localhost:" + port, axe(t)}
}

// axe is the script that looks for what hinders people.
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("../web/ui/testdata/axe.min.js")
	must(t, err)
	return string(script)
}

// invite puts somebody trained and pledged on the roster, who has yet to join, and gives the address of the one-time link.
func (s *street) invite(login, name string, posts ...access.Post) (address string) {
	s.t.Helper()
	console := guard.Who{Via: guard.CLI}
	var id string
	must(s.t, s.h.Door.Do(s.t.Context(), console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, address, err = s.h.People.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: name}, Posts: posts})
		return err
	}))
	s.qualify(id)
	return s.url + "/invite/" + address
}

func (s *street) qualify(id string) {
	s.t.Helper()
	for _, record := range []func(*guard.Grant, string, time.Time, string) error{s.h.People.RecordTraining, s.h.People.RecordPledge} {
		must(s.t, s.h.Door.Do(s.t.Context(), guard.Who{Via: guard.CLI}, access.Appoint, guard.Thing{Kind: access.Person, ID: id}, func(g *guard.Grant) error {
			return record(g, "joining", g.Tx().Now, "纸质记录存档")
		}))
	}
}

// wire is the firm's line to the browsers. It counts what comes in, and breaks once, where it is told to.
type wire struct {
	net.Listener
	in, breakAt atomic.Int64 // bytes; 0: never
}

func (w *wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	return cable{c, w}, err
}

type cable struct {
	net.Conn
	w *wire
}

func (c cable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	in := c.w.in.Add(int64(n))
	if at := c.w.breakAt.Load(); at > 0 && in > at && c.w.breakAt.CompareAndSwap(at, 0) {
		c.Conn.Close()
	}
	return n, err
}

// tab is a page of a browser, with which a test works as a person does.
type tab struct {
	t   *testing.T
	ctx context.Context
	s   *street
}

// beside is a page of another person's browser: nothing is shared with the first.
func (p tab) beside() tab {
	p.t.Helper()
	ctx, shut := chromedp.NewContext(p.ctx, chromedp.WithNewBrowserContext())
	p.t.Cleanup(shut)
	must(p.t, chromedp.Do(ctx))
	complain(p.t, ctx)
	return tab{p.t, ctx, p.s}
}

func (p tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.pathname + " " + document.body.innerText.slice(0, 600)`))
		p.t.Fatalf("%v at %s", err, text)
	}
}

func (p tab) open(path string) {
	p.t.Helper()
	if path[0] == '/' {
		path = p.s.url + path
	}
	p.do(chromedp.Navigate(path), chromedp.WaitReady("main"))
}

// fill types into fields, by name; a "\r" at the end of a text is the Enter key.
func (p tab) fill(pairs ...string) {
	p.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		p.do(chromedp.SendKeys(fmt.Sprintf(`[name=%q]`, pairs[i]), pairs[i+1]))
	}
}

// retype types in place of what a field holds.
func (p tab) retype(name, text string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('[name=%q]').select()`, name)))
	p.fill(name, text)
}

// press strikes a key without typing it, as a browser does when a script has answered the key.
func (p tab) press(key string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// choose takes the option of a list that has the text.
func (p tab) choose(name, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => { const list = document.querySelector('[name=%q]'), option = [...list.options].find(o => o.text.includes(%q));
		list.value = option.value; list.dispatchEvent(new Event("change", {bubbles: true})); return true })()`, name, text))
}

func (p tab) click(selector string) { p.t.Helper(); p.do(chromedp.Click(selector)) }

// button presses the button or link with the words.
func (p tab) button(words string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => { const b = [...document.querySelectorAll("main button, main a.mj-btn, form button")].find(b => b.innerText.trim() === %q && b.checkVisibility());
		b?.click(); return !!b })()`, words))
}

// until waits for a condition, also across pages: while one goes and the next comes, it may fail.
func (p tab) until(condition string) {
	p.t.Helper()
	var err error
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		var holds bool
		if holds, err = chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+condition+")")); holds && err == nil {
			return
		}
	}
	text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.pathname + " " + document.body.innerText.slice(0, 1500)`))
	p.t.Fatalf("never came: %s (%v) at %s", condition, err, text)
}

// reads waits until the page says the words.
func (p tab) reads(words string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.readyState === "complete" && document.body.innerText.includes(%q)`, words))
}

func (p tab) says(words string) bool {
	p.t.Helper()
	return evaluate[bool](p.t, p.ctx, fmt.Sprintf(`document.body.innerText.includes(%q)`, words))
}

// sound holds the page against WCAG 2.2 AA, and its width against the screen.
func (p tab) sound(width int64) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](p.s.axe + ";0"))
	for _, wrong := range evaluate[[]string](p.t, p.ctx, audit) {
		p.t.Error(wrong)
	}
	if wide := evaluate[int64](p.t, p.ctx, `document.documentElement.scrollWidth`); wide > width {
		p.t.Errorf("%s is %d wide", evaluate[string](p.t, p.ctx, `location.pathname`), wide)
	}
	if shots := os.Getenv("MIJUAN_SHOTS"); shots != "" {
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(80))
		must(p.t, err)
		must(p.t, os.WriteFile(filepath.Join(shots, fmt.Sprintf("%s_%d.jpg", p.t.Name(), time.Now().UnixMilli())), picture, 0o600))
	}
}

// authenticator plugs one in that holds passkeys, and gives its id.
func (p tab) authenticator() (id webauthn.AuthenticatorID) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}})
		id = made.AuthenticatorID
		return err
	}))
	return id
}

func (p tab) unplug(id webauthn.AuthenticatorID) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: id})
		return err
	}))
}

// leave logs out by the menu.
func (p tab) leave() {
	p.t.Helper()
	p.click(`button.mj-who`)
	p.click(`form[action="/leave"] button`)
	p.until(`location.pathname === "/login" && document.readyState === "complete"`)
}

// enrol sets up the authenticator app whose secret the page shows, and gives the secret.
func (p tab) enrol() string {
	p.t.Helper()
	p.until(`document.querySelector("[data-mj-secret]")`)
	secret := evaluate[string](p.t, p.ctx, `document.querySelector("[data-mj-secret]").textContent`)
	code, err := totp.GenerateCode(secret, time.Now())
	must(p.t, err)
	p.fill("code", code+"\r")
	p.reads("请保存恢复码")
	return secret
}
