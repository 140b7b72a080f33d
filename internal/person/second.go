package person

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

var (
	errUnseconded = problem.New(problem.Conflict, "这个链接还不能用：重要岗位的重置须由主任、委员会成员、系统管理员或者审计员中的另一位确认，请联系他们")
	errLinkOwn    = problem.New(problem.Conflict, "主任和案件管理委员会成员的统一登录由本人在“我的”里绑定").In("subject")
)

// seconded reports whether a link that somebody made for an account has to be confirmed by somebody else (复核重置; clause 8.3): the account has power
// over others, by one of Powers or as a director's delegate, and there is somebody who could, as the rules for secondReset name them. Else a security
// administrator who opens the director's new link first is the director. Who is closed for a while, or was reset, is one: else whoever closes them all needs nobody.
func seconded(tx *store.Tx, a *account, by string) (bool, error) {
	if by == "" {
		return false, nil
	}
	if !Power(a.Posts) {
		n, err := count(tx, `SELECT COUNT(*) `+standing+` AND d.person = $1`, a.ID, tx.Now.UnixMilli())
		if err != nil || n == 0 {
			return false, err
		}
	}
	n, err := count(tx, `SELECT COUNT(*) FROM person WHERE status <> 'left' AND joined > 0 AND id <> $1 AND id <> $2
		AND (administrator IN ('system_admin', 'auditor') OR (',' || posts || ',') LIKE '%,director,%' OR (',' || posts || ',') LIKE '%,committee,%')`, by, a.ID)
	return n > 0, err
}

// Reset is a log-in that was reset and waits to be confirmed. Persons are ids.
type Reset struct {
	Person, By string
	Until      time.Time // when its link ends; with By it says which link is meant
}

// Resets are the log-ins that wait for somebody like the caller to confirm them. The act is useSystem or readRoster.
func (r *Roster) Resets(g *guard.Grant) (all []Reset, err error) {
	tx, me := g.Tx(access.UseSystem, access.ReadRoster), g.Who().Person
	rows, err := store.List(tx, func(row store.Row) (x Reset, err error) {
		var until int64
		err = row.Scan(&x.Person, &x.By, &until)
		x.Until = instant(until)
		return x, err
	}, `SELECT person, by_person, expires FROM invitation WHERE used = 0 AND by_person <> '' AND seconded = 0 AND expires > $1 AND by_person <> $2 AND person <> $2 ORDER BY expires`, tx.Now.UnixMilli(), me)
	for _, x := range rows {
		if !g.May(access.SecondReset, access.Resource{Kind: access.Person, ID: x.Person, Exists: true}, access.Circumstances{}) {
			continue
		}
		a, err := r.accountByID(tx, x.Person)
		if err != nil {
			return nil, err
		}
		waits, err := seconded(tx, a, x.By)
		if err != nil {
			return nil, err
		}
		if waits {
			all = append(all, x)
		}
	}
	return all, err
}

// Second confirms that a reset log-in is its person's own wish, and how the caller made sure. From then on that link opens, and no later one. The act
// is secondReset.
func (r *Roster) Second(g *guard.Grant, x Reset, how string) error {
	tx, id := g.Tx(access.SecondReset), g.Only(access.Person)
	how, err := line("reason", "核实方式", how, 200, true)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE invitation SET seconded = $2 WHERE person = $1 AND used = 0 AND seconded = 0 AND expires > $2 AND expires = $3 AND by_person = $4 AND by_person <> $5`,
		id, tx.Now.UnixMilli(), x.Until.UnixMilli(), x.By, g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "没有等您确认的重置：自己办理的须由另一位确认，已确认、已过期或者又重置过的，请刷新后查看")
	}
	g.Note("change", "reset confirmed")
	g.Note("reason", how)
	g.Note("reset_by", x.By)
	return err
}
