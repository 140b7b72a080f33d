package demo

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/store"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// TestDemonstrationFirm makes the whole firm and uses it as somebody does who looks around.
func TestDemonstrationFirm(t *testing.T) {
	present := time.Now().Add(-time.Minute)
	clock := Past(present)
	s, err := Settings(t.TempDir(), clock)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.Office = []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")}
	s.Worker, s.Hashing = []string{self, "render-worker"}, person.Cost{Time: 1, Memory: 64, Lanes: 1}
	h, err := house.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	accounts, err := Build(t.Context(), h, clock, present, func(uint64, uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	everyPost := map[string]bool{}
	for _, a := range accounts {
		everyPost[a.Post] = true
		if e, err := h.People.Enter(t.Context(), a.Login, a.Password, person.From{Addr: "127.0.0.1"}); err != nil || e.Stage != person.Live {
			t.Errorf("%s cannot log in with what is printed: %v, stage %v", a.Login, err, e.Stage)
		}
		if _, err := h.People.AuthenticateToken(t.Context(), a.Token, "127.0.0.1"); err != nil {
			t.Errorf("%s's token: %v", a.Login, err)
		}
	}
	for _, p := range access.Posts {
		if !everyPost[string(p)] {
			t.Errorf("nobody holds the post %s first", p)
		}
	}
	counts := map[string]int64{`SELECT COUNT(*) FROM client`: int64(len(corpus.Firm().Clients)), `SELECT COUNT(*) FROM matter`: 20, `SELECT COUNT(*) FROM wall WHERE lifted = 0`: 2}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) error {
		for query, want := range counts {
			if n := count(t, tx, query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		for query, want := range map[string]int64{`SELECT COUNT(*) FROM training_test WHERE passed > 0 AND kind = 'special'`: 6, `SELECT COUNT(*) FROM training_test WHERE passed = 0`: 1,
			`SELECT COUNT(*) FROM training_campaign`: 2} {
			if n := count(t, tx, query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		for _, query := range []string{ // each room of people shows something
			`SELECT COUNT(*) FROM departure WHERE closed > 0`, `SELECT COUNT(*) FROM departure WHERE closed = 0`, `SELECT COUNT(*) FROM right_request WHERE done > 0`,
			`SELECT COUNT(*) FROM right_request WHERE decision = '' AND withdrawn = 0`, `SELECT COUNT(*) FROM right_change WHERE kind = 'posts'`,
			`SELECT COUNT(*) FROM delegation`, `SELECT COUNT(*) FROM measure WHERE decided_at > 0`, `SELECT COUNT(*) FROM measure WHERE decided_at = 0`, `SELECT COUNT(*) FROM leaver_reminder`,
			`SELECT COUNT(*) FROM team_review WHERE decision <> ''`, `SELECT COUNT(*) FROM pledge`,
		} {
			if count(t, tx, query) == 0 {
				t.Errorf("%s: none", query)
			}
		}
		if n := count(t, tx, `SELECT COUNT(*) FROM material`); n < 250 {
			t.Errorf("only %d materials", n)
		}
		if n := count(t, tx, `SELECT COUNT(*) FROM material WHERE state = 'proposed'`); n < 10 {
			t.Errorf("only %d materials wait for review", n)
		}
		first, err := h.Ledger.Query(tx, ledger.Query{Limit: 1, Ascending: true})
		if err == nil && present.Sub(time.UnixMilli(first[0].Time)) < 180*24*time.Hour {
			t.Errorf("the firm's past begins at %v only", time.UnixMilli(first[0].Time))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	report, err := h.Ledger.VerifyLive(t.Context(), nil)
	if err != nil || report.Wrong != nil {
		t.Errorf("the ledger: %v, %+v", err, report.Wrong)
	}
	if err := h.Door.Do(t.Context(), guard.Who{Via: guard.Web}, access.UseSystem, guard.Firm, func(*guard.Grant) error { return nil }); err == nil {
		t.Error("nobody may use the system")
	}
}

func count(t *testing.T, tx *store.Tx, query string) int64 {
	t.Helper()
	n, err := store.Get(tx, func(r store.Row) (n int64, err error) { return n, r.Scan(&n) }, query)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
