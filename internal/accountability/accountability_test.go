package accountability_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestMeasure walks a measure and a reward: the person is heard before anything is decided, by another than who opened it, and few see it.
func TestMeasure(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			o.Hire("member", access.Committee)
			room := o.House.Measures
			do := func(by string, act access.Act, f func(*guard.Grant) error) error {
				return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Thing{Kind: access.Person, ID: o.IDs["handling"]}, f)
			}
			wants := func(kind problem.Kind, err error) {
				t.Helper()
				if problem.KindOf(err) != kind {
					t.Errorf("got %v, want a problem of kind %d", err, kind)
				}
			}
			id := ""
			open := func(by string, m accountability.Measure, facts string, days int) error {
				return do(by, access.OpenMeasure, func(g *guard.Grant) (err error) {
					id, err = room.Begin(g, accountability.Opening{Measure: m, Matter: "2026-民-0001", Facts: facts, Happened: g.Tx().Now.AddDate(0, 0, days)})
					return err
				})
			}
			decide := func(by string, m accountability.Measure) error {
				return do(by, access.DecideMeasure, func(g *guard.Grant) error { return room.Decide(g, id, m, "情节轻微") })
			}
			reply := func(by string) error {
				return do(by, access.ReplyMeasure, func(g *guard.Grant) error { return room.Reply(g, id, "当时是误发，已追回") })
			}
			cases := func(by string) (all []accountability.Case, err error) {
				err = do(by, access.ReadMeasures, func(g *guard.Grant) (err error) { all, err = room.Of(g); return err })
				return all, err
			}

			wants(problem.Refused, open("lead", accountability.Warning, "把材料发到了私人邮箱", -3))
			wants(problem.Refused, open("handling", accountability.Praise, "我很好", -3))
			wants(problem.Invalid, open("director", "whipping", "把材料发到了私人邮箱", -3))
			wants(problem.Invalid, open("director", accountability.Warning, " ", -3))
			wants(problem.Invalid, open("director", accountability.Warning, "把材料发到了私人邮箱", 3))
			housetest.Must(t, open("director", accountability.Warning, "把材料发到了私人邮箱", -3))
			wants(problem.Conflict, decide("director", accountability.Warning)) // opened it
			wants(problem.Conflict, decide("member", accountability.Warning))   // the person was not heard
			wants(problem.Refused, decide("security", accountability.Warning))
			wants(problem.Refused, reply("lead"))
			housetest.Must(t, reply("handling"))
			wants(problem.Conflict, reply("handling"))
			wants(problem.Conflict, decide("director", accountability.Warning)) // opened it
			housetest.Must(t, do("security", access.OpenMeasure, func(g *guard.Grant) error { return room.Opine(g, id, "建议从轻") }))
			wants(problem.Absent, do("security", access.OpenMeasure, func(g *guard.Grant) error { return room.Opine(g, o.IDs["lead"], "没有这一件") }))
			wants(problem.Invalid, decide("member", accountability.Bonus))
			housetest.Must(t, decide("member", accountability.Reminder))
			wants(problem.Conflict, decide("member", accountability.Warning))
			wants(problem.Conflict, reply("handling"))

			all, err := cases("handling")
			housetest.Must(t, err)
			if c := all[0]; c.Decided != accountability.Reminder || c.DecidedBy != "测试member" || c.OpenedBy != "测试director" || c.Facts != "把材料发到了私人邮箱" || c.Matter != "2026-民-0001" || c.Reply == "" ||
				len(c.Opinions) != 1 || c.Opinions[0].By != "测试security" || c.Why != "情节轻微" || c.Name != "测试handling" {
				t.Errorf("the case is %+v", c)
			}
			_, err = cases("lead")
			wants(problem.Refused, err)

			housetest.Must(t, open("director", accountability.Demotion, "再次违规", 0))
			clock.Forward(6 * 24 * time.Hour) // the person said nothing
			housetest.Must(t, decide("member", accountability.NoMeasure))
			housetest.Must(t, open("security", accountability.Praise, "及时发现并报告了隐患", 0))
			housetest.Must(t, decide("director", accountability.Praise))
			for _, f := range []accountability.Filter{{State: accountability.Undecided}, {Text: "somebody"}, {Measure: accountability.Damages}, {To: clock.Now().AddDate(0, 0, -30)}} {
				f.Limit = 10
				housetest.Must(t, o.House.Door.Do(context.Background(), o.Who("auditor"), access.ReadRoster, guard.Firm, func(g *guard.Grant) error {
					listed, _, err := room.List(g, f)
					if len(listed) != 0 {
						t.Errorf("%+v finds %d", f, len(listed))
					}
					return err
				}))
			}
			// Nothing beside the person's id tells what was asked for or decided; what an earlier version wrote there is sealed.
			housetest.Must(t, o.House.DB.Update(context.Background(), func(tx *store.Tx) error {
				if _, err := tx.Exec(`UPDATE measure SET proposed = 'warning', decided = 'reminder', sealed_measures = NULL WHERE id = $1`, all[0].ID); err != nil {
					return err
				}
				return room.Prepare(tx)
			}))
			housetest.Must(t, o.House.DB.Read(context.Background(), func(tx *store.Tx) error {
				clear, err := store.Get(tx, func(row store.Row) (n int, err error) { return n, row.Scan(&n) }, `SELECT COUNT(*) FROM measure WHERE proposed <> '' OR decided <> ''`)
				if clear > 0 {
					t.Errorf("%d measures stand in the clear", clear)
				}
				return err
			}))
			again, err := cases("handling")
			if housetest.Must(t, err); again[len(again)-1].Decided != accountability.Reminder {
				t.Errorf("sealed afterwards: %+v", again[len(again)-1])
			}
			for login, want := range map[string]int{"auditor": 3, "handling": 3, "lead": 0} {
				var listed []accountability.Case
				housetest.Must(t, o.House.Door.Do(context.Background(), o.Who(login), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
					listed, _, err = room.List(g, accountability.Filter{Limit: 10})
					return err
				}))
				if len(listed) != want {
					t.Errorf("%s reads %d cases, want %d", login, len(listed), want)
				}
			}
		})
	}
}
