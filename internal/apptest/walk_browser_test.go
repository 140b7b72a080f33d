package apptest

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"mijuan/internal/access"
)

const (
	confided = "SETTLEMENT CEILING 4711"
	heavy    = 24 << 20
)

// paperPDF is a document of three pages that weighs n bytes: most of it is a stream that no page uses.
func paperPDF(n int) []byte {
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.7\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [4 0 R 6 0 R 8 0 R] /Count 3 /MediaBox [0 0 595 842] >>")
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for page := range 3 {
		text := fmt.Sprintf("BT /F1 24 Tf 72 700 Td (%s page %d) Tj ET", confided, page+1)
		object("<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*page)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(text), text)
	}
	ballast := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(ballast) // never fails
	object("<< /Length %d >>\nstream\n%s\nendstream", n, ballast)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// TestBrowserWalk goes from a new firm to the reading of its first material and out again, as people go it in their browsers.
func TestBrowserWalk(t *testing.T) {
	s := newStreet(t)
	link, err := s.h.Bootstrap(t.Context())
	must(t, err)

	security := tab{t, chromium(t), s}
	security.open("/invite/" + link)
	security.fill("name", "严若谷", "login", "yan.ruogu", "password", password, "again", password+"\r")
	security.enrol()
	security.button("已保存，进入系统")
	security.reads("严若谷")

	lawyer := security.beside()
	lawyer.authenticator()
	lawyer.joinByPasskey(security.invites("mixun", "宓洵"))
	lawyer.leave()
	lawyer.button("用通行密钥登录")
	lawyer.until(`location.pathname === "/"`)

	reviewer := security.beside()
	reviewer.open(s.invite("fuxiaoman", "傅小满", access.Lawyer))
	reviewer.fill("password", password, "again", password+"\r")
	reviewer.enrol()
	reviewer.button("已保存，进入系统")
	reviewer.reads("傅小满")

	room := lawyer.openMatter("股权转让纠纷", "傅小满")
	material := lawyer.bringIn(room, "傅小满")
	reviewer.open(material)
	reviewer.choose("reason", "定密恰当，同意")
	reviewer.button("备案")
	reviewer.reads("已定密")

	lawyer.dropFolder(room)

	lawyer.look(material, reviewer)
	lawyer.leavesNothing()
}

// invites has the security administrator invite a lawyer, and gives the address of the one-time link.
func (p tab) invites(login, name string) string {
	p.t.Helper()
	p.open("/people/new")
	p.fill("name", name, "login", login)
	p.click(`[name="posts"][value="lawyer"]`)
	p.button("邀请")
	p.reads("链接只在这里显示一次")
	link := evaluate[string](p.t, p.ctx, `[...document.querySelectorAll(".mj-no")].map(e => e.textContent.trim()).find(x => x.includes("/invite/"))`)
	p.open("/people")
	id := evaluate[string](p.t, p.ctx, fmt.Sprintf(`[...document.querySelectorAll("main a[href^='/people/']")].find(a => a.textContent.includes(%q)).getAttribute("href").split("/")[2]`, name))
	p.s.qualify(id)
	return link
}

func (p tab) joinByPasskey(link string) {
	p.t.Helper()
	p.open(link)
	p.fill("password", password, "again", password+"\r")
	p.reads("或者改用通行密钥")
	p.fill("label", "办公室电脑")
	p.button("设置通行密钥")
	p.reads("请保存恢复码")
	p.button("已保存，进入系统")
	p.until(`location.pathname === "/"`)
}

// openMatter opens a matter with somebody else in its team, and gives its address.
func (p tab) openMatter(title, other string) string {
	p.t.Helper()
	p.open("/matters/new")
	p.choose("kind", "民")
	p.fill("title", title, "client", "沧浪环保有限公司")
	p.choose("member_0", other)
	p.choose("clearance_0", "机密")
	p.until(`document.querySelector('[name="duty_0"]').selectedIndex = 1`)
	p.button("立案")
	p.until(`/^\/matters\/[0-9a-f-]{36}$/.test(location.pathname)`)
	return evaluate[string](p.t, p.ctx, `location.pathname`)
}

// bringIn drops a file whose line breaks in the middle, sees it go on by itself, registers it, and gives the material's address.
func (p tab) bringIn(room, reviewer string) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), "代理意见.pdf")
	must(p.t, os.WriteFile(path, paperPDF(heavy), 0o600))
	p.open(room + "/intake")
	p.click(`[name="not_state_secret"]`)
	before := p.s.wire.in.Load()
	p.s.wire.breakAt.Store(before + heavy*2/3)
	p.do(chromedp.SetUploadFiles(chromedp.CSS(`[data-mj-files]`), []string{path}))
	p.reads("已收到")
	if p.s.wire.breakAt.Load() != 0 {
		p.t.Error("the line did not break")
	}
	if sent := p.s.wire.in.Load() - before; sent > heavy*3/2 {
		p.t.Errorf("%d bytes were sent for %d: it began anew", sent, heavy)
	}
	p.reads("三、登记与拟定密级")
	p.do(chromedp.SetValue(`[name^="title_"]`, "代理意见第一稿"))
	p.click(`[name="kinds"][value="case_paper"]`)
	p.click(`[name="level"][value="secret"]`)
	p.until(`(() => { const list = document.querySelector('[name="reason"]'); list.selectedIndex = 1; list.dispatchEvent(new Event("change", {bubbles: true})); return list.value })()`)
	p.choose("personal", "含敏感个人信息")
	p.choose("basis", "第二十九条")
	p.fill("ground_more", "核实当事人身份")
	if kept := evaluate[string](p.t, p.ctx, `localStorage.getItem("mj-reason:personal") + " " + localStorage.getItem("mj-reason:basis") + " " + localStorage.getItem("mj-reason:ground")`); kept != "sensitive separate_consent null" {
		p.t.Errorf("the browser remembers %s", kept)
	}
	p.choose("reviewer", reviewer)
	p.button("登记")
	p.until(`!location.pathname.endsWith("/intake") && document.readyState === "complete"`)
	p.open("/materials")
	return evaluate[string](p.t, p.ctx, `[...document.querySelectorAll("main a[href^='/materials/']")].find(a => a.textContent.includes("代理意见第一稿")).getAttribute("href")`)
}

