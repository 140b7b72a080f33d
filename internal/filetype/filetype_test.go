package filetype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"mijuan/internal/text"
)

const mail = "Received: from mx.example.cn\r\nFrom: a@example.cn\r\nSubject: =?utf-8?B?5pyI5oql?=\r\nMIME-Version: 1.0\r\n\r\nhello\r\n"

func TestDetect(t *testing.T) {
	office := func(dir string) []byte {
		return archive(t, 0, "[Content_Types].xml", "_rels/.rels", dir+"document.xml")
	}
	late := func(dir string) []byte {
		return archive(t, 1<<20, "media/a.bin", "[Content_Types].xml", dir+"document.xml")
	}
	mp4 := []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2mp41\x00\x00\x00\x08free")
	for _, c := range []struct {
		name string
		body []byte
		want Type
	}{
		{"pdf", []byte("%PDF-1.7\n%âãÏÓ\n1 0 obj"), PDF},
		{"pdf after a mark", []byte("\xef\xbb\xbf\n%PDF-1.4\n"), PDF},
		{"pdf after junk", append(bytes.Repeat([]byte{0, 1}, 300), "%PDF-1.4"...), PDF},
		{"jpeg", jpegFile(t), JPEG},
		{"png", pngFile(t), PNG},
		{"tiff", tiffFile(t), TIFF},
		{"picture with a PDF in it", append([]byte("\xff\xd8\xff\xe0"), "....%PDF-1.4"...), JPEG},
		{"docx", office("word/"), DOCX},
		{"xlsx", office("xl/"), XLSX},
		{"pptx", office("ppt/"), PPTX},
		{"docx, part list last", late("word/"), DOCX},
		{"xlsx, backslashes", archive(t, 0, "[Content_Types].xml", `xl\workbook.xml`), XLSX},
		{"ofd", archive(t, 0, "OFD.xml", "Doc_0/Document.xml"), OFD},
		{"ofd, late", archive(t, 1<<20, "Doc_0/Res/a.ttf", "OFD.xml"), OFD},
		{"zip", archive(t, 0, "a.txt", "word/readme.txt"), Zip},
		{"empty zip", archive(t, 0), Zip},
		{"odt", declaration(t, "application/vnd.oasis.opendocument.text"), odt},
		{"epub", declaration(t, "application/epub+zip"), epub},
		{"doc", compoundFile(1, "1Table", "WordDocument"), DOC},
		{"doc, directory far behind", compoundFile(400, "a", "b", "c", "d", "e", "WordDocument"), DOC},
		{"wps", compoundFile(1, "WordDocument", "WpsCustomData"), WPS},
		{"xls", compoundFile(1, "Workbook"), XLS},
		{"et", compoundFile(1, "Workbook", "ETExtData"), ET},
		{"ppt", compoundFile(1, "PowerPoint Document"), PPT},
		{"dps", compoundFile(1, "PowerPoint Document", "KSOProductBuildVer"), DPS},
		{"msg", compoundFile(1, "__properties_version1.0"), outlook},
		{"encrypted docx", compoundFile(1, "EncryptionInfo", "EncryptedPackage"), sealed},
		{"other compound file", compoundFile(1, "stuff"), compound},
		{"utf-8", []byte(complaint), Text},
		{"utf-8 with mark", []byte("\ufeff" + complaint), Text},
		{"gb18030", gb(t, complaint), Text},
		{"gb18030, rare characters", gb(t, strings.Repeat(complaint, 3)+"㐂𠮷"), Text},
		{"utf-16 le", wide(binary.LittleEndian, true, complaint), Text},
		{"utf-16 be", wide(binary.BigEndian, true, complaint), Text},
		{"utf-16 without mark", wide(binary.LittleEndian, false, complaint+"abcdefg hijklmnop"), Text},
		{"ascii", []byte("hello\n"), Text},
		{"csv", []byte("序号,日期,金额\n1,2026-01-02,3\n"), Text},
		{"json", []byte(`{"a": 1}`), Text},
		{"one character", []byte("a"), Text},
		{"mail", []byte(mail), Mail},
		{"a note that looks like mail", []byte("From: 老王\nTo: 老李\nSubject: 吃饭\n\n六点见\n"), Text},
		{"html", []byte("\n<!DOCTYPE html><html><body>x"), HTML},
		{"svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), SVG},
		{"rtf", []byte(`{\rtf1\ansi hello}`), RTF},
		{"gif", []byte("GIF89a\x01\x00\x01\x00"), gif},
		{"bmp", append([]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 60)...), bmp},
		{"mp4", mp4, ByCode("mp4")},
		{"mp3", append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), make([]byte, 40)...), mp3},
		{"wav", []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), wav},
		{"amr", []byte("#!AMR\n\x3c\x00\x00"), amr},
		{"rar", []byte("Rar!\x1a\x07\x01\x00"), rar},
		{"7z", []byte("7z\xbc\xaf\x27\x1c\x00\x04"), sevenZip},
		{"gzip", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"), gz},
		{"program", append([]byte("MZ\x90\x00"), make([]byte, 100)...), exe},
		{"empty", nil, Empty},
		{"noise", []byte("\x00\x01\x02\xfe\x83\x12\x00\x99\x00\x00\xfa"), Unknown},
		{"latin-1", []byte("caf\xe9 \xe0 la cr\xe8me, d\xe9j\xe0 vu, na\xefve"), Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := DetectAt(bytes.NewReader(c.body), int64(len(c.body)))
			if err != nil || got != c.want {
				t.Errorf("DetectAt: %q, %v; want %q", got.Code, err, c.want.Code)
			}
			if len(c.body) <= HeadSize {
				if got := Detect(c.body, int64(len(c.body))); got != c.want {
					t.Errorf("Detect: %q; want %q", got.Code, c.want.Code)
				}
			}
		})
	}
}

