package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"mijuan/internal/blob"
	"mijuan/internal/problem"
)

func begin(t *testing.T, s blob.Store, name string) string {
	t.Helper()
	state, err := s.Begin(ctx, name)
	if err != nil {
		t.Fatalf("begin %s: %v", name, err)
	}
	return state
}

// add appends the content's part that begins at a position and must take all of it.
func add(t *testing.T, s blob.Store, name, state string, at int64, content []byte) string {
	t.Helper()
	whole := int64(len(content))
	state, end, err := s.Append(ctx, name, state, at, whole, bytes.NewReader(content[at:]))
	if err != nil || end != whole {
		t.Fatalf("append %s at %d of %d: end %d, %v", name, at, whole, end, err)
	}
	return state
}

func finish(t *testing.T, s blob.Store, name, state string) {
	t.Helper()
	if err := s.Finish(ctx, name, state); err != nil {
		t.Fatalf("finish %s: %v", name, err)
	}
}

func grow(t *testing.T, p Place) {
	for i, size := range sizes {
		content := noise(size)
		state := begin(t, p.Store, name(i))
		checkAbsent(t, p.Store, name(i))
		state = add(t, p.Store, name(i), state, 0, content)
		checkAbsent(t, p.Store, name(i))
		finish(t, p.Again(), name(i), state)
		check(t, p.Store, name(i), content)
	}
	content := noise(1000) // bytes beyond the whole are left alone
	r := bytes.NewReader(append(content, 1, 2, 3))
	state, end, err := p.Store.Append(ctx, name(50), begin(t, p.Store, name(50)), 0, 1000, r)
	if err != nil || end != 1000 {
		t.Fatalf("end %d, %v", end, err)
	}
	finish(t, p.Store, name(50), state)
	check(t, p.Store, name(50), content)
}

// growInManyCalls grows an object in calls that each bring 3 MB, by processes in turn.
func growInManyCalls(t *testing.T, p Place) {
	content := noise(blob.First + 3*blob.PartSize + 7)
	whole, s := int64(len(content)), p.Store
	state, at := begin(t, s, name(1)), int64(0)
	for calls, upTo := 0, int64(0); at < whole; calls++ {
		if calls > 20 {
			t.Fatal("it never becomes whole")
		}
		upTo = min(upTo+3_000_000, whole)
		end, err := int64(0), error(nil)
		state, end, err = s.Append(ctx, name(1), state, at, whole, bytes.NewReader(content[at:upTo]))
		if err != nil || end != upTo {
			t.Fatalf("append [%d:%d]: end %d, want %d, %v", at, upTo, end, upTo, err)
		}
		at, s = end, p.Again()
	}
	finish(t, s, name(1), state)
	check(t, p.Store, name(1), content)
}

// goOn breaks off at every kind of place, by an error of the reader, and goes on in another process where the answer says.
func goOn(t *testing.T, p Place) {
	fault := errors.New("the line broke")
	const first = blob.First + blob.PartSize
	for i, c := range []struct {
		size  int64
		stops []int64
	}{{1, []int64{0, 1}}, {20 << 10, []int64{0, 1, 16, 17, 20<<10 - 1}}, {first, []int64{0, first - 1, first}}, {first + 1, []int64{first - 1, first, first + 1}},
		{2*first + 100, []int64{0, first - 1, first, first + 1, 2 * first}}} {
		content := noise(c.size)
		for j, stop := range c.stops {
			n := name(100*i + j)
			state, end, err := p.Store.Append(ctx, n, begin(t, p.Store, n), 0, c.size, errReader{bytes.NewReader(content[:stop]), fault})
			if end != stop || stop < c.size && !errors.Is(err, fault) || err != nil && problem.KindOf(err) != 0 {
				t.Fatalf("%d of %d bytes: end %d, want %d, %v", stop, c.size, end, stop, err)
			}
			checkAbsent(t, p.Store, n)
			other := p.Again()
			state = add(t, other, n, state, end, content)
			if stop == first { // an earlier end is good as well: what stood behind it is dropped
				state = add(t, other, n, state, 0, content)
				state = add(t, other, n, state, end, content)
			}
			finish(t, other, n, state)
			check(t, p.Store, n, content)
		}
	}
}

// keepWhatCame ends the context while bytes come, as a server does whose client went away: what had come is not lost.
func keepWhatCame(t *testing.T, p Place) {
	content := noise(2*blob.PartSize + 1000)
	const came = blob.PartSize + 3000
	ending, end := context.WithCancel(ctx)
	gone := readerFunc(func([]byte) (int, error) { end(); return 0, context.Canceled })
	state, at, err := p.Store.Append(ending, name(1), begin(t, p.Store, name(1)), 0, int64(len(content)), io.MultiReader(bytes.NewReader(content[:came]), gone))
	if at != came || !errors.Is(err, context.Canceled) {
		t.Fatalf("end %d of %d, %v", at, came, err)
	}
	finish(t, p.Store, name(1), add(t, p.Again(), name(1), state, at, content))
	check(t, p.Store, name(1), content)
}

