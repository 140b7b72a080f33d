package apptest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mijuan/internal/cli"
	"mijuan/internal/house/housetest"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// postgres is a server of the test's own, which it may stop.
type postgres struct {
	t    testing.TB
	dir  string
	as   *syscall.Credential // root lends the server to another: it refuses root
	stop func()
}

func startPostgres(t testing.TB) *postgres {
	t.Helper()
	dir, err := os.MkdirTemp("", "mijuan-pg-") // not the test's own directory: the path of a socket is short, and the server's user has to get there
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o711))
	p := &postgres{t: t, dir: dir}
	for _, sub := range []string{"data", "socket"} {
		must(t, os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	p.lend()
	initdb := exec.Command(program(t, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.Dir, initdb.SysProcAttr = filepath.Join(dir, "data"), &syscall.SysProcAttr{Credential: p.as}
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p.start()
	t.Cleanup(func() { p.stop() })
	return p
}

func (p *postgres) lend() {
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	must(p.t, err)
	uid, err := strconv.Atoi(u.Uid)
	must(p.t, err)
	gid, err := strconv.Atoi(u.Gid)
	must(p.t, err)
	for _, sub := range []string{"data", "socket"} {
		must(p.t, os.Chown(filepath.Join(p.dir, sub), uid, gid))
	}
	p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (p *postgres) url() string {
	return "postgres:///postgres?user=postgres&host=" + filepath.Join(p.dir, "socket")
}

// start starts the server with what it has. It ends with the test's process, however that ends.
func (p *postgres) start() {
	p.t.Helper()
	data := filepath.Join(p.dir, "data")
	cmd := exec.Command(program(p.t, "postgres"), "-D", data, "-k", filepath.Join(p.dir, "socket"), "-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "fsync=off")
	cmd.Dir, cmd.SysProcAttr = data, &syscall.SysProcAttr{Credential: p.as, Pdeathsig: syscall.SIGQUIT}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the signal comes when the thread ends that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(ended)
	}()
	must(p.t, <-started)
	p.stop = func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT) // at once, as a crash would
		<-ended
	}
	await(p.t, "PostgreSQL", func() bool {
		c, err := pgx.Connect(context.Background(), p.url())
		if err == nil {
			err = c.Close(context.Background())
		}
		return err == nil
	})
}

const databaseAway = "数据库暂时不可用"

// TestDatabaseGone stops PostgreSQL while the firm is at work, between a transaction's last statement and its commit, and starts it
// again.
func TestDatabaseGone(t *testing.T) {
	if engines := storetest.Engines(); engines[len(engines)-1] != store.PostgreSQL {
		return
	}
	server, clock := startPostgres(t), &housetest.Clock{}
	s := settings(t, t.TempDir())
	s.Database, s.Now = server.url(), clock.Now
	armed, gone := atomic.Bool{}, make(chan struct{})
	s.Fault = func(point string) error {
		if point == "before-commit" && armed.CompareAndSwap(true, false) {
			server.stop()
			close(gone)
		}
		return nil
	}
	o := found(t, s)
	matter := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	text, large := longText(), largeFile(9<<20)
	kept := o.receive(matter, "代理词.txt", "代理词", text, "secret")
	o.review(kept, "secret")
	b := o.loggedIn("handling")

	body := pausingAt(large, 5<<20)
	begun := make(chan answer, 1)
	go func() { begun <- o.begin("handling", matter, "a.bin", int64(len(large)), body) }()
	<-body.reached
	renaming := o.keepRenaming(kept)
	await(t, "a renaming", func() bool { return renaming.last() > 5 })
	armed.Store(true)
	<-gone
	close(body.goOn)
	a := <-begun
	a.refused(t, "an upload whose database goes", http.StatusServiceUnavailable, databaseAway)
	upload := a.place(t)
	first := <-renaming.refused
	first.refused(t, "a renaming", http.StatusServiceUnavailable, databaseAway)
	o.withoutDatabase(t, b, s.Data, matter, kept)

	server.start()
	o.page(t, "handling", kept, 1)
	o.original(t, "lead", kept, text)
	if status, page := b.get("/matters/" + matter); status != http.StatusOK || !strings.Contains(page, "股权转让纠纷") {
		t.Errorf("the browser's session: %d", status)
	}
	renaming.holds(t, o, kept)
	at := o.offset(t, upload)
	clock.Forward(3 * time.Minute) // the request that died held the upload for two
	o.resume(upload, at, bytes.NewReader(large[at:])).done(t, "going on", http.StatusNoContent)
	o.original(t, "lead", o.file(t, matter, upload), large)
	o.sound(t)
}

// withoutDatabase has people at work while there is no database.
func (o *office) withoutDatabase(t *testing.T, b *browser, data, matter, kept string) {
	for what, a := range map[string]answer{
		"a material":        o.ask("lead", "GET", "/materials/"+kept, nil),
		"a list":            o.ask("lead", "GET", "/materials", nil),
		"a page":            o.ask("handling", "GET", "/materials/"+kept+"/pages/1", nil),
		"an original":       o.ask("lead", "GET", "/materials/"+kept+"/original", nil),
		"a review":          o.tell("lead", "POST", "/materials/"+kept+"/review", object{"level": "secret", "reason": "同意"}),
		"a small upload":    o.begin("handling", matter, "b.txt", 4, strings.NewReader("text")),
		"the ledger":        o.ask("auditor", "GET", "/ledger", nil),
		"the verification":  o.ask("auditor", "POST", "/ledger/verification", nil),
		"the ledger's file": o.ask("auditor", "POST", "/ledger/export", nil),
	} {
		a.refused(t, what, http.StatusServiceUnavailable, databaseAway)
	}
	if status, page := b.get("/materials/" + kept); status != http.StatusServiceUnavailable || !strings.Contains(page, databaseAway) {
		t.Errorf("a page in the browser: %d %.300s", status, page)
	}
	if status, page := o.browser().post("/login", url.Values{"login": {"lead"}, "password": {password}}); status != http.StatusServiceUnavailable || !strings.Contains(page, databaseAway) {
		t.Errorf("logging in: %d %.300s", status, page)
	}
	var said bytes.Buffer
	key := filepath.Join(filepath.Dir(data), filepath.Base(data)+".root-key")
	if exit := cli.Main([]string{"doctor", "--data", data, "--root-key", key, "--database", o.h.Settings.Database}, strings.NewReader(""), &said, &said); exit != 1 || !strings.Contains(said.String(), databaseAway) {
		t.Errorf("doctor: %d %s", exit, said.String())
	}
}

// renaming gives a material one new name after the other until it is refused.
type renaming struct {
	acknowledged chan int // the last name that was, at any time
	refused      chan answer
}

func (o *office) keepRenaming(material string) *renaming {
	r := &renaming{acknowledged: make(chan int, 1), refused: make(chan answer, 1)}
	r.acknowledged <- 0
	go func() {
		for n := 1; ; n++ {
			a := o.tell("lead", "PUT", "/materials/"+material+"/title", object{"title": fmt.Sprintf("第 %d 个名称", n)})
			if a.status != http.StatusNoContent {
				r.refused <- a
				return
			}
			<-r.acknowledged
			r.acknowledged <- n
		}
	}()
	return r
}

func (r *renaming) last() int {
	n := <-r.acknowledged
	r.acknowledged <- n
	return n
}

// holds wants the last name that was acknowledged, or the one that was under way, and every one of them in the ledger.
func (r *renaming) holds(t *testing.T, o *office, material string) {
	t.Helper()
	var m struct{ Title string }
	o.call("lead", "GET", "/materials/"+material, nil, &m)
	last := r.last()
	if m.Title != fmt.Sprintf("第 %d 个名称", last) && m.Title != fmt.Sprintf("第 %d 个名称", last+1) {
		t.Errorf("%d names were acknowledged, it is called %s", last, m.Title)
	}
	told := one[int](t, o.h, `SELECT COUNT(*) FROM ledger_entry WHERE thing = $1 AND act = 'renameMaterial' AND outcome = 1`, material)
	if told != last && told != last+1 {
		t.Errorf("%d names were acknowledged, the ledger tells of %d", last, told)
	}
}
