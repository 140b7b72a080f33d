package danger

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

const (
	longest      = 1000 // characters of a text
	longestPlace = 100
	longestTerm  = 366 // days for mending
)

// Finding is what somebody found.
type Finding struct {
	Place, What string
	Severity    Severity
	Found       time.Time // only its date in China counts; not in the future
	Device      string    // id; empty: it concerns none
}

// Register writes a danger down and gives its id. A device can be named by who may read the register of devices; for others there is none.
// The act is registerDanger on the firm.
func (r *Room) Register(g *guard.Grant, f Finding) (string, error) {
	tx := g.Tx(access.RegisterDanger)
	place, err := words(f.Place, "地点", "place", longestPlace, true)
	if err != nil {
		return "", err
	}
	what, err := words(f.What, "隐患情况", "what", longest, true)
	switch {
	case err != nil:
		return "", err
	case !slices.Contains(Severities, f.Severity):
		return "", problem.New(problem.Invalid, "请选择隐患级别").In("severity")
	case f.Found.IsZero() || day(f.Found).After(tx.Now) || f.Found.Before(tx.Now.AddDate(-10, 0, 0)):
		return "", problem.New(problem.Invalid, "请填写发现日期，不晚于今天").In("found")
	}
	if err := r.known(g, f.Device); err != nil {
		return "", err
	}
	year := int64(tx.Now.In(matter.Beijing).Year())
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) },
		`INSERT INTO danger_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = danger_serial.last + 1 RETURNING last`, year)
	if err != nil {
		return "", err
	}
	id, number := tx.NewID(), fmt.Sprintf("YH-%d-%03d", year, serial)
	g.Note("number", number)
	g.Note("severity", string(f.Severity))
	g.Step(access.RegisterDanger, guard.Thing{Kind: access.Danger, ID: id}, "", map[string]any{"severity": string(f.Severity)})
	_, err = tx.Exec(`INSERT INTO danger (id, number, severity, found, registered, finder, device, state, responsible, due, mended_by, rounds, sealed_place, sealed_what, sealed_demand)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'found', '', 0, '', 0, $8, $9, $10)`,
		id, number, string(f.Severity), day(f.Found).UnixMilli(), tx.Now.UnixMilli(), g.Who().Person, f.Device, r.place.SealText(id, place), r.what.SealText(id, what), r.demand.SealText(id, ""))
	return id, err
}

// known is a problem unless the device is one that the caller may read of.
func (r *Room) known(g *guard.Grant, device string) error {
	if device == "" {
		return nil
	}
	absent := problem.New(problem.Invalid, "没有这台设备，请从名单里选择").In("device")
	if !g.May(access.ReadDevices, access.Resource{Kind: access.Firm, ID: guard.Firm.ID, Exists: true}, access.Circumstances{}) {
		return absent
	}
	_, err := r.devices.Labels(g.Tx(), []string{device})
	if problem.Is(err, problem.Absent) {
		return absent
	}
	return err
}

// Order is what the security officer decides on a danger.
type Order struct {
	Responsible string // person's id
	Due         time.Time
	Severity    Severity
	Demand      string // what is to be done; may be empty
}

// Assign names who mends a danger and by when, or names somebody else before it is mended. The act is assignDanger.
func (r *Room) Assign(g *guard.Grant, o Order) error {
	tx, id := g.Tx(access.AssignDanger), g.Only(access.Danger)
	if o.Responsible == "" {
		return problem.New(problem.Invalid, "请从名单里选择").In("responsible")
	}
	to, err := g.Colleague(o.Responsible, "responsible")
	if err == nil && !to.Active {
		err = problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In("responsible")
	}
	if err != nil {
		return err
	}
	today := day(tx.Now)
	due := day(o.Due)
	demand, err := words(o.Demand, "整改要求", "demand", longest, false)
	switch {
	case err != nil:
		return err
	case !slices.Contains(Severities, o.Severity):
		return problem.New(problem.Invalid, "请选择隐患级别").In("severity")
	case o.Due.IsZero() || due.Before(today) || due.After(today.AddDate(0, 0, longestTerm)):
		return problem.New(problem.Invalid, "请填写整改期限，从今天起最长 %d 天", longestTerm).In("due")
	}
	g.Note("responsible", o.Responsible)
	g.Note("due", due.Format(time.DateOnly))
	g.Note("severity", string(o.Severity))
	if err := once(tx.Exec(`UPDATE danger SET state = 'mending', responsible = $2, due = $3, severity = $4, sealed_demand = $5 WHERE id = $1 AND state IN ('found', 'mending')`,
		id, o.Responsible, due.UnixMilli(), string(o.Severity), r.demand.SealText(id, demand))); err != nil {
		return err
	}
	return name(g, id, o.Responsible, "")
}

