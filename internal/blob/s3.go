package blob

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 keeps objects in a bucket of any S3 server. A growing object is a multipart upload; its state is the upload's id and its
// parts, so that any process can go on with it.
type S3 struct {
	core   *minio.Core
	bucket string
}

// OpenS3 opens a bucket: s3://key:secret@host:port/bucket, with ?tls=0 for a server without TLS. Key and secret may be left out
// of the address and stand in MIJUAN_S3_KEY and MIJUAN_S3_SECRET.
func OpenS3(ctx context.Context, address string) (*S3, error) {
	u, err := url.Parse(address)
	bucket := ""
	if err == nil {
		bucket = strings.Trim(u.Path, "/")
	}
	if err != nil || u.Scheme != "s3" || u.Host == "" || bucket == "" {
		return nil, errors.New("the bucket's address must be s3://key:secret@host:port/bucket")
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
		Region: region, TrailingHeaders: false})
	if err != nil {
		return nil, fmt.Errorf("open the bucket: %w", err)
	}
	s := &S3{core: core, bucket: bucket}
	return s, s.Ping(ctx)
}

// failure turns S3's answers into this package's.
func failure(err error) error {
	switch minio.ToErrorResponse(err).Code {
	case "NoSuchKey":
		return ErrAbsent
	case "XMinioStorageFull", "InsufficientStorage", "QuotaExceeded":
		return full(err)
	}
	return away(err)
}

// Put implements Store.
func (s *S3) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if !valid(name) {
		return fmt.Errorf("blob: %q is no name", name)
	}
	info, err := s.core.Client.PutObject(ctx, s.bucket, name, io.LimitReader(r, size+1), size, minio.PutObjectOptions{SendContentMd5: true})
	if err != nil {
		return failure(err)
	}
	if info.Size != size {
		return errors.Join(fmt.Errorf("put %s: %d of %d bytes: %w", name, info.Size, size, io.ErrUnexpectedEOF), s.Delete(ctx, name))
	}
	return nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, name string) error {
	err := s.core.Client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{})
	if err != nil && !errors.Is(failure(err), ErrAbsent) {
		return failure(err)
	}
	return nil
}

// multipart is the state of a growing object.
type multipart struct {
	ID    string `json:"id"`
	Parts []part `json:"parts"`
}

type part struct {
	ETag string `json:"etag"`
	Size int64  `json:"size"`
}

func (m multipart) String() string {
	raw, err := json.Marshal(m)
	if err != nil {
		panic("blob: " + err.Error()) // strings and numbers always encode
	}
	return string(raw)
}

func parseMultipart(state string) (m multipart, err error) {
	if err := json.Unmarshal([]byte(state), &m); err != nil || m.ID == "" {
		return m, fmt.Errorf("blob: the state of a growing object is unreadable: %w", err)
	}
	return m, nil
}

// Begin implements Store.
func (s *S3) Begin(ctx context.Context, name string) (string, error) {
	if !valid(name) {
		return "", fmt.Errorf("blob: %q is no name", name)
	}
	id, err := s.core.NewMultipartUpload(ctx, s.bucket, name, minio.PutObjectOptions{})
	if err != nil {
		return "", failure(err)
	}
	return multipart{ID: id}.String(), nil
}

// Append implements Store.
func (s *S3) Append(ctx context.Context, name, state string, at, whole int64, r io.Reader) (string, int64, error) {
	m, err := parseMultipart(state)
	if err != nil {
		return state, at, err
	}
	if !m.cut(at) {
		return state, at, fmt.Errorf("blob: %s has no part that ends at %d", name, at)
	}
	end, buf := at, make([]byte, First+PartSize)
	for end < whole {
		want := int64(PartSize)
		if len(m.Parts) == 0 {
			want += First
		}
		n, rerr := io.ReadFull(r, buf[:min(want, whole-end)])
		if rerr != nil {
			if errors.Is(rerr, io.EOF) || errors.Is(rerr, io.ErrUnexpectedEOF) {
				rerr = nil // r ended before the part did: the caller sends it again
			}
			return m.String(), end, rerr
		}
		p, err := s.core.PutObjectPart(ctx, s.bucket, name, m.ID, len(m.Parts)+1, bytes.NewReader(buf[:n]), int64(n), minio.PutObjectPartOptions{})
		if err != nil {
			return m.String(), end, failure(err)
		}
		m.Parts = append(m.Parts, part{p.ETag, int64(n)})
		end += int64(n)
	}
	return m.String(), end, nil
}

