package ledger

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// witness is a small witness of c2sp.org/tlog-witness for one ledger.
type witness struct {
	*cosignerKey
	log note.Verifier

	mu     sync.Mutex
	tree   tlog.Tree
	asked  int
	broken func(http.ResponseWriter) bool // misbehaves instead of answering
}

func newWitness(t *testing.T, name string, seed byte) (*witness, Witness) {
	t.Helper()
	plain := testLedger(t, storetest.Open(t, store.SQLite))
	w := &witness{cosignerKey: newCosignerKey(name, seed), log: plain.check}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return w, Witness{URL: server.URL + "/", Key: w.vkey()}
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.broken != nil && w.broken(rw) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" {
		http.Error(rw, "not an add-checkpoint", http.StatusBadRequest)
		return
	}
	lines, status := w.add(body)
	if status == http.StatusConflict {
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(status)
		fmt.Fprintf(rw, "%d\n", w.tree.N)
		return
	}
	rw.WriteHeader(status)
	_, _ = rw.Write(lines)
}

// add follows the specification's list of checks.
func (w *witness) add(body []byte) (lines []byte, status int) {
	header, signed, _ := bytes.Cut(body, []byte("\n\n"))
	rows := strings.Split(string(header), "\n")
	oldSize, ok := strings.CutPrefix(rows[0], "old ")
	old, err := strconv.ParseInt(oldSize, 10, 64)
	if !ok || err != nil || len(rows) > 64 {
		return nil, http.StatusBadRequest
	}
	var proof tlog.TreeProof
	for _, row := range rows[1:] {
		raw, err := base64.StdEncoding.DecodeString(row)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, http.StatusBadRequest
		}
		proof = append(proof, tlog.Hash(raw))
	}
	n, err := note.Open(signed, note.VerifierList(w.log))
	if err != nil {
		return nil, http.StatusForbidden
	}
	c, err := parseCheckpoint(n.Text)
	switch {
	case err != nil || old > c.size:
		return nil, http.StatusBadRequest
	case c.origin != w.log.Name():
		return nil, http.StatusNotFound
	case old != w.tree.N:
		return nil, http.StatusConflict
	case old == 0 && len(proof) > 0,
		old > 0 && tlog.CheckTree(proof, c.size, c.root, old, w.tree.Hash) != nil:
		return nil, http.StatusUnprocessableEntity
	}
	w.tree = tlog.Tree{N: c.size, Hash: c.root}
	cosigned, err := note.Sign(&note.Note{Text: n.Text}, w)
	if err != nil {
		return nil, http.StatusInternalServerError
	}
	_, lines, _ = bytes.Cut(cosigned, []byte("\n\n"))
	return lines, http.StatusOK
}

func published(t *testing.T, db *store.DB, l *Ledger) []byte {
	t.Helper()
	var msg []byte
	read(t, db, func(tx *store.Tx) (err error) { msg, err = l.Published(tx); return err })
	return msg
}

func wantCosigned(t *testing.T, msg []byte, l *Ledger, size int64, by ...*witness) {
	t.Helper()
	var keys []note.Verifier
	for _, w := range by {
		key, err := parseCosigner(w.vkey())
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	c, n, err := openCheckpoint(msg, l.check, keys...)
	if err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	if c.size != size || len(n.Sigs) != 1+len(by) || len(n.UnverifiedSigs) != 0 {
		t.Errorf("want size %d with %d cosignatures:\n%s", size, len(by), msg)
	}
}

func TestWitnessesCosign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, forA := newWitness(t, "a.witness.example", 1)
		b, forB := newWitness(t, "b.witness.example", 2)
		l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA, forB} })
		if err := l.Cosign(t.Context()); err != nil || a.asked > 0 {
			t.Errorf("an empty ledger: %v, asked %d times", err, a.asked)
		}
		fill(t, db, l, 5)
		wantCosigned(t, published(t, db, l), l, 5) // nobody has yet
		for _, size := range []int64{5, 5, 12, 300} {
			var now uint64
			read(t, db, func(tx *store.Tx) (err error) { now, err = l.Size(tx); return err })
			fill(t, db, l, int(size)-int(now))
			if err := l.Cosign(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantCosigned(t, newReader(t, db, l).get("checkpoint"), l, size, a, b)
		}
		fill(t, db, l, 3)
		wantCosigned(t, published(t, db, l), l, 300, a, b) // until they sign again
		report := wantSound(t, l, 303, Trust{Witnesses: []string{forA.Key}})
		if report.Cosigned[a.name] != 300 || report.Cosigned[b.name] != 300 {
			t.Errorf("%v", report.Cosigned)
		}
	})
}

// One witness down does not keep the other from signing; back again, it catches up by a proof from where it was.
func TestAWitnessMayBeAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, forA := newWitness(t, "a.witness.example", 1)
		b, forB := newWitness(t, "b.witness.example", 2)
		l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA, forB} })
		fill(t, db, l, 5)
		if err := l.Cosign(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, misbehave := range map[string]func(http.ResponseWriter) bool{
			"error":     func(w http.ResponseWriter) bool { http.Error(w, "no", http.StatusInternalServerError); return true },
			"nothing":   func(w http.ResponseWriter) bool { return true },
			"nonsense":  func(w http.ResponseWriter) bool { fmt.Fprint(w, "hello\n"); return true },
			"forbidden": func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusForbidden); return true },
			"odd size": func(w http.ResponseWriter) bool {
				w.Header().Set("Content-Type", "text/x.tlog.size")
				w.WriteHeader(http.StatusConflict)
				fmt.Fprint(w, "-7\n")
				return true
			},
			"never content": func(w http.ResponseWriter) bool {
				w.Header().Set("Content-Type", "text/x.tlog.size")
				w.WriteHeader(http.StatusConflict)
				fmt.Fprint(w, "3\n")
				return true
			},
			"other's signature": func(w http.ResponseWriter) bool {
				signed, _ := note.Sign(&note.Note{Text: "x\n"}, a)
				_, lines, _ := bytes.Cut(signed, []byte("\n\n"))
				_, _ = w.Write(lines)
				return true
			},
			"gone": func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) },
		} {
			t.Run(name, func(t *testing.T) {
				fill(t, db, l, 4)
				b.mu.Lock()
				b.broken = misbehave
				b.mu.Unlock()
				if err := l.Cosign(t.Context()); err == nil {
					t.Error("no error")
				}
				b.mu.Lock()
				b.broken = nil
				b.mu.Unlock()
				wantCosigned(t, published(t, db, l), l, a.tree.N, a)
				if err := l.Cosign(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantCosigned(t, published(t, db, l), l, a.tree.N, a, b)
			})
		}
	})
}

// A witness that knows more of the ledger than we remember is asked again from there.
func TestWitnessTellsItsSize(t *testing.T) {
	o := storetest.Options(t, store.SQLite)
	db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
	a, forA := newWitness(t, "a.witness.example", 1)
	l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA} })
	fill(t, db, l, 5)
	if err := l.Cosign(t.Context()); err != nil {
		t.Fatal(err)
	}
	update(t, raw, func(tx *store.Tx) error { _, err := tx.Exec(`DELETE FROM ledger_cosigned`); return err })
	fill(t, db, l, 5)
	if err := l.Cosign(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCosigned(t, published(t, db, l), l, 10, a)
}

// A ledger that was cut short, or rewritten, gets no cosignature, and its own process hears why.
func TestWitnessStopsATakenBackLedger(t *testing.T) {
	for _, remembered := range []bool{true, false} {
		o := storetest.Options(t, store.SQLite)
		db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
		a, forA := newWitness(t, "a.witness.example", 1)
		l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA} })
		fill(t, db, l, 20)
		older := dump(t, raw)
		fill(t, db, l, 10)
		if err := l.Cosign(t.Context()); err != nil {
			t.Fatal(err)
		}
		update(t, raw, older)
		if !remembered {
			update(t, raw, func(tx *store.Tx) error { _, err := tx.Exec(`DELETE FROM ledger_cosigned`); return err })
		}
		if err := l.Cosign(t.Context()); !problem.Is(err, problem.Damaged) {
			t.Errorf("cut short: %v", err)
		}
		fill(t, db, l, 15)
		if err := l.Cosign(t.Context()); err == nil {
			t.Error("rewritten: cosigned")
		}
		if a.tree.N != 30 {
			t.Errorf("the witness signed a tree of %d", a.tree.N)
		}
	}
}

// The stored cosignatures are part of what VerifyLive verifies.
func TestLiveFindsChangedCosignatures(t *testing.T) {
	for _, engine := range both() {
		o := storetest.Options(t, engine)
		db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
		_, forA := newWitness(t, "a.witness.example", 1)
		l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forA} })
		fill(t, db, l, 20)
		if err := l.Cosign(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantSound(t, l, 20)
		for name, sql := range map[string]string{
			"witness":    `UPDATE ledger_cosigned SET witness = 'b.witness.example'`,
			"size":       `UPDATE ledger_cosigned SET size = 19`,
			"checkpoint": `UPDATE ledger_cosigned SET checkpoint = REPLACE(checkpoint, '20', '21')`,
			"signature":  `UPDATE ledger_cosigned SET checkpoint = (SELECT checkpoint FROM ledger_head)`,
		} {
			t.Run(engine.String()+"/"+name, func(t *testing.T) {
				var before cosignedHead
				read(t, raw, func(tx *store.Tx) error {
					rows, err := listCosigned(tx)
					before = rows[0]
					return err
				})
				wantFound(t, raw, l, sql, 0)
				update(t, raw, func(tx *store.Tx) error {
					_, err := tx.Exec(`UPDATE ledger_cosigned SET witness = $1, size = $2, checkpoint = $3`, before.witness, before.size, before.checkpoint)
					return err
				})
			})
		}
		_, other := newWitness(t, "b.witness.example", 2)
		report, err := l.VerifyLive(t.Context(), nil, Trust{Witnesses: []string{other.Key}})
		if err != nil || report.Wrong == nil {
			t.Errorf("a witness that must have cosigned and has not: %+v %v", report.Wrong, err)
		}
	}
}
