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
	for level := int64(1); level <= 3; level++ { // the rules are asked once for each level: who keeps by post keeps in every matter
		sample, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
			fmt.Sprintf(`SELECT id FROM carrier WHERE `+known+` AND level = $%d LIMIT 1`, len(w.args)+1), append(slices.Clone(w.args), level)...)
		if err != nil {
			return sum, err
		}
		if len(sample) == 0 {
			continue
		}
		may, err := c.mayView(g, sample[0])
		if err != nil {
			return sum, err
		}
		if !may {
			continue
		}
		a, err := c.totalOf(tx, w, known, level)
		if err != nil {
			return sum, err
		}
		sum.add(a)
	}
	return sum, nil
}

func (c *Cabinet) totalOf(tx *store.Tx, w conditions, known string, level int64) (a Account, err error) {
	args, at := append(slices.Clone(w.args), level), fmt.Sprintf(" AND level = $%d", len(w.args)+1)
	a, err = store.Get(tx, func(row store.Row) (a Account, err error) {
		err = row.Scan(&a.Registered, &a.Held, &a.Returned, &a.Destroyed, &a.Sent, &a.Lost)
		return a, err
	}, `SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN state <> 'ended' THEN n ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN state = 'ended' AND fate = 'returned' THEN n ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN state = 'ended' AND fate = 'destroyed' THEN n ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN state = 'ended' AND fate = 'sent' THEN n ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN state = 'ended' AND fate = 'lost' THEN n ELSE 0 END), 0) AS BIGINT) FROM (SELECT matter, state, fate, COUNT(*) AS n FROM carrier WHERE `+known+at+` GROUP BY matter, level, state, fate) t`, args...)
	if err != nil {
		return a, err
	}
	if right, err := issuedRight(tx); err != nil || right {
		a.Issued = a.Registered
		return a, err
	}
	a.Issued, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM carrier JOIN carrier_move v ON v.carrier = carrier.id AND v.deed = 'registered' WHERE `+known+at, args...)
	return a, err
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

// unexplained are the matters with a skipped number that neither the custodian nor a void print explains.
const unexplained = `SELECT t.matter FROM (SELECT matter, serial, SUM(n) AS n, MAX(last) AS last FROM (
		SELECT matter, serial, COUNT(*) AS n, MAX(copy) AS last FROM carrier GROUP BY matter, serial
		UNION ALL SELECT matter, serial, 0 AS n, last FROM carrier_copy) u GROUP BY matter, serial) t JOIN carrier_serial s ON s.matter = t.matter GROUP BY t.matter, s.last
	HAVING SUM(t.last - t.n) + s.last - COUNT(*) >
		(SELECT COUNT(*) FROM carrier_gap p WHERE p.matter = t.matter AND NOT EXISTS (SELECT 1 FROM output_copy k JOIN output o ON o.id = k.output WHERE o.matter = p.matter AND k.state = 'void' AND k.serial = p.serial AND k.copy = p.copy))
		+ (SELECT COUNT(*) FROM output_copy k JOIN output o ON o.id = k.output WHERE o.matter = t.matter AND k.state = 'void' AND k.carrier = '')`

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
