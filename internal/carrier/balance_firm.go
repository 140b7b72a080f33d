package carrier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Total is the balance of all carriers that the caller may know, in all matters. The act is useSystem, or exportRegister to take it along.
func (c *Cabinet) Total(g *guard.Grant) (sum Account, err error) {
	tx := g.Tx(access.UseSystem, access.ExportRegister)
	if !slices.ContainsFunc(g.Facts().Who.Posts, keeps) {
		page, err := c.Accounts(g, AccountFilter{Limit: -1})
		for _, a := range page.Accounts {
			sum.add(a)
		}
		return sum, err
	}
	w := c.narrow(g, Filter{}, tx.Now)
	known := strings.Join(w.parts, " AND ")
	groups, err := store.List(tx, scanGroup, `SELECT level, state, fate, CAST(SUM(n) AS BIGINT), MIN(matter) FROM (SELECT matter, level, state, fate, COUNT(*) AS n FROM carrier GROUP BY matter, level, state, fate) t WHERE `+known+
		` GROUP BY level, state, fate ORDER BY level`, w.args...)
	if err != nil {
		return sum, err
	}
	may, asked := false, int64(0)
	var levels []string
	for _, x := range groups {
		if x.level != asked { // the rules are asked once for each level: who keeps by post keeps in every matter
			asked = x.level
			sample, err := store.Get(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT MIN(id) FROM carrier WHERE matter = $1 AND level = $2`, x.matter, x.level)
			if err != nil {
				return sum, err
			}
			if may, err = c.mayView(g, sample); err != nil {
				return sum, err
			}
			if may {
				levels = append(levels, strconv.FormatInt(x.level, 10))
			}
		}
		if may {
			sum.count(x)
		}
	}
	if right, err := issuedRight(tx); err != nil || right || len(levels) == 0 {
		sum.Issued = sum.Registered
		return sum, err
	}
	sum.Issued, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM carrier JOIN carrier_move v ON v.carrier = carrier.id AND v.deed = 'registered' WHERE `+known+` AND level IN (`+strings.Join(levels, ", ")+`)`, w.args...)
	return sum, err
}

// group is how many carriers of a level stand or ended alike, and one of their matters.
type group struct {
	level  int64
	state  access.State
	fate   Fate
	n      int
	matter string
}

func scanGroup(row store.Row) (x group, err error) {
	return x, row.Scan(&x.level, &x.state, &x.fate, &x.n, &x.matter)
}

func (b *Balance) count(x group) {
	b.Registered += x.n
	switch {
	case x.state != access.Ended:
		b.Held += x.n
	case x.fate == Returned:
		b.Returned += x.n
	case x.fate == Destroyed:
		b.Destroyed += x.n
	case x.fate == Sent:
		b.Sent += x.n
	case x.fate == Lost:
		b.Lost += x.n
	}
}

// issuedRight reports whether every carrier of the firm was given its number once, so that nobody has to look at each.
func issuedRight(tx *store.Tx) (bool, error) {
	counts, err := store.Get(tx, func(row store.Row) (n [3]int64, err error) { err = row.Scan(&n[0], &n[1], &n[2]); return n, err },
		`SELECT (SELECT COUNT(*) FROM carrier), (SELECT COUNT(*) FROM carrier_move WHERE deed = 'registered'), (SELECT COUNT(*) FROM (SELECT carrier FROM carrier_move WHERE deed = 'registered' GROUP BY carrier HAVING COUNT(*) > 1) t)`)
	return counts[0] == counts[1] && counts[2] == 0, err
}

// wrong is a condition on a matter m: its carriers that fulfil known do not balance, or a number was skipped that nobody explained, as far as the
// caller may know which. It may use what conditions w adds.
func (c *Cabinet) wrong(g *guard.Grant, w *conditions, known string) (string, error) {
	tx, me := g.Tx(), g.Who().Person
	some := []string{`m.id IN (SELECT matter FROM carrier WHERE state = 'ended' AND fate NOT IN ('returned', 'destroyed', 'sent', 'lost') AND ` + known + `)`}
	right, err := issuedRight(tx)
	if err != nil {
		return "", err
	}
	if !right {
		some = append(some, `m.id IN (SELECT matter FROM carrier WHERE `+known+` GROUP BY matter HAVING SUM((SELECT COUNT(*) FROM carrier_move v WHERE v.carrier = carrier.id AND v.deed = 'registered')) <> COUNT(*))`)
	}
	gap := `m.id IN (` + unexplained + `)`
	if !slices.ContainsFunc(g.Facts().Who.Posts, keeps) {
		w.args = append(w.args, me)
		gap = fmt.Sprintf(`m.id IN (SELECT b.matter FROM member b WHERE b.person = $%d AND b.duty = 'lead' AND b.clearance >= 3 AND b.listed = 1 AND b.since <= $1 AND (b.until = 0 OR b.until > $1)) AND `, len(w.args)) + gap
	}
	return "(" + strings.Join(append(some, gap), " OR ") + ")", nil
}

// unexplained are the matters with a skipped number that neither the custodian nor a print explains: a void one, or one on its way to who asked for
// it. What lies nobody knows where explains nothing.
const unexplained = `SELECT t.matter FROM (SELECT matter, serial, SUM(n) AS n, MAX(last) AS last FROM (
		SELECT matter, serial, COUNT(*) AS n, MAX(copy) AS last FROM carrier GROUP BY matter, serial
		UNION ALL SELECT matter, serial, 0 AS n, last FROM carrier_copy) u GROUP BY matter, serial) t JOIN carrier_serial s ON s.matter = t.matter GROUP BY t.matter, s.last
	HAVING SUM(t.last - t.n) + s.last - COUNT(*) >
		(SELECT COUNT(*) FROM carrier_gap p WHERE p.matter = t.matter AND NOT EXISTS (SELECT 1 FROM output_copy k JOIN output o ON o.id = k.output WHERE o.matter = p.matter AND k.state <> 'unknown' AND k.carrier = '' AND k.serial = p.serial AND k.copy = p.copy))
		+ (SELECT COUNT(*) FROM output_copy k JOIN output o ON o.id = k.output WHERE o.matter = t.matter AND k.state <> 'unknown' AND k.carrier = '')`

// after narrows matters m to those below a position: a year and a serial.
func (w *conditions) after(position string) string {
	year, serial, ok := strings.Cut(position, ".")
	y, yerr := strconv.ParseInt(year, 10, 64)
	s, serr := strconv.ParseInt(serial, 10, 64)
	if !ok || yerr != nil || serr != nil { // what nobody was given begins at the first page
		return ""
	}
	w.args = append(w.args, y, s)
	return fmt.Sprintf(" AND (m.year < $%[1]d OR m.year = $%[1]d AND m.serial < $%[2]d)", len(w.args)-1, len(w.args))
}
