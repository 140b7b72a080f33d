package ledger

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func attendance(t *testing.T, db *store.DB, l *Ledger) []Attendance {
	t.Helper()
	var list []Attendance
	read(t, db, func(tx *store.Tx) (err error) { list, err = l.Attendance(tx); return err })
	return list
}

func (w *witness) times() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

func (w *witness) misbehave(how func(http.ResponseWriter) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = how
}

// A witness is asked when there is something new to sign, and not more often than it should be.
func TestAttendAsksWhenTheLedgerHasGrown(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			c := &clock{now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
			db := storetest.Open(t, engine, withClock(c))
			a, forA := newWitness(t, "a.witness.example", 1)
			l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA} })
			step := func(later time.Duration, entries, asked int, size, behind uint64) {
				t.Helper()
				c.now = c.now.Add(later)
				fill(t, db, l, entries)
				if _, err := l.Attend(t.Context(), time.Minute); err != nil {
					t.Fatal(err)
				}
				got := attendance(t, db, l)[0]
				if a.times() != asked || got.Size != size || got.Behind != behind || got.Failure != 0 {
					t.Errorf("asked %d times, want %d: %+v", a.times(), asked, got)
				}
			}
			step(0, 0, 0, 0, 0) // nothing to sign
			step(0, 5, 1, 5, 0)
			step(time.Hour, 0, 1, 5, 0)
			step(0, 1, 2, 6, 0)
			step(59*time.Second, 1, 2, 6, 1)
			step(time.Second, 1, 3, 8, 0)
			if got := attendance(t, db, l)[0]; !got.Signed.Equal(c.now) || !got.Asked.Equal(c.now) || got.Name != a.name || got.URL != forA.URL {
				t.Errorf("%+v", got)
			}
			wantCosigned(t, published(t, db, l), l, 8, a)
		})
	}
}

// A witness that is away is remembered as such, asked again although nothing was written, and forgiven.
func TestAttendRemembersFailures(t *testing.T) {
	c := &clock{now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	db := storetest.Open(t, store.SQLite, withClock(c))
	a, forA := newWitness(t, "a.witness.example", 1)
	b, forB := newWitness(t, "b.witness.example", 2)
	l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA, forB} })
	for _, failure := range []struct {
		kind problem.Kind
		how  func(http.ResponseWriter) bool
	}{
		{problem.Unavailable, func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }},
		{problem.Unavailable, func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusForbidden); return true }},
		{problem.Invalid, func(w http.ResponseWriter) bool { fmt.Fprint(w, "hello\n"); return true }},
		{problem.Damaged, func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "text/x.tlog.size")
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, "7000\n")
			return true
		}},
	} {
		fill(t, db, l, 2)
		b.misbehave(failure.how)
		c.now = c.now.Add(time.Minute)
		if _, err := l.Attend(t.Context(), time.Minute); err == nil || !strings.Contains(err.Error(), forB.URL) || strings.Contains(err.Error(), forA.URL) {
			t.Errorf("%v", err)
		}
		list := attendance(t, db, l)
		if list[0].Failure != 0 || list[0].Behind != 0 || list[1].Failure != failure.kind || list[1].Behind != 2 {
			t.Errorf("want failure %d of the second: %+v", failure.kind, list)
		}
		before, still := b.times(), a.times()
		b.misbehave(nil)
		c.now = c.now.Add(time.Minute)
		if _, err := l.Attend(t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		if list := attendance(t, db, l); list[1].Failure != 0 || list[1].Behind != 0 || b.times() == before || a.times() != still {
			t.Errorf("back again: %+v", list)
		}
		wantCosigned(t, published(t, db, l), l, a.tree.N, a, b)
	}
}

// A ledger that was cut short below what a witness has signed is an alarm even if nobody writes any more.
func TestAttendNoticesAShorterLedger(t *testing.T) {
	o := storetest.Options(t, store.SQLite)
	db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
	_, forA := newWitness(t, "a.witness.example", 1)
	l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA} })
	fill(t, db, l, 20)
	older := dump(t, raw)
	fill(t, db, l, 10)
	if _, err := l.Attend(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	update(t, raw, older)
	if _, err := l.Attend(t.Context(), 0); !problem.Is(err, problem.Damaged) {
		t.Errorf("%v", err)
	}
	if got := attendance(t, db, l)[0]; got.Failure != problem.Damaged {
		t.Errorf("%+v", got)
	}
}

// All witnesses of one round sign the same head, however fast the ledger grows meanwhile: else no checkpoint would bear more than
// one cosignature in a firm at work.
func TestARoundIsOfOneHead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, forA := newWitness(t, "a.witness.example", 1)
		b, forB := newWitness(t, "b.witness.example", 2)
		l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA, forB} })
		fill(t, db, l, 5)
		grow := func(http.ResponseWriter) bool { fill(t, db, l, 1); return false }
		a.misbehave(grow)
		b.misbehave(grow)
		for _, size := range []int64{5, 7} {
			if err := l.Cosign(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantCosigned(t, published(t, db, l), l, size, a, b)
		}
	})
}

// Two processes on one database ask once.
func TestAttendOnceForAllProcesses(t *testing.T) {
	o := storetest.Options(t, store.PostgreSQL)
	a, forA := newWitness(t, "a.witness.example", 1)
	var ledgers []*Ledger
	var db *store.DB
	for range 2 {
		db = storetest.Reopen(t, o)
		ledgers = append(ledgers, testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA} }))
	}
	fill(t, db, ledgers[1], 5)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := ledgers[i%2].Attend(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if a.times() != 1 {
		t.Errorf("asked %d times", a.times())
	}
}

func TestParseWitness(t *testing.T) {
	key := newCosignerKey("witness.example/firm", 1).vkey()
	for _, prefix := range []string{"https://witness.example", "http://10.0.0.7:7380", "https://witness.example/a/b/"} {
		if w, err := ParseWitness(prefix + "+" + key); err != nil || w.URL != prefix || w.Key != key || w.name() != "witness.example/firm" {
			t.Errorf("%+v, %v", w, err)
		}
	}
	logKey, err := note.NewEd25519VerifierKey("witness.example", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "https://witness.example", key, "+" + key, "ftp://witness.example+" + key, "https:///x+" + key, "https://w?a+" + key, "https://w#a+" + key,
		"https://witness.example+" + key[1:], "https://witness.example+" + key + "=", "https://witness.example+" + logKey} {
		if _, err := ParseWitness(wrong); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestWitnessesAreCheckedAtTheStart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		key := newCosignerKey("witness.example", 1).vkey()
		for name, list := range map[string][]Witness{
			"no key":     {{URL: "https://witness.example"}},
			"same twice": {{URL: "https://witness.example", Key: key}, {URL: "https://other.example", Key: key}},
		} {
			o := testOptions()
			o.Witnesses = list
			if _, err := New(db, o); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
