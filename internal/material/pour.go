package material

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync/atomic"

	"mijuan/internal/blob"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Sizes of the age payload: plaintext and sealed bytes of one chunk, and the nonce that stands before the first.
const (
	chunk       = vault.ChunkSize
	sealedChunk = vault.SealedChunkSize
	prefix      = vault.PrefixSize
)

// ErrChecksum is the cause when a request's bytes do not match the checksum sent with it; they are dropped.
var ErrChecksum = errors.New("the bytes do not match their checksum")

// Pour seals the bytes of r into the upload until its size is reached or r ends, and gives the offset up to which the bytes
// are safe: a multiple of 64 KiB, or the whole. It always closes the passage. check, if not nil, is asked when r has ended
// and rejects this request's bytes with an error. When the upload is whole, it is looked through and becomes Ready, or is
// destroyed because it bears marks of a state secret. Without a check, what came is put on record now and then, so that a process that
// dies loses little. Where r can be interrupted, it is when the sender comes back with another request.
func (s *Shelf) Pour(ctx context.Context, p *guard.Passage, u *Upload, r io.Reader, check func() error) (offset int64, err error) {
	ctx, h := s.take(ctx, p, u)
	defer s.release(u, h)
	if r, ok := r.(interruptible); ok {
		defer context.AfterFunc(ctx, r.Interrupt)()
	}
	start := u.Received
	f := &pouring{u: u, r: r, digest: sha256.New(), check: check}
	save := func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE upload SET received = $2, blob_state = $3, touched = $4 WHERE id = $1 AND hold = $5`,
			u.ID, u.Received, u.blobState, tx.Now.UnixMilli(), u.hold)
		return err
	}
	if check == nil {
		f.due, f.save = &h.due, func() error { return p.During(ctx, save) }
	}
	err = s.pour(ctx, f)
	if errors.Is(err, ErrChecksum) {
		u.Received = start
	}
	var verdict func(*store.Tx) error
	if err == nil && u.Received == u.Size {
		if start > 0 {
			f.digest = nil // only a part went through this request
		}
		if verdict, err = s.inspect(ctx, u, f.digest); verdict == nil {
			u.Received = (u.Size - 1) / chunk * chunk // the sender comes back with the last piece, and it is looked through again
		}
	}
	if u.sealed != nil && u.State != stopped && u.Received > start { // looked through first: what is refused is never stored
		if placed := s.blobs.Put(ctx, u.blob, bytes.NewReader(u.sealed), int64(len(u.sealed))); placed != nil {
			u.Received, verdict, err = start, nil, placed
		}
	}
	if verdict == nil {
		verdict = func(tx *store.Tx) error {
			if err := save(tx); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE upload SET busy_until = 0, hold = '' WHERE id = $1 AND hold = $2`, u.ID, u.hold)
			return err
		}
	}
	if closing := p.Close(ctx, max(0, u.Received-start), err, verdict); closing != nil {
		return start, closing
	}
	if u.State == stopped {
		return u.Received, errors.Join(err, s.discard(ctx, u.blob, u.blobState))
	}
	return u.Received, err
}

// pouring is one request's bytes on their way.
type pouring struct {
	u      *Upload
	r      io.Reader
	digest hash.Hash
	check  func() error
	due    *atomic.Bool // whether what came should be put on record; nil: only at the end
	save   func() error
}

// pour moves the bytes and, at the end, makes the object visible in the blob store.
func (s *Shelf) pour(ctx context.Context, f *pouring) error {
	u, check := f.u, f.check
	whole := vault.PayloadSize(u.Size)
	if there, err := s.begun(ctx, u, whole); there || err != nil {
		return err
	}
	sealer := newSealer(u, f.r, f.digest)
	defer sealer.settle()
	sealing := io.Reader(sealer)
	if u.blobState == "" {
		if whole <= blob.First+blob.PartSize {
			sealed := make([]byte, whole)
			n, err := io.ReadFull(sealing, sealed)
			if int64(n) == whole {
				return u.keep(sealed, check)
			}
			sealing = io.MultiReader(bytes.NewReader(sealed[:n]), ending{err}) // it comes in pieces: it grows like a large one
		}
		state, err := s.blobs.Begin(ctx, u.blob)
		if err != nil {
			return err
		}
		u.blobState = state
	}
	if err := s.grow(ctx, f, whole, sealing); err != nil {
		return err
	}
	if check != nil { // before the object is finished: refused bytes must never become the object
		if err := check(); err != nil {
			return err
		}
	}
	if u.Received < u.Size {
		return nil // r ended early: the client sends the rest in another request
	}
	if err := s.blobs.Finish(ctx, u.blob, u.blobState); err != nil {
		return fmt.Errorf("finish the object: %w", err)
	}
	return nil
}

// grow appends what is sealed, and puts on record how far that is where a stage ends.
func (s *Shelf) grow(ctx context.Context, f *pouring, whole int64, sealing io.Reader) error {
	for u := f.u; ; {
		part := &stage{r: sealing, at: payloadOffset(u.Received), due: f.due}
		state, end, err := s.blobs.Append(ctx, u.blob, u.blobState, part.at, whole, part)
		u.blobState = state
		if end == whole {
			u.Received = u.Size
		} else {
			u.Received = max(u.Received, (end-prefix)/sealedChunk*chunk)
		}
		if err != nil {
			return brokenOff(err)
		}
		if !part.cut {
			return nil
		}
		if err := f.save(); err != nil {
			return err
		}
	}
}

