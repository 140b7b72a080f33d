package ui_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// sample writes a file of n bytes and returns its path.
func sample(t *testing.T, dir, name string, n int) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, bytes.Repeat([]byte("密卷 0123456789\n"), n/18+1)[:n], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func choose(t *testing.T, ctx context.Context, paths ...string) {
	t.Helper()
	do(t, ctx, chromedp.SetUploadFiles(chromedp.CSS(`[data-mj-files]`), paths))
}

const states = `[...document.querySelectorAll(".mj-file-row")].map(r => r.querySelector(".mj-file-name").textContent + "=" + r.querySelector(".mj-file-state").textContent).join(" ")`

// TestUpload sends files through a connection that breaks: they wait for the statement, arrive whole, a refusal says why, and
// the browser keeps no file name.
func TestUpload(t *testing.T) {
	o := newOffice(t)
	o.tus.breaks = 1
	ctx := browser(t)
	open(t, ctx, o.URL+"/upload", 1280)
	eval[bool](t, ctx, `(() => { window.told = []; addEventListener("mj-uploaded", (e) => told.push(e.detail.name)); addEventListener("mj-uploads-done", () => told.push("all")); return true })()`)
	dir := t.TempDir()
	choose(t, ctx, sample(t, dir, "contract.pdf", 300_000), sample(t, dir, "refused.pdf", 10), sample(t, dir, "letter.txt", 20))
	until(t, ctx, `document.querySelector("[data-mj-drop-error]").textContent === "请先勾选上面的声明，再上传"`)
	if got := o.tus.asked(); got != "" {
		t.Errorf("requests before the statement was ticked: %s", got)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS(`[name=not_state_secret]`)))
	until(t, ctx, states+` === "contract.pdf=已收到 refused.pdf=您不能向本案交资料 letter.txt=已收到"`)
	photograph(t, ctx, "upload-done")
	check(t, ctx)

	f := o.tus.named("contract.pdf")
	want, err := os.ReadFile(filepath.Join(dir, "contract.pdf"))
	if err != nil || f == nil || !bytes.Equal(f.body, want) {
		t.Error("the file did not arrive whole")
	}
	if !strings.Contains(f.meta, "not_state_secret "+base64.StdEncoding.EncodeToString([]byte("yes"))) {
		t.Errorf("metadata: %s", f.meta)
	}
	if told := eval[string](t, ctx, `told.sort().join()`); told != "all,contract.pdf,letter.txt" {
		t.Errorf("told: %s", told)
	}
	if kept := eval[string](t, ctx, `JSON.stringify(localStorage)`); kept != "{}" {
		t.Errorf("kept in the browser: %s", kept)
	}
}

// TestUploadGoesOnAfterClosing closes the page in the middle of a file; choosing it again sends the rest only.
func TestUploadGoesOnAfterClosing(t *testing.T) {
	o := newOffice(t)
	o.tus.breaks = 1000
	ctx := browser(t)
	open(t, ctx, o.URL+"/upload", 1280)
	path := sample(t, t.TempDir(), "client-name.pdf", 400_000)
	do(t, ctx, chromedp.Click(chromedp.CSS(`[name=not_state_secret]`)))
	choose(t, ctx, path)
	until(t, ctx, `localStorage.length > 0`)
	for range 100 {
		if f := o.tus.named("client-name.pdf"); f != nil && len(f.body) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS(`[data-mj-file=pause]`)))
	until(t, ctx, states+` === "client-name.pdf=已暂停"`)
	kept := eval[string](t, ctx, `JSON.stringify(localStorage)`)
	if strings.Contains(kept, "client-name") || strings.Contains(kept, base64.StdEncoding.EncodeToString([]byte("client-name.pdf"))) {
		t.Errorf("the browser keeps the name: %s", kept)
	}
	open(t, ctx, o.URL+"/upload?again", 1280) // from here on the first page asks nothing any more
	already := len(o.tus.named("client-name.pdf").body)
	o.tus.mu.Lock()
	o.tus.breaks, o.tus.requests = 0, nil
	o.tus.mu.Unlock()
	do(t, ctx, chromedp.Click(chromedp.CSS(`[name=not_state_secret]`)))
	choose(t, ctx, path)
	until(t, ctx, states+` === "client-name.pdf=已收到"`)
	if got := o.tus.asked(); got != "HEAD PATCH" {
		t.Errorf("requests of the second page: %s", got)
	}
	if f := o.tus.named("client-name.pdf"); already == 0 || int64(len(f.body)) != f.size {
		t.Errorf("%d bytes of %d arrived, %d of them before", len(f.body), f.size, already)
	}
}
