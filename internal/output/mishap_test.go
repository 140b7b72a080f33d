package output_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/output"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func problemOf(err error) *problem.Error {
	p, _ := errors.AsType[*problem.Error](err)
	return p
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func reasons(word string) func(output.Order) bool {
	return func(o output.Order) bool {
		return len(o.Each) > 0 && strings.Contains(strings.Join(o.Each[0].Reasons, ","), word)
	}
}

// TestJam: a jam is shown while it lasts, a job can be stopped, and what came out is counted, not guessed.
func TestJam(t *testing.T) {
	o := open(t, store.SQLite)
	o.real.Set("jam")
	id := o.released(1)
	o.until(id, "jammed", reasons("media-jam"))
	o.wants(problem.Conflict, o.count("clerk", o.order(id).Each[0].ID, 3, 0, ""))
	o.wants(problem.Conflict, o.House.Output.Go(t.Context(), o.Who("clerk"), id))
	o.must(o.House.Output.Stop(t.Context(), o.Who("clerk"), o.order(id).Each[0].ID))
	o.real.Unset("jam")
	got := o.until(id, "given up", in(output.Failed))
	o.must(o.count("clerk", got.Each[0].ID, 1, 1, "卡纸，出了两张"))
	if got = o.order(id); got.Each[0].State != output.Void || got.Each[0].Spoiled != 2 || got.State != output.Working || got.Missing() != 1 {
		t.Errorf("%+v", got)
	}
	o.must(o.firm("clerk", access.OperateOutput, func(g *guard.Grant) error { return o.House.Output.Finish(g, id) }))
	if got = o.order(id); got.State != output.Done {
		t.Errorf("%s", got.State)
	}
}

// TestOffline: nothing is sent to a printer that is off, its number waits, and a person has it go on.
func TestOffline(t *testing.T) {
	o := open(t, store.SQLite)
	o.real.Stop()
	id := o.released(1)
	o.until(id, "not sent", reasons("连不上打印机"))
	if got := o.order(id); got.Each[0].State != output.Queued {
		t.Errorf("%+v", got.Each)
	}
	o.real.Start()
	o.must(o.House.Output.Go(t.Context(), o.Who("clerk"), id))
	got := o.until(id, "printed", in(output.Printed))
	if len(got.Each) != 1 || len(o.real.Jobs()) != 1 {
		t.Errorf("%+v", got.Each)
	}
}

// TestVanished: a printer that goes off with a job leaves a copy of which nobody knows, for a person to look for.
func TestVanished(t *testing.T) {
	o := open(t, store.SQLite)
	o.real.Set("slow")
	id := o.released(1)
	o.until(id, "sent", in(output.Sent))
	o.real.Stop()
	got := o.until(id, "unknown", in(output.Unknown))
	o.must(o.count("clerk", got.Each[0].ID, 0, 0, "现场核实，没有出纸"))
	if got = o.order(id); got.Each[0].State != output.Void {
		t.Errorf("%+v", got.Each)
	}
}

// TestGivenUp: a printer that gives a job up stops the rest.
func TestGivenUp(t *testing.T) {
	o := open(t, store.SQLite)
	o.real.Set("fail")
	id := o.released(2)
	got := o.until(id, "failed", func(x output.Order) bool { return len(x.Each) == 2 && x.Each[0].State == output.Failed })
	if got.Each[1].State != output.Queued {
		t.Errorf("%+v", got.Each)
	}
	o.must(o.firm("clerk", access.OperateOutput, func(g *guard.Grant) error { return o.House.Output.Discard(g, got.Each[1].ID, "不再需要") }))
	if got = o.order(id); got.Each[1].State != output.Void || got.Each[1].Spoiled != 0 {
		t.Errorf("%+v", got.Each)
	}
}

// TestKilled: the process dies between sending and its record, or after it, or before. The next one finds the job again by its name, goes on
// following it, or says that nothing left; no page is printed twice.
func TestKilled(t *testing.T) {
	for name, at := range map[string]struct {
		state output.CopyState
		job   bool // the next process knows its number
		want  output.CopyState
		jobs  int
	}{"after sending, before its record": {output.Sending, false, output.Printed, 1}, "while followed": {output.Sent, true, output.Printed, 1}, "while the pages were made": {output.Making, false, output.Queued, 1}} {
		t.Run(name, func(t *testing.T) {
			o := open(t, store.SQLite)
			o.real.Set("slow")
			id := o.released(1)
			got := o.until(id, "sent", in(output.Sent))
			o.House.Close()
			// What a process that died earlier has left.
			h, err := house.Open(context.Background(), o.settings)
			o.must(err)
			t.Cleanup(func() { h.Close() })
			o.House = h
			o.must(h.DB.Update(t.Context(), func(tx *store.Tx) error {
				job := `job`
				if !at.job {
					job = `0`
				}
				_, err := tx.Exec(`UPDATE output_copy SET state = $2, job = `+job+` WHERE id = $1`, got.Each[0].ID, string(at.state))
				return err
			}))
			o.real.Unset("slow")
			o.must(h.Output.Recover(t.Context(), true))
			got = o.until(id, "found", in(at.want))
			time.Sleep(500 * time.Millisecond)
			if n := len(o.real.Jobs()); n != at.jobs || len(got.Each) != 1 {
				t.Errorf("%d jobs, %+v", n, got.Each)
			}
		})
	}
}

// TestForgotten: a printer that knows of no such job may have printed it all the same: nobody knows, and nothing is sent again.
func TestForgotten(t *testing.T) {
	o := open(t, store.SQLite)
	o.real.Set("slow")
	id := o.released(1)
	got := o.until(id, "sent", in(output.Sent))
	o.House.Close()
	h, err := house.Open(context.Background(), o.settings)
	o.must(err)
	t.Cleanup(func() { h.Close() })
	o.House = h
	o.must(h.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE output_copy SET state = 'sending', job = 0 WHERE id = $1`, got.Each[0].ID)
		return err
	}))
	o.real.Stop()
	o.real.Start() // it has forgotten
	o.must(h.Output.Recover(t.Context(), true))
	o.until(id, "unknown", in(output.Unknown))
	if n := len(o.real.Jobs()); n != 0 {
		t.Errorf("%d jobs", n)
	}
}