// begun looks at what an earlier request left. Of an upload that goes on, the object may be there already, finished before its row
// was written. One that starts over has a fresh key: whatever is there of it counts for nothing.
func (s *Shelf) begun(ctx context.Context, u *Upload, whole int64) (there bool, err error) {
	if u.Received == 0 {
		for _, left := range [][2]string{u.stale, {u.blob, u.blobState}} {
			if left[1] != "" {
				err = errors.Join(err, s.blobs.Abort(ctx, left[0], left[1]))
			}
		}
		if u.stale[0] != "" { // whole, perhaps, if its request ended between the object and its row
			err = errors.Join(err, s.blobs.Delete(ctx, u.stale[0]))
		}
		u.blobState = ""
		return false, err
	}
	o, err := s.blobs.Open(ctx, u.blob)
	if errors.Is(err, blob.ErrAbsent) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if o.Size() == whole {
		u.Received, there = u.Size, true
	}
	return there, o.Close()
}

// keep holds a small file that came in one request, sealed, until it was looked through.
func (u *Upload) keep(sealed []byte, check func() error) error {
	if check != nil {
		if err := check(); err != nil {
			return err
		}
	}
	u.sealed, u.Received = sealed, u.Size
	return nil
}

// ending is a reader that has ended, with the error that another gave to io.ReadFull.
type ending struct{ err error }

func (e ending) Read([]byte) (int, error) {
	if e.err == nil || errors.Is(e.err, io.ErrUnexpectedEOF) {
		return 0, io.EOF
	}
	return 0, e.err
}

// brokenOff keeps problems as they are and names everything else what it is to the sender: a broken connection.
func brokenOff(err error) error {
	if problem.KindOf(err) != 0 {
		return err
	}
	return problem.New(problem.Unavailable, "上传中断了，已收到的部分保留着，可以继续").Because(err)
}

func payloadOffset(plain int64) int64 {
	if plain == 0 {
		return 0
	}
	return prefix + plain/chunk*sealedChunk
}

// sealer is the sealed form of what a reader gives, chunk by chunk from where the upload stands. While one batch of chunks is sealed,
// the next is already read. A source that breaks off leaves whole chunks only.
type sealer struct {
	object  *vault.Object
	src     io.Reader
	read    int64 // plaintext bytes taken from src and whole chunks
	size    int64 // plaintext bytes of the whole object
	digest  hash.Hash
	batches [2]sealing
	turn    int      // which of them is read into next
	way     *sealing // the one that is being sealed
	out     []byte   // sealed, not yet read
	err     error    // of src; io.EOF at the end
}

// sealing is some chunks on their way.
type sealing struct {
	plain, sealed []byte
	at            int64 // where in the plaintext they stand
	n             int
	done          chan struct{}
}

func newSealer(u *Upload, r io.Reader, digest hash.Hash) *sealer {
	s := &sealer{object: u.object, src: r, read: u.Received, size: u.Size, digest: digest}
	if u.Received == 0 {
		s.out = u.object.Prefix()
	}
	return s
}

// batch is how many chunks are read at a time.
const batch = 16

func (s *sealer) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.err != nil && s.way == nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

// fill reads a batch, while the one before it is sealed, and gives that one.
func (s *sealer) fill() {
	var next *sealing
	if s.err == nil {
		next = s.take()
	}
	before := s.way
	s.settle()
	if next != nil && next.n > 0 {
		s.way, next.done = next, make(chan struct{})
		if before == nil && s.err != nil { // all there is
			s.seal(next)
			s.out, s.way = next.sealed, nil
			return
		}
		go s.seal(next)
	}
	if before != nil {
		s.out = before.sealed
	}
}

// settle waits for the batch that is being sealed.
func (s *sealer) settle() {
	if s.way != nil {
		<-s.way.done
		s.way = nil
	}
}

// take reads the next batch: whole chunks, and at the object's end what is left.
func (s *sealer) take() *sealing {
	want := min(s.size-s.read, batch*chunk)
	if want == 0 {
		s.err = io.EOF
		return nil
	}
	b := &s.batches[s.turn]
	s.turn = 1 - s.turn
	if int64(cap(b.plain)) < want {
		b.plain, b.sealed = make([]byte, want), make([]byte, 0, (want+chunk-1)/chunk*sealedChunk)
	}
	n, err := io.ReadFull(s.src, b.plain[:want])
	if err != nil {
		n -= n % chunk
		if s.err = err; errors.Is(err, io.ErrUnexpectedEOF) {
			s.err = io.EOF
		}
	}
	b.at, b.n = s.read, n
	if s.read += int64(n); s.err == nil && s.read == s.size {
		s.err = io.EOF
	}
	return b
}

// seal hashes and seals a batch.
func (s *sealer) seal(b *sealing) {
	defer close(b.done)
	s.digest.Write(b.plain[:b.n])
	b.sealed = b.sealed[:0]
	for done := 0; done < b.n; done += chunk {
		piece := b.plain[done:min(done+chunk, b.n)]
		at := b.at + int64(done)
		b.sealed = s.object.Seal(b.sealed, uint64(at/chunk), piece, at+int64(len(piece)) == s.size)
	}
}
