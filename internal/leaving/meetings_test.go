package leaving_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/meeting"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"

	"mijuan/internal/house/housetest"
)

// TestMeetingsArePassedOn: who convened a meeting that is not over hands it to another of the team, not to an outsider; and materials go one by
// one to different people, without a word of what is top secret.
func TestMeetingsArePassedOn(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		one, two := o.Receive(in, "a.txt", "证据一", "甲", classification.Secret), o.Receive(in, "b.txt", "证据二", "乙", classification.Confidential)
		o.Receive(in, "c.txt", "证据三", "丙", classification.TopSecret)
		o.at("lead", access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			return o.House.Matters.Assign(g, matter.Member{Person: o.IDs["heir"], Duty: matter.Handling, Clearance: classification.TopSecret, Listed: true})
		})
		o.at("handling", access.ArrangeMeeting, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			_, err := o.House.Meetings.Convene(g, meeting.Plan{Title: "庭前会议", Place: "三楼会议室", Starts: g.Tx().Now, Ends: g.Tx().Now.Add(time.Hour)})
			return err
		})
		o.must(o.begin("director", "handling", "auditor"))
		items, _ := o.holdings("director", "handling")
		pieces := map[string]bool{}
		for _, i := range items {
			if i.Kind == leaving.Materials {
				for _, p := range i.Pieces {
					pieces[p.ID] = p.Label != ""
				}
			}
		}
		if o.counts("handling")[leaving.Meetings] != 1 || o.counts("handling")[leaving.Materials] != 3 || len(pieces) != 2 || !pieces[one] || !pieces[two] {
			t.Fatalf("the list: %+v, pieces %v", items, pieces)
		}
		o.must(o.settle("director", "handling", leaving.Materials, in, "heir", one))
		o.must(o.settle("director", "handling", leaving.Materials, in, "lead", two))
		if o.counts("handling")[leaving.Materials] != 1 {
			t.Errorf("what was not named went too: %v", o.counts("handling"))
		}
		o.wants(problem.Invalid, o.settle("director", "handling", leaving.Meetings, in, "outsider"))
		o.must(o.settle("director", "handling", leaving.Meetings, in, "heir"))
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Meetings, in, "heir"))
		if o.counts("handling")[leaving.Meetings] != 0 || o.counts("heir")[leaving.Meetings] != 1 {
			t.Error("nobody answers for the meeting")
		}
	})
}

// TestAPassedLastDayIsATask of the security administrators and directors, not of the leaver's own or anybody else's.
func TestAPassedLastDayIsATask(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := &office{housetest.Found(t, s), t}
			late := func(login string) (n int) {
				t.Helper()
				o.must(o.House.Door.Do(t.Context(), o.Who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
					all, err := o.House.Leaving.Waiting(g)
					for _, w := range all {
						if w.Step == leaving.Late && w.Left == 1 && w.Name == "测试outsider" {
							n++
						}
					}
					return err
				}))
				return n
			}
			o.must(o.begin("director", "outsider", "auditor"))
			clock.Forward(14 * 24 * time.Hour)
			if late("director") != 0 {
				t.Error("on the last day itself it is late")
			}
			clock.Forward(24 * time.Hour)
			for login, want := range map[string]int{"director": 1, "security": 1, "lead": 0, "auditor": 0, "outsider": 0} {
				if late(login) != want {
					t.Errorf("%s has %d tasks, want %d", login, late(login), want)
				}
			}
		})
	}
}
