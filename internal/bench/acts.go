package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// look opens a material's page, which is an act about it.
func (f *firm) look(ctx context.Context, i int) error {
	m := f.filed[i*7919%len(f.filed)]
	return f.Door.Do(ctx, f.who(f.matters[m.Matter].Team[0]), access.View, guard.Thing{Kind: access.Material, ID: m.ID}, func(g *guard.Grant) error {
		_, err := f.Shelf.Get(g)
		return err
	})
}

// look opens a material's page through the API, as the lead of its matter.
func (c *caller) look(ctx context.Context, f *firm, i int) error {
	m := f.filed[i*7919%len(f.filed)]
	return c.get(ctx, "/materials/"+m.ID, f.tokens[f.matters[m.Matter].Team[0]], io.Discard)
}

func acts(ctx context.Context, b *bench) ([]figure, error) { return actsOn(ctx, b, store.SQLite) }

// actsOnPostgres is acts for a firm whose database is PostgreSQL. A machine without one has no such row.
func actsOnPostgres(ctx context.Context, b *bench) ([]figure, error) {
	figures, err := actsOn(ctx, b, store.PostgreSQL)
	if errors.Is(err, errNone) {
		fmt.Fprintln(os.Stderr, err)
		return nil, nil
	}
	for i := range figures {
		figures[i].what, figures[i].aim, figures[i].compare = figures[i].what+", on PostgreSQL", 0, ""
	}
	return figures, err
}

// actsOn counts acts that 32 callers do at once, each decided and recorded durably: in this process, and by the API of the program
// that serves the firm as a process of its own.
func actsOn(ctx context.Context, b *bench, engine store.Engine) (_ []figure, err error) {
	f, err := b.open(ctx, engine)
	if err != nil {
		return nil, err
	}
	compare := "immudb server 2,343, embedded 9,920; Tessera 2,919; SQLite, one row a commit 5,400; hash-chained file with group commit 45,300"
	inside := figure{what: "acts recorded durably, 32 at once, in process", unit: "/s", aim: 5000, compare: compare}
	through := figure{what: "acts recorded durably, 32 at once, through https", unit: "/s", aim: 2500, compare: compare}
	n, done := 20_000, 0
	if !b.large {
		n = 200
	}
	for range b.runs {
		if err := inside.counted(n, func() error { return atOnce(n, func(i int) error { return f.look(ctx, done+i) }) }); err != nil {
			return nil, err
		}
		done += n
	}
	if err := b.leave(engine); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.database.end()) }()
	c, err := launch(ctx, b.program, f.Settings)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	for range b.runs {
		if err := through.counted(n/2, func() error { return atOnce(n/2, func(i int) error { return c.look(ctx, f, done+i) }) }); err != nil {
			return nil, err
		}
		done += n / 2
	}
	return []figure{inside, through}, nil
}
