package pledge

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Edition is one version of the pledge, with a text for each kind.
type Edition struct {
	Version   int
	Published time.Time
	Required  time.Time       // from when on an older one does not hold any more
	By        string          // person; empty: it came with the program
	Texts     map[Kind]string // Markdown, see ParseText
}

// farthest is how far ahead a new edition may be required.
const farthest = 366 * 24 * time.Hour

// Publish sets a new edition and asks everybody for it: what they have signed holds until required. The act is setPledge.
func (r *Room) Publish(g *guard.Grant, texts map[Kind]string, required time.Time) (version int, err error) {
	tx := g.Tx(access.SetPledge)
	if !required.After(tx.Now) || required.After(tx.Now.Add(farthest)) {
		return 0, problem.New(problem.Invalid, "请给出今天之后、一年以内的日期").In("required")
	}
	for _, k := range Kinds {
		if _, err := ParseText(texts[k]); err != nil {
			if p, ok := err.(*problem.Error); ok {
				return 0, p.In(string(k))
			}
			return 0, err
		}
	}
	newest, err := newestVersion(tx)
	if err != nil {
		return 0, err
	}
	e := Edition{Version: newest + 1, Published: tx.Now, Required: required, By: g.Who().Person, Texts: texts}
	if err := insertEdition(tx, e); err != nil {
		return 0, err
	}
	asked, err := r.people.RequirePledge(g, e.Version, required)
	g.Note("edition", e.Version)
	g.Note("asked", asked)
	return e.Version, err
}

func newestVersion(tx *store.Tx) (int, error) {
	n, err := store.Get(tx, scanCount, `SELECT COALESCE(MAX(version), 0) FROM pledge_edition`)
	return int(n), err
}

func scanCount(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err }

func insertEdition(tx *store.Tx, e Edition) error {
	if _, err := tx.Exec(`INSERT INTO pledge_edition (version, published, required, published_by) VALUES ($1, $2, $3, $4)`,
		e.Version, e.Published.UnixMilli(), e.Required.UnixMilli(), e.By); err != nil {
		return err
	}
	for _, k := range Kinds {
		if _, err := tx.Exec(`INSERT INTO pledge_text (version, kind, text) VALUES ($1, $2, $3)`, e.Version, string(k), e.Texts[k]); err != nil {
			return err
		}
	}
	return nil
}

// Editions lists the editions with their texts, newest first. The texts are the firm's own and everybody's to read: the act is
// useSystem on the firm.
func (r *Room) Editions(g *guard.Grant) ([]Edition, error) { return editions(g.Tx(access.UseSystem)) }

func editions(tx *store.Tx) ([]Edition, error) {
	all, err := store.List(tx, func(row store.Row) (e Edition, err error) {
		var published, required int64
		err = row.Scan(&e.Version, &published, &required, &e.By)
		e.Published, e.Required, e.Texts = instant(published), instant(required), map[Kind]string{}
		return e, err
	}, `SELECT version, published, required, published_by FROM pledge_edition ORDER BY version DESC`)
	if err != nil {
		return nil, err
	}
	of := map[int]map[Kind]string{}
	for _, e := range all {
		of[e.Version] = e.Texts
	}
	_, err = store.List(tx, func(row store.Row) (struct{}, error) {
		var version int
		var kind Kind
		var text string
		err := row.Scan(&version, &kind, &text)
		if texts := of[version]; texts != nil {
			texts[kind] = text
		}
		return struct{}{}, err
	}, `SELECT version, kind, text FROM pledge_text`)
	return all, err
}

// Due is a pledge that somebody is asked to sign.
type Due struct {
	Kind    Kind
	Version int
	By      time.Time // zero: now, since nothing holds any more
	Text    string
}

// Asked lists what the caller is asked to sign, the most urgent first. The act is useSystem.
func (r *Room) Asked(g *guard.Grant) ([]Due, error) {
	tx := g.Tx(access.UseSystem)
	p, err := r.people.One(tx, g.Who().Person)
	if err != nil {
		return nil, err
	}
	return asked(tx, p)
}

// AskedOf are the pledges that somebody is asked for, for a notice to them.
func (r *Room) AskedOf(tx *store.Tx, p person.Person) ([]Due, error) { return asked(tx, p) }

func asked(tx *store.Tx, p person.Person) (all []Due, err error) {
	newest, err := newestVersion(tx)
	if err != nil {
		return nil, err
	}
	add := func(k Kind, by time.Time) error {
		text, err := store.Get(tx, func(row store.Row) (s string, err error) { err = row.Scan(&s); return s, err },
			`SELECT text FROM pledge_text WHERE version = $1 AND kind = $2`, newest, string(k))
		all = append(all, Due{Kind: k, Version: newest, By: by, Text: text})
		return err
	}
	if p.Pledge < newest {
		kind := Yearly
		if p.Pledge == 0 {
			kind = Joining
		}
		if err := add(kind, p.BoundUntil); err != nil {
			return nil, err
		}
	}
	leaving, err := store.Get(tx, scanCount, `SELECT COUNT(*) FROM pledge_leaving WHERE person = $1 AND signed = ''`, p.ID)
	if err != nil || leaving == 0 {
		return all, err
	}
	return all, add(Leaving, time.Time{})
}

// ForgetLeaving takes the question for the leaving pledge back, of who stays. The act is beginLeaving on the person.
func (r *Room) ForgetLeaving(g *guard.Grant) error {
	_, err := g.Tx(access.BeginLeaving).Exec(`DELETE FROM pledge_leaving WHERE person = $1 AND signed = ''`, g.Only(access.Person))
	return err
}

// AskLeaving asks somebody for the leaving pledge. The act is appoint or beginLeaving on the person.
func (r *Room) AskLeaving(g *guard.Grant) error {
	tx, id := g.Tx(access.Appoint, access.BeginLeaving), g.Only(access.Person)
	p, err := r.people.One(tx, id)
	if err != nil {
		return err
	}
	if p.Status != person.Active {
		return problem.New(problem.Conflict, "此人的账号没有启用，不能签署")
	}
	g.Note("asked", string(Leaving))
	n, err := tx.Exec(`INSERT INTO pledge_leaving (person, asked, asked_by, signed) VALUES ($1, $2, $3, '')
		ON CONFLICT (person) DO UPDATE SET asked = excluded.asked, asked_by = excluded.asked_by, signed = '' WHERE pledge_leaving.signed <> ''`, id, tx.Now.UnixMilli(), g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "已经请此人签署离岗承诺书，尚未签署")
	}
	return err
}
