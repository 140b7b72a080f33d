package rights

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
)

// entering stands as the reason of what a new person's posts wait for.
const entering = "新进人员拟任岗位"

// Enter puts a person on the roster, with a one-time link if that is wanted. Where somebody could approve, the posts of person.Powers are not
// given but asked for, and asked says so; whoever has no other post is 其他人员 until then. The act is appoint or syncRoster on the firm.
func (r *Room) Enter(g *guard.Grant, i person.Invitation, link bool) (id, secret string, asked bool, err error) {
	wanted := i.Posts
	if asked, err = r.awaits(g, nil, wanted); err != nil {
		return "", "", false, err
	}
	if asked {
		if err := person.CheckPosts(wanted); err != nil {
			return "", "", false, err
		}
		i.Posts = slices.DeleteFunc(slices.Clone(wanted), func(p access.Post) bool { return slices.Contains(person.Powers, p) })
		if len(i.Posts) == 0 {
			i.Posts = []access.Post{access.Other}
		}
	}
	if link {
		id, secret, err = r.people.Invite(g, i)
	} else {
		id, err = r.people.Enrol(g, i)
	}
	if err == nil && asked {
		_, err = r.AskPosts(g, id, wanted, entering)
	}
	return id, secret, asked, err
}

// awaits reports whether posts of who has never come in wait for an approval: those that decide or administer, where somebody could give it.
func (r *Room) awaits(g *guard.Grant, held, wanted []access.Post) (bool, error) {
	gained := slices.DeleteFunc(slices.Clone(wanted), func(p access.Post) bool { return slices.Contains(held, p) })
	if g.Facts().Who.System || g.Act() == access.SyncRoster || !person.Power(gained) {
		return false, nil
	}
	return person.Approved(g.Tx(), g.Who().Person)
}