func beginAgain(t *testing.T, p Place) {
	first, second := noise(500), noise(300)
	add(t, p.Store, name(1), begin(t, p.Store, name(1)), 0, first)
	state := begin(t, p.Store, name(1))
	if _, _, err := p.Store.Append(ctx, name(1), state, 500, 600, bytes.NewReader(second)); !problem.Is(err, problem.Damaged) {
		t.Errorf("what had grown is still there: %v", err)
	}
	state = add(t, p.Store, name(1), state, 0, second)
	finish(t, p.Store, name(1), state)
	check(t, p.Store, name(1), second)
}

// goBack grows an object whole, and again from an earlier end with other bytes, which break off: what stood behind them is
// dropped, so that an object of both never comes to be.
func goBack(t *testing.T, p Place) {
	const part = blob.First + blob.PartSize
	first := noise(3*blob.PartSize + blob.First)
	second := append(noise(part), bytes.Repeat([]byte("other"), 2*blob.PartSize/5)...)
	whole := int64(len(first))
	for i, back := range []int64{0, part} {
		state := add(t, p.Store, name(i), begin(t, p.Store, name(i)), 0, first)
		state, end, err := p.Store.Append(ctx, name(i), state, back, whole, bytes.NewReader(second[back:back+part]))
		if err != nil || end >= whole {
			t.Fatalf("append at %d: end %d, %v", back, end, err)
		}
		if err := p.Store.Finish(ctx, name(i), state); !problem.Is(err, problem.Damaged) {
			t.Errorf("went back to %d and finished at %d of %d: %v", back, end, whole, err)
		}
		if _, _, err := p.Store.Append(ctx, name(i), state, whole, whole, bytes.NewReader(nil)); !problem.Is(err, problem.Damaged) {
			t.Errorf("went back to %d and goes on at %d, not at %d: %v", back, whole, end, err)
		}
		checkAbsent(t, p.Store, name(i))
		state = add(t, p.Again(), name(i), state, end, second)
		finish(t, p.Again(), name(i), state)
		check(t, p.Store, name(i), append(bytes.Clone(first[:back]), second[back:]...))
	}
}

// appendBeyond appends where the bytes before are not there: a hole must never come to be.
func appendBeyond(t *testing.T, p Place) {
	content := noise(blob.First + 3*blob.PartSize)
	whole := int64(len(content))
	for _, at := range []int64{blob.First + blob.PartSize, blob.First + 2*blob.PartSize, whole, whole + 1, -1} {
		state := begin(t, p.Store, name(1))
		_, end, err := p.Store.Append(ctx, name(1), state, at, whole, bytes.NewReader(content))
		if !problem.Is(err, problem.Damaged) || end != at {
			t.Errorf("append at %d of nothing: end %d, %v", at, end, err)
		}
		if err := p.Store.Abort(ctx, name(1), state); err != nil {
			t.Fatal(err)
		}
	}
	state, end, err := p.Store.Append(ctx, name(1), begin(t, p.Store, name(1)), 0, whole, bytes.NewReader(content[:blob.First+blob.PartSize]))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Store.Append(ctx, name(1), state, end+blob.PartSize, whole, bytes.NewReader(content)); !problem.Is(err, problem.Damaged) {
		t.Errorf("append behind the end: %v", err)
	}
}

func finishEarly(t *testing.T, p Place) {
	content := noise(blob.First + blob.PartSize + 100)
	state := begin(t, p.Store, name(1))
	if err := p.Store.Finish(ctx, name(1), state); err == nil {
		t.Error("finished what has no size")
	}
	state, _, err := p.Store.Append(ctx, name(1), state, 0, int64(len(content)), bytes.NewReader(content[:blob.First+blob.PartSize]))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Store.Finish(ctx, name(1), state); !problem.Is(err, problem.Damaged) {
		t.Errorf("finished what is not whole: %v", err)
	}
	checkAbsent(t, p.Store, name(1))
	if err := p.Store.Finish(ctx, name(2), state); !problem.Is(err, problem.Damaged) {
		t.Errorf("finished what never began: %v", err)
	}
	for _, state := range []string{"", "file x", "multipart", "multipart x y", "multipart x 1", "multipart x y 1", "multipart x 1 y", "x"} {
		if err := p.Store.Finish(ctx, name(1), state); err == nil {
			t.Errorf("finished with state %q", state)
		}
		if _, _, err := p.Store.Append(ctx, name(1), state, 0, 10, bytes.NewReader(nil)); err == nil {
			t.Errorf("appended with state %q", state)
		}
	}
}

