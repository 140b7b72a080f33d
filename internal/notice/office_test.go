package notice_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/job"
	"mijuan/internal/ledger"
	"mijuan/internal/mail"
	"mijuan/internal/mail/mailtest"
	"mijuan/internal/matter"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// What no mail may hold.
const (
	matterName   = "标记案名股权转让纠纷"
	clientName   = "标记客户重工股份有限公司"
	materialName = "标记资料股权转让协议"
	purpose      = "标记用途提交仲裁委员会"
)

var ctx = context.Background()

type office struct {
	*housetest.Office
	t     *testing.T
	clock *housetest.Clock
	post  *mailtest.Server
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) { f(t, found(t, engine)) })
	}
}

// found is a firm that browsers reach, whose people have addresses, and whose mail server is set.
func found(t *testing.T, engine store.Engine) *office {
	s, clock := housetest.Settings(t), &housetest.Clock{}
	s.Now, s.Hosts, s.Port = clock.Now, []string{"mijuan.firm.example"}, "8443"
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	o := &office{housetest.Found(t, s), t, clock, mailtest.Run(t)}
	o.Hire("member", access.Committee)
	for login := range o.IDs {
		o.address(login, login+"@firm.example")
	}
	o.set(o.post.Settings(mail.TLS))
	return o
}

func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) address(login, address string) {
	o.t.Helper()
	o.must(o.House.Door.Do(ctx, guard.Who{Via: guard.CLI}, access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs[login]}, func(g *guard.Grant) error {
		return o.House.People.SetMail(g, address, "登记邮箱")
	}))
}

func (o *office) set(s mail.Settings) {
	o.t.Helper()
	o.must(o.House.Door.Do(ctx, o.Who("security"), access.SetMail, guard.Firm, func(g *guard.Grant) error { return o.House.Notices.SetServer(g, s) }))
}

func (o *office) want(login string, wants bool) {
	o.t.Helper()
	o.must(o.House.Door.Do(ctx, o.Who(login), access.ManageOwnAccount, guard.Thing{Kind: access.Person, ID: o.IDs[login]}, func(g *guard.Grant) error { return o.House.People.WantMail(g, wants) }))
}

// runs has a process work until the test ends.
func (o *office) runs(h *house.House) (stop func()) {
	o.t.Helper()
	by := job.NewRunner(h.DB, job.Options{Poll: 20 * time.Millisecond, Grace: 20 * time.Second})
	h.Notices.Handle(by)
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { defer close(over); by.Run(ctx) }()
	stop = func() { cancel(); <-over }
	o.t.Cleanup(stop)
	return stop
}

// idle waits until no work is due.
func (o *office) idle() {
	o.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var n int64
		o.must(o.House.DB.Read(ctx, func(tx *store.Tx) (err error) {
			n, err = store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err }, `SELECT COUNT(*) FROM job WHERE state = 1 AND (due <= $1 OR lease <> '')`, tx.Now.UnixMilli())
			return err
		}))
		if n == 0 {
			return
		}
	}
	o.t.Fatal("work is never done")
}

// settled waits until no work is due and gives all letters to somebody.
func (o *office) settled(login string) []mailtest.Letter {
	o.t.Helper()
	o.idle()
	return mailtest.To(o.post.Letters(), login+"@firm.example")
}

func (o *office) counts(about string, want map[string]int) {
	o.t.Helper()
	o.idle()
	got := map[string]int{}
	for _, l := range o.post.Letters() {
		got[l.To]++
	}
	for login := range o.IDs {
		if n := got[login+"@firm.example"]; n != want[login] {
			o.t.Errorf("%s: %s got %d mails, want %d", about, login, n, want[login])
		}
	}
}

func (o *office) sweep() {
	o.t.Helper()
	_, err := o.House.Notices.Sweep(ctx)
	o.must(err)
}

func (o *office) material(level classification.Level) string {
	id := o.Receive(o.OpenMatter(matterName, clientName), "合同.txt", materialName, "甲方将其持有的股权转让给乙方。", level)
	o.Review(id, level)
	return id
}

// highest is a material at 绝密级, whose original the lead and then a director let handling fetch.
func (o *office) highest() string {
	o.t.Helper()
	in := o.OpenMatter(matterName, clientName)
	id := o.Receive(in, "合同.txt", materialName, "甲方将其持有的股权转让给乙方。", classification.Secret)
	o.Review(id, classification.Secret)
	act := func(by string, act access.Act, thing guard.Thing, f func(g *guard.Grant) error) {
		o.must(o.House.Door.Do(ctx, o.Who(by), act, thing, f))
	}
	act("lead", access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
		return o.House.Matters.Assign(g, matter.Member{Person: o.IDs["handling"], Duty: matter.Handling, Clearance: classification.TopSecret, Listed: true})
	})
	thing := guard.Thing{Kind: access.Material, ID: id, Level: classification.TopSecret}
	act("lead", access.Propose, thing, func(g *guard.Grant) error { return o.House.Shelf.Propose(g, "涉及收购底价", o.IDs["handling"]) })
	act("handling", access.Review, thing, func(g *guard.Grant) error { return o.House.Shelf.Review(g, "同意") })
	return id
}

func (o *office) ask(by, material string) (id string) {
	o.t.Helper()
	o.must(o.House.Door.Ask(ctx, o.Who(by), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) (err error) {
		id, err = o.House.Approvals.Request(g, approval.Ask{Purpose: purpose, Scope: purpose})
		return err
	}))
	return id
}

func (o *office) decide(by, id string) {
	o.t.Helper()
	o.must(o.House.Door.Do(ctx, o.Who(by), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: id}, func(g *guard.Grant) error {
		return o.House.Approvals.Decide(g, approval.Yes, "")
	}))
}

func (o *office) number(id string) (number string) {
	o.t.Helper()
	o.must(o.House.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := o.House.Approvals.Numbers(tx, []string{id})
		number = all[id]
		return err
	}))
	return number
}

// entries are those of the notices in the ledger.
func (o *office) entries() (all []ledger.Entry) {
	o.t.Helper()
	o.must(o.House.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = o.House.Ledger.Query(tx, ledger.Query{Act: string(access.SendNotice), Ascending: true, Detail: true})
		return err
	}))
	return all
}
