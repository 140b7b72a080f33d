package apptest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"mijuan/internal/house"
)

const diskFull = "存储空间已满"

// smallDisk gives the test a file system of its own size. Mounting one takes a privilege; who has none gets it in a name space
// of the test's own, in a process that runs this test alone.
func smallDisk(t *testing.T, size string) (dir string, here bool) {
	t.Helper()
	dir = t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	if err == nil {
		t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
		return dir, true
	}
	if os.Getenv("MIJUAN_TEST_NAMESPACE") != "" {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "MIJUAN_TEST_NAMESPACE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN},
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return "", false
}

// fillUp takes all the room that is left.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	for _, size := range []int{1 << 20, 4 << 10} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	must(t, f.Close())
}

func spare(t *testing.T, dir string) int64 {
	t.Helper()
	var s syscall.Statfs_t
	must(t, syscall.Statfs(dir, &s))
	return int64(s.Bavail) * s.Bsize
}

// TestDiskFull has the disk with all that the firm has run full under an upload, and under small acts, and then gives it room again.
func TestDiskFull(t *testing.T) {
	dir, here := smallDisk(t, "20m")
	if !here {
		return
	}
	s := settings(t, filepath.Join(dir, "firm"))
	o := found(t, s)
	matter := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	text, large := longText(), largeFile(24<<20)
	kept := o.receive(matter, "代理词.txt", "代理词", text, "secret")
	o.review(kept, "secret")

	before := spare(t, dir)
	a := o.begin("handling", matter, "a.bin", int64(len(large)), bytes.NewReader(large))
	a.refused(t, "an upload that fills the disk", http.StatusServiceUnavailable, diskFull)
	upload := a.place(t)
	if after := spare(t, dir); after < before-1<<20 {
		t.Errorf("the upload has left %d bytes", before-after)
	}
	if at := o.offset(t, upload); at != 0 {
		t.Errorf("it stands at %d", at)
	}
	o.page(t, "handling", kept, 1)

	renaming := o.keepRenaming(kept)
	await(t, "a renaming", func() bool { return renaming.last() > 5 })
	fillUp(t, filepath.Join(dir, "ballast"))
	refused := <-renaming.refused
	refused.refused(t, "a renaming", http.StatusServiceUnavailable, diskFull)
	for what, a := range map[string]answer{"a page": o.ask("handling", "GET", "/materials/"+kept+"/pages/1", nil), "an original": o.ask("lead", "GET", "/materials/"+kept+"/original", nil),
		"a small upload": o.begin("handling", matter, "b.txt", 4, strings.NewReader("text"))} {
		a.refused(t, what, http.StatusServiceUnavailable, diskFull)
	}

	must(t, os.Remove(filepath.Join(dir, "ballast")))
	renaming.holds(t, o, kept)
	o.page(t, "handling", kept, 1)
	must(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m")) // a larger disk
	o.resume(upload, 0, bytes.NewReader(large)).done(t, "going on", http.StatusNoContent)
	received := o.file(t, matter, upload)
	if n := o.objects(t); n != 2 {
		t.Errorf("%d objects for two materials", n)
	}
	o.sound(t)

	o.server.Close()
	must(t, o.h.Close())
	h, err := house.Open(context.Background(), s)
	must(t, err)
	t.Cleanup(func() { h.Close() })
	o.h, o.server = h, open(t, h)
	renaming.holds(t, o, kept)
	o.original(t, "lead", kept, text)
	o.original(t, "lead", received, large)
	o.sound(t)
}
