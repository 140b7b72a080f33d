package accountability

import (
	"errors"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

const columns = `id, person, sealed_measures, sealed_facts, happened, opened, opened_by, reply_by, sealed_reply, replied, sealed_why, decided_at, decided_by`

func (r *Room) scan(row store.Row) (c Case, err error) {
	var measures, facts, reply, why []byte
	var happened string
	var opened, replyBy, replied, decidedAt int64
	if err := row.Scan(&c.ID, &c.Person, &measures, &facts, &happened, &opened, &c.Opener, &replyBy, &reply, &replied, &why, &decidedAt, &c.DecidedBy); err != nil {
		return c, err
	}
	c.Opened, c.ReplyBy, c.Replied, c.DecidedAt = instant(opened), instant(replyBy), instant(replied), instant(decidedAt)
	what, err := r.measures.OpenText(c.ID, measures)
	errs := []error{err}
	proposed, decided, _ := strings.Cut(what, "\n")
	c.Proposed, c.Decided = Measure(proposed), Measure(decided)
	text, err := r.facts.OpenText(c.ID, facts)
	errs = append(errs, err)
	c.Matter, c.Facts, _ = strings.Cut(text, "\n")
	if c.Happened, err = time.Parse(time.DateOnly, happened); err != nil {
		errs = append(errs, err)
	}
	if reply != nil {
		c.Reply, err = r.reply.OpenText(c.ID, reply)
		errs = append(errs, err)
	}
	if why != nil {
		c.Why, err = r.why.OpenText(c.ID, why)
		errs = append(errs, err)
	}
	return c, errors.Join(errs...)
}

// Of lists a person's cases, the newest first. The act is readMeasures on the person.
func (r *Room) Of(g *guard.Grant) ([]Case, error) {
	tx, of := g.Tx(access.ReadMeasures), g.Only(access.Person)
	all, err := store.List(tx, r.scan, `SELECT `+columns+` FROM measure WHERE person = $1 ORDER BY opened DESC, id DESC LIMIT $2`, of, mostAtOnce)
	if err != nil {
		return nil, err
	}
	return all, r.complete(tx, all)
}

// measured seals what is asked for and decided.
func (r *Room) measured(id string, proposed, decided Measure) []byte {
	return r.measures.SealText(id, string(proposed)+"\n"+string(decided))
}

// Prepare seals what earlier versions of the program kept in the clear. Call it once the tables are there.
func (r *Room) Prepare(tx *store.Tx) error {
	type plain struct {
		id                string
		proposed, decided Measure
	}
	all, err := store.List(tx, func(row store.Row) (p plain, err error) { return p, row.Scan(&p.id, &p.proposed, &p.decided) },
		`SELECT id, proposed, decided FROM measure WHERE proposed <> ''`)
	for _, p := range all {
		if _, err := tx.Exec(`UPDATE measure SET proposed = '', decided = '', sealed_measures = $2 WHERE id = $1`, p.id, r.measured(p.id, p.proposed, p.decided)); err != nil {
			return err
		}
	}
	return err
}

// Filter narrows and pages the register.
type Filter struct {
	State         State
	Measure       Measure   // asked for or decided; empty: any
	Text          string    // in the person's name
	From, To      time.Time // opened; To is exclusive, and zero: no end
	Offset, Limit int
}

// State of a case, to filter by.
type State string

const (
	Undecided State = "open"
	Closed    State = "decided"
)

// takes reports whether a case is one of those that are looked for.
func (f Filter) takes(c Case) bool {
	return (f.State == "" || (f.State == Undecided) == c.Open()) && (f.Measure == "" || c.Proposed == f.Measure || c.Decided == f.Measure) &&
		strings.Contains(c.Name, strings.TrimSpace(f.Text)) && !c.Opened.Before(f.From) && (f.To.IsZero() || c.Opened.Before(f.To))
}

// List is the register 奖惩: the cases of those whose measures the caller may read, the newest first. The act is readRoster or
// exportRoster on the firm.
func (r *Room) List(g *guard.Grant, f Filter) (found []Case, more bool, err error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	offset, limit := f.Offset, f.Limit
	all, err := store.List(tx, func(row store.Row) (c Case, err error) { err = row.Scan(&c.ID, &c.Person); return c, err },
		`SELECT id, person FROM measure ORDER BY opened DESC, id DESC`)
	if err != nil {
		return nil, false, err
	}
	me := g.Who().Person
	for _, c := range all {
		if !g.May(access.ReadMeasures, access.Resource{Kind: access.Person, ID: c.Person, Exists: true}, access.Circumstances{Self: c.Person == me}) {
			continue
		}
		whole, err := store.Get(tx, r.scan, `SELECT `+columns+` FROM measure WHERE id = $1`, c.ID)
		if err != nil {
			return nil, false, err
		}
		names, err := r.people.Names(tx, []string{c.Person})
		if err != nil {
			return nil, false, err
		}
		if whole.Name = names[c.Person]; !f.takes(whole) {
			continue
		}
		if offset > 0 {
			offset--
			continue
		}
		if len(found) == limit {
			more = true
			break
		}
		found = append(found, whole)
	}
	return found, more, r.complete(tx, found)
}

// ToReply lists the open cases in which the caller has not been heard yet. The act is useSystem.
func (r *Room) ToReply(g *guard.Grant) (n int, err error) {
	open, err := store.List(g.Tx(access.UseSystem), r.scan, `SELECT `+columns+` FROM measure WHERE person = $1 AND decided_at = 0 AND replied = 0`, g.Who().Person)
	for _, c := range open {
		if !c.Proposed.Reward() {
			n++
		}
	}
	return n, err
}

// complete adds opinions and names.
func (r *Room) complete(tx *store.Tx, all []Case) error {
	for i := range all {
		c := &all[i]
		var who []string
		var err error
		c.Opinions, err = store.List(tx, func(row store.Row) (o Opinion, err error) {
			var id string
			var sealed []byte
			var at int64
			if err := row.Scan(&id, &o.By, &sealed, &at); err != nil {
				return o, err
			}
			o.At = instant(at)
			o.Text, err = r.opinion.OpenText(id, sealed)
			return o, err
		}, `SELECT id, person, sealed_text, at FROM measure_opinion WHERE measure = $1 ORDER BY at, id`, c.ID)
		if err != nil {
			return err
		}
		who = append(who, c.Person, c.Opener, c.DecidedBy)
		for _, o := range c.Opinions {
			who = append(who, o.By)
		}
		names, err := r.people.Names(tx, who)
		if err != nil {
			return err
		}
		c.Name, c.OpenedBy, c.DecidedBy = names[c.Person], names[c.Opener], names[c.DecidedBy]
		for k := range c.Opinions {
			c.Opinions[k].By = names[c.Opinions[k].By]
		}
	}
	return nil
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
