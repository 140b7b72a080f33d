package material_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"mijuan/internal/blob"
	"mijuan/internal/classification"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// line is a connection that can stand still.
type line struct {
	*io.PipeReader
	far *io.PipeWriter
}

func newLine() line {
	near, far := io.Pipe()
	return line{near, far}
}

func (l line) Interrupt() { l.CloseWithError(errors.New("interrupted")) }

// poured is the outcome of a request.
type poured struct {
	offset int64
	err    error
}

func (o *office) pouring(s *material.Shelf, size int, r io.Reader) (*material.Upload, chan poured) {
	u, p, err := s.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "录像.bin", Size: int64(size), NotStateSecret: true})
	o.want(err, 0, "begin")
	over := make(chan poured, 1)
	go func() {
		at, err := s.Pour(o.ctx, p, u, r, nil)
		over <- poured{at, err}
	}()
	return u, over
}

// again is another process on the same firm.
func (o *office) again() *material.Shelf {
	blobs, err := blob.OpenDir(o.dir)
	o.want(err, 0, "open the objects")
	return material.New(o.door, o.book, o.keys, blobs, o.pages, nil)
}

func (o *office) goOn(s *material.Shelf, id string, content []byte, at int64) {
	o.t.Helper()
	u, p, err := s.Resume(o.ctx, who("lawyer"), o.matter, id, at)
	o.want(err, 0, "resume")
	_, err = s.Pour(o.ctx, p, u, bytes.NewReader(content[at:]), nil)
	o.want(err, 0, "pour the rest")
}

func (o *office) cameBack(id string, content []byte) {
	o.t.Helper()
	filed, err := o.file("lawyer", material.Filing{Upload: id, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential, Reason: "r", Reviewer: "lead"})
	o.want(err, 0, "file")
	if got, err := o.read(filed); err != nil || !bytes.Equal(got, content) {
		o.t.Errorf("%d of %d bytes came back, %v", len(got), len(content), err)
	}
}

// TestASecondRequestEndsTheFirst: whose line broke comes back while the old one still seems to live, and goes on where that one was.
func TestASecondRequestEndsTheFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		content, l := noise(7<<20), newLine()
		u, over := o.pouring(o.shelf, len(content), l)
		_, err := l.far.Write(content[:3<<20])
		o.want(err, 0, "send a part")
		if o.shelf.Halt(o.ctx, who("lead"), u.ID) {
			t.Error("somebody else ended the request")
		}
		_, _, err = o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, 0)
		o.want(err, problem.Conflict, "the place that the row told has moved")
		first := <-over
		if first.offset < 1<<20 {
			t.Errorf("the first request kept %d bytes, %v", first.offset, first.err)
		}
		o.goOn(o.shelf, u.ID, content, first.offset)
		o.cameBack(u.ID, content)
	})
}

// TestALiveRequestKeepsItsHold for longer than a hold lasts, and puts on record how far it came.
func TestALiveRequestKeepsItsHold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		defer material.HoldFor(400*time.Millisecond, 50*time.Millisecond)()
		o := newOffice(t, db)
		content, l := noise(12<<20), newLine()
		u, over := o.pouring(o.shelf, len(content), l)
		for at := 0; at < 11<<20; at += 1 << 20 {
			_, err := l.far.Write(content[at : at+1<<20])
			o.want(err, 0, "send")
			time.Sleep(100 * time.Millisecond) // a slow line
			if _, _, err = o.again().Resume(o.ctx, who("lawyer"), o.matter, u.ID, 0); problem.KindOf(err) != problem.Conflict {
				t.Fatalf("after %d bytes another process was let in: %v", at, err)
			}
		}
		if n, err := readCount(o, `SELECT received FROM upload`); err != nil || n < 5<<20 {
			t.Errorf("%d bytes are on record, %v", n, err)
		}
		_, err := l.far.Write(content[11<<20:])
		o.want(err, 0, "send the rest")
		if whole := <-over; whole.err != nil || whole.offset != int64(len(content)) {
			t.Errorf("%+v", whole)
		}
		o.cameBack(u.ID, content)
	})
}

// TestWhoLostItsHoldWritesNothing: a process that was frozen wakes up after another has taken over from the beginning.
func TestWhoLostItsHoldWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		defer material.HoldFor(2*time.Minute, time.Hour)() // it does not find out
		o := newOffice(t, db)
		content, wrong := noise(7<<20), bytes.Repeat([]byte("x"), 7<<20)
		frozen, l := o.again(), newLine()
		u, over := o.pouring(frozen, len(content), l)
		_, err := l.far.Write(wrong[:3<<20])
		o.want(err, 0, "send a part")
		o.want(o.db.Update(o.ctx, func(tx *store.Tx) error { _, err := tx.Exec(`UPDATE upload SET busy_until = 0`); return err }), 0, "time goes by")
		second, p, err := o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, 0)
		o.want(err, 0, "another process takes over")
		half := io.MultiReader(bytes.NewReader(content[:6<<20]), &woken{over, l, wrong, t}, bytes.NewReader(content[6<<20:]))
		_, err = o.shelf.Pour(o.ctx, p, second, half, nil)
		o.want(err, 0, "pour all of it")
		o.cameBack(u.ID, content)
	})
}

