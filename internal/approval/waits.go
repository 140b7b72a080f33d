package approval

import (
	"slices"
	"time"

	"mijuan/internal/person"
	"mijuan/internal/store"
)

// Tell is asked in the transaction in which a request comes to wait at a stage, or in which others may decide it than before.
type Tell func(tx *store.Tx, request string) error

// OnWaiting has somebody told. Call it while wiring.
func (r *Room) OnWaiting(t Tell) { r.tell = t }

func (r *Room) waiting(tx *store.Tx, request string) error {
	if r.tell == nil {
		return nil
	}
	return r.tell(tx, request)
}

// Wait is a request that waits at a stage for those who may decide it now. It tells nothing of what is asked for.
type Wait struct {
	ID, Number string
	Stage      int
	Until      time.Time // undecided it lapses then
	Escalates  time.Time // from when others may decide, too
	People     []string  // ids
}

// WaitOf is how a request waits; none that waits has the zero Wait. Whom it may be told, the caller knows: it is for notices to those it
// names.
func (r *Room) WaitOf(tx *store.Tx, id string) (Wait, error) {
	q, err := r.one(tx, id)
	if err != nil || q.State != Pending {
		return Wait{}, err
	}
	w := Wait{ID: q.ID, Number: q.Number(), Stage: q.Stage, Until: q.Until, Escalates: q.StageSince.Add(Patience)}
	able, err := store.List(tx, scanID, `SELECT p.id FROM person p WHERE p.status = 'active' AND (p.posts LIKE '%director%' OR p.posts LIKE '%committee%'
		OR p.id IN (SELECT b.person FROM member b WHERE b.matter = $1 AND b.duty = 'lead' AND b.since <= $2 AND (b.until = 0 OR b.until > $2))
		OR p.id IN (SELECT d.person FROM delegation d WHERE d.ended = 0 AND d.since <= $2 AND d.until > $2)) ORDER BY p.id`, q.Matter, tx.Now.UnixMilli())
	if err != nil {
		return Wait{}, err
	}
	for _, who := range able {
		if sits, err := r.decides(tx, q, who); err != nil {
			return Wait{}, err
		} else if sits {
			w.People = append(w.People, who)
		}
	}
	return w, nil
}

// decides reports whether somebody may decide a request now, as far as that hangs on the person: the rules are asked when it is decided.
func (r *Room) decides(tx *store.Tx, q Request, who string) (bool, error) {
	s, where, err := r.sitting(tx, q, who)
	if err != nil || where.Walled || !s.person.Active || !s.person.Trained || !s.person.Pledged || slices.ContainsFunc(s.person.Posts, person.IsAdministrator) {
		return false, err
	}
	mine, _, err := r.places(tx, q, s)
	return len(mine) > 0, err
}

// Waiting lists the requests that wait.
func (r *Room) Waiting(tx *store.Tx) ([]string, error) {
	return store.List(tx, scanID, `SELECT id FROM approval WHERE state = 'pending' AND until > $1 ORDER BY until, id`, tx.Now.UnixMilli())
}

func scanID(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }
