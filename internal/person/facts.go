package person

import (
	"errors"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Principal is the door's loader of persons: one point read. An unknown id gives the zero Principal, which may do nothing.
func (r *Roster) Principal(tx *store.Tx, id string) (access.Principal, error) {
	p, err := store.Get(tx, func(row store.Row) (p access.Principal, err error) {
		var posts, administrator, status, delegated string
		var trained, pledged int64
		if err = row.Scan(&posts, &administrator, &status, &trained, &pledged, &delegated); err != nil {
			return p, err
		}
		p = access.Principal{ID: id, Posts: joinPosts(posts, administrator), Active: status == string(Active),
			Trained: trained > tx.Now.UnixMilli(), Overdue: trained > 0 && trained <= tx.Now.UnixMilli(), Pledged: pledged > tx.Now.UnixMilli()}
		if !slices.ContainsFunc(p.Posts, mayNotStandIn) {
			p.DelegatedBy, p.Delegated = readDelegated(delegated)
		}
		return p, nil
	}, `SELECT p.posts, p.administrator, p.status, p.trained_until, p.pledged_until,
		COALESCE((SELECT d.by_person || ' ' || d.acts `+standing+` AND d.person = p.id AND d.since <= $2 LIMIT 1), '')
		FROM person p WHERE p.id = $1`, id, tx.Now.UnixMilli())
	if errors.Is(err, store.ErrNone) {
		return access.Principal{}, nil
	}
	return p, err
}

// Load is the door's loader of persons as things that acts are done to.
func (r *Roster) Load(tx *store.Tx, _ guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	n, err := count(tx, `SELECT COUNT(*) FROM person WHERE id = $1`, thing.ID)
	return access.Resource{Kind: access.Person, ID: thing.ID, Exists: n == 1}, access.Circumstances{}, err
}

// Names gives the names of persons, to show; ids that are none are left out.
func (r *Roster) Names(tx *store.Tx, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		if _, done := names[id]; done || id == "" {
			continue
		}
		sealed, err := store.Get(tx, scanBytes, `SELECT sealed_name FROM person WHERE id = $1`, id)
		if errors.Is(err, store.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if names[id], err = r.seal.name.OpenText(id, sealed); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// personColumns are what scanPerson reads, of a table called p.
const personColumns = `p.id, p.sealed_login, p.sealed_name, p.sealed_department, p.sealed_licence, p.posts, p.administrator, p.status,
	p.trained_until, p.pledge, p.pledged, p.pledged_until, p.joined, p.by_directory, p.sealed_mail, p.mail_off`

// scanPerson reads a person, and more columns into further.
func (r *records) scanPerson(tx *store.Tx, row store.Row, further ...any) (p Person, err error) {
	var login, name, department, licence, address []byte
	var posts, administrator string
	var trained, pledged, pledgedUntil, joined, directory, off int64
	if err := row.Scan(append([]any{&p.ID, &login, &name, &department, &licence, &posts, &administrator, &p.Status, &trained, &p.Pledge,
		&pledged, &pledgedUntil, &joined, &directory, &address, &off}, further...)...); err != nil {
		return p, err
	}
	var errs [5]error
	p.Login, errs[0] = r.seal.login.OpenText(p.ID, login)
	p.Name, errs[1] = r.seal.name.OpenText(p.ID, name)
	p.Department, errs[2] = r.seal.department.OpenText(p.ID, department)
	p.Licence, errs[3] = r.seal.licence.OpenText(p.ID, licence)
	if len(address) > 0 {
		p.Mail, errs[4] = r.seal.mail.OpenText(p.ID, address)
	}
	p.NoMail = off == 1
	p.Posts, p.TrainedUntil, p.Pledged, p.Joined = joinPosts(posts, administrator), instant(trained), instant(pledged), instant(joined)
	p.Directory = directory == 1
	p.Trained, p.Bound = trained > tx.Now.UnixMilli(), pledgedUntil > tx.Now.UnixMilli()
	if pledgedUntil < forever {
		p.BoundUntil = instant(pledgedUntil)
	}
	return p, errors.Join(errs[:]...)
}

func (r *records) person(tx *store.Tx, id string) (Person, error) {
	p, err := store.Get(tx, func(row store.Row) (Person, error) { return r.scanPerson(tx, row) },
		`SELECT `+personColumns+` FROM person p WHERE p.id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		return p, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	return p, err
}

var administrators = []access.Post{access.SystemAdmin, access.SecurityAdmin, access.Auditor}

// IsAdministrator reports whether a post is one of the three administrators' (三员).
func IsAdministrator(p access.Post) bool { return slices.Contains(administrators, p) }

// CheckPosts is a problem unless one person may hold the posts.
func CheckPosts(posts []access.Post) error { _, _, err := splitPosts(posts); return err }

// splitPosts checks posts and parts the one administrator's post from the others.
func splitPosts(posts []access.Post) (rest, administrator string, err error) {
	var others []string
	for _, p := range posts {
		switch {
		case !slices.Contains(access.Posts, p):
			return "", "", problem.New(problem.Invalid, "没有这个岗位：%s", p).In("posts")
		case slices.Contains(others, string(p)):
		case !slices.Contains(administrators, p):
			others = append(others, string(p))
		case administrator != "" && administrator != string(p):
			return "", "", problem.New(problem.Invalid, "系统管理员、安全管理员和审计员不能由一人兼任").In("posts")
		default:
			administrator = string(p)
		}
	}
	if len(posts) == 0 {
		return "", "", problem.New(problem.Invalid, "请至少选择一个岗位").In("posts")
	}
	return strings.Join(others, ","), administrator, nil
}

func joinPosts(rest, administrator string) (posts []access.Post) {
	for p := range strings.SplitSeq(rest, ",") {
		if p != "" {
			posts = append(posts, access.Post(p))
		}
	}
	if administrator != "" {
		posts = append(posts, access.Post(administrator))
	}
	return posts
}

func scanBytes(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err }

func count(tx *store.Tx, query string, args ...any) (n int64, err error) {
	return store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err }, query, args...)
}
