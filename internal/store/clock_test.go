package store

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTimeGoesOnWhereTheClockWasPutBack: a machine's clock that is put back does not make the firm's stand still, or nothing that is to
// end after a while (sessions, locks, holds) would end before the clock has caught up.
func TestTimeGoesOnWhereTheClockWasPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := time.Duration(0)
		c := newClock(func() time.Time { return time.Now().Add(wrong).Round(0) })
		start, passed := c.now(), time.Duration(0)
		wants := func(what string, jumped, passes time.Duration) {
			t.Helper()
			time.Sleep(passes)
			passed += jumped + passes
			if got := c.now().Sub(start); got != passed {
				t.Errorf("%s: %v have passed, not %v", what, got, passed)
			}
		}
		wants("a right clock", 0, time.Minute)
		wrong = -time.Hour
		wants("put back an hour", 0, 0)
		wants("a quarter of an hour later", 0, 15*time.Minute)
		for range 10 { // asked again and again, it goes no slower
			time.Sleep(400 * time.Microsecond)
			c.now()
		}
		wants("part by part", 4*time.Millisecond, 0)
		wrong = 0
		wants("set right", 0, time.Second)
		wrong = 24 * time.Hour
		wants("put ahead a day", 24*time.Hour, time.Second)
		wrong = 0
		wants("and set right", 0, 20*time.Minute)
	})
}
