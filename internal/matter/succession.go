package matter

import (
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Led lists the ids of the matters that a person leads, by number. Whether the reader may know, the caller's act decides.
func (b *Book) Led(tx *store.Tx, person string) ([]string, error) {
	return store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT id FROM matter WHERE lead = $1 ORDER BY number`, person)
}

// WalledFrom is the set of matters behind whose walls a person stands: whoever shows that person a list leaves them out (clause 16).
func (b *Book) WalledFrom(tx *store.Tx, person string) (map[string]bool, error) {
	ids, err := store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT matter FROM wall WHERE person = $1 AND lifted = 0`, person)
	behind := make(map[string]bool, len(ids))
	for _, id := range ids {
		behind[id] = true
	}
	return behind, err
}

// Succeed makes somebody the lead lawyer in the place of the person who leaves, with all that person may know in the matter. The
// act is settleLeaving on who leaves, who stays in the team until the leaving is closed.
func (b *Book) Succeed(g *guard.Grant, id string, to string) error {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	lead, err := leadOf(tx, id)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return err
	}
	if lead != from { // or there is no such matter
		return problem.New(problem.Conflict, "此人已不是这个案件的主办律师，请刷新后查看")
	}
	his, err := Relation(tx, id, from)
	if err != nil {
		return err
	}
	theirs, err := Relation(tx, id, to)
	if err != nil {
		return err
	}
	if theirs.Walled {
		return problem.New(problem.Conflict, "接收人在这个案件的隔离墙上").In("successor")
	}
	if err := b.handOver(tx, id, from, to); err != nil {
		return err
	}
	if _, err := endMember(tx, id, to); err != nil {
		return err
	}
	m := Member{Person: to, Duty: Lead, Clearance: max(his.Clearance, theirs.Clearance), Listed: his.Listed || theirs.Listed}
	g.Step(access.ManageTeam, guard.Thing{Kind: access.Matter, ID: id}, id, map[string]any{"person": to, "duty": string(Lead), "clearance": m.Clearance.String(),
		"listed": m.Listed, "instead": from})
	return addMember(tx, id, g.Who().Person, m)
}

// MayHold is a problem unless the person may know, and so answer for, materials of the level in the matter. The field is the form's.
func MayHold(tx *store.Tx, matter, person string, level classification.Level, field string) error {
	is, err := Relation(tx, matter, person)
	switch {
	case err != nil:
		return err
	case is.Walled:
		return problem.New(problem.Conflict, "接收人在这个案件的隔离墙上").In(field)
	case !is.Member:
		return problem.New(problem.Conflict, "接收人不在这个案件的团队里，请主办律师先把此人加入团队").In(field)
	case is.Clearance < level:
		return problem.New(problem.Conflict, "其中有%s资料，高于接收人在本案可以知悉的密级", level.Name()).In(field)
	case level == classification.TopSecret && !is.Listed:
		return problem.New(problem.Conflict, "其中有绝密级资料，接收人不在知悉人员名单上").In(field)
	}
	return nil
}

// Depart ends every place in a team that the person who leaves holds, and gives how many. The act is closeLeaving, or
// appoint for who becomes an administrator.
func (b *Book) Depart(g *guard.Grant) (int, error) {
	tx, person := g.Tx(access.CloseLeaving, access.Appoint), g.Only(access.Person)
	now := tx.Now.UnixMilli()
	places, err := store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT DISTINCT matter FROM member WHERE person = $1 AND (until = 0 OR until > $2)`, person, now)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE member SET until = $2 WHERE person = $1 AND (until = 0 OR until > $2)`, person, now); err != nil {
		return 0, err
	}
	for _, id := range places {
		g.Step(access.ManageTeam, guard.Thing{Kind: access.Matter, ID: id}, id, map[string]any{"person": person, "removed": true})
	}
	return len(places), nil
}

// ListedIn is the set of matters on whose need-to-know lists a person stands now.
func ListedIn(tx *store.Tx, person string) (map[string]bool, error) {
	ids, err := store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT matter FROM member WHERE person = $1 AND listed = 1 AND clearance = $2 AND since <= $3 AND (until = 0 OR until > $3)`, person, int64(classification.TopSecret), tx.Now.UnixMilli())
	in := make(map[string]bool, len(ids))
	for _, id := range ids {
		in[id] = true
	}
	return in, err
}

// Handled counts the open matters in whose teams a person is without leading them. Whether the reader may know, the caller's act decides.
func Handled(tx *store.Tx, person string) (int, error) {
	return store.Get(tx, func(r store.Row) (n int, err error) { err = r.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM member b JOIN matter m ON m.id = b.matter WHERE b.person = $1 AND m.lead <> $1 AND m.state = 'open' AND b.since <= $2 AND (b.until = 0 OR b.until > $2)`,
		person, tx.Now.UnixMilli())
}
