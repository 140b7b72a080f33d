package pledge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Pledge is a pledge that somebody signed: here, or on paper, when it was recorded for them and has no document.
type Pledge struct {
	ID      string
	Person  string
	Kind    Kind // "founding": the founder's, recorded when the firm was set up
	Version int
	At      time.Time
	Particulars
	Document    string    // SHA-256 of the signed PDF; empty: on paper
	Certificate string    // fingerprint
	Stamped     time.Time // by a time-stamping authority; zero: not
	RecordedBy  string    // name of who recorded a pledge on paper; empty: the console, or signed here
	Reason      string    // on what that record rests
}

// Filter narrows, sorts and pages the register.
type Filter struct {
	Text     string // in name or department
	Person   string
	Kind     Kind
	Version  int
	From, To time.Time // from inclusive, to exclusive
	Sort     string    // "at" (the default), "name", "version"
	Desc     bool
	Offset   int
	Limit    int // 0: all
}

// Page is a part of the register.
type Page struct {
	Pledges []Pledge
	Total   int
}

// List is the register of pledges (承诺书), as far as the caller may read what its people did: their own, and for those in charge
// everybody's. The act is readRoster or exportRoster on the firm.
func (r *Room) List(g *guard.Grant, f Filter) (Page, error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	all, err := r.read(tx, f.Person)
	if err != nil {
		return Page{}, err
	}
	may := readable(g)
	all = slices.DeleteFunc(all, func(p Pledge) bool { return !may(p.Person) || !f.takes(p) })
	slices.SortStableFunc(all, f.order)
	if f.Desc {
		slices.Reverse(all)
	}
	page := Page{Total: len(all)}
	from, to := min(max(f.Offset, 0), len(all)), len(all)
	if f.Limit > 0 {
		to = min(from+f.Limit, to)
	}
	page.Pledges = all[from:to]
	return page, nil
}

// readable asks the rules, once a person, whether the caller may read what somebody did.
func readable(g *guard.Grant) func(person string) bool {
	known := map[string]bool{}
	return func(id string) bool {
		may, asked := known[id]
		if !asked {
			thing := access.Resource{Kind: access.Person, ID: id, Exists: true}
			may = g.May(access.ReadPersonActs, thing, access.Circumstances{Self: id == g.Who().Person})
			known[id] = may
		}
		return may
	}
}

func (f Filter) takes(p Pledge) bool {
	text := strings.ToLower(p.Name + "\n" + p.Department)
	for word := range strings.FieldsSeq(strings.ToLower(f.Text)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return (f.Kind == "" || f.Kind == p.Kind) && (f.Version == 0 || f.Version == p.Version) &&
		(f.From.IsZero() || !p.At.Before(f.From)) && (f.To.IsZero() || p.At.Before(f.To))
}

func (f Filter) order(a, b Pledge) int {
	first := a.At.Compare(b.At)
	switch f.Sort {
	case "name":
		first = strings.Compare(a.Name, b.Name)
	case "version":
		first = cmp.Compare(a.Version, b.Version)
	}
	return cmp.Or(first, a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
}

// read reads what was signed here and what was recorded: everybody's, or one person's.
func (r *Room) read(tx *store.Tx, of string) ([]Pledge, error) {
	query, args := selectPledge, []any{}
	if of != "" {
		query, args = query+` WHERE person = $1`, []any{of}
	}
	all, err := store.List(tx, r.scan, query, args...)
	if err != nil {
		return nil, err
	}
	paper, err := r.people.PaperPledges(tx, of)
	if err != nil {
		return nil, err
	}
	var recorders []string
	for _, k := range paper {
		recorders = append(recorders, k.RecordedBy)
	}
	names, err := r.people.Names(tx, recorders)
	if err != nil {
		return nil, err
	}
	for _, k := range paper {
		all = append(all, Pledge{ID: k.ID, Person: k.Person.ID, Kind: Kind(k.Kind), Version: k.Version, At: k.At, Particulars: ParticularsOf(k.Person), RecordedBy: names[k.RecordedBy], Reason: k.Reason})
	}
	return all, nil
}

const selectPledge = `SELECT id, person, kind, version, at, sealed_particulars, document, certificate, stamped FROM pledge`

func (r *Room) scan(row store.Row) (p Pledge, err error) {
	var at, stamped int64
	var sealed []byte
	if err := row.Scan(&p.ID, &p.Person, &p.Kind, &p.Version, &at, &sealed, &p.Document, &p.Certificate, &stamped); err != nil {
		return p, err
	}
	p.At, p.Stamped = instant(at), instant(stamped)
	raw, err := r.particulars.Open(p.ID, sealed)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(raw, &p.Particulars)
}

// Mine is what the caller has signed, newest first. The act is useSystem.
func (r *Room) Mine(g *guard.Grant) ([]Pledge, error) {
	all, err := r.read(g.Tx(access.UseSystem), g.Who().Person)
	slices.SortStableFunc(all, func(a, b Pledge) int { return b.At.Compare(a.At) })
	return all, err
}

// Missing is everybody whom the newest edition waits for, those whom it closes out first at the head, as far as the caller may
// read what they did. The act is readRoster.
func (r *Room) Missing(g *guard.Grant) ([]person.Person, error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	newest, err := newestVersion(tx)
	if err != nil {
		return nil, err
	}
	all, err := r.people.Unbound(tx, newest)
	may := readable(g)
	return slices.DeleteFunc(all, func(p person.Person) bool { return !may(p.ID) }), err
}

// Copy is a signed pledge on its way to a reader. Close its passage when it has left.
type Copy struct {
	Pledge Pledge
	PDF    []byte
	*guard.Passage
}

// Fetch opens the signed PDF of a pledge for whoever signed it, and for those who may read what the signer did. To others it is not
// there.
func (r *Room) Fetch(ctx context.Context, who guard.Who, id string) (c Copy, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		c.Pledge, err = store.Get(tx, r.scan, selectPledge+` WHERE id = $1`, id)
		return err
	})
	absent := problem.New(problem.Absent, "没有找到，或者您无权知悉")
	if errors.Is(err, store.ErrNone) {
		return c, absent
	}
	if err != nil {
		return c, err
	}
	act := access.ReadPersonActs
	if c.Pledge.Person == who.Person && !who.Narrowed {
		act = access.ManageOwnAccount // what one has signed is one's own, trained or not; no token manages an account
	}
	c.Passage, err = r.door.Open(ctx, who, act, guard.Thing{Kind: access.Person, ID: c.Pledge.Person}, func(g *guard.Grant) (err error) {
		g.Note("pledge", id)
		g.Note("sha256", c.Pledge.Document)
		c.PDF, err = r.hand.Read(g, c.Pledge.Document)
		return err
	})
	if d, refused := guard.AsRefusal(err); refused && who.Person != c.Pledge.Person && slices.ContainsFunc(d.Reasons, barred) {
		return Copy{}, absent
	}
	return c, err
}

// barred reports whether a reason is one that showing a second factor would not lift.
func barred(r access.Reason) bool { return r.Step != "second-factor" }
