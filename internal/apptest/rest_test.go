package apptest

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/vault"
)

// program finds one of PostgreSQL's own programs.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	must(t, err)
	if len(found) == 0 {
		t.Fatalf("%s is not installed", name)
	}
	return found[len(found)-1]
}

// TestEntriesAreNotPublic: anybody reads hashes, the auditor alone reads entries.
func TestEntriesAreNotPublic(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	ask := func(path, token string) int {
		r, err := http.NewRequest("GET", o.server.URL+path, nil)
		must(t, err)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := o.server.Client().Do(r)
		must(t, err)
		status, _ := read(t, answer)
		return status
	}
	if got := ask("/ledger/log/checkpoint", ""); got != http.StatusOK {
		t.Errorf("the checkpoint: %d", got)
	}
	for login, want := range map[string]int{"": http.StatusUnauthorized, "lead": http.StatusForbidden, "director": http.StatusForbidden, "auditor": http.StatusOK} {
		for _, spelt := range []string{"entries/000.p/1", "entries%2F000.p/1", "entries/000.p%2F1", "entries%2f000%2ep%2f1", "%65ntries/000.p/1"} {
			if got := ask("/ledger/log/tile/"+spelt, o.tokens[login]); got != want {
				t.Errorf("%s for %q: %d, want %d", spelt, login, got, want)
			}
		}
	}
}

// TestTwoProcesses: two houses on one PostgreSQL and one S3 bucket are one firm.
func TestTwoProcesses(t *testing.T) {
	s := settings(t, t.TempDir())
	s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, s3test.Start(t)
	o := found(t, s)
	second := s
	second.Data = t.TempDir() // a machine of its own: the keyring comes from the database
	h, err := house.Open(t.Context(), second)
	must(t, err)
	defer h.Close()
	other := open(t, h)

	matter := o.openMatter("股权纠纷", "云麓科技有限公司")
	here := o.loggedIn("handling")
	session := here.client.Jar.Cookies(mustURL(t, here.base))
	there := (&office{t: t, h: h, server: other}).browser()
	there.client.Jar.SetCookies(mustURL(t, there.base), session)
	if status, page := there.get("/matters/" + matter); status != http.StatusOK || !strings.Contains(page, "股权纠纷") {
		t.Fatalf("the second process does not know the session or the matter: %d", status)
	}

	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // 16 MiB
	who := guard.Who{Person: o.ids["handling"], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	u, p, err := o.h.Shelf.Begin(t.Context(), who, matter, material.Declaration{Name: "a.bin", Size: int64(len(content)), NotStateSecret: true})
	must(t, err)
	half, err := o.h.Shelf.Pour(t.Context(), p, u, bytes.NewReader(content[:9<<20]), nil)
	must(t, err)
	if half == 0 || half > 9<<20 {
		t.Fatalf("half way: %d", half)
	}
	u2, p2, err := h.Shelf.Resume(t.Context(), who, matter, u.ID, half)
	must(t, err)
	if whole, err := h.Shelf.Pour(t.Context(), p2, u2, bytes.NewReader(content[half:]), nil); err != nil || whole != int64(len(content)) {
		t.Fatalf("the second process went on to %d, %v", whole, err)
	}

	here.post("/leave", nil)
	if _, page := there.get("/matters/" + matter); !strings.Contains(page, `name="password"`) {
		t.Error("logged out on one process, still in on the other")
	}
	report, err := h.Ledger.VerifyLive(t.Context(), nil)
	if err != nil || report.Wrong != nil {
		t.Errorf("one ledger of two processes: %v, %+v", err, report.Wrong)
	}
}

func mustURL(t testing.TB, s string) *url.URL {
	u, err := url.Parse(s)
	must(t, err)
	return u
}

// onRecord wants what was done with the whole of a firm's data to stand in its ledger.
func onRecord(t *testing.T, data, key string, notes ...string) {
	t.Helper()
	s := settings(t, data)
	var err error
	s.Root, err = vault.RootFromFile(key)
	must(t, err)
	h, err := house.Open(t.Context(), s)
	must(t, err)
	defer h.Close()
	var said []string
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) error {
		entries, err := h.Ledger.Query(tx, ledger.Query{Act: string(access.ManageSystem), Detail: true, Limit: 100})
		for _, e := range entries {
			said = append(said, string(e.Detail))
		}
		return err
	}))
	for _, note := range notes {
		if !strings.Contains(strings.Join(said, "\n"), `"`+note+`":true`) {
			t.Errorf("%q does not stand in the ledger of %s: %s", note, filepath.Base(data), said)
		}
	}
}

// TestCommands walks init, recovery, export, verification, backup and restore on the command line.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	key, data := filepath.Join(dir, "root.key"), filepath.Join(dir, "firm")
	must(t, os.WriteFile(key, []byte("a root passphrase for the test\n"), 0o600))
	run := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := cli.Main(args, strings.NewReader(""), &out, io.Discard); got != want {
			t.Errorf("mijuan %s: exit %d, want %d\n%s", strings.Join(args, " "), got, want, out.String())
		}
		return out.String()
	}
	at := []string{"--data", data, "--root-key", key}
	with := func(name string, rest ...string) []string {
		return append(append(strings.Fields(name), at...), rest...)
	}
	first := run(0, with("init")...)
	if again := run(0, with("init")...); !strings.Contains(first, "/invite/") || !strings.Contains(again, "/invite/") || first == again {
		t.Errorf("init gives no link, or an old one: %s %s", first, again)
	}
	export := filepath.Join(dir, "export")
	run(0, with("ledger export", export)...)
	run(0, "verify", export)
	must(t, filepath.WalkDir(export, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "entries") {
			return err
		}
		raw, err := os.ReadFile(path)
		must(t, err)
		raw[len(raw)/2] ^= 1
		return os.WriteFile(path, raw, 0o600)
	}))
	run(1, "verify", export)
	if said := run(0, with("recover", "--out", filepath.Join(dir, "out"))...); !strings.HasSuffix(said, house.ByHand) {
		t.Errorf("recover does not say how one document is opened by hand: %s", said)
	}
	backup := filepath.Join(dir, "backup")
	run(0, with("backup", backup)...)
	restored := filepath.Join(dir, "restored")
	run(0, "restore", "--data", restored, "--root-key", key, backup)
	run(0, "migrate", "--data", restored, "--root-key", key)
	onRecord(t, data, key, "backup")
	onRecord(t, restored, key, "backup", "restored")
	raw, err := os.ReadFile(filepath.Join(backup, "mijuan.db"))
	must(t, err)
	raw[100] ^= 1
	must(t, os.WriteFile(filepath.Join(backup, "mijuan.db"), raw, 0o600))
	run(1, "restore", "--data", filepath.Join(dir, "damaged"), "--root-key", key, backup)
	if _, err := os.Stat(filepath.Join(dir, "damaged")); err == nil {
		t.Error("a damaged backup left something behind")
	}
	must(t, os.WriteFile(key, []byte("another passphrase altogether\n"), 0o600))
	run(1, with("migrate")...)
	run(2, "serve")
	run(2, "nonsense")
	run(0, "version")
	if _, err := house.Open(context.Background(), house.Settings{Data: filepath.Join(dir, "nowhere")}); err == nil {
		t.Error("a firm where there is none")
	}
}