// woken lets the frozen request go on, and ends without a byte when that is over.
type woken struct {
	over  chan poured
	l     line
	wrong []byte
	t     *testing.T
}

func (w *woken) Read([]byte) (int, error) {
	if w.over != nil {
		_, _ = w.l.far.Write(w.wrong[3<<20:]) // unless it is cut off before
		w.l.far.Close()
		if late := <-w.over; late.err == nil {
			w.t.Error("the woken request finished")
		}
		w.over = nil
	}
	return 0, io.EOF
}

// TestWhoLeavesIsLookedThrough: a sender that hangs up after the last byte does not get its file past the search for marks.
func TestWhoLeavesIsLookedThrough(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		content := append([]byte("机密★20年\n关于某项工作的通知\n"), bytes.Repeat([]byte("一份文件。\n"), 400_000)...)
		u, p, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "a.txt", Size: int64(len(content)), NotStateSecret: true})
		o.want(err, 0, "begin")
		ctx, hangUp := context.WithCancel(o.ctx)
		blobs, err := blob.OpenDir(o.dir)
		o.want(err, 0, "open the objects")
		at, err := material.New(o.door, o.book, o.keys, left{blobs, hangUp}, o.pages, nil).Pour(ctx, p, u, bytes.NewReader(content), nil)
		if err == nil || u.State == material.Ready {
			t.Errorf("not looked through, and %s: %v", u.State, err)
		}
		again, p, err := o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, at)
		o.want(err, 0, "resume")
		_, err = o.shelf.Pour(o.ctx, p, again, bytes.NewReader(content[at:]), nil)
		o.want(err, problem.Refused, "the mark is found")
	})
}

// left is a store whose user hangs up once all is there.
type left struct {
	blob.Store
	hangUp func()
}

func (l left) Open(ctx context.Context, name string) (blob.Object, error) {
	l.hangUp()
	return l.Store.Open(ctx, name)
}

// TestSameFileTwice tells a sender of a material with the same bytes, unless it is one that the sender may not know.
func TestSameFileTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		same := func(person string, content string) string {
			u, err := o.upload(person, "b.txt", []byte(content))
			o.want(err, 0, "upload again")
			return u.Advice.SameAs
		}
		file := func(content string, level classification.Level) string {
			u, err := o.upload("lead", "a.txt", []byte(content))
			o.want(err, 0, "upload")
			id, err := o.file("lead", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: level, Reason: "r", Reviewer: "lawyer"})
			o.want(err, 0, "file")
			o.want(o.review("lawyer", id, level), 0, "review")
			m, err := o.get("lead", id)
			o.want(err, 0, "look")
			return m.Number
		}
		open, secret, top := file("甲", classification.Confidential), file("乙", classification.Secret), file("丙", classification.TopSecret)
		waiting, err := o.upload("lead", "c.txt", []byte("丁"))
		o.want(err, 0, "upload")
		_, err = o.file("lead", material.Filing{Upload: waiting.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential, Reason: "r", Reviewer: "outsider"})
		o.want(err, 0, "file")
		for person, want := range map[string][]string{"lead": {open, secret, top}, "lawyer": {open, secret, ""}, "trainee": {open, "", ""}} {
			for i, content := range []string{"甲", "乙", "丙"} {
				if got := same(person, content); got != want[i] {
					t.Errorf("%s sends %s again and is told of %q, want %q", person, content, got, want[i])
				}
			}
		}
		if got := same("lawyer", "丁"); got != "" {
			t.Errorf("told of %q, which waits for its review", got)
		}
	})
}

// counting is a store that counts what is put into it.
type counting struct {
	blob.Store
	puts *int
}

func (c counting) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	*c.puts++
	return c.Store.Put(ctx, name, r, size)
}

// TestRefusedBeforeItIsStored: a small file with a mark is never stored, not even sealed; nor is one whose name bears the mark.
func TestRefusedBeforeItIsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		blobs, err := blob.OpenDir(o.dir)
		o.want(err, 0, "open the objects")
		puts := 0
		o.shelf = material.New(o.door, o.book, o.keys, counting{blobs, &puts}, o.pages, nil)
		_, err = o.upload("lawyer", "通知.txt", []byte("机密★20年\n关于某项工作的通知\n"))
		o.want(err, problem.Refused, "a marked file")
		_, err = o.upload("lawyer", "机密★20年 关于某项工作的通知.pdf", []byte("内容"))
		o.want(err, problem.Refused, "a marked name")
		if puts != 0 {
			t.Errorf("%d objects were stored", puts)
		}
		u, err := o.upload("lawyer", "代理词.txt", []byte("内容"))
		o.want(err, 0, "another file")
		if puts != 1 {
			t.Errorf("%d objects were stored", puts)
		}
		o.cameBack(u.ID, []byte("内容"))
	})
}
