// Package blobtest is the suite that every blob.Store passes.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"mijuan/internal/blob"
	"mijuan/internal/problem"
)

// Place is a store and what a test does behind its back.
type Place struct {
	Store  blob.Store
	Again  func() blob.Store                   // opens the same place anew, as another process does
	Cut    func(name string, size int64) error // cuts a finished object short
	Vanish func() error                        // takes the place away: unmounts the disk, removes the bucket
}

// Run runs the suite; place makes an empty one.
func Run(t *testing.T, place func(t *testing.T) Place) {
	for name, test := range map[string]func(*testing.T, Place){
		"put and open": putAndOpen, "put what is not as announced": putWrong, "read any part": readAnyPart, "names": names,
		"absent": absent, "delete": remove, "list": list, "ping": ping, "ended context": endedContext, "concurrent": concurrent,
		"grow": grow, "grow in many calls": growInManyCalls, "go on after a break": goOn, "keep what came": keepWhatCame, "begin again": beginAgain, "go back": goBack,
		"append where nothing is": appendBeyond, "finish what is not whole": finishEarly, "finish twice": finishTwice, "abort": abort,
		"cut short": cutShort, "vanished": vanished,
	} {
		t.Run(name, func(t *testing.T) { test(t, place(t)) })
	}
}

var ctx = context.Background()

// sizes are object sizes around every boundary.
var sizes = []int64{0, 1, 20 << 10, blob.First + blob.PartSize - 1, blob.First + blob.PartSize, blob.First + blob.PartSize + 1, blob.First + 2*blob.PartSize,
	blob.First + 2*blob.PartSize + 100}

// longest is the content that all others are taken from.
var longest = func() []byte {
	p := make([]byte, 4*blob.PartSize)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(p)
	return p
}()

// noise is content of the size, the same in every run, and another for each size.
func noise(size int64) []byte {
	from := size * 31 % blob.PartSize
	return longest[from : from+size : from+size]
}

func name(i int) string { return fmt.Sprintf("018f2f6e-7f43-7c33-a6f1-7f0c6d7b%04x", i) }

func put(t *testing.T, s blob.Store, name string, content []byte) {
	t.Helper()
	if err := s.Put(ctx, name, bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatalf("put %s: %v", name, err)
	}
}

func open(t *testing.T, s blob.Store, name string) blob.Object {
	t.Helper()
	o, err := s.Open(ctx, name)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// check reads an object to its end.
func check(t *testing.T, s blob.Store, name string, content []byte) {
	t.Helper()
	o := open(t, s, name)
	if o.Size() != int64(len(content)) {
		t.Fatalf("%s has %d bytes, want %d", name, o.Size(), len(content))
	}
	if got, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()+10)); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("%s: %d bytes, equal %t, %v", name, len(got), bytes.Equal(got, content), err)
	}
}

func checkAbsent(t *testing.T, s blob.Store, name string) {
	t.Helper()
	if o, err := s.Open(ctx, name); !errors.Is(err, blob.ErrAbsent) || !problem.Is(err, problem.Damaged) || o != nil {
		t.Fatalf("%s is not absent: %v", name, err)
	}
	if all := listed(t, s); slices.Contains(all, name) {
		t.Fatalf("%s is absent and listed", name)
	}
}

