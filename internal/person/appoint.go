package person

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// The acts below are appoint on a person, with the reason that the register of rights (权限变更) wants.

// subject opens an act on a person, which is appoint or one of those besides: the reason is checked and noted, the person read.
func (r *Roster) subject(g *guard.Grant, change, reason string, also ...access.Act) (*account, error) {
	tx, id := g.Tx(append(also, access.Appoint)...), g.Only(access.Person)
	reason, err := line("reason", "事由", reason, 200, true)
	if err != nil {
		return nil, err
	}
	g.Note("change", change)
	g.Note("reason", reason)
	a, err := r.accountByID(tx, id)
	if err == nil && a.Status == Left {
		err = problem.New(problem.Conflict, "此人已经离岗")
	}
	return a, err
}

// ChangePosts gives a person other posts.
func (r *Roster) ChangePosts(g *guard.Grant, posts []access.Post, reason string) error {
	a, err := r.subject(g, "posts", reason)
	if err != nil {
		return err
	}
	rest, administrator, err := splitPosts(posts)
	if err != nil {
		return err
	}
	if administrator != string(access.SecurityAdmin) {
		if err := keepSecurityAdmin(g.Tx(), a); err != nil {
			return err
		}
	}
	g.Note("before", a.Posts)
	g.Note("after", posts)
	return setPosts(g.Tx(), a.ID, rest, administrator)
}

