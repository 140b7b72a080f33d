package teamreview_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/teamreview"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestRound walks rounds: what the lead keeps stays, what the lead removes ends at once, and what nobody kept ends to the second.
func TestRound(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			one, two := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司"), o.OpenMatter("买卖合同纠纷", "云麓科技有限公司")
			room := o.House.TeamReviews
			do := func(by string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) error {
				return o.House.Door.Do(context.Background(), o.Who(by), act, thing, f)
			}
			in := func(id string) guard.Thing { return guard.Thing{Kind: access.Matter, ID: id} }
			wants := func(kind problem.Kind, err error) {
				t.Helper()
				if problem.KindOf(err) != kind {
					t.Errorf("got %v, want a problem of kind %d", err, kind)
				}
			}
			knows := func(login, id string, want bool) {
				t.Helper()
				err := do(login, access.ViewMatter, in(id), func(*guard.Grant) error { return nil })
				if (err == nil) != want {
					t.Errorf("%s knows %v, want %v", login, err == nil, want)
				}
			}
			open := func(by string, days int) (n int64, err error) {
				err = do(by, access.OpenTeamReview, guard.Firm, func(g *guard.Grant) (err error) {
					n, err = room.Open(g, g.Tx().Now.Add(time.Duration(days)*24*time.Hour))
					return err
				})
				return n, err
			}
			pending := func(id string) (rows []teamreview.Row) {
				t.Helper()
				housetest.Must(t, do("lead", access.ReviewTeam, in(id), func(g *guard.Grant) (err error) { rows, err = room.Pending(g); return err }))
				return rows
			}
			decide := func(by, id, why string, keep, remove []string) error {
				return do(by, access.ReviewTeam, in(id), func(g *guard.Grant) error {
					return room.Decide(g, teamreview.Choices{Keep: keep, Remove: remove, Why: why})
				})
			}
			due := func() (is bool) {
				housetest.Must(t, do("security", access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { is, err = room.Due(g); return err }))
				return is
			}

			if !due() {
				t.Error("no round was ever opened, and none is due")
			}
			wants(problem.Conflict, decide("lead", one, "", []string{"x"}, nil))
			_, err := open("director", 30)
			wants(problem.Refused, err)
			for _, days := range []int{0, 5, 91} {
				_, err = open("security", days)
				wants(problem.Invalid, err)
			}
			n, err := open("security", 30)
			housetest.Must(t, err)
			if n != 4 || due() { // handling and trainee in two matters
				t.Errorf("%d places, due %v", n, due())
			}
			_, err = open("security", 30)
			wants(problem.Conflict, err)

			rows := pending(one)
			if len(rows) != 2 || rows[0].Name == "" {
				t.Fatalf("the lead is asked about %+v", rows)
			}
			wants(problem.Refused, decide("handling", one, "", nil, nil))
			wants(problem.Absent, decide("outsider", one, "", nil, nil))
			removed, kept := rows[0], rows[1]
			if kept.Person == o.IDs["trainee"] {
				removed, kept = kept, removed
			}
			wants(problem.Invalid, decide("lead", one, "", nil, nil)) // nothing chosen keeps nobody
			wants(problem.Invalid, decide("lead", one, " ", nil, []string{removed.Place}))
			wants(problem.Conflict, decide("lead", one, "已不参与", nil, []string{pending(two)[0].Place}))
			knows("trainee", one, true)
			wants(problem.Conflict, decide("lead", one, "两样", []string{removed.Place}, []string{removed.Place}))
			housetest.Must(t, decide("lead", one, "已不参与", nil, []string{removed.Place}))
			knows("trainee", one, false)
			if left := pending(one); len(left) != 1 || left[0].Place != kept.Place {
				t.Errorf("who was not chosen: %+v", left)
			}
			housetest.Must(t, decide("lead", one, "", []string{kept.Place}, nil))
			wants(problem.Conflict, decide("lead", one, "", []string{kept.Place}, nil))

			// In the other matter the lead changes one place on the team's page and leaves the other.
			housetest.Must(t, do("lead", access.ManageTeam, in(two), func(g *guard.Grant) error {
				return o.House.Matters.Assign(g, matter.Member{Person: o.IDs["handling"], Duty: matter.Handling, Clearance: 2})
			}))
			if left := pending(two); len(left) != 1 || left[0].Person != o.IDs["trainee"] {
				t.Errorf("left to decide: %+v", left)
			}
			clock.Forward(30*24*time.Hour - time.Minute)
			knows("trainee", two, true)
			clock.Forward(time.Minute)
			knows("trainee", two, false)
			knows("handling", two, true)
			knows("handling", one, true)
			knows("lead", two, true)
			wants(problem.Conflict, decide("lead", two, "", []string{"x"}, nil))

			var all []teamreview.Row
			var rounds []teamreview.Round
			housetest.Must(t, do("auditor", access.ReadTeamReviews, guard.Firm, func(g *guard.Grant) (err error) {
				if rounds, err = room.Rounds(g); err != nil {
					return err
				}
				all, _, err = room.List(g, teamreview.Filter{Round: rounds[0].ID})
				return err
			}))
			count := map[string]int{}
			for _, r := range all {
				switch {
				case r.Decision != "":
					count[string(r.Decision)+" by "+r.By+" "+r.Reason]++
				case r.Changed:
					count["changed"]++
				case r.Lapsed(clock.Now()):
					count["lapsed"]++
				}
			}
			if len(all) != 4 || count["kept by 测试lead "] != 1 || count["removed by 测试lead 已不参与"] != 1 || count["changed"] != 1 || count["lapsed"] != 1 || rounds[0].OpenedBy != "测试security" {
				t.Errorf("the register: %v", count)
			}
			housetest.Must(t, do("lead", access.SetWall, in(two), func(g *guard.Grant) error {
				return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["security"], Reason: "利益冲突"})
			}))
			housetest.Must(t, do("security", access.ReadTeamReviews, guard.Firm, func(g *guard.Grant) error {
				rows, _, err := room.List(g, teamreview.Filter{Round: rounds[0].ID})
				if len(rows) != 2 || rows[0].Matter != one || rows[1].Matter != one {
					t.Errorf("behind a wall the register tells of %+v", rows)
				}
				return err
			}))
			wants(problem.Refused, do("director", access.ReadTeamReviews, guard.Firm, func(g *guard.Grant) error { _, err := room.Rounds(g); return err }))
			clock.Forward(teamreview.Every - 29*24*time.Hour)
			if !due() {
				t.Error("half a year later no round is due")
			}
			if n, err = open("security", 7); n != 2 || err != nil { // handling in both
				t.Errorf("the next round: %d places, %v", n, err)
			}
		})
	}
}

// TestOpensByItself: half a year after the first place, and after each round, a round opens that gives leads thirty days; not twice.
func TestOpensByItself(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			opens := func(want int64, when string) {
				t.Helper()
				if n, err := o.House.ReviewTeams(t.Context()); n != want || err != nil {
					t.Errorf("%s: %d places, %v", when, n, err)
				}
			}
			opens(0, "a firm without teams")
			o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
			opens(0, "a new team")
			clock.Forward(teamreview.Every - time.Hour)
			opens(0, "an hour before")
			clock.Forward(time.Hour)
			opens(2, "half a year later")
			opens(0, "twice")
			clock.Forward(teamreview.Answer)
			opens(0, "after its day")
			o.OpenMatter("买卖合同纠纷", "云麓科技有限公司")
			clock.Forward(teamreview.Every - teamreview.Answer)
			opens(2, "half a year after the round") // what nobody confirmed in the first matter has lapsed
		})
	}
}
