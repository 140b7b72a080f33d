package apptest

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// hostile is a file that lies, is broken, or is made to break who opens it, and what is said of it.
type hostile struct {
	name    string
	content []byte
	kind    string // the type it is found to be
	lies    bool   // its name claims another
	says    string // the viewer, instead of a page; empty: it may find a page to show
}

func hostiles(t testing.TB) []hostile {
	const root, tree = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	whole := lockedPDF(t, "")
	return []hostile{
		{"发票.pdf", program16(), "exe", true, "还不能在阅览器里显示"},
		{"合同.pdf", lockedPDF(t, "a password"), "pdf", false, "打开密码"},
		{"半份.pdf", whole[:len(whole)/2], "pdf", false, "无法显示"},
		{"只有头.pdf", []byte("%PDF-1.7\n"), "pdf", false, "无法显示"},
		{"页树成环.pdf", handPDF(root, "<</Type/Pages/Kids[2 0 R]/Count 1>>"), "pdf", false, "无法显示"},
		{"页树互指.pdf", handPDF(root, "<</Type/Pages/Kids[3 0 R]/Count 99/Parent 3 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 99/Parent 2 0 R>>"), "pdf", false, "无法显示"},
		{"页数虚报.pdf", handPDF(root, "<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"), "pdf", false, ""},
		{"嵌套.pdf", handPDF(root, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/X "+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+">>"), "pdf", false, ""},
		{"巨图.pdf", handPDF(root, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>", stream("", []byte("595 0 0 842 0 0 cm /I Do")),
			stream("/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode", flate(t, make([]byte, 1<<20)))), "pdf", false, ""},
		{"扫描件.png", vastPNG(60_000, 60_000), "png", false, "60000×60000"},
		{"扫描件.jpg", vastPNG(60_000, 60_000), "png", true, "60000×60000"},
		{"附件.zip", bomb(t, "a.txt"), "zip", false, "还不能在阅览器里显示"},
		{"起诉状.docx", bomb(t, "[Content_Types].xml", "word/document.xml"), "docx", false, "还不能在阅览器里显示"},
		{"照片.jpg", []byte("\xff\xd8\xff\xe0 and nothing more"), "jpeg", false, "无法显示"},
	}
}

// program16 is the head of a program for Windows.
func program16() []byte {
	b := make([]byte, 512)
	copy(b, "MZ")
	binary.LittleEndian.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00\x64\x86")
	return b
}

func lockedPDF(t testing.TB, user string) []byte {
	t.Helper()
	p := fpdf.New("P", "mm", "A4", "")
	p.SetProtection(fpdf.CnProtectPrint, user, "owner-secret")
	p.AddPage()
	p.SetFont("Helvetica", "", 16)
	p.Cell(40, 10, "for some eyes only")
	var b bytes.Buffer
	must(t, p.Output(&b))
	return b.Bytes()
}

// handPDF writes a PDF by hand: the objects are numbered from 1 on, the first is the root.
func handPDF(objects ...string) []byte {
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
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

func stream(dict string, content []byte) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

func flate(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(content)
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

// vastPNG is a picture whose head is all there is.
func vastPNG(w, h uint32) []byte {
	chunk := func(name string, body []byte) []byte {
		b := append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), name...), body...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), append(chunk("IHDR", append(head, 8, 2, 0, 0, 0)), chunk("IDAT", []byte{0x78, 0x9c, 1, 2, 3})...)...)
}

// bomb is an archive that says of its entries that they become a tebibyte each.
func bomb(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, squeezed := zip.NewWriter(&b), flate(t, make([]byte, 1<<20))[2:]
	for _, n := range names {
		f, err := w.CreateRaw(&zip.FileHeader{Name: n, Method: zip.Deflate, CompressedSize64: uint64(len(squeezed)), UncompressedSize64: 1 << 40})
		must(t, err)
		_, err = f.Write(squeezed)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// TestHostileFiles brings in what lies, explodes and is broken, as a client's files do: each is sealed and listed, the viewer shows a
// page or says why not, nothing is an error of ours, and others look at their pages meanwhile.
func TestHostileFiles(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	matter := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	text := longText()
	kept := o.receive(matter, "代理词.txt", "代理词", text, "secret")
	o.review(kept, "secret")
	over, views := make(chan struct{}), 0
	var others sync.WaitGroup
	others.Go(func() {
		for ; ; views++ {
			select {
			case <-over:
				return
			default:
				begun := time.Now()
				o.page(t, "lead", kept, 1+views%5)
				if took := time.Since(begun); took > 20*time.Second {
					t.Errorf("somebody waits %v for a page", took)
				}
			}
		}
	})
	b := o.loggedIn("handling")
	for _, f := range hostiles(t) {
		t.Run(f.name, func(t *testing.T) { o.take(t, b, matter, f) })
	}
	close(over)
	others.Wait()
	if views < 20 {
		t.Errorf("others saw %d pages meanwhile", views)
	}
	o.sound(t)
}

// take brings one of the files in and looks at it.
func (o *office) take(t *testing.T, b *browser, matter string, f hostile) {
	a := o.begin("handling", matter, f.name, int64(len(f.content)), bytes.NewReader(f.content))
	a.done(t, "upload", http.StatusCreated)
	upload := a.place(t)
	var found struct {
		State, Type string
		Advice      struct{ Mismatch, Unreadable bool }
	}
	must(t, json.Unmarshal(o.ask("handling", "GET", upload, nil).body, &found))
	if found.State != "ready" || found.Type != f.kind || found.Advice.Mismatch != f.lies || f.says != "" && !found.Advice.Unreadable {
		t.Errorf("the checks found %+v", found)
	}
	id := o.file(t, matter, upload)
	var list struct {
		Items []struct{ ID, Type string }
	}
	if o.call("handling", "GET", "/matters/"+matter+"/materials", nil, &list); len(list.Items) == 0 || list.Items[0].ID != id || list.Items[0].Type != f.kind {
		t.Errorf("listed is %+v", list)
	}
	o.original(t, "lead", id, f.content)
	if status, page := b.get("/materials/" + id); status != http.StatusOK {
		t.Errorf("its page: %d %.300s", status, page)
	}
	look := o.ask("handling", "GET", "/materials/"+id+"/pages/1?width=160", nil)
	said := look.sentence()
	switch {
	case look.broken != nil || look.status >= 500:
		t.Errorf("its first page: %d %.300s %v", look.status, look.body, look.broken)
	case f.says != "" && (look.status < 400 || !strings.Contains(said, f.says)):
		t.Errorf("its first page: %d %q, not %q", look.status, said, f.says)
	case look.status != http.StatusOK && said == "":
		t.Errorf("its first page: %d without a word", look.status)
	}
	if status, page := b.get("/materials/" + id + "/page/1?w=160"); status != look.status || status != http.StatusOK && !strings.Contains(page, said) {
		t.Errorf("in the browser: %d %.300s", status, page)
	}
	if status, page := b.get("/materials/" + id + "/view"); status >= 500 || status != http.StatusOK && !strings.Contains(page, said) {
		t.Errorf("the viewer: %d %.300s", status, page)
	}
	t.Logf("%d %s", look.status, said)
}
