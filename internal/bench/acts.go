package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/server"
	"mijuan/internal/store"
)

// decisions times single decisions over the whole rule set, on facts of the large firm: half of the questions by members of the
// material's team.
func decisions(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	acts := []access.Act{access.ListEntry, access.ListEntry, access.ListEntry, access.View, access.ViewPage, access.ViewPage, access.ReadHistory, access.FetchOriginal,
		access.Propose, access.Review}
	random := rand.New(rand.NewPCG(1, 2))
	questions := make([]access.Request, min(20_000, 10*len(f.materials)))
	err = f.DB.Read(ctx, func(tx *store.Tx) error {
		for i := range questions {
			m := f.materials[random.IntN(len(f.materials))]
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
	for range b.runs {
		times := make([]time.Duration, len(questions))
		for i := range questions {
			start := time.Now()
			f.Rules.Decide(questions[i])
			times[i] = time.Since(start)
		}
		out.runs = append(out.runs, percentile(times, 50).Seconds()*1e6)
	}
	return []figure{out}, nil
}

// percentile of times, which it sorts.
func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, len(times)*p/100)]
}

// lists times the first page of everything that one person may see, an act of its own: the ten who see most and others.
func lists(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	middle := figure{what: "first page of everything one person may see, p50", unit: "ms", compare: ""}
	worst := figure{what: "first page of everything one person may see, p99", unit: "ms", aim: 15, atMost: true, compare: "SpiceDB on PostgreSQL 17 ms (max 137), OpenFGA 170 ms, scanning with cedar-go 267 ms"}
	for range b.runs {
		times := make([]time.Duration, 0, len(f.people))
		for i := range min(len(f.people), 300) {
			n := i
			if i >= 10 {
				n = rand.IntN(len(f.people))
			}
			start := time.Now()
			if err := f.Door.Do(ctx, f.who(n), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
				_, err := f.Shelf.List(g, material.Filter{})
				return err
			}); err != nil {
				return nil, err
			}
			times = append(times, time.Since(start))
		}
		worst.runs = append(worst.runs, percentile(times, 99).Seconds()*1e3)
		middle.runs = append(middle.runs, percentile(times, 50).Seconds()*1e3)
	}
	return []figure{middle, worst}, nil
}

// look opens a material's page, which is an act about it.
func (f *firm) look(ctx context.Context, i int) error {
	m := f.materials[i*7919%len(f.materials)]
	return f.Door.Do(ctx, f.who(f.matters[m.Matter].Team[0]), access.View, guard.Thing{Kind: access.Material, ID: m.ID}, func(g *guard.Grant) error {
		_, err := f.Shelf.Get(g)
		return err
	})
}

// acts counts acts that 32 callers do at once, each decided and recorded durably.
func acts(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	compare := "immudb server 2,343, embedded 9,920; Tessera 2,919; SQLite, one row a commit 5,400; hash-chained file with group commit 45,300"
	inside := figure{what: "acts recorded durably, 32 at once, in process", unit: "/s", aim: 5000, compare: compare}
	through := figure{what: "acts recorded durably, 32 at once, through https", unit: "/s", aim: 2500, compare: compare}
	s := httptest.NewUnstartedServer(server.Harden(cli.Faces(f.House, func(*http.Request) string { return "127.0.0.1" })))
	s.EnableHTTP2 = false
	s.StartTLS()
	defer s.Close()
	client := s.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = callers
	n, done := 20_000, 0
	if !b.large {
		n = 200
	}
	for range b.runs {
		rate, err := perSecond(n, func(i int) error { return f.look(ctx, done+i) })
		if err != nil {
			return nil, err
		}
		inside.runs = append(inside.runs, rate)
		done += n
		rate, err = perSecond(n/2, func(i int) error {
			m := f.materials[(done+i)*7919%len(f.materials)]
			return get(ctx, client, s.URL+"/api/v1/materials/"+m.ID, f.tokens[f.matters[m.Matter].Team[0]], io.Discard)
		})
		if err != nil {
			return nil, err
		}
		through.runs = append(through.runs, rate)
		done += n / 2
	}
	return []figure{inside, through}, nil
}

func perSecond(n int, f func(i int) error) (float64, error) {
	start := time.Now()
	err := atOnce(n, f)
	return float64(n) / time.Since(start).Seconds(), err
}

// get reads an address as the bearer of a token.
func get(ctx context.Context, c *http.Client, address, token string, into io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return answered(c, r, into)
}

// answered sends a request and takes the answer's body.
func answered(c *http.Client, r *http.Request, into io.Writer) error {
	answer, err := c.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return fmt.Errorf("%s %s: %s %s", r.Method, r.URL.Path, answer.Status, said)
	}
	_, err = io.Copy(into, answer.Body)
	return err
}
