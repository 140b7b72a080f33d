package matter_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/screening"
	"mijuan/internal/store"
)

// editing is the matter's data as somebody reads them, to be changed.
func (o *office) editing() matter.Editing {
	m := o.see("lead")
	c := m.Client
	c.ID = ""
	return matter.Editing{Version: m.Version, Kind: m.Kind, Title: m.Title, Summary: m.Summary, Client: c, Parties: slices.Clone(m.Parties)}
}

func (o *office) edit(person string, e matter.Editing) error {
	return o.do(person, access.EditMatter, func(g *guard.Grant) error { return o.book.Edit(g, e) })
}

func (o *office) terms() (words []string) {
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
		terms, err := o.book.Terms(tx, o.id)
		for _, t := range terms {
			words = append(words, t.Text)
		}
		return err
	}))
	return words
}

func TestEditChangesAndRemembers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		before := o.see("lead")
		e := o.editing()
		e.Kind, e.Title = "arbitration", "股权回购仲裁"
		e.Client = matter.Client{Kind: "company", Name: "北岭重工有限公司", Identity: "91110000000000001A"}
		e.Parties[0].Role = "被申请人"
		e.Parties = append(e.Parties, matter.Party{Role: "第三人", Name: "白榆咨询有限公司", Identity: "91110000000000002B"})
		o.must(o.edit("lead", e))

		m := o.see("trainee")
		if m.Number != before.Number || m.State != matter.Open || m.Lead != "lead" || len(m.Team) != 3 || len(m.Walls) != 1 {
			t.Fatalf("the edit touched more than the data: %+v", m)
		}
		if m.Kind != "arbitration" || m.Title != "股权回购仲裁" || m.Client.Name != "北岭重工有限公司" || m.Version != 1 {
			t.Fatalf("the edit did not take: %+v", m)
		}
		if len(m.Parties) != 2 || m.Parties[0].ID != before.Parties[0].ID || m.Parties[0].Role != "被申请人" || m.Parties[1].Name != "白榆咨询有限公司" {
			t.Fatalf("parties: %+v", m.Parties)
		}

		entry, notes := o.last(access.EditMatter)
		if entry.Outcome != ledger.Allowed || entry.Matter != o.id || !strings.Contains(join(notes["changed"]), "kind title client party party") {
			t.Fatalf("the record says %v %v", entry.Outcome, notes)
		}
		if raw, _ := json.Marshal(notes); strings.Contains(string(raw), "北岭") || strings.Contains(string(raw), clientName) {
			t.Fatalf("the record names the client: %s", raw)
		}
		o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
			sealed, err := store.Get(tx, func(r store.Row) (s []byte, err error) { err = r.Scan(&s); return s, err },
				`SELECT sealed_what FROM matter_change WHERE id = $1`, notes["revision"])
			if digest := sha256.Sum256(sealed); err == nil && hex.EncodeToString(digest[:]) != notes["sha256"] {
				t.Fatal("the record's digest is not that of what is kept")
			}
			return err
		}))
		o.must(o.do("trainee", access.ViewMatter, func(g *guard.Grant) error {
			all, err := o.book.Revisions(g)
			if err != nil || len(all) != 1 || all[0].Person != "lead" || len(all[0].Differences) != 5 {
				t.Fatalf("revisions: %+v, %v", all, err)
			}
			want := matter.Difference{Field: "client", Old: clientName + " · " + clientNumber + " · 单位", New: "北岭重工有限公司 · 91110000000000001A · 单位"}
			if !slices.Contains(all[0].Differences, want) {
				t.Fatalf("differences: %+v", all[0].Differences)
			}
			return nil
		}))
	})
}

func join(list any) string {
	var words []string
	for _, w := range list.([]any) {
		words = append(words, w.(string))
	}
	return strings.Join(words, " ")
}

// TestNamesAreMeasuredByTheNewData is clause 7.2.2 after an edit, and the search.
func TestNamesAreMeasuredByTheNewData(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		e := o.editing()
		e.Client.Name, e.Client.Identity, e.Parties = "北岭重工有限公司", "", nil
		o.must(o.edit("handling", e))
		if words := o.terms(); !slices.Contains(words, "北岭重工有限公司") || slices.Contains(words, clientName) || slices.Contains(words, defendant) {
			t.Fatalf("terms: %q", words)
		}
		o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
			terms, err := o.book.Terms(tx, o.id)
			if screening.CheckName("北岭重工起诉状.pdf", terms).OK {
				t.Error("a name with the new client passes")
			}
			return err
		}))
		if found := o.list("lead", matter.Filter{Search: "北岭重工"}); len(found) != 1 {
			t.Fatalf("the new client finds %q", found)
		}
		if found := o.list("lead", matter.Filter{Search: "澜川重工"}); len(found) != 0 {
			t.Fatalf("the old client still finds %q", found)
		}
		if n := o.rows(`SELECT COUNT(*) FROM client`); n != 1 {
			t.Fatalf("%d clients are kept, though one matter has one", n)
		}
	})
}

func TestEditOfASharedClient(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		other := opening()
		other.Title = "同一客户的另一案"
		id, err := o.open("lead", other)
		o.must(err)
		if n := o.rows(`SELECT COUNT(*) FROM client`); n != 1 {
			t.Fatalf("the same client is kept %d times", n)
		}
		e := o.editing()
		e.Client.Name = "北岭重工有限公司"
		o.must(o.edit("lead", e))
		o.must(o.door.Do(o.ctx, who("lead"), access.ViewMatter, guard.Thing{Kind: access.Matter, ID: id}, func(g *guard.Grant) error {
			m, err := o.book.Get(g)
			if m.Client.Name != clientName {
				t.Errorf("the other matter's client became %s", m.Client.Name)
			}
			return err
		}))
	})
}

func TestEditIsRefused(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for person, kind := range map[string]problem.Kind{"trainee": problem.Refused, "outsider": problem.Absent, "walled": problem.Absent, "director": problem.Absent, "security": problem.Absent} {
			e := o.editing()
			e.Title = "别的"
			o.want(o.edit(person, e), kind, person)
		}
		for what, spoil := range map[string]func(*matter.Editing){
			"kind":    func(e *matter.Editing) { e.Kind = "war" },
			"title":   func(e *matter.Editing) { e.Title = " " },
			"client":  func(e *matter.Editing) { e.Client.Name = "" },
			"long":    func(e *matter.Editing) { e.Summary = strings.Repeat("长", 4001) },
			"role":    func(e *matter.Editing) { e.Parties[0].Role = "旁观者" },
			"nameles": func(e *matter.Editing) { e.Parties[0].Name = "" },
		} {
			e := o.editing()
			spoil(&e)
			o.want(o.edit("lead", e), problem.Invalid, what)
		}
		many := o.editing()
		many.Parties = slices.Repeat(many.Parties, 201)
		o.want(o.edit("lead", many), problem.TooLarge, "201 parties")
		strange := o.editing()
		strange.Parties[0].ID = "another matter's"
		o.want(o.edit("lead", strange), problem.Conflict, "a party of another matter")

		late := o.editing()
		first := o.editing()
		first.Title = "先到"
		o.must(o.edit("handling", first))
		late.Title = "后到"
		o.want(o.edit("lead", late), problem.Conflict, "an edit of what was edited meanwhile")
		if m := o.see("lead"); m.Title != "先到" {
			t.Fatalf("the title is %s", m.Title)
		}

		same := o.editing()
		o.must(o.edit("lead", same))
		if n := o.rows(`SELECT COUNT(*) FROM matter_change`); n != 1 {
			t.Fatalf("%d edits are kept; one changed something", n)
		}
	})
}
