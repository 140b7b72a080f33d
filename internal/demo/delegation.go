package demo

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
)

// delegations are two: one that is over, and one that stands while the director travels.
func (b *builder) delegations(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * time.Hour
	to := ""
	for _, p := range b.firm.Persons {
		if to == "" && slices.Equal(p.Posts, []access.Post{access.Lawyer}) {
			to = p.Login
		}
	}
	give := func(acts []access.Act, days int, why string) func() error {
		return func() error {
			return b.h.Door.Do(b.ctx, b.who(b.holder(access.Director)), access.Delegate, guard.Firm, func(g *guard.Grant) error {
				return b.h.People.Delegate(g, person.Delegation{Person: b.ids[to], Acts: acts, Since: g.Tx().Now, Until: g.Tx().Now.Add(time.Duration(days) * day), Reason: why})
			})
		}
	}
	add(70*day, "a delegation that is over", give([]access.Act{access.Release}, 12, "年度休假"))
	add(3*day, "a delegation", give([]access.Act{access.Release, access.WriteOffCarrier}, 14, "赴外地参加仲裁庭审"))
}
