package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/store"
)

// decisions times single decisions over the whole rule set, on facts of the large firm: half of the questions by members of the
// material's team.
func decisions(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	acts := []access.Act{access.ListEntry, access.ListEntry, access.ListEntry, access.View, access.ViewPage, access.ViewPage, access.ReadHistory, access.FetchOriginal,
		access.Propose, access.Review}
	random := rand.New(rand.NewPCG(1, 2))
	questions := make([]access.Request, min(20_000, 10*len(f.filed)))
	err = f.DB.Read(ctx, func(tx *store.Tx) error {
		for i := range questions {
			m := f.filed[random.IntN(len(f.filed))]
			team := f.matters[m.Matter].Team
			n := team[random.IntN(len(team))]
			if i%2 == 0 {
				n = random.IntN(len(f.people))
			}
			q := &questions[i]
			var err error
			if q.Thing, q.Where, err = f.Shelf.Load(tx, f.who(n), guard.Thing{Kind: access.Material, ID: m.ID}); err != nil {
				return err
			}
			if q.Who, err = f.People.Principal(tx, f.people[n]); err != nil {
				return err
			}
			q.Who.Strong, q.Where.OfficeNetwork, q.Act = true, true, acts[random.IntN(len(acts))]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := figure{what: "decision in process, p50", unit: "µs", aim: 5, atMost: true, compare: "cedar-go with few rules 3.7 µs; OPA 14.9 µs; OpenFGA on PostgreSQL 1.1 ms"}
	can := figure{what: "the same with its facts loaded from the database, p50", unit: "µs", compare: "OpenFGA on PostgreSQL 1.1 ms"}
	for range b.runs {
		if err := timed([]*figure{&out, &can}, func() error {
			out.runs = append(out.runs, percentile(each(len(questions), func(i int) { f.Rules.Decide(questions[i]) }), 50).Seconds()*1e6)
			times := each(len(questions)/10, func(i int) {
				q := &questions[i]
				_, err = f.Door.Can(ctx, guard.Who{Person: q.Who.ID, Via: guard.Web, Addr: "127.0.0.1", Strong: true}, guard.Thing{Kind: access.Material, ID: q.Thing.ID}, q.Act)
			})
			can.runs = append(can.runs, percentile(times, 50).Seconds()*1e6)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return []figure{out, can}, nil
}

// each times n calls one by one.
func each(n int, f func(i int)) []time.Duration {
	times := make([]time.Duration, n)
	for i := range times {
		start := time.Now()
		f(i)
		times[i] = time.Since(start)
	}
	return times
}

// percentile of times, which it sorts.
func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, len(times)*p/100)]
}

// heavy are the people, the first, who lead most matters (take). Each is asked twice, so that the 99th percentile is theirs.
const heavy = 7

// lists times the first page of everything that one person may see, an act of its own: the heavy ones and others.
func lists(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	usual := figure{what: "first page of everything one person may see, p50", unit: "ms"}
	worst := figure{what: "first page of everything one person may see, p99", unit: "ms", aim: 15, atMost: true, compare: "SpiceDB on PostgreSQL 17 ms (max 137), OpenFGA 170 ms, scanning with cedar-go 267 ms"}
	cold := figure{what: "the same when nothing of the database is in memory yet, p99", unit: "ms"}
	random := rand.New(rand.NewPCG(3, 4))
	runtime.LockOSThread() // so that a thread's processor time is that of its list
	defer runtime.UnlockOSThread()
	for run := range b.runs + 1 {
		of := []*figure{&usual, &worst}
		if run == 0 {
			of = []*figure{&cold}
		}
		if err := timed(of, func() (err error) {
			var work []time.Duration
			times := each(min(len(f.people), 300), func(i int) {
				n := i % heavy
				if i >= 2*heavy {
					n = random.IntN(len(f.people))
				}
				before := threadTime()
				err = errors.Join(err, f.list(ctx, n))
				work = append(work, threadTime()-before)
			})
			if run == 0 {
				cold.add(times, work, 99)
				return err
			}
			usual.add(times, work, 50)
			worst.add(times, work, 99)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return []figure{usual, worst, cold}, nil
}

// add takes a percentile of what acts took, in ms, and of their processor time.
func (f *figure) add(times, work []time.Duration, p int) {
	f.runs = append(f.runs, percentile(times, p).Seconds()*1e3)
	f.each = append(f.each, percentile(work, p).Seconds()*1e6)
}

func (f *firm) list(ctx context.Context, n int) error {
	return f.Door.Do(ctx, f.who(n), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		_, err := f.Shelf.List(g, material.Filter{})
		return err
	})
}
