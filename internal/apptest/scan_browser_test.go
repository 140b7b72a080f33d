package apptest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	permit "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"mijuan/internal/access"
	"mijuan/internal/guard"
)

// TestScanByCamera: a phone held over a label opens its carrier with the likely act; the custodian's stock-taking counts by the same camera
// without leaving the page. Where there is no camera, or it may not be used, the page says what to do.
func TestScanByCamera(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	matter := o.openMatter("股权转让纠纷", "沧浪环保有限公司")
	ids := o.carriers(t, matter) // the second is offered to lead
	var number string
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["keeper"]), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		numbers, err := o.h.Carriers.Numbers(g.Tx(), ids)
		number = numbers[ids[1]]
		return err
	}))
	_, label := o.loggedIn("handling").get("/carriers/" + ids[1] + "/label?stock=60x40")
	film := filmed(t, []byte(label))
	counting, _ := o.stock(t, ids[0])
	pages := func(more ...chromedp.ExecAllocatorOption) tab {
		ctx := chromium(t, more...)
		must(t, chromedp.Do(ctx, screen(360)))
		return tab{t, ctx, &street{t: t, h: o.h, url: o.server.URL, axe: axe(t)}}
	}
	allowed := chromedp.Flag("use-fake-ui-for-media-stream", true)

	p := pages(allowed, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", film))
	o.enter(t, p.ctx, "lead", "light", "zh")
	p.open("/scan")
	p.until(`document.activeElement.name === "number"`)
	p.button("用摄像头扫描")
	p.until(`location.pathname === "/carriers/` + ids[1] + `"`)
	p.reads("已收到，接收")
	p.open("/scan") // this browser has used the camera and may: nobody presses again
	p.until(`location.pathname === "/carriers/` + ids[1] + `"`)

	o.enter(t, p.ctx, "keeper", "dark", "zh")
	p.open("/stock/" + counting)
	p.until(`document.querySelector("#mj-verdict").innerText.includes("` + number + `：相符")`)
	p.until(`!document.querySelector("video").hidden && [...document.querySelectorAll("#mj-counted tr")].some(r => r.innerText.includes("` + number + `") && r.innerText.includes("相符"))`)
	p.do(chromedp.SendKeys(`input[name="number"]`, "6901234567892\r"))
	p.until(`document.querySelector("#mj-verdict").innerText.includes("不是本所的载体编号") && !document.querySelector("video").hidden`)
	p.sound(360)
	p.button("关闭摄像头")
	p.until(`document.querySelector("video").hidden && !document.querySelector("video").srcObject`)
	if shots := os.Getenv("MIJUAN_SHOTS"); shots != "" {
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(80))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(shots, "scan-stock.jpg"), picture, 0o600))
	}

	none := pages(allowed)
	o.enter(t, none.ctx, "lead", "light", "zh")
	none.open("/scan")
	none.button("用摄像头扫描")
	none.reads("这台设备没有可用的摄像头")
	none.do(chromedp.SendKeys(`input[name="number"]`, strings.ReplaceAll(number, "-", "")+"\r"))
	none.until(`location.pathname === "/carriers/` + ids[1] + `"`)

	denied := pages(chromedp.Flag("use-fake-device-for-media-stream", true))
	o.enter(t, denied.ctx, "lead", "light", "zh")
	must(t, chromedp.Do(denied.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, permit.SetPermission, permit.SetPermissionParams{Permission: &permit.PermissionDescriptor{Name: "camera"}, Setting: permit.PermissionSettingDenied})
		return err
	})))
	denied.open("/scan")
	denied.button("用摄像头扫描")
	denied.reads("没有得到使用摄像头的许可")
}

// filmed is a film (YUV4MPEG2) of a label that a hand holds before a camera: nearer and farther, by turns.
func filmed(t *testing.T, label []byte) string {
	t.Helper()
	const w, h = 640, 480
	var film bytes.Buffer
	fmt.Fprintf(&film, "YUV4MPEG2 W%d H%d F8:1 Ip A1:1 C420jpeg\n", w, h)
	for _, dpi := range []string{"150", "170", "200", "230"} {
		draws := exec.Command("pdftoppm", "-r", dpi, "-png", "-singlefile", "-")
		draws.Stdin = bytes.NewReader(label)
		raw, err := draws.Output()
		must(t, err)
		picture, err := png.Decode(bytes.NewReader(raw))
		must(t, err)
		frame := image.NewGray(image.Rect(0, 0, w, h))
		draw.Draw(frame, frame.Bounds(), image.NewUniform(color.Gray{Y: 150}), image.Point{}, draw.Src)
		b := picture.Bounds()
		at := image.Pt((w-b.Dx())/2, (h-b.Dy())/2)
		draw.Draw(frame, b.Sub(b.Min).Add(at), picture, b.Min, draw.Src)
		for range 8 {
			film.WriteString("FRAME\n")
			film.Write(frame.Pix)
			film.Write(bytes.Repeat([]byte{128}, w*h/2))
		}
	}
	path := filepath.Join(t.TempDir(), "label.y4m")
	must(t, os.WriteFile(path, film.Bytes(), 0o600))
	return path
}
