package person

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/mail"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Revision is what a list from outside (a file, the firm's directory) says of a person.
type Revision struct {
	Details *Details      // nil: they stay
	Posts   []access.Post // nil: they stay
	Active  *bool         // nil: as it is; false closes the account at once, true opens a closed one
}

// Everyone is the whole roster, with those who left, the oldest first. The act is appoint or syncRoster on the firm, or readRoster.
func (r *Roster) Everyone(g *guard.Grant) ([]Person, error) {
	tx := g.Tx(access.Appoint, access.SyncRoster, access.ReadRoster)
	return store.List(tx, func(row store.Row) (Person, error) { return r.scanPerson(tx, row) }, `SELECT `+personColumns+` FROM person p ORDER BY p.id`)
}

// ByLogin finds a person by the whole log-in; the zero Person when nobody has it. The act is readRoster, appoint or syncRoster on the firm.
func (r *Roster) ByLogin(g *guard.Grant, login string) (Person, error) {
	a, err := r.accountByLogin(g.Tx(access.Appoint, access.SyncRoster, access.ReadRoster), normal(login))
	return a.Person, err
}

// Enrol is Invite without a one-time link: ResetLogin makes one when it is asked for.
func (r *Roster) Enrol(g *guard.Grant, i Invitation) (id string, err error) {
	tx := g.Tx(access.Appoint, access.SyncRoster)
	g.Only(access.Firm)
	if err := r.mayEnter(g, tx, i.Posts); err != nil {
		return "", err
	}
	if i.Login, err = checkLogin(i.Login); err != nil {
		return "", err
	}
	return r.enter(g, i)
}

// Revise brings a person in line with a list from outside and reports whether anything changed. The act is appoint or syncRoster: on
// the person, or on the firm for a list of many; then the rules are asked for each, and each is a step of the act.
func (r *Roster) Revise(g *guard.Grant, id string, v Revision, reason string) (changed bool, err error) {
	tx := g.Tx(access.Appoint, access.SyncRoster)
	if reason, err = line("reason", "事由", reason, 200, true); err != nil {
		return false, err
	}
	thing := access.Resource{Kind: access.Person, ID: id, Exists: true}
	if !g.May(g.Act(), thing, access.Circumstances{Self: id == g.Who().Person}) {
		return false, problem.New(problem.Conflict, "不能变更自己的岗位和权限")
	}
	if g.Thing().Kind == access.Person && g.Only(access.Person) != id {
		return false, problem.New(problem.Invalid, "没有这个人，请从名单里选择")
	}
	a, err := r.accountByID(tx, id)
	if err != nil {
		return false, err
	}
	if a.Status == Left {
		return false, problem.New(problem.Conflict, "此人已经离岗")
	}
	notes := map[string]any{"change": "revised", "reason": reason}
	for _, part := range []func() error{
		func() error { return r.reviseDetails(tx, a, v.Details, notes) },
		func() error { return revisePosts(tx, a, v.Posts, notes) },
		func() error { return reviseActive(g, a, v.Active, notes) },
	} {
		if err := part(); err != nil {
			return false, err
		}
	}
	if changed = len(notes) > 2; !changed {
		return false, nil
	}
	if err := r.revised(g, a, v, notes, reason); err != nil {
		return false, err
	}
	if g.Thing().Kind == access.Firm {
		g.Step(g.Act(), guard.Thing{Kind: access.Person, ID: id}, "", notes)
		return true, nil
	}
	for key, value := range notes {
		g.Note(key, value)
	}
	return true, nil
}

// revised tells the register of rights.
func (r *Roster) revised(g *guard.Grant, a *account, v Revision, notes map[string]any, reason string) error {
	if notes["after"] != nil {
		if err := r.Changed(g, Change{Kind: PostsChanged, Person: a.ID, What: What{Before: a.Posts, After: v.Posts, Why: reason}}); err != nil {
			return err
		}
	}
	is, changed := notes["status"].(Status)
	if !changed {
		return nil
	}
	return r.Changed(g, Change{Kind: AccountChanged, Person: a.ID, What: What{Was: a.Status, Is: is, Why: reason}})
}

func (r *Roster) reviseDetails(tx *store.Tx, a *account, d *Details, notes map[string]any) error {
	if d == nil {
		return nil
	}
	if err := d.check(); err != nil {
		return err
	}
	if *d == (Details{Name: a.Name, Department: a.Department, Licence: a.Licence, Mail: a.Mail}) {
		return nil
	}
	notes["details"] = true
	if _, err := tx.Exec(`UPDATE person SET sealed_name = $2, sealed_department = $3, sealed_licence = $4, sealed_mail = $5 WHERE id = $1`, a.ID,
		r.seal.name.SealText(a.ID, d.Name), r.seal.department.SealText(a.ID, d.Department), r.seal.licence.SealText(a.ID, d.Licence), r.sealedMail(a.ID, d.Mail)); err != nil {
		return err
	}
	return r.indexPerson(tx, Person{ID: a.ID, Login: a.Login, Name: d.Name, Department: d.Department})
}

func revisePosts(tx *store.Tx, a *account, posts []access.Post, notes map[string]any) error {
	if posts == nil || SamePosts(posts, a.Posts) {
		return nil
	}
	rest, administrator, err := splitPosts(posts)
	if err != nil {
		return err
	}
	if administrator != string(access.SecurityAdmin) {
		if err := keepSecurityAdmin(tx, a); err != nil {
			return err
		}
	}
	notes["before"], notes["after"] = a.Posts, posts
	return setPosts(tx, a.ID, rest, administrator)
}

// SamePosts compares posts without their order.
func SamePosts(a, b []access.Post) bool {
	sorted := func(p []access.Post) []access.Post { return slices.Compact(slices.Sorted(slices.Values(p))) }
	return slices.Equal(sorted(a), sorted(b))
}

func reviseActive(g *guard.Grant, a *account, active *bool, notes map[string]any) error {
	if active == nil || *active == (a.Status != Suspended) {
		return nil
	}
	status := Suspended
	switch {
	case *active && (a.Joined.IsZero() || len(a.password) == 0):
		status = Invited
	case *active:
		status = Active
	default:
		if err := keepSecurityAdmin(g.Tx(), a); err != nil {
			return err
		}
		if err := cutOff(g, a.ID); err != nil {
			return err
		}
	}
	notes["status"] = status
	_, err := g.Tx().Exec(`UPDATE person SET status = $2 WHERE id = $1`, a.ID, string(status))
	return err
}

// Wrong is everything that would keep the person off the roster, each in its field: login, name, department, licence, mail, posts.
func (i Invitation) Wrong() (all []error) {
	_, login := checkLogin(i.Login)
	_, name := line("name", "姓名", i.Name, 40, true)
	_, department := line("department", "部门", i.Department, 60, false)
	_, licence := line("licence", "执业证号", i.Licence, 40, false)
	_, address := mail.Address(i.Mail)
	_, _, posts := splitPosts(i.Posts)
	return slices.DeleteFunc([]error{name, login, department, posts, licence, address}, func(err error) bool { return err == nil })
}
