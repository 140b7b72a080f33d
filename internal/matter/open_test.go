package matter_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func TestOpen(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.see("trainee")
		year := m.Opened.In(matter.Beijing).Year()
		if m.Number != fmt.Sprintf("%d-民-0001", year) || m.Title != "股权转让纠纷" || m.Summary != "一审准备" || m.Client.Name != clientName || m.Client.Identity != clientNumber ||
			m.Lead != "lead" || m.State != matter.Open || len(m.Team) != 3 || m.Team[0].Duty != matter.Lead || len(m.Parties) != 1 || m.Parties[0].Name != defendant || m.Version != 0 {
			t.Fatalf("the matter is %+v", m)
		}
		alone := opening()
		alone.Kind, alone.Team, alone.Walls = "merger", nil, nil
		id, err := o.open("next", alone)
		o.must(err)
		o.must(o.door.Do(o.ctx, who("next"), access.ViewMatter, guard.Thing{Kind: access.Matter, ID: id}, func(g *guard.Grant) error {
			m, err := o.book.Get(g)
			if m.Lead != "next" || len(m.Team) != 1 || m.Number != fmt.Sprintf("%d-并-0002", year) {
				t.Errorf("without a team: %+v", m)
			}
			return err
		}))
		if e, notes := o.last(access.OpenMatter); e.Kind != "Matter" || e.Matter != id || notes["lead"] != "next" {
			t.Fatalf("the matter's own record is %+v %v", e, notes)
		}
	})
}

func TestOpenIsRefused(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for _, person := range []string{"trainee", "director", "security", "auditor", "stranger"} {
			_, err := o.open(person, opening())
			o.want(err, problem.Refused, person)
		}
		for what, spoil := range map[string]func(*matter.Opening){
			"kind":            func(m *matter.Opening) { m.Kind = "" },
			"title":           func(m *matter.Opening) { m.Title = "" },
			"control":         func(m *matter.Opening) { m.Title = "a\x1bb" },
			"client":          func(m *matter.Opening) { m.Client = matter.Client{} },
			"role":            func(m *matter.Opening) { m.Parties[0].Role = "" },
			"long name":       func(m *matter.Opening) { m.Parties[0].Name = strings.Repeat("名", 201) },
			"twice":           func(m *matter.Opening) { m.Team[2].Person = "handling" },
			"two leads":       func(m *matter.Opening) { m.Team[1].Duty = matter.Lead },
			"stranger":        func(m *matter.Opening) { m.Team[1].Person = "stranger" },
			"no clearance":    func(m *matter.Opening) { m.Team[1].Clearance = 0 },
			"walled member":   func(m *matter.Opening) { m.Walls[0].Person = "handling" },
			"wall, no reason": func(m *matter.Opening) { m.Walls[0].Reason = "" },
		} {
			m := opening()
			spoil(&m)
			_, err := o.open("lead", m)
			o.want(err, problem.Invalid, what)
		}
		if n := o.rows(`SELECT COUNT(*) FROM matter`); n != 1 {
			t.Fatalf("%d matters stand; one was opened", n)
		}
	})
}

// TestClientsAreNotGuessed opens a matter for somebody with a known client's name: only the same in everything is the same.
func TestClientsAreNotGuessed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		known := o.see("lead").Client.ID
		for what, c := range map[string]matter.Client{
			"the id":         {ID: known, Kind: "company", Name: "别的公司"},
			"the name alone": {Kind: "company", Name: clientName},
			"another number": {Kind: "company", Name: clientName, Identity: "91330000MA2AB0000X"},
			"another kind":   {Kind: "person", Name: clientName, Identity: clientNumber},
		} {
			m := opening()
			m.Client = c
			id, err := o.open("outsider", matter.Opening{Kind: m.Kind, Title: m.Title, Client: c})
			o.must(err)
			o.must(o.door.Do(o.ctx, who("outsider"), access.ViewMatter, guard.Thing{Kind: access.Matter, ID: id}, func(g *guard.Grant) error {
				got, err := o.book.Get(g)
				if got.Client.ID == known || got.Client.Identity != c.Identity {
					t.Errorf("%s gives the known client %+v", what, got.Client)
				}
				return err
			}))
		}
	})
}

