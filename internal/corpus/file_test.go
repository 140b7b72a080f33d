package corpus

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"image"
	"io"
	"net/mail"
	"path"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/image/tiff"

	"mijuan/internal/screening"
)

// oneOfEachKind gives the first document that each way of writing a file makes.
func oneOfEachKind(f func(Document)) (kinds, documents int) {
	seen := map[string]bool{}
	for _, m := range Firm().Matters {
		for _, d := range Materials(m) {
			documents++
			if kind := forms()[d.Type].value("type") + forms()[d.Type].value("make"); !seen[kind] {
				seen[kind] = true
				f(d)
			}
		}
	}
	return len(seen), documents
}

// The same program writes the same bytes, and whoever reads such files can open them.
func TestFiles(t *testing.T) {
	size := 0
	kinds, documents := oneOfEachKind(func(d Document) {
		raw := d.Bytes()
		size += len(raw)
		if len(raw) < 400 || len(raw) > 1<<20 {
			t.Errorf("%s has %d bytes", d.Name, len(raw))
		}
		open, ok := openers[path.Ext(d.Name)]
		if !ok {
			t.Fatalf("nobody opens %s", d.Name)
		}
		open(t, d, raw)
		if !bytes.Equal(raw, d.Bytes()) {
			t.Errorf("%s is written differently each time", d.Name)
		}
	})
	if kinds < 16 {
		t.Errorf("only %d kinds of file", kinds)
	}
	if guess := size / kinds * documents; guess > 60<<20 {
		t.Errorf("all documents are about %d bytes", guess)
	}
}

var openers = map[string]func(*testing.T, Document, []byte){".pdf": openPDF, ".jpg": openImage, ".png": openImage, ".tif": openFax,
	".xlsx": openBook, ".eml": openMail, ".txt": openText}

var (
	streams = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	shown   = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) Tj`)
	pagesOf = regexp.MustCompile(`/Type /Page\b`)
)

// pdfText is the text that the pages of a PDF show: fpdf writes UTF-16 under an identity map.
func pdfText(raw []byte) string {
	var b strings.Builder
	for _, s := range streams.FindAllSubmatch(raw, -1) {
		z, err := zlib.NewReader(bytes.NewReader(s[1]))
		if err != nil {
			continue
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			continue
		}
		for _, m := range shown.FindAllSubmatch(plain, -1) {
			text := unescape(m[1])
			units := make([]uint16, len(text)/2)
			for i := range units {
				units[i] = binary.BigEndian.Uint16(text[2*i:])
			}
			b.WriteString(string(utf16.Decode(units)))
		}
	}
	return b.String()
}

func unescape(s []byte) []byte {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			if s[i] == 'r' {
				out = append(out, '\r')
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func openPDF(t *testing.T, d Document, raw []byte) {
	if !bytes.HasPrefix(raw, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(raw), []byte("%%EOF")) || !pagesOf.Match(raw) {
		t.Errorf("%s is no PDF", d.Name)
	}
	text, scan := pdfText(raw), forms()[d.Type].value("type") == "scan"
	if scan != (text == "") || !scan && !strings.Contains(text, "，") {
		t.Errorf("%s shows %d characters", d.Name, utf8.RuneCountInString(text))
	}
}

func openImage(t *testing.T, d Document, raw []byte) {
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil || img.Bounds().Dx() < 600 {
		t.Errorf("%s: %v", d.Name, err)
	}
}

func openFax(t *testing.T, d Document, raw []byte) {
	img, err := tiff.Decode(bytes.NewReader(raw))
	if err != nil || img.Bounds().Dx() != 1240 {
		t.Errorf("%s: %v", d.Name, err)
	}
	n := 0
	for at := binary.LittleEndian.Uint32(raw[4:]); at != 0; n++ {
		entries := uint32(binary.LittleEndian.Uint16(raw[at:]))
		at = binary.LittleEndian.Uint32(raw[at+2+12*entries:])
	}
	if n != 2 {
		t.Errorf("%s has %d pages", d.Name, n)
	}
}

func openBook(t *testing.T, d Document, raw []byte) {
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil || len(rows) < 6 {
			t.Errorf("%s: %s has %d rows: %v", d.Name, sheet, len(rows), err)
		}
	}
}

func openMail(t *testing.T, d Document, raw []byte) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	if _, err := m.Header.Date(); err != nil {
		t.Errorf("%s: %v", d.Name, err)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil || !strings.Contains(string(body), "律师：") && !strings.Contains(string(body), "总：") {
		t.Errorf("%s: %v: %s", d.Name, err, body)
	}
}

func openText(t *testing.T, d Document, raw []byte) {
	if !utf8.Valid(raw) || strings.Contains(strings.ReplaceAll(string(raw), "\r\n", ""), "\n") {
		t.Errorf("%s is no text with the line ends of Windows", d.Name)
	}
}

// Two lists of the same matter agree: what is drawn by lot depends on nothing but its name.
func TestSameList(t *testing.T) {
	m := Firm().Matters[3]
	a, b := Materials(m), Materials(m)
	for i := range a {
		a[i].write, b[i].write = nil, nil
		if !reflect.DeepEqual(a[i], b[i]) {
			t.Errorf("%+v became %+v", a[i], b[i])
		}
	}
}

func TestStateSecretSample(t *testing.T) {
	s := StateSecretSample()
	for from, text := range map[string]string{"the text": s.Text, "the PDF": pdfText(s.PDF)} {
		if len(screening.StateSecretMarks(text)) == 0 {
			t.Errorf("%s bears no mark", from)
		}
	}
}
