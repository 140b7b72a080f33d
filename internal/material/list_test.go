package material_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestPagesOfOldAndNew shows that a list of the newest is the same whatever part of it is recent: every page of every length.
func TestPagesOfOldAndNew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		var newest []string
		for i := range 5 {
			newest = append(newest, o.receive(fmt.Sprintf("%d.txt", i), "证据目录", fmt.Appendf(nil, "第 %d 份", i), classification.Confidential))
		}
		slices.Reverse(newest)
		for recent := len(newest); recent >= 0; recent-- {
			if recent < len(newest) { // one more becomes old
				err := db.Update(o.ctx, func(tx *store.Tx) error {
					_, err := tx.Exec(`UPDATE material SET received = $2 WHERE id = $1`, newest[recent], tx.Now.Add(-time.Duration(100+recent)*24*time.Hour).UnixMilli())
					return err
				})
				o.want(err, 0, "put a material's receipt back")
			}
			for limit := 1; limit <= len(newest)+1; limit++ {
				for offset := range len(newest) + 1 {
					want := newest[offset:min(offset+limit, len(newest))]
					got, more := o.page(material.Filter{Limit: limit, Offset: offset})
					if !slices.Equal(got, want) || more != (offset+limit < len(newest)) {
						t.Errorf("%d recent, page of %d from %d: %v, more %v; want %v", recent, limit, offset, got, more, want)
					}
				}
			}
		}
		var page material.Page
		o.want(o.door.Do(o.ctx, who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
			page, err = o.shelf.List(g, material.Filter{Sort: "weight"})
			return err
		}), problem.Invalid, "an order that there is not")
		if len(page.Rows) > 0 {
			t.Errorf("%d rows in no order", len(page.Rows))
		}
	})
}

// page gives the ids of a page of all that the lead sees.
func (o *office) page(f material.Filter) (ids []string, more bool) {
	o.t.Helper()
	o.want(o.door.Do(o.ctx, who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		page, err := o.shelf.List(g, f)
		for _, r := range page.Rows {
			ids = append(ids, r.ID)
		}
		more = page.More
		return err
	}), 0, "list")
	return ids, more
}
