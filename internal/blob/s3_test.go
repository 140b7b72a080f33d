package blob_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

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
			Parts: func(at, whole int64) int64 {
				if at < blob.First+blob.PartSize && at < whole {
					return 0
				}
				if at == whole {
					return whole
				}
				return blob.First + (at-blob.First)/blob.PartSize*blob.PartSize
			},
		}
	})
}
