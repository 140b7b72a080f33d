package person

import (
	"slices"
	"sync"
	"time"

	"mijuan/internal/problem"
)

// throttle stops an address from which many log-ins fail. It is per process and forgets: what lasts is each log-in's own lock.
type throttle struct {
	mu    sync.Mutex
	fails map[string][]time.Time
}

const (
	throttleSpan  = time.Minute
	throttleMost  = 30      // failures an address has in a span: an office of many people has one address
	throttleHolds = 100_000 // addresses
)

func newThrottle() *throttle { return &throttle{fails: map[string][]time.Time{}} }

// admit refuses an address that has used up its failures.
func (t *throttle) admit(addr string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.recent(addr, now)) < throttleMost {
		return nil
	}
	return problem.New(problem.Unavailable, "从这个地址登录失败的次数太多，请过一分钟再试")
}

func (t *throttle) recent(addr string, now time.Time) []time.Time {
	left := slices.DeleteFunc(t.fails[addr], func(at time.Time) bool { return now.Sub(at) >= throttleSpan })
	if len(left) == 0 {
		delete(t.fails, addr)
		return nil
	}
	t.fails[addr] = left
	return left
}

// failed counts a failure and reports whether it was the one that closes the address.
func (t *throttle) failed(addr string, now time.Time) (closes bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.fails) >= throttleHolds {
		for a := range t.fails {
			t.recent(a, now)
		}
	}
	if len(t.fails) >= throttleHolds {
		clear(t.fails)
	}
	left := append(t.recent(addr, now), now)
	t.fails[addr] = left
	return len(left) == throttleMost
}