// dropFolder drops a folder with folders in it: every file comes in under its own name, but for what the system left there.
func (p tab) dropFolder(room string) {
	p.t.Helper()
	folder := filepath.Join(p.t.TempDir(), "证据材料")
	must(p.t, os.MkdirAll(filepath.Join(folder, "第一组"), 0o700))
	for name, content := range map[string]string{"目录.txt": "证据目录", "第一组/一.txt": "证据一", "第一组/二.txt": "证据二", "第一组/Thumbs.db": "x"} {
		must(p.t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	p.open(room + "/intake")
	p.click(`[name="not_state_secret"]`)
	at := evaluate[[]float64](p.t, p.ctx, `(() => { const e = document.querySelector("[data-mj-drop]"); e.scrollIntoView({block: "center"}); const b = e.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; })()`)
	for _, step := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, input.DispatchDragEvent, input.DispatchDragEventParams{Type: step, X: at[0], Y: at[1], Data: &input.DragData{Items: []*input.DragDataItem{}, Files: []string{folder}, DragOperationsMask: 1}})
			return err
		}))
	}
	p.until(`["目录.txt", "一.txt", "二.txt"].every(n => [...document.querySelectorAll("main table tr")].some(e => e.textContent.includes(n)))`)
	if n := evaluate[int](p.t, p.ctx, `document.querySelectorAll('[name^="title_"]').length`); n != 3 {
		p.t.Errorf("of a folder with three files %d came in", n)
	}
}

