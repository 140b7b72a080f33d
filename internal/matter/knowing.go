package matter

import (
	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
)

// Knowing gives the members of the team who may know material of the level (知悉范围), under a grant to view such a material. For
// 绝密级 that is those on the need-to-know list.
func (b *Book) Knowing(g *guard.Grant, matter string, level classification.Level) ([]Member, error) {
	members, err := team(g.Tx(access.View), matter)
	var knowing []Member
	for _, m := range members {
		if m.Clearance >= level && (level < classification.TopSecret || m.Listed) {
			knowing = append(knowing, m)
		}
	}
	return knowing, err
}
