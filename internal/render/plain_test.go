package render

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"mijuan/internal/filetype"
)

// statute is a text of so many numbered lines, some long, some with what is rare.
func statute(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "第%d条　%s", i+1, strings.Repeat("当事人应当遵循诚信原则，全面履行自己的义务。", i%9+1))
		if i%7 == 0 {
			b.WriteString(" See Section 12(b) of the Agreement dated 2026-01-02, a/b/c.")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func inEncodings(t testing.TB, s string) map[string][]byte {
	t.Helper()
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	units := utf16.Encode([]rune("\ufeff" + s))
	le, be := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
	for _, u := range units {
		le, be = binary.LittleEndian.AppendUint16(le, u), binary.BigEndian.AppendUint16(be, u)
	}
	return map[string][]byte{"utf-8": []byte(s), "gb18030": gb, "utf-16le": le, "utf-16be": be}
}

// TestPlainKeepsEverything puts the pages' lines together again: no character is lost or doubled, in a short text and in a long
// one, in each encoding.
func TestPlainKeepsEverything(t *testing.T) {
	f := face(t)
	for _, lines := range []int{0, 1, 300, 9000} {
		s := statute(lines) + "末行"
		for name, body := range inEncodings(t, s) {
			p, err := openPlain(sourceOf(body), f)
			if err != nil {
				t.Fatalf("%s, %d lines: %v", name, lines, err)
			}
			var got strings.Builder
			for n := range p.pages() {
				set, err := p.lines(n)
				if err != nil {
					t.Fatal(err)
				}
				if len(set) > maxLines {
					t.Fatalf("%s: page %d has %d lines", name, n, len(set))
				}
				got.WriteString(strings.Join(set, ""))
			}
			if want := strings.ReplaceAll(s, "\n", ""); got.String() != want {
				t.Errorf("%s, %d lines: the pages hold %d bytes, the text %d", name, lines, got.Len(), len(want))
			}
		}
	}
}

// TestLongTextWithoutLines: pages of a text without any line end are cut between characters.
func TestLongTextWithoutLines(t *testing.T) {
	f := face(t)
	s := strings.Repeat(strings.Repeat("密卷系统里𠮷a", 2000)+" ", wholeText/24_000)
	for name, body := range inEncodings(t, s) {
		p, err := openPlain(sourceOf(body), f)
		if err != nil {
			t.Fatal(err)
		}
		if p.starts != nil {
			t.Fatalf("%s: %d bytes are read whole", name, len(body))
		}
		for _, n := range []int{1, 2, 3, 57, p.pages() - 1} {
			got, err := p.stretch(n, 0)
			if err != nil || strings.Contains(got, "\ufffd") || !strings.Contains(s, got) || len(got) < 1000 && n < p.pages()-1 {
				t.Errorf("%s, page %d: %.40q…, %v", name, n, got, err)
			}
		}
	}
}

// TestManyEmptyLines: a stretch of a long text with more line ends than a page holds runs them on, visibly.
func TestManyEmptyLines(t *testing.T) {
	p, err := openPlain(sourceOf([]byte(strings.Repeat("\n", wholeText)+strings.Repeat("a\n", cutSize))), face(t))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := p.lines(3)
	if err != nil || len(lines) > maxLines || !strings.Contains(lines[0], "↵↵") {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func TestLayout(t *testing.T) {
	f := face(t)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"一\n\n二\r\n三\r四", []string{"一", "", "二", "三", "四"}},
		{"一\f二", []string{"一"}},
		{strings.Repeat("字", 46) + "。", []string{strings.Repeat("字", 46) + "。"}},
		{strings.Repeat("字", 46) + "后。", []string{strings.Repeat("字", 46), "后。"}},
		{strings.Repeat("字", 45) + "（注）", []string{strings.Repeat("字", 45), "（注）"}},
		{strings.Repeat("字", 44) + "agreement", []string{strings.Repeat("字", 44), "agreement"}},
		{"\tx", []string{"\tx"}},
	} {
		if got, _ := f.setPage(c.text, textLines); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%q is set as %q, not %q", c.text, got, c.want)
		}
	}
}

// TestTextOverBorder: what stands on the border of two pages is whole in the text of the first.
func TestTextOverBorder(t *testing.T) {
	for name, s := range map[string]string{"short": statute(200), "long": strings.Repeat("密卷系统里的文字。", wholeText/20)} {
		p, err := openPlain(sourceOf([]byte(s)), face(t))
		if err != nil {
			t.Fatal(err)
		}
		first, err := p.text(0)
		if err != nil {
			t.Fatal(err)
		}
		second, err := p.text(1)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(first, string([]rune(second)[:20])) && !strings.Contains(first, string([]rune(second)[:20])) {
			t.Errorf("%s: the first page ends %.60q, the second begins %.60q", name, first[len(first)-60:], second)
		}
	}
}

// sparse is a text of any size that takes no memory.
type sparse struct{}

func (s sparse) ReadAt(b []byte, off int64) (int, error) {
	const line = "2026-01-02 10:00:00 一行日志，没有什么特别。\n"
	for n := 0; n < len(b); {
		n += copy(b[n:], line[(off+int64(n))%int64(len(line)):])
	}
	return len(b), nil
}

// TestGibibyteOfText: any page of a text of 1 GiB is there at once.
func TestGibibyteOfText(t *testing.T) {
	p := realPool(t)
	d := Doc{Key: "a gibibyte", Type: filetype.Text, Src: sparse{}, Size: 1 << 30}
	start := time.Now()
	i, err := p.Inspect(t.Context(), d)
	if err != nil || i.Pages != 1<<30/cutSize {
		t.Fatalf("%+v, %v", i, err)
	}
	for _, n := range []int{1, 131_072, i.Pages} {
		if img, err := p.Page(t.Context(), d, n, Spec{Width: 720, Mark: some()}); err != nil || img.W != 720 || img.H > 3*img.W {
			t.Errorf("page %d: %d×%d, %v", n, img.W, img.H, err)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("four requests took %v", took)
	}
	read := 0
	err = p.Text(t.Context(), d, func(n int, s string) error {
		if read += len(s); n == 2000 {
			return errBucket
		}
		return nil
	})
	if err != errBucket || read < 2000*(cutSize-cutSlack) {
		t.Errorf("%d bytes of text, %v", read, err)
	}
}

func TestPlainPage(t *testing.T) {
	p := realPool(t)
	for name, body := range inEncodings(t, statute(120)) {
		r := decoded(t, p, docOf("statute "+name, filetype.Text, body), 2, some())
		if n := ink(r, 100, 80, 900, 900); n < 20_000 {
			t.Errorf("%s: %d dark pixels", name, n)
		}
	}
}