// TestCutHead reads a text whose head ends within a character, at each place where it can.
func TestCutHead(t *testing.T) {
	for name, body := range map[string][]byte{
		"utf-8": []byte(strings.Repeat(complaint, 30)), "gb18030": gb(t, strings.Repeat(complaint, 30)), "utf-16": wide(binary.BigEndian, true, strings.Repeat(complaint, 30)),
	} {
		for n := 1000; n < 1008; n++ {
			if got := Detect(body[:n], int64(len(body))); got != Text {
				t.Errorf("%s cut at %d is %q", name, n, got.Code)
			}
		}
	}
}

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct {
		body []byte
		want Encoding
	}{
		"utf-8": {[]byte(complaint), UTF8}, "utf-8 with mark": {[]byte("\ufeff" + complaint), UTF8}, "gb18030": {gb(t, complaint), GB18030},
		"utf-16le": {wide(binary.LittleEndian, true, complaint), UTF16LE}, "utf-16be": {wide(binary.BigEndian, true, complaint), UTF16BE},
	} {
		e, ok := TextEncoding(c.body, true)
		if !ok || e != c.want {
			t.Errorf("%s is taken for %v, %v", name, e, ok)
		} else if got := e.Decode(c.body); got != complaint {
			t.Errorf("%s decodes to %q", name, got)
		}
	}
	if got := UTF8.Decode([]byte("a\xffb")); got != "a\ufffdb" {
		t.Errorf("a wrong byte decodes to %q", got)
	}
}

type broken struct{ after int64 }

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off >= b.after {
		return 0, io.ErrClosedPipe
	}
	for i := range p {
		p[i] = 0
	}
	copy(p, "PK\x03\x04")
	return len(p), nil
}

func TestSourceFailure(t *testing.T) {
	for _, after := range []int64{0, HeadSize} {
		if _, err := DetectAt(broken{after}, 1<<20); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("a source that fails from %d on gives %v", after, err)
		}
	}
}

func TestMismatch(t *testing.T) {
	for _, c := range []struct {
		name string
		t    Type
		lies bool
	}{
		{"a.pdf", PDF, false}, {"a.PDF", PDF, false}, {"a.pdf", DOCX, true}, {"a.jpg", PNG, true}, {"a.jpeg", JPEG, false},
		{"报告.docx", exe, true}, {"报告.doc", DOCX, false}, {"a.wps", DOC, false}, {"a.doc", WPS, false}, {"a.et", XLSX, false}, {"a.xlsx", sealed, false},
		{"a.txt", Text, false}, {"a.csv", Text, false}, {"a.txt", exe, true}, {"a.txt", HTML, false}, {"a.pdf", Unknown, true}, {"a.pdf", Text, true},
		{"a", PDF, false}, {"a.pdf.exe", PDF, true}, {"a.2026", PDF, false}, {"a.pdf ", PDF, false}, {"a.pdf", Empty, false}, {"", Unknown, false},
	} {
		if got := Mismatch(c.name, c.t); got != c.lies {
			t.Errorf("Mismatch(%q, %s) = %v", c.name, c.t.Code, got)
		}
	}
}

func TestTypes(t *testing.T) {
	codes := map[string]bool{}
	for _, ty := range All {
		if codes[ty.Code] || ty.Code == "" || ty.Name == "" {
			t.Errorf("type %+v lacks a code or a name, or its code is used twice", ty)
		}
		codes[ty.Code] = true
		if ByCode(ty.Code) != ty {
			t.Errorf("ByCode(%q) is another", ty.Code)
		}
		if ty.Ext != "" && Mismatch("a"+ty.Ext, ty) {
			t.Errorf("%s contradicts its own ending", ty.Code)
		}
		if !text.Known(ty.Name) {
			t.Errorf("no English for %q", ty.Name)
		}
	}
	if ByCode("nonsense") != Unknown || ByCode("") != Unknown {
		t.Error("a code that nobody has is not unknown")
	}
	for _, ty := range []Type{PDF, JPEG, PNG, TIFF, Text} {
		if !ty.Viewable() {
			t.Errorf("%s cannot be viewed", ty.Code)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte("%PDF-1.7"), int64(8))
	f.Add(archive(f, 0, "[Content_Types].xml", "word/document.xml"), int64(1<<40))
	f.Add(compoundFile(1, "WordDocument"), int64(2048))
	f.Add(gb(f, complaint), int64(10))
	f.Add(wide(binary.LittleEndian, true, complaint), int64(4))
	f.Fuzz(func(t *testing.T, body []byte, size int64) {
		size = max(size, int64(len(body)))
		if got := Detect(body, size); ByCode(got.Code) != got {
			t.Errorf("a type that is not listed: %+v", got)
		}
		at, err := DetectAt(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Errorf("a readable file gives %v", err)
		}
		if e, ok := TextEncoding(body, true); ok && at == Text && e.Decode(body) == "" && len(body) > 4 {
			t.Errorf("a text decodes to nothing")
		}
	})
}
