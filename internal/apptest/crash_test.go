package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// day is a working day of a firm whose process may die between any two durable writes. Each step says what was acknowledged.
type day struct {
	h          *house.House
	lead, hand guard.Who
	tell       func(what string, args ...any)
}

// large grows in the object store; small is put in one piece.
func large() []byte { return bytes.Repeat([]byte("一份很长的附件。"), 225_000) }
func small() []byte { return bytes.Repeat([]byte("一份短的附件。"), 500) }

func (d *day) work(ctx context.Context, contents ...[]byte) error {
	var id string
	if err := d.h.Door.Do(ctx, d.lead, access.OpenMatter, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = d.h.Matters.Open(g, matter.Opening{Kind: "civil", Title: "合同纠纷", Client: matter.Client{Name: "沧浪环保有限公司"},
			Team: []matter.Member{{Person: d.lead.Person, Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true},
				{Person: d.hand.Person, Duty: matter.Handling, Clearance: classification.Secret}}})
		return err
	}); err != nil {
		return err
	}
	d.tell("matter %s", id)
	for _, content := range contents {
		if err := d.receive(ctx, id, content); err != nil {
			return err
		}
	}
	if len(contents) < 2 {
		return nil
	}
	u, err := d.upload(ctx, id, large(), 1000) // less than a chunk: it starts over
	if err != nil {
		return err
	}
	if err := d.h.Shelf.Withdraw(ctx, d.hand, id, u.ID); err != nil {
		return err
	}
	d.tell("withdrawn %s %s", id, u.ID)
	_, err = d.h.Shelf.Sweep(ctx, d.h.DB)
	return err
}

// upload sends content, where it is large over a line that breaks once.
func (d *day) upload(ctx context.Context, id string, content []byte, breaks int) (*material.Upload, error) {
	u, p, err := d.h.Shelf.Begin(ctx, d.hand, id, material.Declaration{Name: "附件.bin", Size: int64(len(content)), NotStateSecret: true})
	if err != nil {
		return nil, err
	}
	broken := errors.New("the line broke")
	if len(content) > 1<<20 {
		half := bytes.NewReader(content[:breaks])
		if _, err := d.h.Shelf.Pour(ctx, p, u, io.MultiReader(half, iotest.ErrReader(broken)), nil); !errors.Is(err, broken) {
			return nil, fmt.Errorf("the line did not break: %w", err)
		}
		at := u.Received
		if u, p, err = d.h.Shelf.Resume(ctx, d.hand, id, u.ID, at); err != nil {
			return nil, err
		}
		content = content[at:]
	}
	_, err = d.h.Shelf.Pour(ctx, p, u, bytes.NewReader(content), nil)
	return u, err
}

func (d *day) receive(ctx context.Context, id string, content []byte) error {
	u, err := d.upload(ctx, id, content, len(content)*2/3)
	if err != nil {
		return err
	}
	d.tell("uploaded %s %s", id, u.ID)
	var ids []string
	if err := d.h.Door.Do(ctx, d.hand, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: id}, func(g *guard.Grant) (err error) {
		ids, err = d.h.Shelf.File(g, []material.Filing{{Upload: u.ID, Title: "附件", Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential,
			Reason: "一般案件材料", Reviewer: d.lead.Person}})
		return err
	}); err != nil {
		return err
	}
	d.tell("filed %s %d", ids[0], len(content))
	thing := guard.Thing{Kind: access.Material, ID: ids[0], Level: classification.Confidential}
	if err := d.h.Door.Do(ctx, d.lead, access.Review, thing, func(g *guard.Grant) error { return d.h.Shelf.Review(g, "同意") }); err != nil {
		return err
	}
	d.tell("reviewed %s", ids[0])
	if err := d.h.Door.Do(ctx, d.lead, access.RenameMaterial, thing, func(g *guard.Grant) error { return d.h.Shelf.Rename(g, "另一个名称") }); err != nil {
		return err
	}
	d.tell("renamed %s", ids[0])
	return nil
}

// goOn sends the rest of what was begun before the crash, and files it.
func (d *day) goOn(ctx context.Context) error {
	var matters matter.Page
	if err := d.h.Door.Do(ctx, d.hand, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		matters, err = d.h.Matters.List(g, matter.Filter{})
		return err
	}); err != nil {
		return err
	}
	for _, m := range matters.Matters {
		thing := guard.Thing{Kind: access.Matter, ID: m.ID}
		var waiting []*material.Upload
		if err := d.h.Door.Do(ctx, d.hand, access.ReceiveMaterial, thing, func(g *guard.Grant) (err error) {
			waiting, err = d.h.Shelf.Uploads(g)
			return err
		}); err != nil {
			return err
		}
		for _, u := range waiting {
			if err := d.finish(ctx, m.ID, u); err != nil {
				return fmt.Errorf("%s upload of %d bytes at %d: %w", u.State, u.Size, u.Received, err)
			}
		}
	}
	return nil
}