// cut drops the parts behind a position and reports whether a part ends there.
func (m *multipart) cut(at int64) bool {
	end := int64(0)
	for i, p := range m.Parts {
		if end == at {
			m.Parts = m.Parts[:i]
			break
		}
		end += p.Size
	}
	return end == at
}

// Finish implements Store.
func (s *S3) Finish(ctx context.Context, name, state string) error {
	m, err := parseMultipart(state)
	if err != nil {
		return err
	}
	var parts []minio.CompletePart
	for i, p := range m.Parts {
		parts = append(parts, minio.CompletePart{PartNumber: i + 1, ETag: p.ETag})
	}
	_, err = s.core.CompleteMultipartUpload(ctx, s.bucket, name, m.ID, parts, minio.PutObjectOptions{})
	if err == nil {
		return nil
	}
	if o, oerr := s.Open(ctx, name); oerr == nil { // finished before
		return o.Close()
	}
	return failure(err)
}

// Abort implements Store.
func (s *S3) Abort(ctx context.Context, name, state string) error {
	m, err := parseMultipart(state)
	if err != nil {
		return nil // it never began
	}
	err = s.core.AbortMultipartUpload(ctx, s.bucket, name, m.ID)
	if err != nil && !slices.Contains([]string{"NoSuchUpload", "NoSuchKey"}, minio.ToErrorResponse(err).Code) {
		return failure(err)
	}
	return nil
}

// List implements Store.
func (s *S3) List(ctx context.Context, f func(name string, size int64) error) error {
	for o := range s.core.Client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return failure(o.Err)
		}
		if err := f(o.Key, o.Size); err != nil {
			return err
		}
	}
	return nil
}

// Ping implements Store.
func (s *S3) Ping(ctx context.Context) error {
	ok, err := s.core.Client.BucketExists(ctx, s.bucket)
	if err != nil {
		return away(err)
	}
	if !ok {
		return away(fmt.Errorf("there is no bucket %s", s.bucket))
	}
	return nil
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, name string) (Object, error) {
	if !valid(name) {
		return nil, ErrAbsent
	}
	info, err := s.core.Client.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	if err != nil {
		return nil, failure(err)
	}
	return &remote{s: s, ctx: ctx, name: name, size: info.Size}, nil
}

// window is how much is fetched at a time.
const window = 4 << 20

// remote reads an object by ranges, a window ahead.
type remote struct {
	s    *S3
	ctx  context.Context // of the Open: reads end with the request they serve
	name string
	size int64

	mu    sync.Mutex
	start int64
	have  []byte
}

func (o *remote) Size() int64  { return o.size }
func (o *remote) Close() error { return nil }

func (o *remote) ReadAt(p []byte, off int64) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for n < len(p) {
		if off >= o.size {
			return n, io.EOF
		}
		if off < o.start || off >= o.start+int64(len(o.have)) {
			if err := o.fetch(off); err != nil {
				return n, err
			}
		}
		m := copy(p[n:], o.have[off-o.start:])
		n += m
		off += int64(m)
	}
	return n, nil
}

func (o *remote) fetch(off int64) error {
	opts := minio.GetObjectOptions{}
	last := min(off+window, o.size) - 1
	if err := opts.SetRange(off, last); err != nil {
		return err
	}
	body, _, _, err := o.s.core.GetObject(o.ctx, o.s.bucket, o.name, opts)
	if err != nil {
		return failure(err)
	}
	defer body.Close()
	buf := make([]byte, last-off+1)
	if _, err := io.ReadFull(body, buf); err != nil {
		return away(err)
	}
	o.start, o.have = off, buf
	return nil
}
