// Package pledge is the pledges that people sign (承诺; clauses 6.1, 6.3, 23): their texts in editions, of which a newer one asks
// everybody again by a day; signing them with one's own key after showing who one is once more; and the register of what was
// signed. That somebody is bound is a date in the person's row, which the one door reads. A signed pledge is a sealed PDF whose
// SHA-256 stands in the ledger; it is never changed or withdrawn.
package pledge

import (
	"context"
	"embed"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/person"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Kind is the occasion of a pledge.
type Kind string

const (
	Joining Kind = "joining" // before the first day in post
	Yearly  Kind = "yearly"  // again, when a newer edition asks for it
	Leaving Kind = "leaving" // when leaving the post
)

// Kinds lists them in the order in which forms offer them.
var Kinds = []Kind{Joining, Yearly, Leaving}

var kindNames = map[Kind]string{Joining: "入职承诺书", Yearly: "年度承诺书", Leaving: "离岗承诺书"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Room is where pledges are signed and kept. It is safe for concurrent use.
type Room struct {
	db          *store.DB
	door        *guard.Door
	people      *person.Roster
	hand        *hand.Desk
	firm        func(context.Context) (string, error)
	particulars *vault.Field
}

// New makes the room; firm gives the firm's name.
func New(db *store.DB, door *guard.Door, keys *vault.Keyring, people *person.Roster, desk *hand.Desk, firm func(context.Context) (string, error)) *Room {
	return &Room{db: db, door: door, people: people, hand: desk, firm: firm, particulars: keys.Field("pledge.particulars")}
}

//go:embed text/*.md
var shipped embed.FS

// Prepare puts the edition that comes with the program in place, where the firm has none yet. It is an act of the program.
func (r *Room) Prepare(ctx context.Context) error {
	var newest int
	if err := r.db.Read(ctx, func(tx *store.Tx) (err error) { newest, err = newestVersion(tx); return err }); err != nil || newest > 0 {
		return err
	}
	texts, err := shippedTexts()
	if err != nil {
		return err
	}
	return r.door.Do(ctx, guard.Who{Via: guard.Job}, access.SetPledge, guard.Firm, func(g *guard.Grant) error {
		if newest, err := newestVersion(g.Tx()); err != nil || newest > 0 {
			return err
		}
		g.Note("edition", 1)
		return insertEdition(g.Tx(), Edition{Version: 1, Published: g.Tx().Now, Required: g.Tx().Now, Texts: texts})
	})
}

func shippedTexts() (map[Kind]string, error) {
	texts := map[Kind]string{}
	for _, k := range Kinds {
		raw, err := shipped.ReadFile("text/" + string(k) + ".md")
		if err != nil {
			return nil, err
		}
		if _, err := ParseText(string(raw)); err != nil {
			return nil, fmt.Errorf("the shipped text %s: %w", k, err)
		}
		texts[k] = string(raw)
	}
	return texts, nil
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
