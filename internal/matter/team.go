package matter

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Assign gives a person a place in the team, or changes it: the standing row is ended and a new one begins, so that who could
// know what at any past moment stays on record (register 权限变更).
func (b *Book) Assign(g *guard.Grant, m Member) error {
	tx, id := g.Tx(access.ManageTeam), g.Only(access.Matter)
	if err := m.check(); err != nil {
		return err
	}
	if err := m.fit(g, "person"); err != nil {
		return err
	}
	walled, err := store.Get(tx, scanCount, `SELECT COUNT(*) FROM wall WHERE matter = $1 AND person = $2 AND lifted = 0`, id, m.Person)
	if err != nil {
		return err
	}
	if walled > 0 {
		return problem.New(problem.Conflict, "此人在本案隔离墙上，不能加入团队").In("person")
	}
	lead, err := leadOf(tx, id)
	if err != nil {
		return err
	}
	if m.Person == lead && m.Duty != Lead {
		return problem.New(problem.Conflict, "请先把主办律师交给另一个人").In("duty")
	}
	if m.Duty == Lead && m.Person != lead {
		if err := b.handOver(tx, id, lead, m.Person); err != nil {
			return err
		}
	}
	if _, err := endMember(tx, id, m.Person); err != nil {
		return err
	}
	g.Note("person", m.Person)
	g.Note("duty", string(m.Duty))
	g.Note("clearance", m.Clearance.String())
	g.Note("listed", m.Listed)
	return addMember(tx, id, g.Who().Person, m)
}

// fit is a problem, in the form's field, unless the person can have the place: at work and none of the three administrators, who see nothing
// of a matter (8.5); who leads is a lawyer (3.3).
func (m Member) fit(g *guard.Grant, field string) error {
	p, err := g.Colleague(m.Person, field)
	has := func(posts ...access.Post) bool {
		return slices.ContainsFunc(p.Posts, func(held access.Post) bool { return slices.Contains(posts, held) })
	}
	switch {
	case err != nil:
		return err
	case !p.Active:
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	case has(access.SystemAdmin, access.SecurityAdmin, access.Auditor):
		return problem.New(problem.Invalid, "系统管理员、安全管理员和审计员不参与办案").In(field)
	case m.Duty == Lead && !has(access.Lawyer):
		return problem.New(problem.Invalid, "主办律师只能由律师担任").In(field)
	}
	return nil
}

// handOver makes another person the lead; the former lead stays as handling lawyer.
func (b *Book) handOver(tx *store.Tx, id, from, to string) error {
	if _, err := tx.Exec(`UPDATE matter SET lead = $2 WHERE id = $1`, id, to); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE member SET duty = $3 WHERE matter = $1 AND person = $2 AND (until = 0 OR until > $4)`,
		id, from, string(Handling), tx.Now.UnixMilli())
	return err
}

// Remove ends a person's place in the team at once. The lead cannot be removed, only replaced.
func (b *Book) Remove(g *guard.Grant, person string) error {
	tx, id := g.Tx(access.ManageTeam), g.Only(access.Matter)
	lead, err := leadOf(tx, id)
	if err != nil {
		return err
	}
	if person == lead {
		return problem.New(problem.Conflict, "请先把主办律师交给另一个人").In("person")
	}
	n, err := endMember(tx, id, person)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.New(problem.Conflict, "此人已不在团队里").In("person")
	}
	g.Note("person", person)
	g.Note("removed", true)
	return nil
}

// SetWall keeps a person from the matter from this moment on; a place in the team ends with it.
func (b *Book) SetWall(g *guard.Grant, w Wall) error {
	tx, id := g.Tx(access.SetWall), g.Only(access.Matter)
	if err := g.Staff(w.Person, "person"); err != nil {
		return err
	}
	lead, err := leadOf(tx, id)
	if err != nil {
		return err
	}
	if w.Person == lead {
		return problem.New(problem.Conflict, "主办律师不能被隔离；请先把案件交给另一个人").In("person")
	}
	if _, err := endMember(tx, id, w.Person); err != nil {
		return err
	}
	g.Note("person", w.Person)
	g.Note("wall", "set")
	return b.addWall(tx, id, g.Who().Person, w)
}

// LiftWall ends a wall. The person does not get back into the team by it.
func (b *Book) LiftWall(g *guard.Grant, person string) error {
	tx, id := g.Tx(access.SetWall), g.Only(access.Matter)
	n, err := tx.Exec(`UPDATE wall SET lifted = $3 WHERE matter = $1 AND person = $2 AND lifted = 0`, id, person, tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.New(problem.Conflict, "此人不在本案隔离墙上").In("person")
	}
	g.Note("person", person)
	g.Note("wall", "lifted")
	return nil
}

func leadOf(tx *store.Tx, id string) (string, error) {
	return store.Get(tx, func(r store.Row) (lead string, err error) { err = r.Scan(&lead); return lead, err },
		`SELECT lead FROM matter WHERE id = $1`, id)
}

func scanCount(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err }

func addMember(tx *store.Tx, id, by string, m Member) error {
	_, err := tx.Exec(`INSERT INTO member (id, matter, person, duty, clearance, listed, since, until, granted_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tx.NewID(), id, m.Person, string(m.Duty), int64(m.Clearance), flag(m.Listed), tx.Now.UnixMilli(), millis(m.Until), by)
	return err
}

func endMember(tx *store.Tx, id, person string) (int64, error) {
	return tx.Exec(`UPDATE member SET until = $3 WHERE matter = $1 AND person = $2 AND (until = 0 OR until > $3)`, id, person, tx.Now.UnixMilli())
}

func (b *Book) addWall(tx *store.Tx, id, by string, w Wall) (err error) {
	if w.Person == "" {
		return problem.New(problem.Invalid, "请选择要隔离的人").In("person")
	}
	if w.Reason, err = line("reason", "隔离理由", w.Reason, 500, true); err != nil {
		return err
	}
	row := tx.NewID()
	n, err := tx.Exec(`INSERT INTO wall (id, matter, person, sealed_reason, set_by, since, lifted) VALUES ($1, $2, $3, $4, $5, $6, 0)
		ON CONFLICT DO NOTHING`, row, id, w.Person, b.fields.wallReason.SealText(row, w.Reason), by, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "此人已在本案隔离墙上").In("person")
	}
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// millis is a time as stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant reads a stored time; 0 is the zero time.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
