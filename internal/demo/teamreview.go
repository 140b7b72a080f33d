package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/teamreview"
)

// teamReviews is one round that runs: it was opened ten days ago, and some leads have looked through their teams since.
func (b *builder) teamReviews(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * time.Hour
	add(10*day, "a review of teams", func() error {
		return b.h.Door.Do(b.ctx, b.who(b.holder(access.SecurityAdmin)), access.OpenTeamReview, guard.Firm, func(g *guard.Grant) error {
			_, err := b.h.TeamReviews.Open(g, g.Tx().Now.Add(30*day))
			return err
		})
	})
	for i, m := range b.firm.Matters {
		if i%2 == 1 || m.OpenedAt < 11*day {
			continue
		}
		add(time.Duration(9*24-i)*time.Hour, "review the team of "+m.Number, func() error {
			err := b.h.Door.Do(b.ctx, b.who(m.Lead()), access.ReviewTeam, guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}, func(g *guard.Grant) error {
				rows, err := b.h.TeamReviews.Pending(g)
				if err != nil || len(rows) == 0 {
					return err
				}
				if i%8 == 0 && len(rows) > 2 {
					last := len(rows) - 1
					return b.h.TeamReviews.Decide(g, teamreview.Choices{Keep: teamreview.Places(rows[:last]), Remove: teamreview.Places(rows[last:]), Why: "已不参与本案工作"})
				}
				return b.h.TeamReviews.Decide(g, teamreview.Choices{Keep: teamreview.Places(rows)})
			})
			if problem.Is(err, problem.Absent) { // the lead has left the firm since
				return nil
			}
			return err
		})
	}
}
