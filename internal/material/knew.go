package material

import (
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
	"mijuan/internal/store"
)

// knew notes that a person comes to know a material, if it is top secret.
func knew(tx *store.Tx, id, in, person string, level classification.Level, manner knower.Manner) error {
	if level < classification.TopSecret {
		return nil
	}
	return knower.Note(tx, knower.Passing{Kind: access.Material, Thing: id, Matter: in, Person: person, Manner: manner, Handler: person})
}

// opened notes who reads or fetches what is top secret: an original, by the hand of who gave leave to fetch it.
func (s *Shelf) opened(g *guard.Grant, m Material) error {
	if m.Level < classification.TopSecret {
		return nil
	}
	tx, me := g.Tx(), g.Who().Person
	p := knower.Passing{Kind: access.Material, Thing: m.ID, Matter: m.Matter, Person: me, Manner: knower.Read, Handler: me}
	if g.Act() == access.FetchOriginal {
		p.Manner = knower.Fetched
		by, err := store.Get(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
			`SELECT given_by FROM release WHERE material = $1 AND person = $2 AND until > $3 ORDER BY given DESC, id DESC LIMIT 1`, m.ID, me, tx.Now.UnixMilli())
		if err != nil && !errors.Is(err, store.ErrNone) {
			return err
		}
		if by != "" {
			p.Handler = by
		}
	}
	return knower.Note(tx, p)
}

// readBefore notes those who had read a material before it was made top secret, since when they did.
func readBefore(tx *store.Tx, id string) error {
	_, err := tx.Exec(`INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister)
		SELECT m.id || '.' || p.person, 'Material', m.id, m.matter, p.person, MIN(p.at), 'read', p.person, '',
			COALESCE((SELECT b.granted_by FROM member b WHERE b.matter = m.matter AND b.person = p.person AND b.listed = 1 ORDER BY b.since DESC LIMIT 1), '')
		FROM page_image p JOIN material m ON m.id = p.material WHERE m.id = $1 GROUP BY m.id, m.matter, p.person ON CONFLICT DO NOTHING`, id)
	return err
}
