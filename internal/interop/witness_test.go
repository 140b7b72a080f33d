package interop

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
	_ "github.com/ncruces/go-sqlite3/driver" // writes the list of logs that litewitness knows
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// witness is a litewitness process with its key in an SSH agent of ours.
type witness struct {
	t       testing.TB
	dir     string
	name    string
	public  ssh.PublicKey
	key     *torchwood.CosignatureVerifier
	address string
	stop    func()
}

func newWitness(t testing.TB, name string) *witness {
	t.Helper()
	dir, err := os.MkdirTemp("", "mw") // sockets have short names
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	signer, err := torchwood.NewCosignatureSigner(name, private)
	must(t, err)
	w := &witness{t: t, dir: dir, name: name, key: signer.Verifier(), stop: func() {}}
	w.public, err = ssh.NewPublicKey(public)
	must(t, err)
	keys := agent.NewKeyring()
	must(t, keys.Add(agent.AddedKey{PrivateKey: &private}))
	l, err := net.Listen("unix", filepath.Join(dir, "agent"))
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed with the test
			}
			go func() { _ = agent.ServeAgent(keys, c) }() // ends with its connection
		}
	}()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.address = free.Addr().String()
	must(t, free.Close())
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// setting is the witness as a flag names it.
func (w *witness) setting() ledger.Witness {
	w.t.Helper()
	s, err := ledger.ParseWitness("http://" + w.address + "+" + w.key.String())
	must(w.t, err)
	return s
}

// knows makes the witness accept a ledger, as its own witnessctl does: add-log and add-key.
func (w *witness) knows(key string) {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.dir, "witness.db"))
	must(w.t, err)
	defer db.Close()
	origin, _, _ := strings.Cut(key, "+")
	_, err = db.Exec(`INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')`, origin)
	must(w.t, err)
	_, err = db.Exec(`INSERT INTO key (origin, key) VALUES (?, ?)`, origin, key)
	must(w.t, err)
}

var listening = regexp.MustCompile(`verifier key" vkey=(\S+)`)