// setPosts writes a person's posts. An administrator logs in by what this program keeps (see Outside), and who comes to approve for others by
// nothing that somebody else has linked.
func setPosts(tx *store.Tx, person, rest, administrator string) error {
	if strings.Contains(","+rest+",", ",director,") || strings.Contains(","+rest+",", ",committee,") {
		if _, err := tx.Exec(`DELETE FROM identity WHERE person = $1 AND linked_by <> $1`, person); err != nil {
			return err
		}
	}
	if administrator != "" {
		if err := forgetOutside(tx, person); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE person SET posts = $2, administrator = $3 WHERE id = $1`, person, rest, administrator)
	return err
}

// keepSecurityAdmin refuses what would leave the firm without an active security administrator.
func keepSecurityAdmin(tx *store.Tx, a *account) error {
	if a.Status != Active || !a.Has(access.SecurityAdmin) {
		return nil
	}
	others, err := count(tx, `SELECT COUNT(*) FROM person WHERE administrator = 'security_admin' AND status = 'active' AND id <> $1`, a.ID)
	if err == nil && others == 0 {
		err = problem.New(problem.Conflict, "这是最后一位在岗的安全管理员；请先任命另一位")
	}
	return err
}

// ChangeDetails corrects what the roster says of a person.
func (r *Roster) ChangeDetails(g *guard.Grant, d Details, reason string) error {
	a, err := r.subject(g, "details", reason)
	if err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	if _, err := g.Tx().Exec(`UPDATE person SET sealed_name = $2, sealed_department = $3, sealed_licence = $4, sealed_mail = $5 WHERE id = $1`, a.ID,
		r.seal.name.SealText(a.ID, d.Name), r.seal.department.SealText(a.ID, d.Department), r.seal.licence.SealText(a.ID, d.Licence), r.sealedMail(a.ID, d.Mail)); err != nil {
		return err
	}
	return r.indexPerson(g.Tx(), Person{ID: a.ID, Login: a.Login, Name: d.Name, Department: d.Department})
}

// Suspend closes a person's account and ends every session, token and one-time link at once. The act may be syncRoster.
func (r *Roster) Suspend(g *guard.Grant, reason string) error {
	a, err := r.subject(g, "suspended", reason, access.SyncRoster)
	if err != nil {
		return err
	}
	if a.Status == Suspended {
		return problem.New(problem.Conflict, "此人的账号已经停用")
	}
	if err := keepSecurityAdmin(g.Tx(), a); err != nil {
		return err
	}
	if err := cutOff(g, a.ID); err != nil {
		return err
	}
	if _, err = g.Tx().Exec(`UPDATE person SET status = 'suspended' WHERE id = $1`, a.ID); err != nil {
		return err
	}
	return r.Changed(g, Change{Kind: AccountChanged, Person: a.ID, What: What{Was: a.Status, Is: Suspended, Why: reason}})
}

// cutOff ends everything by which a person gets in.
func cutOff(g *guard.Grant, person string) error {
	tx := g.Tx()
	sessions, err := endSessions(tx, person, "")
	if err != nil {
		return err
	}
	tokens, err := endTokens(tx, person)
	if err != nil {
		return err
	}
	g.Note("sessions", sessions)
	g.Note("tokens", tokens)
	_, err = tx.Exec(`DELETE FROM invitation WHERE person = $1 AND used = 0`, person)
	return err
}

// Restore opens a suspended account again. One that was never opened, or has no password, needs a new link (ResetLogin).
// The act may be syncRoster.
func (r *Roster) Restore(g *guard.Grant, reason string) error {
	a, err := r.subject(g, "restored", reason, access.SyncRoster)
	if err != nil {
		return err
	}
	if a.Status != Suspended {
		return problem.New(problem.Conflict, "此人的账号没有停用")
	}
	status := Active
	if a.Joined.IsZero() || len(a.password) == 0 {
		status = Invited
	}
	if _, err = g.Tx().Exec(`UPDATE person SET status = $2 WHERE id = $1`, a.ID, string(status)); err != nil {
		return err
	}
	return r.Changed(g, Change{Kind: AccountChanged, Person: a.ID, What: What{Was: Suspended, Is: status, Why: reason}})
}

// ResetLogin gives a person a new one-time link and takes password, second factors, sessions and tokens away at once. The
// last security administrator's can be reset from the console only; of who has power over others, the link opens once a second person has
// confirmed it (Second), which second tells.
func (r *Roster) ResetLogin(g *guard.Grant, reason string) (link string, second bool, err error) {
	a, err := r.subject(g, "login reset", reason)
	if err != nil {
		return "", false, err
	}
	if a.Status == Suspended {
		return "", false, problem.New(problem.Conflict, "此人的账号已经停用")
	}
	if !g.Facts().Who.System {
		if err := keepSecurityAdmin(g.Tx(), a); err != nil {
			return "", false, err
		}
	}
	by := g.Who().Person
	if g.Facts().Who.System {
		by = ""
	}
	if second, err = seconded(g.Tx(), a, by); err != nil {
		return "", false, err
	}
	if err := cutOff(g, a.ID); err != nil {
		return "", false, err
	}
	for _, forget := range []string{`DELETE FROM passkey WHERE person = $1`, `DELETE FROM recovery_code WHERE person = $1`, `DELETE FROM signing_key WHERE person = $1`, `DELETE FROM identity WHERE person = $1`,
		`UPDATE person SET status = 'invited', sealed_password = NULL, sealed_totp = NULL WHERE id = $1`} {
		if _, err := g.Tx().Exec(forget, a.ID); err != nil {
			return "", false, err
		}
	}
	if link, err = newLink(g.Tx(), a.ID); err == nil && by != "" {
		_, err = g.Tx().Exec(`UPDATE invitation SET by_person = $2 WHERE person = $1 AND used = 0`, a.ID, by)
	}
	return link, second, err
}

// Unlock lets a person whose log-in is locked try again.
func (r *Roster) Unlock(g *guard.Grant, reason string) error {
	a, err := r.subject(g, "unlocked", reason)
	if err != nil {
		return err
	}
	locked, err := settle(g.Tx(), a.login)
	if err == nil && !locked {
		err = problem.New(problem.Conflict, "此人的账号没有锁定")
	}
	return err
}

// trainingFor is how long a training holds (clause 6.2).
const trainingFor = 366 * 24 * time.Hour

// TrainingKinds and PledgeKinds are what RecordTraining and RecordPledge take, in the order in which forms offer them.
var (
	TrainingKinds = []string{"joining", "regular", "special"}
	PledgeKinds   = []string{"joining", "yearly"}
)

// KindNames are their Chinese names.
var KindNames = map[string]string{"joining": "入职", "regular": "定期", "special": "专项", "yearly": "年度", "founding": "建所"}

// qualification is a training that was attended, or a pledge that was signed.
type qualification struct {
	subject, kind string
	version       int // of the pledge, or of the course; 0: none of the program's
	at            time.Time
	id            string // of the row; empty: a new one
	reason        []byte // sealed; nil: it was given here
}

func founding(at time.Time) []qualification {
	return []qualification{{subject: "training", kind: "founding", at: at}, {subject: "pledge", kind: "founding", at: at}}
}

// RecordTraining records that the person was trained on the rules (clauses 6.1, 6.2); it holds for a year from then. at is
// not in the future; zero is now. The reason says on what the record rests: whoever makes it answers for it.
func (r *Roster) RecordTraining(g *guard.Grant, kind string, at time.Time, reason string) error {
	return r.record(g, qualification{subject: "training", kind: kind, at: at}, reason, TrainingKinds)
}

// RecordPledge records that the person signed the pledge in its present version (clause 6.1). at is not in the future; zero is
// now.
func (r *Roster) RecordPledge(g *guard.Grant, kind string, at time.Time, reason string) error {
	return r.record(g, qualification{subject: "pledge", kind: kind, at: at}, reason, PledgeKinds)
}

func (r *Roster) record(g *guard.Grant, q qualification, reason string, kinds []string) error {
	tx, id := g.Tx(access.Appoint), g.Only(access.Person)
	reason, err := line("reason", "依据", reason, 200, true)
	if err != nil {
		return err
	}
	if q.at.IsZero() {
		q.at = tx.Now
	}
	switch {
	case !slices.Contains(kinds, q.kind):
		return problem.New(problem.Invalid, "请选择类别").In("kind")
	case q.at.After(tx.Now):
		return problem.New(problem.Invalid, "日期不能晚于今天").In("at")
	}
	g.Note("reason", reason)
	q.id = tx.NewID()
	q.reason = r.seal.qualified.SealText(q.id, reason)
	return qualify(g, id, []qualification{q})
}

// qualify writes down and brings the person's facts up to date.
func qualify(g *guard.Grant, person string, all []qualification) error {
	tx := g.Tx()
	for _, q := range all {
		if q.subject == "pledge" && q.version == 0 {
			var err error
			if q.version, err = editionAt(tx, q.at); err != nil {
				return err
			}
		}
		at, until := q.at.UnixMilli(), q.at.Add(trainingFor).UnixMilli()
		g.Note(q.subject, map[string]any{"kind": q.kind, "at": q.at})
		if q.id == "" {
			q.id = tx.NewID()
		}
		if _, err := tx.Exec(`INSERT INTO qualification (id, person, subject, kind, version, at, until, recorded_by, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			q.id, person, q.subject, q.kind, q.version, at, until, g.Who().Person, q.reason); err != nil {
			return err
		}
		if q.subject == "training" {
			if err := reckonPerson(tx, person); err != nil {
				return err
			}
			continue
		}
		if err := bind(tx, person, q); err != nil {
			return err
		}
	}
	return nil
}
