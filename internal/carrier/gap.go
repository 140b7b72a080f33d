package carrier

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Gap is a number that was skipped (缺号; clause 7.1.1). Numbers are never used again, so each gap wants a reason.
type Gap struct {
	Matter  string // id
	Serial  int
	Copy    int // 0: the whole title
	Number  string
	Reason  string // empty: the custodian has not said one
	By      string // person's id, of the reason
	At      time.Time
	numbers numbering
}

// numbering is a matter's part of its carriers' numbers.
type numbering struct {
	year   int
	serial int64
}

// SeesGaps reports whether the caller may know which numbers of a matter were skipped: by post, or as a lead from whom nothing of the
// matter is kept. To others they would tell of carriers that are not theirs to know.
func (c *Cabinet) SeesGaps(g *guard.Grant, in string) (bool, error) {
	is, err := matter.Relation(g.Tx(), in, g.Who().Person)
	if err != nil || is.Walled {
		return false, err
	}
	posts := g.Facts().Who.Posts
	samples, err := store.List(g.Tx(), func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT MIN(id) FROM carrier WHERE matter = $1 GROUP BY level`, in)
	if err != nil || len(samples) == 0 {
		return false, err
	}
	for _, id := range samples { // the gaps tell of carriers of every level
		if may, err := c.mayView(g, id); err != nil || !may {
			return false, err
		}
	}
	return slices.Contains(posts, access.Custodian) || slices.Contains(posts, access.Auditor) || is.Lead && is.Clearance == classification.TopSecret && is.Listed, nil
}

// Gaps are the skipped numbers of a matter, in their order. Whether the reader may know, SeesGaps says.
func (c *Cabinet) Gaps(tx *store.Tx, in string) (gaps []Gap, err error) {
	type title struct{ serial, copies, last int64 }
	titles, err := store.List(tx, func(row store.Row) (t title, err error) { err = row.Scan(&t.serial, &t.copies, &t.last); return t, err },
		`SELECT serial, CAST(SUM(n) AS BIGINT), MAX(last) FROM (
			SELECT serial, COUNT(*) AS n, MAX(copy) AS last FROM carrier WHERE matter = $1 GROUP BY serial
			UNION ALL SELECT serial, 0, last FROM carrier_copy WHERE matter = $1) t GROUP BY serial ORDER BY serial`, in)
	if err != nil {
		return nil, err
	}
	given, err := store.List(tx, scanNumber, `SELECT last FROM carrier_serial WHERE matter = $1`, in)
	if err != nil || len(given) == 0 {
		return nil, err
	}
	numbers := numbering{}
	if numbers.year, numbers.serial, err = matter.Serial(tx, in); err != nil {
		return nil, err
	}
	for n, i := int64(1), 0; n <= given[0]; n++ {
		if i == len(titles) || titles[i].serial != n {
			gaps = append(gaps, Gap{Matter: in, Serial: int(n), numbers: numbers})
			continue
		}
		if t := titles[i]; t.copies < t.last {
			there, err := store.List(tx, scanNumber, `SELECT copy FROM carrier WHERE matter = $1 AND serial = $2`, in, n)
			if err != nil {
				return nil, err
			}
			for copy := int64(1); copy <= t.last; copy++ {
				if !slices.Contains(there, copy) {
					gaps = append(gaps, Gap{Matter: in, Serial: int(n), Copy: int(copy), numbers: numbers})
				}
			}
		}
		i++
	}
	for i := range gaps {
		gaps[i].Number = gaps[i].number()
	}
	return gaps, c.explained(tx, in, gaps)
}

func (p Gap) number() string {
	if p.Copy == 0 {
		return fmt.Sprintf("%d-%04d-%04d", p.numbers.year, p.numbers.serial, p.Serial)
	}
	return callnumber.Carrier(p.numbers.year, p.numbers.serial, int64(p.Serial), p.Copy)
}

// explained adds the custodian's reasons.
func (c *Cabinet) explained(tx *store.Tx, in string, gaps []Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	said, err := store.List(tx, func(row store.Row) (s Gap, err error) {
		var id string
		var serial, copy, at int64
		var reason []byte
		if err := row.Scan(&id, &serial, &copy, &reason, &s.By, &at); err != nil {
			return s, err
		}
		s.Serial, s.Copy, s.At = int(serial), int(copy), instant(at)
		s.Reason, err = c.gap.OpenText(id, reason)
		return s, err
	}, `SELECT id, serial, copy, sealed_reason, by_person, at FROM carrier_gap WHERE matter = $1`, in)
	for _, s := range said {
		for i := range gaps {
			if gaps[i].Serial == s.Serial && gaps[i].Copy == s.Copy {
				gaps[i].Reason, gaps[i].By, gaps[i].At = s.Reason, s.By, s.At
			}
		}
	}
	return err
}

// ExplainGap says why a number of a matter was skipped; it is said once. The act is explainGap.
func (c *Cabinet) ExplainGap(g *guard.Grant, in, skipped, reason string) error {
	tx := g.Tx(access.ExplainGap)
	sees, err := c.SeesGaps(g, in)
	if err != nil {
		return err
	}
	if reason, err = words(reason, "reason", "原因", longField, true); err != nil {
		return err
	}
	var gaps []Gap
	if sees {
		if gaps, err = c.Gaps(tx, in); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(gaps, func(p Gap) bool { return p.Number == strings.TrimSpace(skipped) })
	switch {
	case i < 0:
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case gaps[i].Reason != "":
		return problem.New(problem.Conflict, "这个缺号已经说明过")
	}
	id := tx.NewID()
	g.Note("number", gaps[i].Number)
	g.Step(access.ExplainGap, guard.Thing{Kind: access.Matter, ID: in}, in, map[string]any{"number": gaps[i].Number})
	_, err = tx.Exec(`INSERT INTO carrier_gap (id, matter, serial, copy, sealed_reason, by_person, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, in, int64(gaps[i].Serial), int64(gaps[i].Copy),
		c.gap.SealText(id, reason), g.Who().Person, tx.Now.UnixMilli())
	return err
}
