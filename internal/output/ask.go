package output

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Application is what somebody asks for.
type Application struct {
	Kind    Kind
	Thing   string // the material's id, or the carrier's
	Pages   string // of a material, as in 1-3,7; empty: all
	Copies  int    // of a scan: 1
	Device  string // id
	Purpose Purpose
	Note    string // may be empty, unless the purpose is other
	Filing  Filing // of a scan
}

// Filing is how a scan is filed when it comes.
type Filing struct {
	Kinds    classification.Set      `json:"kinds,omitempty"`
	Personal classification.Personal `json:"personal,omitzero"`
	Basis    classification.Basis    `json:"basis,omitempty"`    // what for, the order says
	Reviewer string                  `json:"reviewer,omitempty"` // id

	NotStateSecret bool `json:"not_state_secret,omitempty"` // the answer to the intake's question
}

// alone is the name of an approval that is none: what the caller may do without one is asked with it.
const alone = "none"

func (k Kind) thing(id, permit string) guard.Thing {
	if k == Print {
		return guard.Thing{Kind: access.Material, ID: id, Permit: permit}
	}
	return guard.Thing{Kind: access.Carrier, ID: id, Permit: permit}
}

// Ask asks for output, and gives the order's id. Where the rules want no approval, the release number comes with it.
func (r *Room) Ask(ctx context.Context, who guard.Who, a Application) (id, pin string, err error) {
	if !slices.Contains(Kinds, a.Kind) {
		return "", "", problem.New(problem.Invalid, "请选择打印、复印或扫描").In("kind")
	}
	thing := a.Kind.thing(a.Thing, alone)
	can, err := r.Door.Can(ctx, who, thing, a.Kind.act())
	if err != nil {
		return "", "", err
	}
	if can[a.Kind.act()].Outcome == access.NeedsApproval {
		return id, "", r.Door.Ask(ctx, who, a.Kind.act(), thing, func(g *guard.Grant) (err error) { id, err = r.ask(g, a); return err })
	}
	err = r.Door.Do(ctx, who, a.Kind.act(), thing, func(g *guard.Grant) (err error) {
		if id, err = r.ask(g, a); err == nil {
			pin, err = r.arm(g, id)
		}
		return err
	})
	return id, pin, err
}

// ask writes the order, and the request for approval where the Grant is for one.
func (r *Room) ask(g *guard.Grant, a Application) (string, error) {
	tx := g.Tx(access.RequestApproval, a.Kind.act())
	o, err := r.draft(tx, g, a)
	if err != nil {
		return "", err
	}
	if _, err := r.Devices.Fit(tx, a.Device, jobOf[a.Kind], o.Level); err != nil {
		return "", err
	}
	if g.Act() == access.RequestApproval {
		named, err := r.Devices.Labels(tx, []string{a.Device})
		if err != nil {
			return "", err
		}
		said := a.Purpose.Name()
		if a.Note != "" {
			said = fmt.Sprintf("%s（%s）", said, cut(a.Note, 150))
		}
		if o.Approval, err = r.Approvals.Request(g, approval.Ask{Purpose: said, Scope: scope(o, named[a.Device]), Measures: "指定设备，逐份编号、清点、签收"}); err != nil {
			return "", err
		}
	}
	return o.ID, r.insert(tx, o)
}

var jobOf = map[Kind]string{Print: device.Prints, Copy: device.Copies, Scan: device.Scans}

func scope(o Order, device string) string {
	pages := "全部"
	if o.Pages != "" {
		pages = "第 " + o.Pages + " 页"
	}
	if o.Kind == Scan {
		return fmt.Sprintf("扫描 %d 页，%s", o.Sheets, cut(device, 60))
	}
	return fmt.Sprintf("%s%s，每份 %d 页，%d 份，%s", o.Kind.Name(), cut(pages, 80), o.Sheets, o.Copies, cut(device, 60))
}

func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// draft is the order that an application becomes, looked through.
func (r *Room) draft(tx *store.Tx, g *guard.Grant, a Application) (Order, error) {
	a.Note = strings.TrimSpace(a.Note)
	if a.Kind != Scan { // what else was typed there is nobody's id
		a.Filing = Filing{}
	}
	o := Order{ID: tx.NewID(), Kind: a.Kind, Copies: a.Copies, Device: a.Device, Purpose: a.Purpose, Note: a.Note, Requester: g.Who().Person, Asked: tx.Now, State: Asked, Filing: a.Filing}
	switch {
	case !slices.Contains(Purposes, a.Purpose):
		return o, problem.New(problem.Invalid, "请选择用途").In("purpose")
	case a.Note == "" && a.Purpose == "other":
		return o, problem.New(problem.Invalid, "请写明用途").In("note")
	case utf8.RuneCountInString(a.Note) > longNote || !utf8.ValidString(a.Note) || strings.ContainsAny(a.Note, "\r\n\x00"):
		return o, problem.New(problem.Invalid, "说明须为一行，最多 %d 个字", longNote).In("note")
	case a.Kind == Scan && a.Copies != 1 || a.Copies < 1 || a.Copies > MostCopies:
		return o, problem.New(problem.Invalid, "份数须在 1 到 %d 之间", MostCopies).In("copies")
	}
	var err error
	if a.Kind == Print {
		err = r.ofMaterial(tx, &o, g.Only(access.Material), a.Pages)
	} else {
		err = r.ofCarrier(tx, &o, g.Only(access.Carrier))
	}
	switch {
	case err != nil:
		return o, err
	case o.Sheets > MostSheets:
		return o, problem.New(problem.TooLarge, "每份最多 %d 页，请分次办理", MostSheets).In("pages")
	case a.Kind == Scan:
		if err := a.Filing.check(g, o); err != nil {
			return o, err
		}
		_, err := r.Shelf.Sound(a.Filing.ground(o), o.Matter, a.Filing.Kinds)
		return o, err
	}
	return o, nil
}

