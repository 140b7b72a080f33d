package apptest

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDeliveryOnScreen: at the desk, on a phone's width, an original is registered, whoever brought it draws their name, the receiver confirms,
// and the receipt for both sides bears it.
func TestDeliveryOnScreen(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	matter := o.openMatter("股权转让纠纷", "沧浪环保有限公司")
	ctx := chromium(t)
	must(t, chromedp.Do(ctx, screen(360)))
	p := tab{t, ctx, &street{t: t, h: o.h, url: o.server.URL, axe: axe(t)}}
	o.enter(t, ctx, "handling", "dark", "zh")
	p.open("/matters/" + matter + "/carriers/new")
	p.fill("title", "股权转让协议", "from", "周慎言", "place", "三楼档案室 A 柜")
	p.choose("level", "机密级")
	p.button("登记并编号")
	p.button("请交件人签名")
	p.reads("双方当面逐份核对")
	p.do(drag("canvas.mj-ink"))
	p.sound(360)
	p.button("确认签收")
	p.reads("请先与交件人当面逐份核对，再勾选")
	p.until(`(() => { const c = document.querySelector("canvas.mj-ink"); return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(Boolean) })()`) // what was drawn is still there
	p.click(`[name="checked"]`)
	p.button("确认签收")
	p.reads("打开回执（一式两份）")
	receipt := evaluate[string](t, ctx, `[...document.querySelectorAll("main a")].find(a => a.href.includes("/receipt?")).getAttribute("href")`)
	_, pdf := o.loggedIn("handling").get(receipt)
	read := exec.Command("pdftotext", "-", "-")
	read.Stdin = strings.NewReader(pdf)
	text, err := read.Output()
	must(t, err)
	images := exec.Command("pdfimages", "-list", "-")
	images.Stdin = strings.NewReader(pdf)
	drawn, err := images.Output()
	must(t, err)
	if !bytes.Contains(text, []byte("交件人留存")) || !bytes.Contains(text, []byte("本所留存")) || bytes.Count(drawn, []byte("image")) < 2 {
		t.Errorf("the receipt: %s\n%s", text, drawn)
	}
}
