package press

import (
	"bytes"
	"image"
	"image/jpeg"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mijuan/internal/printer"
	"mijuan/internal/problem"
)

// TestPrint: the client that prints the firm's copies has three pages printed; the printer tells how far it is, finds the job by name, and keeps
// nothing of the document.
func TestPrint(t *testing.T) {
	dir := t.TempDir()
	on := start(t, dir, 60*time.Millisecond)
	p := open(t, on)
	about, err := p.Describe(t.Context())
	if err != nil || about.Model != Name || about.Standing != printer.Idle || !about.Accepting || about.Format() != "application/pdf" {
		t.Fatalf("%+v, %v", about, err)
	}
	job, err := p.Print(t.Context(), document(t, "MJ-0001", 3))
	if err != nil {
		t.Fatal(err)
	}
	var seen []printer.Stage
	s := follow(t, p, job, func(s printer.State) bool { seen = append(seen, s.Stage); return s.Stage.Over() })
	if s.Stage != printer.Completed || s.Printed != 3 || seen[0] != printer.Pending || !slices.Contains(seen, printer.Working) {
		t.Errorf("%+v by way of %v", s, seen)
	}
	if found, err := p.Find(t.Context(), "MJ-0001"); err != nil || found != job {
		t.Errorf("found %d, %v", found, err)
	}
	if found, err := p.Find(t.Context(), "MJ-0002"); err != nil || found != 0 {
		t.Errorf("found %d, %v", found, err)
	}
	if err := p.Cancel(t.Context(), job); !problem.Is(err, problem.Conflict) {
		t.Errorf("cancelled when it was over: %v", err)
	}
	if _, err := p.Job(t.Context(), job+1); !problem.Is(err, problem.Absent) {
		t.Errorf("a job that is none: %v", err)
	}
	if _, err := p.Print(t.Context(), printer.Document{Name: "x", Format: "application/pdf", Bytes: []byte("<html>")}); !problem.Is(err, problem.Conflict) {
		t.Errorf("no PDF: %v", err)
	}
	var files []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			files = append(files, d.Name())
		}
		return err
	})
	if !slices.Equal(files, []string{"cert.pem", "key.pem", "port"}) {
		t.Errorf("it keeps %v", files)
	}
}

