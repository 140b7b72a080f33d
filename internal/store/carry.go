package store

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
)

// SQLite's log of pages is carried over into the file when it has logFull pages. The engine would do that inside a commit, and all who
// wait to write would wait for it. Here another goroutine carries the bulk while the writing goes on; what came meanwhile, the writer
// carries after it, so that the log can begin anew and does not grow for ever. A carrying that fails is tried again later: what is in
// the log is as durable as what is in the file.
const logFull = 8000

// carrying is done by one at a time: the engine turns a second one away.
type carrying struct {
	db       *DB
	one      sync.Mutex
	full     int           // pages; logFull outside of tests
	wanted   chan struct{} // with room for one
	rest     atomic.Bool   // the bulk is over
	closing  chan struct{}
	finished chan struct{}
}

func newCarrying(db *DB) *carrying {
	c := &carrying{db: db, full: logFull, wanted: make(chan struct{}, 1), closing: make(chan struct{}), finished: make(chan struct{})}
	go c.loop()
	return c
}

func (c *carrying) close() {
	close(c.closing)
	<-c.finished
}

func (c *carrying) loop() {
	defer close(c.finished)
	for {
		select {
		case <-c.wanted:
			_ = c.bulk() // it is wanted again while the log is full
		case <-c.closing:
			return
		}
	}
}

// bulk carries what is in the log on a connection of its own.
func (c *carrying) bulk() error {
	own, err := connect(context.Background(), c.db.engine, c.db.pool)
	if err != nil {
		return err
	}
	defer own.drop()
	c.one.Lock()
	defer c.one.Unlock()
	for before, round := 0, 0; round < mostRounds; round++ { // the writing goes on meanwhile
		_, carried, err := own.lite.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
		if err != nil {
			return err
		}
		if carried-before < c.full/8 {
			break
		}
		before = carried
	}
	c.rest.Store(true)
	return nil
}

// mostRounds bounds how often bulk goes after what came meanwhile.
const mostRounds = 4

// log is what the writer knows of the log.
type log struct {
	pages int // in the log after the last commit
	due   int // pages at which carrying is wanted next; 0: when it is full
}

// watch has the connection's commits tell how many pages are in the log, and takes the carrying from the engine.
func (l *log) watch(c *conn) {
	*l = log{}
	c.lite.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		if pages < l.pages { // it has begun anew
			l.due = 0
		}
		l.pages = pages
		return nil
	})
}

// after is called between two groups. Where others still read an old state the log cannot begin anew; then it is tried again when a
// quarter more has come.
func (l *log) after(c *carrying, own *conn) {
	if c.rest.Load() && c.one.TryLock() {
		c.rest.Store(false)
		_, _, _ = own.lite.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
		c.one.Unlock()
	}
	if l.pages >= max(l.due, c.full) {
		l.due = l.pages + c.full/4
		select {
		case c.wanted <- struct{}{}:
		default:
		}
	}
}
