package printer_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/printer"
	"mijuan/internal/printer/printertest"
	"mijuan/internal/problem"
)

// pages are pictures that can be told apart: a grey one and a coloured one.
func pages(t *testing.T) []printer.Page {
	t.Helper()
	grey := image.NewGray(image.Rect(0, 0, 620, 877))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i / 620 / 4)
	}
	colour := image.NewRGBA(image.Rect(0, 0, 877, 620))
	for y := range 620 {
		for x := range 877 {
			colour.Set(x, y, color.RGBA{R: byte(x), G: byte(y), B: 90, A: 255})
		}
	}
	var all []printer.Page
	for _, m := range []image.Image{grey, colour} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		all = append(all, printer.Page{JPEG: b.Bytes(), W: m.Bounds().Dx(), H: m.Bounds().Dy()})
	}
	return all
}

func open(t *testing.T, a printer.Address) *printer.Printer {
	t.Helper()
	p, err := printer.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func document(t *testing.T, name string) printer.Document {
	t.Helper()
	pdf, err := printer.Set("application/pdf", pages(t))
	if err != nil {
		t.Fatal(err)
	}
	return printer.Document{Name: name, Format: "application/pdf", Bytes: pdf}
}

// follow asks until the job is as wanted.
func follow(t *testing.T, p *printer.Printer, job int, ok func(printer.State) bool) printer.State {
	t.Helper()
	var s printer.State
	for range 150 {
		var err error
		if s, err = p.Job(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if ok(s) {
			return s
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the job stays %+v", s)
	return s
}

// TestPrint: what the printer hands to the paper are the bytes that were sent, and poppler finds the pictures in them.
func TestPrint(t *testing.T) {
	real := printertest.Start(t)
	p := open(t, real.Address)
	about, err := p.Describe(t.Context())
	if err != nil || !about.Accepting || about.Format() != "application/pdf" || about.Standing != printer.Idle {
		t.Fatalf("%+v, %v", about, err)
	}
	d := document(t, "MJ-0001")
	job, err := p.Print(t.Context(), d)
	if err != nil || job == 0 {
		t.Fatal(job, err)
	}
	follow(t, p, job, func(s printer.State) bool { return s.Stage == printer.Completed })
	jobs := real.Jobs()
	if len(jobs) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	if came, err := os.ReadFile(jobs[0]); err != nil || !bytes.Equal(came, d.Bytes) {
		t.Fatalf("other bytes came: %v", err)
	}
	list, err := exec.Command("pdfimages", "-list", jobs[0]).CombinedOutput()
	if err != nil || !strings.Contains(string(list), "gray") || !strings.Contains(string(list), "877") || strings.Count(string(list), "jpeg") != 2 {
		t.Errorf("%v\n%s", err, list)
	}
	if out, err := exec.Command("qpdf", "--check", jobs[0]).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if found, err := p.Find(t.Context(), "MJ-0001"); err != nil || found != job {
		t.Errorf("found %d, %v", found, err)
	}
	if found, err := p.Find(t.Context(), "MJ-0002"); err != nil || found != 0 {
		t.Errorf("found %d, %v", found, err)
	}
}

// TestMishaps: a jam shows and goes, a job can be cancelled, one is given up, and a printer that is off is told from one that may have heard.
func TestMishaps(t *testing.T) {
	real := printertest.Start(t)
	p := open(t, real.Address)
	real.Set("jam")
	job, err := p.Print(t.Context(), document(t, "jammed"))
	if err != nil {
		t.Fatal(err)
	}
	follow(t, p, job, func(s printer.State) bool { return strings.Contains(strings.Join(s.Reasons, " "), "media-jam") })
	if _, err := p.Print(t.Context(), document(t, "second")); !errors.Is(err, printer.ErrBusy) || errors.Is(err, printer.ErrUnsure) {
		t.Errorf("while another is at work: %v", err)
	}
	if err := p.Cancel(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	real.Unset("jam")
	follow(t, p, job, func(s printer.State) bool { return s.Stage == printer.Cancelled })
	if err := p.Cancel(t.Context(), job); err == nil {
		t.Error("cancelled twice")
	}
	real.Set("fail")
	var failing int
	for range 50 { // the cancelled one may still be at work
		if failing, err = p.Print(t.Context(), document(t, "failing")); !errors.Is(err, printer.ErrBusy) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	follow(t, p, failing, func(s printer.State) bool { return s.Stage == printer.Aborted })
	real.Stop()
	if _, err := p.Print(t.Context(), document(t, "nobody")); !problem.Is(err, problem.Unavailable) || errors.Is(err, printer.ErrUnsure) {
		t.Errorf("switched off: %v", err)
	}
}

// TestOtherCertificate: whoever shows another certificate gets nothing, not even the question.
func TestOtherCertificate(t *testing.T) {
	asked := 0
	fake := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer fake.Close()
	p := open(t, printer.Address{URI: strings.Replace(fake.URL, "https", "ipps", 1) + "/ipp/print", Pin: strings.Repeat("ab", 32)})
	if _, err := p.Print(t.Context(), document(t, "x")); !problem.Is(err, problem.Refused) || asked != 0 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

// TestUnsure: a printer that has taken the document and cannot say so may print it. The wire back is cut while the document flows.
func TestUnsure(t *testing.T) {
	real := printertest.Start(t)
	wire, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	go relay(wire, strings.TrimPrefix(strings.TrimSuffix(real.Address.URI, "/ipp/print"), "ipps://"))
	p := open(t, printer.Address{URI: "ipps://" + wire.Addr().String() + "/ipp/print", Pin: real.Address.Pin})
	real.Set("slow")
	if _, err := p.Print(t.Context(), document(t, "MJ-LOST")); !errors.Is(err, printer.ErrUnsure) || !problem.Is(err, problem.Unavailable) {
		t.Errorf("the answer was lost: %v", err)
	}
	job, err := open(t, real.Address).Find(t.Context(), "MJ-LOST")
	if err != nil || job == 0 {
		t.Errorf("the job is there and was not found: %d, %v", job, err)
	}
}

// relay passes connections on; once a document has flowed, nothing comes back.
func relay(l net.Listener, to string) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		var sent atomic.Int64
		go func() {
			buf := make([]byte, 1024)
			for {
				n, err := near.Read(buf)
				if err != nil {
					return
				}
				sent.Add(int64(n))
				far.Write(buf[:n])
			}
		}()
		go func() {
			buf := make([]byte, 1024)
			for {
				n, err := far.Read(buf)
				if err != nil || sent.Load() > 16<<10 {
					near.Close()
					return
				}
				near.Write(buf[:n])
			}
		}()
	}
}

// TestPWG: what a printer without PDF takes is read by another's reader of PWG raster.
func TestPWG(t *testing.T) {
	real := printertest.Start(t, "image/pwg-raster", "image/jpeg")
	p := open(t, real.Address)
	about, err := p.Describe(t.Context())
	if err != nil || about.Format() != "image/pwg-raster" {
		t.Fatalf("%+v, %v", about, err)
	}
	raster, err := printer.Set(about.Format(), pages(t))
	if err != nil {
		t.Fatal(err)
	}
	job, err := p.Print(t.Context(), printer.Document{Name: "raster", Format: about.Format(), Bytes: raster})
	if err != nil {
		t.Fatal(err)
	}
	follow(t, p, job, func(s printer.State) bool { return s.Stage == printer.Completed })
	if came, err := os.ReadFile(real.Jobs()[0]); err != nil || !bytes.Equal(came, raster) {
		t.Fatal(err)
	}
	const head, wide, tall = 1796, 1654, 2339
	at := 4
	for n := range 2 {
		at += head
		sheet := unpack(t, raster, &at, wide, tall)
		if dark := bytes.Count(sheet, []byte{255}); dark < wide*tall/50 || dark > wide*tall*9/10 {
			t.Errorf("page %d: %d white pixels", n, dark)
		}
	}
	if at != len(raster) {
		t.Errorf("%d bytes are left", len(raster)-at)
	}
}

// unpack reads a page of PWG raster, as the standard says it is written.
func unpack(t *testing.T, raster []byte, at *int, wide, tall int) (sheet []byte) {
	t.Helper()
	for len(sheet) < wide*tall {
		times := int(raster[*at]) + 1
		*at++
		var line []byte
		for len(line) < wide {
			c := int(raster[*at])
			*at++
			if c < 128 {
				line = append(line, bytes.Repeat(raster[*at:*at+1], c+1)...)
				*at++
			} else {
				line = append(line, raster[*at:*at+257-c]...)
				*at += 257 - c
			}
		}
		if len(line) != wide {
			t.Fatalf("a line of %d", len(line))
		}
		for range times {
			sheet = append(sheet, line...)
		}
	}
	return sheet
}

func TestAddresses(t *testing.T) {
	pin := strings.Repeat("0A:", 31) + "0A"
	for uri, good := range map[string]bool{"ipps://printer.office/ipp/print": true, "ipps://192.168.8.9:631/ipp/print": true, "ipps://[fd00::9]/ipp": true, "http://printer/ipp": false, "ipps:///ipp": false,
		"ipps://169.254.169.254/latest": false, "ipps://0.0.0.0/ipp": false, "ipps://224.0.0.1/ipp": false, "ipps://user@printer/ipp": false, "ipps://printer/ipp?x=1": false, "ipps://printer:0/ipp": false, "ipps://printer": false,
		"file:///etc/passwd": false, "": false} {
		if _, err := (printer.Address{URI: uri, Pin: pin}).Clean(); (err == nil) != good {
			t.Errorf("%q: %v", uri, err)
		}
	}
	if a, err := (printer.Address{URI: "ipps://printer/ipp", Pin: pin}).Clean(); err != nil || a.Pin != strings.Repeat("0a", 32) {
		t.Errorf("%+v, %v", a, err)
	}
	for _, a := range []printer.Address{{URI: "ipps://printer/ipp"}, {URI: "ipps://printer/ipp", Pin: "00"}, {URI: "ipp://printer/ipp", Pin: pin}} {
		if _, err := a.Clean(); !problem.Is(err, problem.Invalid) {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