func (r *Room) ofMaterial(tx *store.Tx, o *Order, id, pages string) error {
	m, err := r.Shelf.One(tx, id)
	if err != nil {
		return err
	}
	if !m.Version.Viewable() || m.Version.Pages == 0 {
		return problem.New(problem.Conflict, "这种文件还不能在阅览器里显示，也就不能打印")
	}
	o.Matter, o.Material, o.Level, o.Title, o.Version = m.Matter, id, m.Level, m.Title, m.Version.N
	chosen, err := parsePages(pages, m.Version.Pages)
	if err != nil {
		return err
	}
	if o.Sheets = len(chosen); o.Sheets < m.Version.Pages {
		o.Pages = saidPages(chosen)
	}
	return nil
}

func (r *Room) ofCarrier(tx *store.Tx, o *Order, id string) error {
	it, err := r.Carriers.One(tx, id)
	if err != nil {
		return err
	}
	if it.Form.Unit() != "页" {
		return problem.New(problem.Conflict, "只有纸质载体可以复印、扫描")
	}
	o.Matter, o.Carrier, o.Level, o.Title, o.Sheets = it.Matter, id, it.Level, it.Title, it.Pages
	return nil
}

// ground is what is said of personal information in the scan: its note is what the order is for.
func (f Filing) ground(o Order) material.Ground {
	d := material.Ground{Personal: f.Personal, Basis: f.Basis, Note: o.Purpose.Name()}
	if o.Note != "" {
		d.Note += "：" + o.Note
	}
	return d
}

// landing is the ground of a scan that comes. Of an order from before the question, identity and property are taken to hold personal
// information, on no basis yet: the paper is received, and whoever asked for it says more before the review.
func (f Filing) landing(o Order) material.Ground {
	if f.Personal == 0 && (f.Kinds.Has(classification.Identity) || f.Kinds.Has(classification.Property)) {
		f.Personal = classification.HasPersonal
	}
	return f.ground(o)
}

func (f Filing) check(g *guard.Grant, o Order) error {
	switch {
	case !f.NotStateSecret:
		return problem.New(problem.Refused, "本系统不接收国家秘密。请先确认资料不属于国家秘密").In("not_state_secret")
	case f.Kinds == 0:
		return problem.New(problem.Invalid, "请至少选择一类保密范围").In("categories")
	case f.Reviewer == "":
		return problem.New(problem.Invalid, "请选择审核人").In("reviewer")
	case f.Reviewer == g.Who().Person:
		return problem.New(problem.Invalid, "不能审核自己提出的密级，请选择另一位审核人").In("reviewer")
	case f.Basis == classification.OtherLaw && o.Note == "":
		return problem.New(problem.Invalid, "请在说明里写明依据哪部法律、行政法规的哪一条").In("note")
	}
	return g.Staff(f.Reviewer, "reviewer")
}

// parsePages reads a choice of pages, as in 1-3,7, each once and in order; empty is all.
func parsePages(s string, most int) ([]int, error) {
	wrong := problem.New(problem.Invalid, "页码须形如 1-3,7，全文共 %d 页", most).In("pages")
	var chosen []int
	if s = strings.NewReplacer("，", ",", "、", ",", "－", "-", "—", "-", " ", "").Replace(s); s == "" {
		s = fmt.Sprintf("1-%d", most)
	}
	for part := range strings.SplitSeq(s, ",") {
		from, to, span := strings.Cut(part, "-")
		if !span {
			to = from
		}
		a, err := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || a < 1 || b < a || b > most {
			return nil, wrong
		}
		for n := a; n <= b; n++ {
			chosen = append(chosen, n)
		}
		if len(chosen) > most {
			return nil, wrong
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}

// saidPages writes a choice of pages in the way that parsePages reads.
func saidPages(chosen []int) string {
	var parts []string
	for i := 0; i < len(chosen); {
		last := i
		for last+1 < len(chosen) && chosen[last+1] == chosen[last]+1 {
			last++
		}
		part := strconv.Itoa(chosen[i])
		if last > i {
			part += "-" + strconv.Itoa(chosen[last])
		}
		parts, i = append(parts, part), last+1
	}
	return strings.Join(parts, ",")
}

func (r *Room) insert(tx *store.Tx, o Order) error {
	year := tx.Now.In(matter.Beijing).Year()
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err },
		`INSERT INTO output_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = output_serial.last + 1 RETURNING last`, int64(year))
	if err != nil {
		return err
	}
	filing, err := json.Marshal(o.Filing)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO output (id, year, serial, kind, matter, material, version, carrier, level, pages, sheets, copies, device, requester, purpose, sealed_title, sealed_note, filing, approval,
		approvers, state, asked, ready, lapses, pin, tries, operator, released, ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, '', 'asked', $20, 0, 0, $21, 0, '', 0, 0)`, o.ID, int64(year), serial, string(o.Kind), o.Matter, o.Material,
		int64(o.Version), o.Carrier, int64(o.Level), o.Pages, int64(o.Sheets), int64(o.Copies), o.Device, o.Requester, string(o.Purpose), r.title.SealText(o.ID, o.Title), r.note.SealText(o.ID, o.Note),
		string(filing), o.Approval, tx.Now.UnixMilli(), []byte{})
	return err
}