func finishTwice(t *testing.T, p Place) {
	for i, size := range []int64{0, 100, blob.First + blob.PartSize + 1} {
		content := noise(size)
		state := add(t, p.Store, name(i), begin(t, p.Store, name(i)), 0, content)
		finish(t, p.Store, name(i), state)
		finish(t, p.Again(), name(i), state)
		if err := p.Store.Abort(ctx, name(i), state); err != nil { // too late: it is finished
			t.Error(err)
		}
		check(t, p.Store, name(i), content)
		if _, _, err := p.Store.Append(ctx, name(i), state, 0, size+1, bytes.NewReader(noise(size+1))); !errors.Is(err, blob.ErrAbsent) {
			t.Errorf("append after Finish: %v", err)
		}
		check(t, p.Store, name(i), content)
	}
}

func abort(t *testing.T, p Place) {
	content := noise(1000)
	state := add(t, p.Store, name(1), begin(t, p.Store, name(1)), 0, content)
	for range 2 {
		if err := p.Again().Abort(ctx, name(1), state); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := p.Store.Append(ctx, name(1), state, 0, 1000, bytes.NewReader(content)); !errors.Is(err, blob.ErrAbsent) {
		t.Errorf("append: %v", err)
	}
	if err := p.Store.Finish(ctx, name(1), state); !errors.Is(err, blob.ErrAbsent) {
		t.Errorf("finish: %v", err)
	}
	checkAbsent(t, p.Store, name(1))
	finish(t, p.Store, name(1), add(t, p.Store, name(1), begin(t, p.Store, name(1)), 0, content))
	check(t, p.Store, name(1), content)
}

// cutShort cuts objects before they are opened, and while they are read.
func cutShort(t *testing.T, p Place) {
	content := noise(blob.First + 2*blob.PartSize)
	put(t, p.Store, name(1), content)
	if err := p.Cut(name(1), 1000); err != nil {
		t.Fatal(err)
	}
	o := open(t, p.Store, name(1))
	got, err := io.ReadAll(io.NewSectionReader(o, 0, int64(len(content))))
	if o.Size() == int64(len(content)) && !problem.Is(err, problem.Damaged) || !bytes.HasPrefix(content, got) {
		t.Errorf("cut before Open: size %d, %d bytes, %v", o.Size(), len(got), err)
	}
	put(t, p.Store, name(2), content)
	o = open(t, p.Store, name(2))
	if err := p.Cut(name(2), 1000); err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 5000)
	if n, err := o.ReadAt(part, 0); !problem.Is(err, problem.Damaged) || !bytes.Equal(part[:n], content[:n]) {
		t.Errorf("cut after Open, at the edge: %d bytes, %v", n, err)
	}
	if n, err := o.ReadAt(part, 9_000_000); !problem.Is(err, problem.Damaged) || n != 0 {
		t.Errorf("cut after Open, behind the edge: %d bytes, %v", n, err)
	}
}

// vanished takes the place away. Nothing may look as if an object were absent: somebody might believe it.
func vanished(t *testing.T, p Place) {
	content := noise(1000)
	put(t, p.Store, name(1), content)
	state, _, err := p.Store.Append(ctx, name(2), begin(t, p.Store, name(2)), 0, 2000, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	whole := add(t, p.Store, name(3), begin(t, p.Store, name(3)), 0, content)
	if err := p.Vanish(); err != nil {
		t.Fatal(err)
	}
	for what, act := range map[string]func() error{
		"put": func() error { return p.Store.Put(ctx, name(4), bytes.NewReader(content), 1000) },
		"put large": func() error {
			n := int64(blob.First + blob.PartSize + 1)
			return p.Store.Put(ctx, name(5), bytes.NewReader(noise(n)), n)
		},
		"open":   func() error { _, err := p.Store.Open(ctx, name(1)); return err },
		"delete": func() error { return p.Store.Delete(ctx, name(1)) },
		"begin":  func() error { _, err := p.Store.Begin(ctx, name(6)); return err },
		"append": func() error {
			_, _, err := p.Store.Append(ctx, name(2), state, 0, 2000, bytes.NewReader(noise(2000)))
			return err
		},
		"finish": func() error { return p.Store.Finish(ctx, name(3), whole) },
		"abort":  func() error { return p.Store.Abort(ctx, name(3), whole) },
		"list":   func() error { return p.Store.List(ctx, func(string, int64) error { return nil }) },
		"ping":   func() error { return p.Store.Ping(ctx) },
	} {
		if err := act(); !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
