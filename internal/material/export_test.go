package material

import "time"

// HoldFor sets for how long a request keeps others off, and how often it is heard of, and gives what sets them back.
func HoldFor(busy, renew time.Duration) func() {
	was, every := busyFor, renewEvery
	busyFor, renewEvery = busy, renew
	return func() { busyFor, renewEvery = was, every }
}
