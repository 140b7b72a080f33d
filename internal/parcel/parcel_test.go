package parcel

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"mijuan/internal/parcel/agetest"
)

var made = time.Date(2026, 11, 30, 9, 30, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// contents of the sizes at which blocks and chunks end.
func contents() map[string][]byte {
	all := map[string][]byte{"2026-0147-0001-5.pdf": []byte("股权转让协议"), "2026-0147-0002-3.docx": {}}
	for name, size := range map[string]int{"a.bin": 16, "b.bin": 511 * 16, "c.bin": 512*16 + 1, "d.bin": 64 << 10, "e.bin": 3<<20 + 7} {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(i % 251)
		}
		all[name] = b
	}
	return all
}

func pack(t *testing.T, w io.Writer, f Format, passphrase string, files map[string][]byte) {
	t.Helper()
	p, err := New(w, f, passphrase, Manifest{Parcel: "DC-2026-0001", Medium: "JZ-0003", Made: made, Warning: "只供本案使用"})
	must(t, err)
	for name, content := range files {
		_, err := p.Add(File{Name: name, Number: strings.TrimSuffix(name, filepath.Ext(name)), Title: "协议", Level: "机密级", Size: int64(len(content))}, iotest.HalfReader(bytes.NewReader(content)))
		must(t, err)
	}
	must(t, p.Close())
}

// unpacked checks a folder that somebody else's tool unpacked.
func unpacked(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, ManifestJSON))
	must(t, err)
	var m Manifest
	must(t, json.Unmarshal(raw, &m))
	if m.Format != manifestFormat || m.Parcel != "DC-2026-0001" || len(m.Files) != len(files) {
		t.Errorf("the manifest says %+v", m)
	}
	for _, f := range m.Files {
		got, err := os.ReadFile(filepath.Join(dir, f.Name))
		must(t, err)
		sum := sha256.Sum256(got)
		if !bytes.Equal(got, files[f.Name]) || f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(got)) {
			t.Errorf("%s is not what was packed", f.Name)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, ManifestText))
	must(t, err)
	if !strings.Contains(string(text), "密级 机密级") || !strings.Contains(string(text), m.Files[0].SHA256) {
		t.Errorf("the manifest for people says %s", text)
	}
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(name + " is not installed; scripts/tools installs it")
	}
	return path
}

// TestOpensWith7z: the zip opens with 7-Zip, and only with its passphrase, and says no title in the clear.
func TestOpensWith7z(t *testing.T) {
	seven := tool(t, "7zz")
	dir, files, passphrase := t.TempDir(), contents(), NewPassphrase()
	path := filepath.Join(dir, "a.zip")
	f, err := os.Create(path)
	must(t, err)
	pack(t, f, Zip, passphrase, files)
	must(t, f.Close())
	if raw, _ := os.ReadFile(path); bytes.Contains(raw, []byte("协议")) || bytes.Contains(raw, []byte("机密级")) {
		t.Error("the zip tells in the clear what is in it")
	}
	out, err := exec.Command(seven, "l", "-slt", "-p"+passphrase, path).CombinedOutput()
	if err != nil || strings.Count(string(out), "Method = AES-256 Store") != len(files)+2 {
		t.Errorf("7-Zip lists: %v\n%s", err, out)
	}
	out, err = exec.Command(seven, "x", "-y", "-p"+passphrase, "-o"+filepath.Join(dir, "out"), path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "Warning") {
		t.Fatalf("7-Zip: %v\n%s", err, out)
	}
	unpacked(t, filepath.Join(dir, "out"), files)
	if out, err := exec.Command(seven, "t", "-pwrong", path).CombinedOutput(); err == nil {
		t.Errorf("7-Zip opens it with a wrong passphrase:\n%s", out)
	}
}

// TestOpensWithAge: the age file opens with the stock tool and is a tar.
func TestOpensWithAge(t *testing.T) {
	dir, files, passphrase := t.TempDir(), contents(), NewPassphrase()
	path := filepath.Join(dir, "a.tar.age")
	f, err := os.Create(path)
	must(t, err)
	pack(t, f, Age, passphrase, files)
	must(t, f.Close())
	must(t, agetest.Decrypt(t, passphrase, path, filepath.Join(dir, "a.tar")))
	must(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
	out, err := exec.Command("tar", "-xf", filepath.Join(dir, "a.tar"), "-C", filepath.Join(dir, "out")).CombinedOutput()
	if err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	unpacked(t, filepath.Join(dir, "out"), files)
	if err := agetest.Decrypt(t, "00000-00000-00000-00000-00000", path, filepath.Join(dir, "b.tar")); err == nil {
		t.Error("age opens it with a wrong passphrase")
	}
}

// TestVector holds the bytes of docs/formats/parcel.md.
func TestVector(t *testing.T) {
	salt, _ := hex.DecodeString("000102030405060708090a0b0c0d0e0f")
	var b bytes.Buffer
	w, err := newAEWriterSalted(&b, "12345-67890-12345-67890-12345", salt)
	must(t, err)
	_, err = w.Write([]byte("0123456789abcdefX"))
	must(t, errors.Join(err, w.end()))
	const want = "000102030405060708090a0b0c0d0e0f" + "8f66" + "5a0de366ccf8fc56f844b651ead345a7b1" + "30afce892e733a454beb"
	if got := hex.EncodeToString(b.Bytes()); got != want {
		t.Errorf("sealed %s, want %s", got, want)
	}
}

// TestReadsWhat7zMade takes the reading apart from the writing: 7-Zip's own zip yields under the same keys and counter.
func TestReadsWhat7zMade(t *testing.T) {
	seven, dir := tool(t, "7zz"), t.TempDir()
	plain := bytes.Repeat([]byte("客户资料"), 1000)
	must(t, os.WriteFile(filepath.Join(dir, "x.bin"), plain, 0o600))
	out, err := exec.Command(seven, "a", "-tzip", "-mx0", "-mem=AES256", "-psecret", filepath.Join(dir, "x.zip"), filepath.Join(dir, "x.bin")).CombinedOutput()
	if err != nil {
		t.Fatalf("7-Zip: %v\n%s", err, out)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "x.zip"))
	must(t, err)
	defer z.Close()
	r, err := z.File[0].OpenRaw()
	must(t, err)
	raw, err := io.ReadAll(r)
	must(t, err)
	var again bytes.Buffer
	w, err := newAEWriterSalted(&again, "secret", raw[:aeSalt])
	must(t, err)
	_, err = w.Write(plain)
	must(t, errors.Join(err, w.end()))
	if !bytes.Equal(again.Bytes(), raw) {
		t.Error("the same salt, passphrase and bytes are sealed otherwise than 7-Zip seals them")
	}
}

