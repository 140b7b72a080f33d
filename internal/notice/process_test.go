package notice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mijuan/internal/classification"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/mail/mailtest"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

func TestMain(m *testing.M) {
	if os.Getenv("MIJUAN_SENDER") != "" {
		if err := sender(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	housetest.Main(m)
}

// place says to another process where a firm's house stands.
type place struct{ Data, Key, Database, Host, Port string }

// sender is another process that sends notices until it is killed.
func sender() error {
	var p place
	if err := json.Unmarshal([]byte(os.Getenv("MIJUAN_SENDER")), &p); err != nil {
		return err
	}
	root, err := vault.RootFromFile(p.Key)
	if err != nil {
		return err
	}
	h, err := house.Open(context.Background(), house.Settings{Data: p.Data, Root: root, Database: p.Database, Hosts: []string{p.Host}, Port: p.Port, Worker: rendertest.Worker(), Workers: 1, Cache: rendertest.Code()})
	if err != nil {
		return err
	}
	h.SendNotices(context.Background())
	return nil
}

// begins starts another process on the firm.
func (o *office) begins() (kill func()) {
	o.t.Helper()
	s := o.House.Settings
	key := o.t.TempDir() + "/root.key"
	o.must(os.WriteFile(key, []byte(strings.Repeat("5a", vault.KeySize)), 0o600))
	raw, err := json.Marshal(place{s.Data, key, s.Database, s.Hosts[0], s.Port})
	o.must(err)
	self, err := os.Executable()
	o.must(err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "MIJUAN_SENDER="+string(raw))
	cmd.Stderr = os.Stderr
	o.must(cmd.Start())
	var once bool
	kill = func() {
		if !once {
			once = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	o.t.Cleanup(kill)
	return kill
}

// TestTwoProcessesSendOnce: each of many notices goes out once, whichever of two processes that share a database sends it.
func TestTwoProcessesSendOnce(t *testing.T) {
	o := found(t, store.PostgreSQL)
	o.want("security", false) // whom the half-yearly round concerns
	m := o.material(classification.Secret)
	o.begins()
	o.begins()
	const n = 12
	ids := map[string]bool{}
	for range n {
		ids[o.ask("handling", m)] = true
	}
	o.post.Wait(n)
	o.idle()
	got := map[string]int{}
	for _, l := range mailtest.To(o.post.Letters(), "lead@firm.example") {
		got[l.Text]++
	}
	for text, times := range got {
		if times != 1 {
			t.Errorf("%d times: %s", times, text)
		}
	}
	if len(got) != n {
		t.Errorf("%d mails, want %d", len(got), n)
	}
}

// TestKilledWhileSending: a process dies between the server's taking a mail and the record of it. Another sends it again, under the same
// message id; none is lost, and one is on record.
func TestKilledWhileSending(t *testing.T) {
	o := found(t, store.PostgreSQL)
	o.want("security", false) // whom the half-yearly round concerns
	m := o.material(classification.Secret)
	o.post.Slow(20 * time.Second)
	kill := o.begins()
	o.ask("handling", m)
	first := o.post.Wait(1)[0]
	kill()
	if n := len(o.entries()); n != 0 {
		t.Fatalf("%d entries before it was recorded", n)
	}
	o.post.Slow(0)
	o.clock.Forward(2 * time.Minute) // the lease of the dead process lapses
	o.runs(o.House)
	all := mailtest.To(o.post.Wait(2), "lead@firm.example")
	o.idle()
	if len(all) != 2 || all[1].Header.Get("Message-ID") != first.Header.Get("Message-ID") || all[1].Text != first.Text || len(o.entries()) != 1 {
		t.Errorf("%d mails, %d entries", len(all), len(o.entries()))
	}
	o.clock.Forward(time.Hour)
	o.idle()
	if n := len(mailtest.To(o.post.Letters(), "lead@firm.example")); n != 2 {
		t.Errorf("%d mails", n)
	}
}
