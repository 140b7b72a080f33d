package person

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Signed records that the person whom the grant is for signed a version of the pledge.
func (r *Roster) Signed(g *guard.Grant, kind string, version int) error {
	tx, id := g.Tx(access.SignPledge), g.Only(access.Person)
	return qualify(g, id, []qualification{{subject: "pledge", kind: kind, version: version, at: tx.Now}})
}

// RequirePledge asks everybody for a version of the pledge: an older one holds until the day at the latest. It gives how many are
// asked.
func (r *Roster) RequirePledge(g *guard.Grant, version int, by time.Time) (int64, error) {
	g.Note("required", map[string]any{"pledge": version, "by": by.UnixMilli()})
	return g.Tx(access.SetPledge).Exec(`UPDATE person SET pledged_until = $2 WHERE pledge < $1 AND pledged_until > $2`, version, by.UnixMilli())
}

// bind brings a person's facts up to date after a pledge was signed: it holds until a newer edition must be signed. One that is
// older than what the person has signed changes nothing.
func bind(tx *store.Tx, person string, q qualification) error {
	_, err := tx.Exec(`UPDATE person SET pledge = $2, pledged = CASE WHEN pledged < $3 THEN $3 ELSE pledged END, pledged_until = COALESCE((SELECT MIN(required) FROM pledge_edition WHERE version > $2), $4)
		WHERE id = $1 AND pledge <= $2`, person, q.version, q.at.UnixMilli(), int64(forever))
	return err
}

// editionAt is the version of the pledge that somebody signed on paper at a time: the newest that was out then.
func editionAt(tx *store.Tx, at time.Time) (int, error) {
	n, err := count(tx, `SELECT COALESCE(MAX(version), 1) FROM pledge_edition WHERE published <= $1`, at.UnixMilli())
	return int(n), err
}

// PaperPledge is a pledge that was recorded for somebody: it was signed on paper, or by the founder.
type PaperPledge struct {
	ID         string
	Person     Person // as the roster has them now
	Kind       string
	Version    int
	At         time.Time
	RecordedBy string // person; empty: the console
	Reason     string // on what the record rests
}

// reasonOf opens why something was recorded by hand; empty where nobody had to say so.
func (r *records) reasonOf(id string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	return r.seal.qualified.OpenText(id, sealed)
}

// PaperPledges lists the pledges that were recorded, newest first: all, or one person's. Which of them the reader may know is for
// the caller to ask the rules.
func (r *Roster) PaperPledges(tx *store.Tx, person string) ([]PaperPledge, error) {
	query, args := `SELECT `+personColumns+`, q.id, q.kind, q.version, q.at, q.recorded_by, q.sealed_reason FROM qualification q JOIN person p ON p.id = q.person
		WHERE q.subject = 'pledge' AND q.recorded_by <> q.person`, []any{}
	if person != "" {
		query, args = query+` AND q.person = $1`, []any{person}
	}
	return store.List(tx, func(row store.Row) (k PaperPledge, err error) {
		var at int64
		var sealed []byte
		if k.Person, err = r.scanPerson(tx, row, &k.ID, &k.Kind, &k.Version, &at, &k.RecordedBy, &sealed); err != nil {
			return k, err
		}
		k.At = instant(at)
		k.Reason, err = r.reasonOf(k.ID, sealed)
		return k, err
	}, query+` ORDER BY q.at DESC, q.id DESC`, args...)
}

// Unbound lists everybody at work or invited who has not signed a version of the pledge. Which of them the reader may know is for
// the caller to ask the rules.
func (r *Roster) Unbound(tx *store.Tx, version int) ([]Person, error) {
	return store.List(tx, func(row store.Row) (Person, error) { return r.scanPerson(tx, row) },
		`SELECT `+personColumns+` FROM person p WHERE p.status IN ('active', 'invited') AND p.pledge < $1 ORDER BY p.pledged_until, p.id`, version)
}

// One reads a person of the roster, for a room whose act on that person was granted.
func (r *Roster) One(tx *store.Tx, id string) (Person, error) { return r.person(tx, id) }

// Asks gives the second factors of which Confirm asks the caller for one, if there are any. The act is useSystem.
func (r *Roster) Asks(g *guard.Grant) (Factors, error) {
	a, err := r.accountByID(g.Tx(access.UseSystem), g.Who().Person)
	if err != nil {
		return Factors{}, err
	}
	return a.Factors, nil
}
