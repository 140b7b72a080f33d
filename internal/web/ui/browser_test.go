package ui_test

import (
	"bytes"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"mijuan/internal/server"
	"mijuan/internal/web/assets"
	"mijuan/internal/web/ui"
)

//go:embed testdata/axe.min.js
var axe string

var shots = flag.String("shots", "", "write pictures of the gallery into this directory")

// office serves the gallery with the headers of the real server.
type office struct {
	*httptest.Server
	mu    sync.Mutex
	pages []string // pages asked for, as "3@1075"
	tus   *receiver
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{tus: &receiver{files: map[string]*arriving{}}}
	mux := http.NewServeMux()
	mux.Handle("/assets/", assets.Handler())
	for path, page := range gallery {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if err := ui.Send(r.Context(), w, http.StatusOK, page(r)); err != nil {
				t.Error(err)
			}
		})
	}
	mux.HandleFunc("GET /m/page/{n}", o.page)
	mux.HandleFunc("GET /refused", func(w http.ResponseWriter, r *http.Request) {
		if err := ui.Send(r.Context(), w, http.StatusForbidden, bare(r)); err != nil {
			t.Error(err)
		}
	})
	mux.Handle("GET /ended", http.RedirectHandler("/bare", http.StatusSeeOther))
	mux.Handle("/uploads", o.tus)
	mux.Handle("/uploads/{id}", o.tus)
	o.Server = httptest.NewServer(server.Harden(mux))
	t.Cleanup(o.Close)
	return o
}

// page draws a page image; page 3 is refused.
func (o *office) page(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.PathValue("n"))
	width, _ := strconv.Atoi(r.URL.Query().Get("w"))
	o.mu.Lock()
	o.pages = append(o.pages, fmt.Sprintf("%d@%d", n, width))
	o.mu.Unlock()
	if n == 3 {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"status":403,"detail":"这一页不在您的知悉范围","clause":"3.1"}`)
		return
	}
	sheet := image.NewGray(image.Rect(0, 0, width, width*297/210))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for y := width / 8; y < sheet.Rect.Dy()-width/8; y += width / 24 {
		for x := width / 10; x < width*9/10-(y*n)%(width/3); x++ {
			for d := range max(1, width/120) {
				sheet.SetGray(x, y+d, color.Gray{Y: 90})
			}
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, sheet)
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(b.Bytes())
}

func (o *office) asked() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.pages...)
}

// browser starts one Chromium for a test. The machine needs Debian's chromium; scripts/tools installs it.
func browser(t *testing.T) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(stop)
	ctx, end := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(end)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(shut)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	complain(t, ctx)
	return ctx
}

// complain fails the test for every script error, and everything that the content security policy had to stop.
func complain(t *testing.T, ctx context.Context) {
	t.Helper()
	err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("script error: %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception)
		case *cdplog.EventEntryAdded:
			if e := ev.Entry; e.Level == cdplog.EntryLevelError && e.Source != cdplog.EntrySourceNetwork {
				t.Errorf("the browser complains: %s %s", e.Text, e.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval is the value of a JavaScript expression; promises are waited for.
func eval[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.200s: %v", expression, err)
	}
	return v
}

// until waits for a JavaScript condition, also across pages: while one goes and the next comes, the condition may fail.
func until(t *testing.T, ctx context.Context, condition string) {
	t.Helper()
	var err error
	for range 400 {
		var holds bool
		if holds, err = chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")")); holds && err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("never came: %s (%v)", condition, err)
}

func open(t *testing.T, ctx context.Context, address string, width int) {
	t.Helper()
	do(t, ctx, screen(width), chromedp.Navigate(address))
	until(t, ctx, `document.readyState === "complete"`)
}

func screen(width int) chromedp.Action[chromedp.Void] {
	height := int64(800)
	if width < 500 {
		height = 740
	}
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: height, DeviceScaleFactor: 1, Mobile: width < 500})
		return err
	})
}

// press strikes a key without typing it, as a browser does when a script has answered the key.
func press(t *testing.T, ctx context.Context, key string) {
	t.Helper()
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key}); err != nil {
				return err
			}
		}
		return nil
	}))
}

const audit = `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"], resultTypes: ["violations"]})
	.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 200) + " — " + n.failureSummary.replace(/\s+/g, " "))))`

// TestAccessible holds every component against WCAG 2.2 AA: both themes, wide and narrow, both languages.
func TestAccessible(t *testing.T) {
	o := newOffice(t)
	ctx := browser(t)
	for _, c := range []struct {
		theme, lang string
		width       int
	}{{"light", "zh", 1280}, {"dark", "en", 1280}, {"light", "en", 360}, {"dark", "zh", 360}} {
		for _, path := range slices.Sorted(maps.Keys(gallery)) {
			name := fmt.Sprintf("%s-%s-%s-%d", path[1:], c.theme, c.lang, c.width)
			t.Run(name, func(t *testing.T) {
				open(t, ctx, fmt.Sprintf("%s%s?theme=%s&lang=%s", o.URL, path, c.theme, c.lang), c.width)
				check(t, ctx)
				fits(t, ctx, c.width)
				photograph(t, ctx, name)
			})
		}
	}
}

// check reports what axe finds on the page.
func check(t *testing.T, ctx context.Context) {
	t.Helper()
	do(t, ctx, chromedp.Evaluate[chromedp.Void](axe+";0"))
	for _, wrong := range eval[[]string](t, ctx, audit) {
		t.Error(wrong)
	}
}

// fits names what makes the page wider than its screen. A scroller may hold more than it shows.
func fits(t *testing.T, ctx context.Context, width int) {
	t.Helper()
	if wide := eval[int](t, ctx, `document.documentElement.scrollWidth`); wide <= width {
		return
	}
	for _, e := range eval[[]string](t, ctx, fmt.Sprintf(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d && !e.closest(".mj-scroll"))
		.map(e => e.outerHTML.slice(0, 120) + " ends at " + e.getBoundingClientRect().right)`, width)) {
		t.Errorf("wider than %d px: %s", width, e)
	}
	t.Errorf("the page is wider than %d px", width)
}

// photograph writes a picture of the page when somebody wants to look (-shots).
func photograph(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if *shots == "" {
		return
	}
	time.Sleep(300 * time.Millisecond)
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
