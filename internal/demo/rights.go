package demo

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/rights"
	"mijuan/internal/teamreview"
)

// rights are requests of every kind: places in teams granted, refused and waiting, a post changed, and one that waits for the director.
func (b *builder) rights(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * time.Hour
	holders := func(post access.Post) (logins []string) {
		for _, p := range b.firm.Persons {
			if slices.Equal(p.Posts, []access.Post{post}) {
				logins = append(logins, p.Login)
			}
		}
		return logins
	}
	trainees, assistants := holders(access.Trainee), holders(access.Assistant)
	place := func(login string, nth int, level classification.Level, why string) (matterOf corpus.Matter, ask func() error) {
		at := 0
		for _, m := range b.firm.Matters {
			in := slices.ContainsFunc(m.Team, func(t corpus.Member) bool { return t.Login == login })
			walled := slices.ContainsFunc(b.firm.Walls, func(w corpus.Wall) bool { return w.Matter == m.Number && w.Login == login })
			if in || walled || m.OpenedAt < 40*day {
				continue
			}
			if matterOf = m; at == nth {
				break
			}
			at++
		}
		return matterOf, func() error {
			return b.h.Door.Do(b.ctx, b.who(login), access.RequestRights, b.personThing(login), func(g *guard.Grant) error {
				return b.h.Rights.AskPlace(g, rights.Wanted{Number: matterOf.Number, Duty: matter.Assisting, Level: level, Until: g.Tx().Now.AddDate(0, 4, 0)}, why)
			})
		}
	}
	decide := func(m corpus.Matter, approve bool, opinion string) func() error {
		return func() error {
			who, in := b.who(m.Lead()), guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}
			waiting, err := b.requests(who)
			for _, q := range waiting {
				if err == nil && q.Matter == in.ID {
					err = b.h.Door.Do(b.ctx, who, access.ManageTeam, in, func(g *guard.Grant) error { return b.h.Rights.DecidePlace(g, q.ID, approve, opinion) })
				}
			}
			if problem.Is(err, problem.Absent) { // the lead has left since
				return nil
			}
			return err
		}
	}
	granted, ask := place(assistants[0], 0, classification.Secret, "协助整理和装订证据材料")
	add(33*day, "ask for a place", ask)
	add(32*day, "grant a place", decide(granted, true, ""))
	refused, ask := place(trainees[0], 1, classification.Secret, "希望跟进同类案件的庭审")
	add(20*day, "ask for a place", ask)
	add(19*day, "refuse a place", decide(refused, false, "本案人手已足，与办案无关"))
	_, ask = place(trainees[0], 2, classification.Confidential, "主办律师口头安排起草质证意见")
	add(2*day, "ask for a place", ask)
	posts := func(login, why string, posts ...access.Post) func() error {
		return func() error {
			return b.h.Door.Do(b.ctx, b.who(login), access.RequestRights, b.personThing(login), func(g *guard.Grant) error {
				_, err := b.h.Rights.AskPosts(g, b.ids[login], posts, why)
				return err
			})
		}
	}
	changing := assistants[len(assistants)-1]
	add(55*day, "ask for other posts", posts(changing, "接替到期离任的行政岗位，兼做助理", access.Assistant, access.Administration))
	add(54*day, "approve other posts", func() error {
		return b.each(b.holder(access.Director), changing, access.DecideRights, func(g *guard.Grant, id string) error {
			return b.h.Rights.DecidePosts(g, id, true, "同意")
		})
	})
	add(53*day, "carry out other posts", func() error {
		return b.each(b.holder(access.SecurityAdmin), changing, access.Appoint, func(g *guard.Grant, id string) error { return b.h.Rights.CarryOut(g, id) })
	})
	for _, m := range b.firm.Matters { // the leads confirm the places of who changed post
		if slices.ContainsFunc(m.Team, func(t corpus.Member) bool { return t.Login == changing }) && m.OpenedAt > 53*day {
			add(50*day, "confirm a place in "+m.Number, func() error {
				return b.h.Door.Do(b.ctx, b.who(m.Lead()), access.ReviewTeam, guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}, func(g *guard.Grant) error {
					rows, err := b.h.TeamReviews.Pending(g)
					if err != nil || len(rows) == 0 {
						return err
					}
					return b.h.TeamReviews.Decide(g, teamreview.Choices{Keep: teamreview.Places(rows)})
				})
			})
		}
	}
	add(day, "ask for other posts", posts(trainees[0], "实习期满，已取得律师执业证", access.Lawyer))
}

// requests are those that wait for somebody.
func (b *builder) requests(who guard.Who) (all []rights.Request, err error) {
	err = b.h.Door.Do(b.ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { all, err = b.h.Rights.Waiting(g); return err })
	return all, err
}

// each does an act to each request about a person that waits for somebody.
func (b *builder) each(by, of string, act access.Act, f func(*guard.Grant, string) error) error {
	waiting, err := b.requests(b.who(by))
	for _, q := range waiting {
		if err == nil && q.Person == b.ids[of] {
			err = b.h.Door.Do(b.ctx, b.who(by), act, b.personThing(of), func(g *guard.Grant) error { return f(g, q.ID) })
		}
	}
	return err
}
