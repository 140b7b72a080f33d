package house

import (
	"context"
	"io"

	"mijuan/internal/blob"
)

// faulty asks before and after each durable step of the object store, as the database does at its commits, so that crash tests can end
// the process between any two.
type faulty struct {
	blob.Store
	fault func(point string) error
}

func (f faulty) around(what string, step func() error) error {
	if err := f.fault("before " + what); err != nil {
		return err
	}
	if err := step(); err != nil {
		return err
	}
	return f.fault("after " + what)
}

func (f faulty) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	return f.around("put", func() error { return f.Store.Put(ctx, name, r, size) })
}

func (f faulty) Delete(ctx context.Context, name string) error {
	return f.around("delete", func() error { return f.Store.Delete(ctx, name) })
}

func (f faulty) Begin(ctx context.Context, name string) (state string, err error) {
	err = f.around("begin", func() (err error) { state, err = f.Store.Begin(ctx, name); return err })
	return state, err
}

func (f faulty) Append(ctx context.Context, name, state string, at, whole int64, r io.Reader) (newState string, end int64, err error) {
	newState, end = state, at
	err = f.around("append", func() (err error) {
		newState, end, err = f.Store.Append(ctx, name, state, at, whole, r)
		return err
	})
	return newState, end, err
}

func (f faulty) Finish(ctx context.Context, name, state string) error {
	return f.around("finish", func() error { return f.Store.Finish(ctx, name, state) })
}

func (f faulty) Abort(ctx context.Context, name, state string) error {
	return f.around("abort", func() error { return f.Store.Abort(ctx, name, state) })
}
