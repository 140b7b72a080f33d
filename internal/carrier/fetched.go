package carrier

import (
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// FetchedMost is how long a fetched original may lie on somebody's own machine before they are asked for it every day.
const FetchedMost = 7 * 24 * time.Hour

// Original is an original that leaves the store as a file.
type Original struct {
	Material, Matter, Title string
	Level                   classification.Level
}

// Fetching is a fetched copy as it leaves.
type Fetching struct {
	ID, Number string
	New        bool // the holder had none of the material before
}

// Fetch has a fetched original counted as a numbered copy (电子副本; clauses 7.1.1, 7.2.1) held by the caller. Who holds one of the material already
// fetches it once more, unless it should have been deleted by now. The act is fetchOriginal.
func (c *Cabinet) Fetch(g *guard.Grant, o Original) (f Fetching, err error) {
	tx, me, place := g.Tx(access.FetchOriginal), g.Who().Person, "取用人的电脑"
	if addr := g.Who().Addr; addr != "" {
		place += "（" + addr + "）"
	}
	due := int64(0)
	f, err = store.Get(tx, func(row store.Row) (f Fetching, err error) { return f, row.Scan(&f.ID, &f.Number, &due) },
		`SELECT id, number, due FROM carrier WHERE material = $1 AND holder = $2 AND form = 'fetched' AND state = 'held'`, o.Material, me)
	switch {
	case errors.Is(err, store.ErrNone):
		return c.fetch(g, o, place)
	case err != nil:
		return f, err
	case due < tx.Now.UnixMilli():
		return f, problem.New(problem.Conflict, "您上次取用的副本 %s 逾期没有删除，请先删除并确认，再重新取用", f.Number)
	}
	if _, err := tx.Exec(`UPDATE carrier SET level = $2, sealed_place = $3, approval = $4 WHERE id = $1`, f.ID, int64(o.Level), c.place.SealText(f.ID, place), g.Permit()); err != nil {
		return f, err
	}
	return f, c.moved(tx, f.ID, Move{Deed: FetchedAgain, By: me, From: me, To: me, Note: place})
}

func (c *Cabinet) fetch(g *guard.Grant, o Original, place string) (f Fetching, err error) {
	tx := g.Tx()
	of, err := c.Reserve(tx, o.Matter, o.Material, 1)
	if err != nil {
		return f, err
	}
	f = Fetching{ID: tx.NewID(), Number: of[0].Number, New: true}
	return f, c.enter(tx, Carrier{ID: f.ID, Matter: o.Matter, Number: f.Number, Serial: of[0].Serial, Copy: of[0].Copy, Batch: f.ID, Form: Fetched, Origin: Made, Level: o.Level, Pages: 1, Title: o.Title, Place: place,
		Holder: g.Who().Person, Due: tx.Now.Add(FetchedMost), Material: o.Material, Approval: g.Permit()})
}

// NotFetched ends a copy of which not a byte has left, unless it was fetched once more meanwhile. Nobody states that it is deleted: there was none.
func (c *Cabinet) NotFetched(tx *store.Tx, f Fetching) error {
	it, err := c.One(tx, f.ID)
	if err != nil || !f.New || it.State == access.Ended {
		return err
	}
	again, err := store.Get(tx, scanNumber, `SELECT COUNT(*) FROM carrier_move WHERE carrier = $1 AND deed = $2`, it.ID, string(FetchedAgain))
	if err != nil || again > 0 {
		return err
	}
	return c.erase(tx, it, Move{Deed: NotSent, From: it.Holder})
}

// End is how the carrier ended, in Chinese: of a fetched copy nobody says destroyed.
func (it Carrier) End() string {
	if it.Form == Fetched && it.Fate == Destroyed {
		return "已删除"
	}
	return it.Fate.Name()
}

// erased is what its holder states of a copy.
const erased = "本人确认已从电脑、下载文件夹和回收站中删除，没有另存"

// Erase ends a fetched copy: its holder states that it is deleted. The act is eraseCopy.
func (c *Cabinet) Erase(g *guard.Grant) error {
	tx, it, err := c.acted(g, access.EraseCopy)
	if err != nil {
		return err
	}
	if it.Form != Fetched {
		return problem.New(problem.Conflict, "只有取用的电子副本可以确认删除，其他载体请按归还、销毁办理")
	}
	return c.erase(tx, it, Move{Deed: Erased, By: g.Who().Person, From: it.Holder, Note: erased})
}

func (c *Cabinet) erase(tx *store.Tx, it Carrier, m Move) error {
	if _, err := tx.Exec(`UPDATE carrier SET state = 'ended', fate = $2, ended = $3, due = 0 WHERE id = $1`, it.ID, string(Destroyed), tx.Now.UnixMilli()); err != nil {
		return err
	}
	return c.moved(tx, it.ID, m)
}

// EraseAll ends those of the named carriers that are fetched copies which the rules let the caller end, and gives how many. Each is on record as
// its own step. The act is useSystem.
func (c *Cabinet) EraseAll(g *guard.Grant, ids []string) (n int, err error) {
	tx := g.Tx(access.UseSystem)
	all, err := c.copiesOf(tx, g.Who().Person)
	if err != nil {
		return 0, err
	}
	for _, it := range all {
		thing := guard.Thing{Kind: access.Carrier, ID: it.ID}
		if !slices.Contains(ids, it.ID) {
			continue
		}
		r, where, err := c.Load(tx, g.Who(), thing)
		if err != nil {
			return n, err
		}
		if !g.May(access.EraseCopy, r, where) {
			continue
		}
		if err := c.erase(tx, it, Move{Deed: Erased, By: g.Who().Person, From: it.Holder, Note: erased}); err != nil {
			return n, err
		}
		g.Step(access.EraseCopy, thing, it.Matter, map[string]any{"number": it.Number})
		n++
	}
	if n == 0 {
		return 0, problem.New(problem.Conflict, "没有可以确认删除的电子副本；机密级以上的须先完成第二因素验证")
	}
	g.Note("erased", n)
	return n, nil
}

// ToErase are the fetched copies that the caller holds, those that are due first. The act is useSystem.
func (c *Cabinet) ToErase(g *guard.Grant) ([]Carrier, error) {
	return c.copiesOf(g.Tx(access.UseSystem), g.Who().Person)
}

func (c *Cabinet) copiesOf(tx *store.Tx, person string) ([]Carrier, error) {
	return store.List(tx, c.scan, selectCarrier+` WHERE holder = $1 AND form = 'fetched' AND state = 'held'
		AND matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0) ORDER BY due, id`, person)
}

// KeptTooLong counts the fetched copies of matters that the caller leads which others have kept for longer than FetchedMost. The act is useSystem.
func (c *Cabinet) KeptTooLong(g *guard.Grant) (int, error) {
	tx := g.Tx(access.UseSystem)
	return store.Get(tx, func(row store.Row) (n int, err error) { return n, row.Scan(&n) }, `SELECT COUNT(*) FROM member b JOIN carrier c ON c.matter = b.matter
		WHERE b.person = $1 AND b.duty = 'lead' AND b.since <= $2 AND (b.until = 0 OR b.until > $2) AND c.form = 'fetched' AND c.state = 'held' AND c.due < $2 AND c.holder <> $1
		AND b.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0)`, g.Who().Person, tx.Now.UnixMilli())
}

// passable is a problem for a fetched copy: what can be fetched by each for themselves is not handed from one to the other.
func (it Carrier) passable() error {
	if it.Form == Fetched {
		return problem.New(problem.Conflict, "电子副本不移交、不出借、不外带、不外发：需要的人自己取用原件，用毕由取用人确认删除")
	}
	return nil
}
