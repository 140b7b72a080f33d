package apptest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
)

const decade = 10 * 365 * 24 * time.Hour

// wrongClock is a firm whose machine's clock jumps.
type wrongClock struct {
	*office
	clock        *housetest.Clock
	matter, kept string
	content      []byte
	lead, hand   *browser
}

// TestClockJumps has the machine's clock jump back an hour and ahead ten years, in the middle of sessions and uploads, and come right
// again: what was open stays as long as it should, what was closed stays closed, and the ledger's times go one way.
func TestClockJumps(t *testing.T) {
	clock := &housetest.Clock{}
	s := settings(t, t.TempDir())
	s.Now = clock.Now
	c := &wrongClock{office: found(t, s), clock: clock, content: longText()}
	c.matter = c.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	c.kept = c.receive(c.matter, "代理词.txt", "代理词", c.content, "secret")
	c.review(c.kept, "secret")
	c.lead, c.hand = c.loggedIn("lead"), c.loggedIn("handling")
	c.tell("lead", "POST", "/materials/"+c.kept+"/releases", object{"person": c.ids["handling"], "until": clock.Now().Add(2 * time.Hour), "reason": "出庭"}).done(t, "leave", http.StatusNoContent)
	for range 5 {
		c.browser().post("/login", url.Values{"login": {"trainee"}, "password": {"Wrong-Horse-1"}})
	}
	t.Run("back an hour", c.back)
	t.Run("ahead ten years", c.ahead)
	t.Run("set right", c.right)
	t.Run("started again", c.again)
	t.Run("of days to come", c.toCome)
}

// in reports whether somebody's browser is logged in.
func (c *wrongClock) in(b *browser) bool {
	status, page := b.get("/materials/" + c.kept)
	return status == http.StatusOK && strings.Contains(page, "代理词")
}

// locked wants the account that was locked to be so still.
func (c *wrongClock) locked(t *testing.T) {
	t.Helper()
	if _, page := c.browser().post("/login", url.Values{"login": {"trainee"}, "password": {password}}); strings.Contains(page, "测试trainee") {
		t.Error("the locked account opens")
	}
}

// ordered wants every entry of the ledger no older than the one before it, and all of them sound.
func (c *wrongClock) ordered(t *testing.T) {
	t.Helper()
	if n := one[int](t, c.h, `SELECT COUNT(*) FROM ledger_entry a JOIN ledger_entry b ON b.seq = a.seq + 1 WHERE b.time < a.time`); n != 0 {
		t.Errorf("%d entries are older than the one before", n)
	}
	if report, err := c.h.Ledger.VerifyLive(t.Context(), nil); err != nil || report.Wrong != nil {
		t.Errorf("the ledger: %v, %+v", err, report.Wrong)
	}
}

func (c *wrongClock) back(t *testing.T) {
	before := time.UnixMilli(one[int64](t, c.h, `SELECT MAX(time) FROM ledger_entry`))
	body := pausingAt(c.content, 70_000)
	begun := make(chan answer, 1)
	go func() { begun <- c.begin("handling", c.matter, "b.txt", int64(len(c.content)), body) }()
	<-body.reached
	await(t, "the upload's beginning", func() bool { return one[int](t, c.h, `SELECT COUNT(*) FROM upload WHERE state = 'growing'`) == 1 })
	c.clock.Forward(-time.Hour)
	close(body.goOn)
	a := <-begun
	a.done(t, "an upload", http.StatusCreated)
	received := c.file(t, c.matter, a.place(t))
	c.original(t, "lead", received, c.content)
	if l := c.history(t, received)[0]; l.At.Before(before) || l.At.After(before.Add(10*time.Minute)) {
		t.Errorf("after an entry of %v comes one of %v", before, l.At)
	}
	if !c.in(c.lead) || !c.in(c.hand) || !c.in(c.loggedIn("lead")) {
		t.Error("a session has ended with the hour")
	}
	c.original(t, "handling", c.kept, c.content)
	c.locked(t)
	c.ordered(t)
	c.clock.Forward(time.Hour)
	if !c.in(c.lead) {
		t.Error("a session has ended when the hour came back")
	}
	c.locked(t)
}

func (c *wrongClock) ahead(t *testing.T) {
	body := pausingAt(c.content, 70_000)
	begun := make(chan answer, 1)
	go func() { begun <- c.begin("handling", c.matter, "c.txt", int64(len(c.content)), body) }()
	<-body.reached
	await(t, "the upload's beginning", func() bool { return one[int](t, c.h, `SELECT COUNT(*) FROM upload WHERE state = 'growing'`) == 1 })
	c.clock.Forward(decade)
	close(body.goOn)
	a := <-begun
	a.done(t, "an upload that had been allowed", http.StatusCreated)
	c.closed(t)
	c.ordered(t)
}

// closed wants that sessions, tokens, leaves and trainings have ended.
func (c *wrongClock) closed(t *testing.T) {
	t.Helper()
	if c.in(c.lead) || c.in(c.hand) {
		t.Error("a session lives")
	}
	for _, login := range []string{"lead", "handling", "auditor"} {
		c.ask(login, "GET", "/me", nil).refused(t, "a token", http.StatusUnauthorized, "过期")
	}
	if status, page := c.browser().post("/login", url.Values{"login": {"lead"}, "password": {password}}); status >= 500 || strings.Contains(page, "代理词") {
		t.Errorf("logging in: %d", status)
	}
}

func (c *wrongClock) right(t *testing.T) {
	c.clock.Forward(-decade)
	c.closed(t)
	c.ordered(t)
}

// restart starts the firm anew.
func (c *wrongClock) restart(t *testing.T) {
	t.Helper()
	c.server.Close()
	must(t, c.h.Close())
	h, err := house.Open(context.Background(), c.h.Settings)
	must(t, err)
	c.t.Cleanup(func() { h.Close() })
	c.h, c.server = h, open(c.t, h)
}

// again starts the firm with a clock that is right: people work as before.
func (c *wrongClock) again(t *testing.T) {
	c.restart(t)
	if !c.in(c.loggedIn("lead")) {
		t.Error("nobody can work")
	}
	c.original(t, "lead", c.kept, c.content)
	var waiting []struct{ ID, State string }
	c.call("handling", "GET", "/matters/"+c.matter+"/intake", nil, &waiting)
	if len(waiting) != 1 || waiting[0].State != "ready" {
		t.Errorf("waiting are %v", waiting)
	}
	for n := range 3 {
		c.tell("lead", "PUT", "/materials/"+c.kept+"/title", object{"title": fmt.Sprintf("第 %d 个名称", n)}).done(t, "a renaming", http.StatusNoContent)
	}
	c.ordered(t)
}

// toCome logs in while the clock is a month ahead: the session does not last until that month has passed.
func (c *wrongClock) toCome(t *testing.T) {
	const month = 30 * 24 * time.Hour
	c.clock.Forward(month)
	b := c.loggedIn("auditor")
	c.clock.Forward(-month)
	c.restart(t)
	b.base = c.server.URL
	if _, page := b.get("/ledger"); strings.Contains(page, "测试auditor") {
		t.Errorf("a session of days to come lives: %.200s", page)
	}
	c.ordered(t)
}
