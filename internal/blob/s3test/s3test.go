// Package s3test runs a real S3 server (versitygw over a temporary directory) for tests. The server's program is installed by
// `make tools`; without it the test fails.
package s3test

import (
	"bytes"
	"context"
	"fmt"
	"go/build"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	program = "versitygw"
	key     = "test"
	secret  = "a-secret-of-tests-only"
	bucket  = "sealed"
)

// Start starts a server for the time of the test and gives the address of an empty bucket, as blob.OpenS3 takes it.
func Start(t testing.TB) (url string) {
	t.Helper()
	return Run(t).URL
}

// Server is a running server. Its objects are files: name by name in the directory Bucket.
type Server struct {
	URL    string // of the bucket
	Bucket string

	t       testing.TB
	address string
	dir     string
	stop    func()
}

// Run starts a server for the time of the test.
func Run(t testing.TB) *Server {
	t.Helper()
	dir := t.TempDir()
	s := &Server{t: t, dir: dir, Bucket: filepath.Join(dir, "objects", bucket)}
	for _, sub := range []string{"objects", "about"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for range 5 { // somebody may take the port between our look and the server's
		if s.address, err = freeAddress(); err != nil {
			t.Fatal(err)
		}
		s.URL = fmt.Sprintf("s3://%s:%s@%s/%s?tls=0", key, secret, s.address, bucket)
		if err = s.start(); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// Kill kills the server, as a crash would.
func (s *Server) Kill() { s.stop() }

// Restart starts it again where it was, with what it has.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// start starts the program and waits until the bucket is there. The program ends with the test's process, however that ends.
func (s *Server) start() error {
	path, err := find()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.Command(path, "--port", s.address, "--access", key, "--secret", secret, "--quiet",
		"posix", "--sidecar", filepath.Join(s.dir, "about"), filepath.Join(s.dir, "objects"))
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the signal comes when the thread ends that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		return err
	}
	s.stop = func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	if err := s.await(ended); err != nil {
		s.stop()
		return fmt.Errorf("%s does not start: %w\n%s", program, err, said.Bytes())
	}
	return nil
}

// await makes the bucket as soon as the server answers.
func (s *Server) await(ended <-chan struct{}) error {
	client, err := minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(key, secret, ""), Region: "us-east-1", MaxRetries: 1})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		err := client.MakeBucket(ctx, bucket, minio.MakeBucketOptions{})
		if code := minio.ToErrorResponse(err).Code; err == nil || code == minio.BucketAlreadyOwnedByYou || code == minio.BucketAlreadyExists {
			return nil
		}
		select {
		case <-ended:
			return err
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// find looks for the program in PATH, where go install puts it, and where make tools does.
func find() (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	places := []string{os.Getenv("GOBIN"), filepath.Join(build.Default.GOPATH, "bin")}
	for dir, err := os.Getwd(); err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		places = append(places, filepath.Join(dir, ".cache", "bin"))
	}
	for _, place := range places {
		if path, err := exec.LookPath(filepath.Join(place, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: run `make tools`", program)
}
