package apptest

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBrowserLeaving walks a leaving by the keyboard alone, on screens of 360 px: begun, handed over to two, pledged,
// witnessed, closed. The leaver's open page is refused at its next request, and the signed papers are looked at.
func TestBrowserLeaving(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	must(t, o.h.SetName(t.Context(), "江澜衡砚律师事务所"))
	in := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	o.receive(in, "a.txt", "代理词", []byte("争议焦点在于回购条件"), "secret")
	security := tab{t, chromium(t), &street{t: t, h: o.h, url: o.server.URL, axe: axe(t)}}
	leaver, director, witness := security.beside(), security.beside(), security.beside()
	for login, p := range map[string]tab{"security": security, "lead": leaver, "director": director, "trainee": witness} {
		p.entered(login)
	}
	page := "/people/" + o.ids["lead"] + "/leaving"

	security.open("/people/" + o.ids["lead"])
	security.sound(360)
	security.turned("名下事项与离岗")
	security.typed("last_day", "12312199", "reason", "本人辞职")
	security.arrowed("witness", "测试trainee")
	security.turned("开始交接")
	security.reads("2199-12-31")
	security.sound(360)

	director.open(page)
	director.sound(360)
	director.ticked("主办案件")
	director.arrowed("successor", "测试handling")
	director.turned("移交勾选的事项")
	director.reads("交给测试handling")
	director.ticked("待审核")
	director.arrowed("successor", "测试outsider")
	director.turned("移交勾选的事项")
	director.reads("交给测试outsider")
	director.sound(360)

	leaver.open("/pledge")
	leaver.tabTo(`e.name === "read"`)
	leaver.keys(" ")
	leaver.typed("password", password+kb.Enter)
	leaver.reads("已签署")
	leaver.sound(360)
	leaver.paper(leaver.takes("下载 测试lead 第 1 版 PDF"), "离岗", "测试lead", "江澜衡砚律师事务所")
	leaver.open("/")

	witness.open(page)
	witness.sound(360)
	witness.tabTo(`e.name === "read"`)
	witness.keys(" ")
	witness.typed("password", password+kb.Enter)
	witness.until(`document.readyState === "complete" && !document.querySelector("[name=password]")`)
	witness.sound(360)

	security.open(page)
	security.typed("confirm", "测试lead")
	security.sound(360)
	security.turned("办结离岗")
	security.reads("已交接")
	security.sound(360)
	security.paper(security.takes("下载交接清单"), "测试lead", "测试handling", "测试trainee", "测试outsider", "江澜衡砚律师事务所")

	leaver.do(chromedp.Reload())
	leaver.until(`location.pathname === "/login" && document.readyState === "complete"`)
	if leaver.says("股权转让") || leaver.says("测试lead") {
		t.Error("the leaver's page still tells something")
	}
	leaver.typed("login", "lead", "password", password+kb.Enter)
	leaver.reads("账号尚未启用或已经停用")
	if status := o.call("lead", http.MethodGet, "/me", nil, nil); status != http.StatusUnauthorized {
		t.Errorf("the leaver's token: %d", status)
	}
}

// ticked goes to an item of the list by its name and ticks it.
func (p tab) ticked(kind string) {
	p.t.Helper()
	p.tabTo(`e.name === "item" && e.getAttribute("aria-label").startsWith("` + kind + `")`)
	p.keys(" ")
	p.do(chromedp.WaitReady(`[name="item"]:checked`))
}
