package apptest

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/pledge"
	"mijuan/internal/signature"
	"mijuan/internal/store"
)

// askAgain publishes a new edition of the pledge, which everybody is to sign.
func (o *office) askAgain(t *testing.T) {
	t.Helper()
	must(t, o.h.SetName(t.Context(), "江澜衡砚律师事务所"))
	text := "# 保密承诺书\n\n本人承诺：\n\n## 一、保密\n\n1. 不以微信、QQ 传送客户资料。\n2. 离开本所时清退全部载体。\n"
	status, page := o.loggedIn("security").post("/pledge/texts", url.Values{"joining": {text}, "yearly": {text}, "leaving": {text}, "required": {time.Now().AddDate(0, 0, 10).Format(time.DateOnly)}})
	if status != http.StatusOK || !strings.Contains(page, "第 2 版") {
		t.Fatalf("publish: %d %.300s", status, page)
	}
}

// drag draws a stroke with the mouse across the first element of a selector.
func drag(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		box, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(() => { const e = document.querySelector("`+selector+`"); e.scrollIntoView({block: "center"}); const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()`))
		if err != nil {
			return err
		}
		for i := 0; i <= 12; i++ {
			kind, x, y := input.DispatchMouseEventTypeMouseMoved, box[0]+box[2]*float64(1+i)/14, box[1]+box[3]*float64(3+i%4)/8
			switch i {
			case 0:
				kind = input.DispatchMouseEventTypeMousePressed
			case 12:
				kind = input.DispatchMouseEventTypeMouseReleased
			}
			if _, err := cdp.Call(ctx, target, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1}); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestSignInABrowser: somebody reads the pledge, draws their name with the mouse, gives the password by keyboard, and has the PDF.
func TestSignInABrowser(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	o.askAgain(t)
	ctx := chromium(t)
	o.enter(t, ctx, "lead", "light", "zh")
	must(t, chromedp.Do(ctx, screen(360), chromedp.Navigate(o.server.URL+"/pledge"), chromedp.WaitReady("canvas.mj-ink"), drag("canvas.mj-ink")))
	if drawn := evaluate[int64](t, ctx, `document.querySelector("input[name=drawing]").value.length`); drawn < 500 {
		t.Fatalf("%d characters were drawn", drawn)
	}
	must(t, chromedp.Do(ctx, chromedp.Click(`input[name="read"]`), chromedp.SendKeys(`input[name="password"]`, password+"\r"), chromedp.WaitReady(`a[href$="/document"]`)))
	page := evaluate[string](t, ctx, `document.querySelector("main").innerHTML`)
	link := regexp.MustCompile(`/pledge/[0-9a-f-]{36}/document`).FindString(page)
	status, pdf := o.loggedIn("lead").get(link)
	report, err := signature.Verify([]byte(pdf))
	if status != http.StatusOK || err != nil || !report.Intact() || !strings.Contains(pdf, "/Image") {
		t.Errorf("the PDF: %d %v", status, err)
	}
}

// TestSignByPasskey: whoever has a passkey for a second factor shows it with the password, on a narrow screen, and signs; without it
// nothing is signed.
func TestSignByPasskey(t *testing.T) {
	s := newStreet(t)
	must(t, s.h.SetName(t.Context(), "江澜衡砚律师事务所"))
	link := s.invite("mixun", "宓洵", access.Lawyer)
	publish := func() {
		must(t, s.h.Door.Do(t.Context(), guard.Who{Via: guard.CLI}, access.SetPledge, guard.Firm, func(g *guard.Grant) error {
			text := "# 保密承诺书\n\n1. 不以微信、QQ 传送客户资料。\n"
			_, err := s.h.Pledges.Publish(g, map[pledge.Kind]string{pledge.Joining: text, pledge.Yearly: text, pledge.Leaving: text}, g.Tx().Now.Add(240*time.Hour))
			return err
		}))
	}
	publish()
	p := tab{t, chromium(t), s}
	key := p.authenticator()
	p.do(screen(360))
	p.open(link)
	p.fill("password", password, "again", password+"\r")
	p.reads("或者改用通行密钥")
	p.fill("label", "办公室电脑\r")
	p.reads("请保存恢复码")
	p.open("/pledge")
	p.reads("不以微信、QQ 传送客户资料")
	p.sound(360)
	p.do(chromedp.Click(`input[name="read"]`))
	p.fill("password", password+"\r")
	p.reads("已签署")
	publish()
	p.unplug(key)
	p.authenticator()
	p.open("/pledge")
	p.do(chromedp.Click(`input[name="read"]`))
	p.fill("password", password+"\r")
	p.reads("没有完成，可以再试一次")
	if n := signedDocuments(t, s.h); n != 1 {
		t.Fatalf("%d documents were signed", n)
	}
}

func signedDocuments(t *testing.T, h *house.House) (n int64) {
	t.Helper()
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.Get(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err }, `SELECT COUNT(*) FROM signed_document`)
		return err
	}))
	return n
}
