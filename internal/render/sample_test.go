package render

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"mijuan/internal/font"
)

// contract writes a PDF of so many pages of Chinese text with an embedded font and, on each second page, a red seal.
func contract(t testing.TB, pages int) []byte {
	t.Helper()
	p := fpdf.New("P", "mm", "A4", "")
	p.AddUTF8FontFromBytes("noto", "", font.NotoSansSC)
	for n := 1; n <= pages; n++ {
		p.AddPage()
		p.SetFont("noto", "", 18)
		p.SetXY(25, 22)
		p.CellFormat(160, 10, fmt.Sprintf("买卖合同（第 %d 页）", n), "", 0, "C", false, 0, "")
		p.SetFont("noto", "", 12)
		for i := range 32 {
			p.SetXY(25, 40+float64(i)*7)
			p.Cell(0, 7, fmt.Sprintf("第%d条　甲方应当在签订之日起%d日内向乙方支付货款，逾期按日承担违约金%d元。", i+1, n+3, i*n*37))
		}
		if n%2 == 0 {
			p.SetDrawColor(200, 20, 30)
			p.SetLineWidth(1.1)
			p.Circle(150, 235, 20, "D")
		}
	}
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pdfFile writes a PDF by hand: the objects are numbered from 1 on, the first is the root. trailer is added to the trailer.
func pdfFile(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}

func stream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

// onePage is a PDF of one A4 page with the contents and resources; more objects are numbered from 5 on.
func onePage(contents, resources string, more ...string) []byte {
	return pdfFile("", append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<" + resources + ">>>>", stream("", contents)}, more...)...)
}

// manyPages is a PDF with a flat tree of so many pages that share their contents.
func manyPages(n int) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", stream("", "BT /F1 24 Tf 60 700 Td (one of many) Tj ET"), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}
	var kids strings.Builder
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", i+5)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</Font<</F1 4 0 R>>>>>>")
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), n)
	return pdfFile("", objects...)
}

func deflated(t testing.TB, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// photo draws a coloured picture with a light upper left corner.
func photo(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{byte(255 - 200*x/w), byte(255 - 180*y/h), byte(255 - 120*(x+y)/(w+h)), 255})
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
