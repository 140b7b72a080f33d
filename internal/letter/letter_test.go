package letter

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
