package matter

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Closing is one time that a matter was closed, or opened again.
type Closing struct {
	Closed bool
	Person string // id
	Reason string
	At     time.Time
}

// Close says that the mandate is over (结案; clause 9): from now on the matter is there to be read, nothing is received into it, and what
// it holds is kept from today on (clause 12). Levels that wait for review are reviewed first. The act is closeMatter.
func (b *Book) Close(g *guard.Grant, why string) error {
	tx, id := g.Tx(access.CloseMatter), g.Only(access.Matter)
	why, err := line("reason", "结案情况", why, 500, true)
	if err != nil {
		return err
	}
	open, err := store.Get(tx, func(r store.Row) (n [2]int64, err error) { err = r.Scan(&n[0], &n[1]); return n, err },
		`SELECT (SELECT COUNT(*) FROM material WHERE matter = $1 AND state = 'proposed'), (SELECT COUNT(*) FROM upload WHERE matter = $1 AND state IN ('growing', 'ready'))`, id)
	switch {
	case err != nil:
		return err
	case open[0] > 0:
		return problem.New(problem.Conflict, "还有 %d 份资料的定密没有审核，审核之后再结案", open[0])
	case open[1] > 0:
		return problem.New(problem.Conflict, "还有 %d 个文件没有登记完，登记或者放弃之后再结案", open[1])
	}
	n, err := tx.Exec(`UPDATE matter SET state = 'closed', closed = $2 WHERE id = $1 AND state = 'open'`, id, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "本案已经结案")
	}
	if err != nil {
		return err
	}
	return b.closing(g, tx, id, true, why)
}

// Reopen says that the mandate goes on; keeping begins anew with the next closing. The act is closeMatter.
func (b *Book) Reopen(g *guard.Grant, why string) error {
	tx, id := g.Tx(access.CloseMatter), g.Only(access.Matter)
	why, err := line("reason", "事由", why, 500, true)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE matter SET state = 'open', closed = 0 WHERE id = $1 AND state = 'closed' AND length(sealed_key) > 0`, id)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "本案没有结案，或者资料已经全部销毁")
	}
	if err != nil {
		return err
	}
	return b.closing(g, tx, id, false, why)
}

func (b *Book) closing(g *guard.Grant, tx *store.Tx, id string, closed bool, why string) error {
	row, state := tx.NewID(), int64(0)
	if closed {
		state = 1
	}
	g.Note("closed", closed)
	_, err := tx.Exec(`INSERT INTO matter_closing (id, matter, closed, person, sealed_reason, at) VALUES ($1, $2, $3, $4, $5, $6)`, row, id, state, g.Who().Person, b.fields.closing.SealText(row, why), tx.Now.UnixMilli())
	return err
}

// Closings are the times that a matter was closed or opened again, the last first. The act is viewMatter.
func (b *Book) Closings(g *guard.Grant) ([]Closing, error) {
	return store.List(g.Tx(access.ViewMatter), func(r store.Row) (c Closing, err error) {
		var id string
		var closed, at int64
		var why []byte
		if err := r.Scan(&id, &closed, &c.Person, &why, &at); err != nil {
			return c, err
		}
		c.Closed, c.At = closed == 1, instant(at)
		return c, unseal(b.fields.closing, id, why, &c.Reason)
	}, `SELECT id, closed, person, sealed_reason, at FROM matter_closing WHERE matter = $1 ORDER BY at DESC, id DESC`, g.Only(access.Matter))
}

// ClosedAt is when a matter was closed; zero: it is open.
func ClosedAt(tx *store.Tx, id string) (time.Time, error) {
	at, err := store.Get(tx, func(r store.Row) (at int64, err error) { return at, r.Scan(&at) }, `SELECT closed FROM matter WHERE id = $1`, id)
	return instant(at), err
}

// Forget destroys the matter's age identity: whatever was sealed to it opens nowhere any more. The act is destroy, on a list of all that
// the matter has. In a closed one nothing is on its way in.
func (b *Book) Forget(g *guard.Grant, id string) error {
	tx := g.Tx(access.Destroy)
	n, err := tx.Exec(`UPDATE matter SET sealed_key = $2 WHERE id = $1 AND state = 'closed' AND length(sealed_key) > 0`, id, []byte{})
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "本案没有结案，或者资料已经全部销毁")
	}
	return err
}
