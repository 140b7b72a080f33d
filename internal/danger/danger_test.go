package danger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// office is a firm with dangers; its clock is moved by hand.
type office struct {
	*housetest.Office
	t     *testing.T
	clock *housetest.Clock
}

func each(t *testing.T, run func(*testing.T, *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := &office{housetest.Found(t, s), t, clock}
			o.Hire("clerk", access.Logistics)
			run(t, o)
		})
	}
}

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

func (o *office) must(err error) {
	o.t.Helper()
	housetest.Must(o.t, err)
}

func (o *office) register(by string, f danger.Finding) (id string, err error) {
	err = o.House.Door.Do(o.t.Context(), o.Who(by), access.RegisterDanger, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.House.Dangers.Register(g, f)
		return err
	})
	return id, err
}

func (o *office) at(by string, act access.Act, id string, f func(*guard.Grant) error) error {
	return o.House.Door.Do(o.t.Context(), o.Who(by), act, guard.Thing{Kind: access.Danger, ID: id}, f)
}

func (o *office) assign(by, id, to string, days int) error {
	return o.at(by, access.AssignDanger, id, func(g *guard.Grant) error {
		return o.House.Dangers.Assign(g, danger.Order{Responsible: o.IDs[to], Due: g.Tx().Now.AddDate(0, 0, days), Severity: danger.Major, Demand: "换锁，清点钥匙"})
	})
}

func (o *office) mend(by, id string) error {
	return o.at(by, access.MendDanger, id, func(g *guard.Grant) error { return o.House.Dangers.Mend(g, "换了新锁", "旧钥匙已收回销毁") })
}

func (o *office) check(by, id string, passed bool, opinion string) error {
	return o.at(by, access.CheckDanger, id, func(g *guard.Grant) error { return o.House.Dangers.Check(g, passed, opinion) })
}

func (o *office) get(by, id string) (d danger.Danger, err error) {
	err = o.at(by, access.ViewDanger, id, func(g *guard.Grant) (err error) { d, err = o.House.Dangers.Get(g); return err })
	return d, err
}

func (o *office) list(by string, f danger.Filter) (all []danger.Danger, more bool) {
	o.t.Helper()
	o.must(o.House.Door.Do(o.t.Context(), o.Who(by), access.ReadDangers, guard.Firm, func(g *guard.Grant) (err error) {
		all, more, err = o.House.Dangers.List(g, f)
		return err
	}))
	return all, more
}

func (o *office) tasks(by string) (t danger.Tasks) {
	o.t.Helper()
	o.must(o.House.Door.Do(o.t.Context(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		t, err = o.House.Dangers.Tasks(g)
		return err
	}))
	return t
}

func (o *office) finding() danger.Finding {
	return danger.Finding{Place: "三楼档案室", What: "门锁松动，不用钥匙也能推开", Severity: danger.General, Found: o.clock.Now()}
}

// TestFromFoundToConfirmed: a clerk finds it, the officer names who mends it, it is sent back once and then confirmed by another; each round
// stays, and nothing of it can be done twice.
func TestFromFoundToConfirmed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, err := o.register("clerk", o.finding())
		o.must(err)
		o.wants(problem.Refused, o.assign("director", id, "trainee", 5))
		o.wants(problem.Absent, o.assign("lead", id, "trainee", 5))
		o.wants(problem.Refused, o.mend("clerk", id))
		o.wants(problem.Refused, o.check("director", id, true, ""))
		o.wants(problem.Invalid, o.assign("security", id, "nobody", 5))
		o.wants(problem.Invalid, o.assign("security", id, "trainee", -1))
		o.wants(problem.Invalid, o.assign("security", id, "trainee", 400))
		o.must(o.assign("security", id, "trainee", 3))
		o.must(o.assign("security", id, "handling", 5))
		o.wants(problem.Absent, o.mend("trainee", id))
		o.wants(problem.Refused, o.mend("security", id))
		o.wants(problem.Invalid, o.at("handling", access.MendDanger, id, func(g *guard.Grant) error { return o.House.Dangers.Mend(g, "换锁", " ") }))
		o.must(o.mend("handling", id))
		o.wants(problem.Refused, o.mend("handling", id))
		o.wants(problem.Refused, o.assign("security", id, "clerk", 5))
		o.wants(problem.Refused, o.check("handling", id, true, ""))
		o.wants(problem.Invalid, o.check("director", id, false, " "))
		o.must(o.check("director", id, false, "窗户也没有锁上"))
		o.wants(problem.Refused, o.check("director", id, true, ""))
		if d, err := o.get("handling", id); err != nil || !d.SentBack() || d.Overdue(o.clock.Now()) {
			t.Errorf("sent back: %+v, %v", d, err)
		}
		o.must(o.mend("handling", id))
		o.must(o.check("auditor", id, true, ""))
		o.wants(problem.Refused, o.assign("security", id, "clerk", 5))
		o.wants(problem.Refused, o.mend("handling", id))
		d, err := o.get("clerk", id)
		o.must(err)
		if d.State != access.Confirmed || d.Severity != danger.Major || d.Demand != "换锁，清点钥匙" || d.Finder != o.IDs["clerk"] || d.Responsible != o.IDs["handling"] || len(d.Named) != 2 || d.Named[0].Responsible != o.IDs["trainee"] || d.Named[1].Responsible != o.IDs["handling"] || d.Named[1].By != o.IDs["security"] || !d.Named[1].Due.Equal(d.Due) || d.MendedBy != o.IDs["handling"] ||
			!strings.HasPrefix(d.Number, "YH-") || !strings.HasSuffix(d.Number, "-001") || d.Place != "三楼档案室" || d.What != "门锁松动，不用钥匙也能推开" {
			t.Errorf("the danger is %+v", d)
		}
		if len(d.Rounds) != 2 || d.Rounds[0].Passed || d.Rounds[0].Opinion != "窗户也没有锁上" || d.Rounds[0].CheckedBy != o.IDs["director"] || !d.Rounds[1].Passed || d.Rounds[1].CheckedBy != o.IDs["auditor"] || d.Rounds[1].Measures != "换了新锁" || d.Rounds[1].Statement != "旧钥匙已收回销毁" {
			t.Errorf("its rounds are %+v", d.Rounds)
		}
	})
}

