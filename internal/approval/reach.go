package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/person"
)

// reach says which seats of pending requests somebody might decide, as a condition on a and s.
func reach(w *conditions, me access.Principal, now time.Time) string {
	late := now.Add(-Patience).UnixMilli()
	at := w.arg(now.UnixMilli())
	const lead = `b.duty = 'lead' AND b.since <= %[1]s AND (b.until = 0 OR b.until > %[1]s))`
	parts := []string{`(s.capacities LIKE '%lead%' AND a.matter IN (SELECT b.matter FROM member b WHERE b.person = ` + w.arg(me.ID) + ` AND ` + fmt.Sprintf(lead, at) + `)`}
	asDirector := func() string {
		return `(s.capacities LIKE '%director%' OR a.stage_since <= ` + w.arg(late) + ` OR (s.capacities LIKE '%lead%' AND EXISTS
			(SELECT 1 FROM member b WHERE b.matter = a.matter AND b.person = a.applicant AND ` + fmt.Sprintf(lead, at) + `))`
	}
	if slices.Contains(me.Posts, access.Director) {
		parts = append(parts, asDirector())
	} else if me.DelegatedBy != "" {
		acts := make([]string, len(me.Delegated))
		for i, a := range me.Delegated {
			acts[i] = w.arg(string(a))
		}
		by := w.arg(me.DelegatedBy)
		parts = append(parts, `(`+asDirector()+` AND a.act IN (`+strings.Join(acts, ", ")+`) AND a.applicant <> `+by+` AND a.owner <> `+by+`)`)
	}
	if slices.Contains(me.Posts, access.Committee) {
		parts = append(parts, `s.capacities LIKE '%committee%'`, `(s.capacities LIKE '%director%' AND (a.stage_since <= `+w.arg(late)+` OR a.applicant IN (`+person.Directors+`)))`)
	}
	return `(` + strings.Join(parts, " OR ") + `)`
}
