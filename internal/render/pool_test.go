package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mijuan/internal/filetype"
	"mijuan/internal/problem"
	"mijuan/internal/text"
)

func page(t *testing.T, p *Pool, key string) error {
	t.Helper()
	_, err := p.Page(within(t, 60*time.Second), docOf(key, filetype.Text, []byte("body of "+key)), 1, Spec{Width: 200, Mark: some()})
	return err
}

func says(t *testing.T, err error, kind problem.Kind, part string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Kind != kind || !strings.Contains(p.Public(), part) {
		t.Errorf("got %v; want a problem of kind %d that says %q", err, kind, part)
	}
}

// TestHostileFilesHarmNobody has files that hang, end, fill the memory and panic in workers while others' pages are made.
func TestHostileFilesHarmNobody(t *testing.T) {
	p := oddPool(t, Options{Workers: 2, Timeout: 2 * time.Second, MemoryLimit: 512 << 20})
	var hostile sync.WaitGroup
	for _, do := range []string{"hang", "die", "allocate", "panic", "die on opening"} {
		for range 3 {
			hostile.Go(func() {
				if err := page(t, p, do); problem.KindOf(err) != problem.Invalid {
					t.Errorf("%s: %v", do, err)
				}
			})
		}
	}
	for i := range 30 {
		if err := page(t, p, fmt.Sprint("fine ", i%4)); err != nil {
			t.Errorf("an honest file, request %d: %v", i, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	hostile.Wait()
	says(t, page(t, p, "hang"), problem.Invalid, "时间或内存的限制")
	if err := page(t, p, "fine at last"); err != nil {
		t.Error(err)
	}
}

// TestBlame: a file that made a worker time out is answered at once from then on.
func TestBlame(t *testing.T) {
	p := oddPool(t, Options{Workers: 1, Timeout: 500 * time.Millisecond})
	says(t, page(t, p, "hang"), problem.Invalid, "时间或内存的限制")
	start := time.Now()
	says(t, page(t, p, "hang"), problem.Invalid, "时间或内存的限制")
	if took := time.Since(start); took > 400*time.Millisecond {
		t.Errorf("the second request took %v", took)
	}
}

// TestSpareWorkers: where all workers hang, somebody else waits a second, not their timeout.
func TestSpareWorkers(t *testing.T) {
	p := oddPool(t, Options{Workers: 2, Timeout: 20 * time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 2 {
		go p.Page(ctx, docOf(fmt.Sprint("hang ", i), filetype.Text, []byte("x")), 1, Spec{Width: 200, Mark: some()}) // ends with the pool
	}
	defer cancel()
	time.Sleep(300 * time.Millisecond)
	start := time.Now()
	if err := page(t, p, "fine"); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("an honest file waited %v", took)
	}
}

// TestShare: a document of which nothing has been shown yet gets one worker, however often it is asked for.
func TestShare(t *testing.T) {
	p := oddPool(t, Options{Workers: 3, Timeout: 20 * time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 5 {
		go p.Page(ctx, docOf("hang", filetype.Text, []byte("x")), 1, Spec{Width: 200, Mark: some()}) // ends with the pool
	}
	for range 3 {
		if err := page(t, p, "fine"); err != nil {
			t.Error(err)
		}
	}
	time.Sleep(1200 * time.Millisecond) // spare workers would be asked for by now
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue.busy) != 1 || len(p.queue.waiting) != 4 {
		t.Errorf("%d workers are busy, %d calls wait", len(p.queue.busy), len(p.queue.waiting))
	}
}

// TestConfined: a worker reads no file, opens no socket, runs no program.
func TestConfined(t *testing.T) {
	p := oddPool(t, Options{Workers: 1})
	confined, err := p.Ready(within(t, time.Minute))
	if err != nil || !confined {
		t.Fatalf("confined: %v, %v", confined, err)
	}
	err = p.Text(t.Context(), docOf("reach", filetype.Text, []byte("x")), func(n int, got string) error {
		if got != "" {
			t.Errorf("a worker can %s", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

var errBucket = errors.New("the bucket is gone")

// failing gives bytes up to a point.
type failing struct {
	io.ReaderAt
	from int64
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, errBucket
	}
	return f.ReaderAt.ReadAt(p, off)
}

// TestSourceFailure: the source's own error comes back, nothing is shown, and once it works again so does the page.
func TestSourceFailure(t *testing.T) {
	p := realPool(t)
	body := contract(t, 30)
	mixed := bytes.Repeat([]byte("第一条\n"), 200_000)
	for name, d := range map[string]Doc{
		"pdf": docOf("failing pdf", filetype.PDF, body), "text": docOf("failing text", filetype.Text, mixed),
		"jpeg": docOf("failing jpeg", filetype.JPEG, asJPEG(t, photo(1200, 900))), "tiff": docOf("failing tiff", filetype.TIFF, multiTIFF(t, 2)),
	} {
		good := d.Src
		d.Src = failing{good, 0}
		if _, err := p.Inspect(t.Context(), d); !errors.Is(err, errBucket) {
			t.Errorf("%s: Inspect gives %v", name, err)
		}
		if img, err := p.Page(t.Context(), d, 1, Spec{Width: 300, Mark: some()}); !errors.Is(err, errBucket) || img.Bytes != nil {
			t.Errorf("%s: Page gives %v", name, err)
		}
		d.Src = good
		if img, err := p.Page(t.Context(), d, 1, Spec{Width: 300, Mark: some()}); err != nil || len(img.Bytes) == 0 {
			t.Errorf("%s, mended: %v", name, err)
		}
	}
}

// TestSourceFailsMidway: when just the page's contents cannot be read, PDFium would show an empty page; the pool shows none.
func TestSourceFailsMidway(t *testing.T) {
	p := realPool(t)
	filler := stream("", strings.Repeat("% filling\n", 3*blockSize/10))
	body := pdfFile("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[6 0 R]/Count 1>>", filler, stream("", "BT /F1 24 Tf 60 700 Td (in the middle) Tj ET"), filler,
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 7 0 R>>>>>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	contents, broken := int64(bytes.Index(body, []byte("in the middle"))), true
	d := docOf("midway", filetype.PDF, body)
	d.Src = readerAt(func(b []byte, off int64) (int, error) {
		if broken && off <= contents && contents < off+int64(len(b)) {
			return 0, errBucket
		}
		return bytes.NewReader(body).ReadAt(b, off)
	})
	for range 3 {
		if img, err := p.Page(t.Context(), d, 1, Spec{Width: 300, Mark: some()}); !errors.Is(err, errBucket) || img.Bytes != nil {
			t.Errorf("a page without its contents: %v", err)
		}
		if err := p.Text(t.Context(), d, func(int, string) error { return nil }); !errors.Is(err, errBucket) {
			t.Errorf("a text without its contents: %v", err)
		}
	}
	broken = false
	if r := decoded(t, p, d, 1, some()); ink(r, 90, 140, 500, 190) < 500 {
		t.Error("the page stays empty")
	}
}

type readerAt func([]byte, int64) (int, error)

func (f readerAt) ReadAt(b []byte, off int64) (int, error) { return f(b, off) }

// TestCancel: a call ends with its context, does not read its source any more, and leaves a usable worker behind.
func TestCancel(t *testing.T) {
	p := oddPool(t, Options{Workers: 1})
	if err := page(t, p, "fine"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	entered, ended := make(chan struct{}), false
	enter := sync.OnceFunc(func() { close(entered) })
	d := docOf("read", filetype.Text, bytes.Repeat([]byte("x"), 2<<20))
	var mu sync.Mutex
	d.Src = readerAt(func(b []byte, off int64) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			t.Error("the source was read after the call had ended")
			return len(b), nil
		}
		enter()
		time.Sleep(50 * time.Millisecond)
		return len(b), nil
	})
	go func() { <-entered; cancel() }()
	_, err := p.Page(ctx, d, 1, Spec{Width: 200, Mark: some()})
	mu.Lock()
	ended = true
	mu.Unlock()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call gives %v", err)
	}
	if err := page(t, p, "fine again"); err != nil {
		t.Error(err)
	}
}

func TestWaitingEnds(t *testing.T) {
	p := oddPool(t, Options{Workers: 1, Timeout: 10 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	go p.Page(t.Context(), docOf("hang", filetype.Text, []byte("x")), 1, Spec{Width: 200, Mark: some()})
	time.Sleep(50 * time.Millisecond)
	if _, err := p.Inspect(ctx, docOf("hang", filetype.Text, []byte("x"))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting past the deadline gives %v", err)
	}
}

// TestKilledWorker: a worker that somebody ends is replaced, and the page is made by the next one.
func TestKilledWorker(t *testing.T) {
	p := oddPool(t, Options{Workers: 1})
	if err := page(t, p, "fine"); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.queue.idle[0].kill()
	p.mu.Unlock()
	if err := page(t, p, "fine"); err != nil {
		t.Error(err)
	}
}

func TestNoWorkers(t *testing.T) {
	p, err := NewPool(Options{Command: []string{filepath.Join(t.TempDir(), "absent")}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	says(t, page(t, p, "fine"), problem.Unavailable, "暂时不可用")
	if _, err := NewPool(Options{}); err == nil {
		t.Error("a pool without a command")
	}
}

func TestClose(t *testing.T) {
	p := oddPool(t, Options{Workers: 2})
	if err := page(t, p, "fine"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	says(t, page(t, p, "fine"), problem.Unavailable, "暂时不可用")
}

// TestDamagedCache: compiled code that cannot be read is made anew; the directory is for its owner only.
func TestDamagedCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	kept := filepath.Join(codeCache(), "pdfium")
	realPool(t) // fills it
	if err := os.CopyFS(filepath.Join(dir, "pdfium"), os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(dir, func(path string, i os.FileInfo, err error) error {
		if err != nil || i.IsDir() {
			return err
		}
		return os.Truncate(path, i.Size()/2)
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPool(Options{Command: []string{program(), "render-worker"}, CacheDir: dir, Workers: 1, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Ready(within(t, 3*time.Minute)); err != nil {
		t.Error(err)
	}
	if i, err := os.Stat(filepath.Join(dir, "pdfium")); err != nil || i.Mode().Perm() != 0o700 {
		t.Errorf("the cache: %v, %v", i.Mode(), err)
	}
}

// TestTwoViewers asks for one page for two people at the same time and compares what they get.
func TestTwoViewers(t *testing.T) {
	p := realPool(t)
	d := docOf("two viewers", filetype.PDF, contract(t, 2))
	one, two := decoded(t, p, d, 2, some()), decoded(t, p, d, 2, other())
	eachCell(one, 16, func(x, y int, pixels func(yield func(int) bool)) {
		differ := 0
		for i := range pixels {
			if d := int(one.y[i]) - int(two.y[i]); d > 6 || d < -6 {
				differ++
			}
		}
		if differ < 8 {
			t.Errorf("cell %d,%d differs in %d pixels", x, y, differ)
		}
	})
}

// TestProblemsAreSaid: each failure has a Chinese sentence with its English.
func TestProblemsAreSaid(t *testing.T) {
	for w := emptyFile; w <= overLimit; w++ {
		if p := (&failure{Why: w, A: 1, B: 2}).problem(); !text.Known(p.Format) {
			t.Errorf("failure %d says %q, which has no English", w, p.Format)
		}
	}
}
