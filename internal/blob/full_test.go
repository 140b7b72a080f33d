package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mijuan/internal/blob"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/problem"
)

const smallDisk = 4 << 20

// withSmallDisk gives the test a file system of 4 MiB. Mounting one takes a root; who is none becomes one in a name space of
// the test's own, in a process that runs this test alone.
func withSmallDisk(t *testing.T) (dir string, here bool) {
	t.Helper()
	dir = t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m")
	if err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		return dir, true
	}
	if os.Getenv("MIJUAN_TEST_NAMESPACE") != "" {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "MIJUAN_TEST_NAMESPACE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return "", false
}

// checkFull holds an error to what a person is told.
func checkFull(t *testing.T, err error) {
	t.Helper()
	var p *problem.Error
	if !problem.Is(err, problem.Unavailable) || !errors.Is(err, syscall.ENOSPC) || !errors.As(err, &p) || !strings.Contains(p.Public(), "存储空间已满") {
		t.Errorf("a full disk: %v", err)
	}
}

// free is the number of bytes that a file system has left.
func free(t *testing.T, dir string) int64 {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Bavail) * int64(s.Bsize)
}

func TestFullDisk(t *testing.T) {
	dir, here := withSmallDisk(t)
	if !here {
		return
	}
	d := openDir(t, filepath.Join(dir, "objects"))
	content := bytes.Repeat([]byte("x"), 1<<20)
	if err := d.Put(ctx, "small", bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	before := free(t, dir)
	checkFull(t, d.Put(ctx, "large", io.LimitReader(endless{}, smallDisk), smallDisk))
	if after := free(t, dir); after != before {
		t.Errorf("a Put that failed left %d bytes", before-after)
	}

	state, err := d.Begin(ctx, "growing")
	if err != nil {
		t.Fatal(err)
	}
	state, end, err := d.Append(ctx, "growing", state, 0, 10<<20, bytes.NewReader(content))
	if err != nil || end != 1<<20 {
		t.Fatal(end, err)
	}
	before = free(t, dir)
	state, end, err = d.Append(ctx, "growing", state, end, 10<<20, endless{})
	checkFull(t, err)
	if after := free(t, dir); end != 1<<20 || after != before {
		t.Errorf("an Append that failed answers end %d and left %d bytes", end, before-after)
	}

	if err := d.Delete(ctx, "small"); err != nil {
		t.Fatal(err)
	}
	whole := int64(2 << 20)
	state, end, err = d.Append(ctx, "growing", state, end, whole, endless{}) // there is room again
	if err != nil || end != whole {
		t.Fatalf("end %d, %v", end, err)
	}
	if err := d.Finish(ctx, "growing", state); err != nil {
		t.Fatal(err)
	}
	readAll(t, d, "growing", whole)
}

func TestFullDiskOfTheServer(t *testing.T) {
	dir, here := withSmallDisk(t)
	if !here {
		return
	}
	t.Setenv("TMPDIR", dir)
	t.Run("server", func(t *testing.T) {
		s := openS3(t, s3test.Start(t))
		if err := s.Put(ctx, "small", io.LimitReader(endless{}, 1<<20), 1<<20); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int64{smallDisk, 2 * (blob.First + blob.PartSize)} { // in one request, in parts
			err := s.Put(ctx, "large", io.LimitReader(endless{}, size), size)
			var p *problem.Error
			if !problem.Is(err, problem.Unavailable) || !errors.As(err, &p) || !strings.Contains(p.Public(), "存储空间已满") {
				t.Errorf("%d bytes: %v", size, err)
			}
			if _, err := s.Open(ctx, "large"); !errors.Is(err, blob.ErrAbsent) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
		if err := s.Put(ctx, "after", strings.NewReader("x"), 1); err != nil {
			t.Error(err)
		}
	})
}

// endless gives zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func readAll(t *testing.T, s blob.Store, name string, size int64) []byte {
	t.Helper()
	o, err := s.Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	got, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil || int64(len(got)) != size {
		t.Fatalf("%s: %d of %d bytes, %v", name, len(got), size, err)
	}
	return got
}
