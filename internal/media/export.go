package media

import (
	"errors"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/parcel"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// DraftTerm is how long an export waits to be scanned, approved and granted; FetchTerm how long its container may then be taken out;
// ScanTerm how long a clean verdict counts.
const (
	DraftTerm = 14 * 24 * time.Hour
	FetchTerm = 24 * time.Hour
	ScanTerm  = 24 * time.Hour
)

// MostItems is how many materials one export holds.
const MostItems = 200

// Export is one export (导出单). Persons are ids.
type Export struct {
	ID            string
	Year, Serial  int
	Matter, Owner string
	Medium, Loan  string // ids
	Format        parcel.Format
	Level         classification.Level // the highest of its materials
	State         access.State         // access.Draft, Issued, Written, Ended
	Created       time.Time
	Lapses        time.Time
	Asked         string         // id of the approval that was asked for last
	Approval      string         // id of the one that was used
	Leave         approval.State // of Get: how the one that was asked for stands; empty: none was
	Issued        time.Time
	Written       time.Time
	Bytes         int64
	Carrier       string // id
	Purpose       string
	Items         []Item

	sealed []byte // the passphrase
}

// Number is what people call it: DC, year and serial.
func (e Export) Number() string { return fmt.Sprintf("DC-%d-%04d", e.Year, e.Serial) }

// Item is one material of an export with its scan.
type Item struct {
	Material, Version string // ids
	Scanned           time.Time
	Finding           Finding
	Virus             string
	Number, Title     string // of One, as far as the reader may know the material
	Level             classification.Level
}

// Finding is how the scan of an original ended.
type Finding string

const (
	Clean    Finding = "clean"
	Infected Finding = "infected"
	Unknown  Finding = "unknown"
)

var findingNames = map[Finding]string{"": "未查毒", Clean: "无毒", Infected: "有毒", Unknown: "没有结论"}

// Name is the finding in Chinese.
func (f Finding) Name() string { return findingNames[f] }

// Scan sums up the scans of an export: clean only when every original was found so within ScanTerm.
func (e Export) Scan(now time.Time) Finding {
	worst := Clean
	for _, i := range e.Items {
		switch {
		case i.Finding == Infected:
			return Infected
		case i.Finding == Unknown:
			worst = Unknown
		case (i.Finding == "" || now.Sub(i.Scanned) > ScanTerm) && worst == Clean:
			worst = ""
		}
	}
	if len(e.Items) == 0 {
		return ""
	}
	return worst
}

// Plan is what somebody wants to export.
type Plan struct {
	Materials []string // ids
	Medium    string   // id
	Format    parcel.Format
	Purpose   string
}

// Prepare makes an export of materials of a matter, to be scanned and approved, and gives its id. What it holds is fixed: an approval is for
// exactly that. The act is prepareExport on the matter.
func (r *Room) Prepare(g *guard.Grant, p Plan) (id string, err error) {
	tx, in, me := g.Tx(access.PrepareExport), g.Only(access.Matter), g.Who().Person
	if p.Purpose, err = line(p.Purpose, "purpose", "用途", 200, true); err != nil {
		return "", err
	}
	switch {
	case len(p.Materials) == 0:
		return "", problem.New(problem.Invalid, "请选择要导出的资料").In("material")
	case len(p.Materials) > MostItems:
		return "", problem.New(problem.Invalid, "一次最多导出 %d 份资料", MostItems).In("material")
	case p.Format != parcel.Age && p.Format != parcel.Zip:
		return "", problem.New(problem.Invalid, "请选择加密方式").In("format")
	}
	all, err := r.Shelf.ForExport(g, distinct(p.Materials))
	if err != nil {
		return "", err
	}
	level := classification.Level(0)
	for _, m := range all {
		level = max(level, m.Level)
	}
	m, err := r.usable(tx, p.Medium, me, in, level)
	if err != nil {
		return "", err
	}
	year := tx.Now.In(matter.Beijing).Year()
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err },
		`INSERT INTO media_export_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = media_export_serial.last + 1 RETURNING last`, int64(year))
	if err != nil {
		return "", err
	}
	id = tx.NewID()
	if _, err := tx.Exec(`INSERT INTO media_export (id, year, serial, matter, owner, medium, loan, format, level, state, created, lapses, asked, approval, issued, written, bytes, carrier, sealed_purpose, sealed_passphrase)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10, $11, '', '', 0, 0, 0, '', $12, $13)`, id, int64(year), serial, in, me, m.ID, m.Loan, string(p.Format), int64(level), tx.Now.UnixMilli(),
		tx.Now.Add(DraftTerm).UnixMilli(), r.exportPurpose.SealText(id, p.Purpose), []byte{}); err != nil {
		return "", err
	}
	for i, it := range all {
		if _, err := tx.Exec(`INSERT INTO media_export_item (export, position, material, version, scanned, finding, sealed_name) VALUES ($1, $2, $3, $4, 0, '', $5)`, id, int64(i+1), it.ID, it.Version.ID, []byte{}); err != nil {
			return "", err
		}
	}
	g.Note("export", id)
	g.Note("medium", m.Label())
	g.Note("materials", len(all))
	return id, nil
}