// TestWhoChecks: who is responsible or said that it is mended never checks it, not even as a director, and not after somebody else has become
// responsible.
func TestWhoChecks(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, err := o.register("security", o.finding())
		o.must(err)
		o.must(o.assign("security", id, "director", 5))
		o.must(o.mend("director", id))
		o.wants(problem.Refused, o.check("director", id, true, ""))
		o.must(o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE danger SET responsible = $2 WHERE id = $1`, id, o.IDs["security"])
			return err
		}))
		o.wants(problem.Refused, o.check("director", id, true, "")) // mended it
		o.wants(problem.Refused, o.check("security", id, true, "")) // answers for it
		o.must(o.check("auditor", id, true, "已看过"))
	})
}

// TestWhoMayKnow: the finder, the responsible, and three posts; to all others it is not there, in the register, by its id and on the desk.
func TestWhoMayKnow(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, err := o.register("clerk", o.finding())
		o.must(err)
		for login, knows := range map[string]bool{"clerk": true, "security": true, "director": true, "auditor": true, "lead": false, "trainee": false, "system": false} {
			_, err := o.get(login, id)
			if all, _ := o.list(login, danger.Filter{}); (err == nil) != knows || (len(all) == 1) != knows || !knows && !problem.Is(err, problem.Absent) {
				t.Errorf("%s knows it: %v, %d in the register", login, err, len(all))
			}
		}
		if a, b := o.tasks("security"), o.tasks("lead"); a.ToAssign != 1 || b.ToAssign != 0 || o.tasks("director").ToAssign != 0 {
			t.Errorf("the desks: %+v, %+v", a, b)
		}
		o.must(o.assign("security", id, "trainee", 2))
		if _, err := o.get("trainee", id); err != nil {
			t.Errorf("the responsible: %v", err)
		}
		if s := o.tasks("security"); len(o.tasks("trainee").Mine) != 1 || s.ToAssign+s.Late != 0 {
			t.Error("what is to be mended stands on another desk, or on none")
		}
		o.clock.Forward(2 * 24 * time.Hour)
		if d, err := o.get("trainee", id); err != nil || d.Overdue(o.clock.Now()) || o.tasks("security").Late != 0 {
			t.Errorf("on its last day it is late: %+v, %v", d, err)
		}
		o.clock.Forward(24 * time.Hour)
		mine := o.tasks("trainee").Mine
		if len(mine) != 1 || !mine[0].Overdue(o.clock.Now()) || o.tasks("security").Late != 1 || o.tasks("director").Late != 0 || len(o.tasks("clerk").Mine) != 0 {
			t.Error("what is overdue is not told to the responsible and the officer")
		}
		o.must(o.mend("trainee", id))
		if o.tasks("security").ToCheck != 1 || o.tasks("auditor").ToCheck != 1 || o.tasks("trainee").ToCheck != 0 || len(o.tasks("trainee").Mine) != 0 {
			t.Error("the check is on no desk, or on a wrong one")
		}
		o.must(o.check("auditor", id, true, ""))
		if o.tasks("security").ToCheck != 0 {
			t.Error("what is over waits")
		}
	})
}

// TestRegister narrows, orders and pages the list in the database.
func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var ids []string
		for n, at := range []int{-3, -1, -2} {
			f := o.finding()
			f.Found = f.Found.AddDate(0, 0, at)
			if n == 1 {
				f.Severity = danger.Major
			}
			id, err := o.register("clerk", f)
			o.must(err)
			ids = append(ids, id)
			o.clock.Forward(time.Minute)
		}
		o.must(o.assign("security", ids[0], "trainee", 1))
		o.must(o.assign("security", ids[2], "clerk", 9))
		now := o.clock.Now()
		midnight := time.Date(now.In(matter.Beijing).Year(), now.In(matter.Beijing).Month(), now.In(matter.Beijing).Day(), 0, 0, 0, 0, matter.Beijing)
		named := func(f danger.Filter) (got []string) {
			all, _ := o.list("security", f)
			for _, d := range all {
				got = append(got, d.Number[len(d.Number)-1:])
			}
			return got
		}
		for want, f := range map[string]danger.Filter{
			"2 3 1": {}, "1 3 2": {Up: true}, "2 1 3": {ByDue: true, Up: true}, "2": {State: access.Found}, "3 1": {State: access.Mending}, "2 3": {From: midnight.AddDate(0, 0, -2)},
			"1": {DueTo: now.AddDate(0, 0, 4)}, "3": {DueFrom: now.AddDate(0, 0, 4)}, "": {Mine: true}, "3 ": {Number: "yh-" + now.In(matter.Beijing).Format("2006") + "-003"},
		} {
			if got := strings.Join(named(f), " "); got != strings.TrimSpace(want) {
				t.Errorf("%+v gives %q, want %q", f, got, want)
			}
		}
		if got := named(danger.Filter{Number: "%"}); got != nil {
			t.Errorf("a wild card finds %v", got)
		}
		page, more := o.list("security", danger.Filter{Limit: 2})
		rest, end := o.list("security", danger.Filter{Offset: 2, Limit: 2})
		if len(page) != 2 || !more || len(rest) != 1 || end || rest[0].ID != ids[0] {
			t.Errorf("pages of %d and %d", len(page), len(rest))
		}
		o.clock.Forward(3 * 24 * time.Hour)
		if got := named(danger.Filter{Late: true}); len(got) != 1 || got[0] != "1" {
			t.Errorf("overdue are %v", got)
		}
		if all, _ := o.list("trainee", danger.Filter{Mine: true}); len(all) != 1 || all[0].ID != ids[0] {
			t.Errorf("the responsible reads %d", len(all))
		}
	})
}

// TestWhatIsWritten: nothing without a place, a text, a level and a day that has come; a device only from who may read of devices, and the
// answer about one that is not there is the same.
func TestWhatIsWritten(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for field, change := range map[string]func(*danger.Finding){
			"place": func(f *danger.Finding) { f.Place = " " }, "what": func(f *danger.Finding) { f.What = strings.Repeat("字", 1001) }, "severity": func(f *danger.Finding) { f.Severity = "worst" },
			"found": func(f *danger.Finding) { f.Found = f.Found.AddDate(0, 0, 2) }, "device": func(f *danger.Finding) { f.Device = o.IDs["clerk"] },
		} {
			f := o.finding()
			change(&f)
			_, err := o.register("clerk", f)
			var told *problem.Error
			if o.wants(problem.Invalid, err); !errors.As(err, &told) || told.Field != field {
				t.Errorf("the problem with the %s is told as %v", field, err)
			}
		}
		var printer string
		o.must(o.House.Door.Do(t.Context(), o.Who("system"), access.ManageDevices, guard.Firm, func(g *guard.Grant) (err error) {
			printer, err = o.House.Devices.Add(g, device.Entry{Kind: "printer", Model: "M501", Serial: "CN01", Place: "三楼", Keeper: o.IDs["clerk"]})
			return err
		}))
		with := o.finding()
		with.Device = printer
		_, there := o.register("lead", with)
		with.Device = o.IDs["lead"]
		_, absent := o.register("lead", with)
		if o.wants(problem.Invalid, there); there == nil || absent == nil || there.Error() != absent.Error() {
			t.Errorf("a lawyer is told of a device: %v, %v", there, absent)
		}
		with.Device = printer
		id, err := o.register("clerk", with)
		o.must(err)
		if d, err := o.get("clerk", id); err != nil || d.Device != printer {
			t.Errorf("the device is %q: %v", d.Device, err)
		}
	})
}

// TestEveryStepIsOnRecord: each step stands in the ledger under the danger's own id.
func TestEveryStepIsOnRecord(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, err := o.register("clerk", o.finding())
		o.must(err)
		o.must(o.assign("security", id, "trainee", 3))
		o.must(o.mend("trainee", id))
		o.must(o.check("director", id, false, "没有换"))
		o.wants(problem.Refused, o.check("director", id, true, ""))
		var acts []string
		o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			all, err := store.List(tx, func(row store.Row) (act string, err error) { return act, row.Scan(&act) }, `SELECT act FROM ledger_entry WHERE thing = $1 ORDER BY seq`, id)
			acts = all
			return err
		}))
		if got := strings.Join(acts, " "); got != "registerDanger assignDanger mendDanger checkDanger checkDanger" {
			t.Errorf("the ledger tells %s", got)
		}
	})
}
