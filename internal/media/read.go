package media

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
	"mijuan/internal/usbpolicy"
)

const selectMedium = `SELECT m.id, m.number, m.form, m.vendor, m.product, m.sealed_model, m.sealed_serial, m.level, m.keeper, m.used_by, m.carrier, m.state, m.registered,
	COALESCE(l.id, ''), COALESCE(l.person, ''), COALESCE(l.due, 0), COALESCE(c.state, ''), COALESCE(c.holder, '')
	FROM medium m LEFT JOIN medium_loan l ON l.medium = m.id AND l.returned = 0 LEFT JOIN carrier c ON c.id = m.carrier`

func (r *Room) scan(row store.Row) (m Medium, err error) {
	var model, serial []byte
	var level, registered, due int64
	var state, user, carried, holder string
	if err := row.Scan(&m.ID, &m.Number, &m.Form, &m.Vendor, &m.Product, &model, &serial, &level, &m.Keeper, &m.UsedBy, &m.Carrier, &state, &registered, &m.Loan, &user, &due, &carried, &holder); err != nil {
		return m, err
	}
	m.Level, m.Registered, m.Due, m.Holder = classification.Level(level), instant(registered), instant(due), m.Keeper
	switch {
	case state == string(access.Ended):
		m.State = Ended
	case carried == string(access.Ended):
		m.State, m.Holder = Gone, ""
	case carried != "":
		m.State, m.Holder = Loaded, holder
	case m.Loan != "":
		m.State, m.Holder = OnLoan, user
	default:
		m.State = OnShelf
	}
	var errs [2]error
	m.Model, errs[0] = r.model.OpenText(m.ID, model)
	m.Serial, errs[1] = r.serial.OpenText(m.ID, serial)
	return m, errors.Join(errs[:]...)
}

func (r *Room) one(tx *store.Tx, id string) (Medium, error) {
	m, err := store.Get(tx, r.scan, selectMedium+` WHERE m.id = $1`, id)
	return m, absent(err, "没有这件介质")
}