// usable is the medium, or a problem that says why it cannot be written to by somebody for a matter at a level.
func (r *Room) usable(tx *store.Tx, id, who, in string, level classification.Level) (Medium, error) {
	m, err := store.Get(tx, r.scan, selectMedium+` WHERE m.id = $1`, id)
	if id == "" || errors.Is(err, store.ErrNone) {
		return m, problem.New(problem.Invalid, "请选择借给您的介质；个人介质不能用").In("medium")
	}
	if err != nil {
		return m, err
	}
	if m.Level < level && m.Holder == who {
		return m, problem.New(problem.Invalid, "介质 %s 没有核定到%s，请换一件", m.Label(), level.Name()).In("medium")
	}
	fit, err := r.fits(tx, m, who, in, level, m.Loan)
	if err == nil && !fit {
		err = problem.New(problem.Invalid, "这件介质没有借给您、已经逾期，或者装着别的案件的资料，请换一件").In("medium")
	}
	return m, err
}

// fits reports whether somebody may write material of a matter at a level to a medium, under a loan.
func (r *Room) fits(tx *store.Tx, m Medium, who, in string, level classification.Level, loan string) (bool, error) {
	if m.State != OnLoan && m.State != Loaded || m.Holder != who || m.UsedBy != who || m.Loan == "" || m.Loan != loan || m.Overdue(tx.Now) || m.Level < level {
		return false, nil
	}
	if m.Carrier == "" {
		return true, nil
	}
	return store.Get(tx, func(row store.Row) (ok bool, err error) {
		var of, state string
		err = row.Scan(&of, &state)
		return of == in && state == string(access.Held), err
	}, `SELECT matter, state FROM carrier WHERE id = $1`, m.Carrier)
}

// Drop gives up an export that was not granted yet. The act is prepareExport on its matter.
func (r *Room) Drop(g *guard.Grant, id string) error {
	tx := g.Tx(access.PrepareExport)
	n, err := tx.Exec(`UPDATE media_export SET state = 'ended' WHERE id = $1 AND matter = $2 AND owner = $3 AND state = 'draft'`, id, g.Only(access.Matter), g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这张导出单已经用过或者已经失效，请重新拟定")
	}
	g.Note("dropped", id)
	return err
}

// Request asks leave for an export that was scanned. The Grant is one of Door.Ask for exportToMedium.
func (r *Room) Request(g *guard.Grant) (approvalID string, err error) {
	tx := g.Tx(access.RequestApproval)
	e, err := r.export(tx, g.Only(access.Export))
	if err != nil {
		return "", err
	}
	m, err := r.one(tx, e.Medium)
	if err != nil {
		return "", err
	}
	if approvalID, err = r.Approvals.Request(g, approval.Ask{Purpose: e.Purpose, Scope: fmt.Sprintf("导出单 %s：%d 份资料，最高%s；写入介质 %s，%s", e.Number(), len(e.Items), e.Level.Name(), m.Label(), e.Format.Name()), Until: minTime(e.Lapses, tx.Now.Add(approval.Term))}); err != nil {
		return "", err
	}
	_, err = tx.Exec(`UPDATE media_export SET asked = $2 WHERE id = $1`, e.ID, approvalID)
	return approvalID, err
}

