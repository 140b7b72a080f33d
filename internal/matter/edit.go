package matter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// MaxParties is how many parties a matter may have.
const MaxParties = 200

// Editing is what a matter's data are to be: all of them, not only what changes. A party with an id is changed in place, one
// without is added, one that is left out is removed. The number, the team, the walls and the state are not touched.
type Editing struct {
	Version int // as the editor read it: Matter.Version
	Kind    Kind
	Title   string
	Summary string
	Client  Client // without ID: by kind, name and identity
	Parties []Party
}

// Difference is one thing that an edit changed. Field is "kind", "title", "summary", "client" or "party"; Old is empty for what
// was added and New for what was removed.
type Difference struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// Revision is one edit, as the matter's team sees it.
type Revision struct {
	At          time.Time
	Person      string
	Differences []Difference
}

// Edit changes a matter's data. What it said before and says now is kept sealed beside the matter; the ledger's entry names the
// fields and the digest of what is kept, and no client. From now on names of materials are measured by the new data (7.2.2).
func (b *Book) Edit(g *guard.Grant, e Editing) error {
	tx, id := g.Tx(access.EditMatter), g.Only(access.Matter)
	if err := e.check(); err != nil {
		return err
	}
	now, err := b.whole(tx, id)
	if err != nil {
		return err
	}
	if now.Version != e.Version {
		return problem.New(problem.Conflict, "案件信息刚被别人改过，请核对后再保存").In("version")
	}
	differences, err := e.against(now)
	if err != nil {
		return err
	}
	if len(differences) == 0 {
		g.Note("changed", []string{})
		return nil
	}
	if err := b.rewrite(tx, now, e); err != nil {
		return err
	}
	return b.remember(g, tx, id, differences)
}

// whole is a matter's data without its people.
func (b *Book) whole(tx *store.Tx, id string) (m Matter, err error) {
	if m, err = store.Get(tx, b.scan, selectMatter+` WHERE m.id = $1`, id); err != nil {
		return m, err
	}
	if m.Parties, err = b.parties(tx, id); err != nil {
		return m, err
	}
	m.Version, err = version(tx, id)
	return m, err
}

func version(tx *store.Tx, id string) (int, error) {
	n, err := store.Get(tx, scanCount, `SELECT COUNT(*) FROM matter_change WHERE matter = $1`, id)
	return int(n), err
}

// check cleans the form and says the first thing wrong with it.
func (e *Editing) check() (err error) {
	if e.Title, e.Summary, err = describe(e.Kind, e.Title, e.Summary); err != nil {
		return err
	}
	if err := e.Client.check(); err != nil {
		return err
	}
	return checkParties(e.Parties)
}

// against lists what the editing changes of the matter.
func (e *Editing) against(now Matter) (all []Difference, err error) {
	note := func(field, before, after string) {
		if before != after {
			all = append(all, Difference{field, before, after})
		}
	}
	note("kind", string(now.Kind), string(e.Kind))
	note("title", now.Title, e.Title)
	note("summary", now.Summary, e.Summary)
	note("client", now.Client.said(), e.Client.said())
	before := map[string]Party{}
	for _, p := range now.Parties {
		before[p.ID] = p
	}
	for _, p := range e.Parties {
		was, known := before[p.ID]
		if p.ID != "" && !known {
			return nil, problem.New(problem.Conflict, "案件信息刚被别人改过，请核对后再保存").In("version")
		}
		delete(before, p.ID)
		note("party", was.said(), p.said())
	}
	for _, p := range now.Parties {
		if _, left := before[p.ID]; left {
			note("party", p.said(), "")
		}
	}
	return all, nil
}

// said is a client as a difference shows it.
func (c Client) said() string { return joined(c.Name, c.Identity, ClientKinds[c.Kind]) }

// said is a party as a difference shows it; of nobody it is empty.
func (p Party) said() string { return joined(p.Role, p.Name, p.Identity) }

func joined(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, " · ")
}

// rewrite writes the new data over the old ones, with their search tokens.
func (b *Book) rewrite(tx *store.Tx, now Matter, e Editing) error {
	client, err := b.client(tx, e.Client)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE matter SET kind = $2, client = $3, sealed_title = $4, sealed_summary = $5 WHERE id = $1`, now.ID, string(e.Kind), client.ID,
		b.fields.title.SealText(now.ID, e.Title), b.fields.summary.SealText(now.ID, e.Summary)); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM client WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM matter WHERE client = $1)`, now.Client.ID); err != nil {
		return err
	}
	if err := b.rewriteParties(tx, now, e.Parties); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM matter_token WHERE matter = $1`, now.ID); err != nil {
		return err
	}
	return b.indexNames(tx, now.ID)
}

func (b *Book) rewriteParties(tx *store.Tx, now Matter, parties []Party) error {
	kept := map[string]bool{}
	for _, p := range parties {
		kept[p.ID] = true
		if p.ID == "" {
			if err := b.addParty(tx, now.ID, p); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(`UPDATE party SET role = $2, sealed_name = $3, sealed_identity = $4 WHERE id = $1`, p.ID, p.Role,
			b.fields.partyName.SealText(p.ID, p.Name), b.fields.partyIdentity.SealText(p.ID, p.Identity)); err != nil {
			return err
		}
	}
	for _, p := range now.Parties {
		if kept[p.ID] {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM party WHERE id = $1`, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps what was changed and puts the fields and the digest of it on record.
func (b *Book) remember(g *guard.Grant, tx *store.Tx, id string, differences []Difference) error {
	raw, err := json.Marshal(differences)
	if err != nil {
		return fmt.Errorf("write down what an edit changed: %w", err)
	}
	row := tx.NewID()
	sealed := b.fields.change.Seal(row, raw)
	var fields []string
	for _, d := range differences {
		fields = append(fields, d.Field)
	}
	digest := sha256.Sum256(sealed)
	g.Note("changed", fields)
	g.Note("revision", row)
	g.Note("sha256", hex.EncodeToString(digest[:]))
	_, err = tx.Exec(`INSERT INTO matter_change (id, matter, person, at, sealed_what) VALUES ($1, $2, $3, $4, $5)`, row, id, g.Who().Person, tx.Now.UnixMilli(), sealed)
	return err
}

// Revisions are the matter's edits, newest first.
func (b *Book) Revisions(g *guard.Grant) ([]Revision, error) {
	tx, id := g.Tx(access.ViewMatter), g.Only(access.Matter)
	return store.List(tx, func(r store.Row) (v Revision, err error) {
		var row string
		var at int64
		var sealed []byte
		if err := r.Scan(&row, &v.Person, &at, &sealed); err != nil {
			return v, err
		}
		v.At = instant(at)
		raw, err := b.fields.change.Open(row, sealed)
		if err != nil {
			return v, err
		}
		return v, json.Unmarshal(raw, &v.Differences)
	}, `SELECT id, person, at, sealed_what FROM matter_change WHERE matter = $1 ORDER BY at DESC, id DESC LIMIT 200`, id)
}
