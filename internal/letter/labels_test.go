package letter

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// TestLabels: every number can be read on its sheet, sheets hold twenty-four, and the same labels are the same bytes.
func TestLabels(t *testing.T) {
	made := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var labels []Label
	for n := range 25 {
		labels = append(labels, Label{Number: fmt.Sprintf("2026-0001-%04d-01-6", n), Mark: "客户资料·机密级", Lines: []string{"2026-民-0001", "纸质原件 12 页", "第 1 份", "not set"}})
	}
	pdf, err := Labels("江澜衡砚律师事务所", made, Sheets, labels)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Labels("江澜衡砚律师事务所", made, Sheets, labels); err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("the same labels differ: %v", err)
	}
	read := exec.Command("pdftotext", "-", "-")
	read.Stdin = bytes.NewReader(pdf)
	text, err := read.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range labels {
		if !strings.Contains(string(text), l.Number) {
			t.Errorf("%s is not on the sheets", l.Number)
		}
	}
	if pages := strings.Count(string(text), "\f"); pages != 2 || strings.Contains(string(text), "not set") || !strings.Contains(string(text), "客户资料·机密级") {
		t.Errorf("%d pages: %.200s", pages, text)
	}
	for _, wrong := range [][]Label{nil, make([]Label, maxLabels+1), {{Number: "编号"}}} {
		if _, err := Labels("", made, Sheets, wrong); err == nil {
			t.Errorf("%d labels are set", len(wrong))
		}
	}
}

// TestManyLabels: a thousand are a matter of seconds.
func TestManyLabels(t *testing.T) {
	labels := make([]Label, 1000)
	for n := range labels {
		labels[n] = Label{Number: fmt.Sprintf("2026-0001-%04d-01-6", n), Mark: "客户资料·秘密级", Lines: []string{"2026-民-0001"}}
	}
	start := time.Now()
	pdf, err := Labels("", time.Unix(0, 0), Roll60, labels)
	if err != nil || len(pdf) > 20<<20 {
		t.Fatalf("%d bytes, %v", len(pdf), err)
	}
	t.Logf("1,000 labels in %s, %d KiB", time.Since(start).Round(time.Millisecond), len(pdf)>>10)
}

// TestCodesAreRead: a reader of another hand reads from the printed sheet what the label says, both from the square and from the bars.
func TestCodesAreRead(t *testing.T) {
	const number = "2026-0147-0032-03-5"
	pdf, err := Labels("", time.Unix(0, 0), Sheets, []Label{{Number: number, Mark: "客户资料·绝密级"}})
	if err != nil {
		t.Fatal(err)
	}
	sheet := drawnPage(t, pdf, "300")
	for name, read := range map[string]struct {
		by  gozxing.Reader
		top float64 // of the part of the label, in millimetres
		end float64
	}{"square": {qrcode.NewQRCodeReader(), 0, labelPad + codeSide + 0.5}, "bars": {oned.NewCode128Reader(), labelPad + codeSide + 0.5, labelTall - 5}} {
		mm := func(x float64) int { return int(x * 300 / 25.4) }
		code := bitmap(t, sheet, image.Rect(mm(labelLeft), mm(labelTop+read.top), mm(labelLeft+labelWide), mm(labelTop+read.end)))
		if got, err := read.by.Decode(code, hard); err != nil || got.GetText() != number {
			t.Errorf("the %s: %v %v", name, got, err)
		}
	}
}

// TestRolls: a label for a label printer is a page of exactly its size, nothing lies beside it, and both codes are read from it as such a
// printer draws it: black dots only, 203 to the inch.
func TestRolls(t *testing.T) {
	const number = "2026-0147-0032-03-5"
	long := Label{Number: number, Bars: strings.ReplaceAll(number, "-", ""), Mark: "客户资料·绝密级", Lines: []string{"2026-民-0147", "纸质复印件 100000 页", "第 200 份"}}
	for on, size := range map[Stock]string{Roll60: "170.08 x 113.39 pts", Roll50: "141.73 x 85.04 pts"} {
		pdf, err := Labels("", time.Unix(0, 0), on, []Label{long, long, long})
		if err != nil {
			t.Fatal(err)
		}
		info := exec.Command("pdfinfo", "-f", "1", "-l", "3", "-")
		info.Stdin = bytes.NewReader(pdf)
		if said, err := info.Output(); err != nil || strings.Count(string(said), size) != 3 || !regexp.MustCompile(`Pages: +3\n`).Match(said) {
			t.Errorf("%s: %v\n%s", on, err, said)
		}
		words := exec.Command("pdftotext", "-bbox", "-l", "1", "-", "-")
		words.Stdin = bytes.NewReader(pdf)
		boxes, err := words.Output()
		if err != nil || !strings.Contains(string(boxes), "客户资料·绝密级") || !strings.Contains(string(boxes), ">"+number+"<") || !strings.Contains(string(boxes), "200") {
			t.Errorf("%s: %v\n%s", on, err, boxes)
		}
		for _, m := range regexp.MustCompile(`xMin="([-.\d]+)" yMin="([-.\d]+)" xMax="([-.\d]+)" yMax="([-.\d]+)"`).FindAllSubmatch(boxes, -1) {
			r := rolls[on]
			for i, most := range []float64{r.wide, r.tall, r.wide, r.tall} {
				if at, err := strconv.ParseFloat(string(m[i+1]), 64); err != nil || at < 0 || at > most/pointMM {
					t.Errorf("%s: a word lies beside the label: %s", on, m[0])
				}
			}
		}
		label := drawnPage(t, pdf, "203", "-mono")
		r := rolls[on]
		mm := func(x float64) int { return int(x * 203 / 25.4) }
		square := image.Rect(0, 0, mm(r.left+21*r.dot+1.9), mm(r.barTop-0.5))
		bars := image.Rect(0, mm(r.barTop), label.Bounds().Dx(), mm(r.barTop+r.barTall))
		if got, err := qrcode.NewQRCodeReader().Decode(bitmap(t, label, square), hard); err != nil || got.GetText() != number {
			t.Errorf("%s: the square: %v %v", on, got, err)
		}
		if got, err := oned.NewCode128Reader().Decode(bitmap(t, label, bars), hard); err != nil || got.GetText() != strings.ReplaceAll(number, "-", "") {
			t.Errorf("%s: the bars: %v %v", on, got, err)
		}
	}
	if _, err := Labels("", time.Unix(0, 0), "70x50", []Label{long}); err == nil {
		t.Error("an unknown stock is printed on")
	}
}

var hard = map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true}

func bitmap(t *testing.T, page image.Image, part image.Rectangle) *gozxing.BinaryBitmap {
	t.Helper()
	code, err := gozxing.NewBinaryBitmapFromImage(page.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(part))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// drawnPage is a PDF's first page at so many dots to the inch.
func drawnPage(t *testing.T, pdf []byte, dpi string, more ...string) image.Image {
	t.Helper()
	at := filepath.Join(t.TempDir(), "page")
	draw := exec.Command("pdftoppm", append(more, "-r", dpi, "-png", "-singlefile", "-", at)...)
	draw.Stdin = bytes.NewReader(pdf)
	if said, err := draw.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	f, err := os.Open(at + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
