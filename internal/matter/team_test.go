package matter_test

import (
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func TestAssignAndRemove(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.assign("lead", matter.Member{Person: "outsider", Duty: matter.Assisting, Clearance: classification.Confidential}))
		if m := o.see("outsider"); len(m.Team) != 4 {
			t.Fatalf("the team has %d", len(m.Team))
		}
		o.tick()
		o.must(o.assign("lead", matter.Member{Person: "outsider", Duty: matter.Handling, Clearance: classification.Secret, Listed: true}))
		m := o.see("outsider")
		i := slices.IndexFunc(m.Team, func(b matter.Member) bool { return b.Person == "outsider" })
		if len(m.Team) != 4 || m.Team[i].Duty != matter.Handling || m.Team[i].Clearance != classification.Secret || !m.Team[i].Listed || m.Team[i].GrantedBy != "lead" {
			t.Fatalf("the team is %+v", m.Team)
		}
		if n := o.rows(`SELECT COUNT(*) FROM member WHERE person = $1`, "outsider"); n != 2 {
			t.Fatalf("%d rows tell of two places", n)
		}
		if _, notes := o.last(access.ManageTeam); notes["person"] != "outsider" || notes["clearance"] != "secret" || notes["listed"] != true {
			t.Fatalf("the record says %v", notes)
		}
		o.tick()
		o.must(o.do("lead", access.ManageTeam, func(g *guard.Grant) error { return o.book.Remove(g, "outsider") }))
		_, err := o.get("outsider")
		o.want(err, problem.Absent, "view by somebody removed")
		o.want(o.do("lead", access.ManageTeam, func(g *guard.Grant) error { return o.book.Remove(g, "outsider") }), problem.Conflict, "remove again")
		o.want(o.do("lead", access.ManageTeam, func(g *guard.Grant) error { return o.book.Remove(g, "lead") }), problem.Conflict, "remove the lead")
	})
}

func TestAssignIsRefused(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		good := matter.Member{Person: "outsider", Duty: matter.Assisting, Clearance: classification.Confidential}
		for person, kind := range map[string]problem.Kind{"handling": problem.Refused, "trainee": problem.Refused, "outsider": problem.Absent, "walled": problem.Absent, "director": problem.Absent} {
			o.want(o.assign(person, good), kind, person)
		}
		for what, spoil := range map[string]func(*matter.Member){
			"nobody":        func(m *matter.Member) { m.Person = "" },
			"a stranger":    func(m *matter.Member) { m.Person = "stranger" },
			"no duty":       func(m *matter.Member) { m.Duty = "" },
			"unknown duty":  func(m *matter.Member) { m.Duty = "owner" },
			"no clearance":  func(m *matter.Member) { m.Clearance = 0 },
			"over the most": func(m *matter.Member) { m.Clearance = classification.TopSecret + 1 },
		} {
			m := good
			spoil(&m)
			o.want(o.assign("lead", m), problem.Invalid, what)
		}
		walled := good
		walled.Person = "walled"
		o.want(o.assign("lead", walled), problem.Conflict, "somebody behind the wall")
		lead := good
		lead.Person = "lead"
		o.want(o.assign("lead", lead), problem.Conflict, "the lead as an assistant")
	})
}

func TestHandOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.assign("lead", matter.Member{Person: "next", Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true}))
		m := o.see("next")
		if m.Lead != "next" {
			t.Fatalf("the lead is %s", m.Lead)
		}
		leads := 0
		for _, b := range m.Team {
			if b.Duty == matter.Lead {
				leads++
			}
			if b.Person == "lead" && b.Duty != matter.Handling {
				t.Errorf("the former lead is %s", b.Duty)
			}
		}
		if leads != 1 {
			t.Errorf("%d leads", leads)
		}
		o.want(o.assign("lead", matter.Member{Person: "outsider", Duty: matter.Assisting, Clearance: classification.Confidential}), problem.Refused, "the former lead manages the team")
	})
}

func TestAPlaceEndsByItself(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var until time.Time
		o.must(o.do("lead", access.ManageTeam, func(g *guard.Grant) error {
			until = g.Tx().Now.Add(200 * time.Millisecond)
			return o.book.Assign(g, matter.Member{Person: "outsider", Duty: matter.Assisting, Clearance: classification.Confidential, Until: until})
		}))
		for {
			_, err := o.get("outsider")
			entry, _ := o.last(access.ViewMatter)
			if time.UnixMilli(entry.Time).Before(until.Truncate(time.Millisecond)) {
				o.must(err)
				continue
			}
			o.want(err, problem.Absent, "view after the end")
			return
		}
	})
}

func TestWalls(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		set := func(by, person, reason string) error {
			return o.do(by, access.SetWall, func(g *guard.Grant) error { return o.book.SetWall(g, matter.Wall{Person: person, Reason: reason}) })
		}
		lift := func(by, person string) error {
			return o.do(by, access.SetWall, func(g *guard.Grant) error { return o.book.LiftWall(g, person) })
		}
		_, err := o.get("walled")
		o.want(err, problem.Absent, "view from behind the wall")

		o.must(set("security", "trainee", "近亲属任职对方"))
		_, err = o.get("trainee")
		o.want(err, problem.Absent, "view by a member who was walled")
		m := o.see("lead")
		if len(m.Team) != 2 || len(m.Walls) != 2 || m.Walls[1].Reason != "近亲属任职对方" || m.Walls[1].SetBy != "security" {
			t.Fatalf("team %+v, walls %+v", m.Team, m.Walls)
		}
		o.want(set("lead", "trainee", "再设"), problem.Conflict, "wall twice")
		o.want(set("lead", "lead", "自己"), problem.Conflict, "wall the lead")
		o.want(set("lead", "handling", "  "), problem.Invalid, "no reason")
		o.want(set("lead", "stranger", "无此人"), problem.Invalid, "wall a stranger")
		o.want(set("handling", "trainee", "无权"), problem.Refused, "by a handling lawyer")
		o.want(set("outsider", "trainee", "无权"), problem.Absent, "by an outsider")

		o.must(lift("director", "trainee"))
		_, err = o.get("trainee")
		o.want(err, problem.Absent, "view after lifting, without a place in the team")
		o.want(lift("lead", "trainee"), problem.Conflict, "lift again")
		o.must(o.assign("lead", matter.Member{Person: "trainee", Duty: matter.Assisting, Clearance: classification.Confidential}))
		o.see("trainee")
	})
}

