package letter

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/problem"
)

var made = time.Date(2026, 11, 23, 18, 5, 6, 0, time.FixedZone("UTC+8", 8*3600))

func pledge() Letter {
	return Letter{
		Title: "律师事务所保密承诺书", Subtitle: "第 3 版（2026年11月1日起施行）", Author: "明衡律师事务所", Reference: "承诺书 2026-0017 · 欧阳静",
		Particulars: []Particular{{"姓名", "欧阳静"}, {"岗位", "执业律师"}, {"执业证号", "13101201810123456"}, {"部门", "争议解决部"}, {"入职日期", "2026年11月20日"}},
		Body: []Block{
			Heading("一、承诺事项"),
			Plain("本人已接受《客户资料安全保密管理办法》的培训并通过测试，自愿就接触客户资料期间及离开本所以后的保密义务作出如下承诺："),
			Item("严格按照知悉范围使用客户资料，不查阅与本人承办事项无关的资料，不打听不应当知悉的内容。"),
			Item("不以微信、QQ 或未加密的电子邮件传送客户资料；不使用未经批准的 U 盘、移动硬盘和个人网盘（包括 iCloud、OneDrive）保存客户资料。"),
			Item("离开本所时清退全部载体，保密义务不因离开本所而终止。"),
		},
		Signatures: []Signature{
			{Role: "承诺人", Name: "欧阳静", Time: made, Fingerprint: strings.Repeat("0123456789abcdef", 4), Drawing: stroke(300, 120, true)},
			{Role: "监督人"},
		},
		Made: made,
	}
}

// stroke draws a wave, as a drawing field gives it: ink on nothing.
func stroke(width, height int, drawn bool) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for x := 10; drawn && x < width-10; x++ {
		for dy := range 4 {
			img.Set(x, height/2+(x*7%(height/2))-height/4+dy, color.NRGBA{10, 20, 90, 255})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func set(t *testing.T, l Letter) []byte {
	t.Helper()
	pdf, err := l.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// run asks an outsider's tool about a PDF.
func run(t *testing.T, pdf []byte, tool string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, arg := range args {
		args[i] = strings.Replace(arg, "PDF", path, 1)
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", tool, args, err, out)
	}
	return string(out)
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

func TestPledgeReads(t *testing.T) {
	pdf := set(t, pledge())
	if dir := os.Getenv("LETTER_OUT"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, "pledge.pdf"), pdf, 0o600)
	}
	text := squeezed(run(t, pdf, "pdftotext", "-layout", "PDF", "-"))
	for _, want := range []string{"律师事务所保密承诺书", "欧阳静", "13101201810123456", "争议解决部", "不以微信、QQ或未加密的电子邮件传送客户资料", "第1页，共1页", "2026年11月23日18:05:06(UTC+08:00)", "0123456789abcdef0123456789abcdef"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestSameLetterSameBytes(t *testing.T) {
	first := set(t, pledge())
	for range 3 {
		if !bytes.Equal(set(t, pledge()), first) {
			t.Fatal("the same letter is not the same bytes")
		}
	}
	l := pledge()
	l.Signatures[1].Drawing = stroke(300, 120, true) // a second picture of one width
	two := set(t, l)
	for range 3 {
		if !bytes.Equal(set(t, l), two) {
			t.Fatal("a letter with two drawings is not always the same bytes")
		}
	}
	l.Particulars[0].Value = "欧阳婧"
	if id, other := identity(two), identity(set(t, l)); id == other || len(id) != 32 {
		t.Errorf("two letters have the identity %s and %s", id, other)
	}
	if out := run(t, two, "qpdf", "--check", "PDF"); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Error(out)
	}
}

func identity(pdf []byte) string {
	_, id, _ := strings.Cut(string(pdf), "/ID [<")
	id, _, _ = strings.Cut(id, ">")
	return id
}

func TestMetadata(t *testing.T) {
	l := pledge()
	l.Title = `保密承诺书 (试行) <v3> & "甲"`
	out := run(t, set(t, l), "pdfinfo", "-isodates", "PDF")
	for _, want := range []string{l.Title, "明衡律师事务所", "2026-11-23T10:05:06", "A4", "1.7", "Metadata Stream: yes"} {
		if !strings.Contains(squeezed(out), squeezed(want)) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, out)
		}
	}
	meta := run(t, set(t, l), "pdfinfo", "-meta", "PDF")
	if !strings.Contains(meta, "保密承诺书 (试行) &lt;v3&gt; &amp; &#34;甲&#34;") {
		t.Error(meta)
	}
	if fonts := run(t, set(t, l), "pdffonts", "PDF"); !strings.Contains(fonts, "CID TrueType") || strings.Contains(fonts, " no ") && strings.Contains(fonts, "Type 3") {
		t.Error(fonts)
	}
}

// TestRareCharacters shows that nothing is dropped, left blank or hidden.
func TestRareCharacters(t *testing.T) {
	l := pledge()
	l.Particulars[0].Value = "𠮷田㛃"
	l.Body = append(l.Body, Item("翻转\u202e的文字、零宽\u200b空格、响铃\a、制表\t符和表情😀。"))
	text := squeezed(run(t, set(t, l), "pdftotext", "-layout", "PDF", "-"))
	for _, want := range []string{"〔U+20BB7〕田", "〔U+202E〕的文字", "〔U+200B〕空格", "〔U+0007〕", "〔U+1F600〕"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if Legible("𠮷田") || Legible("a\u202eb") || !Legible("欧阳静（Jing Ouyang）") {
		t.Error("Legible is wrong")
	}
}

func TestLongLetter(t *testing.T) {
	l := pledge()
	var rows [][]string
	for i := range 120 {
		rows = append(rows, []string{fmt.Sprintf("MH-2026-%04d", i), "某某公司与某某公司股权转让纠纷案卷宗（第一册）", "机密级", "周启明"})
		l.Body = append(l.Body, Item(fmt.Sprintf("第%d项：%s", i, strings.Repeat("客户资料的接收、登记、使用、复制、外发、清退和销毁都要留下记录，", 1+i%7))))
	}
	l.Body = append(l.Body, Heading("二、移交清单"), Grid([]string{"编号", "名称", "密级", "接收人"}, []float64{3, 6, 2, 2}, rows), Plain(strings.Repeat("长", 4000)))
	l.Particulars = append(l.Particulars, Particular{"说明", strings.Repeat("很长的说明。", 400)})
	pdf := set(t, l)
	out := run(t, pdf, "pdftotext", "-layout", "PDF", "-")
	if dir := os.Getenv("LETTER_OUT"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, "long.pdf"), pdf, 0o600)
	}
	pages := strings.Count(out, "\f")
	if pages < 10 || !strings.Contains(squeezed(out), fmt.Sprintf("第%d页，共%d页", pages, pages)) {
		t.Errorf("%d pages", pages)
	}
	text := squeezed(run(t, pdf, "pdftotext", "PDF", "-"))
	for i := range rows {
		if !strings.Contains(text, fmt.Sprintf("MH-2026-%04d", i)) || !strings.Contains(text, fmt.Sprintf("第%d项：", i)) {
			t.Errorf("row or item %d is missing", i)
		}
	}
	if n := strings.Count(text, "长"); n < 4000 {
		t.Errorf("%d of 4000 characters are there", n)
	}
	if n := strings.Count(text, "移交清单"); n != 1 || strings.Count(text, "编号") < 3 {
		t.Errorf("the table's head stands %d times", strings.Count(text, "编号"))
	}
}

