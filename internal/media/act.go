package media

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// LoanMost is the longest loan.
const LoanMost = 30 * 24 * time.Hour

// Entry is a medium as it is taken on.
type Entry struct {
	Form            carrier.Form
	Model, Serial   string
	Vendor, Product string // USB ids; needed for sticks and disks
	Keeper          string // person's id
}

// Add takes a medium on and gives its id. Nothing may be written to it until Rate. A serial number that is in the register, of media that
// ended too, is problem.Conflict. The act is manageMedia on the firm.
func (r *Room) Add(g *guard.Grant, e Entry) (string, error) {
	tx := g.Tx(access.ManageMedia)
	e, err := e.clean()
	if err != nil {
		return "", err
	}
	if err := r.staff(tx, e.Keeper, "keeper"); err != nil {
		return "", err
	}
	last, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err }, `SELECT COALESCE(MAX(number), 0) FROM medium`)
	if err != nil {
		return "", err
	}
	id := tx.NewID()
	n, err := tx.Exec(`INSERT INTO medium (id, number, form, vendor, product, sealed_model, sealed_serial, serial_token, level, keeper, used_by, carrier, state, registered)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, '', '', 'held', $10) ON CONFLICT DO NOTHING`, id, last+1, string(e.Form), e.Vendor, e.Product, r.model.SealText(id, e.Model), r.serial.SealText(id, e.Serial),
		r.serials.Token(e.Vendor+":"+e.Product+":"+e.Serial), e.Keeper, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这个序列号已经登记过").In("serial")
	}
	if err != nil {
		return "", err
	}
	return id, r.event(g, id, Registered, Detail{Keeper: e.Keeper})
}

func (e Entry) clean() (_ Entry, err error) {
	if !isForm(e.Form) {
		return e, problem.New(problem.Invalid, "请选择介质类别").In("form")
	}
	if e.Model, err = line(e.Model, "model", "型号", 100, true); err != nil {
		return e, err
	}
	if e.Serial, err = line(e.Serial, "serial", "序列号", 100, true); err != nil {
		return e, err
	}
	e.Vendor, e.Product = strings.ToLower(strings.TrimSpace(e.Vendor)), strings.ToLower(strings.TrimSpace(e.Product))
	if e.Form == carrier.Optical && e.Vendor+e.Product == "" {
		return e, nil
	}
	for _, id := range []struct{ value, field string }{{e.Vendor, "vendor"}, {e.Product, "product"}} {
		if len(id.value) != 4 || strings.Trim(id.value, "0123456789abcdef") != "" {
			return e, problem.New(problem.Invalid, "须为四位十六进制数，如 0951；在电脑的设备属性里查看").In(id.field)
		}
	}
	return e, nil
}

// Rate sets the highest level of what may lie on a medium; zero is none. Nobody rates a medium they answer for, nor one that holds
// material of a higher level. The act is rateMedium on the firm.
func (r *Room) Rate(g *guard.Grant, id string, level classification.Level, why string) error {
	tx := g.Tx(access.RateMedium)
	m, err := r.one(tx, id)
	if err != nil {
		return err
	}
	switch why, err = line(why, "reason", "理由", 200, true); {
	case err != nil:
		return err
	case m.State == Ended:
		return problem.New(problem.Conflict, "这件介质已经注销")
	case level != 0 && !slices.Contains(classification.Levels, level):
		return problem.New(problem.Invalid, "请选择密级").In("level")
	case m.Keeper == g.Who().Person:
		return problem.New(problem.Conflict, "不能核定自己负责的介质")
	case m.State == Loaded && level < m.Level:
		return problem.New(problem.Conflict, "介质装有资料，归还并核对清除之后才能降低")
	}
	if _, err := tx.Exec(`UPDATE medium SET level = $2 WHERE id = $1`, id, int64(level)); err != nil {
		return err
	}
	return r.event(g, id, Rated, Detail{Level: level, Reason: why})
}

// Lending is to whom, until when, for what and at which computer.
type Lending struct {
	Person, Purpose, Device string
	Due                     time.Time
}

