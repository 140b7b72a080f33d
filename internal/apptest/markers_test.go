package apptest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // asks the server where its files are

	"mijuan/internal/access"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/classification"
	"mijuan/internal/cli"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// The marker test writes a word of its own through every field that the product takes, one at a time: every property, parameter and
// header that the API's description names, every control of every form that the pages show, file names and contents. Then it looks
// for each of them in every byte at rest. Fields are found by reading the description and crawling the pages, so that a new one is
// covered when it appears.

// public are the places whose words may lie in the clear, each with the reason.
var public = map[string]string{
	"login": "a log-in name is how people are found before anything is open; it is no client's and says so where it is asked for",
}

// trap plants words and finds them again.
type trap struct {
	t      testing.TB
	prefix string // of every word: rare, lower case

	mu      sync.Mutex
	planted []string // where each was put in; its index is the word's end
}

func newTrap(t testing.TB) *trap {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw)
	for i := range raw {
		raw[i] = 'a' + raw[i]%26
	}
	return &trap{t: t, prefix: "qz" + string(raw)}
}

// word is a fresh word for a place.
func (p *trap) word(where string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.planted = append(p.planted, where)
	return fmt.Sprintf("%s%05dx", p.prefix, len(p.planted)-1)
}

func (p *trap) place(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n < len(p.planted) {
		return p.planted[n]
	}
	return "nowhere"
}

// forms are how a word may be written down: as it is, in capitals, as hexadecimal digits, in base64 at each of three offsets, in UTF-16.
func (p *trap) forms() map[string][]byte {
	wide := []byte(strings.Join(strings.Split(p.prefix, ""), "\x00"))
	forms := map[string][]byte{"": []byte(p.prefix), "capitals": []byte(strings.ToUpper(p.prefix)), "hex": []byte(hex.EncodeToString([]byte(p.prefix))), "UTF-16": wide}
	for offset := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", offset) + p.prefix))
		forms[fmt.Sprint("base64+", offset)] = []byte(text[(offset*8+5)/6 : (offset+len(p.prefix))*8/6])
	}
	return forms
}

// find gives the places whose words lie in raw.
func (p *trap) find(raw []byte) (found []string) {
	words := regexp.MustCompile(p.prefix + `(\d{5})x`)
	for form, needle := range p.forms() {
		if !bytes.Contains(raw, needle) {
			continue
		}
		all := words.FindAllSubmatch(bytes.ToLower(raw), -1)
		if form == "hex" || len(all) == 0 {
			found = append(found, p.around(raw, needle, form))
			continue
		}
		for _, m := range all {
			n := 0
			_, _ = fmt.Sscanf(string(m[1]), "%d", &n)
			if where := p.place(n); !slices.Contains(found, where) {
				found = append(found, where)
			}
		}
	}
	return found
}

// around describes a find in a form that does not tell its word.
func (p *trap) around(raw, needle []byte, form string) string {
	at := bytes.Index(raw, needle)
	text := raw[at:min(len(raw), at+len(needle)+12)]
	if form == "hex" {
		if plain, err := hex.DecodeString(string(text[:len(text)/2*2])); err == nil {
			n := 0
			if _, err := fmt.Sscanf(strings.TrimPrefix(string(plain), p.prefix), "%05d", &n); err == nil {
				return p.place(n) + " (hex)"
			}
		}
	}
	return fmt.Sprintf("a word in %s: %q", form, text)
}

// hunt looks through every file below the roots and gives how many it read.
func (p *trap) hunt(roots ...string) (files int) {
	p.t.Helper()
	for _, root := range roots {
		must(p.t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil // a temporary file of the database's, gone meanwhile
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			for _, where := range p.find([]byte(path)) {
				p.t.Errorf("the name of %s tells %s", path, where)
			}
			raw, err := os.ReadFile(path)
			if os.IsNotExist(err) {
				return nil
			}
			files++
			p.tell(path, raw)
			return err
		}))
	}
	return files
}

func (p *trap) tell(what string, raw []byte) {
	p.t.Helper()
	for _, where := range p.find(raw) {
		if !allowed(where) {
			p.t.Errorf("%s lies in the clear in %s", where, what)
		}
	}
}

func allowed(where string) bool {
	field := where[strings.LastIndexByte(where, ' ')+1:]
	return public[field] != ""
}

// journal is what the program says: slog, log and standard error.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) bytes() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return bytes.Clone(j.text.Bytes())
}