func TestLinesKeepTheirWidthAndRules(t *testing.T) {
	widths, err := typeface()
	if err != nil {
		t.Fatal(err)
	}
	text := "依照《中华人民共和国律师法》第三十八条（保密义务），本人承诺：“不得泄露”；包括但不限于 confidentiality-agreement@example.com、微信、QQ……以及其他一切客户资料——无论是否标注密级。" + strings.Repeat("x", 90)
	for width := 3 * em; width < 40*em; width += 370 {
		lines := wrap(text, width, widths)
		for i, line := range lines {
			if measure(line, widths) > width {
				t.Fatalf("line %q is wider than %d", line, width)
			}
			first, last := []rune(line + "x")[0], []rune("x" + line)[len([]rune(line))]
			if width > 24*em && i > 0 && strings.ContainsRune("，。、；：？！）》」”…—", first) {
				t.Errorf("line %q begins with a mark that must not", line)
			}
			if width > 24*em && strings.ContainsRune("（《“", last) {
				t.Errorf("line %q ends with a mark that must not", line)
			}
		}
		if squeezed(strings.Join(lines, "")) != squeezed(text) {
			t.Fatalf("characters were lost at width %d", width)
		}
	}
}

func TestWhatIsNotSet(t *testing.T) {
	for name, change := range map[string]func(*Letter){
		"no title":        func(l *Letter) { l.Title = "" },
		"a long title":    func(l *Letter) { l.Title = strings.Repeat("长", maxTitle+1) },
		"no date":         func(l *Letter) { l.Made = time.Time{} },
		"a part of none":  func(l *Letter) { l.Body = append(l.Body, Block{}) },
		"a short row":     func(l *Letter) { l.Body = []Block{Grid([]string{"甲", "乙"}, []float64{1, 1}, [][]string{{"1"}})} },
		"a missing width": func(l *Letter) { l.Body = []Block{Grid([]string{"甲", "乙"}, []float64{1}, nil)} },
		"a zero width":    func(l *Letter) { l.Body = []Block{Grid([]string{"甲"}, []float64{0}, nil)} },
		"no picture":      func(l *Letter) { l.Signatures[0].Drawing = []byte("GIF89a") },
		"a blank drawing": func(l *Letter) { l.Signatures[0].Drawing = stroke(300, 120, false) },
		"a huge drawing":  func(l *Letter) { l.Signatures[0].Drawing = stroke(maxAcross+1, 20, true) },
	} {
		l := pledge()
		change(&l)
		if pdf, err := l.PDF(); !problem.Is(err, problem.Invalid) || pdf != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*Letter){
		"many bytes drawn": func(l *Letter) { l.Signatures[0].Drawing = make([]byte, MaxDrawing+1) },
		"a long text":      func(l *Letter) { l.Body = []Block{Plain(strings.Repeat("长", maxText+1))} },
		"many signers":     func(l *Letter) { l.Signatures = make([]Signature, maxSigners+1) },
	} {
		l := pledge()
		change(&l)
		if _, err := l.PDF(); !problem.Is(err, problem.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDrawingIsOnlyPixels shows that what a PNG carries beside its pixels does not get into a document.
func TestDrawingIsOnlyPixels(t *testing.T) {
	drawing := stroke(300, 120, true)
	chunk := append([]byte{0, 0, 0, 14}, "tEXtComment\x00abcd"...)
	chunk = binary.BigEndian.AppendUint32(chunk[:4+4+14:4+4+14], crc32.ChecksumIEEE(chunk[4:4+4+14]))
	tagged := append(bytes.Clone(drawing[:33]), append(chunk, drawing[33:]...)...)
	l, plain := pledge(), pledge()
	l.Signatures[0].Drawing = tagged
	if _, err := png.Decode(bytes.NewReader(tagged)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(set(t, l), set(t, plain)) {
		t.Error("a comment in the picture changes the document")
	}
}
