package render

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/encoding/simplifiedchinese"

	"mijuan/internal/filetype"
	"mijuan/internal/problem"
)

func texts(t *testing.T, p *Pool, d Doc) []string {
	t.Helper()
	var all []string
	err := p.Text(t.Context(), d, func(n int, s string) error {
		if n != len(all)+1 {
			t.Errorf("page %d comes after %d", n, len(all))
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPDF(t *testing.T) {
	p := realPool(t)
	d := docOf("contract", filetype.PDF, contract(t, 7))
	if i, err := p.Inspect(t.Context(), d); err != nil || i != (Info{Pages: 7, Type: filetype.PDF}) {
		t.Fatalf("%+v, %v", i, err)
	}
	all := texts(t, p, d)
	if len(all) != 7 || !strings.Contains(all[2], "买卖合同（第 3 页）") || !strings.Contains(all[6], "逾期按日承担违约金") {
		t.Errorf("%d texts, the third %.80q", len(all), all[2])
	}
	grey, sealed := decoded(t, p, d, 1, some()), decoded(t, p, d, 2, some())
	if grey.cb != nil || sealed.cb == nil {
		t.Errorf("page 1 has colour: %v; page 2, with a seal, has: %v", grey.cb != nil, sealed.cb != nil)
	}
	if n := ink(grey, 120, 80, 900, 800); n < 20_000 || n > 200_000 {
		t.Errorf("%d dark pixels where the text stands", n)
	}
	for _, c := range []struct{ spec, w, h int }{{160, 160, 226}, {1075, 1075, 1520}, {2150, 2150, 3041}} {
		img, err := p.Page(t.Context(), d, 1, Spec{Width: c.spec, Mark: some()})
		if err != nil || img.W != c.w || img.H < c.h-1 || img.H > c.h+1 {
			t.Errorf("width %d gives %d×%d, %v", c.spec, img.W, img.H, err)
		}
	}
	if img, err := p.Page(t.Context(), d, 1, Spec{DPI: 130, Mark: some()}); err != nil || img.W != 1075 {
		t.Errorf("130 dpi gives %d×%d, %v", img.W, img.H, err)
	}
	if img, err := p.Thumb(t.Context(), d, 1, some()); err != nil || img.W != ThumbWidth {
		t.Errorf("a thumbnail of %d×%d, %v", img.W, img.H, err)
	}
	for _, n := range []int{0, -1, 8, 1 << 30} {
		_, err := p.Page(t.Context(), d, n, Spec{Width: 300, Mark: some()})
		says(t, err, problem.Invalid, "全文共 7 页")
	}
}

// TestTextStops: f's error ends the reading and comes back.
func TestTextStops(t *testing.T) {
	p := realPool(t)
	n := 0
	err := p.Text(t.Context(), docOf("stops", filetype.PDF, contract(t, 5)), func(int, string) error {
		if n++; n == 2 {
			return errBucket
		}
		return nil
	})
	if err != errBucket || n != 2 {
		t.Errorf("after %d pages: %v", n, err)
	}
}

// TestFontsThatAreNotEmbedded: Chinese set in the usual fonts that a PDF only names is shown.
func TestFontsThatAreNotEmbedded(t *testing.T) {
	p := realPool(t)
	gb, err := simplifiedchinese.GBK.NewEncoder().String("中华人民共和国民事起诉状原告被告")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"STSong-Light", "SimSun", "SimHei", "FangSong_GB2312", "KaiTi"} {
		body := onePage("BT /F1 24 Tf 60 600 Td <"+hex.EncodeToString([]byte(gb))+"> Tj ET", "/Font<</F1 5 0 R>>",
			"<</Type/Font/Subtype/Type0/BaseFont/"+name+"/Encoding/GBK-EUC-H/DescendantFonts[6 0 R]>>",
			"<</Type/Font/Subtype/CIDFontType2/BaseFont/"+name+"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000/FontDescriptor 7 0 R>>",
			"<</Type/FontDescriptor/FontName/"+name+"/Flags 6/FontBBox[0 -141 1000 859]/ItalicAngle 0/Ascent 859/Descent -141/CapHeight 683/StemV 80>>")
		r := decoded(t, p, docOf("font "+name, filetype.PDF, body), 1, some())
		if n := ink(r, 90, 250, 760, 300); n < 3000 {
			t.Errorf("%s: %d dark pixels where 16 characters should stand", name, n)
		}
	}
}

// TestAnnotationsAndFields: stamps laid over a page and signatures in form fields are shown.
func TestAnnotationsAndFields(t *testing.T) {
	p := realPool(t)
	black := stream("/Type/XObject/Subtype/Form/BBox[0 0 100 100]", "0 g 0 0 100 100 re f")
	for name, body := range map[string][]byte{
		"stamp": pdfFile("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>", "<</Type/Annot/Subtype/Stamp/F 4/Rect[200 400 300 500]/AP<</N 5 0 R>>>>", black),
		"signature": pdfFile("", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>",
			"<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/F 4/Rect[200 400 300 500]/AP<</N 5 0 R>>/P 3 0 R>>", black),
	} {
		r := decoded(t, p, docOf(name, filetype.PDF, body), 1, some())
		if n, all := ink(r, 345, 415, 495, 515), r.w*150/1000*r.h*100/1000; n < all*9/10 {
			t.Errorf("%s: %d of %d pixels are dark", name, n, all)
		}
	}
}

func encryptedPDF(t *testing.T, user string) []byte {
	t.Helper()
	p := fpdf.New("P", "mm", "A4", "")
	p.SetProtection(fpdf.CnProtectPrint, user, "owner-secret")
	p.AddPage()
	p.SetFont("Helvetica", "", 16)
	p.Cell(40, 10, "for some eyes only")
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEncryptedPDF(t *testing.T) {
	p := realPool(t)
	d := docOf("encrypted", filetype.PDF, encryptedPDF(t, "a password"))
	if i, err := p.Inspect(t.Context(), d); err != nil || i != (Info{Type: filetype.PDF, Encrypted: true}) {
		t.Errorf("%+v, %v", i, err)
	}
	_, err := p.Page(t.Context(), d, 1, Spec{Width: 300, Mark: some()})
	says(t, err, problem.Invalid, "打开密码")
	err = p.Text(t.Context(), d, func(int, string) error { return nil })
	says(t, err, problem.Invalid, "打开密码")
	open := docOf("owner's password only", filetype.PDF, encryptedPDF(t, ""))
	if all := texts(t, p, open); len(all) != 1 || !strings.Contains(all[0], "some eyes") {
		t.Errorf("a PDF that opens without a password reads %q", all)
	}
}

// TestHostilePDF: each ends in a problem or in a page, within a bounded time, and the next document is shown.
func TestHostilePDF(t *testing.T) {
	realPool(t) // fills the cache
	p, err := NewPool(Options{Command: []string{program(), "render-worker"}, CacheDir: codeCache(), Workers: 1, Timeout: 2 * time.Second, MemoryLimit: 768 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	whole := contract(t, 3)
	bomb := deflated(t, bytes.Repeat([]byte("0 0 m 595 842 l S\n"), 8<<20/18))
	double := deflated(t, bytes.Repeat([]byte{129, 0}, 6<<20)) // 768 MiB of zeros
	var nest []string
	for i := range 40 { // each form draws the next twice
		nest = append(nest, stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>", 6+i), "/X Do /X Do"))
	}
	pageOf := func(extra string) string { return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]" + extra + ">>" }
	root, tree := "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	for name, body := range map[string][]byte{
		"cut":                 whole[:len(whole)/2],
		"header only":         []byte("%PDF-1.7\n"),
		"no trailer":          []byte("%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"),
		"noise":               append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0xde, 0xad, 0x00, 0x7f, '<'}, 4000)...),
		"tree in a circle":    pdfFile("", root, "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
		"tree up and down":    pdfFile("", root, "<</Type/Pages/Kids[3 0 R]/Count 99/Parent 3 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 99/Parent 2 0 R>>"),
		"no pages":            pdfFile("", root, "<</Type/Pages/Kids[]/Count 0>>"),
		"count that lies":     pdfFile("", root, "<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", pageOf("")),
		"negative count":      pdfFile("", root, "<</Type/Pages/Kids[3 0 R]/Count -5>>", pageOf("")),
		"length in a circle":  pdfFile("", root, tree, pageOf("/Contents 4 0 R"), "<</Length 4 0 R>>\nstream\nq Q\nendstream"),
		"contents its own":    pdfFile("", root, tree, pageOf("/Contents[3 0 R 3 0 R]")),
		"forms in a circle":   onePage("/X Do", "/XObject<</X 5 0 R>>", stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>", "/X Do /X Do")),
		"forms by the power":  onePage("/X Do", "/XObject<</X 5 0 R>>", nest...),
		"arrays in arrays":    pdfFile("", root, tree, pageOf("/X "+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000))),
		"contents bomb":       pdfFile("", root, tree, pageOf("/Contents 4 0 R"), stream("/Filter/FlateDecode", bomb)),
		"filter upon filter":  pdfFile("", root, tree, pageOf("/Contents 4 0 R"), stream("/Filter[/FlateDecode/RunLengthDecode]", double)),
		"image of gigabytes":  onePage("595 0 0 842 0 0 cm /I Do", "/XObject<</I 5 0 R>>", stream("/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode", deflated(t, make([]byte, 1<<20)))),
		"page of light years": pdfFile("", root, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e30 1e30]>>"),
		"page of nothing":     pdfFile("", root, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 0 0]>>"),
		"page like a thread":  pdfFile("", root, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1 1000000]>>"),
		"pattern in itself":   onePage("/Pattern cs /P scn 0 0 595 842 re f", "/Pattern<</P 5 0 R>>", stream("/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.001/YStep 0.001/Resources<</Pattern<</P 5 0 R>>>>", "/Pattern cs /P scn 0 0 1 1 re f")),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			d := docOf("hostile "+name, filetype.PDF, body)
			img, err := p.Page(within(t, 3*time.Minute), d, 1, Spec{Width: 300, Mark: some()})
			if k := problem.KindOf(err); err != nil && k != problem.Invalid && k != problem.TooLarge {
				t.Errorf("%v", err)
			}
			if err == nil && (img.W < minSide || img.H < minSide || img.H > maxSide) {
				t.Errorf("an image of %d×%d", img.W, img.H)
			}
			if i, err := p.Inspect(within(t, 3*time.Minute), d); err != nil && problem.KindOf(err) != problem.Invalid || i.Pages > 1_000_000 {
				t.Errorf("Inspect: %+v, %v", i, err)
			}
			t.Logf("%v: %d×%d, %v", time.Since(start).Round(time.Millisecond), img.W, img.H, err)
		})
	}
	decoded(t, p, docOf("after all that", filetype.PDF, whole), 1, some())
}

func TestHundredThousandPages(t *testing.T) {
	p := realPool(t)
	d := docOf("100,000 pages", filetype.PDF, manyPages(100_000))
	if i, err := p.Inspect(t.Context(), d); err != nil || i.Pages != 100_000 {
		t.Fatalf("%+v, %v", i, err)
	}
	for _, n := range []int{1, 50_000, 100_000} {
		if img, err := p.Page(t.Context(), d, n, Spec{Width: 300, Mark: some()}); err != nil || img.W != 300 {
			t.Errorf("page %d: %v", n, err)
		}
	}
}

func TestNothingToShow(t *testing.T) {
	p := realPool(t)
	for _, ty := range filetype.All {
		_, err := p.Page(t.Context(), docOf("empty "+ty.Code, ty, nil), 1, Spec{Width: 300, Mark: some()})
		says(t, err, problem.Invalid, "文件是空的")
		if !ty.Viewable() {
			_, err := p.Inspect(t.Context(), docOf("other "+ty.Code, ty, []byte("x")))
			says(t, err, problem.Invalid, "还不能在阅览器里显示")
		}
	}
	for _, ty := range []filetype.Type{filetype.PDF, filetype.JPEG, filetype.PNG, filetype.TIFF} {
		_, err := p.Page(t.Context(), docOf("lie "+ty.Code, ty, []byte("this is a text\n")), 1, Spec{Width: 300, Mark: some()})
		if problem.KindOf(err) != problem.Invalid {
			t.Errorf("a text that is said to be %s: %v", ty.Code, err)
		}
	}
}