// start runs the witness until stop and waits until it answers.
func (w *witness) start() {
	w.t.Helper()
	c := exec.Command(program(w.t, "litewitness"), "-db", filepath.Join(w.dir, "witness.db"), "-name", w.name, "-key", ssh.FingerprintSHA256(w.public),
		"-ssh-agent", filepath.Join(w.dir, "agent"), "-listen", w.address)
	said := &output{}
	c.Stderr = said
	must(w.t, c.Start())
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }() // killed by stop
	w.stop = sync.OnceFunc(func() { _ = c.Process.Kill(); <-ended })
	for {
		if conn, err := net.Dial("tcp", w.address); err == nil {
			conn.Close()
			break
		}
		select {
		case <-ended:
			w.t.Fatalf("litewitness ended: %s", said)
		case <-w.t.Context().Done():
			w.t.Fatal("litewitness does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if m := listening.FindStringSubmatch(said.String()); m == nil || strings.Trim(m[1], `"`) != w.key.String() {
		w.t.Fatalf("litewitness's key is not ours: %s", said)
	}
}

type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// program finds what `make tools` installs.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := filepath.Abs(filepath.Join("..", "..", ".cache", "bin", name))
	must(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not installed: run `make tools`", name)
	}
	return path
}

func (o *office) attendance() []ledger.Attendance {
	o.t.Helper()
	list, err := o.h.Audit.Witnesses(o.t.Context())
	must(o.t, err)
	return list
}

// attend serves the witnesses as `mijuan serve` does until each of them stands as wanted.
func (o *office) attend(want func(ledger.Attendance) bool) {
	o.t.Helper()
	ctx, stop := context.WithTimeout(o.t.Context(), time.Minute)
	defer stop()
	done := make(chan struct{})
	go func() { defer close(done); o.h.AttendWitnesses(ctx) }()
	defer func() { stop(); <-done }()
	for {
		as := true
		for _, a := range o.attendance() {
			as = as && want(a)
		}
		if as {
			return
		}
		select {
		case <-ctx.Done():
			o.t.Fatalf("the witnesses stand otherwise: %+v", o.attendance())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func inOrder(a ledger.Attendance) bool { return a.Failure == 0 && a.Behind == 0 && a.Size > 0 }

// TestTheirWitnessesCosign: two litewitness processes cosign what the office serves, and torchwood's verifiers accept it. One is
// restarted and the other goes away in between; the office goes on.
func TestTheirWitnessesCosign(t *testing.T) {
	a, b := newWitness(t, "a.witness.example/firms"), newWitness(t, "b.witness.example")
	o := open(t, storetest.Engines()[0], a.setting(), b.setting())
	a.knows(o.h.Ledger.Key())
	b.knows(o.h.Ledger.Key())
	alone, both := o.log(""), o.log("", a.key, b.key)
	if _, _, err := both.head(); err == nil {
		t.Fatal("cosigned before anybody was asked")
	}
	var last int64
	for _, more := range []int{0, 1, 300} {
		o.work(more)
		o.clock.forward(2 * time.Minute)
		o.attend(inOrder)
		now, signed, err := both.head()
		if err != nil {
			t.Fatalf("%v\n%s", err, signed)
		}
		if now.N <= last {
			t.Errorf("the cosigned checkpoint stands still at %d", now.N)
		}
		wantFresh(t, signed, both)
		last = now.N
		a.stop()
		a.start() // it remembers
	}
	b.stop()
	o.work(1)
	o.clock.forward(2 * time.Minute)
	o.attend(func(w ledger.Attendance) bool {
		if w.Name == b.name {
			return w.Failure == problem.Unavailable && w.Size == uint64(last)
		}
		return inOrder(w)
	})
	if _, _, err := alone.head(); err != nil {
		t.Error(err)
	}
	b.start()
	o.clock.forward(2 * time.Minute)
	o.work(1)
	o.attend(inOrder)
	if now, _, err := both.head(); err != nil || now.N <= last {
		t.Errorf("back again: %d, %v", now.N, err)
	}
}

// wantFresh looks at the time in the cosignatures.
func wantFresh(t *testing.T, signed []byte, l *log) {
	t.Helper()
	_, n, err := torchwood.VerifyCheckpoint(signed, l.policy)
	must(t, err)
	seen := 0
	for _, s := range n.Sigs {
		if s.Name == "ledger.firm.example" {
			continue
		}
		at, err := torchwood.CosignatureTimestamp(s)
		must(t, err)
		if age := time.Since(time.Unix(at, 0)); age > time.Minute || age < -time.Minute {
			t.Errorf("%s signed %s ago", s.Name, age)
		}
		seen++
	}
	if seen != 2 {
		t.Errorf("%d cosignatures", seen)
	}
}

// TestTheirWitnessRefusesARewrittenLedger: the firm's database is put back to an older state and goes on from there; the witness
// signs nothing of it and the office says so.
func TestTheirWitnessRefusesARewrittenLedger(t *testing.T) {
	w := newWitness(t, "a.witness.example")
	settings := storetest.Options(t, store.SQLite)
	seed := bytes.Repeat([]byte{7}, 32)
	found := func(path string) (*store.DB, *ledger.Ledger) {
		o := settings
		o.Path = path
		db := storetest.Reopen(t, o)
		l, err := ledger.New(db, ledger.Options{Origin: "ledger.firm.example", Seed: seed, Witnesses: []ledger.Witness{w.setting()},
			Seal: func(_ string, p []byte) []byte { return p }, Open: func(_ string, s []byte) ([]byte, error) { return s, nil }})
		must(t, err)
		return db, l
	}
	write := func(db *store.DB, l *ledger.Ledger, act string, n int) {
		for i := range n {
			must(t, db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := l.Append(tx, ledger.Entry{Actor: "p", Act: act, Kind: "Firm", Thing: fmt.Sprint(i), Outcome: ledger.Allowed, Rules: "r"})
				return err
			}))
		}
	}
	image, err := os.ReadFile(settings.Path)
	must(t, err)
	second := filepath.Join(t.TempDir(), "second.db")
	must(t, os.WriteFile(second, image, 0o600))

	db, l := found(settings.Path)
	w.knows(l.Key())
	write(db, l, "view", 20)
	must(t, l.Cosign(t.Context()))
	shorter, other := found(second)
	write(shorter, other, "view", 10)
	if err := other.Cosign(t.Context()); !problem.Is(err, problem.Damaged) {
		t.Errorf("a shorter ledger: %v", err)
	}
	write(shorter, other, "otherwise", 30)
	if err := other.Cosign(t.Context()); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a rewritten ledger: %v", err)
	}
	write(db, l, "view", 1)
	must(t, l.Cosign(t.Context()))
}
