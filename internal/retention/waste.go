package retention

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Waste is what somebody shredded on the spot: drafts and spoiled prints without a number (clause 7.1.4).
type Waste struct {
	ID     string
	Person string // id
	At     time.Time
	Level  classification.Level
	Pages  int
	Method string
	Note   string
}

// mostWaste is how many pages one entry tells of.
const mostWaste = 10_000

// Shred writes down that waste paper was shredded, by a machine that is fine enough for it. The act is shredWaste.
func (r *Room) Shred(g *guard.Grant, w Waste) error {
	tx := g.Tx(access.ShredWaste)
	note, err := words(w.Note, "note", "说明", 100, false)
	method := MethodOf(w.Method)
	switch {
	case err != nil:
		return err
	case !w.Level.Valid():
		return problem.New(problem.Invalid, "请选择密级").In("level")
	case w.Pages < 1 || w.Pages > mostWaste:
		return problem.New(problem.Invalid, "页数须在 1 到 %d 之间", mostWaste).In("pages")
	case method.Media != OfPaper:
		return problem.New(problem.Invalid, "请选择销毁方法").In("method")
	case method.Most < w.Level:
		return problem.New(problem.Invalid, "%s达不到%s的要求，请选择更细的粉碎等级", method.Name, w.Level.Name()).In("method")
	}
	id := tx.NewID()
	g.Note("pages", w.Pages)
	g.Note("level", w.Level.String())
	_, err = tx.Exec(`INSERT INTO waste (id, person, at, level, pages, method, sealed_note) VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, g.Who().Person, tx.Now.UnixMilli(), int64(w.Level), int64(w.Pages), w.Method, r.waste.SealText(id, note))
	return err
}

// Wastes lists what was shredded, the last first: one's own, and everybody's for who keeps, decides or audits by post. The act is useSystem,
// or exportRoster to take it along.
func (r *Room) Wastes(g *guard.Grant, offset, limit int) (all []Waste, more bool, err error) {
	tx, me := g.Tx(access.UseSystem, access.ExportRoster), g.Who().Person
	if slices.ContainsFunc(g.Facts().Who.Posts, func(p access.Post) bool {
		return p == access.Custodian || p == access.Director || p == access.Committee || p == access.Auditor || p == access.SecurityAdmin
	}) {
		me = ""
	}
	all, err = store.List(tx, func(row store.Row) (w Waste, err error) {
		var at, level, pages int64
		var note []byte
		if err := row.Scan(&w.ID, &w.Person, &at, &level, &pages, &w.Method, &note); err != nil {
			return w, err
		}
		w.At, w.Level, w.Pages = instant(at), classification.Level(level), int(pages)
		w.Note, err = r.waste.OpenText(w.ID, note)
		return w, err
	}, `SELECT id, person, at, level, pages, method, sealed_note FROM waste WHERE $1 = '' OR person = $1 ORDER BY at DESC, id DESC LIMIT $2 OFFSET $3`, me, int64(limit+1), int64(offset))
	if more = len(all) > limit; more {
		all = all[:limit]
	}
	return all, more, err
}
