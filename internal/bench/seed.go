package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// seeding writes materials straight into the tables, which the product never does: by acts, 100,000 of them would take minutes. The
// rows are as the acts leave them: sealed with the firm's keys, found by their tokens, each with its entry in the ledger. Two things
// are less than real: the materials of a matter share one object header, and their payloads are not in the blob store.
type seeding struct {
	*firm
	title, name, reason *vault.Field
	titles, digests     *vault.Index
	each                int // materials a matter
}

// mattersAtOnce is how many matters are filled in one transaction.
const mattersAtOnce = 50

// seed fills the matters with so many materials each. The second of the team proposed them, the lead reviewed nine in ten.
func (f *firm) seed(ctx context.Context, each int) error {
	s := &seeding{firm: f, title: f.Keys.Field("material.title"), name: f.Keys.Field("material.name"), reason: f.Keys.Field("leveling.reason"),
		titles: f.Keys.Index("material.search"), digests: f.Keys.Index("version.digest"), each: each}
	f.filed = make([]filed, 0, len(f.matters)*each)
	for from := 0; from < len(f.matters); from += mattersAtOnce {
		to := min(from+mattersAtOnce, len(f.matters))
		if err := f.DB.Update(ctx, func(tx *store.Tx) error { return s.fill(tx, from, to) }); err != nil {
			return err
		}
	}
	return nil
}

// rows of the tables that a material takes part in.
type rowsOf struct{ material, version, leveling, token [][]any }

func (s *seeding) fill(tx *store.Tx, from, to int) error {
	var all rowsOf
	for m := from; m < to; m++ {
		if err := s.matter(tx, m, &all); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		into string
		rows [][]any
	}{
		{`material (id, matter, number, serial, sealed_title, sealed_name, kinds, client_asked, level, state, proposer, reviewer, owner, received)`, all.material},
		{`version (id, material, n, header, blob, size, type, pages, digest_token, created, created_by)`, all.version},
		{`leveling (id, material, kind, person, reviewer, before_level, level, sealed_reason, at)`, all.leveling},
		{`material_token (token, material)`, all.token},
	} {
		if err := insert(tx, t.into, t.rows); err != nil {
			return err
		}
	}
	return nil
}

// matter adds the rows of a matter's materials, and their entries to the ledger.
func (s *seeding) matter(tx *store.Tx, at int, all *rowsOf) error {
	m := s.matters[at]
	type place struct{ year, serial int64 }
	p, err := store.Get(tx, func(r store.Row) (p place, err error) { return p, r.Scan(&p.year, &p.serial) },
		`UPDATE matter SET materials = $2 WHERE id = $1 RETURNING year, serial`, m.ID, int64(s.each))
	if err != nil {
		return err
	}
	key, err := s.Matters.Key(tx, m.ID)
	if err != nil {
		return err
	}
	object, err := key.NewObject()
	if err != nil {
		return err
	}
	lead, proposer := s.people[m.Team[0]], s.people[m.Team[1]]
	for n := range s.each {
		id, received := tx.NewID(), s.received(tx, at, n)
		level, state := classification.Level(1+n%3), material.Filed
		if n%10 == 9 {
			state = material.Proposed
		}
		title := fmt.Sprintf("往来材料之%d", n)
		all.material = append(all.material, []any{id, m.ID, numbered(p.year, p.serial, n+1), int64(n + 1), s.title.SealText(id, title),
			s.name.SealText(id, fmt.Sprintf("材料%02d.bin", n)), int64(classification.SetOf(classification.CasePaper)), int64(0), int64(level), string(state),
			proposer, lead, proposer, received})
		all.version = append(all.version, []any{tx.NewID(), id, int64(1), object.Header, tx.NewID(), int64(1 << 10), "", int64(0), s.digests.Token(id), received, proposer})
		all.leveling = append(all.leveling, s.leveling(tx, id, "propose", proposer, lead, 0, level, received))
		if state == material.Filed {
			all.leveling = append(all.leveling, s.leveling(tx, id, "review", lead, lead, level, level, received))
		}
		for _, token := range s.titles.Bigrams(title) {
			all.token = append(all.token, []any{token, id})
		}
		if _, err := s.Ledger.Append(tx, ledger.Entry{Matter: m.ID, Actor: proposer, Act: string(access.ReceiveMaterial), Kind: string(access.Material), Thing: id,
			Outcome: ledger.Allowed, Rules: s.Rules.Hash(), Detail: detail}); err != nil {
			return err
		}
		s.filed = append(s.filed, filed{id, at})
	}
	return nil
}

var detail = []byte(strings.Repeat("x", 500))

// received spreads the materials over the two years before now, so that a list by age mixes the matters.
func (s *seeding) received(tx *store.Tx, matter, n int) int64 {
	const span = 2 * 365 * 24 * time.Hour
	place := n*len(s.matters) + matter*7919%len(s.matters)
	return tx.Now.Add(-span / time.Duration(len(s.matters)*s.each) * time.Duration(place)).UnixMilli()
}

func (s *seeding) leveling(tx *store.Tx, id, kind, who, reviewer string, before, level classification.Level, at int64) []any {
	row := tx.NewID()
	return []any{row, id, kind, who, reviewer, int64(before), int64(level), s.reason.SealText(row, "一般案件材料"), at}
}

// numbered is a material's number with the check digit that makes it one.
func numbered(year, matter int64, serial int) string {
	for digit := range 10 {
		if n := fmt.Sprintf("%d-%04d-%04d-%d", year, matter, serial, digit); material.ValidNumber(n) {
			return n
		}
	}
	panic("bench: no check digit makes a number")
}

// insert writes rows, some in one statement.
func insert(tx *store.Tx, into string, rows [][]any) error {
	for part := range slices.Chunk(rows, 50) {
		var values []string
		var args []any
		for _, row := range part {
			places := make([]string, len(row))
			for i := range row {
				places[i] = fmt.Sprintf("$%d", len(args)+i+1)
			}
			args = append(args, row...)
			values = append(values, "("+strings.Join(places, ", ")+")")
		}
		if _, err := tx.Exec(`INSERT INTO `+into+` VALUES `+strings.Join(values, ", "), args...); err != nil {
			return err
		}
	}
	return nil
}
