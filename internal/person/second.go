package person

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Seconders are the posts that confirm a reset log-in of somebody with one of Powers (复核重置; clause 8.3): else a security administrator who opens
// the director's new link first is the director.
var Seconders = []access.Post{access.Director, access.Committee, access.SystemAdmin, access.Auditor}

var errLinkOwn = problem.New(problem.Conflict, "主任和案件管理委员会成员的统一登录由本人在“我的”里绑定").In("subject")

var errUnseconded = problem.New(problem.Conflict, "这个链接还不能用：重要岗位的重置须由主任、委员会成员、系统管理员或者审计员中的另一位确认，请联系他们")

// seconds reports whether a new log-in of an account has to be confirmed by somebody else: it has power, and there is somebody at work who could.
func seconds(g *guard.Grant, a *account) (bool, error) {
	if g.Facts().Who.System || !Power(a.Posts) {
		return false, nil
	}
	n, err := count(g.Tx(), `SELECT COUNT(*) FROM person WHERE status = 'active' AND id <> $1 AND id <> $2
		AND (administrator IN ('system_admin', 'auditor') OR (',' || posts || ',') LIKE '%,director,%' OR (',' || posts || ',') LIKE '%,committee,%')`, g.Who().Person, a.ID)
	return n > 0, err
}

// unseconded is the condition on a link that waits for its second person.
const unseconded = `used = 0 AND by_person <> '' AND seconded = 0`

// Reset is a log-in that was reset and waits to be confirmed. Persons are ids.
type Reset struct{ Person, By string }

// Resets are the log-ins that wait for somebody like the caller to confirm them. The act is useSystem or
// readRoster.
func (r *Roster) Resets(g *guard.Grant) (all []Reset, err error) {
	tx, me := g.Tx(access.UseSystem, access.ReadRoster), g.Who().Person
	rows, err := store.List(tx, func(row store.Row) (x Reset, err error) { return x, row.Scan(&x.Person, &x.By) },
		`SELECT person, by_person FROM invitation WHERE `+unseconded+` AND expires > $1 AND by_person <> $2 AND person <> $2 ORDER BY expires`, tx.Now.UnixMilli(), me)
	for _, x := range rows {
		if g.May(access.SecondReset, access.Resource{Kind: access.Person, ID: x.Person, Exists: true}, access.Circumstances{}) {
			all = append(all, x)
		}
	}
	return all, err
}

// Second confirms that a reset log-in is its person's own wish, and how the caller made sure. From then on the link opens. The act is secondReset.
func (r *Roster) Second(g *guard.Grant, how string) error {
	tx, id := g.Tx(access.SecondReset), g.Only(access.Person)
	how, err := line("reason", "核实方式", how, 200, true)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE invitation SET seconded = $2 WHERE person = $1 AND `+unseconded+` AND expires > $2 AND by_person <> $3`, id, tx.Now.UnixMilli(), g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "没有等您确认的重置：自己办理的须由另一位确认，已确认或者已过期的不用再确认")
	}
	g.Note("change", "reset confirmed")
	g.Note("reason", how)
	return err
}
