package stocktaking_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/incident"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/stocktaking"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestRound takes stock of a shelf: what is there, what is not, what stands elsewhere, what ought not to be there, and what had ended.
func TestRound(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			o.Hire("keeper", access.Custodian)
			in, other := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司"), o.OpenMatter("买卖合同纠纷", "云麓科技有限公司")
			ids := append(append(o.RegisterCarriers(in, 5), o.RegisterCarriers(other, 1)...), o.RegisterCarriers(in, 1)...) // all in 三楼档案室 A01 柜, held by handling
			room, door := o.House.Stock, o.House.Door
			numbers := map[string]string{}
			housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) (err error) { numbers, err = o.House.Carriers.Numbers(tx, ids); return err }))
			on := func(act access.Act, id string, f func(*guard.Grant) error) {
				t.Helper()
				housetest.Must(t, door.Do(context.Background(), o.Who("handling"), act, guard.Thing{Kind: access.Carrier, ID: id}, f))
			}
			do := func(by string, act access.Act, f func(*guard.Grant) error) error {
				return door.Do(context.Background(), o.Who(by), act, guard.Firm, f)
			}
			wants := func(kind problem.Kind, err error) {
				t.Helper()
				if problem.KindOf(err) != kind {
					t.Errorf("got %v, want a problem of kind %d", err, kind)
				}
			}
			round := ""
			open := func(by, place, holder string) error {
				return do(by, access.TakeStock, func(g *guard.Grant) (err error) { round, err = room.Open(g, place, o.IDs[holder]); return err })
			}
			scan := func(number, place string) (v stocktaking.Verdict, err error) {
				err = do("keeper", access.TakeStock, func(g *guard.Grant) error {
					i, err := room.Scan(g, round, number, place)
					v = i.Verdict
					return err
				})
				return v, err
			}
			reads := func(by string) (n stocktaking.Round, all map[string]stocktaking.Item) {
				t.Helper()
				all = map[string]stocktaking.Item{}
				housetest.Must(t, do(by, access.ReadStock, func(g *guard.Grant) error {
					found, items, _, err := room.One(g, round, stocktaking.Filter{})
					n = found
					for _, i := range items {
						all[i.Carrier] = i
					}
					return err
				}))
				return n, all
			}
			on(access.HandCarrier, ids[4], func(g *guard.Grant) error { return o.House.Carriers.Move(g, "二楼资料室 B02 柜") })
			on(access.ReturnCarrier, ids[3], func(g *guard.Grant) error { return o.House.Carriers.Return(g, "客户") })
			clock.Forward(time.Minute)

			wants(problem.Refused, open("lead", "", ""))
			wants(problem.Refused, open("auditor", "", ""))
			wants(problem.Invalid, open("keeper", "地下室", ""))
			wants(problem.Invalid, open("keeper", "", "trainee"))
			housetest.Must(t, open("keeper", "三楼", "handling"))
			if n, all := reads("auditor"); len(all) != 5 || n.Count[stocktaking.Waiting] != 5 || n.Place != "三楼" || n.Holder != "测试handling" {
				t.Fatalf("the round: %+v %v", n, all)
			}
			number := numbers[ids[0]]
			wrong := number[:len(number)-1] + string('0'+(number[len(number)-1]-'0'+1)%10)
			_, err := scan(wrong, "")
			wants(problem.Invalid, err)
			_, err = scan("6901234567892", "") // of some product
			wants(problem.Invalid, err)
			for id, want := range map[string]stocktaking.Verdict{ids[0]: stocktaking.Seen, ids[4]: stocktaking.Extra, ids[3]: stocktaking.Revived, ids[5]: stocktaking.Seen} {
				if got, err := scan(numbers[id], "三楼档案室"); got != want || err != nil {
					t.Errorf("%s is %s, want %s, %v", numbers[id], got, want, err)
				}
			}
			clock.Forward(time.Second)
			if got, _ := scan(numbers[ids[1]], "三楼档案室 C09 柜"); got != stocktaking.Moved {
				t.Errorf("elsewhere: %s", got)
			}
			housetest.Must(t, do("keeper", access.ReadStock, func(g *guard.Grant) error {
				_, last, err := room.Recent(g, round)
				if len(last) != 5 || last[0].Verdict != stocktaking.Moved || last[0].Holder != "测试handling" {
					t.Errorf("scanned last: %+v", last)
				}
				return err
			}))
			settleTo := func(id string, to stocktaking.Outcome, note string) error {
				return do("keeper", access.TakeStock, func(g *guard.Grant) error { return room.Settle(g, round, id, to, note) })
			}
			settle := func(id, note string) error { return settleTo(id, stocktaking.Noted, note) }
			wants(problem.Conflict, settle(ids[1], "已放回"))
			on(access.ReturnCarrier, ids[6], func(g *guard.Grant) error { return o.House.Carriers.Return(g, "客户") })
			clock.Forward(time.Second)
			housetest.Must(t, do("keeper", access.TakeStock, func(g *guard.Grant) error { return room.Close(g, round) }))
			wants(problem.Conflict, do("keeper", access.TakeStock, func(g *guard.Grant) error { return room.Close(g, round) }))
			_, err = scan(numbers[ids[2]], "")
			wants(problem.Conflict, err)
			n, all := reads("keeper")
			if all[ids[2]].Verdict != stocktaking.Missing || n.Unsolved != 4 || n.Count[stocktaking.Seen] != 3 || all[ids[6]].Verdict != stocktaking.Seen || all[ids[1]].SeenPlace != "三楼档案室 C09 柜" || all[ids[0]].SeenBy != "测试keeper" {
				t.Errorf("closed: %+v %+v", n, all)
			}
			var paged []string
			for offset := 0; offset < 8; offset += 2 {
				housetest.Must(t, do("keeper", access.ReadStock, func(g *guard.Grant) error {
					_, items, total, err := room.One(g, round, stocktaking.Filter{Offset: offset, Limit: 2})
					if total != 7 {
						t.Errorf("%d in all", total)
					}
					for _, i := range items {
						paged = append(paged, string(i.Verdict)+" "+i.Number)
					}
					return err
				}))
			}
			want := []string{"missing " + numbers[ids[2]], "revived " + numbers[ids[3]], "extra " + numbers[ids[4]], "moved " + numbers[ids[1]], "seen " + numbers[ids[0]], "seen " + numbers[ids[6]], "seen " + numbers[ids[5]]}
			if !slices.Equal(paged, want) {
				t.Errorf("page by page:\n%q\nwant\n%q", paged, want)
			}
			wants(problem.Invalid, settle(ids[2], " "))
			wants(problem.Conflict, settle(ids[0], "没有差异"))
			wants(problem.Invalid, settleTo(ids[2], stocktaking.Rehomed, "没有看到，谈不上改位置"))
			housetest.Must(t, settleTo(ids[2], stocktaking.Unfound, "在主办律师处找到，已放回"))
			housetest.Must(t, do("security", access.ReadIncidents, func(g *guard.Grant) error {
				drafts, _, err := o.House.Incidents.List(g, incident.Filter{Cause: incident.Unfound})
				if len(drafts) != 1 || drafts[0].Carrier != ids[2] || drafts[0].Owner != o.IDs["handling"] {
					t.Errorf("the drafts: %+v", drafts)
				}
				return err
			}))
			wants(problem.Conflict, settle(ids[2], "再来一次"))
			if n, all = reads("keeper"); n.Unsolved != 3 || all[ids[2]].Note != "在主办律师处找到，已放回" || all[ids[2]].SettledBy != "测试keeper" {
				t.Errorf("settled: %+v %+v", n, all[ids[2]])
			}
			housetest.Must(t, settleTo(ids[1], stocktaking.Rehomed, "原柜已满"))
			if n, all = reads("keeper"); n.Unsolved != 2 || all[ids[1]].Place != "三楼档案室 C09 柜" || all[ids[1]].Outcome != stocktaking.Rehomed {
				t.Errorf("registered where it is: %+v %+v", n, all[ids[1]])
			}
			housetest.Must(t, do("auditor", access.ReadStock, func(g *guard.Grant) error {
				_, page, total, err := room.One(g, round, stocktaking.Filter{Verdict: stocktaking.Extra, Limit: 1})
				if total != 1 || len(page) != 1 || page[0].Carrier != ids[4] {
					t.Errorf("narrowed: %d %+v", total, page)
				}
				return err
			}))
			// Behind a wall nothing of the matter is told, and its numbers are none.
			housetest.Must(t, door.Do(t.Context(), o.Who("lead"), access.SetWall, guard.Thing{Kind: access.Matter, ID: other}, func(g *guard.Grant) error {
				return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["keeper"], Reason: "利益冲突"})
			}))
			if _, all = reads("keeper"); all[ids[5]].Number != "" {
				t.Error("told of a carrier behind a wall")
			}
			housetest.Must(t, open("keeper", "", ""))
			_, err = scan(numbers[ids[5]], "")
			wants(problem.Absent, err)
			housetest.Must(t, do("keeper", access.ReadStock, func(g *guard.Grant) error {
				rounds, err := room.Rounds(g)
				if len(rounds) != 2 || rounds[0].Closed.IsZero() == false || rounds[1].Unsolved != 2 {
					t.Errorf("the rounds: %+v", rounds)
				}
				return err
			}))
		})
	}
}
