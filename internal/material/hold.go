package material

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"mijuan/internal/blob"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// busyFor is how long a request that pours keeps others off without being heard of, and renewEvery how often it is heard of. Of a
// process that dies the hold runs out.
var busyFor, renewEvery = 2 * time.Minute, 15 * time.Second

// haltWithin is how long an answer waits for a request that is told to end.
const haltWithin = 20 * time.Second

// hold is the place of a request that pours. There is one an upload: the row says so to other processes, Shelf.pours to this one.
type hold struct {
	person string
	cancel context.CancelFunc
	over   chan struct{}
	due    atomic.Bool // what came should be put on record
}

// take begins the hold that the upload's row gave to this request; end it. The context ends with it, or when another has taken over.
func (s *Shelf) take(ctx context.Context, p *guard.Passage, u *Upload) (context.Context, *hold) {
	ctx, cancel := context.WithCancel(ctx)
	h := &hold{person: u.person, cancel: cancel, over: make(chan struct{})}
	s.pours.Store(u.ID, h)
	go h.keep(ctx, p, u.ID, u.hold)
	return ctx, h
}

func (s *Shelf) release(u *Upload, h *hold) {
	h.cancel()
	s.pours.CompareAndDelete(u.ID, h)
	close(h.over)
}

// keep renews the hold until ctx ends.
func (h *hold) keep(ctx context.Context, p *guard.Passage, upload, hold string) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.due.Store(true)
			err := p.During(ctx, func(tx *store.Tx) error {
				n, err := tx.Exec(`UPDATE upload SET busy_until = $2 WHERE id = $1 AND hold = $3`, upload, tx.Now.Add(busyFor).UnixMilli(), hold)
				if err == nil && n == 0 {
					h.cancel()
				}
				return err
			})
			if err != nil {
				continue // a database that is away for a moment; the hold lasts longer
			}
		}
	}
}

// Halt ends the request by which the caller still pours into an upload in this process, and waits until it has put down what came. A
// sender whose line broke comes back before the old line is known to be dead.
func (s *Shelf) Halt(ctx context.Context, who guard.Who, upload string) bool {
	found, ok := s.pours.Load(upload)
	if !ok || found.(*hold).person != who.Person {
		return false
	}
	h := found.(*hold)
	h.cancel()
	select {
	case <-h.over:
		return true
	case <-time.After(haltWithin):
	case <-ctx.Done():
	}
	return false
}

// interruptible is a reader that can be told to end what it waits for.
type interruptible interface{ Interrupt() }

// stage is a part of a sealed stream: it ends where a part of an object may end, once what came should be put on record.
type stage struct {
	r   io.Reader
	at  int64
	due *atomic.Bool // nil: it ends with the stream
	cut bool
}

func (s *stage) Read(p []byte) (int, error) {
	if s.due != nil {
		left := blob.PartSize - (s.at-blob.First)%blob.PartSize
		if s.at > blob.First && left == blob.PartSize && s.due.Swap(false) {
			s.cut = true
			return 0, io.EOF
		}
		p = p[:min(int64(len(p)), left)]
	}
	n, err := s.r.Read(p)
	s.at += int64(n)
	return n, err
}
