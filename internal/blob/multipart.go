package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

// upload is the state of a growing object in a bucket: "multipart ID", and after the first Append the size that it will have and
// the end that was answered. Parts behind that end may be there from before and do not count: S3 cannot drop a single part. An end
// inside a part is kept by a tail; that there were tails is remembered by a word behind the rest.
type upload struct {
	id    string
	whole int64 // −1: not known yet
	end   int64
	tails bool
}

func (u upload) String() string {
	switch {
	case u.whole < 0:
		return "multipart " + u.id
	case u.tails:
		return fmt.Sprintf("multipart %s %d %d tails", u.id, u.whole, u.end)
	}
	return fmt.Sprintf("multipart %s %d %d", u.id, u.whole, u.end)
}

func parseUpload(state string) (u upload, err error) {
	f := strings.Fields(state)
	u.whole = -1
	if len(f) == 5 && f[4] == "tails" {
		u.tails, f = true, f[:4]
	}
	if len(f) == 4 {
		var ending error
		u.whole, err = strconv.ParseInt(f[2], 10, 64)
		u.end, ending = strconv.ParseInt(f[3], 10, 64)
		err = errors.Join(err, ending)
	}
	if len(f) != 2 && len(f) != 4 || f[0] != "multipart" || err != nil {
		return u, fmt.Errorf("blob: %q is no state of a growing object", state)
	}
	u.id = f[1]
	return u, nil
}

// partStart is where a part begins, counted from 0.
func partStart(i int, whole int64) int64 {
	if i == 0 {
		return 0
	}
	return min(First+int64(i)*PartSize, whole)
}

// partAt is the part that begins at a position, or false when none does. At the end of the whole it is the number of parts.
func partAt(at, whole int64) (int, bool) {
	i := max(0, at-First) / PartSize
	if at == whole && partStart(int(i), whole) < at {
		i++
	}
	return int(i), at >= 0 && at <= whole && partStart(int(i), whole) == at
}

// Begin implements Store.
func (s *S3) Begin(ctx context.Context, name string) (string, error) {
	if err := check(name); err != nil {
		return "", err
	}
	id, err := s.core.NewMultipartUpload(ctx, s.bucket, name, minio.PutObjectOptions{})
	if err != nil {
		return "", failure(ctx, err)
	}
	return upload{id: id, whole: -1}.String(), nil
}

// inFlight is how many parts are on their way while the next is read.
const inFlight = 2

// Append implements Store.
func (s *S3) Append(ctx context.Context, name, state string, at, whole int64, r io.Reader) (string, int64, error) {
	u, err := parseUpload(state)
	if err == nil {
		err = check(name)
	}
	if err != nil {
		return state, at, err
	}
	first, edge := partAt(at, whole)
	if at < 0 || at > whole || at > u.end {
		return state, at, damaged(fmt.Errorf("append at %d of %d bytes, behind the end %d", at, whole, u.end))
	}
	u.whole = whole
	if first > 0 {
		parts, err := s.parts(ctx, name, u)
		if err == nil && (len(parts) < first || !fit(parts[:first], whole)) {
			err = damaged(fmt.Errorf("append at %d of %d bytes, %d parts are there", at, whole, len(parts)))
		}
		if err != nil {
			return state, at, err
		}
	}
	if !edge {
		tail, err := s.tail(ctx, name, first, at-partStart(first, whole))
		if err != nil {
			return state, at, err
		}
		r = io.MultiReader(bytes.NewReader(tail), r)
	}
	next, rest, err := s.send(ctx, name, u, first, r)
	if u.end = partStart(next, whole); len(rest) > 0 {
		u.tails = true
		keeping := s.keepTail(ctx, name, next, rest)
		if keeping == nil {
			u.end += int64(len(rest))
		}
		err = errors.Join(err, keeping)
	}
	u.end = max(u.end, at)
	return u.String(), u.end, err
}

// afterwards is how long what was read may still be sent after the caller's context has ended: a client whose line breaks must not lose
// what it has sent.
const afterwards = 30 * time.Second

// outliving is a context that ends some time after ctx.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(afterwards, cancel) })
	return longer, func() { stop(); cancel() }
}

