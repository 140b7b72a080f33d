package media_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/antivirus/clamtest"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/media"
	"mijuan/internal/parcel"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// office is a firm with a scanner, a custodian and one medium rated for 机密级.
type office struct {
	*housetest.Office
	t      *testing.T
	clock  *housetest.Clock
	matter string
	medium string
}

func found(t *testing.T, engine store.Engine) *office {
	s, clock := housetest.Settings(t), &housetest.Clock{}
	s.Now = clock.Now
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	scanner, err := antivirus.New(clamtest.Start(t), 0)
	housetest.Must(t, err)
	s.Clamd = scanner
	o := &office{Office: housetest.Found(t, s), t: t, clock: clock}
	o.Hire("custodian", access.Custodian)
	o.Hire("logistics", access.Logistics)
	o.matter = o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	o.medium = o.add("0951", "1666", "E0D55EA573", classification.Secret)
	return o
}

func (o *office) do(by string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, thing, f)
}

func (o *office) firm(by string, act access.Act, f func(*guard.Grant) error) error {
	return o.do(by, act, guard.Firm, f)
}

// must ends the test on an error; wants tells when an error is not of the kind (0: none).
func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) wants(kind problem.Kind, err error, what string) {
	o.t.Helper()
	if problem.KindOf(err) != kind || kind == 0 && err != nil {
		o.t.Errorf("%s: %v, want a problem of kind %d", what, err, kind)
	}
}

// refused tells when an error is not the rules' no by clause 7.2.4 with the step that helps.
func (o *office) refused(err error, step, what string) {
	o.t.Helper()
	d, ok := guard.AsRefusal(err)
	if !ok || len(d.Reasons) == 0 || d.Reasons[0].Clause != "7.2.4" || d.Reasons[0].Step != step {
		o.t.Errorf("%s: %v, %+v", what, err, d)
	}
}

func (o *office) add(vendor, product, serial string, level classification.Level) (id string) {
	o.t.Helper()
	o.must(o.firm("custodian", access.ManageMedia, func(g *guard.Grant) (err error) {
		id, err = o.House.Media.Add(g, media.Entry{Form: carrier.Stick, Model: "加密优盘 64 GB", Serial: serial, Vendor: vendor, Product: product, Keeper: o.IDs["custodian"]})
		return err
	}))
	o.must(o.firm("security", access.RateMedium, func(g *guard.Grant) error { return o.House.Media.Rate(g, id, level, "已检查") }))
	return id
}

func (o *office) lend(medium, to string) error {
	return o.firm("custodian", access.ManageMedia, func(g *guard.Grant) error {
		return o.House.Media.Lend(g, medium, media.Lending{Person: o.IDs[to], Purpose: "开庭出示证据", Device: "SB-0003 办公电脑", Due: g.Tx().Now.Add(5 * 24 * time.Hour)})
	})
}

func (o *office) check(by, medium string, w media.Wipe) error {
	return o.do(by, access.CheckMedium, guard.Thing{Kind: access.Medium, ID: medium}, func(g *guard.Grant) error { return o.House.Media.Check(g, w, "已清空，读不出内容") })
}

func (o *office) one(medium string) (m media.Medium) {
	o.t.Helper()
	o.must(o.firm("auditor", access.ReadMedia, func(g *guard.Grant) (err error) { m, err = o.House.Media.One(g, medium); return err }))
	return m
}

func (o *office) material(title, content string, level classification.Level) (id string) {
	o.t.Helper()
	id = o.Receive(o.matter, "file.txt", title, content, level)
	o.Review(id, level)
	return id
}

func (o *office) prepare(by, medium string, f parcel.Format, materials ...string) (id string, err error) {
	err = o.do(by, access.PrepareExport, guard.Thing{Kind: access.Matter, ID: o.matter}, func(g *guard.Grant) (err error) {
		id, err = o.House.Media.Prepare(g, media.Plan{Materials: materials, Medium: medium, Format: f, Purpose: "开庭出示证据"})
		return err
	})
	return id, err
}

func exportThing(id string) guard.Thing { return guard.Thing{Kind: access.Export, ID: id} }

func (o *office) scan(by, export string) (media.Finding, error) {
	return o.House.Media.ScanExport(context.Background(), o.Who(by), export)
}

func (o *office) ask(by, export string) (id string, err error) {
	err = o.House.Door.Ask(context.Background(), o.Who(by), access.ExportToMedium, exportThing(export), func(g *guard.Grant) (err error) {
		id, err = o.House.Media.Request(g)
		return err
	})
	return id, err
}

func (o *office) approve(by, request string) error {
	return o.do(by, access.DecideApproval, guard.Thing{Kind: access.Approval, ID: request}, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, approval.Yes, "同意") })
}

func (o *office) issue(by, export string) (passphrase string, err error) {
	err = o.do(by, access.ExportToMedium, exportThing(export), func(g *guard.Grant) (err error) {
		passphrase, err = o.House.Media.Issue(g)
		return err
	})
	return passphrase, err
}

func (o *office) fetch(by, export string) (content []byte, name string, err error) {
	s, err := o.House.Media.Fetch(context.Background(), o.Who(by), export)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	err = s.SendTo(context.Background(), &b)
	return b.Bytes(), s.Name(), err
}

func (o *office) export(by, id string) (e media.Export) {
	o.t.Helper()
	o.must(o.do(by, access.ViewExport, exportThing(id), func(g *guard.Grant) (err error) { e, _, err = o.House.Media.Get(g); return err }))
	return e
}

// granted prepares, scans, asks for, approves and issues an export of handling's, and gives it with its passphrase.
func (o *office) granted(medium string, f parcel.Format, materials ...string) (id, passphrase string) {
	o.t.Helper()
	id, err := o.prepare("handling", medium, f, materials...)
	o.must(err)
	_, err = o.scan("handling", id)
	o.must(err)
	request, err := o.ask("handling", id)
	o.must(err)
	o.must(o.approve("lead", request))
	passphrase, err = o.issue("handling", id)
	o.must(err)
	return id, passphrase
}

func (o *office) balance() (b carrier.Balance) {
	o.t.Helper()
	o.must(o.do("lead", access.ViewMatter, guard.Thing{Kind: access.Matter, ID: o.matter}, func(g *guard.Grant) (err error) {
		b, err = o.House.Carriers.Balance(g)
		return err
	}))
	if !b.Even() {
		o.t.Errorf("the balance does not hold: %+v", b)
	}
	return b
}
