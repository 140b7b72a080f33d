package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

var ctx = context.Background()

// together starts an Update for each f so that all of them share one commit: the first holds the writer until the rest wait.
// It gives their answers.
func together(t *testing.T, db *store.DB, fs ...func(*store.Tx) error) []error {
	t.Helper()
	answers := make([]error, len(fs))
	gate := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		answers[0] = db.Update(ctx, func(tx *store.Tx) error { <-gate; return fs[0](tx) })
	})
	synctest.Wait()
	for i, f := range fs[1:] {
		wg.Go(func() { answers[i+1] = db.Update(ctx, f) })
		synctest.Wait()
	}
	close(gate)
	wg.Wait()
	return answers
}

// inBubble runs f on each engine where synctest can tell who waits for whom.
func inBubble(t *testing.T, f func(t *testing.T, open func(...func(*store.Options)) *store.DB)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			synctest.Test(t, func(t *testing.T) {
				f(t, func(change ...func(*store.Options)) *store.DB {
					for _, c := range change {
						c(&o)
					}
					db := storetest.Reopen(t, o)
					if err := db.Migrate(ctx, notes); err != nil {
						t.Fatal(err)
					}
					return db
				})
			})
		})
	}
}

func adding(id string, n int64) func(*store.Tx) error {
	return func(tx *store.Tx) error { return add(tx, id, n) }
}

// ids lists what is in the table.
func ids(t testing.TB, db *store.DB) (all []string) {
	t.Helper()
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = store.List(tx, text, `SELECT id FROM note ORDER BY id`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func text(r store.Row) (s string, err error) { return s, r.Scan(&s) }

func wantIDs(t testing.TB, db *store.DB, want ...string) {
	t.Helper()
	if got := ids(t, db); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("stored %v, want %v", got, want)
	}
}

func TestCallersShareACommitAndFailAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
		db := open()
		groups := 0
		db.BeforeCommit(func(*store.Tx) error { groups++; return nil })
		oops := errors.New("oops")
		answers := together(t, db, adding("a", 1),
			func(tx *store.Tx) error { return errors.Join(add(tx, "b", 2), oops) },
			adding("c", 1), // taken
			adding("d", 4))
		if answers[0] != nil || !errors.Is(answers[1], oops) || !store.Taken(answers[2]) || answers[3] != nil {
			t.Errorf("answers: %v", answers)
		}
		if groups != 1 {
			t.Errorf("%d commits, want 1", groups)
		}
		wantIDs(t, db, "a", "d")
	})
}

func TestPanicAndExitStayWithTheirCaller(t *testing.T) {
	inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
		db := open()
		gate := make(chan struct{})
		var wg sync.WaitGroup
		var panicked any
		exited := true
		wg.Go(func() { db.Update(ctx, func(tx *store.Tx) error { <-gate; return add(tx, "a", 1) }) })
		wg.Go(func() {
			defer func() { panicked = recover() }()
			db.Update(ctx, func(tx *store.Tx) error { add(tx, "b", 2); panic("mine") })
		})
		wg.Go(func() {
			db.Update(ctx, func(tx *store.Tx) error { add(tx, "c", 3); runtime.Goexit(); return nil })
			exited = false
		})
		wg.Go(func() { db.Update(ctx, adding("d", 4)) })
		synctest.Wait()
		close(gate)
		wg.Wait()
		if panicked != "mine" || !exited {
			t.Errorf("panicked with %v, exited %v", panicked, exited)
		}
		wantIDs(t, db, "a", "d")
	})
}

func TestNobodyWaitsForCompany(t *testing.T) {
	inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
		db := open()
		before := time.Now() // the bubble's clock moves only when everybody sleeps
		insert(t, db, "a", 1)
		if waited := time.Since(before); waited != 0 {
			t.Errorf("a single caller slept for %v", waited)
		}
	})
}

func TestCancelledCallerHarmsNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
		db := open()
		early, cancelEarly := context.WithCancel(ctx)
		late, cancelLate := context.WithCancel(ctx)
		gate := make(chan struct{})
		var wg sync.WaitGroup
		var first, second, third error
		ran := false
		wg.Go(func() {
			first = db.Update(late, func(tx *store.Tx) error { <-gate; cancelLate(); return add(tx, "a", 1) })
		})
		synctest.Wait()
		wg.Go(func() { second = db.Update(early, func(tx *store.Tx) error { ran = true; return nil }) })
		wg.Go(func() { third = db.Update(ctx, adding("c", 3)) })
		synctest.Wait()
		cancelEarly()
		synctest.Wait()
		if !errors.Is(second, context.Canceled) {
			t.Errorf("the cancelled caller still waits: %v", second)
		}
		close(gate)
		wg.Wait()
		if first != nil || third != nil || ran {
			t.Errorf("first %v, third %v, cancelled f ran: %v", first, third, ran)
		}
		wantIDs(t, db, "a", "c")
	})
}

