package material_test

import (
	"context"
	"io"
	"testing"

	"mijuan/internal/blob"
	"mijuan/internal/classification"
	"mijuan/internal/material"
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
	o := newOffice(t, storetest.Open(t, store.SQLite))
	blobs, err := blob.OpenDir(o.dir)
	o.want(err, 0, "open the objects")
	content, id := noise(100_000), ""
	place := &late{Store: blobs, arrive: func() { id = o.receive("a.bin", "", content, classification.Confidential) }}
	sweeper := material.New(o.door, o.book, o.keys, place, nil)
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
}

// noReader is empty.
type noReader struct{}

func (noReader) Read([]byte) (int, error) { return 0, io.EOF }
