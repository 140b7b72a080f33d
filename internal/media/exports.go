package media

import (
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

const selectExport = `SELECT e.id, e.year, e.serial, e.matter, e.owner, e.medium, e.loan, e.format, e.level, e.state, e.created, e.lapses, e.asked, e.approval, e.issued, e.written, e.bytes, e.carrier,
	e.sealed_purpose, e.sealed_passphrase FROM media_export e`

func (r *Room) exports(tx *store.Tx, where string, args ...any) ([]Export, error) {
	all, err := store.List(tx, func(row store.Row) (e Export, err error) {
		var year, serial, level, created, lapses, issued, written int64
		var purpose []byte
		if err := row.Scan(&e.ID, &year, &serial, &e.Matter, &e.Owner, &e.Medium, &e.Loan, &e.Format, &level, &e.State, &created, &lapses, &e.Asked, &e.Approval, &issued, &written, &e.Bytes, &e.Carrier, &purpose, &e.sealed); err != nil {
			return e, err
		}
		e.Year, e.Serial, e.Level = int(year), int(serial), classification.Level(level)
		e.Created, e.Lapses, e.Issued, e.Written = instant(created), instant(lapses), instant(issued), instant(written)
		if (e.State == access.Draft || e.State == access.Issued) && !tx.Now.Before(e.Lapses) {
			e.State = access.Ended
		}
		e.Purpose, err = r.exportPurpose.OpenText(e.ID, purpose)
		return e, err
	}, selectExport+where, args...)
	for i := range all {
		if err == nil {
			all[i].Items, err = r.items(tx, all[i].ID)
		}
	}
	return all, err
}

func (r *Room) items(tx *store.Tx, export string) ([]Item, error) {
	return store.List(tx, func(row store.Row) (i Item, err error) {
		var scanned int64
		var name []byte
		if err := row.Scan(&i.Material, &i.Version, &scanned, &i.Finding, &name); err != nil || len(name) == 0 {
			return i, err
		}
		i.Scanned = instant(scanned)
		i.Virus, err = r.virus.OpenText(export, name)
		return i, err
	}, `SELECT material, version, scanned, finding, sealed_name FROM media_export_item WHERE export = $1 ORDER BY position`, export)
}

func (r *Room) export(tx *store.Tx, id string) (Export, error) {
	all, err := r.exports(tx, ` WHERE e.id = $1`, id)
	if err == nil && len(all) == 0 {
		err = store.ErrNone
	}
	if err != nil {
		return Export{}, absent(err, "没有找到，或者您无权知悉")
	}
	return all[0], nil
}

// LoadExport is the door's loader of exports: whether its originals were found clean, and whether its medium is fit, are facts that the
// rules look at (clause 7.2.4).
func (r *Room) LoadExport(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	all, err := r.exports(tx, ` WHERE e.id = $1`, thing.ID)
	if err != nil || len(all) == 0 {
		return access.Resource{Kind: access.Export, ID: thing.ID}, access.Circumstances{}, err
	}
	e := all[0]
	res := access.Resource{Kind: access.Export, ID: e.ID, Matter: e.Matter, Level: e.Level, State: e.State, Owner: e.Owner, Exists: true, Scanned: e.Scan(tx.Now) == Clean}
	m, err := r.one(tx, e.Medium)
	if err != nil {
		return res, access.Circumstances{}, err
	}
	if res.Fit, err = r.fits(tx, m, e.Owner, e.Matter, e.Level, e.Loan); err != nil {
		return res, access.Circumstances{}, err
	}
	where, err := matter.Relation(tx, e.Matter, who.Person)
	return res, where, err
}

// Get is one export, with the materials that the reader may know by name. The act is viewExport.
func (r *Room) Get(g *guard.Grant) (Export, Medium, error) {
	tx := g.Tx(access.ViewExport)
	e, err := r.export(tx, g.Only(access.Export))
	if err != nil {
		return e, Medium{}, err
	}
	known, err := r.Shelf.Exported(g, e.ids())
	if err != nil {
		return e, Medium{}, err
	}
	for i, it := range e.Items {
		m := known[it.Material]
		e.Items[i].Number, e.Items[i].Title, e.Items[i].Level = m.Number, m.Title, m.Level
	}
	if e.Asked != "" {
		if e.Leave, err = r.Approvals.State(tx, e.Asked); err != nil {
			return e, Medium{}, err
		}
	}
	m, err := r.one(tx, e.Medium)
	return e, m, err
}

// Of lists the exports of a matter that the caller may know, the last first. The act is viewMatter, or prepareExport.
func (r *Room) Of(g *guard.Grant) (known []Export, err error) {
	tx, in := g.Tx(access.ViewMatter, access.PrepareExport), g.Only(access.Matter)
	all, err := r.exports(tx, ` WHERE e.matter = $1 ORDER BY e.created DESC, e.id DESC LIMIT 200`, in)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if r.knows(g, e, g.Facts().Where) {
			known = append(known, e)
		}
	}
	return known, nil
}

