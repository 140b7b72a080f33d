package corpus

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/matter"
)

func TestFirm(t *testing.T) {
	o := Firm()
	if len(o.Persons) < 22 || len(o.Clients) != 8 || len(o.Matters) != 20 || len(o.Walls) != 2 {
		t.Fatalf("%d persons, %d clients, %d matters, %d walls", len(o.Persons), len(o.Clients), len(o.Matters), len(o.Walls))
	}
	for _, post := range access.Posts {
		if !slices.ContainsFunc(o.Persons, func(p Person) bool { return slices.Contains(p.Posts, post) }) {
			t.Errorf("nobody is %s", post)
		}
	}
	logins := map[string]bool{}
	for _, p := range o.Persons {
		if logins[p.Login] || !regexp.MustCompile(`^[a-z]{5,}$`).MatchString(p.Login) {
			t.Errorf("login %q", p.Login)
		}
		logins[p.Login] = true
		if practises := slices.Contains(p.Posts, access.Lawyer); practises != (len(p.Licence) == 17) {
			t.Errorf("%s: licence %q", p.Login, p.Licence)
		}
	}
}

func TestMatters(t *testing.T) {
	o := Firm()
	var kinds, numbers []string
	for _, m := range o.Matters {
		kinds, numbers = append(kinds, m.Kind), append(numbers, m.Number)
		if !slices.ContainsFunc(matter.Kinds, func(k struct {
			Code matter.Kind
			Char string
			Name string
		}) bool {
			return string(k.Code) == m.Kind && strings.Contains(m.Number, k.Char)
		}) {
			t.Errorf("%s: kind %s", m.Number, m.Kind)
		}
		checkParties(t, m)
		checkTeam(t, m)
		if m.Summary == "" || m.Title == "" || strings.ContainsAny(m.Summary, "[]{}<>") {
			t.Errorf("%s: summary %q", m.Number, m.Summary)
		}
	}
	slices.Sort(kinds)
	if n := len(slices.Compact(kinds)); n < 12 {
		t.Errorf("only %d kinds of matter", n)
	}
	for _, w := range o.Walls {
		i := slices.Index(numbers, w.Matter)
		if i < 0 || slices.ContainsFunc(o.Matters[i].Team, func(m Member) bool { return m.Login == w.Login }) || o.person(w.SetBy).Login == "" {
			t.Errorf("wall %+v", w)
		}
	}
}

func checkParties(t *testing.T, m Matter) {
	t.Helper()
	clients := 0
	for _, p := range m.Parties {
		if !slices.Contains(matter.Roles, p.Role) {
			t.Errorf("%s: role %s", m.Number, p.Role)
		}
		if p.Client {
			clients++
		}
	}
	if clients != 1 {
		t.Errorf("%s: %d of the parties are the client", m.Number, clients)
	}
}

func checkTeam(t *testing.T, m Matter) {
	t.Helper()
	seen := map[string]bool{}
	for i, p := range m.Team {
		if seen[p.Login] || (p.Duty == "lead") != (i == 0) || !p.Clearance.Valid() {
			t.Errorf("%s: member %+v", m.Number, p)
		}
		seen[p.Login] = true
		if _, ok := matter.DutyNames[matter.Duty(p.Duty)]; !ok {
			t.Errorf("%s: duty %s", m.Number, p.Duty)
		}
	}
	if !slices.Contains(office().person(m.Lead()).Posts, access.Lawyer) {
		t.Errorf("%s is led by somebody who is no lawyer", m.Number)
	}
}

func TestMaterials(t *testing.T) {
	total, telling := 0, 0
	states, levels, endings := map[State]int{}, map[classification.Level]int{}, map[string]int{}
	kinds := map[classification.Category]int{}
	for _, m := range Firm().Matters {
		docs := Materials(m)
		total += len(docs)
		for i, d := range docs {
			checkDocument(t, m, d)
			if i > 0 && d.ReceivedAt > docs[i-1].ReceivedAt {
				t.Errorf("%s: %s was received before the one that stands before it", m.Number, d.Name)
			}
			states[d.State]++
			levels[d.Final]++
			endings[d.Name[strings.LastIndex(d.Name, "."):]]++
			for _, k := range d.Kinds {
				kinds[k]++
			}
			if slices.ContainsFunc(m.Parties, func(p Party) bool { return strings.Contains(d.Name, p.Name) || strings.Contains(d.Name, p.Short) }) {
				telling++
			}
		}
	}
	if total < 290 || total > 330 || telling < 40 {
		t.Errorf("%d documents, %d with telling names", total, telling)
	}
	if len(states) != 4 || states[Proposed] < 20 || states[Raised] < 8 || states[Lowered] < 8 || len(levels) != 3 || levels[classification.TopSecret] < 10 {
		t.Errorf("states %v, levels %v", states, levels)
	}
	if len(endings) < 7 || len(kinds) != len(classification.Categories) {
		t.Errorf("endings %v, kinds %v", endings, kinds)
	}
}

func checkDocument(t *testing.T, m Matter, d Document) {
	t.Helper()
	where := m.Number + " " + d.Name
	if d.Name == "" || len([]rune(d.Name)) > 120 || strings.ContainsAny(d.Name+d.Title, "[]{}|/<>\\") {
		t.Errorf("%s: title %q", where, d.Title)
	}
	if d.Reason == "" || (d.Review == "") != (d.State == Proposed) || d.Proposer == d.Reviewer || d.ReceivedAt <= 0 || d.ReceivedAt > m.OpenedAt {
		t.Errorf("%s: %+v", where, d)
	}
	for _, login := range []string{d.Proposer, d.Reviewer} {
		i := slices.IndexFunc(m.Team, func(p Member) bool { return p.Login == login })
		if i < 0 || m.Team[i].Clearance < d.Level || d.Level == classification.TopSecret && !m.Team[i].Listed {
			t.Errorf("%s at %s is out of reach for %s", where, d.Level, login)
		}
	}
	want := map[State]int{Proposed: 0, Filed: 0, Raised: 1, Lowered: -1}[d.State]
	if int(d.Final)-int(d.Level) != want {
		t.Errorf("%s: %s from %s to %s", where, d.State, d.Level, d.Final)
	}
}
