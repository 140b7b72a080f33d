package ui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"context"
)

// sheets are the full pages asked for so far, without thumbnails, in order and once each.
func (o *office) sheets() []string {
	var seen []string
	for _, p := range o.asked() {
		if n, w, _ := strings.Cut(p, "@"); w != "160" && !slices.Contains(seen, n) {
			seen = append(seen, n)
		}
	}
	return seen
}

const shown = `[...document.querySelectorAll(".mj-page")].map((p, i) => p.querySelector("img") ? i + 1 : 0).filter(Boolean)`

// TestViewer looks at a document as a person would: each image that is fetched is on record as seen, so only what is in sight
// and its neighbours may be fetched.
func TestViewer(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	open(t, ctx, o.URL+"/viewer", 1280)
	until(t, ctx, shown+`.includes(1) && `+shown+`.includes(2)`)
	time.Sleep(400 * time.Millisecond)
	if got := o.sheets(); !slices.Equal(got, []string{"1", "2"}) && !slices.Equal(got, []string{"2", "1"}) {
		t.Errorf("opening the document fetched the pages %v", got)
	}

	do(t, ctx, chromedp.KeyEvent(kb.End))
	until(t, ctx, `document.getElementById("mj-page").value === "12" && `+shown+`.includes(12)`)
	if got := o.sheets(); slices.Contains(got, "6") || slices.Contains(got, "8") {
		t.Errorf("jumping to the end fetched pages that passed by: %v", got)
	}
	if kept := eval[[]int](t, ctx, shown); slices.Contains(kept, 1) {
		t.Errorf("page 1 is still held: %v", kept)
	}

	press(t, ctx, "g")
	until(t, ctx, `document.activeElement.id === "mj-page"`)
	do(t, ctx, chromedp.KeyEvent("3"+kb.Enter))
	until(t, ctx, `document.querySelectorAll(".mj-page")[2].textContent.includes("这一页不在您的知悉范围")`)
	photograph(t, ctx, "viewer-refused")
	check(t, ctx)
	if n := eval[int](t, ctx, `document.querySelectorAll(".mj-page-note button").length`); n != 0 {
		t.Error("a refusal offers to try again")
	}

	do(t, ctx, chromedp.KeyEvent(kb.ArrowRight+kb.PageDown))
	until(t, ctx, `document.getElementById("mj-page").value === "5"`)
	do(t, ctx, chromedp.KeyEvent(kb.ArrowLeft+kb.PageUp+kb.Home))
	until(t, ctx, `document.getElementById("mj-page").value === "1" && location.pathname === "/viewer"`)
}

// TestViewerPassesBy scrolls through the document without resting: what passes by is neither fetched nor, so, on record as seen.
func TestViewerPassesBy(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	open(t, ctx, o.URL+"/viewer", 1280)
	until(t, ctx, shown+`.includes(2)`)
	eval[bool](t, ctx, `(async () => { const s = document.querySelector(".mj-sheets"), end = document.querySelectorAll(".mj-page")[10].offsetTop;
		while (s.scrollTop < end - 1) { s.scrollTop = Math.min(end, s.scrollTop + 600); await new Promise((ok) => setTimeout(ok, 16)); } return true })()`)
	until(t, ctx, shown+`.includes(11)`)
	if got := o.sheets(); slices.Contains(got, "5") || slices.Contains(got, "7") {
		t.Errorf("pages that passed by were fetched: %v", got)
	}
}

func TestViewerZoom(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	open(t, ctx, o.URL+"/viewer", 1280)
	until(t, ctx, shown+`.includes(1)`)
	before := eval[float64](t, ctx, `document.querySelector(".mj-page").offsetWidth`)
	for range 8 {
		do(t, ctx, chromedp.KeyEvent("-"))
	}
	if after := eval[float64](t, ctx, `document.querySelector(".mj-page").offsetWidth`); after >= before/2 {
		t.Errorf("zoomed out from %v to %v", before, after)
	}
	for range 9 {
		do(t, ctx, chromedp.KeyEvent("+"))
	}
	until(t, ctx, `document.querySelector(".mj-page img")?.naturalWidth === 2150`)
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-mj-tool=page]")))
	until(t, ctx, `document.querySelector(".mj-page").offsetHeight <= document.querySelector(".mj-sheets").clientHeight`)
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-mj-tool=turn]")))
	until(t, ctx, `document.querySelector(".mj-page").offsetWidth > document.querySelector(".mj-page").offsetHeight`)
	photograph(t, ctx, "viewer-turned")
	do(t, ctx, chromedp.KeyEvent("0"))
	if got := eval[string](t, ctx, `document.querySelector(".mj-page").innerText + document.title`); strings.TrimSpace(got) != "Gallery · 密卷" {
		t.Errorf("there is text in the page, or client data in the title: %q", got)
	}
	if got := fmt.Sprint(o.asked()); !strings.Contains(got, "1@2150") {
		t.Errorf("zooming in fetched %s", got)
	}
}

// TestViewerHides shows that printing gives a notice instead of pages and that a window that is not in front can be blurred.
func TestViewerHides(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	open(t, ctx, o.URL+"/viewer?blur=1", 1280)
	until(t, ctx, shown+`.includes(1)`)
	eval[bool](t, ctx, `document.hasFocus = () => false; dispatchEvent(new Event("blur"))`)
	until(t, ctx, `getComputedStyle(document.querySelector(".mj-page img")).filter.includes("blur")`)
	media(t, ctx, "print")
	until(t, ctx, `!document.querySelector(".mj-page").checkVisibility() && document.querySelector(".mj-printonly").checkVisibility()`)

	open(t, ctx, o.URL+"/register", 1280)
	until(t, ctx, `document.querySelector(".mj-print-head").checkVisibility() && !document.querySelector(".mj-tools").checkVisibility() && !document.querySelector(".mj-rail").checkVisibility()`)
	photograph(t, ctx, "print")
}

func media(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name})
		return err
	}))
}