// send sends what r gives as parts, from part first on. It gives the part behind the last of an unbroken row that arrived, and what
// was read of that part.
func (s *S3) send(ctx context.Context, name string, u upload, first int, r io.Reader) (next int, rest []byte, err error) {
	var reading error
	sendingUntil, done := outliving(ctx)
	defer done()
	g, sending := errgroup.WithContext(sendingUntil)
	g.SetLimit(inFlight)
	free := make(chan []byte, inFlight+1) // as many buffers as are ever in use
	for range cap(free) {
		free <- nil
	}
	count, _ := partAt(u.whole, u.whole)
	arrived := make([]bool, count) // each place is written by one sender
	i := first
	for ; i < count && ctx.Err() == nil && sending.Err() == nil; i++ {
		size := int(partStart(i+1, u.whole) - partStart(i, u.whole))
		buf := <-free
		buf = slices.Grow(buf[:0], size)[:size]
		var n int
		if n, reading = io.ReadFull(r, buf); reading != nil {
			rest = buf[:n]
			break
		}
		part := i
		g.Go(func() error {
			_, err := s.core.PutObjectPart(sending, s.bucket, name, u.id, part+1, bytes.NewReader(buf), int64(size), minio.PutObjectPartOptions{})
			free <- buf
			if err != nil {
				return failure(ctx, err)
			}
			arrived[part] = true
			return nil
		})
	}
	if err = g.Wait(); err == nil {
		err = ctx.Err()
	}
	if reading == io.EOF || reading == io.ErrUnexpectedEOF {
		reading = nil // r ended before the part did
	}
	for next = first; next < count && arrived[next]; next++ {
	}
	if next < i {
		rest = nil // it stands behind a part that did not arrive
	}
	return next, rest, s.absent(ctx, errors.Join(err, reading))
}

// parts lists what has arrived of a growing object, in order.
func (s *S3) parts(ctx context.Context, name string, u upload) (all []minio.ObjectPart, err error) {
	for marker := 0; ; {
		page, err := s.core.ListObjectParts(ctx, s.bucket, name, u.id, marker, 1000)
		if err != nil {
			return nil, s.absent(ctx, failure(ctx, err))
		}
		all = append(all, page.ObjectParts...)
		if !page.IsTruncated {
			return all, nil
		}
		marker = page.NextPartNumberMarker
	}
}

// fit reports whether parts are the first ones of a whole, each with its size.
func fit(parts []minio.ObjectPart, whole int64) bool {
	for i, p := range parts {
		if p.PartNumber != i+1 || p.Size != partStart(i+1, whole)-partStart(i, whole) {
			return false
		}
	}
	return true
}

// Finish implements Store.
func (s *S3) Finish(ctx context.Context, name, state string) error {
	u, err := parseUpload(state)
	if err == nil {
		err = check(name)
	}
	if err != nil {
		return err
	}
	parts, err := s.parts(ctx, name, u)
	if errors.Is(err, ErrAbsent) {
		return s.finished(ctx, name, u)
	}
	if err != nil {
		return err
	}
	if count, _ := partAt(u.whole, u.whole); u.whole < 0 || u.end != u.whole || len(parts) != count || !fit(parts, u.whole) {
		return damaged(fmt.Errorf("finish %s: %d parts, %d of %d bytes, are there", name, len(parts), u.end, u.whole))
	}
	if len(parts) == 0 { // S3 joins no empty objects
		return errors.Join(s.Put(ctx, name, bytes.NewReader(nil), 0), s.abort(ctx, name, u.id))
	}
	var row []minio.CompletePart
	for _, p := range parts {
		row = append(row, minio.CompletePart{PartNumber: p.PartNumber, ETag: p.ETag})
	}
	_, err = s.core.CompleteMultipartUpload(ctx, s.bucket, name, u.id, row, minio.PutObjectOptions{})
	if err = failure(ctx, err); errors.Is(err, ErrAbsent) {
		return s.finished(ctx, name, u)
	}
	if err == nil && u.tails {
		err = s.dropTails(ctx, name)
	}
	return err
}

// finished answers for an object that does not grow: perhaps it was finished before.
func (s *S3) finished(ctx context.Context, name string, u upload) error {
	info, err := s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	if err != nil {
		return s.absent(ctx, failure(ctx, err))
	}
	if info.Size != u.whole {
		return damaged(fmt.Errorf("finish %s: %d of %d bytes are there", name, info.Size, u.whole))
	}
	return nil
}

// Abort implements Store.
func (s *S3) Abort(ctx context.Context, name, state string) error {
	u, err := parseUpload(state)
	if err != nil || !valid(name) {
		return nil // it never began
	}
	if err := s.abort(ctx, name, u.id); err != nil || !u.tails {
		return err
	}
	return s.dropTails(ctx, name)
}

func (s *S3) abort(ctx context.Context, name, id string) error {
	err := s.absent(ctx, failure(ctx, s.core.AbortMultipartUpload(ctx, s.bucket, name, id)))
	if errors.Is(err, ErrAbsent) {
		return nil
	}
	return err
}
