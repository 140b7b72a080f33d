package store

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// clock gives transactions their time, which never goes back within the process, and numbers the ids of one millisecond.
type clock struct {
	source func() time.Time
	ids    atomic.Uint32

	mu    sync.Mutex
	last  int64     // Unix ms: the last time that was given
	given time.Time // when it was given, for the time that has passed since
}

func newClock(source func() time.Time) *clock {
	if source == nil {
		source = time.Now
	}
	return &clock{source: source}
}

// now is the time in UTC, in whole milliseconds, not before any it has given. Where the machine's clock was put back, time goes on from
// the last one given until the clock has caught up.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, now := time.Now(), c.source().UnixMilli()
	if now < c.last {
		passed := at.Sub(c.given).Truncate(time.Millisecond) // by the monotonic clock, which nobody puts back
		at, now = c.given.Add(passed), c.last+passed.Milliseconds()
	}
	if now > c.last {
		c.last, c.given = now, at
	}
	return time.UnixMilli(c.last).UTC()
}

// farthest is how far another process's clock may be ahead and still be followed. One that is farther ahead is wrong.
const farthest = time.Hour

// follow takes the time up that another process has given: from then on this one gives none before it.
func (c *clock) follow(other time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ms := other.UnixMilli(); ms > c.last && other.Sub(c.source()) <= farthest {
		c.last, c.given = ms, time.Now()
	}
}

// newID is a UUIDv7 (RFC 9562, 5.7): milliseconds, a counter that keeps the ids of one millisecond in order, 62 random bits.
func (c *clock) newID(at time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMilli())<<16|0x7000|uint64(c.ids.Add(1)&0x0fff))
	binary.BigEndian.PutUint64(b[8:], rand.Uint64()>>2|1<<63)
	var text [36]byte
	hex.Encode(text[:8], b[:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
