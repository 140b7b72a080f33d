package carrier_test

import (
	"sync"
	"testing"
	"time"
)

// TestHandOverAtOnce: of several who hand one carrier over, take it, withdraw it or write it off at the same time one succeeds, and it has one
// holder.
func TestHandOverAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		together := func(what string, want int, deeds ...func() error) {
			t.Helper()
			var wg sync.WaitGroup
			var mu sync.Mutex
			done := 0
			for _, deed := range deeds {
				wg.Go(func() {
					if deed() == nil {
						mu.Lock()
						done++
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if done != want {
				t.Errorf("%s: %d succeeded, not %d", what, done, want)
			}
		}
		for range 5 {
			ids, err := o.register("handling", deed)
			o.must(err)
			id, due := ids[0], o.clock.Now().Add(24*time.Hour)
			offer := func(by, to string, due time.Time) func() error {
				return func() error { return o.offer(by, id, to, due) }
			}
			take := func(by string) func() error { return func() error { return o.take(by, id) } }
			together("offers", 1, offer("handling", "lead", due), offer("handling", "keeper", time.Time{}), offer("lead", "keeper", time.Time{}), offer("handling", "lead", time.Time{}))
			it, _, err := o.get("handling", id)
			o.must(err)
			to := "lead"
			if it.OfferedTo == o.IDs["keeper"] {
				to = "keeper"
			}
			together("taking", 1, take(to), take(to), take(to))
			o.must(o.recallAway(to, id))
			together("taking back", 1, func() error { return o.takeBack(to, id, "完好，数量相符") }, func() error { return o.takeBack(to, id, "完好，数量相符") }, take(to))
			together("ending", 1, func() error { return o.writeOff("director", id) }, func() error { return o.writeOff("director", id) }, func() error { return o.giveBack(to, id, "客户经办人") })
			if it, _, err := o.get("lead", id); err != nil || it.Holder != o.IDs[to] || !it.Ended.After(it.Registered.Add(-time.Hour)) {
				t.Errorf("in the end: %+v %v", it, err)
			}
		}
		if b := o.balance(); !b.Even() || b.Registered != 5 || b.Held != 0 {
			t.Errorf("the balance: %+v", b)
		}
		o.loansAgree(0)
	})
}

// recallAway has somebody lend what they hold to the handling lawyer, who offers it back.
func (o *office) recallAway(from, id string) error {
	it, _, err := o.get("lead", id)
	if err != nil {
		return err
	}
	if it.Lender != "" { // it was taken as a loan: its lender holds it again first
		if err := o.takeBack("handling", id, "完好，数量相符"); err != nil {
			return err
		}
		if err := o.offer("handling", id, from, time.Time{}); err != nil {
			return err
		}
		if err := o.take(from, id); err != nil {
			return err
		}
	}
	o.lend(from, id, "handling", 3)
	return o.offer("handling", id, from, time.Time{})
}