func TestFailedCommitIsEverybodys(t *testing.T) {
	boom := errors.New("boom")
	for name, hook := range map[string]func(*store.Tx) error{
		"error":   func(*store.Tx) error { return boom },
		"damaged": func(*store.Tx) error { return problem.New(problem.Damaged, "台账已损坏") },
		"panic":   func(*store.Tx) error { panic(boom) },
		"swallowed": func(tx *store.Tx) error {
			_, _ = tx.Exec(`INSERT INTO note (id) VALUES ('z')`)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
				db := open()
				broken := true
				db.BeforeCommit(func(tx *store.Tx) error {
					if broken {
						return hook(tx)
					}
					return nil
				})
				want := problem.Unavailable
				if name == "damaged" { // waiting would not help
					want = problem.Damaged
				}
				for i, err := range together(t, db, adding("a", 1), adding("b", 2)) {
					if !problem.Is(err, want) {
						t.Errorf("caller %d got %v", i, err)
					}
				}
				wantIDs(t, db)
				broken = false
				insert(t, db, "a", 1)
				wantIDs(t, db, "a")
			})
		})
	}
}

func TestHookSeesTheGroupAndWritesWithIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Migrate(ctx, notes); err != nil {
			t.Fatal(err)
		}
		db.BeforeCommit(func(tx *store.Tx) error {
			n, err := store.Get(tx, number, `SELECT COUNT(*) FROM note`)
			return errors.Join(err, add(tx, fmt.Sprintf("sum%d", n), -n))
		})
		insert(t, db, "a", 1)
		wantIDs(t, db, "a", "sum1")
		if err := db.Update(ctx, func(*store.Tx) error { return errors.New("no") }); err == nil {
			t.Error("no error")
		}
		wantIDs(t, db, "a", "sum1")
	})
}

func TestCrashAroundTheCommit(t *testing.T) {
	for _, c := range []struct {
		point string
		kept  []string
	}{{"before-commit", nil}, {"after-commit", []string{"a", "b"}}} {
		t.Run(c.point, func(t *testing.T) {
			inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
				crash := true
				db := open(func(o *store.Options) {
					o.Fault = func(point string) error {
						if crash && point == c.point {
							return errors.New("power is out")
						}
						return nil
					}
				})
				for _, err := range together(t, db, adding("a", 1), adding("b", 2)) {
					if !problem.Is(err, problem.Unavailable) {
						t.Errorf("answered %v", err)
					}
				}
				wantIDs(t, db, c.kept...)
				crash = false
				insert(t, db, "c", 3)
				wantIDs(t, db, append(c.kept, "c")...)
			})
		})
	}
}

// Two processes read and write the same row: the second begins when the first has committed.
func TestProcessesTakeTurns(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			one, two := storetest.Reopen(t, o), storetest.Reopen(t, o)
			if err := one.Migrate(ctx, notes); err != nil {
				t.Fatal(err)
			}
			insert(t, one, "count", 0)
			increment := func(tx *store.Tx, meanwhile func()) error {
				n, err := store.Get(tx, number, `SELECT n FROM note WHERE id = 'count'`)
				if err != nil {
					return err
				}
				meanwhile()
				_, err = tx.Exec(`UPDATE note SET n = $1 WHERE id = 'count'`, n+1)
				return err
			}
			begun, second := make(chan struct{}), make(chan error, 1)
			update(t, one, func(tx *store.Tx) error {
				return increment(tx, func() {
					go func() {
						second <- two.Update(ctx, func(tx *store.Tx) error { return increment(tx, func() { close(begun) }) })
					}()
					select {
					case <-begun:
						t.Error("the second process began before the first had committed")
					case <-time.After(200 * time.Millisecond):
					}
				})
			})
			if err := <-second; err != nil {
				t.Fatal(err)
			}
			update(t, two, func(tx *store.Tx) error {
				n, err := store.Get(tx, number, `SELECT n FROM note`)
				if n != 2 {
					t.Errorf("counted %d, want 2", n)
				}
				return err
			})
		})
	}
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		over, cancel := context.WithCancel(ctx)
		cancel()
		for range 100 {
			if err := db.Update(over, func(*store.Tx) error { t.Error("f ran"); return nil }); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
		}
	})
}

// When the transaction itself is lost, whoever was done learns it and whoever waits gets another.
func TestLostTransactionIsTheGroups(t *testing.T) {
	inBubble(t, func(t *testing.T, open func(...func(*store.Options)) *store.DB) {
		db := open()
		answers := together(t, db, adding("a", 1),
			func(tx *store.Tx) error { _, err := tx.Exec(`ROLLBACK`); return err }, // as SQLite does when the disk is full
			adding("c", 3))
		if !problem.Is(answers[0], problem.Unavailable) || answers[1] == nil || answers[2] != nil {
			t.Errorf("answers: %v", answers)
		}
		wantIDs(t, db, "c")
	})
}

func TestCloseAnswersLateComers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		nothing := func(*store.Tx) error { return nil }
		if err := db.Update(ctx, nothing); !problem.Is(err, problem.Unavailable) {
			t.Errorf("update: %v", err)
		}
		if err := db.Read(ctx, nothing); !problem.Is(err, problem.Unavailable) {
			t.Errorf("read: %v", err)
		}
	})
}
