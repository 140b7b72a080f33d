package blob_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/blob"
	"mijuan/internal/blob/blobtest"
	"mijuan/internal/blob/s3test"
)

func openS3(t testing.TB, url string) *blob.S3 {
	t.Helper()
	s, err := blob.OpenS3(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestS3(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blobtest.Place {
		server := s3test.Run(t)
		return blobtest.Place{
			Store:  openS3(t, server.URL),
			Again:  func() blob.Store { return openS3(t, server.URL) },
			Cut:    func(name string, size int64) error { return os.Truncate(filepath.Join(server.Bucket, name), size) },
			Vanish: func() error { return os.RemoveAll(server.Bucket) },
		}
	})
}

// TestTailsGo looks for what is kept of unfinished parts: nowhere in a list, and gone with the growing object.
func TestTailsGo(t *testing.T) {
	server := s3test.Run(t)
	s := openS3(t, server.URL)
	tails := func() (n int) {
		all, err := filepath.Glob(filepath.Join(server.Bucket, "[a-z]*.*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	for _, name := range []string{"finished", "given-up"} {
		state, err := s.Begin(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		for at, more := range []string{"0", "1", "2"} {
			if state, _, err = s.Append(ctx, name, state, int64(at), 4, strings.NewReader(more)); err != nil {
				t.Fatal(err)
			}
		}
		if tails() != 1 {
			t.Fatalf("%s has %d tails", name, tails())
		}
		if err := s.List(ctx, func(name string, _ int64) error { return errors.New("listed " + name) }); err != nil && name == "finished" {
			t.Error(err)
		}
		if name == "given-up" {
			err = s.Abort(ctx, name, state)
		} else if state, _, err = s.Append(ctx, name, state, 3, 4, strings.NewReader("3")); err == nil {
			err = s.Finish(ctx, name, state)
		}
		if err != nil || tails() != 0 {
			t.Errorf("%s: %d tails stay, %v", name, tails(), err)
		}
	}
	state, err := s.Begin(ctx, "forgotten")
	if err == nil {
		_, _, err = s.Append(ctx, "forgotten", state, 0, 4, strings.NewReader("0"))
	}
	old := time.Now().Add(-15 * 24 * time.Hour)
	if err = errors.Join(err, os.Chtimes(filepath.Join(server.Bucket, "forgotten.0"), old, old)); err != nil {
		t.Fatal(err)
	}
	if openS3(t, server.URL); tails() != 0 {
		t.Error("an old tail stays")
	}
}
