package prose

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"mijuan/internal/filetype"
)

const mark = "机密★20年"

func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gbk(t testing.TB, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func docx(t testing.TB, more ...string) []byte {
	return zipped(t, append([]string{"[Content_Types].xml", "<Types/>", "word/document.xml",
		`<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>机密</w:t></w:r><w:r><w:t>★20年</w:t></w:r></w:p><w:p><w:r><w:t>通知</w:t></w:r></w:p></w:body></w:document>`}, more...)...)
}

// TestText finds a mark in each kind of file, cut up as programs cut it up.
func TestText(t *testing.T) {
	attached := "From: a@b.c\r\nSubject: =?gb2312?B?" + base64.StdEncoding.EncodeToString(gbk(t, "关于通知")) + "?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\nContent-Type: text/html; charset=gbk\r\n\r\n" + string(gbk(t, "<p>请看附件</p>")) + "\r\n--x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(docx(t)) + "\r\n--x--\r\n"
	escaped := ""
	for _, b := range gbk(t, "机密★") {
		escaped += `\'` + string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15])
	}
	for name, c := range map[string]struct {
		kind  filetype.Type
		bytes []byte
		whole bool
	}{
		"word":                {filetype.DOCX, docx(t), true},
		"word with a picture": {filetype.DOCX, docx(t, "word/media/image1.png", "png"), false},
		"excel":               {filetype.XLSX, zipped(t, "xl/sharedStrings.xml", `<sst><si><t>机密</t><t>★20年</t></si></sst>`), true},
		"ofd":                 {filetype.OFD, zipped(t, "Doc_0/Pages/Page_0/Content.xml", `<Page><TextObject><TextCode>机密★20年</TextCode></TextObject></Page>`), true},
		"mail":                {filetype.Mail, []byte("Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(mark))), true},
		"mail with a file":    {filetype.Mail, []byte(attached), true},
		"web page":            {filetype.HTML, []byte("<html><style>p{}</style><p><b>机密</b>&#9733;20年</p></html>"), true},
		"web page in GBK":     {filetype.HTML, gbk(t, "<p>"+mark+"</p>"), true},
		"rtf in GBK":          {filetype.RTF, []byte(`{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 ` + escaped + `20\'c4\'ea\par}`), true},
		"rtf in Unicode":      {filetype.RTF, []byte(`{\rtf1\uc1 \u26426?\u23494?\u9733?20\u24180?\par}`), true},
	} {
		var got strings.Builder
		whole, err := Text(c.kind, bytes.NewReader(c.bytes), int64(len(c.bytes)), func(s string) error { got.WriteString(s + "\n"); return nil })
		if err != nil || whole != c.whole || !strings.Contains(got.String(), mark) {
			t.Errorf("%s: whole %v, %v: %q", name, whole, err, got.String())
		}
	}
}

// TestTextEnds: who found what it looks for reads no further, and hears of it.
func TestTextEnds(t *testing.T) {
	found, n := errors.New("found"), 0
	b := zipped(t, "word/a.xml", "<p>一</p>", "word/b.xml", "<p>二</p>")
	if _, err := Text(filetype.DOCX, bytes.NewReader(b), int64(len(b)), func(string) error { n++; return found }); !errors.Is(err, found) || n != 1 {
		t.Errorf("%d pieces, %v", n, err)
	}
}

// TestHostile: what is broken, endless or of another kind is said not to be read, and costs little.
func TestHostile(t *testing.T) {
	defer func(was int64) { most = was }(most)
	most = 1 << 20
	nested := []byte("x")
	for range 40 {
		nested = append([]byte("Content-Type: message/rfc822\r\n\r\n"), nested...)
	}
	for name, c := range map[string]struct {
		kind  filetype.Type
		bytes []byte
	}{
		"no archive": {filetype.DOCX, []byte("PK\x03\x04 nothing")}, "broken xml": {filetype.DOCX, zipped(t, "word/document.xml", "<a><b")},
		"a bomb": {filetype.DOCX, zipped(t, "word/document.xml", "<p>"+strings.Repeat(" ", int(most)+1)+"</p>")}, "a picture": {filetype.PNG, []byte("png")},
		"no mail": {filetype.Mail, []byte(":\r\n")}, "letters in letters": {filetype.Mail, nested}, "no end": {filetype.Mail, []byte("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n")},
	} {
		if whole, err := Text(c.kind, bytes.NewReader(c.bytes), int64(len(c.bytes)), func(string) error { return nil }); whole || err != nil {
			t.Errorf("%s: whole %v, %v", name, whole, err)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(uint8(0), docx(f))
	f.Add(uint8(1), []byte(`{\rtf1\'e6 \u1?{\*x}}`))
	f.Add(uint8(2), []byte("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--"))
	f.Add(uint8(3), []byte("<p>a&#1;</p>"))
	kinds := []filetype.Type{filetype.DOCX, filetype.RTF, filetype.Mail, filetype.HTML}
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		_, _ = Text(kinds[int(kind)%len(kinds)], bytes.NewReader(b), int64(len(b)), func(string) error { return nil })
	})
}