func (d *day) finish(ctx context.Context, id string, u *material.Upload) error {
	content := small()
	if u.Size != int64(len(content)) {
		content = large()
	}
	if u.State == material.Growing {
		at := u.Received
		again, p, err := d.h.Shelf.Resume(ctx, d.hand, id, u.ID, at)
		if err != nil {
			return err
		}
		if _, err := d.h.Shelf.Pour(ctx, p, again, bytes.NewReader(content[at:]), nil); err != nil {
			return err
		}
	}
	return d.h.Door.Do(ctx, d.hand, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: id}, func(g *guard.Grant) error {
		_, err := d.h.Shelf.File(g, []material.Filing{{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential,
			Reason: "一般案件材料", Reviewer: d.lead.Person}})
		return err
	})
}

// crashChild lives through a day and kills itself at the point that the environment names.
func crashChild() int {
	at, _ := strconv.Atoi(os.Getenv("MIJUAN_CRASH"))
	s := inherited()
	points, armed := 0, false
	s.Fault = func(string) error {
		if armed {
			if points++; points == at {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
		return nil
	}
	h, err := house.Open(context.Background(), s)
	if err == nil {
		armed = true
		d := &day{h: h, lead: worker(os.Getenv("MIJUAN_LEAD")), hand: worker(os.Getenv("MIJUAN_PERSON")), tell: func(what string, args ...any) { fmt.Printf(what+"\n", args...) }}
		err = errors.Join(d.work(context.Background(), small(), large()), h.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("points", points)
	return 0
}

func worker(id string) guard.Who {
	return guard.Who{Person: id, Via: guard.Web, Addr: "127.0.0.1", Strong: true}
}

// TestKilledBetweenWrites kills the process at each durable write of a day, right before it (the write is lost) and right after it
// (the write is kept and nobody was told). Afterwards everything that was acknowledged is there, nothing half done stays, the ledger is
// sound, and the day can be lived again.
func TestKilledBetweenWrites(t *testing.T) { both(t, killedBetweenWrites) }

func killedBetweenWrites(t *testing.T, s house.Settings) {
	o := found(t, s)
	o.server.Close()
	must(t, o.h.Close())
	const atOnce = 2
	stride := stride
	if s.Database != "" {
		stride *= 5 // the same writes, each over a network
	}
	var total atomic.Int64
	for first := 1; total.Load() == 0; first += atOnce * stride {
		t.Run(fmt.Sprintf("points from %d", first), func(t *testing.T) {
			for i := range atOnce {
				point := first + i*stride
				t.Run(strconv.Itoa(point), func(t *testing.T) {
					t.Parallel()
					c := crash{o: o, s: again(t, s), point: point}
					if n := c.run(t); n > 0 {
						total.Store(int64(n))
					}
				})
			}
		})
		if t.Failed() {
			return
		}
	}
	if total.Load() < 40 {
		t.Errorf("only %d durable writes were seen", total.Load())
	}
}

// crash is one killed day.
type crash struct {
	o     *office
	s     house.Settings
	point int
}

// run gives the number of points when the day ended without reaching its own.
func (c *crash) run(t *testing.T) (points int) {
	p := heir(c.s, "MIJUAN_CRASH="+strconv.Itoa(c.point), "MIJUAN_LEAD="+c.o.ids["lead"], "MIJUAN_PERSON="+c.o.ids["handling"])
	said, err := p.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL) {
		t.Fatalf("the day went wrong of itself: %v", err)
	}
	later := c.s
	later.Now = func() time.Time { return time.Now().Add(5 * time.Minute) } // nobody is taken to be uploading still
	h, err := house.Open(t.Context(), later)
	must(t, err)
	defer h.Close()
	d := &day{h: h, lead: worker(c.o.ids["lead"]), hand: worker(c.o.ids["handling"]), tell: func(string, ...any) {}}
	for line := range strings.Lines(string(said)) {
		f := strings.Fields(line)
		if f[0] == "points" {
			points, err = strconv.Atoi(f[1])
			must(t, err)
			continue
		}
		c.kept(t, d, f)
	}
	_, err = h.Door.BreakOff(t.Context(), true)
	must(t, err)
	_, err = h.Shelf.Sweep(t.Context(), h.DB)
	must(t, err)
	c.whole(t, h)
	c.told(t, h)
	if err := d.goOn(t.Context()); err != nil {
		t.Errorf("what was begun cannot go on: %v", err)
	}
	c.whole(t, h)
	if err := d.work(t.Context(), small()); err != nil {
		t.Errorf("the next day: %v", err)
	}
	if report, err := h.Ledger.VerifyLive(t.Context(), nil); err != nil || report.Wrong != nil {
		t.Errorf("the ledger: %v, %+v", err, report.Wrong)
	}
	return points
}

// kept checks that one acknowledged step is there.
func (c *crash) kept(t *testing.T, d *day, f []string) {
	ctx := t.Context()
	thing := guard.Thing{Kind: access.Material, ID: f[1]}
	var m material.Material
	get := func() error {
		return d.h.Door.Do(ctx, d.lead, access.View, thing, func(g *guard.Grant) (err error) { m, err = d.h.Shelf.Get(g); return err })
	}
	var err error
	switch f[0] {
	case "matter":
		err = d.h.Door.Do(ctx, d.lead, access.ViewMatter, guard.Thing{Kind: access.Matter, ID: f[1]}, func(g *guard.Grant) error { _, err := d.h.Matters.Get(g); return err })
	case "uploaded", "withdrawn":
		var state string
		err = d.h.Door.Do(ctx, d.hand, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: f[1]}, func(g *guard.Grant) error {
			u, err := d.h.Shelf.Upload(g, f[2])
			if err == nil {
				state = u.State
			}
			return err
		})
		if f[0] == "withdrawn" {
			if err == nil {
				t.Errorf("what was withdrawn is %s", state)
			}
			return
		}
		if err != nil { // it may have been filed already, in a step that is told or was not acknowledged any more
			err = nil
		} else if state != material.Ready {
			t.Errorf("an upload that was acknowledged is %s", state)
		}
	case "filed":
		if err = get(); err == nil && fmt.Sprint(m.Version.Size) != f[2] {
			t.Errorf("a file of %s bytes has %d", f[2], m.Version.Size)
		}
	case "reviewed":
		if err = get(); err == nil && m.State != material.Filed {
			t.Errorf("what was reviewed is %s", m.State)
		}
	case "renamed":
		if err = get(); err == nil && m.Title != "另一个名称" {
			t.Errorf("what was renamed is called %s", m.Title)
		}
	}
	if err != nil {
		t.Errorf("%v was acknowledged: %v", f, err)
	}
}

// whole checks that every material opens with all of its bytes, and that no object lies there that nothing points to.
func (c *crash) whole(t *testing.T, h *house.House) {
	var held []material.Holding
	uploads := 0
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		if held, err = h.Shelf.Inventory(tx); err != nil {
			return err
		}
		uploads, err = store.Get(tx, func(r store.Row) (n int, err error) { err = r.Scan(&n); return n, err }, `SELECT COUNT(*) FROM upload WHERE state IN ('growing', 'ready')`)
		return err
	}))
	for _, one := range held {
		content, err := h.Shelf.OpenHolding(t.Context(), one)
		if err != nil {
			t.Errorf("%s: %v", one.Number, err)
			continue
		}
		var b bytes.Buffer
		_, err = content.WriteTo(&b)
		if err != nil || !bytes.Equal(b.Bytes(), small()) && !bytes.Equal(b.Bytes(), large()) {
			t.Errorf("%s: %d bytes, %v", one.Number, b.Len(), err)
		}
		must(t, content.Close())
	}
	objects := 0
	must(t, h.Blobs.List(t.Context(), func(string, int64) error { objects++; return nil }))
	if objects < len(held) || objects > len(held)+uploads {
		t.Errorf("%d objects for %d materials and %d uploads", objects, len(held), uploads)
	}
}

// told checks that no effect is without an outcome, and none has two.
func (c *crash) told(t *testing.T, h *house.House) {
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) error {
		open, err := store.Get(tx, func(r store.Row) (n int, err error) { err = r.Scan(&n); return n, err }, `SELECT COUNT(*) FROM passage`)
		if err != nil || open > 0 {
			return fmt.Errorf("%d passages are open: %w", open, err)
		}
		entries, err := h.Ledger.Query(tx, ledger.Query{Detail: true, Limit: 1000})
		seen := map[any]bool{}
		for _, e := range entries {
			if e.Outcome != ledger.Completed && e.Outcome != ledger.BrokenOff {
				continue
			}
			var detail guard.Detail
			if err := json.Unmarshal(e.Detail, &detail); err != nil {
				return err
			}
			if at := detail.Notes["opened"]; at == nil || seen[at] {
				return fmt.Errorf("entry %d ends %v, which is unknown or ended before", e.Seq, at)
			} else {
				seen[at] = true
			}
		}
		return err
	}))
}
