package person

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Outside is what the firm's own services prove of people: its directory a password, its OpenID provider who has logged in there.
// Who of the firm somebody is there, the security administrator says, or the person after showing the password; nobody is taken for
// somebody by a name or an address. The three administrators log in by what this program keeps: whoever runs those services could
// otherwise take the posts that watch over them. A signature is never made by these services: the person's own password (签名口令
// where it is for nothing else) unlocks the key.
type Outside struct {
	*records
	gate *Gate
}

var errAdministrator = problem.New(problem.Conflict, "系统管理员、安全管理员和审计员只用本系统的密码登录")

func administers(p Person) bool {
	for _, post := range administrators {
		if p.Has(post) {
			return true
		}
	}
	return false
}

// forgetOutside has a person log in by what this program keeps.
func forgetOutside(tx *store.Tx, person string) error {
	if _, err := tx.Exec(`UPDATE person SET by_directory = 0 WHERE id = $1 AND by_directory = 1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM identity WHERE person = $1`, person)
	return err
}

// SetDirectory has a person log in by the directory from now on, or by the own password again. The act is appoint on the person.
func (r *Roster) SetDirectory(g *guard.Grant, on bool, reason string) error {
	a, err := r.subject(g, "log-in", reason)
	switch {
	case err != nil:
		return err
	case on && r.asks == nil:
		return problem.New(problem.Conflict, "本所没有接通域账号的目录服务")
	case on && administers(a.Person):
		return errAdministrator
	case on == a.Directory:
		return problem.New(problem.Conflict, "登录方式没有变化")
	}
	g.Note("directory", on)
	_, err = g.Tx().Exec(`UPDATE person SET by_directory = $2 WHERE id = $1`, a.ID, flag(on))
	return err
}

// AllByDirectory has everybody who does not log in by the directory yet do so from now on, but the three administrators, who
// left, and whom the caller may not appoint, and gives how many that are. The act is appoint on the firm; each is a step of it.
func (r *Roster) AllByDirectory(g *guard.Grant, reason string) (n int, err error) {
	tx := g.Tx(access.Appoint)
	g.Only(access.Firm)
	if r.asks == nil {
		return 0, problem.New(problem.Conflict, "本所没有接通域账号的目录服务")
	}
	if reason, err = line("reason", "事由", reason, 200, true); err != nil {
		return 0, err
	}
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT id FROM person WHERE by_directory = 0 AND administrator = '' AND status <> 'left' AND id <> $1 ORDER BY id`, g.Who().Person)
	if err != nil {
		return 0, err
	}
	g.Note("reason", reason)
	for _, id := range ids {
		if !g.May(access.Appoint, access.Resource{Kind: access.Person, ID: id, Exists: true}, access.Circumstances{}) {
			continue
		}
		if _, err := tx.Exec(`UPDATE person SET by_directory = 1 WHERE id = $1`, id); err != nil {
			return n, err
		}
		g.Step(access.Appoint, guard.Thing{Kind: access.Person, ID: id}, "", map[string]any{"change": "log-in", "directory": true, "reason": reason})
		n++
	}
	g.Note("people", n)
	return n, nil
}

// LogIns counts who logs in by what.
type LogIns struct{ Password, Directory, Linked int }

// LogIns counts everybody who has not left. The act is appoint on the firm.
func (r *Roster) LogIns(g *guard.Grant) (LogIns, error) {
	return store.Get(g.Tx(access.Appoint), func(row store.Row) (l LogIns, err error) {
		err = row.Scan(&l.Password, &l.Directory, &l.Linked)
		return l, err
	}, `SELECT COALESCE(SUM(1 - by_directory), 0), COALESCE(SUM(by_directory), 0), (SELECT COUNT(*) FROM identity i JOIN person q ON q.id = i.person WHERE q.status <> 'left')
		FROM person WHERE status <> 'left'`)
}
