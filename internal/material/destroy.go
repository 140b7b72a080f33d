package material

import (
	"context"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// gone is what the name of a destroyed object begins with; no object is called so, and Sweep takes the sealed bytes away.
const gone = "destroyed-"

// Keepable is what lists of keeping and destroying tell of a material.
type Keepable struct {
	ID, Matter, Number, Title string
	Level                     classification.Level
	State                     access.State
	Owner                     string // id
	Pages                     int
	Size                      int64
	Received                  time.Time
}

// Keepables lists the materials of a matter, or those with the ids. Whether the reader may know them, the caller's act decides.
func (s *Shelf) Keepables(tx *store.Tx, in string, ids ...string) ([]Keepable, error) {
	const query = `SELECT m.id, m.matter, m.number, m.sealed_title, m.level, m.state, m.owner, v.pages, v.size, m.received FROM material m JOIN version v ON v.material = m.id AND v.n = 1 WHERE m.matter = $1`
	if len(ids) == 0 {
		return store.List(tx, s.scanKeepable, query+` ORDER BY m.number`, in)
	}
	var all []Keepable
	for _, id := range ids {
		found, err := store.List(tx, s.scanKeepable, query+` AND m.id = $2`, in, id)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (s *Shelf) scanKeepable(r store.Row) (k Keepable, err error) {
	var title []byte
	var level, pages, received int64
	if err := r.Scan(&k.ID, &k.Matter, &k.Number, &title, &level, &k.State, &k.Owner, &pages, &k.Size, &received); err != nil {
		return k, err
	}
	k.Level, k.Pages, k.Received = classification.Level(level), int(pages), instant(received)
	k.Title, err = s.fields.title.OpenText(k.ID, title)
	return k, err
}

// Restrict keeps a filed material stored and nothing else (限制使用; personal information that must be kept and may not be used). The act
// is restrictMaterial.
func (s *Shelf) Restrict(g *guard.Grant, why string) error {
	return s.turn(g, why, access.Filed, access.Restricted, `UPDATE material SET state = 'restricted', was = state WHERE id = $1 AND state = 'filed'`, "只有已定密、没有待审核的资料可以限制使用")
}

// Unrestrict lets a restricted material be used again. The act is restrictMaterial.
func (s *Shelf) Unrestrict(g *guard.Grant, why string) error {
	return s.turn(g, why, access.Restricted, access.Filed, `UPDATE material SET state = was, was = '' WHERE id = $1 AND state = 'restricted'`, "这份资料没有限制使用")
}

func (s *Shelf) turn(g *guard.Grant, why string, from, to access.State, update, otherwise string) error {
	tx, id := g.Tx(access.RestrictMaterial), g.Only(access.Material)
	why, err := reason(why)
	if err != nil {
		return err
	}
	n, err := tx.Exec(update, id)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, otherwise)
	}
	g.Note("from", string(from))
	g.Note("to", string(to))
	g.Note("reason", why)
	return err
}

// Destroy ends materials of a matter for good: the header of every version, without which no key opens the sealed bytes wherever they
// lie, its digest, the names, and what searches found it by. Number, level and history stay. It gives the names of the sealed objects, to
// be cleared once the act is on record; what is not cleared then, Sweep finds. The act is destroy; each material has an entry of its own.
func (s *Shelf) Destroy(g *guard.Grant, in, list string, ids []string) (objects []string, err error) {
	tx := g.Tx(access.Destroy)
	for _, id := range ids {
		names, err := store.List(tx, func(r store.Row) (n string, err error) { return n, r.Scan(&n) }, `SELECT blob FROM version WHERE material = $1`, id)
		if err != nil {
			return nil, err
		}
		objects = append(objects, names...)
		n, err := tx.Exec(`UPDATE material SET state = 'ended', was = '', sealed_title = $2, sealed_name = $3, sealed_ground = NULL WHERE id = $1 AND matter = $4 AND state IN ('filed', 'restricted')`,
			id, s.fields.title.SealText(id, ""), s.fields.name.SealText(id, ""), in)
		if err == nil && n == 0 {
			err = problem.New(problem.Conflict, "清册里有资料正在定密或者已经销毁，请撤回后重新提请")
		}
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`UPDATE version SET header = $2, digest_token = $2, blob = $3 || id WHERE material = $1`, id, []byte{}, gone); err != nil {
			return nil, err
		}
		for _, query := range []string{`DELETE FROM material_token WHERE material = $1`, `UPDATE release SET until = 0 WHERE material = $1`, `UPDATE ground_change SET sealed_before = NULL WHERE material = $1`} {
			if _, err := tx.Exec(query, id); err != nil {
				return nil, err
			}
		}
		g.Step(access.Destroy, guard.Thing{Kind: access.Material, ID: id}, in, map[string]any{"list": list})
	}
	return objects, nil
}

// Clear removes sealed objects that no row points to any more, as an act of the program with an outcome of its own.
func (s *Shelf) Clear(ctx context.Context, objects []string) (int, error) {
	if len(objects) == 0 {
		return 0, nil
	}
	return s.sweep(ctx, nil, objects)
}
