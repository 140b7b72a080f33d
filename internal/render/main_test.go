package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mijuan/internal/filetype"
)

// TestMain is also the workers' program: this binary again, as the product's is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "render-worker":
			os.Exit(WorkerMain(os.Stdin, os.Stdout))
		case "odd-worker":
			os.Exit(work(os.Stdin, os.Stdout, openOdd))
		}
	}
	code := m.Run()
	if sharedPool != nil {
		sharedPool.Close()
	}
	if detector > 1 {
		os.RemoveAll(filepath.Dir(program()))
	}
	os.Exit(code)
}

// program is what the workers run: this binary, or in a race build the same without the detector, which would make them crawl.
var program = sync.OnceValue(func() string {
	if detector == 1 {
		return os.Args[0]
	}
	dir, err := os.MkdirTemp("", "mijuan-render-worker")
	if err != nil {
		panic(err)
	}
	path := filepath.Join(dir, "worker")
	build := exec.Command("go", "test", "-c", "-o", path, "mijuan/internal/render")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build the worker: %v\n%s", err, out))
	}
	return path
})

// codeCache keeps compiled PDFium between test runs, as a server does between starts.
func codeCache() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("mijuan-test-render-%d", os.Getuid()))
}

var sharedPool *Pool

var openShared = sync.OnceValues(func() (*Pool, error) {
	return NewPool(Options{Command: []string{program(), "render-worker"}, CacheDir: codeCache(), Workers: 2, Timeout: 60 * time.Second})
})

// realPool is a pool of real workers that the tests share.
func realPool(t testing.TB) *Pool {
	t.Helper()
	p, err := openShared()
	if err == nil {
		_, err = p.Ready(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	sharedPool = p
	return p
}

// oddPool is a pool of workers that do what a document's key says.
func oddPool(t *testing.T, o Options) *Pool {
	t.Helper()
	o.Command = []string{program(), "odd-worker"}
	p, err := NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// oddity is a document that misbehaves as its key says. Its text is what it could reach.
type oddity struct {
	do  string
	src *source
}

func openOdd(q request, src *source) (document, error) {
	do, _, _ := strings.Cut(q.Key, " ")
	if do == "die on opening" {
		os.Exit(7)
	}
	return &oddity{do, src}, nil
}

func (o *oddity) pages() int { return 3 }

func (o *oddity) close() {}

func (o *oddity) size(int) (w, h float64, err error) { return a4Width, a4Height, nil }

func (o *oddity) draw(n, w, h int) (*raster, error) {
	switch o.do {
	case "hang":
		for spin := 0; ; spin++ {
			if spin < 0 {
				spin = 0
			}
		}
	case "die":
		os.Exit(9)
	case "allocate":
		var all [][]byte
		for {
			b := make([]byte, 64<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
			if len(all) > 1<<20 {
				return nil, errors.New(string(all[0][:1]))
			}
		}
	case "panic":
		panic("a decoder's index out of range")
	case "slow":
		time.Sleep(300 * time.Millisecond)
	case "read":
		for _, at := range []int64{0, o.src.size - 1} {
			if _, err := o.src.ReadAt(make([]byte, 1), at); err != nil {
				return nil, err
			}
		}
	}
	return white(w, h), nil
}

func (o *oddity) text(n int) (string, error) {
	if o.do == "reach" {
		return reach(), nil
	}
	return fmt.Sprint("page ", n+1), nil
}

// reach tries what a confined worker must not be able to do and reports what succeeded.
func reach() string {
	var got []string
	if _, err := os.ReadFile("/etc/passwd"); err == nil {
		got = append(got, "read a file")
	}
	if f, err := os.CreateTemp("", "x"); err == nil {
		os.Remove(f.Name())
		got = append(got, "write a file")
	}
	if c, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		c.Close()
		got = append(got, "listen")
	}
	if err := exec.Command("/bin/true").Run(); err == nil {
		got = append(got, "run a program")
	}
	return strings.Join(got, ", ")
}

func docOf(key string, t filetype.Type, body []byte) Doc {
	return Doc{Key: key, Type: t, Src: bytes.NewReader(body), Size: int64(len(body))}
}

// some is a mark of somebody.
func some() Mark {
	return Mark{Level: "客户资料·绝密级", Lines: []string{"沈砚秋 shenyq", "M-2026-0007-3", "2026-07-01 10:24:31", "10.20.3.117"}, Code: "7F3A-09C2-D41B"}
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
