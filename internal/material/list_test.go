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

// TestPagesTellNothingOfWhatIsHidden: to who is cleared for 绝密级 and stands on no list, pages are as long and numbers as high as if the
// firm held none.
func TestPagesTellNothingOfWhatIsHidden(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.want(db.Update(o.ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE member SET clearance = 3, listed = 0 WHERE person = 'trainee'`)
			return err
		}), 0, "clear the trainee")
		var shown []string
		for i := range 6 {
			level := []classification.Level{classification.Confidential, classification.TopSecret}[i%2]
			id := o.receive(fmt.Sprintf("%d.txt", i), "证据目录", fmt.Appendf(nil, "第 %d 份", i), level)
			o.want(o.review("lead", id, level), 0, "review")
			if level < classification.TopSecret {
				shown = append(shown, id)
			}
		}
		slices.Reverse(shown)
		for offset, want := range [][]string{0: shown[:2], 1: shown[1:], 2: shown[2:], 3: nil} {
			var page material.Page
			o.want(o.door.Do(o.ctx, who("trainee"), access.ListMaterials, o.mat(), func(g *guard.Grant) (err error) {
				page, err = o.shelf.List(g, material.Filter{Limit: 2, Offset: offset})
				return err
			}), 0, "list")
			var got []string
			for _, r := range page.Rows {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, want) || page.More != (offset == 0) {
				t.Errorf("from %d: %v, more %v; want %v", offset, got, page.More, want)
			}
		}
		for person, want := range map[string]int{"lead": 6, "trainee": 3, "walled": 0} {
			var counts map[string]int
			o.want(o.door.Do(o.ctx, who(person), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
				counts, err = o.shelf.Counts(g, []string{o.matter})
				return err
			}), 0, "count")
			if counts[o.matter] != want {
				t.Errorf("%s is told of %d materials, want %d", person, counts[o.matter], want)
			}
		}
	})
}

// TestKindsStandOnTheMaterial: each of the seven kinds in scope (4.1–4.7), and whether the client asked, is kept and found again.
func TestKindsStandOnTheMaterial(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for _, c := range classification.Categories {
			u, err := o.upload("lawyer", "a.txt", fmt.Appendf(nil, "第 %d 类", c))
			o.want(err, 0, "upload")
			id, err := o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(c), Ground: material.Ground{Personal: classification.NoPersonal}, ClientAsked: true, Level: classification.Confidential, Reason: "r", Reviewer: "lead"})
			o.want(err, 0, "file")
			m, err := o.get("lead", id)
			o.want(err, 0, "look")
			if m.Kinds != classification.SetOf(c) || !m.ClientAsked {
				t.Errorf("kind %d is kept as %v, asked %v", c, m.Kinds, m.ClientAsked)
			}
			if got, _ := o.page(material.Filter{Kind: c}); !slices.Equal(got, []string{id}) {
				t.Errorf("kind %d finds %v", c, got)
			}
		}
	})
}