// TestWrongSizesAndNames: what is not as it was said is not packed, and the container stays broken.
func TestWrongSizesAndNames(t *testing.T) {
	for _, f := range Formats {
		for _, size := range []int64{4, 6, -1} {
			var b bytes.Buffer
			p, err := New(&b, f, NewPassphrase(), Manifest{Made: made})
			must(t, err)
			if _, err := p.Add(File{Name: "a.txt", Size: size}, strings.NewReader("12345")); err == nil {
				t.Errorf("%s: 5 bytes were packed as %d", f, size)
			}
			if err := p.Close(); err == nil {
				t.Errorf("%s: a broken container was closed", f)
			}
		}
		p, err := New(io.Discard, f, NewPassphrase(), Manifest{Made: made})
		must(t, err)
		for _, name := range []string{"", ".", "..", "../a", `..\a`, "a/b", "C:a", "a\x00", "a\n", "a.", " a", "a*", "\xff", strings.Repeat("a", 201), ManifestJSON, "MANIFEST.TXT"} {
			if _, err := p.Add(File{Name: name}, strings.NewReader("")); err == nil {
				t.Errorf("%s: %q was taken for a name", f, name)
			}
		}
		_, err = p.Add(File{Name: "a.txt"}, strings.NewReader(""))
		must(t, err)
		if _, err := p.Add(File{Name: "A.TXT"}, strings.NewReader("")); err == nil {
			t.Errorf("%s: two files of one name", f)
		}
		must(t, p.Close())
	}
	if _, err := New(io.Discard, "rar", "x", Manifest{}); err == nil {
		t.Error("an unknown format")
	}
}

// zeros gives n bytes without holding them.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	clear(p[:n])
	z.n -= n
	return int(n), nil
}

// TestConstantMemory: a large file is never held whole.
func TestConstantMemory(t *testing.T) {
	for _, f := range Formats {
		p, err := New(io.Discard, f, NewPassphrase(), Manifest{Made: made})
		must(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		const size = 128 << 20
		_, err = p.Add(File{Name: "large.bin", Size: size}, &zeros{size})
		must(t, errors.Join(err, p.Close()))
		runtime.ReadMemStats(&after)
		if grew := after.TotalAlloc - before.TotalAlloc; grew > 8<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", f, grew, size)
		}
	}
}

// TestFourGigabytes: beyond the sizes that a zip's first fields hold. It writes four gigabytes and is left out of short runs.
func TestFourGigabytes(t *testing.T) {
	if testing.Short() || os.Getenv("MIJUAN_LARGE") == "" {
		t.Skip("set MIJUAN_LARGE to write four gigabytes, for which CI has neither the disk nor the time")
	}
	seven, dir := tool(t, "7zz"), t.TempDir()
	passphrase, path := NewPassphrase(), filepath.Join(dir, "a.zip")
	f, err := os.Create(path)
	must(t, err)
	p, err := New(f, Zip, passphrase, Manifest{Made: made})
	must(t, err)
	const size = 4<<30 + 5
	for _, name := range []string{"large.bin", "second.bin"} {
		_, err = p.Add(File{Name: name, Size: size}, &zeros{size})
		must(t, err)
		if name == "large.bin" {
			_, err = p.Add(File{Name: "small.txt", Size: 1}, strings.NewReader("x"))
			must(t, err)
		}
	}
	must(t, errors.Join(p.Close(), f.Close()))
	if out, err := exec.Command(seven, "t", "-p"+passphrase, path).CombinedOutput(); err != nil {
		t.Errorf("7-Zip: %v\n%s", err, out)
	}
}

func TestPassphrase(t *testing.T) {
	seen, count := map[string]bool{}, map[rune]int{}
	for range 2000 {
		p := NewPassphrase()
		if len(p) != 29 || seen[p] || strings.Trim(p, "0123456789-") != "" || strings.Count(p, "-") != 4 {
			t.Fatalf("made %q", p)
		}
		seen[p] = true
		for _, c := range p {
			count[c]++
		}
	}
	for c := '0'; c <= '9'; c++ {
		if n := count[c]; n < 4600 || n > 5400 { // of 50,000 digits; six deviations off
			t.Errorf("%c comes up %d times of 50,000", c, n)
		}
	}
	if got := Spoken("10-79"); got != "幺零 — 七九" {
		t.Errorf("read out as %q", got)
	}
}
