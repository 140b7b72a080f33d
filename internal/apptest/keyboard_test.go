package apptest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	devtools "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mijuan/internal/cli"
)

// keys strikes keys, wherever the focus is.
func (p tab) keys(keys string) { p.t.Helper(); p.do(chromedp.KeyEvent(keys)) }

// focused says "here" when the focus is on an element e for which the condition holds, "" when it is elsewhere, and else what is wrong
// with where it is: whoever goes by keyboard must see where they are, and hear what it is.
const focused = `(() => { const e = document.activeElement; if (!e || e === document.body) return "";
	const box = e.getBoundingClientRect(), style = getComputedStyle(e), what = e.outerHTML.slice(0, 120);
	const name = e.getAttribute("aria-label") || [...(e.labels || [])].map(l => l.innerText).join("") || e.innerText || e.alt || e.title || e.getAttribute("aria-labelledby");
	if (!name || !name.trim()) return "has no name: " + what;
	if (!e.checkVisibility() || box.width === 0) return "is not to be seen: " + what;
	if (box.left < -1 || box.right > innerWidth + 1) return "stands outside the screen: " + what;
	if (style.outlineStyle === "none" && style.boxShadow === "none") return "does not show that it has the focus: " + what;
	return (%s) ? "here" : ""; })()`

// tabTo goes by the Tab key to the first element e for which the condition holds.
func (p tab) tabTo(condition string) {
	p.t.Helper()
	for range 200 {
		p.keys(kb.Tab)
		switch at := evaluate[string](p.t, p.ctx, fmt.Sprintf(focused, condition)); at {
		case "here":
			return
		case "":
		default:
			p.t.Errorf("at %s the focus %s", evaluate[string](p.t, p.ctx, `location.pathname`), at)
		}
	}
	p.t.Fatalf("Tab never comes to %s at %s", condition, evaluate[string](p.t, p.ctx, `location.pathname + " " + document.body.innerText.slice(0, 800)`))
}

// typed goes to fields by name, in the order of the page, and types into them.
func (p tab) typed(pairs ...string) {
	p.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		p.tabTo(fmt.Sprintf(`e.name === %q`, pairs[i]))
		p.keys(pairs[i+1])
	}
}

// struck goes to a button or link with the words and presses it by Enter.
func (p tab) struck(words string) {
	p.t.Helper()
	p.tabTo(fmt.Sprintf(`["A", "BUTTON"].includes(e.tagName) && (e.innerText.trim() === %q || e.getAttribute("aria-label") === %q)`, words, words))
	p.keys(kb.Enter)
}

// turned presses a button or link with the words and waits for the next page.
func (p tab) turned(words string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`(window.mjBefore = true, undefined)`))
	p.struck(words)
	p.until(`!window.mjBefore && document.readyState === "complete"`)
}

// arrowed goes to a list by name and down it to the option with the text.
func (p tab) arrowed(name, text string) {
	p.t.Helper()
	p.tabTo(fmt.Sprintf(`e.name === %q`, name))
	for range 60 {
		if evaluate[bool](p.t, p.ctx, fmt.Sprintf(`document.activeElement.selectedOptions[0].text.includes(%q)`, text)) {
			return
		}
		p.keys(kb.ArrowDown)
	}
	p.t.Fatalf("the list %s has no %q", name, text)
}

// entered logs somebody in by keyboard, on a narrow screen.
func (p tab) entered(login string) {
	p.t.Helper()
	p.do(screen(360))
	p.open("/login")
	p.typed("login", login, "password", password+kb.Enter)
	p.until(`location.pathname !== "/login" && document.readyState === "complete"`)
}

// takes presses Enter where the focus is and gives the file that comes.
func (p tab) takes(words string) string {
	p.t.Helper()
	dir := p.t.TempDir()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, devtools.SetDownloadBehavior, devtools.SetDownloadBehaviorParams{Behavior: devtools.SetDownloadBehaviorBehaviorAllow,
			BrowserContextID: chromedp.FromContext(ctx).BrowserContextID, DownloadPath: dir})
		return err
	}))
	p.struck(words)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*.pdf")); len(files) == 1 { // what is on its way ends otherwise
			return files[0]
		}
	}
	p.t.Fatalf("%q brings no file", words)
	return ""
}

// paper looks at a signed PDF as people outside do: two verifiers, its words, its first page, and whether both verifiers tell of one
// changed byte.
func (p tab) paper(file string, words ...string) {
	p.t.Helper()
	if said, valid := verified(file); !valid {
		p.t.Errorf("verify: %s", said)
	}
	if said, valid := pdfsig(file); !valid {
		p.t.Errorf("pdfsig: %s", said)
	}
	text, err := exec.Command("pdftotext", "-raw", file, "-").Output()
	must(p.t, err)
	for _, w := range words {
		if !strings.Contains(bare(string(text)), w) {
			p.t.Errorf("%s does not say %q: %.600s", filepath.Base(file), w, text)
		}
	}
	p.inked(file)
	raw, err := os.ReadFile(file)
	must(p.t, err)
	raw[len(raw)/3] ^= 1
	bad := filepath.Join(p.t.TempDir(), "bad.pdf")
	must(p.t, os.WriteFile(bad, raw, 0o600))
	if said, valid := verified(bad); valid {
		p.t.Errorf("verify finds a changed file whole: %s", said)
	}
	if said, valid := pdfsig(bad); valid {
		p.t.Errorf("pdfsig finds a changed file whole: %s", said)
	}
}

func verified(file string) (said string, valid bool) {
	var out bytes.Buffer
	code := cli.Main([]string{"verify", file}, strings.NewReader(""), &out, io.Discard)
	return out.String(), code == 0
}

func pdfsig(file string) (said string, valid bool) {
	out, _ := exec.Command("pdfsig", "-nocert", file).CombinedOutput() // ends with 1 for what it cannot read
	return string(out), strings.Contains(string(out), "Signature is Valid.") && strings.Contains(string(out), "- Total document signed")
}

// inked fails where the first page is blank, or black.
func (p tab) inked(file string) {
	p.t.Helper()
	page, err := exec.Command("pdftoppm", "-png", "-r", "50", "-f", "1", "-singlefile", file).Output()
	must(p.t, err)
	if shots := os.Getenv("MIJUAN_SHOTS"); shots != "" {
		must(p.t, os.WriteFile(filepath.Join(shots, filepath.Base(file)+".png"), page, 0o600))
	}
	img, _, err := image.Decode(bytes.NewReader(page))
	must(p.t, err)
	dark, box := 0, img.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				dark++
			}
		}
	}
	if share := float64(dark) / float64(box.Dx()*box.Dy()); share < 0.005 || share > 0.3 {
		p.t.Errorf("%.2f %% of the first page of %s is ink", 100*share, filepath.Base(file))
	}
}
