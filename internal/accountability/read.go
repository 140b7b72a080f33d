package accountability

import (
	"errors"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

const columns = `id, person, proposed, sealed_facts, happened, opened, opened_by, reply_by, sealed_reply, replied, decided, sealed_why, decided_at, decided_by`

func (r *Room) scan(row store.Row) (c Case, err error) {
	var facts, reply, why []byte
	var happened string
	var opened, replyBy, replied, decidedAt int64
	if err := row.Scan(&c.ID, &c.Person, &c.Proposed, &facts, &happened, &opened, &c.Opener, &replyBy, &reply, &replied, &c.Decided, &why, &decidedAt, &c.DecidedBy); err != nil {
		return c, err
	}
	c.Opened, c.ReplyBy, c.Replied, c.DecidedAt = instant(opened), instant(replyBy), instant(replied), instant(decidedAt)
	text, err := r.facts.OpenText(c.ID, facts)
	c.Matter, c.Facts, _ = strings.Cut(text, "\n")
	errs := []error{err}
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

// List is the register 奖惩: the cases of those whose measures the caller may read, the newest first. The act is readRoster or
// exportRoster on the firm.
func (r *Room) List(g *guard.Grant, onlyOpen bool, offset, limit int) (found []Case, more bool, err error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	all, err := store.List(tx, func(row store.Row) (c Case, err error) { err = row.Scan(&c.ID, &c.Person); return c, err },
		`SELECT id, person FROM measure WHERE ($1 = 0 OR decided = '') ORDER BY opened DESC, id DESC`, flag(onlyOpen))
	if err != nil {
		return nil, false, err
	}
	me := g.Who().Person
	for _, c := range all {
		if !g.May(access.ReadMeasures, access.Resource{Kind: access.Person, ID: c.Person, Exists: true}, access.Circumstances{Self: c.Person == me}) {
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
		whole, err := store.Get(tx, r.scan, `SELECT `+columns+` FROM measure WHERE id = $1`, c.ID)
		if err != nil {
			return nil, false, err
		}
		found = append(found, whole)
	}
	return found, more, r.complete(tx, found)
}

// ToReply lists the open cases in which the caller has not been heard yet. The act is useSystem.
func (r *Room) ToReply(g *guard.Grant) (int, error) {
	return store.Get(g.Tx(access.UseSystem), func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM measure WHERE person = $1 AND decided = '' AND replied = 0 AND proposed NOT IN ('praise', 'bonus')`, g.Who().Person)
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

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