// Lend gives a medium that is on its shelf to somebody. The act is manageMedia.
func (r *Room) Lend(g *guard.Grant, id string, l Lending) error {
	tx := g.Tx(access.ManageMedia)
	m, err := r.one(tx, id)
	if err != nil {
		return err
	}
	if l.Purpose, err = line(l.Purpose, "purpose", "用途", 200, true); err != nil {
		return err
	}
	if l.Device, err = line(l.Device, "device", "使用的电脑", 100, true); err != nil {
		return err
	}
	switch {
	case m.State != OnShelf:
		return problem.New(problem.Conflict, "这件介质现在是“%s”，不能借出", m.State.Name())
	case m.Level == 0:
		return problem.New(problem.Conflict, "这件介质还没有核定密级，请安全管理员先核定")
	case !l.Due.After(tx.Now) || l.Due.After(tx.Now.Add(LoanMost)):
		return problem.New(problem.Invalid, "归还期限须在今天之后，最长 %d 天", int(LoanMost.Hours()/24)).In("due")
	}
	if err := r.staff(tx, l.Person, "person"); err != nil {
		return err
	}
	row := tx.NewID()
	if _, err := tx.Exec(`INSERT INTO medium_loan (id, medium, person, lent, lent_by, due, returned, checker, wipe, sealed_purpose, sealed_device, sealed_found) VALUES ($1, $2, $3, $4, $5, $6, 0, '', '', $7, $8, $9)`,
		row, id, l.Person, tx.Now.UnixMilli(), g.Who().Person, l.Due.UnixMilli(), r.loanPurpose.SealText(row, l.Purpose), r.loanDevice.SealText(row, l.Device), r.loanFound.SealText(row, "")); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE medium SET used_by = $2 WHERE id = $1`, id, l.Person); err != nil {
		return err
	}
	return r.event(g, id, Lent, Detail{Person: l.Person, Due: l.Due.UnixMilli(), Device: l.Device, Reason: l.Purpose})
}

// Check takes a medium back: how it was wiped, and what was found. Whoever used it does not check it (the rules' word). What it held ends
// as destroyed in the copy ledger; a medium to which something was exported cannot be called unused. The act is checkMedium.
func (r *Room) Check(g *guard.Grant, w Wipe, found string) error {
	tx, id := g.Tx(access.CheckMedium), g.Only(access.Medium)
	m, err := r.one(tx, id)
	if err != nil {
		return err
	}
	if found, err = line(found, "found", "核对情况", 200, true); err != nil {
		return err
	}
	switch {
	case !slices.Contains(Wipes, w):
		return problem.New(problem.Invalid, "请选择清除方式").In("wipe")
	case m.State == OnShelf:
		return problem.New(problem.Conflict, "这件介质没有借出")
	case w == Unused && m.Carrier != "":
		return problem.New(problem.Invalid, "这件介质写入过资料，须清除之后再核对").In("wipe")
	}
	if m.Carrier != "" {
		if err := r.Carriers.Wipe(g, m.Carrier, w.Name()+"，"+found); err != nil {
			return err
		}
	}
	if m.Loan != "" {
		if _, err := tx.Exec(`UPDATE medium_loan SET returned = $2, checker = $3, wipe = $4, sealed_found = $5 WHERE id = $1`, m.Loan, tx.Now.UnixMilli(), g.Who().Person, string(w), r.loanFound.SealText(m.Loan, found)); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE media_export SET state = 'ended', sealed_passphrase = $2 WHERE loan = $1 AND state IN ('draft', 'issued')`, m.Loan, []byte{}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE medium SET carrier = '', used_by = '' WHERE id = $1`, id); err != nil {
		return err
	}
	if err := r.event(g, id, Checked, Detail{Wipe: w, Reason: found}); err != nil || w != "crush" {
		return err
	}
	return r.end(g, id, Detail{Wipe: w, Reason: found})
}

// Scrap strikes a medium off: one on its shelf, or one that is gone. The act is manageMedia.
func (r *Room) Scrap(g *guard.Grant, id string, witness, why string) error {
	tx := g.Tx(access.ManageMedia)
	m, err := r.one(tx, id)
	if err != nil {
		return err
	}
	switch why, err = line(why, "reason", "理由", 200, true); {
	case err != nil:
		return err
	case m.State != OnShelf && m.State != Gone:
		return problem.New(problem.Conflict, "这件介质现在是“%s”，不能注销：先归还并核对清除；下落不明而装有资料的，先核销它的载体", m.State.Name())
	case witness == g.Who().Person:
		return problem.New(problem.Invalid, "见证人不能是经办人").In("witness")
	}
	if err := r.staff(tx, witness, "witness"); err != nil {
		return err
	}
	return r.end(g, id, Detail{Witness: witness, Reason: why})
}

func (r *Room) end(g *guard.Grant, id string, d Detail) error {
	tx := g.Tx()
	if _, err := tx.Exec(`UPDATE medium SET state = 'ended', level = 0 WHERE id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE medium_loan SET returned = $2, checker = $3 WHERE medium = $1 AND returned = 0`, id, tx.Now.UnixMilli(), g.Who().Person); err != nil {
		return err
	}
	return r.event(g, id, Scrapped, d)
}

// Keep makes somebody else answer for a medium. The act is manageMedia.
func (r *Room) Keep(g *guard.Grant, id, keeper string) error {
	tx := g.Tx(access.ManageMedia)
	m, err := r.one(tx, id)
	if err != nil {
		return err
	}
	if err := r.staff(tx, keeper, "keeper"); err != nil {
		return err
	}
	if m.State == Ended || keeper == m.Keeper {
		return problem.New(problem.Conflict, "没有变更")
	}
	if _, err := tx.Exec(`UPDATE medium SET keeper = $2 WHERE id = $1`, id, keeper); err != nil {
		return err
	}
	return r.event(g, id, Kept, Detail{Keeper: keeper})
}