func (r *Room) knows(g *guard.Grant, e Export, where access.Circumstances) bool {
	return g.May(access.ViewExport, access.Resource{Kind: access.Export, ID: e.ID, Matter: e.Matter, Level: e.Level, State: e.State, Owner: e.Owner, Exists: true}, where)
}

// Holding are the ids of the carriers that a material was exported to. The act is view on the material.
func (r *Room) Holding(g *guard.Grant) ([]string, error) {
	return store.List(g.Tx(access.View), func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT DISTINCT e.carrier FROM media_export e JOIN media_export_item i ON i.export = e.id WHERE i.material = $1 AND e.carrier <> '' AND e.issued > 0`, g.Only(access.Material))
}

// On lists the exports that a medium's carrier is made of, as far as the reader may know them. The act is viewCarrier.
func (r *Room) On(g *guard.Grant) ([]Export, error) {
	all, err := r.exports(g.Tx(access.ViewCarrier), ` WHERE e.carrier = $1 AND e.issued > 0 ORDER BY e.created, e.id`, g.Only(access.Carrier))
	var known []Export
	for _, e := range all {
		if r.knows(g, e, g.Facts().Where) {
			known = append(known, e)
		}
	}
	return known, err
}

// Waiting is what waits for the caller: media that should be back, and containers that may be taken out. The act is useSystem.
func (r *Room) Waiting(g *guard.Grant) (late []Medium, issued []Export, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	if late, err = store.List(tx, r.scan, selectMedium+` WHERE m.state = 'held' AND l.person = $1 AND l.due < $2 ORDER BY l.due`, me, tx.Now.UnixMilli()); err != nil {
		return nil, nil, err
	}
	all, err := r.exports(tx, ` WHERE e.owner = $1 AND e.state = 'issued' AND e.lapses > $2 ORDER BY e.lapses`, me, tx.Now.UnixMilli())
	if err != nil {
		return nil, nil, err
	}
	for _, e := range all {
		where, err := matter.Relation(tx, e.Matter, me)
		if err != nil {
			return nil, nil, err
		}
		if r.knows(g, e, where) {
			issued = append(issued, e)
		}
	}
	return late, issued, nil
}

// Late is that somebody should have brought a medium back. It tells nothing of what is on it.
type Late struct {
	Person, Loan string // ids
	Due          time.Time
}

// Late are the media that should be back, for notices to those who have them.
func (r *Room) Late(tx *store.Tx) ([]Late, error) {
	return store.List(tx, func(row store.Row) (l Late, err error) {
		var due int64
		err = row.Scan(&l.Person, &l.Loan, &due)
		l.Due = instant(due)
		return l, err
	}, `SELECT l.person, l.id, l.due FROM medium m JOIN medium_loan l ON l.medium = m.id AND l.returned = 0 WHERE m.state = 'held' AND l.due < $1 ORDER BY l.due, l.id`, tx.Now.UnixMilli())
}

// ExportNumbers names exports in the ledger.
func (r *Room) ExportNumbers(tx *store.Tx, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		e, err := r.export(tx, id)
		if errors.Is(err, store.ErrNone) || err != nil && e.ID == "" {
			continue
		}
		names[id] = e.Number()
	}
	return names, nil
}
