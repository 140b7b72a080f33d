package apptest

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
)

// stock takes stock twice: once to the end, with one carrier missing and one elsewhere than registered, and once more, going on.
func (o *office) stock(t *testing.T, seen string) (counting, counted string) {
	t.Helper()
	count := func(place string) (id string) {
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["keeper"]), access.TakeStock, guard.Firm, func(g *guard.Grant) (err error) {
			if id, err = o.h.Stock.Open(g, "", ""); err != nil {
				return err
			}
			numbers, err := o.h.Carriers.Numbers(g.Tx(), []string{seen})
			if err != nil {
				return err
			}
			_, err = o.h.Stock.Scan(g, id, numbers[seen], place)
			return err
		}))
		return id
	}
	counted = count("三楼档案室 B03 柜")
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["keeper"]), access.TakeStock, guard.Firm, func(g *guard.Grant) error { return o.h.Stock.Close(g, counted) }))
	return count(""), counted
}
