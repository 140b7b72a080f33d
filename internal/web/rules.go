package web

import (
	"net/http"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) rulesRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{get("/rules", server.Signed, f.rules)}
}

// chart is the clause map.
type chart struct {
	clauses  []access.Clause
	proof    proof
	evidence audit.Evidence
	hash     string
	now      time.Time
}

func (f *face) rules(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := do(r.Context(), f.Door, v.Who, access.ReadRules, guard.Firm, func(g *guard.Grant) (c chart, err error) {
		c.now = g.Tx().Now
		c.evidence, err = f.Audit.Evidence(g)
		return c, err
	})
	if err != nil {
		return err
	}
	rules := f.Door.Rules()
	c.clauses, c.hash = rules.Clauses(), rules.Hash()
	if c.proof, err = f.proofs.of(rules, f.RuleFiles); err != nil {
		return err
	}
	return send(w, r, rulesPage(f.shell(r, v, "制度地图"), v, c))
}

// enforcement counts the clauses by who sees to them.
func (c chart) enforcement(lang text.Lang) []ui.Bar {
	counts := map[access.Enforcement]int64{}
	for _, clause := range c.clauses {
		counts[clause.Enforced]++
	}
	var bars []ui.Bar
	for _, e := range []access.Enforcement{access.BySoftware, access.Partly, access.ByFirm, access.Later} {
		bars = append(bars, ui.Bar{Label: lang.T(e.Name()), Value: counts[e], Figure: ui.Figure(counts[e]), Tone: enforcementTone(e)})
	}
	return bars
}

func enforcementTone(e access.Enforcement) ui.Tone {
	switch e {
	case access.BySoftware:
		return ui.Good
	case access.Partly:
		return ui.Note
	case access.ByFirm, access.Later:
	}
	return 0
}

func inTongue(lang text.Lang, b access.Bilingual) string {
	if lang == text.EN {
		return b.EN
	}
	return b.ZH
}

// ruleText is a rule's source without its annotations, for lawyers who want to see the condition itself.
func ruleText(p access.Policy) string { return strings.TrimSpace(p.Source) }
