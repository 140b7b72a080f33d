package leaving

import (
	"errors"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/media"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// outstanding is what a person still has to hand over; of an open leaving with its pledge, unless that was written off.
func (r *Room) outstanding(tx *store.Tx, id string, d *row) ([]Item, error) {
	all, err := r.answersFor(tx, id)
	if err != nil || d == nil {
		return all, err
	}
	if d.moves != "" {
		return unkept(all, postsOf(d.moves)), nil
	}
	signed, err := r.pledged(tx, d)
	if err != nil {
		return nil, err
	}
	forgiven, err := store.Get(tx, func(s store.Row) (n int, err error) { return n, s.Scan(&n) },
		`SELECT COUNT(*) FROM departure_item WHERE departure = $1 AND kind = $2`, d.id, string(Pledge))
	if signed.IsZero() && forgiven == 0 {
		all = append(all, Item{Kind: Pledge, N: 1})
	}
	return all, err
}

// Ready is a problem unless somebody may take other posts now: nothing is left that these could not keep, and the hand-over that was begun
// since a time, if there was one, is witnessed and closed.
func (r *Room) Ready(tx *store.Tx, id string, posts []access.Post, since time.Time) error {
	rest, err := r.Unkept(tx, id, posts)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return problem.New(problem.Conflict, "名下还有 %d 项是新岗位不能保留的，请先办理交接", len(rest))
	}
	d, err := store.Get(tx, scanRow, `SELECT `+rowColumns+` FROM departure WHERE person = $1 AND (closed = 0 OR begun >= $2) ORDER BY begun DESC LIMIT 1`, id, since.UnixMilli())
	switch {
	case errors.Is(err, store.ErrNone):
		return nil
	case err != nil:
		return err
	case d.closed == 0:
		return problem.New(problem.Conflict, "交接还没有监交、办结，请先办结")
	case d.cancelled == 0:
		return nil
	}
	handed, err := store.Get(tx, func(s store.Row) (n int, err error) { return n, s.Scan(&n) }, `SELECT COUNT(*) FROM departure_item WHERE departure = $1`, d.id)
	if err == nil && handed > 0 {
		err = problem.New(problem.Conflict, "交接中途撤销，已经移交的事项没有监交；请重新办理交接")
	}
	return err
}

// Unkept is what a person answers for and could not keep in other posts.
func (r *Room) Unkept(tx *store.Tx, id string, posts []access.Post) ([]Item, error) {
	all, err := r.answersFor(tx, id)
	return unkept(all, posts), err
}

// unkept leaves out what somebody in the posts may go on answering for. An administrator answers for nothing of a matter (8.5), a matter
// is led and its levels are reviewed by lawyers (3.3, 5.2), and carriers stay with who works on matters or keeps them by post.
func unkept(all []Item, posts []access.Post) []Item {
	has := func(p access.Post) bool { return slices.Contains(posts, p) }
	administrator := slices.ContainsFunc(posts, person.IsAdministrator)
	return slices.DeleteFunc(all, func(i Item) bool {
		switch i.Kind {
		case Lead, Reviews:
			return has(access.Lawyer) && !administrator
		case Materials, Uploads:
			return !administrator
		case Carriers, Lent:
			return !administrator && (has(access.Custodian) || has(access.Lawyer) || has(access.Trainee) || has(access.Assistant))
		case Stock:
			return !administrator && has(access.Custodian)
		case Administrator:
			return has(access.SecurityAdmin)
		case Orders, Requests, Destructions, Alongs, Meetings:
			return !administrator
		case Decisions:
			return !administrator && (has(access.Lawyer) || has(access.Director) || has(access.Committee))
		case Devices, Repairs, Dangers, Media, Pledge, Witnessing:
		}
		return true
	})
}

func postsOf(list string) (posts []access.Post) {
	for p := range strings.SplitSeq(list, ",") {
		if p != "" {
			posts = append(posts, access.Post(p))
		}
	}
	return posts
}

// answersFor reads the records.
func (r *Room) answersFor(tx *store.Tx, id string) (all []Item, err error) {
	led, err := r.Matters.Led(tx, id)
	if err != nil {
		return nil, err
	}
	for _, m := range led {
		all = append(all, Item{Kind: Lead, Matter: m, N: 1})
	}
	for _, of := range []struct {
		kind Kind
		read func(*store.Tx, string) ([]material.Held, error)
	}{{Materials, r.Shelf.Owned}, {Reviews, r.Shelf.ToReview}, {Uploads, r.Shelf.Arriving}} {
		held, err := of.read(tx, id)
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			all = append(all, Item{Kind: of.kind, Matter: h.Matter, N: h.N, Top: h.Top})
		}
	}
	piles, err := r.Carriers.Piles(tx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range piles {
		all = append(all, Item{Kind: Carriers, Matter: p.Matter, N: p.N, Top: p.Top})
	}
	duties, err := r.duties(tx, id)
	if err != nil {
		return nil, err
	}
	all = append(all, duties...)
	for _, open := range []struct {
		kind  Kind
		query string
	}{{Stock, `SELECT COUNT(*) FROM stock_round WHERE opened_by = $1 AND closed = 0`}, {Witnessing, `SELECT COUNT(*) FROM departure WHERE witness = $1 AND closed = 0`}} {
		n, err := store.Get(tx, func(s store.Row) (n int, err error) { return n, s.Scan(&n) }, open.query, id)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			all = append(all, Item{Kind: open.kind, N: n})
		}
	}
	sticks, err := media.Holds(tx, id)
	if err != nil {
		return nil, err
	}
	if sticks > 0 {
		all = append(all, Item{Kind: Media, N: sticks})
	}
	only, err := r.People.OnlySecurityAdmin(tx, id)
	if err == nil && only {
		all = append(all, Item{Kind: Administrator, N: 1})
	}
	return all, err
}

// number writes the numbers of the matters into items. A matter behind whose wall the caller stands is not named to the caller.
func (r *Room) number(g *guard.Grant, items []*Item) error {
	tx := g.Tx()
	behind, err := r.Matters.WalledFrom(tx, g.Who().Person)
	if err != nil {
		return err
	}
	var ids []string
	for _, i := range items {
		if behind[i.Matter] {
			i.Matter, i.Walled = "", true
		} else if i.Matter != "" {
			ids = append(ids, i.Matter)
		}
	}
	slices.Sort(ids)
	numbers, err := r.Matters.Numbers(tx, slices.Compact(ids))
	for _, i := range items {
		i.Number = numbers[i.Matter]
	}
	return err
}

// pledged is when the leaving pledge was signed, in this leaving; the zero time: not yet. Signatures are dated to the second.
func (r *Room) pledged(tx *store.Tx, d *row) (time.Time, error) {
	at, err := r.Pledges.SignedLeaving(tx, d.person)
	if err != nil || at.Before(instant(d.begun).Truncate(time.Second)) {
		return time.Time{}, err
	}
	return at, nil
}