func TestListAndSearch(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for i := range 3 {
			m := opening()
			m.Kind, m.Title, m.Team, m.Walls = "labour", fmt.Sprintf("劳动争议第%d案", i+1), []matter.Member{{Person: "next", Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true}}, nil
			_, err := o.open("lead", m)
			o.must(err)
			o.tick()
		}
		if got := o.list("next", matter.Filter{}); len(got) != 3 || got[0] != "劳动争议第3案" {
			t.Errorf("newest first: %q", got)
		}
		if got := o.list("next", matter.Filter{Sort: "number", Limit: 1, Offset: 1}); len(got) != 1 || got[0] != "劳动争议第2案" {
			t.Errorf("the second by number: %q", got)
		}
		if got := o.list("next", matter.Filter{Search: "第2案"}); len(got) != 1 {
			t.Errorf("search by title: %q", got)
		}
		if got := o.list("lead", matter.Filter{Search: "云麓投资"}); len(got) != 1 || got[0] != "股权转让纠纷" {
			t.Errorf("search by party: %q", got)
		}
		if got := o.list("next", matter.Filter{Kind: "civil"}); len(got) != 0 {
			t.Errorf("kind: %q", got)
		}
		if got := o.list("next", matter.Filter{State: matter.Closed}); len(got) != 0 {
			t.Errorf("state: %q", got)
		}
		if got := o.list("next", matter.Filter{Search: o.see("lead").Number[:4]}); len(got) != 3 {
			t.Errorf("search by the year: %q", got)
		}
		for _, person := range []string{"outsider", "walled", "director"} {
			if got := o.list(person, matter.Filter{}); len(got) != 0 {
				t.Errorf("%s is shown %q", person, got)
			}
		}
		err := o.door.Do(o.ctx, who("next"), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
			_, err := o.book.List(g, matter.Filter{Sort: "client"})
			return err
		})
		o.want(err, problem.Invalid, "an order that is none")
	})
}

// TestNothingInTheClear reads every column of the matter's tables.
func TestNothingInTheClear(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		e := o.editing()
		e.Summary = "二审准备"
		o.must(o.edit("lead", e))
		for _, column := range []string{"client.sealed_name", "client.sealed_identity", "client.name_token", "matter.sealed_title", "matter.sealed_summary", "party.sealed_name",
			"party.sealed_identity", "wall.sealed_reason", "matter_token.token", "matter_change.sealed_what"} {
			table, _, _ := strings.Cut(column, ".")
			o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
				all, err := store.List(tx, func(r store.Row) (b []byte, err error) { err = r.Scan(&b); return b, err }, `SELECT `+column+` FROM `+table)
				if len(all) == 0 {
					t.Errorf("%s holds nothing", column)
				}
				for _, b := range all {
					for _, word := range []string{"澜川", clientNumber, "云麓", "股权", "准备", "代理"} {
						if bytes.Contains(b, []byte(word)) {
							t.Errorf("%s holds %s in the clear", column, word)
						}
					}
				}
				return err
			}))
		}
	})
}

func TestKeyAndHeadings(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.db.Update(o.ctx, func(tx *store.Tx) error {
			key, err := o.book.Key(tx, o.id)
			if err != nil {
				return err
			}
			identities, _, err := o.book.Identities(tx)
			if err != nil || identities[o.id] != key.Identity() {
				t.Fatalf("identities: %v, %v", identities, err)
			}
			heads, err := o.book.Headings(tx, []string{o.id, o.id, "", "none"})
			if err != nil || len(heads) != 1 || heads[o.id].Title != "股权转让纠纷" {
				t.Fatalf("headings: %v, %v", heads, err)
			}
			for want := int64(1); want < 4; want++ {
				if _, serial, n, err := matter.NextMaterial(tx, o.id); err != nil || serial != 1 || n != want {
					t.Fatalf("material %d of matter %d, %v", n, serial, err)
				}
			}
			return nil
		}))
	})
}