// Issue grants the export: the approval is used up, the medium becomes (or stays) a carrier of the matter in the caller's hands, and the
// container may be taken out for FetchTerm. It gives the passphrase, which is told this once. The act is exportToMedium.
func (r *Room) Issue(g *guard.Grant) (passphrase string, err error) {
	tx := g.Tx(access.ExportToMedium)
	e, err := r.export(tx, g.Only(access.Export))
	if err != nil {
		return "", err
	}
	m, err := r.one(tx, e.Medium)
	if err != nil {
		return "", err
	}
	ids := e.ids()
	all, err := r.Shelf.ForExport(g, ids)
	if err != nil {
		return "", err
	}
	if err := forget(tx); err != nil {
		return "", err
	}
	if e.Carrier, err = r.fill(g, e, m); err != nil {
		return "", err
	}
	passphrase = parcel.NewPassphrase()
	if _, err := tx.Exec(`UPDATE media_export SET state = 'issued', approval = $2, issued = $3, lapses = $4, carrier = $5, sealed_passphrase = $6 WHERE id = $1`, e.ID, g.Permit(), tx.Now.UnixMilli(),
		tx.Now.Add(FetchTerm).UnixMilli(), e.Carrier, r.passphrase.SealText(e.ID, passphrase)); err != nil {
		return "", err
	}
	for _, it := range all {
		g.Step(access.ExportToMedium, guard.Thing{Kind: access.Material, ID: it.ID}, e.Matter, map[string]any{"export": e.Number(), "medium": m.Label()})
	}
	return passphrase, r.event(g, m.ID, Exported, Detail{Export: e.Number(), Level: e.Level})
}

// fill makes the medium a carrier of the export's matter, or adds to the carrier that it is.
func (r *Room) fill(g *guard.Grant, e Export, m Medium) (string, error) {
	if m.Carrier != "" {
		return m.Carrier, r.Carriers.FillMore(g, m.Carrier, e.Level, len(e.Items), e.Number())
	}
	id, err := r.Carriers.Fill(g, carrier.Filling{Form: m.Form, Level: e.Level, Pieces: len(e.Items), Title: "移动介质 " + m.Label(), Place: "由持有人保管", Use: e.Purpose, Leave: g.Permit()})
	if err != nil {
		return "", err
	}
	_, err = g.Tx().Exec(`UPDATE medium SET carrier = $2 WHERE id = $1`, m.ID, id)
	return id, err
}

// forget drops the passphrases of exports that were granted and not taken out in time.
func forget(tx *store.Tx) error {
	_, err := tx.Exec(`UPDATE media_export SET state = 'ended', sealed_passphrase = $2 WHERE state = 'issued' AND lapses < $1`, tx.Now.UnixMilli(), []byte{})
	return err
}

// Again makes another passphrase for a container that was not taken out whole, when the first was not written down. The act is fetchExport.
func (r *Room) Again(g *guard.Grant) (passphrase string, err error) {
	tx, id := g.Tx(access.FetchExport), g.Only(access.Export)
	passphrase = parcel.NewPassphrase()
	g.Note("passphrase", "again")
	_, err = tx.Exec(`UPDATE media_export SET sealed_passphrase = $2 WHERE id = $1 AND state = 'issued'`, id, r.passphrase.SealText(id, passphrase))
	return passphrase, err
}

// findingOf is a verdict as it is kept.
func findingOf(v antivirus.Verdict) Finding {
	switch v.Finding {
	case antivirus.Clean:
		return Clean
	case antivirus.Infected:
		return Infected
	case antivirus.Unknown:
	}
	return Unknown
}

// fileOf is a material as a file of the container: its number and its type's ending, which say nothing.
func fileOf(m material.Material) parcel.File {
	ext := m.Version.Type.Ext
	if ext == "" {
		ext = ".bin"
	}
	return parcel.File{Name: m.Number + ext, Number: m.Number, Title: m.Title, Level: m.Level.Name(), Size: m.Version.Size}
}

func (e Export) ids() (all []string) {
	for _, i := range e.Items {
		all = append(all, i.Material)
	}
	return all
}

func (e Export) versions() (all []string) {
	for _, i := range e.Items {
		all = append(all, i.Version)
	}
	return all
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// distinct leaves out what was named before.
func distinct(ids []string) (all []string) {
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			all = append(all, id)
		}
	}
	return all
}
