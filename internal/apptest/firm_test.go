package apptest

import (
	"errors"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
)

// furnished is a firm with something in every room, and the ids of what is there by what stands for them in addresses.
func furnished(t *testing.T) (*office, map[string]string) {
	t.Helper()
	clock, set := &housetest.Clock{}, settings(t, t.TempDir())
	set.Now, set.Scans = clock.Now, t.TempDir()
	o := found(t, set)
	o.hire("leaver", access.Logistics)
	matter := o.openMatter("股权转让纠纷", "沧浪环保有限公司")
	material := o.receive(matter, "代理词.txt", "代理词第二稿", []byte(strings.Repeat("本案的争议焦点在于回购条件是否成就。\n", 80)), "secret")
	o.review(material, "secret")
	o.receive(matter, "证据目录.txt", "证据目录", []byte("证据一"), "confidential")
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.BeginLeaving, guard.Thing{Kind: access.Person, ID: o.ids["handling"]}, func(g *guard.Grant) error {
		return o.h.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 20), Reason: "本人辞职", Witness: o.ids["auditor"]})
	}))
	o.askAgain(t)
	plan, test := o.school(t, clock)
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["security"]), access.OpenMeasure, guard.Thing{Kind: access.Person, ID: o.ids["handling"]}, func(g *guard.Grant) error {
		id, err := o.h.Measures.Begin(g, accountability.Opening{Measure: accountability.Praise, Facts: "发现并报告了一处隐患", Happened: g.Tx().Now})
		return errors.Join(err, o.h.Measures.Opine(g, id, "建议通报表扬"))
	}))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["security"]), access.OpenMeasure, guard.Thing{Kind: access.Person, ID: o.ids["handling"]}, func(g *guard.Grant) error {
		_, err := o.h.Measures.Begin(g, accountability.Opening{Measure: accountability.Warning, Matter: "2026-民-0001", Facts: "把一份材料留在了会议室", Happened: g.Tx().Now})
		return err
	}))
	carriers := o.carriers(t, matter)
	batches := o.batches(t, matter, carriers)
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["security"]), access.OpenTeamReview, guard.Firm, func(g *guard.Grant) error {
		_, err := o.h.TeamReviews.Open(g, g.Tx().Now.AddDate(0, 0, 30))
		return err
	}))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.Delegate, guard.Firm, func(g *guard.Grant) error {
		return o.h.People.Delegate(g, person.Delegation{Person: o.ids["lead"], Acts: access.Delegable, Since: g.Tx().Now, Until: g.Tx().Now.AddDate(0, 0, 20), Reason: "赴外地开庭"})
	}))
	o.requests(t, matter)
	counting, counted := o.stock(t, carriers[0])
	ordered := o.output(t, carriers[0])
	medium, export := o.medium(t, matter)
	dangers := o.dangers(t)
	o.gone(t, "leaver")
	return o, map[string]string{"batch": batches[0], "signed": batches[1], "incident": o.incident(t, matter), "approval": o.leave(t, "handling"), "output": ordered,
		"meeting": o.meeting(t, matter), "list": o.destruction(t, matter, carriers[0]), "medium": medium, "export": export, "counting": counting, "counted": counted,
		"device": o.device(t), "carrier": carriers[0], "lent": carriers[1], "gone": o.ids["leaver"], "matter": matter, "material": o.prints(t, matter, material),
		"person": o.ids["handling"], "plan": plan, "test": test, "danger": dangers[0], "mended": dangers[1], "unassigned": dangers[2]}
}

// filled writes ids for what stands for them.
func filled(ids map[string]string) *strings.Replacer {
	var pairs []string
	for name, id := range ids {
		pairs = append(pairs, "{"+name+"}", id)
	}
	return strings.NewReplacer(pairs...)
}
