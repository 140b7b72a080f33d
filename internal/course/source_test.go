package course

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"mijuan/internal/problem"
)

// folder divides the small course into files.
func folder(t *testing.T) fstest.MapFS {
	one, two := strings.Index(small(t), "# 课文 one"), strings.Index(small(t), "# 课文 two")
	return fstest.MapFS{
		"course.md":                {Data: []byte("\ufeff" + small(t)[:one])},
		"01-one.md":                {Data: []byte(strings.ReplaceAll(small(t)[one:two], "\n", "\r\n"))},
		"02/two.md":                {Data: []byte(strings.TrimSpace(small(t)[two:]))},
		".DS_Store":                {Data: []byte{0xff}},
		".git/config":              {Data: []byte("x")},
		"__MACOSX/02/._two.md":     {Data: []byte{0, 5, 22, 7}},
		"02/.~lock.two.md#":        {Data: []byte("x")},
		"leerer-ordner/.gitignore": {},
	}
}

func TestLoadIsParse(t *testing.T) {
	c, err := Load(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := parsed(t, small(t)); c.Hash() != want.Hash() || c.Text() != want.Text() {
		t.Errorf("%s\nis not\n%s", c.Text(), want.Text())
	}
}

// TestHash: the same course has the same hash however it is spelled, and a changed word changes it.
func TestHash(t *testing.T) {
	whole := small(t)
	want := parsed(t, whole).Hash()
	for _, same := range []string{whole + "\n\n", strings.ReplaceAll(whole, "\n", "\r\n"), strings.ReplaceAll(whole, "\n\n", "  \n\n\n"), "\ufeff" + whole,
		strings.ReplaceAll(whole, "：", ":"), strings.ReplaceAll(whole, "[x]", "[X]"), strings.ReplaceAll(whole, "3.1、10", "3.1, 10"), strings.ReplaceAll(whole, "## 单选 ", "## 单选题 ")} {
		if got := parsed(t, same).Hash(); got != want {
			t.Errorf("another hash for\n%s", same)
		}
	}
	for old, changed := range map[string]string{"小课程": "大课程", "样本": "样本二", "及格分：60": "及格分：61", "先读后考": "先读再考", "资料只给": "资料仅给", "3.1、10": "10、3.1",
		"不可以。": "不可。", "- 甲\n- 乙": "- 乙\n- 甲", "- [ ] 对\n- [x] 错\n\n解析：不": "- [x] 对\n- [ ] 错\n\n解析：不", "one-3": "one-4"} {
		if parsed(t, strings.Replace(whole, old, changed, 1)).Hash() == want {
			t.Errorf("the same hash with %s", changed)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		name, file string
		data       *fstest.MapFile
		kind       problem.Kind
		says       string
	}{
		{"other file", "logo.png", &fstest.MapFile{}, problem.Invalid, "课程里只能有 .md 文件，不能有 logo.png"},
		{"symbolic link", "03.md", &fstest.MapFile{Data: []byte("course.md"), Mode: fs.ModeSymlink}, problem.Invalid, "不能有 03.md"},
		{"GBK", "03.md", &fstest.MapFile{Data: []byte{0xbf, 0xce, 0xb3, 0xcc}}, problem.Invalid, "03.md 不是 UTF-8"},
		{"too long", "03.md", &fstest.MapFile{Data: bytes.Repeat([]byte("\n"), MaxBytes)}, problem.TooLarge, "最多 1024 KiB"},
		{"wrong line", "02/two.md", &fstest.MapFile{Data: []byte("# 课文 two：第二课\n\n条款：21\n\n见<i>下</i>\n")}, problem.Invalid, "02/two.md 第 5 行：不能写 HTML"},
	} {
		f := folder(t)
		f[c.file] = c.data
		if _, err := Load(f); problem.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	many := folder(t)
	for i := range maxFiles {
		many[fmt.Sprintf("x/%d.md", i)] = &fstest.MapFile{}
	}
	if _, err := Load(many); !problem.Is(err, problem.TooLarge) {
		t.Error(err)
	}
}

type broken struct{ fs.FS }

var errDisk = errors.New("the disk is away")

func (broken) Open(string) (fs.File, error) { return nil, errDisk }

func TestLoadWithoutItsDisk(t *testing.T) {
	if _, err := Load(broken{}); !errors.Is(err, errDisk) || problem.KindOf(err) != 0 {
		t.Error(err)
	}
}

type packedFile struct {
	name string
	data []byte
}

func packed(t *testing.T, files ...packedFile) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnzip(t *testing.T) {
	whole := packed(t, packedFile{"课程/all.md", []byte(small(t))}, packedFile{"__MACOSX/._all.md", []byte{1}})
	c, err := Unzip(whole)
	if err != nil || c.Hash() != parsed(t, small(t)).Hash() {
		t.Fatal(err)
	}
	bomb := packed(t, packedFile{"a.md", bytes.Repeat([]byte("\n"), 16<<20)})
	if len(bomb) > MaxBytes {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	if _, err := Unzip(bomb); !problem.Is(err, problem.TooLarge) {
		t.Error(err)
	}
	torn := bytes.Clone(whole)
	torn[60] ^= 0xff
	for name, archive := range map[string][]byte{"nothing": nil, "text": []byte(small(t)), "cut": whole[:len(whole)-30], "torn": torn} {
		if _, err := Unzip(archive); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
