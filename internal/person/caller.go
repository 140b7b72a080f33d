package person

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Me is the caller's own row, without what is set up for the log-in.
func (r *Roster) Me(g *guard.Grant) (Person, error) {
	return r.person(g.Tx(access.UseSystem), g.Who().Person)
}

// Caller is the person of an authenticated caller, for naming them on what they are shown.
func (r *Roster) Caller(ctx context.Context, who guard.Who) (p Person, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		p, err = r.person(tx, who.Person)
		return err
	})
	return p, err
}
