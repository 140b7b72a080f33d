package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"mijuan/internal/problem"
)

// S3 keeps objects in a bucket of any S3 server. A growing object is a multipart upload; its state is the upload's id, so that
// any process can go on with it. The bucket should not keep versions: there, Delete only hides.
type S3 struct {
	core   *minio.Core
	bucket string
}

// tries is how often a request is made before the server counts as away.
const tries = 4

// OpenS3 opens a bucket that exists: s3://key:secret@host:port/bucket, with ?tls=0 for a server without TLS and ?region= where it
// is not us-east-1. Key and secret may be left out of the address and stand in MIJUAN_S3_KEY and MIJUAN_S3_SECRET. Uploads that
// nobody touched for two weeks are dropped.
func OpenS3(ctx context.Context, address string) (*S3, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return nil, problem.New(problem.Invalid, "存储桶的地址要写成 s3://密钥:口令@主机:端口/桶名") // the cause would quote the secret
	}
	key, secret := os.Getenv("MIJUAN_S3_KEY"), os.Getenv("MIJUAN_S3_SECRET")
	if u.User != nil {
		key = u.User.Username()
		secret, _ = u.User.Password()
	}
	region := u.Query().Get("region")
	if region == "" {
		region = "us-east-1"
	}
	core, err := minio.NewCore(u.Host, &minio.Options{Creds: credentials.NewStaticV4(key, secret, ""), Secure: u.Query().Get("tls") != "0",
		Region: region, MaxRetries: tries})
	if err != nil {
		return nil, problem.New(problem.Invalid, "存储桶的地址要写成 s3://密钥:口令@主机:端口/桶名").Because(err)
	}
	s := &S3{core: core, bucket: strings.Trim(u.Path, "/")}
	if err := s.Ping(ctx); err != nil {
		return nil, err
	}
	return s, s.sweep(ctx)
}

// sweep drops the uploads that were begun long ago.
func (s *S3) sweep(ctx context.Context) error {
	key, id := "", ""
	for {
		page, err := s.core.ListMultipartUploads(ctx, s.bucket, "", key, id, "", 1000)
		if err != nil {
			return failure(ctx, err)
		}
		for _, u := range page.Uploads {
			if time.Since(u.Initiated) < growingFor {
				continue
			}
			if err := s.abort(ctx, u.Key, u.UploadID); err != nil {
				return err
			}
		}
		if !page.IsTruncated {
			return s.dropOldTails(ctx)
		}
		key, id = page.NextKeyMarker, page.NextUploadIDMarker
	}
}

// failure turns S3's answers into this package's.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey, minio.NoSuchUpload:
		return ErrAbsent
	case minio.InvalidRange, minio.PreconditionFailed:
		return damaged(err)
	case "XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "XAmzQuotaExceeded":
		return full(err)
	}
	return away(err)
}

// absent tells an object that is not there from a bucket that is not there: some answers cannot be told apart.
func (s *S3) absent(ctx context.Context, err error) error {
	if !errors.Is(err, ErrAbsent) {
		return err
	}
	if err := s.Ping(ctx); err != nil {
		return err
	}
	return ErrAbsent
}

// Put implements Store.
func (s *S3) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if err := check(name); err != nil {
		return err
	}
	if size > First+PartSize {
		return s.putLarge(ctx, name, r, size)
	}
	buf := make([]byte, size)
	if n, err := io.ReadFull(r, buf); err == io.EOF || err == io.ErrUnexpectedEOF {
		return wrongSize(name, int64(n), size)
	} else if err != nil {
		return err
	}
	if err := ended(name, r, size); err != nil {
		return err
	}
	_, err := s.core.PutObject(ctx, s.bucket, name, bytes.NewReader(buf), size, "", "", minio.PutObjectOptions{})
	return failure(ctx, err)
}

// putLarge puts in parts, so that nothing is visible until the size is known to be right.
func (s *S3) putLarge(ctx context.Context, name string, r io.Reader, size int64) error {
	state, err := s.Begin(ctx, name)
	if err != nil {
		return err
	}
	state, end, err := s.Append(ctx, name, state, 0, size, r)
	if err == nil && end < size {
		err = wrongSize(name, end, size)
	}
	if err == nil {
		err = ended(name, r, size)
	}
	if err == nil {
		err = s.Finish(ctx, name, state)
	}
	if err != nil {
		return errors.Join(err, s.Abort(context.WithoutCancel(ctx), name, state))
	}
	return nil
}

// ended checks that r gives nothing more.
func ended(name string, r io.Reader, size int64) error {
	switch _, err := io.ReadFull(r, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return wrongSize(name, size+1, size)
	default:
		return err
	}
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, name string) (Object, error) {
	if !valid(name) {
		return nil, ErrAbsent
	}
	info, err := s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	if err != nil {
		return nil, s.absent(ctx, failure(ctx, err))
	}
	return newRemote(ctx, s, name, info), nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, name string) error {
	if !valid(name) {
		return nil
	}
	err := failure(ctx, s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}))
	if err = s.absent(ctx, err); errors.Is(err, ErrAbsent) {
		return nil
	}
	return err
}

// List implements Store.
func (s *S3) List(ctx context.Context, f func(name string, size int64) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return failure(ctx, o.Err)
		}
		if !valid(o.Key) {
			continue
		}
		if err := f(o.Key, o.Size); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Ping implements Store.
func (s *S3) Ping(ctx context.Context) error {
	ok, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !ok {
		err = fmt.Errorf("there is no bucket %s", s.bucket)
	}
	if err != nil && ctx.Err() == nil {
		return away(err)
	}
	return ctx.Err()
}
