package apptest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/material"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// both runs f for a firm on SQLite and a directory, and for one on PostgreSQL and an S3 bucket.
func both(t *testing.T, f func(t *testing.T, s house.Settings)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := settings(t, t.TempDir())
			if engine == store.PostgreSQL {
				s.Database, s.Bucket = storetest.Options(t, engine).URL, s3test.Start(t)
			}
			f(t, s)
		})
	}
}

// again copies a firm that holds no material yet, and that nobody has open.
func again(t *testing.T, s house.Settings) house.Settings {
	data := t.TempDir()
	must(t, os.CopyFS(data, os.DirFS(s.Data)))
	other := settings(t, data)
	if s.Database != "" {
		other.Database, other.Bucket = storetest.Copy(t, s.Database), s3test.Start(t)
	}
	return other
}

// heir is this program as a process of its own, on the same firm.
func heir(s house.Settings, more ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err) // the tests have started it
	}
	c := exec.Command(self)
	c.Env = append(append(os.Environ(), "MIJUAN_CHILD="+s.Data, "MIJUAN_DATABASE="+s.Database, "MIJUAN_BUCKET="+s.Bucket), more...)
	c.Stderr = os.Stderr
	return c
}

// inherited are the settings that heir passed on.
func inherited() house.Settings {
	s := settings(&testing.T{}, os.Getenv("MIJUAN_CHILD")) // it needs a test only to fail
	s.Database, s.Bucket = os.Getenv("MIJUAN_DATABASE"), os.Getenv("MIJUAN_BUCKET")
	return s
}

// child is what this program does as a process of its own, to be killed: it receives files without end and says each one once it is
// acknowledged.
func child() int {
	h, err := house.Open(context.Background(), inherited())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	who := guard.Who{Person: os.Getenv("MIJUAN_PERSON"), Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	for i := 0; ; i++ {
		id, err := receive(h, who, os.Getenv("MIJUAN_MATTER"), os.Getenv("MIJUAN_REVIEWER"), content(i))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(id, i)
	}
}

// content is a file that tells its number.
func content(i int) string { return strings.Repeat(fmt.Sprintf("第 %d 份 ", i), 3000) }

func receive(h *house.House, who guard.Who, matter, reviewer, text string) (id string, err error) {
	ctx := context.Background()
	u, p, err := h.Shelf.Begin(ctx, who, matter, material.Declaration{Name: "a.bin", Size: int64(len(text)), NotStateSecret: true})
	if err != nil {
		return "", err
	}
	if _, err := h.Shelf.Pour(ctx, p, u, strings.NewReader(text), nil); err != nil {
		return "", err
	}
	err = h.Door.Do(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error {
		ids, err := h.Shelf.File(g, []material.Filing{{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential, Reason: "r", Reviewer: reviewer}})
		if err == nil {
			id = ids[0]
		}
		return err
	})
	return id, err
}

// TestKilled: whatever was acknowledged before kill -9 is there afterwards, whole, and the ledger is sound.
func TestKilled(t *testing.T) { both(t, killed) }

func killed(t *testing.T, s house.Settings) {
	o := found(t, s)
	matter := o.openMatter("合同纠纷", "沧浪环保有限公司")
	o.server.Close()
	must(t, o.h.Close())
	acknowledged := map[string]string{} // id → number
	for range 3 {
		c := heir(s, "MIJUAN_MATTER="+matter, "MIJUAN_PERSON="+o.ids["handling"], "MIJUAN_REVIEWER="+o.ids["lead"])
		out, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start())
		lines := bufio.NewScanner(out)
		begun := time.Time{}
		for lines.Scan() {
			id, number, _ := strings.Cut(lines.Text(), " ")
			acknowledged[id] = number
			if begun.IsZero() {
				begun = time.Now()
			}
			if time.Since(begun) > 300*time.Millisecond {
				must(t, c.Process.Kill())
			}
		}
		_ = c.Wait() // killed
	}
	if len(acknowledged) < 6 {
		t.Fatalf("only %d files were received", len(acknowledged))
	}
	h, err := house.Open(t.Context(), s)
	must(t, err)
	defer h.Close()
	n, err := h.Shelf.Sweep(t.Context(), h.DB)
	must(t, err)
	t.Logf("%d files acknowledged, %d left half done and swept", len(acknowledged), n)
	lead := guard.Who{Person: o.ids["lead"], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	for id, number := range acknowledged {
		original, err := h.Shelf.Fetch(t.Context(), lead, id)
		must(t, err)
		var b strings.Builder
		must(t, original.SendTo(t.Context(), &b))
		if !strings.HasPrefix(b.String(), "第 "+number+" 份 ") || len(b.String())%len("第 "+number+" 份 ") != 0 {
			t.Errorf("file %s came back otherwise", number)
		}
	}
	report, err := h.Ledger.VerifyLive(t.Context(), nil)
	if err != nil || report.Wrong != nil {
		t.Errorf("the ledger after the kills: %v, %+v", err, report.Wrong)
	}
}
