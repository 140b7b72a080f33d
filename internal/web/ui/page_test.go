package ui_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeysAndDialogs walks through what the shell's scripts do, with the keyboard.
func TestKeysAndDialogs(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)

	t.Run("slash searches", func(t *testing.T) {
		open(t, ctx, o.URL+"/register", 1280)
		press(t, ctx, "/")
		until(t, ctx, `document.activeElement.closest("main") && document.activeElement.name === "q"`)
		do(t, ctx, chromedp.KeyEvent("?/"))
		until(t, ctx, `document.activeElement.value === "?/" && !document.querySelector("dialog[open]")`)
	})
	t.Run("question mark shows the keys", func(t *testing.T) {
		open(t, ctx, o.URL+"/material", 1280)
		do(t, ctx, chromedp.KeyEvent("?"))
		until(t, ctx, `document.getElementById("mj-keys").open`)
		check(t, ctx)
		photograph(t, ctx, "keys")
		do(t, ctx, chromedp.KeyEvent(kb.Escape))
		until(t, ctx, `!document.getElementById("mj-keys").open`)
	})
	t.Run("a confirmation opens only for its word", func(t *testing.T) {
		open(t, ctx, o.URL+"/material", 1280)
		do(t, ctx, chromedp.Click(chromedp.CSS(`[data-mj-open=destroy]`)))
		until(t, ctx, `document.getElementById("destroy").open && document.activeElement.name === "confirm"`)
		check(t, ctx)
		photograph(t, ctx, "confirm")
		do(t, ctx, chromedp.KeyEvent("2026-0147-0032"))
		until(t, ctx, `document.querySelector("#destroy [type=submit]").disabled`)
		do(t, ctx, chromedp.KeyEvent("-4"))
		until(t, ctx, `!document.querySelector("#destroy [type=submit]").disabled`)
	})
	t.Run("narrow screens have a menu", func(t *testing.T) {
		open(t, ctx, o.URL+"/desk?theme=dark", 360)
		if eval[bool](t, ctx, `document.getElementById("mj-rail").checkVisibility()`) {
			t.Error("the rail stands open")
		}
		do(t, ctx, chromedp.Click(chromedp.CSS(".mj-menu")))
		until(t, ctx, `document.getElementById("mj-rail").checkVisibility()`)
		check(t, ctx)
		photograph(t, ctx, "menu")
		do(t, ctx, chromedp.KeyEvent(kb.Escape))
		until(t, ctx, `!document.getElementById("mj-rail").checkVisibility()`)
		do(t, ctx, chromedp.Click(chromedp.CSS(".mj-who")))
		until(t, ctx, `document.getElementById("mj-me").checkVisibility()`)
		check(t, ctx)
		photograph(t, ctx, "me")
	})
	t.Run("everything is reached by tab", func(t *testing.T) {
		open(t, ctx, o.URL+"/material", 1280)
		var stops []string
		for range 12 {
			do(t, ctx, chromedp.KeyEvent(kb.Tab))
			stops = append(stops, eval[string](t, ctx, `document.activeElement.textContent.trim().slice(0, 8) || document.activeElement.ariaLabel || document.activeElement.name`))
		}
		if stops[0] != "跳到正文" || !slices.Contains(stops, "案件") || !slices.ContainsFunc(stops, func(s string) bool { return strings.HasPrefix(s, "周慎行") }) {
			t.Errorf("tab stops: %q", stops)
		}
	})
	t.Run("the wrong field has the focus, the last reason is remembered", func(t *testing.T) {
		open(t, ctx, o.URL+"/form", 1280)
		until(t, ctx, `document.activeElement.name === "no"`)
		eval[bool](t, ctx, `(() => { const s = document.querySelector("[name=why]"); s.value = "valuation"; s.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
		if kept := eval[string](t, ctx, `JSON.stringify(localStorage)`); kept != `{"mj-reason:level":"valuation"}` {
			t.Errorf("remembered: %s", kept)
		}
	})
	t.Run("a form is sent once", func(t *testing.T) {
		open(t, ctx, o.URL+"/bare", 1280)
		sent := eval[int](t, ctx, `(() => { let n = 0; const f = document.querySelector("form.mj-form");
			addEventListener("submit", (e) => { if (!e.defaultPrevented) n++; e.preventDefault(); }); f.requestSubmit(); f.requestSubmit(); return n })()`)
		if sent != 1 {
			t.Errorf("sent %d times", sent)
		}
	})
	t.Run("numbers are copied", func(t *testing.T) {
		open(t, ctx, o.URL+"/material", 1280)
		eval[bool](t, ctx, `(() => { navigator.clipboard.writeText = (s) => { document.body.dataset.clip = s; return Promise.resolve() }; return true })()`)
		do(t, ctx, chromedp.Click(chromedp.CSS(".mj-head [data-mj-copy]")))
		until(t, ctx, `document.body.dataset.clip === "2026-0147-0032-4" && document.getElementById("mj-say").textContent === "已复制"`)
	})
}

// TestRegisterInUse searches, filters and turns pages: the address holds the state, a posted search does not stand in it.
func TestRegisterInUse(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	const address = `location.pathname + location.search`
	open(t, ctx, o.URL+"/register", 1280)
	do(t, ctx, chromedp.SetValue(chromedp.CSS("main [name=act]"), "b"))
	until(t, ctx, address+` === "/register?act=b"`)
	do(t, ctx, chromedp.Click(chromedp.CSS(".mj-chips a:last-child")))
	until(t, ctx, address+` === "/register?act=b&outcome=refused"`)
	do(t, ctx, chromedp.Click(chromedp.CSS(".mj-pager a")))
	until(t, ctx, address+` === "/register?act=b&outcome=refused&page=2"`)

	open(t, ctx, o.URL+"/register?posted=1", 1280)
	press(t, ctx, "/")
	do(t, ctx, chromedp.KeyEvent("华东置业"+kb.Enter))
	until(t, ctx, address+` === "/register?posted=1" && document.querySelector("main [name=q]").value === "华东置业"`)
	do(t, ctx, chromedp.Click(chromedp.CSS("thead button")))
	until(t, ctx, address+` === "/register?posted=1&sort=-seq" && document.querySelector("main [name=q]").value === "华东置业"`)
	check(t, ctx)
}

// TestWholePagesForParts shows what becomes of whole pages that answer a request for a part.
func TestWholePagesForParts(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	ask := func(address string) {
		open(t, ctx, o.URL+"/desk", 1280)
		eval[bool](t, ctx, `(() => { htmx.ajax("GET", "`+address+`", {target: "#mj-flash"}); return true })()`)
	}
	ask("/refused")
	until(t, ctx, `location.pathname === "/desk" && document.querySelector("h1").textContent === "您还没有签署保密承诺书" && !document.querySelector(".mj-rail")`)
	ask("/ended")
	until(t, ctx, `location.pathname === "/bare"`)
}