// listen takes everything that is logged, down to the last detail, and gives it back to where it went at the test's end.
func listen(t testing.TB, temp string) *journal {
	j, before, stderr := &journal{}, slog.Default(), os.Stderr
	slog.SetDefault(slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug - 8, AddSource: true})))
	said, err := os.Create(filepath.Join(temp, "stderr"))
	must(t, err)
	os.Stderr = said
	slog.Debug("the marker test listens")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log: %.20000s", j.bytes())
		}
		slog.SetDefault(before)
		os.Stderr = stderr
		log.SetOutput(stderr)
		said.Close()
	})
	return j
}

// TestMarkers is the test; it runs on both pairs of engines.
func TestMarkers(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, roots := housetest.Settings(t), []string{}
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
				bucket := s3test.Run(t)
				s.Bucket = bucket.URL
				roots = append(roots, filepath.Dir(bucket.Bucket), filepath.Join(filepath.Dir(filepath.Dir(bucket.Bucket)), "about"))
			}
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			said := listen(t, temp)
			p := newTrap(t)
			o := writeAll(t, p, s)
			roots = append(roots, s.Data, temp, s.Cache)
			p.tell("the log", said.bytes())
			files := p.hunt(roots...) // while the firm is open: journals, write-ahead logs, spools
			o.Server.Close()
			must(t, o.House.Close())
			files += p.hunt(roots...)
			p.tell("the log", said.bytes())
			if engine == store.PostgreSQL {
				p.huntPostgres(s.Database)
			}
			t.Logf("%d words planted, %d files read, %d bytes of log", len(p.planted), files, len(said.bytes()))
			if files < 6 || len(p.planted) < 300 || !bytes.Contains(said.bytes(), []byte("listens")) {
				t.Errorf("%d words, %d files: the test does not reach what it should", len(p.planted), files)
			}
		})
	}
}

// huntPostgres looks through a dump, the database's own files, the write-ahead log and the server's log.
func (p *trap) huntPostgres(address string) {
	p.t.Helper()
	dump, err := exec.Command(program(p.t, "pg_dump"), address).Output()
	must(p.t, err)
	if !bytes.Contains(dump, []byte("sealed_title")) {
		p.t.Error("the dump is not of our database")
	}
	p.tell("the dump", dump)
	db, err := sql.Open("pgx", address)
	must(p.t, err)
	defer db.Close()
	var dir, oid string
	_, err = db.ExecContext(context.Background(), "CHECKPOINT")
	must(p.t, err)
	must(p.t, db.QueryRow("SHOW data_directory").Scan(&dir))
	must(p.t, db.QueryRow("SELECT oid FROM pg_database WHERE datname = current_database()").Scan(&oid))
	base := filepath.Join(dir, "base", oid)
	if n := p.hunt(base, filepath.Join(dir, "pg_wal"), filepath.Join(dir, "pg_stat_tmp"), filepath.Join(dir, "pg_replslot")); n < 50 {
		p.t.Errorf("only %d files of PostgreSQL's", n)
	}
	if raw, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "log")); err == nil {
		p.tell("PostgreSQL's log", raw)
	}
}

// TestTheTrapFinds shows that a word is found however it is written down.
func TestTheTrapFinds(t *testing.T) {
	p := newTrap(t)
	word := p.word("here title")
	for name, raw := range map[string]string{"plain": "..." + word + "...", "capitals": strings.ToUpper(word), "hex": hex.EncodeToString([]byte("x" + word)), "base64": base64.StdEncoding.EncodeToString([]byte(word)),
		"base64 1": base64.StdEncoding.EncodeToString([]byte("a" + word)), "base64 2": base64.StdEncoding.EncodeToString([]byte("aa" + word)), "UTF-16": strings.Join(strings.Split(word, ""), "\x00")} {
		if found := p.find([]byte(raw)); len(found) != 1 {
			t.Errorf("%s: %q", name, found)
		}
	}
	if found := p.find([]byte("nothing of ours")); len(found) != 0 {
		t.Errorf("%q", found)
	}
}

// writer is a firm into which words are written.
type writer struct {
	*housetest.Office
	p        *trap
	matter   string
	material string
	pledge   string
	slip     string         // of the take-out that was asked for last
	order    string         // of a copy
	good     map[string]int // fields that were accepted, by operation or form
}

func writeAll(t *testing.T, p *trap, s house.Settings) *writer {
	o := housetest.Found(t, s)
	o.Serve(cli.Faces(o.House, func(r *http.Request) string { return "127.0.0.1" }))
	must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
	w := &writer{Office: o, p: p, good: map[string]int{}}
	w.Hire("keeper", access.Custodian)
	w.matter = o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	w.material = o.Receive(w.matter, "a.txt", "代理词", strings.Repeat("争议焦点在于回购条件。\n", 50), classification.Secret)
	o.Review(w.material, classification.Secret)
	w.writeFiles()
	w.writeAPI()
	w.writeForms()
	return w
}
