package demo

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/antivirus/clamtest"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/store"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// program is a running `mijuan demo`.
type program struct {
	*exec.Cmd
	said string // until it was ready
	base string // where it answers
}

// start runs what `make run` runs, and waits for the ready line.
func start(t *testing.T, binary, data, accounts string, more ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(binary, "demo", "--data", data, "--listen", "127.0.0.1:0", "--accounts", accounts)}
	p.Args = append(p.Args, more...)
	out, err := p.StdoutPipe()
	must(t, err)
	p.Stderr = os.Stderr
	must(t, p.Start())
	t.Cleanup(func() { p.kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.said += lines.Text() + "\n"
		if base, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.base = base
			go io.Copy(io.Discard, out)
			return p
		}
	}
	t.Fatalf("no ready line: %s", p.said)
	return nil
}

// machine is where the demonstration printer answers, as the program tells.
func (p *program) machine() string {
	_, rest, _ := strings.Cut(p.said, "演示打印机")
	for field := range strings.FieldsSeq(rest) {
		return field
	}
	return ""
}

func (p *program) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// status is the answer to a token at the API.
func (p *program) status(t *testing.T, token string) int {
	t.Helper()
	r, err := http.NewRequest("GET", p.base+"/api/v1/matters", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	c := http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := c.Do(r)
	must(t, err)
	answer.Body.Close()
	return answer.StatusCode
}

// TestDemonstrationFirm makes the whole firm with the program itself, kills it, starts it again and uses it as somebody does who looks
// around.
func TestDemonstrationFirm(t *testing.T) {
	dir := t.TempDir()
	binary, data, file := filepath.Join(dir, "mijuan"), filepath.Join(dir, "firm"), filepath.Join(dir, "accounts.json")
	build := exec.Command("go", "build", "-o", binary, "mijuan/cmd/mijuan")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, said)
	}
	present := time.Now()
	first := start(t, binary, data, file)
	told, err := os.ReadFile(file)
	must(t, err)
	var accounts []Account
	must(t, json.Unmarshal(told, &accounts))
	for _, a := range accounts {
		if got := first.status(t, a.Token); got != http.StatusOK {
			t.Errorf("%s's token: %d", a.Login, got)
		}
	}
	for _, post := range access.Posts {
		if !strings.Contains(first.said, post.Name()) {
			t.Errorf("no log-in is printed for the post %s", post.Name())
		}
	}
	first.kill()
	must(t, os.Remove(file))
	scans := filepath.Join(dir, "elsewhere")
	second := start(t, binary, data, file, "--scan-folder", scans)
	if !strings.Contains(first.said, filepath.Join(data, scansDir)+" ") || !strings.Contains(second.said, scans+" ") {
		t.Errorf("the scanners' folders are not told: %s", second.said)
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, told) {
		t.Errorf("a second start tells other accounts: %v", err)
	}
	if got := second.status(t, accounts[0].Token); got != http.StatusOK {
		t.Errorf("a token after a second start: %d", got)
	}
	if first.machine() == "" || second.machine() != first.machine() {
		t.Errorf("the demonstration printer is at %q, after a second start at %q", first.machine(), second.machine())
	}
	must(t, second.Process.Signal(syscall.SIGTERM))
	if err := second.Wait(); err != nil {
		t.Errorf("asked to end: %v", err)
	}

	s, err := Settings(data, &Clock{})
	must(t, err)
	s.Office = []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")}
	s.Worker = rendertest.Worker()
	s.Clamd, err = antivirus.New(clamtest.Start(t), 0)
	must(t, err)
	h, err := house.Open(t.Context(), s)
	must(t, err)
	defer h.Close()
	everyPost, ids := map[string]bool{}, map[string]string{}
	for _, a := range accounts {
		everyPost[a.Post] = true
		e, err := h.People.Enter(t.Context(), a.Login, a.Password, person.From{Addr: "127.0.0.1"})
		if err != nil || e.Stage != person.Live {
			t.Errorf("%s cannot log in with what is printed: %v, stage %v", a.Login, err, e.Stage)
		}
		ids[a.Login] = e.Person.ID
	}
	for _, p := range access.Posts {
		if !everyPost[string(p)] {
			t.Errorf("nobody holds the post %s first", p)
		}
	}
	if a := registered(t, h); a.URI != second.machine() {
		t.Errorf("the register has the demonstration printer at %q", a.URI)
	}
	shown(t, h)
	printedByVisitors(t, h)
	exportedWithScanner(t, h, ids)
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
		oldest, err := h.Ledger.Query(tx, ledger.Query{Limit: 1, Ascending: true})
		if err == nil && present.Sub(time.UnixMilli(oldest[0].Time)) < 180*24*time.Hour {
			t.Errorf("the firm's past begins at %v only", time.UnixMilli(oldest[0].Time))
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
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