// TestKnowingList is who may know material of a level: by clearance, and for 绝密级 by the list too.
func TestKnowingList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.assign("lead", matter.Member{Person: "next", Duty: matter.Handling, Clearance: classification.TopSecret}))
		const material = "00000000-0000-7000-8000-000000000001"
		o.door.Register(access.Material, func(tx *store.Tx, w guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
			where, err := matter.Relation(tx, o.id, w.Person)
			return access.Resource{Kind: access.Material, ID: material, Matter: o.id, Level: classification.Confidential, State: access.Filed, Owner: "lead", Exists: true}, where, err
		})
		for level, want := range map[classification.Level][]string{
			classification.Confidential: {"lead", "handling", "next", "trainee"},
			classification.Secret:       {"lead", "handling", "next"},
			classification.TopSecret:    {"lead"},
		} {
			o.must(o.door.Do(o.ctx, who("lead"), access.View, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) error {
				members, err := o.book.Knowing(g, o.id, level)
				var got []string
				for _, m := range members {
					got = append(got, m.Person)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s may be known by %q, want %q", level, got, want)
				}
				return err
			}))
		}
	})
}

// TestFences is the room of walls: numbers only, and only where the caller may set walls.
func TestFences(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		number := o.see("lead").Number
		fences := func(person string) (all []matter.Fence) {
			o.must(o.door.Do(o.ctx, who(person), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
				all, err = o.book.Fences(g)
				return err
			}))
			return all
		}
		for _, person := range []string{"security", "director", "lead"} {
			if all := fences(person); len(all) != 1 || all[0].Number != number || all[0].Person != "walled" || all[0].Reason != "曾代理对方" {
				t.Errorf("%s sees %+v", person, all)
			}
		}
		for _, person := range []string{"outsider", "walled", "auditor", "handling"} {
			if all := fences(person); len(all) != 0 {
				t.Errorf("%s sees %+v", person, all)
			}
		}
		o.must(o.do("lead", access.SetWall, func(g *guard.Grant) error { return o.book.LiftWall(g, "walled") }))
		if all := fences("security"); len(all) != 0 {
			t.Errorf("a lifted wall is listed: %+v", all)
		}
	})
}

func TestByNumber(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		number := o.see("lead").Number
		for typed, want := range map[string]string{number: o.id, " " + number + "\n": o.id, "2026-民-9999": "", "": "", "' OR 1=1 --": ""} {
			o.must(o.door.Do(o.ctx, who("security"), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
				got, err := o.book.ByNumber(g, typed)
				if got != want {
					t.Errorf("%q is %q, want %q", typed, got, want)
				}
				return err
			}))
		}
	})
}

// TestHiddenIsAbsent asks for a matter that is there and for one that is not: nobody outside can tell them apart.
func TestHiddenIsAbsent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		none := guard.Thing{Kind: access.Matter, ID: "00000000-0000-7000-8000-00000000dead"}
		for _, person := range []string{"outsider", "walled", "director", "security", "auditor", "stranger"} {
			for _, act := range []access.Act{access.ViewMatter, access.ListMaterials, access.EditMatter, access.ReceiveMaterial} {
				there := o.do(person, act, func(*guard.Grant) error { t.Errorf("%s may %s", person, act); return nil })
				e, _ := o.last(act)
				absent := o.door.Do(o.ctx, who(person), act, none, func(*guard.Grant) error { return nil })
				o.want(there, problem.Absent, person+" "+string(act))
				if there.Error() != absent.Error() {
					t.Errorf("%s can tell %q from %q", person, there, absent)
				}
				if e.Outcome != ledger.Refused || e.Matter != o.id {
					t.Errorf("the refusal of %s stands in the ledger as %v in %q", person, e.Outcome, e.Matter)
				}
			}
		}
	})
}

// TestWhoCanHaveAPlace: a matter is led by a lawyer at work, and none of the three administrators is in a team.
func TestWhoCanHaveAPlace(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for who, duty := range map[string]matter.Duty{"director": matter.Lead, "trainee": matter.Lead, "gone": matter.Assisting, "auditor": matter.Handling, "security": matter.Assisting} {
			m := matter.Member{Person: who, Duty: duty, Clearance: classification.Secret}
			o.want(o.do("lead", access.ManageTeam, func(g *guard.Grant) error { return o.book.Assign(g, m) }), problem.Invalid, who+" "+string(duty))
			opened := opening()
			opened.Team = append(opened.Team[:1:1], m)
			if duty == matter.Lead {
				opened.Team = opened.Team[1:]
			}
			_, err := o.open("lead", opened)
			o.want(err, problem.Invalid, "opened with "+who+" "+string(duty))
		}
		o.must(o.do("lead", access.ManageTeam, func(g *guard.Grant) error {
			return o.book.Assign(g, matter.Member{Person: "next", Duty: matter.Lead, Clearance: classification.Secret})
		}))
	})
}