// look reads the material by the keyboard, and searches page and line for what must not be there.
func (p tab) look(material string, other tab) {
	p.t.Helper()
	var mu sync.Mutex
	var images []string
	must(p.t, chromedp.Listen(p.ctx, func(ev any) {
		if got, ok := ev.(*network.EventResponseReceived); ok && strings.HasPrefix(got.Response.MimeType, "image/") && strings.HasPrefix(got.Response.URL, "https:") && !strings.Contains(got.Response.URL, "/assets/") {
			mu.Lock()
			images = append(images, strings.TrimPrefix(got.Response.URL, p.s.url))
			mu.Unlock()
		}
	}))
	p.open(material + "/view")
	p.until(`document.querySelectorAll(".mj-page img").length > 0`)
	at := func(n string) {
		p.t.Helper()
		p.until(fmt.Sprintf(`document.querySelector("[aria-current=true]")?.textContent === %q`, n))
	}
	at("1")
	p.press("ArrowRight")
	at("2")
	p.press("ArrowLeft")
	at("1")
	zoom := evaluate[string](p.t, p.ctx, `document.querySelector("[data-mj-zoom]").textContent`)
	p.press("+")
	p.until(fmt.Sprintf(`parseInt(document.querySelector("[data-mj-zoom]").textContent) > parseInt(%q)`, zoom))
	p.press("-")
	p.press("-")
	p.until(fmt.Sprintf(`parseInt(document.querySelector("[data-mj-zoom]").textContent) < parseInt(%q)`, zoom))
	p.press("g")
	p.do(chromedp.KeyEvent("3\r"))
	at("3")
	p.until(`document.querySelectorAll(".mj-page")[2].querySelector("img")`)

	if page := evaluate[string](p.t, p.ctx, `document.documentElement.outerHTML`); strings.Contains(page, "SETTLEMENT") || strings.Contains(page, "4711") {
		p.t.Error("the page holds the document's text")
	}
	if got := evaluate[string](p.t, p.ctx, `[...document.images].map(i => i.src).filter(x => !x.startsWith("blob:")).join()`); got != "" {
		p.t.Errorf("images from %s", got)
	}
	mu.Lock()
	fetched := slices.Clone(images)
	mu.Unlock()
	if len(fetched) < 3 {
		p.t.Fatalf("the browser fetched %q", fetched)
	}
	for _, address := range fetched {
		p.marked(address, other)
	}
}

// marked fails where an image is the same for two people: what is marked says who looks.
func (p tab) marked(address string, other tab) {
	p.t.Helper()
	mine, others := p.fetch(address), other.fetch(address)
	for _, shown := range [][]byte{mine, others} {
		if _, _, err := image.Decode(bytes.NewReader(shown)); err != nil {
			p.t.Errorf("%s: %v", address, err)
		}
	}
	if bytes.Equal(mine, others) {
		p.t.Errorf("%s shows the same to two people", address)
	}
}

// fetch is what an address shows in this browser.
func (p tab) fetch(address string) []byte {
	p.t.Helper()
	raw, err := base64.StdEncoding.DecodeString(evaluate[string](p.t, p.ctx, fmt.Sprintf(`fetch(%q).then(r => r.blob()).then(b => new Promise(done => {
		const reader = new FileReader(); reader.onload = () => done(reader.result.split(",")[1]); reader.readAsDataURL(b) }))`, address)))
	must(p.t, err)
	return raw
}

// leavesNothing logs out, and goes back through everything that was seen.
func (p tab) leavesNothing() {
	p.t.Helper()
	p.open("/materials")
	p.reads("代理意见第一稿")
	p.leave()
	for range 4 {
		p.do(chromedp.Evaluate[chromedp.Void](`history.back(), undefined`))
		p.until(`location.pathname === "/login" && document.readyState === "complete" && document.querySelector("[name=password]")`)
		if p.says("代理意见") || p.says("沧浪") || p.says("股权转让") || evaluate[int64](p.t, p.ctx, `document.querySelectorAll("main img").length`) > 0 {
			p.t.Errorf("after leaving, Back shows %s", evaluate[string](p.t, p.ctx, `document.body.innerText.slice(0, 400)`))
		}
	}
}
