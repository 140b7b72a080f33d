package person

import (
	"encoding/json"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// ChangeKind is what of somebody's rights changed.
type ChangeKind string

const (
	PostsChanged   ChangeKind = "posts"
	AccountChanged ChangeKind = "account"
	PlaceChanged   ChangeKind = "place" // in a matter's team
)

// Change is what changed somebody's rights without a request, for the register 权限变更: see What for what it was and became.
type Change struct {
	ID, Person string
	Kind       ChangeKind
	Matter     string // id, of a place
	At         time.Time
	By         string // id; empty: the console
	What
}

// What is the change itself. Of posts, an account or a place only its own fields are set.
type What struct {
	Before   []access.Post        `json:"before,omitempty"`
	After    []access.Post        `json:"after,omitempty"`
	Was      Status               `json:"was,omitempty"`
	Is       Status               `json:"is,omitempty"`
	WasDuty  string               `json:"wasDuty,omitempty"`
	Duty     string               `json:"duty,omitempty"` // empty: no place any more
	WasLevel classification.Level `json:"wasLevel,omitzero"`
	Level    classification.Level `json:"level,omitzero"`
	Listed   bool                 `json:"listed,omitempty"`
	Until    time.Time            `json:"until,omitzero"`
	Why      string               `json:"why,omitempty"`
	Held     []access.Post        `json:"held,omitempty"` // posts when it changed; see Changed
}

// Changed writes a change into the register, with the posts that the person holds; when and by whom, the grant says.
func (r *records) Changed(g *guard.Grant, c Change) error {
	if c.Kind != PostsChanged {
		a, err := r.accountByID(g.Tx(), c.Person)
		if err != nil {
			return err
		}
		c.Held = a.Posts
	}
	raw, err := json.Marshal(c.What)
	if err != nil {
		return fmt.Errorf("encode a change of rights: %w", err)
	}
	tx := g.Tx()
	id := tx.NewID()
	_, err = tx.Exec(`INSERT INTO right_change (id, kind, person, matter, at, by_person, sealed_what) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, string(c.Kind), c.Person, c.Matter, tx.Now.UnixMilli(), g.Who().Person, r.seal.change.Seal(id, raw))
	return err
}

// ChangeOf reads one of them. Whether the reader may know, the caller's act decides.
func (r *records) ChangeOf(tx *store.Tx, id string) (Change, error) {
	return store.Get(tx, func(row store.Row) (c Change, err error) {
		var at int64
		var sealed []byte
		if err := row.Scan(&c.ID, &c.Kind, &c.Person, &c.Matter, &at, &c.By, &sealed); err != nil {
			return c, err
		}
		c.At = instant(at)
		raw, err := r.seal.change.Open(c.ID, sealed)
		if err == nil {
			err = json.Unmarshal(raw, &c.What)
		}
		return c, err
	}, `SELECT id, kind, person, matter, at, by_person, sealed_what FROM right_change WHERE id = $1`, id)
}
