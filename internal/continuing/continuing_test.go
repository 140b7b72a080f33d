package continuing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/continuing"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestReminding: one who left is due a year later, a signed letter puts it off, an ending stops it, and only those in charge see it.
func TestReminding(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			housetest.Must(t, o.House.SetName(context.Background(), "江澜衡砚律师事务所"))
			o.Hire("goer", access.Assistant)
			room, ctx := o.House.Duty, context.Background()
			goer := guard.Thing{Kind: access.Person, ID: o.IDs["goer"]}
			wants := func(kind problem.Kind, err error) {
				t.Helper()
				if problem.KindOf(err) != kind {
					t.Errorf("got %v, want a problem of kind %d", err, kind)
				}
			}
			send := func(by string, s continuing.Sending) error {
				c := hand.Consent{}
				if by == "security" {
					c = o.Consent(by)
				}
				return room.Send(ctx, o.Who(by), o.IDs["goer"], s, c, "江澜衡砚律师事务所")
			}
			end := func(by string) error {
				return o.House.Door.Do(ctx, o.Who(by), access.RemindLeaver, goer, func(g *guard.Grant) error { return room.End(g, "定居国外，无法送达") })
			}
			due := func(by string) (n int) {
				housetest.Must(t, o.House.Door.Do(ctx, o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { n, err = room.Waiting(g); return err }))
				return n
			}
			list := func(by string, onlyDue bool) (all []continuing.Duty) {
				housetest.Must(t, o.House.Door.Do(ctx, o.Who(by), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
					all, _, err = room.List(g, continuing.Filter{Due: onlyDue})
					return err
				}))
				return all
			}
			again := func() { // a year on, everybody was trained anew
				for _, login := range []string{"security", "director", "lead", "auditor"} {
					thing := guard.Thing{Kind: access.Person, ID: o.IDs[login]}
					housetest.Must(t, o.House.Door.Do(ctx, guard.Who{Via: guard.CLI}, access.Appoint, thing, func(g *guard.Grant) error {
						return o.House.People.RecordTraining(g, "regular", time.Time{}, "纸质记录存档")
					}))
				}
			}
			letter := continuing.Sending{Manner: continuing.ByPost, Note: "滨江路 8 号", Months: 12}

			wants(problem.Conflict, send("security", letter)) // did not leave
			o.HandOver("goer")
			housetest.Must(t, o.House.Door.Do(ctx, o.Who("security"), access.CloseLeaving, goer, func(g *guard.Grant) error { _, err := o.House.Leaving.Close(g); return err }))
			if n := due("security"); n != 0 {
				t.Errorf("%d are due at once", n)
			}
			wants(problem.Refused, send("lead", letter))
			wants(problem.Invalid, send("security", continuing.Sending{Manner: continuing.Ending, Note: "无", Months: 12}))
			wants(problem.Invalid, send("security", continuing.Sending{Manner: continuing.ByPost, Months: 12}))
			wants(problem.Invalid, send("security", continuing.Sending{Manner: continuing.ByPost, Note: "滨江路 8 号", Months: 7}))
			housetest.Must(t, send("security", letter))
			all := list("director", false)
			if len(all) != 1 || len(all[0].Reminders) != 1 || all[0].Reminders[0].Note != "滨江路 8 号" || all[0].Reminders[0].By != "测试security" || all[0].Name != "测试goer" {
				t.Fatalf("the list is %+v", all)
			}
			if len(list("lead", false)) != 0 {
				t.Error("a colleague sees who left")
			}
			housetest.Must(t, o.House.Door.Do(ctx, o.Who("auditor"), access.ReadHoldings, goer, func(g *guard.Grant) error {
				pdf, sha, err := room.Letter(g, all[0].Reminders[0].ID)
				if err == nil && (!strings.HasPrefix(string(pdf), "%PDF-") || sha != all[0].Reminders[0].Document) {
					t.Error("the letter is none")
				}
				_, _, none := room.Letter(g, o.IDs["lead"])
				wants(problem.Absent, none)
				return err
			}))
			clock.Forward(364 * 24 * time.Hour)
			again()
			if n, m := due("security"), due("lead"); n != 0 || m != 0 {
				t.Errorf("%d wait for the security administrator, %d for a lawyer", n, m)
			}
			clock.Forward(3 * 24 * time.Hour)
			if n, m := due("security"), due("lead"); n != 1 || m != 0 {
				t.Errorf("a year later %d wait for the security administrator, %d for a lawyer", n, m)
			}
			if len(list("director", true)) != 1 {
				t.Error("who is due is not among those due")
			}
			housetest.Must(t, end("director"))
			wants(problem.Conflict, end("director"))
			if n := due("director"); n != 0 {
				t.Errorf("%d are due after the ending", n)
			}
		})
	}
}
