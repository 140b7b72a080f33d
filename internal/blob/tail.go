package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// A tail is what has arrived of a part that is too short for S3 to take as one: an object of its own beside the growing one, whose
// name is no object's name, so that nothing lists or opens it. It is written again when more of its part has arrived, and stays
// until the object is finished or given up, because a process that dies may have to go back to it.
func tailKey(name string, part int) string { return fmt.Sprintf("%s.%d", name, part) }

// keepTail puts what has arrived of a part. It does so also when ctx has ended, since the bytes will not come again.
func (s *S3) keepTail(ctx context.Context, name string, part int, content []byte) error {
	longer, cancel := outliving(ctx)
	defer cancel()
	_, err := s.core.PutObject(longer, s.bucket, tailKey(name, part), bytes.NewReader(content), int64(len(content)), "", "", minio.PutObjectOptions{})
	return failure(longer, err)
}

// tail gets the first bytes of a part that were kept.
func (s *S3) tail(ctx context.Context, name string, part int, size int64) ([]byte, error) {
	body, _, _, err := s.core.GetObject(ctx, s.bucket, tailKey(name, part), minio.GetObjectOptions{})
	if err != nil {
		return nil, s.absent(ctx, failure(ctx, err))
	}
	defer body.Close()
	content := make([]byte, size)
	if n, err := io.ReadFull(body, content); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, damaged(fmt.Errorf("the tail of part %d of %s has %d bytes, not %d", part, name, n, size))
	} else if err != nil {
		return nil, failure(ctx, err)
	}
	return content, nil
}

// dropTails deletes the tails of an object.
func (s *S3) dropTails(ctx context.Context, name string) error {
	return s.eachTail(ctx, name+".", func(o minio.ObjectInfo) bool { return true })
}

// dropOldTails deletes the tails that nobody touched for long.
func (s *S3) dropOldTails(ctx context.Context) error {
	return s.eachTail(ctx, "", func(o minio.ObjectInfo) bool { return time.Since(o.LastModified) > growingFor })
}

func (s *S3) eachTail(ctx context.Context, prefix string, goes func(minio.ObjectInfo) bool) error {
	listing, stop := context.WithCancel(ctx)
	defer stop()
	for o := range s.core.ListObjectsIter(listing, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return failure(ctx, o.Err)
		}
		if name, _, ok := strings.Cut(o.Key, "."); !ok || !valid(name) || !goes(o) {
			continue
		}
		if err := failure(ctx, s.core.RemoveObject(ctx, s.bucket, o.Key, minio.RemoveObjectOptions{})); err != nil {
			return err
		}
	}
	return ctx.Err()
}
