package blob_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/blob"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/problem"
)

// TestS3ServerKilled kills the server while an object grows, and goes on when it is back.
func TestS3ServerKilled(t *testing.T) {
	server := s3test.Run(t)
	s := openS3(t, server.URL)
	const whole = blob.First + 6*blob.PartSize
	content := bytes.Repeat([]byte("0123456789abcdef"), whole/16)
	if err := s.Put(ctx, "before", bytes.NewReader(content[:1000]), 1000); err != nil {
		t.Fatal(err)
	}
	state, err := s.Begin(ctx, "growing")
	if err != nil {
		t.Fatal(err)
	}
	r := &interrupted{Reader: bytes.NewReader(content), after: 3 * blob.PartSize, f: server.Kill}
	state, end, err := s.Append(ctx, "growing", state, 0, whole, r)
	if !problem.Is(err, problem.Unavailable) || end > 3*blob.PartSize {
		t.Fatalf("end %d, %v", end, err)
	}
	if err := s.Ping(ctx); !problem.Is(err, problem.Unavailable) {
		t.Errorf("ping a dead server: %v", err)
	}
	if _, err := s.Open(ctx, "before"); !problem.Is(err, problem.Unavailable) {
		t.Errorf("open from a dead server: %v", err)
	}
	server.Restart()
	state, end, err = s.Append(ctx, "growing", state, end, whole, bytes.NewReader(content[end:]))
	if err != nil || end != whole {
		t.Fatalf("end %d, %v", end, err)
	}
	if err := s.Finish(ctx, "growing", state); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readAll(t, s, "growing", whole), content) || !bytes.Equal(readAll(t, s, "before", 1000), content[:1000]) {
		t.Error("other bytes came back")
	}
}

// interrupted calls f when it has given some bytes.
type interrupted struct {
	io.Reader
	after int64
	f     func()
}

func (r *interrupted) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p[:min(len(p), 1<<16)])
	if r.after > 0 && r.after <= int64(n) {
		r.f()
	}
	r.after -= int64(n)
	return n, err
}

// TestS3ServerKilledWhileRead kills the server while an object is read.
func TestS3ServerKilledWhileRead(t *testing.T) {
	server := s3test.Run(t)
	s := openS3(t, server.URL)
	const size = 6 * blob.PartSize
	if err := s.Put(ctx, "a", io.LimitReader(endless{}, size), size); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	r := &interrupted{Reader: io.NewSectionReader(o, 0, size), after: blob.PartSize, f: server.Kill}
	if n, err := io.Copy(io.Discard, r); !problem.Is(err, problem.Unavailable) || n < blob.PartSize || n == size {
		t.Errorf("%d bytes, %v", n, err)
	}
	server.Restart()
	if n, err := o.ReadAt(make([]byte, size), 0); n != size || err != nil {
		t.Errorf("reading again: %d bytes, %v", n, err)
	}
}

// TestS3ConnectionsBreak reads through a line that breaks again and again.
func TestS3ConnectionsBreak(t *testing.T) {
	url := s3test.Start(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<19)
	if err := openS3(t, url).Put(ctx, "a", bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	at, rest, _ := strings.Cut(url, "@")
	server, rest, _ := strings.Cut(rest, "/")
	for _, every := range []int64{3 << 20, 2 << 20, 1500} { // bytes after which a connection breaks
		line := breakingLine(t, server, every)
		s, err := blob.OpenS3(ctx, at+"@"+line+"/"+rest)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Open(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		got, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
		if every > 1<<20 && (err != nil || !bytes.Equal(got, content)) {
			t.Errorf("a line that breaks every %d bytes: %d bytes, %v", every, len(got), err)
		}
		if every < 1<<20 && (!problem.Is(err, problem.Unavailable) || !bytes.HasPrefix(content, got)) {
			t.Errorf("a line that breaks every %d bytes: %d bytes, %v", every, len(got), err)
		}
	}
}

// breakingLine passes connections on to a server, and breaks each when the server has said so many bytes.
func breakingLine(t *testing.T, server string, every int64) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer near.Close()
				far, err := net.Dial("tcp", server)
				if err != nil {
					return
				}
				defer far.Close()
				go func() { _, _ = io.Copy(far, near) }()
				_, _ = io.CopyN(near, far, every)
			}()
		}
	}()
	return l.Addr().String()
}

func TestOpenS3Refuses(t *testing.T) {
	url := s3test.Start(t)
	for _, wrong := range []string{"", "http://host/bucket", "s3://", "s3://host", "s3:///bucket", "s3://key:very-secret@host", "s3://key:very-secret@ho st/bucket"} {
		if _, err := blob.OpenS3(ctx, wrong); !problem.Is(err, problem.Invalid) || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	for what, wrong := range map[string]string{
		"secret": strings.Replace(url, "a-secret-of-tests-only", "very-secret", 1), "bucket": strings.Replace(url, "/sealed?", "/other?", 1),
		"tls": strings.TrimSuffix(url, "?tls=0"), "port": "s3://key:very-secret@127.0.0.1:1/bucket?tls=0",
	} {
		if _, err := blob.OpenS3(ctx, wrong); !problem.Is(err, problem.Unavailable) || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("wrong %s: %v", what, err)
		}
	}
}

func TestS3SecretsFromTheEnvironment(t *testing.T) {
	url := s3test.Start(t)
	at := strings.Index(url, "@")
	t.Setenv("MIJUAN_S3_KEY", "test")
	t.Setenv("MIJUAN_S3_SECRET", "a-secret-of-tests-only")
	s := openS3(t, "s3://"+url[at+1:])
	if err := s.Put(ctx, "a", strings.NewReader("x"), 1); err != nil {
		t.Error(err)
	}
}

// TestOpenS3DropsOldUploads ages an unfinished upload behind the server's back.
func TestOpenS3DropsOldUploads(t *testing.T) {
	server := s3test.Run(t)
	s := openS3(t, server.URL)
	states := map[string]string{}
	for _, name := range []string{"new", "old"} {
		state, err := s.Begin(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if states[name], _, err = s.Append(ctx, name, state, 0, 10, strings.NewReader("0123456789")); err != nil {
			t.Fatal(err)
		}
	}
	id := strings.Fields(states["old"])[1]
	aged := 0
	if err := filepath.WalkDir(server.Bucket, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Name() == id {
			aged++
			return os.Chtimes(path, time.Time{}, time.Now().Add(-15*24*time.Hour))
		}
		return err
	}); err != nil || aged == 0 {
		t.Fatal("no upload to age", err)
	}
	s = openS3(t, server.URL)
	if err := s.Finish(ctx, "old", states["old"]); !errors.Is(err, blob.ErrAbsent) {
		t.Errorf("the old upload: %v", err)
	}
	if err := s.Finish(ctx, "new", states["new"]); err != nil {
		t.Errorf("the new upload: %v", err)
	}
}
