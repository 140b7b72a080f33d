package render

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	defaultMemory  = 1 << 30
	defaultTimeout = 15 * time.Second
	patience       = time.Second     // after which a waiting call gets a spare worker
	blameFor       = 5 * time.Minute // during which a file that broke workers is not tried again
	startPause     = time.Second     // between attempts to start a worker that does not start
)

// Pool is a set of workers. Its methods may be called at the same time.
type Pool struct {
	options Options
	starter *starter
	cancel  context.CancelFunc

	mu     sync.Mutex
	queue  queue
	proven *recent[struct{}] // documents of which something was shown
	blamed *recent[time.Time]
	failed error // of the last start
	retry  time.Time
	closed bool
}

// NewPool prepares the workers and returns before they are ready; calls wait for the first.
func NewPool(o Options) (*Pool, error) {
	if len(o.Command) == 0 {
		return nil, errors.New("render: no command for the workers")
	}
	if o.Workers == 0 {
		o.Workers = max(runtime.NumCPU(), 2)
	}
	if o.MemoryLimit == 0 {
		o.MemoryLimit = defaultMemory
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.CacheDir != "" {
		o.CacheDir = filepath.Join(o.CacheDir, "pdfium")
		if err := makeCache(o.CacheDir); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pool{options: o, starter: newStarter(ctx), cancel: cancel, queue: newQueue(),
		proven: newRecent(4096, func(struct{}) {}), blamed: newRecent(1024, func(time.Time) {})}
	p.queue.total = 1
	go p.begin()
	return p, nil
}

// Close ends all workers. Calls that are under way fail.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	for w := range p.queue.busy {
		w.kill()
	}
	for _, w := range p.queue.idle {
		w.retire()
	}
	p.queue.total -= len(p.queue.idle)
	p.queue.idle = nil
	p.queue.turnAway()
	p.cancel()
	return nil
}

// begin starts the first worker alone, so that PDFium is compiled once and into the cache, then the others. A cache that cannot be
// used is thrown away once.
func (p *Pool) begin() {
	w, err := startProcess(p.starter, p.options)
	if err != nil && p.options.CacheDir != "" && p.starter.ctx.Err() == nil {
		if err = p.emptyCache(); err == nil {
			w, err = startProcess(p.starter, p.options)
		}
	}
	p.started(w, err)
}

func (p *Pool) emptyCache() error {
	if err := os.RemoveAll(p.options.CacheDir); err != nil {
		return fmt.Errorf("empty the cache of compiled code: %w", err)
	}
	return makeCache(p.options.CacheDir)
}

// makeCache makes the directory for its owner only, since what stands in it is run.
func makeCache(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("make the cache of compiled code: %w", err)
	}
	return nil
}

// started takes in a worker that is ready, or the reason why there is none.
func (p *Pool) started(w *process, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil:
		p.queue.total--
		p.failed, p.retry = err, time.Now().Add(startPause)
		if p.queue.total == 0 {
			p.queue.turnAway()
		}
	case p.closed:
		p.queue.total--
		w.retire()
	default:
		p.failed = nil
		p.queue.idle = append(p.queue.idle, w)
		p.topUp()
		p.dispatch()
	}
}

// topUp starts what is missing, unless starting has just failed.
func (p *Pool) topUp() {
	for p.queue.total < p.options.Workers && !p.closed && time.Now().After(p.retry) {
		p.startOne()
	}
}

func (p *Pool) startOne() {
	p.queue.total++
	go func() {
		w, err := startProcess(p.starter, p.options)
		p.started(w, err)
	}()
}

// dispatch gives idle workers to those who wait and lets spare workers go.
func (p *Pool) dispatch() {
	p.queue.dispatch(p.share)
	for len(p.queue.idle) > 0 && p.queue.total > p.options.Workers {
		p.queue.idle[0].retire()
		p.queue.idle = p.queue.idle[1:]
		p.queue.total--
	}
}

// share is how many workers a document may have at once: one until something of it has been shown, then all but the spare ones.
func (p *Pool) share(key string) int {
	if _, ok := p.proven.get(key); ok {
		return p.options.Workers
	}
	return 1
}

// acquire waits for a worker. Its error is a problem, or the context's.
func (p *Pool) acquire(ctx context.Context, key string) (*process, error) {
	w, turn, err := p.join(key)
	if w != nil || err != nil {
		return w, err
	}
	impatient := time.NewTimer(patience)
	defer impatient.Stop()
	for {
		select {
		case w := <-turn.got:
			if w == nil {
				return nil, p.unavailable()
			}
			return w, nil
		case <-impatient.C:
			p.spare(turn)
		case <-ctx.Done():
			p.leave(turn)
			return nil, ctx.Err()
		}
	}
}

// join gives a worker at once or a place in the queue.
func (p *Pool) join(key string) (*process, *waiter, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, unavailable(errors.New("the pool is closed"))
	}
	if until, ok := p.blamed.get(key); ok {
		if time.Now().Before(until) {
			return nil, nil, fail(overLimit, errors.New("it broke workers a short time ago")).problem()
		}
		p.blamed.drop(key)
	}
	if w := p.queue.pick(key, p.share); w != nil {
		return w, nil, nil
	}
	if p.topUp(); p.queue.total == 0 {
		return nil, nil, unavailable(p.failed)
	}
	return nil, p.queue.join(key), nil
}

// spare starts a worker beyond the usual number for somebody who has waited too long: the others may be stuck in hostile files.
func (p *Pool) spare(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.queue.waiting, w) && p.queue.total < 2*p.options.Workers && p.queue.admits(w.key, p.share) && !p.closed {
		p.startOne()
	}
}

func (p *Pool) leave(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := p.queue.leave(w); got != nil {
		p.giveBack(got)
	}
}

func (p *Pool) unavailable() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return unavailable(p.failed)
}

// giveBack returns a worker after a call. A dead one is replaced.
func (p *Pool) giveBack(w *process) {
	delete(p.queue.busy, w)
	switch {
	case w.dead:
		p.queue.total--
		p.topUp()
	case p.closed:
		p.queue.total--
		w.retire()
	default:
		p.queue.idle = append(p.queue.idle, w)
	}
	p.dispatch()
}