// TestMishaps: a job can be cancelled while it prints, one that jams is given up where it stands, and the next is printed.
func TestMishaps(t *testing.T) {
	on := start(t, t.TempDir(), 60*time.Millisecond)
	p := open(t, on)
	on.Jam(2, 2)
	long, err := p.Print(t.Context(), document(t, "long", 40))
	if err != nil {
		t.Fatal(err)
	}
	follow(t, p, long, func(s printer.State) bool { return s.Printed > 0 })
	jammed, err := p.Print(t.Context(), document(t, "jammed", 3))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := p.Job(t.Context(), jammed); err != nil || s.Stage != printer.Pending {
		t.Errorf("behind another: %+v, %v", s, err)
	}
	if err := p.Cancel(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	if s := follow(t, p, long, func(s printer.State) bool { return s.Stage.Over() }); s.Stage != printer.Cancelled || s.Printed >= 40 {
		t.Errorf("%+v", s)
	}
	if s := follow(t, p, jammed, func(s printer.State) bool { return s.Stage.Over() }); s.Stage != printer.Aborted || s.Printed != 2 || !slices.Contains(s.Reasons, "aborted-by-system") {
		t.Errorf("%+v", s)
	}
	next, err := p.Print(t.Context(), document(t, "next", 1))
	if err != nil {
		t.Fatal(err)
	}
	if s := follow(t, p, next, func(s printer.State) bool { return s.Stage.Over() }); s.Stage != printer.Completed {
		t.Errorf("%+v", s)
	}
}

// TestAtOnce: without a pace a job is over when it is answered.
func TestAtOnce(t *testing.T) {
	on := start(t, t.TempDir(), 0)
	if j := on.take("y", "mijuan", 2); j.stage != printer.Completed {
		t.Errorf("%+v", j)
	}
	p := open(t, on)
	job, err := p.Print(t.Context(), document(t, "x", 2))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := p.Job(t.Context(), job); err != nil || s.Stage != printer.Completed || s.Printed != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestWhereItWas: switched on again it answers at the same address with the same certificate; where its port is taken it chooses another and
// stays there. What a crash left of its certificate is made anew.
func TestWhereItWas(t *testing.T) {
	dir := t.TempDir()
	on := start(t, dir, 0)
	first := on.Address()
	on.Close()
	on = start(t, dir, 0)
	if on.Address() != first {
		t.Errorf("%+v, and then %+v", first, on.Address())
	}
	on.Close()
	taken, err := net.Listen("tcp", strings.TrimSuffix(strings.TrimPrefix(first.URI, "ipps://"), path))
	if err != nil {
		t.Fatal(err)
	}
	on = start(t, dir, 0)
	second := on.Address()
	if second.URI == first.URI || second.Pin != first.Pin {
		t.Errorf("%+v, and then %+v", first, second)
	}
	on.Close()
	taken.Close()
	if on = start(t, dir, 0); on.Address() != second {
		t.Errorf("%+v, and then %+v", second, on.Address())
	}
	on.Close()
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("-----BEGIN"), 0o600); err != nil {
		t.Fatal(err)
	}
	if on = start(t, dir, 0); on.Address().URI != second.URI || on.Address().Pin == second.Pin {
		t.Errorf("%+v, and then %+v", second, on.Address())
	}
	if _, err := open(t, on).Describe(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOtherClient: what CUPS tries a printer of IPP/1.1 with finds nothing wrong.
func TestOtherClient(t *testing.T) {
	on := start(t, t.TempDir(), 20*time.Millisecond)
	file := filepath.Join(t.TempDir(), "three.pdf")
	if err := os.WriteFile(file, document(t, "", 3).Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath("ipptool")
	if err != nil {
		t.Fatal("no ipptool: scripts/tools installs it")
	}
	out, err := exec.CommandContext(t.Context(), tool, "-t", "-f", file, on.Address().URI, "ipp-1.1.test").CombinedOutput()
	if err != nil || strings.Contains(string(out), "FAIL") || strings.Count(string(out), "[PASS]") < 20 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestSheets: pages are counted however the bytes come, and the page tree is none.
func TestSheets(t *testing.T) {
	raw := append(document(t, "", 4).Bytes, "<</Type /Page\n>> <</Type/Pages>> <</Type/PageLabel>>"...)
	for _, size := range []int{1, 7, 63, 64, 65, 1000, len(raw)} {
		s := &sheets{}
		for part := range slices.Chunk(raw, size) {
			s.Write(part)
		}
		if s.n != 5 || !s.isPDF() || len(s.tail) > keep {
			t.Errorf("%d bytes at once: %d pages", size, s.n)
		}
	}
}

func start(t *testing.T, dir string, pace time.Duration) *Press {
	t.Helper()
	p, err := Start(dir, pace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func open(t *testing.T, on *Press) *printer.Printer {
	t.Helper()
	p, err := printer.Open(on.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// document is a PDF of grey pages as the firm's printing makes them.
func document(t *testing.T, name string, pages int) printer.Document {
	t.Helper()
	grey := image.NewGray(image.Rect(0, 0, 62, 88))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, grey, nil); err != nil {
		t.Fatal(err)
	}
	pdf, err := printer.Set("application/pdf", slices.Repeat([]printer.Page{{JPEG: b.Bytes(), W: 62, H: 88}}, pages))
	if err != nil {
		t.Fatal(err)
	}
	return printer.Document{Name: name, Format: "application/pdf", Bytes: pdf}
}

func follow(t *testing.T, p *printer.Printer, job int, ok func(printer.State) bool) printer.State {
	t.Helper()
	var s printer.State
	for range 500 {
		var err error
		if s, err = p.Job(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if ok(s) {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the job stays %+v", s)
	return s
}
