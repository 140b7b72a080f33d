package incident

import (
	"strings"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// longest is the most that people write into a column, in characters.
const longest = 1000

// Sign is what shows that there may be a leak.
type Sign struct {
	Cause   Cause
	Matter  string // id
	Carrier string // id
	Slip    string // id of the take-out, the loan or the round of stock-taking; empty: none
	Subject string // the carrier's number
	Level   classification.Level
	Owner   string // who answers for the carrier
	Along   string // who went along; empty: nobody
	Account        // what is known by now
}

// Draft makes the draft of an incident, in the transaction of the act that showed it. There is one for each cause, carrier and take-out;
// a second sign of the same changes nothing. The grant is any: who may make the act that shows a leak cannot keep it quiet.
func (r *Room) Draft(g *guard.Grant, s Sign) error {
	tx := g.Tx()
	known, err := store.Get(tx, func(row store.Row) (n int, err error) { return n, row.Scan(&n) },
		`SELECT COUNT(*) FROM incident WHERE cause = $1 AND carrier = $2 AND slip = $3`, string(s.Cause), s.Carrier, s.Slip)
	if err != nil || known > 0 {
		return err
	}
	year := int64(tx.Now.In(matter.Beijing).Year())
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) },
		`INSERT INTO incident_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = incident_serial.last + 1 RETURNING last`, year)
	if err != nil {
		return err
	}
	id, a := tx.NewID(), s.Account
	if _, err = tx.Exec(`INSERT INTO incident (id, year, serial, cause, matter, carrier, slip, subject, level, found, found_by, owner, companion, state, revised, revised_by, settled, settled_by,
		sealed_place, sealed_others, sealed_manner, sealed_harm, sealed_containment, sealed_remedies, sealed_notices, sealed_opinion)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'draft', 0, '', 0, '', $14, $15, $16, $17, $18, $19, $20, $21)`,
		id, year, serial, string(s.Cause), s.Matter, s.Carrier, s.Slip, s.Subject, int64(s.Level), tx.Now.UnixMilli(), g.Who().Person, s.Owner, s.Along,
		r.place.SealText(id, a.Place), r.others.SealText(id, a.Others), r.manner.SealText(id, a.Manner), r.harm.SealText(id, a.Harm), r.containment.SealText(id, a.Containment),
		r.remedies.SealText(id, a.Remedies), r.notices.SealText(id, a.Notices), r.opinion.SealText(id, "")); err != nil {
		return err
	}
	g.Step(access.DraftIncident, guard.Thing{Kind: access.Incident, ID: id}, s.Matter, map[string]any{"cause": string(s.Cause), "carrier": s.Carrier})
	return nil
}

// Revise writes the account of a draft anew. The act is settleIncident.
func (r *Room) Revise(g *guard.Grant, a Account) error {
	tx, id := g.Tx(access.SettleIncident), g.Only(access.Incident)
	a, err := a.clean()
	if err != nil {
		return err
	}
	g.Note("revised", true)
	return once(tx.Exec(`UPDATE incident SET revised = $2, revised_by = $3, sealed_place = $4, sealed_others = $5, sealed_manner = $6, sealed_harm = $7, sealed_containment = $8, sealed_remedies = $9, sealed_notices = $10
		WHERE id = $1 AND state = 'draft'`, id, tx.Now.UnixMilli(), g.Who().Person, r.place.SealText(id, a.Place), r.others.SealText(id, a.Others), r.manner.SealText(id, a.Manner), r.harm.SealText(id, a.Harm),
		r.containment.SealText(id, a.Containment), r.remedies.SealText(id, a.Remedies), r.notices.SealText(id, a.Notices)))
}

// Close ends an incident with an opinion; what harm it did and what was done must have been written. The act is settleIncident.
func (r *Room) Close(g *guard.Grant, opinion string) error {
	i, err := r.one(g.Tx(access.SettleIncident), g.Only(access.Incident))
	switch {
	case err != nil:
		return err
	case i.Manner == "" || i.Harm == "" || i.Containment == "":
		return problem.New(problem.Conflict, "结案前请先写明经过、危害和控制措施")
	}
	return r.settle(g, Closed, opinion, "结案意见", "opinion")
}

// Dismiss ends a draft that turned out to be no leak. The act is settleIncident.
func (r *Room) Dismiss(g *guard.Grant, why string) error {
	return r.settle(g, Dismissed, why, "排除的理由", "why")
}

func (r *Room) settle(g *guard.Grant, to State, said, label, field string) error {
	tx, id := g.Tx(access.SettleIncident), g.Only(access.Incident)
	said, err := column(said, label, field)
	if err != nil {
		return err
	}
	if said == "" {
		return problem.New(problem.Invalid, "请填写%s", label).In(field)
	}
	i, err := r.one(tx, id)
	if err != nil {
		return err
	}
	out, err := store.Get(tx, func(row store.Row) (n int, err error) { return n, row.Scan(&n) },
		`SELECT COUNT(*) FROM take_out t JOIN carrier c ON c.id = t.carrier WHERE t.id = $1 AND t.back_at = 0 AND c.state = 'out'`, i.Slip)
	if err == nil && i.Cause == Overdue && out > 0 {
		err = problem.New(problem.Conflict, "这份载体还在外面：带回核对或者核销之后再结案、排除")
	}
	if err != nil {
		return err
	}
	g.Note("settled", string(to))
	return once(tx.Exec(`UPDATE incident SET state = $2, settled = $3, settled_by = $4, sealed_opinion = $5 WHERE id = $1 AND state = 'draft'`,
		id, string(to), tx.Now.UnixMilli(), g.Who().Person, r.opinion.SealText(id, said)))
}

// once is a problem where no draft was changed.
func once(n int64, err error) error {
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这起事件已经处置完毕")
	}
	return err
}

func (a Account) clean() (Account, error) {
	for _, c := range []struct {
		text        *string
		field, name string
	}{{&a.Place, "place", "发现地点"}, {&a.Others, "others", "其他涉及人员"}, {&a.Manner, "manner", "经过"}, {&a.Harm, "harm", "危害"}, {&a.Containment, "containment", "控制措施"}, {&a.Remedies, "remedies", "补救措施"}, {&a.Notices, "notices", "报告和通知"}} {
		var err error
		if *c.text, err = column(*c.text, c.name, c.field); err != nil {
			return a, err
		}
	}
	return a, nil
}

func column(s, label, field string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if utf8.RuneCountInString(s) > longest {
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, longest).In(field)
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", problem.New(problem.Invalid, "%s里有不能识别的字符", label).In(field)
	}
	return s, nil
}
