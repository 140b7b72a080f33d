package letter

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
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
	pdf, err := Labels("江澜衡砚律师事务所", made, labels)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Labels("江澜衡砚律师事务所", made, labels); err != nil || !bytes.Equal(pdf, again) {
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
		if _, err := Labels("", made, wrong); err == nil {
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
	pdf, err := Labels("", time.Unix(0, 0), labels)
	if err != nil || len(pdf) > 20<<20 {
		t.Fatalf("%d bytes, %v", len(pdf), err)
	}
	t.Logf("1,000 labels in %s, %d KiB", time.Since(start).Round(time.Millisecond), len(pdf)>>10)
}

// TestCodesAreRead: a reader of another hand reads from the printed sheet what the label says, both from the square and from the bars.
func TestCodesAreRead(t *testing.T) {
	const number = "2026-0147-0032-03-5"
	pdf, err := Labels("", time.Unix(0, 0), []Label{{Number: number, Mark: "客户资料·绝密级"}})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "label")
	print := exec.Command("pdftoppm", "-r", "300", "-png", "-singlefile", "-", at)
	print.Stdin = bytes.NewReader(pdf)
	if said, err := print.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	f, err := os.Open(at + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]struct {
		by  gozxing.Reader
		top float64 // of the part of the label, in millimetres
		end float64
	}{"square": {qrcode.NewQRCodeReader(), 0, labelPad + codeSide + 0.5}, "bars": {oned.NewCode128Reader(), labelPad + codeSide + 0.5, labelTall - 5}} {
		mm := func(x float64) int { return int(x * 300 / 25.4) }
		part := sheet.(interface {
			SubImage(image.Rectangle) image.Image
		}).SubImage(image.Rect(mm(labelLeft), mm(labelTop+read.top), mm(labelLeft+labelWide), mm(labelTop+read.end)))
		code, err := gozxing.NewBinaryBitmapFromImage(part)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read.by.Decode(code, map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true}); err != nil || got.GetText() != number {
			t.Errorf("the %s: %v %v", name, got, err)
		}
	}
}