// name writes down who is to mend a danger from now on, by the due day that it has; instead is who leaves and hands it over.
func name(g *guard.Grant, id, responsible, instead string) error {
	tx := g.Tx(access.AssignDanger, access.SettleLeaving)
	return once(tx.Exec(`INSERT INTO danger_order (danger, n, at, by_person, responsible, due, instead)
		SELECT d.id, (SELECT COUNT(*) FROM danger_order o WHERE o.danger = d.id) + 1, $2, $3, $4, d.due, $5 FROM danger d WHERE d.id = $1`, id, tx.Now.UnixMilli(), g.Who().Person, responsible, instead))
}

// Mend is the responsible's word that a danger is mended: by what measures, and with what result. The act is mendDanger.
func (r *Room) Mend(g *guard.Grant, measures, statement string) error {
	tx, id := g.Tx(access.MendDanger), g.Only(access.Danger)
	measures, err := words(measures, "整改措施", "measures", longest, true)
	if err != nil {
		return err
	}
	if statement, err = words(statement, "整改结果", "statement", longest, true); err != nil {
		return err
	}
	d, err := r.one(tx, id)
	if err != nil {
		return err
	}
	if err := once(tx.Exec(`UPDATE danger SET state = 'mended', mended_by = $2, rounds = rounds + 1 WHERE id = $1 AND state = 'mending'`, id, g.Who().Person)); err != nil {
		return err
	}
	n := d.Last().N + 1
	g.Note("round", n)
	row := tx.NewID()
	_, err = tx.Exec(`INSERT INTO danger_round (id, danger, round, mended, mended_by, checked, checked_by, passed, sealed_measures, sealed_statement, sealed_opinion)
		VALUES ($1, $2, $3, $4, $5, 0, '', 0, $6, $7, $8)`, row, id, int64(n), tx.Now.UnixMilli(), g.Who().Person,
		r.measures.SealText(row, measures), r.statement.SealText(row, statement), r.opinion.SealText(row, ""))
	return err
}

// Check says whether it is mended: it is confirmed and over, or goes back to its responsible with a reason. The act is checkDanger.
func (r *Room) Check(g *guard.Grant, passed bool, opinion string) error {
	tx, id := g.Tx(access.CheckDanger), g.Only(access.Danger)
	label := "复查意见"
	if !passed {
		label = "退回理由"
	}
	opinion, err := words(opinion, label, "opinion", longest, !passed)
	if err != nil {
		return err
	}
	to, yes := access.Mending, int64(0)
	if passed {
		to, yes = access.Confirmed, 1
	}
	g.Note("passed", passed)
	if err := once(tx.Exec(`UPDATE danger SET state = $2 WHERE id = $1 AND state = 'mended'`, id, string(to))); err != nil {
		return err
	}
	row, err := store.Get(tx, func(row store.Row) (s string, err error) { return s, row.Scan(&s) }, `SELECT id FROM danger_round WHERE danger = $1 AND checked = 0`, id)
	if err != nil {
		return err
	}
	return once(tx.Exec(`UPDATE danger_round SET checked = $2, checked_by = $3, passed = $4, sealed_opinion = $5 WHERE id = $1 AND checked = 0`,
		row, tx.Now.UnixMilli(), g.Who().Person, yes, r.opinion.SealText(row, opinion)))
}

// once is a problem where nothing was changed.
func once(n int64, err error) error {
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这项隐患现在不在这一步，请刷新后查看")
	}
	return err
}

// day is the beginning of a time's day in China.
func day(t time.Time) time.Time {
	y, m, d := t.In(matter.Beijing).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, matter.Beijing)
}

// words cleans a text of a form's field.
func words(s, label, field string, most int, needed bool) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case s == "" && needed:
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > most:
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, most).In(field)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return "", problem.New(problem.Invalid, "%s里有不能识别的字符", label).In(field)
	}
	return s, nil
}