func listed(t *testing.T, s blob.Store) (all []string) {
	t.Helper()
	if err := s.List(ctx, func(name string, _ int64) error { all = append(all, name); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func putAndOpen(t *testing.T, p Place) {
	for i, size := range sizes {
		put(t, p.Store, name(i), noise(size))
		check(t, p.Store, name(i), noise(size))
		check(t, p.Again(), name(i), noise(size))
	}
	put(t, p.Store, name(0), noise(5)) // the same name again is the newer object
	check(t, p.Store, name(0), noise(5))
}

// errReader gives some bytes and fails.
type errReader struct {
	io.Reader
	err error
}

func (r errReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF {
		err = r.err
	}
	return n, err
}

func putWrong(t *testing.T, p Place) {
	fault := errors.New("the line broke")
	for _, size := range sizes {
		for what, r := range map[string]io.Reader{
			"too long": bytes.NewReader(noise(size + 1)), "broken": errReader{bytes.NewReader(noise(size / 2)), fault},
			"broken after its end": errReader{bytes.NewReader(noise(size)), fault}, "too short": bytes.NewReader(noise(max(0, size-1))),
		} {
			if what == "too short" && size == 0 {
				continue
			}
			err := p.Store.Put(ctx, name(1), r, size)
			if err == nil || (what == "broken" || what == "broken after its end") != errors.Is(err, fault) || problem.KindOf(err) != 0 {
				t.Errorf("%s, %d bytes: %v", what, size, err)
			}
			checkAbsent(t, p.Store, name(1))
		}
	}
}

func readAnyPart(t *testing.T, p Place) {
	content := noise(blob.First + 2*blob.PartSize + 100)
	put(t, p.Store, name(1), content)
	o, random := open(t, p.Store, name(1)), rand.New(rand.NewPCG(1, 2))
	for range 60 {
		from := random.Int64N(o.Size() + 10)
		part := make([]byte, random.Int64N(1<<uint(random.IntN(23))))
		n, err := o.ReadAt(part, from)
		want := content[min(from, o.Size()):min(from+int64(len(part)), o.Size())]
		if !bytes.Equal(part[:n], want) || (err == io.EOF) != (len(want) < len(part)) || err != nil && err != io.EOF {
			t.Fatalf("%d bytes at %d: %d, %v", len(part), from, n, err)
		}
	}
	if _, err := o.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("before the beginning: %v", err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	if _, err := o.ReadAt(make([]byte, 1<<20), 3<<20); err == nil || err == io.EOF {
		t.Errorf("after Close: %v", err)
	}
}

func names(t *testing.T, p Place) {
	for _, good := range []string{"a", "-", "0", "zz", "a-", "018f2f6e", string(bytes.Repeat([]byte("x"), 64)), "growing", "arriving"} {
		put(t, p.Store, good, []byte(good))
		check(t, p.Store, good, []byte(good))
		if got := listed(t, p.Store); !slices.Contains(got, good) {
			t.Errorf("%q is not listed: %q", good, got)
		}
	}
	for _, bad := range []string{"", ".", "..", "../x", "a/b", "A", "a.b", "ä", "a b", "a\x00", "a\n", string(bytes.Repeat([]byte("x"), 65))} {
		if err := p.Store.Put(ctx, bad, bytes.NewReader(nil), 0); err == nil {
			t.Errorf("put %q", bad)
		}
		if _, err := p.Store.Begin(ctx, bad); err == nil {
			t.Errorf("began %q", bad)
		}
		if _, err := p.Store.Open(ctx, bad); !errors.Is(err, blob.ErrAbsent) {
			t.Errorf("open %q: %v", bad, err)
		}
		if err := p.Store.Delete(ctx, bad); err != nil {
			t.Errorf("delete %q: %v", bad, err)
		}
		if err := p.Store.Abort(ctx, bad, ""); err != nil {
			t.Errorf("abort %q: %v", bad, err)
		}
	}
}

func absent(t *testing.T, p Place) {
	checkAbsent(t, p.Store, name(1))
	if err := p.Store.Delete(ctx, name(1)); err != nil {
		t.Error(err)
	}
}

func remove(t *testing.T, p Place) {
	put(t, p.Store, name(1), noise(100))
	put(t, p.Store, name(2), noise(200))
	for range 2 {
		if err := p.Store.Delete(ctx, name(1)); err != nil {
			t.Error(err)
		}
		checkAbsent(t, p.Store, name(1))
		check(t, p.Again(), name(2), noise(200))
	}
}

func list(t *testing.T, p Place) {
	want := map[string]int64{}
	for i := range 30 {
		want[name(i*i)] = int64(i)
		put(t, p.Store, name(i*i), noise(int64(i)))
	}
	begin(t, p.Store, name(5000))
	got := map[string]int64{}
	if err := p.Again().List(ctx, func(name string, size int64) error { got[name] = size; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d listed, want %d", len(got), len(want))
	}
	for name, size := range want {
		if got[name] != size {
			t.Errorf("%s is listed with %d bytes, want %d", name, got[name], size)
		}
	}
	enough := errors.New("enough")
	told := 0
	if err := p.Store.List(ctx, func(string, int64) error { told++; return enough }); !errors.Is(err, enough) || told != 1 {
		t.Errorf("told %d, %v", told, err)
	}
}

func ping(t *testing.T, p Place) {
	if err := p.Store.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func endedContext(t *testing.T, p Place) {
	put(t, p.Store, name(1), noise(100))
	state := begin(t, p.Store, name(2))
	ended, end := context.WithCancel(ctx)
	end()
	if err := p.Store.Put(ended, name(3), bytes.NewReader(noise(10)), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	checkAbsent(t, p.Store, name(3))
	if _, at, err := p.Store.Append(ended, name(2), state, 0, 10, bytes.NewReader(noise(10))); !errors.Is(err, context.Canceled) || at != 0 {
		t.Errorf("append: end %d, %v", at, err)
	}
	if err := p.Store.List(ended, func(string, int64) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
	half, endHalf := context.WithCancel(ctx) // ends while a reader is asked
	r := readerFunc(func(p []byte) (int, error) { endHalf(); return len(p), nil })
	_, at, err := p.Store.Append(half, name(2), state, 0, 100<<20, r)
	if !errors.Is(err, context.Canceled) || at < 0 || at > 50<<20 {
		t.Errorf("append that is ended: end %d, %v", at, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// concurrent puts, opens and deletes by eight at once, each its own names, and all of them one name with one content, as
// somebody does who got no answer.
func concurrent(t *testing.T, p Place) {
	shared, same := name(9999), noise(30_000)
	put(t, p.Store, shared, same)
	turn := func(i, j int) error {
		own, content := name(100*i+j), noise(int64(1000*i+j))
		if err := p.Store.Put(ctx, own, bytes.NewReader(content), int64(len(content))); err != nil {
			return err
		}
		if err := p.Store.Put(ctx, shared, bytes.NewReader(same), int64(len(same))); err != nil {
			return err
		}
		if err := errors.Join(holds(p.Store, shared, same), holds(p.Store, own, content)); err != nil || j%2 != 0 {
			return err
		}
		return p.Store.Delete(ctx, own)
	}
	done := make(chan error)
	for i := range 8 {
		go func() {
			var err error
			for j := 0; j < 10 && err == nil; j++ {
				err = turn(i, j)
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(listed(t, p.Store)); n != 8*5+1 {
		t.Errorf("%d objects are left", n)
	}
}

// holds checks an object's content without a test at hand.
func holds(s blob.Store, name string, content []byte) error {
	o, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	defer o.Close()
	got, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err == nil && !bytes.Equal(got, content) {
		err = fmt.Errorf("%s holds %d other bytes", name, len(got))
	}
	return err
}
