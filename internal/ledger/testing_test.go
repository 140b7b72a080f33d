package ledger

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

const testOrigin = "ledger.test.example/firm"

var testSeed = []byte("a seed that only tests may ever ")

// testOptions seal for real, as package vault does.
func testOptions() Options {
	block, err := aes.NewCipher([]byte("a key that only tests may use..."))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return Options{
		Origin: testOrigin,
		Seed:   testSeed,
		Seal: func(row string, plain []byte) []byte {
			nonce := make([]byte, aead.NonceSize())
			_, _ = rand.Read(nonce)
			return aead.Seal(nonce, nonce, plain, []byte(row))
		},
		Open: func(row string, sealed []byte) ([]byte, error) {
			if len(sealed) < aead.NonceSize() {
				return nil, fmt.Errorf("short")
			}
			return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(row))
		},
	}
}

func testLedger(t testing.TB, db *store.DB, change ...func(*Options)) *Ledger {
	t.Helper()
	o := testOptions()
	for _, c := range change {
		c(&o)
	}
	l, err := New(db, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func testEntry(i int) Entry {
	e := Entry{Actor: fmt.Sprintf("person-%d", i%5), Act: "view", Kind: "Material", Thing: fmt.Sprintf("material-%d", i%7),
		Outcome: Allowed, Clauses: []string{"3.1", "5.2"}, Rules: "5f1d", Detail: fmt.Appendf(nil, `{"n":%d}`, i)}
	if i%4 != 0 {
		e.Matter = fmt.Sprintf("matter-%d", i%3)
	}
	if i%6 == 0 {
		e.Detail = nil
	}
	return e
}

// fill appends n entries of testEntry, some to a commit.
func fill(t testing.TB, db *store.DB, l *Ledger, n int) {
	t.Helper()
	for i := 0; i < n; {
		update(t, db, func(tx *store.Tx) error {
			for range min(1+i%9, n-i) {
				if _, err := l.Append(tx, testEntry(i)); err != nil {
					return err
				}
				i++
			}
			return nil
		})
	}
}

func update(t testing.TB, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Read(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// wantSound fails unless the database verifies as a ledger of n entries.
func wantSound(t testing.TB, l *Ledger, n uint64, trust ...Trust) Report {
	t.Helper()
	report, err := l.VerifyLive(context.Background(), nil, trust...)
	if err != nil {
		t.Fatal(err)
	}
	if report.Wrong != nil {
		t.Fatalf("entry %d: %v", report.Wrong.Seq, report.Wrong.Problem)
	}
	if report.Size != n {
		t.Fatalf("the ledger has %d entries, want %d", report.Size, n)
	}
	return report
}

// clock is a time that tests set.
type clock struct{ now time.Time }

func withClock(c *clock) func(*store.Options) {
	return func(o *store.Options) { o.Now = func() time.Time { return c.now } }
}

var both = storetest.Engines

// hashesOf are the stored hashes that records add to a tree.
func hashesOf(t testing.TB, records []record, e *edge, visit func(*record, []byte)) (hashes []tlog.Hash) {
	t.Helper()
	for i := range records {
		leaf, err := records[i].leaf()
		if err != nil {
			t.Fatal(err)
		}
		visit(&records[i], leaf)
		hashes = e.add(tlog.RecordHash(leaf), hashes)
	}
	return hashes
}

func newTiles() map[int][]tlog.Hash { return map[int][]tlog.Hash{} }

// insert puts a record back where it stood.
func (r *record) insert(tx *store.Tx) error {
	_, err := tx.Exec(`INSERT INTO ledger_entry
			(seq, time, matter, matter_seq, actor, act, kind, thing, outcome, clauses, rules, digest, opening, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		int64(r.Seq), r.Time, r.Matter, int64(r.MatterSeq), r.Actor, r.Act, r.Kind, r.Thing, int64(r.Outcome),
		strings.Join(r.Clauses, " "), r.Rules, null(r.digest), null(r.opening), null(r.sealed))
	return err
}
