package retention_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t         *testing.T
	clock     *housetest.Clock
	in        string // a matter with two materials at 机密级 and three carriers
	materials []string
	carriers  []string
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			f(t, furnished(t, housetest.Found(t, s), clock))
		})
	}
}

func furnished(t *testing.T, h *housetest.Office, clock *housetest.Clock) *office {
	o := &office{Office: h, t: t, clock: clock}
	housetest.Must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
	o.Hire("keeper", access.Custodian)
	o.Hire("clerk", access.Administration)
	o.Hire("porter", access.Logistics)
	o.Hire("board", access.Committee)
	o.in = o.OpenMatter("股权转让纠纷", "沧浪环保有限公司")
	for _, title := range []string{"证据一", "证据二"} {
		id := o.Receive(o.in, "a.txt", title, "内容"+title, classification.Secret)
		o.Review(id, classification.Secret)
		o.materials = append(o.materials, id)
	}
	o.carriers = o.RegisterCarriers(o.in, 3)
	return o
}

func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

func (o *office) do(by string, act access.Act, kind access.Kind, id string, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Thing{Kind: kind, ID: id}, f)
}

func (o *office) close(by string) error {
	return o.do(by, access.CloseMatter, access.Matter, o.in, func(g *guard.Grant) error { return o.House.Matters.Close(g, "判决生效，已归档") })
}

func (o *office) set(by string, kind access.Kind, id, class string) error {
	return o.do(by, access.SetKeeping, kind, id, func(g *guard.Grant) error { return o.House.Retention.Set(g, class) })
}

func (o *office) freeze(by string, kind access.Kind, id string) error {
	return o.do(by, access.SetHold, kind, id, func(g *guard.Grant) error { return o.House.Retention.SetHold(g, "法院保全裁定") })
}

func (o *office) thaw(by string, kind access.Kind, id string) error {
	return o.do(by, access.LiftHold, kind, id, func(g *guard.Grant) error { return o.House.Retention.LiftHold(g, "裁定解除") })
}

// things are all that the matter had at first.
func (o *office) things() (all []retention.Ref) {
	for _, id := range o.materials {
		all = append(all, retention.Ref{Kind: access.Material, ID: id})
	}
	for _, id := range o.carriers {
		all = append(all, retention.Ref{Kind: access.Carrier, ID: id})
	}
	return all
}

func (o *office) ask(by string, a retention.Asking) (id string, err error) {
	if a.Reason == "" {
		a.Reason = "保管期满"
	}
	if a.Appraiser == "" {
		a.Appraiser = o.IDs["handling"]
	}
	if a.Destroyer == "" {
		a.Destroyer = o.IDs["keeper"]
	}
	err = o.do(by, access.RequestDestruction, access.Matter, o.in, func(g *guard.Grant) (err error) { id, err = o.House.Retention.Request(g, a); return err })
	return id, err
}

func (o *office) list(by, id string) (c retention.Certificate) {
	o.t.Helper()
	o.must(o.do(by, access.ViewDestruction, access.Destruction, id, func(g *guard.Grant) (err error) { c, err = o.House.Retention.Certificate(g); return err }))
	return c
}

func (o *office) appraise(by, id string, verdict retention.Verdict) error {
	return o.do(by, access.AppraiseDestruction, access.Destruction, id, func(g *guard.Grant) error {
		var all []retention.Judgement
		for _, ref := range o.things() {
			all = append(all, retention.Judgement{Ref: ref, Verdict: verdict, Until: g.Tx().Now.AddDate(3, 0, 0)})
		}
		return o.House.Retention.Appraise(g, all, "没有留存价值")
	})
}

func (o *office) arrange(by, id string, a retention.Arrangement) error {
	if a.Method == "" {
		a.Method = "shred-p5"
	}
	if a.Place == "" {
		a.Place = "三楼碎纸间"
	}
	for n, login := range []string{"clerk", "porter"} {
		if a.Witnesses[n] == "" {
			a.Witnesses[n] = o.IDs[login]
		}
	}
	return o.do(by, access.ArrangeDestruction, access.Destruction, id, func(g *guard.Grant) error { return o.House.Retention.Arrange(g, a) })
}

// approve has the keeper ask for leave and everybody named say yes.
func (o *office) approve(id string, by ...string) {
	o.t.Helper()
	o.must(o.House.Retention.Ask(context.Background(), o.Who("keeper"), id))
	for _, login := range by {
		asked := o.asked(id)
		o.must(o.do(login, access.DecideApproval, access.Approval, asked[0].ID, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, approval.Yes, "") }))
	}
}

func (o *office) asked(id string) (all []approval.Request) {
	o.t.Helper()
	o.must(o.do("keeper", access.ViewDestruction, access.Destruction, id, func(g *guard.Grant) (err error) { all, err = o.House.Retention.Asked(g); return err }))
	return all
}

func standby(login string) retention.Standby {
	return retention.Standby{Login: login, Password: housetest.Password}
}

func (o *office) execute(by, id string, witnesses ...string) error {
	o.t.Helper()
	e := retention.Execution{Digest: o.list(by, id).Digest(), Consent: o.Consent(by), Firm: "江澜衡砚律师事务所"}
	for n, login := range witnesses {
		e.Witnesses[n] = standby(login)
	}
	return o.House.Retention.Execute(context.Background(), o.Who(by), id, e)
}

// approved is a list of all things, appraised, arranged and approved, in a matter whose period is over.
func (o *office) approved(whole bool) string {
	o.t.Helper()
	o.must(o.set("lead", access.Matter, o.in, "short"))
	o.must(o.close("lead"))
	o.age(16)
	id, err := o.ask("lead", retention.Asking{Items: o.things(), Whole: whole})
	o.must(err)
	o.must(o.appraise("handling", id, retention.ToDestroy))
	o.must(o.arrange("keeper", id, retention.Arrangement{}))
	o.approve(id, "lead", "director")
	return id
}

// age puts the closing of the matter years back: passwords and pledges would not last so long.
func (o *office) age(years int) {
	o.t.Helper()
	o.must(o.House.DB.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE matter SET closed = $2 WHERE id = $1`, o.in, tx.Now.AddDate(-years, 0, 0).UnixMilli())
		return err
	}))
}

// renew has everybody trained and pledged again after years.
func (o *office) renew() {
	o.t.Helper()
	console := guard.Who{Via: guard.CLI}
	for _, id := range o.IDs {
		thing := guard.Thing{Kind: access.Person, ID: id}
		o.must(o.House.Door.Do(context.Background(), console, access.Appoint, thing, func(g *guard.Grant) error {
			return o.House.People.RecordTraining(g, "joining", g.Tx().Now, "纸质记录存档")
		}))
		o.must(o.House.Door.Do(context.Background(), console, access.Appoint, thing, func(g *guard.Grant) error {
			return o.House.People.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
		}))
	}
}

func (o *office) balance() (b carrier.Balance) {
	o.t.Helper()
	o.must(o.do("lead", access.ViewMatter, access.Matter, o.in, func(g *guard.Grant) (err error) { b, err = o.House.Carriers.Balance(g); return err }))
	return b
}
