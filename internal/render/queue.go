package render

import "slices"

// queue says who has which worker and who waits for one. The pool guards it.
type queue struct {
	idle    []*process
	busy    map[*process]string // key of the document at hand
	waiting []*waiter
	total   int // idle, busy and starting
}

type waiter struct {
	key string
	got chan *process // nil: no worker can be started
}

func newQueue() queue { return queue{busy: map[*process]string{}} }

func (q *queue) join(key string) *waiter {
	w := &waiter{key: key, got: make(chan *process, 1)}
	q.waiting = append(q.waiting, w)
	return w
}

// leave takes a waiter out. It gives the worker that came at the same moment, if one did.
func (q *queue) leave(w *waiter) *process {
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return nil
	}
	return <-w.got
}

// turnAway tells everybody who waits that there is nothing to wait for.
func (q *queue) turnAway() {
	for _, w := range q.waiting {
		w.got <- nil
	}
	q.waiting = nil
}

// dispatch gives idle workers to those who wait, in their order.
func (q *queue) dispatch(share func(key string) int) {
	q.waiting = slices.DeleteFunc(q.waiting, func(w *waiter) bool {
		got := q.pick(w.key, share)
		if got != nil {
			w.got <- got
		}
		return got != nil
	})
}

// pick takes the idle worker that has the document open, else the one that has been idle longest; none when the document has its
// share already.
func (q *queue) pick(key string, share func(string) int) *process {
	if len(q.idle) == 0 || !q.admits(key, share) {
		return nil
	}
	at := max(slices.IndexFunc(q.idle, func(w *process) bool { _, ok := w.keys.get(key); return ok }), 0)
	w := q.idle[at]
	q.idle = slices.Delete(q.idle, at, at+1)
	q.busy[w] = key
	return w
}

func (q *queue) admits(key string, share func(string) int) bool {
	left := share(key)
	for _, k := range q.busy {
		if k == key {
			left--
		}
	}
	return left > 0
}