// LoadMedium is the door's loader of media. Whoever used one last stands as its proposer.
func (r *Room) LoadMedium(tx *store.Tx, _ guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	m, err := store.Get(tx, r.scan, selectMedium+` WHERE m.id = $1`, thing.ID)
	if errors.Is(err, store.ErrNone) {
		return access.Resource{Kind: access.Medium, ID: thing.ID}, access.Circumstances{}, nil
	}
	state := access.Held
	if m.State == Ended {
		state = access.Ended
	}
	owner := m.Holder
	if m.State == OnShelf {
		owner = ""
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	frozen, err := carrier.Frozen(tx, m.Carrier)
	return access.Resource{Kind: access.Medium, ID: m.ID, State: state, Owner: owner, Proposer: m.UsedBy, Frozen: frozen, Exists: true}, access.Circumstances{}, err
}

// Filter narrows and pages the register.
type Filter struct {
	Text    string // in number, model or serial number
	Form    carrier.Form
	State   State
	Level   classification.Level
	Overdue bool
	Offset  int
	Limit   int // 0: all
}

// List is the register of media with their loans, by number. The act is readMedia on the firm.
func (r *Room) List(g *guard.Grant, f Filter) (found []Medium, total int, err error) {
	tx := g.Tx(access.ReadMedia)
	all, err := store.List(tx, r.scan, selectMedium+` WHERE ($1 = '' OR m.form = $1) ORDER BY m.number`, string(f.Form))
	if err != nil {
		return nil, 0, err
	}
	for _, m := range all {
		if !f.fits(m, tx.Now) {
			continue
		}
		if total++; total > f.Offset && (f.Limit == 0 || len(found) < f.Limit) {
			found = append(found, m)
		}
	}
	for i := range found {
		if found[i].Loans, err = r.loans(tx, found[i].ID); err != nil {
			return nil, 0, err
		}
	}
	return found, total, nil
}

func (f Filter) fits(m Medium, now time.Time) bool {
	in := strings.ToLower(m.Label() + "\n" + m.Model + "\n" + m.Serial)
	for word := range strings.FieldsSeq(strings.ToLower(f.Text)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return (f.State == "" || m.State == f.State) && (f.Level == 0 || m.Level == f.Level) && (!f.Overdue || m.Overdue(now))
}

// One is a medium with its events and loans. The act is readMedia.
func (r *Room) One(g *guard.Grant, id string) (m Medium, err error) {
	tx := g.Tx(access.ReadMedia)
	if m, err = r.one(tx, id); err != nil {
		return m, err
	}
	if m.Loans, err = r.loans(tx, id); err != nil {
		return m, err
	}
	m.Events, err = store.List(tx, r.scanEvent, `SELECT id, at, by_person, what, sealed_detail FROM medium_event WHERE medium = $1 ORDER BY at, id`, id)
	return m, err
}

// Mine are the media in the caller's hands or care. The act is useSystem, or prepareExport.
func (r *Room) Mine(g *guard.Grant) (all []Medium, err error) {
	tx, me := g.Tx(access.UseSystem, access.PrepareExport), g.Who().Person
	return store.List(tx, r.scan, selectMedium+` WHERE m.state = 'held' AND (m.keeper = $1 OR l.person = $1 OR (c.holder = $1 AND c.state <> 'ended')) ORDER BY m.number`, me)
}

// People are the ids of everybody whom a medium names.
func (m Medium) People() []string {
	all := []string{m.Keeper, m.Holder, m.UsedBy}
	for _, e := range m.Events {
		all = append(all, e.By, e.Keeper, e.Person, e.Witness)
	}
	for _, l := range m.Loans {
		all = append(all, l.Person, l.LentBy, l.Checker)
	}
	return all
}

func (r *Room) scanEvent(row store.Row) (e Event, err error) {
	var id string
	var at int64
	var sealed []byte
	if err := row.Scan(&id, &at, &e.By, &e.What, &sealed); err != nil {
		return e, err
	}
	e.At = instant(at)
	raw, err := r.detail.Open(id, sealed)
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(raw, &e.Detail)
}

func (r *Room) loans(tx *store.Tx, medium string) ([]Loan, error) {
	return store.List(tx, func(row store.Row) (l Loan, err error) {
		var lent, due, returned int64
		var purpose, device, found []byte
		if err := row.Scan(&l.ID, &l.Medium, &l.Person, &lent, &l.LentBy, &due, &returned, &l.Checker, &l.Wipe, &purpose, &device, &found, &l.Exports, &l.Clean, &l.Infected); err != nil {
			return l, err
		}
		l.Lent, l.Due, l.Returned = instant(lent), instant(due), instant(returned)
		var errs [3]error
		l.Purpose, errs[0] = r.loanPurpose.OpenText(l.ID, purpose)
		l.Device, errs[1] = r.loanDevice.OpenText(l.ID, device)
		l.Found, errs[2] = r.loanFound.OpenText(l.ID, found)
		return l, errors.Join(errs[:]...)
	}, `SELECT l.id, l.medium, l.person, l.lent, l.lent_by, l.due, l.returned, l.checker, l.wipe, l.sealed_purpose, l.sealed_device, l.sealed_found,
		(SELECT COUNT(*) FROM media_export e WHERE e.loan = l.id AND e.issued > 0),
		(SELECT COUNT(*) FROM media_export e WHERE e.loan = l.id AND NOT EXISTS (SELECT 1 FROM media_export_item i WHERE i.export = e.id AND i.finding <> 'clean')),
		(SELECT COUNT(*) FROM media_export e WHERE e.loan = l.id AND EXISTS (SELECT 1 FROM media_export_item i WHERE i.export = e.id AND i.finding = 'infected'))
		FROM medium_loan l WHERE l.medium = $1 ORDER BY l.lent DESC, l.id DESC`, medium)
}

// Numbers names media in the ledger.
func (r *Room) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		m, err := store.Get(tx, r.scan, selectMedium+` WHERE m.id = $1`, id)
		if errors.Is(err, store.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names[id] = m.Label()
	}
	return names, nil
}

// Approved are the media that may be used at the firm's computers: rated, and in its hands. The act is readMedia.
func (r *Room) Approved(g *guard.Grant) (approved []usbpolicy.Medium, err error) {
	all, err := store.List(g.Tx(access.ReadMedia), r.scan, selectMedium+` WHERE m.state = 'held' AND m.level > 0 ORDER BY m.number`)
	for _, m := range all {
		if m.State != Gone {
			approved = append(approved, usbpolicy.Medium{Label: m.Label(), Vendor: m.Vendor, Product: m.Product, Serial: m.Serial})
		}
	}
	return approved, err
}
