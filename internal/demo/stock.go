package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/stocktaking"
)

// stock is taken twice: the archive a month ago, with one paper elsewhere and one not found at first, and once more since yesterday.
func (b *builder) stock(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * hour
	keeper := func() guard.Who { return b.who(b.holder(access.Custodian)) }
	do := func(f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, keeper(), access.TakeStock, guard.Firm, f)
	}
	look := func(id string) (items []stocktaking.Item, err error) {
		err = b.h.Door.Do(b.ctx, keeper(), access.ReadStock, guard.Firm, func(g *guard.Grant) error {
			_, items, _, err = b.h.Stock.One(g, id, stocktaking.Filter{})
			return err
		})
		return items, err
	}
	round := func(place string, upTo int) (id string, err error) {
		if err := do(func(g *guard.Grant) (err error) { id, err = b.h.Stock.Open(g, place, ""); return err }); err != nil {
			return "", err
		}
		items, err := look(id)
		for i, it := range items {
			if err != nil || i == upTo {
				break
			}
			at := ""
			if i == 1 {
				at = "三楼档案室 D02 柜"
			}
			err = do(func(g *guard.Grant) error { _, err := b.h.Stock.Scan(g, id, it.Number, at); return err })
		}
		return id, err
	}
	add(30*day, "take stock of the archive", func() error {
		id, err := round("三楼档案室", 9)
		if err != nil {
			return err
		}
		if err := do(func(g *guard.Grant) error { return b.h.Stock.Close(g, id) }); err != nil {
			return err
		}
		items, err := look(id)
		for _, it := range items {
			if err == nil && it.Verdict.Difference() {
				note, to := "在主办律师办公室找到，已放回原位", stocktaking.Noted
				if it.Verdict == stocktaking.Moved {
					note, to = "该柜已满，就近存放", stocktaking.Rehomed
				}
				err = do(func(g *guard.Grant) error { return b.h.Stock.Settle(g, id, it.Carrier, to, note) })
			}
		}
		return err
	})
	add(day, "take stock again", func() error { _, err := round("三楼档案室 A", 4); return err })
}
