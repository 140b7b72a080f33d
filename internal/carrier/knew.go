package carrier

import (
	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/knower"
	"mijuan/internal/store"
)

// knew keeps the register of who knew top secret in step with a carrier's moves. Of a fetched copy the fetching itself is noted.
func knew(tx *store.Tx, id string, m Move) error {
	if m.Deed != Registered && m.Deed != Taken {
		return nil
	}
	type facts struct {
		knower.Passing
		level        int64
		made, handed string // requests
	}
	f, err := store.Get(tx, func(row store.Row) (f facts, err error) {
		err = row.Scan(&f.Matter, &f.level, &f.made, &f.handed)
		return f, err
	}, `SELECT matter, CASE form WHEN 'fetched' THEN 0 ELSE level END, approval, offered_leave FROM carrier WHERE id = $1`, id)
	if err != nil || classification.Level(f.level) < classification.TopSecret {
		return err
	}
	f.Kind, f.Thing, f.Person, f.Manner, f.Handler, f.Approval = access.Carrier, id, m.To, knower.Taken, m.From, f.handed
	if m.Deed == Registered {
		f.Person, f.Manner, f.Handler, f.Approval = m.By, knower.Registered, m.By, f.made
	}
	return knower.Note(tx, f.Passing)
}

// wentAlong notes who goes along with what is top secret; nobody is empty.
func wentAlong(tx *store.Tx, s Slip, who string) error {
	if who == "" || s.Level < classification.TopSecret {
		return nil
	}
	return knower.Note(tx, knower.Passing{Kind: access.Carrier, Thing: s.Carrier, Matter: s.Matter, Person: who, Manner: knower.Along, Handler: s.holder, Approval: s.Approval})
}
