package person

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Powers are the posts that watch over others or approve in their place. No program gives or takes them, and where somebody could approve
// nobody gives them alone: a security administrator would make the very person who approves what that administrator asks for.
var Powers = []access.Post{access.Director, access.Committee, access.SystemAdmin, access.SecurityAdmin, access.Auditor}

// Power reports whether one of the posts is of Powers.
func Power(posts []access.Post) bool {
	return slices.ContainsFunc(posts, func(p access.Post) bool { return slices.Contains(Powers, p) })
}

var (
	errNoProgram = problem.New(problem.Invalid, "主任、案件管理委员会成员和管理员的岗位不能由程序变更，请由安全管理员在页面上办理").In("posts")
	errNotAlone  = problem.New(problem.Conflict, "主任、案件管理委员会成员和管理员的岗位须经批准").In("posts")
)

// NoProgram is a problem when a program gives or takes one of Powers.
func NoProgram(g *guard.Grant, posts ...access.Post) error {
	if g.Act() == access.SyncRoster && Power(posts) {
		return errNoProgram
	}
	return nil
}

// Approved reports whether somebody besides the caller could approve posts: a director or a member of the committee who has come in. One
// whose account is closed for a while is one; in a firm that is being set up there is none.
func Approved(tx *store.Tx, caller string) (bool, error) {
	n, err := count(tx, `SELECT COUNT(*) FROM person WHERE status <> 'left' AND joined > 0 AND id <> $1
		AND ((',' || posts || ',') LIKE '%,director,%' OR (',' || posts || ',') LIKE '%,committee,%')`, caller)
	return n > 0, err
}

// mayEnter is a problem when a new person's posts are not for the caller to give: see rights.Room.Enter, which asks for them.
func (r *Roster) mayEnter(g *guard.Grant, tx *store.Tx, posts []access.Post) error {
	if err := NoProgram(g, posts...); err != nil || g.Facts().Who.System || !Power(posts) {
		return err
	}
	some, err := Approved(tx, g.Who().Person)
	if err == nil && some {
		err = errNotAlone
	}
	return err
}
