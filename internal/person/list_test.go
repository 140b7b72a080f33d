package person

import (
	"context"
	"slices"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func TestList(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		lawyer := o.join("mixun", "宓洵", access.Lawyer)
		o.join("gulanzhou", "顾岚舟", access.Director, access.Lawyer)
		o.invite("fuxiaoman", "傅小满", access.Assistant)
		left := o.join("lurongrong", "路容溶", access.Assistant)
		_, err := o.exec(`UPDATE person SET status = 'left' WHERE id = $1`, left)
		o.must(err)
		list := func(q Query) (names []string, total int) {
			t.Helper()
			o.must(o.as(lawyer, access.ReadRoster, guard.Firm, func(g *guard.Grant) error {
				page, err := o.List(g, q)
				total = page.Total
				for _, p := range page.Persons {
					names = append(names, p.Name)
				}
				return err
			}))
			return names, total
		}
		for _, c := range []struct {
			about string
			q     Query
			want  []string
		}{
			{"by pinyin", Query{}, []string{"傅小满", "顾岚舟", "宓洵", "严若谷"}},
			{"backwards", Query{Desc: true}, []string{"严若谷", "宓洵", "顾岚舟", "傅小满"}},
			{"by login", Query{Sort: "login", Limit: 2}, []string{"傅小满", "顾岚舟"}},
			{"the second page", Query{Sort: "login", Limit: 2, Offset: 2}, []string{"宓洵", "严若谷"}},
			{"past the end", Query{Offset: 9}, nil},
			{"who left", Query{Status: Left}, []string{"路容溶"}},
			{"by status", Query{Sort: "status", Limit: 1, Offset: 3}, []string{"傅小满"}},
			{"a surname", Query{Text: "顾"}, []string{"顾岚舟"}},
			{"part of a name", Query{Text: "岚舟"}, []string{"顾岚舟"}},
			{"part of a login", Query{Text: "XIAO"}, []string{"傅小满"}},
			{"login and department", Query{Text: "mi 争议"}, []string{"宓洵"}},
			{"characters that stand apart", Query{Text: "顾舟"}, nil},
			{"pairs that stand apart", Query{Text: "ian"}, nil}, // fuxiaoman has ia and an
			{"a post", Query{Post: access.Lawyer}, []string{"顾岚舟", "宓洵"}},
			{"an administrator", Query{Post: access.SecurityAdmin}, []string{"严若谷"}},
		} {
			if got, _ := list(c.q); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.about, got, c.want)
			}
		}
		if _, total := list(Query{Limit: 1}); total != 4 {
			t.Errorf("%d on all pages, want 4", total)
		}
		err = o.as(lawyer, access.ReadRoster, guard.Firm, func(g *guard.Grant) error { _, err := o.List(g, Query{Sort: "password"}); return err })
		wants(t, err, problem.Invalid, "no such column")
	})
}

func TestCorrectedNamesAreFound(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", access.Lawyer)
		o.must(o.appoint(id, func(g *guard.Grant) error {
			return o.ChangeDetails(g, Details{Name: "宓询", Department: "知识产权部", Licence: "19901202610000001"}, "姓名录入有误")
		}))
		found := func(text string) (n int) {
			o.must(o.as(id, access.ReadRoster, guard.Firm, func(g *guard.Grant) error {
				page, err := o.List(g, Query{Text: text})
				n = page.Total
				return err
			}))
			return n
		}
		if found("宓洵") != 0 || found("宓询") != 1 || found("知识产权") != 1 {
			t.Fatal("the index is not the roster's")
		}
		o.must(o.db.Read(context.Background(), func(tx *store.Tx) error {
			names, err := o.Names(tx, []string{id, id, "", "nobody"})
			if len(names) != 1 || names[id] != "宓询" {
				t.Errorf("names: %v", names)
			}
			return err
		}))
	})
}

func TestStandingIsForWhomItConcerns(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", access.Lawyer)
		other := o.join("fuxiaoman", "傅小满", access.Assistant)
		o.login("mixun")
		o.fails("mixun", 5)
		get := func(reader string) (p Person, history []Qualification) {
			o.must(o.as(reader, access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) { p, history, err = o.Get(g, id); return err }))
			return p, history
		}
		if p, _ := get(other); p.Standing != nil || p.Name != "宓洵" {
			t.Fatalf("a colleague reads %+v", p)
		}
		for _, reader := range []string{o.admin, id} {
			p, history := get(reader)
			if s := p.Standing; s == nil || s.Sessions != 2 || s.LockedUntil.IsZero() || !s.Password || s.Any() {
				t.Fatalf("%+v", s)
			}
			if len(history) != 2 || !p.Trained {
				t.Fatalf("history: %+v", history)
			}
		}
		err := o.as(o.admin, access.ReadRoster, guard.Firm, func(g *guard.Grant) error { _, _, err := o.Get(g, "nobody"); return err })
		wants(t, err, problem.Absent, "nobody")
	})
}
