package material_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/blob"
	"mijuan/internal/classification"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// late is a blob store in which something arrives just when it is listed.
type late struct {
	blob.Store
	arrive func()
}

func (l *late) List(ctx context.Context, f func(string, int64) error) error {
	if l.arrive != nil {
		arrive := l.arrive
		l.arrive = nil
		arrive()
	}
	return l.Store.List(ctx, f)
}

func TestSweepSparesWhatArrivesMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		blobs, err := blob.OpenDir(o.dir)
		o.want(err, 0, "open the objects")
		content, id := noise(100_000), ""
		place := &late{Store: blobs, arrive: func() { id = o.receive("a.bin", "", content, classification.Confidential) }}
		sweeper := material.New(o.door, o.book, o.keys, place, nil, nil)
		if n, err := sweeper.Sweep(o.ctx, o.db); err != nil || n != 0 {
			t.Fatalf("swept %d, %v", n, err)
		}
		if got, err := o.read(id); err != nil || len(got) != len(content) {
			t.Errorf("an acknowledged file is gone: %d bytes, %v", len(got), err)
		}
		if err := blobs.Put(o.ctx, "an-orphan", noReader{}, 0); err != nil {
			t.Fatal(err)
		}
		if n, err := sweeper.Sweep(o.ctx, o.db); err != nil || n != 1 {
			t.Errorf("swept %d, %v; want the one orphan", n, err)
		}
	})
}

// noReader is empty.
type noReader struct{}

func (noReader) Read([]byte) (int, error) { return 0, io.EOF }

// TestSweepGivesUpWhatWasLeftAlone: an upload that nobody went on with for two weeks loses its key and its bytes, and the ledger tells.
// One week alone does not do it: the clock may have jumped.
func TestSweepGivesUpWhatWasLeftAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		content := noise(9 << 20) // one that grows
		leave := func() *material.Upload {
			u, p, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "a.bin", Size: int64(len(content)), NotStateSecret: true})
			o.want(err, 0, "begin")
			if _, err := o.shelf.Pour(o.ctx, p, u, iotest.TimeoutReader(bytes.NewReader(content)), nil); err == nil {
				t.Fatal("the line did not break")
			}
			return u
		}
		old, fresh, again := leave(), leave(), leave()
		passes := func(days int, of ...*material.Upload) {
			o.want(db.Update(o.ctx, func(tx *store.Tx) error {
				for _, u := range of {
					if _, err := tx.Exec(`UPDATE upload SET touched = touched - $2, doomed = CASE doomed WHEN 0 THEN 0 ELSE doomed - $2 END WHERE id = $1`, u.ID, int64(days)*24*time.Hour.Milliseconds()); err != nil {
						return err
					}
				}
				return nil
			}), 0, "let days pass")
		}
		passes(3650, old, again)
		if n, err := o.shelf.Sweep(o.ctx, db); err != nil || n != 0 {
			t.Fatalf("swept %d at once, %v", n, err)
		}
		_, p, err := o.shelf.Resume(o.ctx, who("lawyer"), o.matter, again.ID, again.Received)
		o.want(err, 0, "go on with what was noted")
		o.want(p.Close(o.ctx, 0, nil), 0, "close")
		passes(8, old)
		if n, err := o.shelf.Sweep(o.ctx, db); err != nil || n != 1 {
			t.Fatalf("swept %d, %v", n, err)
		}
		for _, u := range []*material.Upload{old, fresh} {
			_, p, err := o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, u.Received)
			if u == old {
				o.want(err, problem.Absent, "go on with what was given up")
			} else if o.want(err, 0, "go on with the other"); err == nil {
				o.want(p.Close(o.ctx, 0, nil), 0, "close")
			}
		}
		entries := func() (all []ledger.Entry) {
			o.want(db.Read(o.ctx, func(tx *store.Tx) (err error) {
				all, err = o.ledger.Query(tx, ledger.Query{Act: string(access.ManageSystem), Limit: 10})
				return err
			}), 0, "read the ledger")
			return all
		}
		if all := entries(); len(all) != 2 || all[0].Actor != "system" {
			t.Errorf("the ledger tells of the sweep: %+v", all)
		}
		if n, err := o.shelf.Sweep(o.ctx, db); err != nil || n != 0 || len(entries()) != 2 {
			t.Errorf("a sweep of nothing: %d, %v", n, err)
		}
	})
}
