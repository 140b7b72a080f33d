package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// newcomers times a list of 5,000 people, from the file to the last one's entry, with their one-time links. The act then fails, so
// that the firm stays as it was; its commit is not in the figure.
func newcomers(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	people := 5000
	if !b.large {
		people = 50
	}
	lines := []string{"姓名,登录名,部门,岗位,执业证号,入职日期"}
	for i := range people {
		lines = append(lines, fmt.Sprintf("闻人语%d,newcomer%05d,争议解决部,律师,1330120091%07d,2026-03-01", i, i, i))
	}
	raw := []byte(strings.Join(lines, "\n"))
	took := figure{what: "import of 5,000 people", unit: "s", aim: 10, atMost: true}
	for range b.runs {
		if err := timed([]*figure{&took}, func() error {
			start := time.Now()
			list, err := directory.Read(raw)
			if err != nil {
				return err
			}
			err = f.Door.Do(ctx, guard.Who{Via: guard.CLI}, access.Appoint, guard.Firm, func(g *guard.Grant) error {
				id, err := f.Directory.Look(g, list)
				if err != nil {
					return err
				}
				plan, err := f.Directory.Plan(g, id)
				if err != nil {
					return err
				}
				_, made, err := f.Directory.Import(g, id, plan.State, true)
				took.runs = append(took.runs, time.Since(start).Seconds())
				if err != nil {
					return err
				}
				if len(made) != people {
					return fmt.Errorf("%d people came", len(made))
				}
				return errUndo
			})
			if errors.Is(err, errUndo) {
				return nil
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	return []figure{took}, nil
}
