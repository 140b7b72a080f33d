package press

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"mijuan/internal/printer"
)

// job is one that the printer was given. What it is about, the printer does not keep.
type job struct {
	id         int
	name, user string
	pages      int // 0: its document is still to come
	printed    int
	stage      printer.Stage
	why        string // job-state-reasons
	created    int    // of the printer's up-time, as the others
	begun      int
	over       int
	jam        int // pages after which it is given up; 0: none
}

// queue is the jobs that the printer was given, and how it works them off. It is safe for concurrent use.
type queue struct {
	pace  time.Duration
	began time.Time

	mu    sync.Mutex
	jobs  []*job // the oldest first
	last  int    // number of the last job
	jams  map[int]int
	wake  chan struct{}
	ended chan struct{}
}

// uptime is for how many seconds the printer has been on, counted from 1.
func (q *queue) uptime() int { return 1 + int(time.Since(q.began).Seconds()) }

// take makes a job. One without pages waits for its document.
func (q *queue) take(name, user string, pages int) *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last++
	j := &job{id: q.last, name: name, user: user, stage: printer.Pending, why: "job-incoming", created: q.uptime(), jam: q.jams[q.last]}
	delete(q.jams, q.last)
	if q.jobs = append(q.jobs, j); len(q.jobs) > mostJobs {
		q.jobs = q.jobs[1:]
	}
	if pages > 0 {
		q.fed(j, pages)
	} else {
		time.AfterFunc(openTerm, func() { q.lapse(j) })
	}
	return j
}

// fed says that a job's document is whole: it may be printed.
func (q *queue) fed(j *job, pages int) {
	j.pages, j.why = pages, "none"
	if q.pace == 0 {
		q.begin(j)
		for q.feed(j) {
		}
		return
	}
	select {
	case q.wake <- struct{}{}:
	default: // it is awake
	}
}

// lapse gives a job up whose document did not come.
func (q *queue) lapse(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if j.pages == 0 && !j.stage.Over() {
		q.end(j, printer.Aborted, "aborted-by-system")
	}
}

func (q *queue) begin(j *job) {
	j.stage, j.why, j.begun = printer.Working, "job-printing", q.uptime()
}

func (q *queue) end(j *job, stage printer.Stage, why string) {
	j.stage, j.why, j.over = stage, why, q.uptime()
}

// feed prints a page, and reports whether there is another.
func (q *queue) feed(j *job) bool {
	if j.stage != printer.Working {
		return false
	}
	switch j.printed++; {
	case j.printed == j.jam:
		q.end(j, printer.Aborted, "aborted-by-system")
	case j.printed == j.pages:
		q.end(j, printer.Completed, "job-completed-successfully")
	default:
		return true
	}
	return false
}

// print works jobs off, one after the other, until the printer is switched off.
func (q *queue) print() {
	for {
		select {
		case <-q.ended:
			return
		case <-q.wake:
		}
		for j := q.next(); j != nil; j = q.next() {
			for more := true; more; {
				select {
				case <-q.ended:
					return
				case <-time.After(q.pace):
				}
				q.mu.Lock()
				more = q.feed(j)
				q.mu.Unlock()
			}
		}
	}
}

// next begins the job that has waited longest, after a moment as a printer needs to warm up; nil: none waits.
func (q *queue) next() *job {
	waits := func(j *job) bool { return j.stage == printer.Pending && j.pages > 0 }
	q.mu.Lock()
	idle := !slices.ContainsFunc(q.jobs, waits)
	q.mu.Unlock()
	if idle {
		return nil
	}
	select {
	case <-q.ended:
	case <-time.After(q.pace):
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.jobs, waits)
	if i < 0 { // it was cancelled
		return nil
	}
	q.begin(q.jobs[i])
	return q.jobs[i]
}

// find is a job by its number, or nil. The caller holds the lock.
func (q *queue) find(id int) *job {
	i, ok := slices.BinarySearchFunc(q.jobs, id, func(j *job, id int) int { return cmp.Compare(j.id, id) })
	if !ok {
		return nil
	}
	return q.jobs[i]
}

// queued is how many jobs are not over. The caller holds the lock.
func (q *queue) queued() (n int, working bool) {
	for _, j := range q.jobs {
		if !j.stage.Over() {
			n++
		}
		working = working || j.stage == printer.Working
	}
	return n, working
}
