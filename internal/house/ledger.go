package house

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// console is the operator at the machine.
var console = guard.Who{Via: guard.CLI}

var wholeLedger = guard.Thing{Kind: access.Ledger, ID: "ledger"}

// ExportLedger writes the ledger as files to a new directory. The export is an act and stands in the ledger: its intent in
// the exported part, its outcome behind it.
func (h *House) ExportLedger(ctx context.Context, dir string, progress func(done, total uint64)) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return problem.New(problem.Conflict, "%s 不是空目录", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p, err := h.Door.Open(ctx, console, access.ExportLedger, wholeLedger, func(*guard.Grant) error { return nil })
	if err != nil {
		return err
	}
	err = h.Ledger.Export(ctx, dir, progress)
	return errors.Join(err, p.Close(ctx, 1, err))
}

// tried is how many decisions `policy try` replays.
const tried = 100_000

// TryRules replays the ledger's newest decisions against other rules and gives those that would come out otherwise, oldest
// first, and how many were replayed.
func (h *House) TryRules(ctx context.Context, other *access.Rules) (changes []access.Change, replayed int, err error) {
	err = h.Door.Do(ctx, console, access.ReadLedger, wholeLedger, func(g *guard.Grant) error {
		g.Note("tried", other.Hash())
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	var requests []numbered
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		requests, err = h.decisions(tx)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	slices.Reverse(requests)
	return access.Compare(h.Rules, other, sequence(requests)), len(requests), nil
}

type numbered struct {
	seq     uint64
	request access.Request
}

func sequence(all []numbered) iter.Seq2[uint64, access.Request] {
	return func(yield func(uint64, access.Request) bool) {
		for _, n := range all {
			if !yield(n.seq, n.request) {
				return
			}
		}
	}
}

// decisions reads the facts of the newest decisions, newest first.
func (h *House) decisions(tx *store.Tx) ([]numbered, error) {
	var found []numbered
	q := ledger.Query{Limit: 1000, Detail: true}
	for len(found) < tried {
		entries, err := h.Ledger.Query(tx, q)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			var d guard.Detail
			if len(e.Detail) == 0 {
				continue // erased
			}
			if err := json.Unmarshal(e.Detail, &d); err != nil {
				return nil, fmt.Errorf("read entry %d: %w", e.Seq, err)
			}
			if d.Facts != nil {
				found = append(found, numbered{e.Seq, *d.Facts})
			}
		}
		if len(entries) < q.Limit {
			break
		}
		q.Before = entries[len(entries)-1].Seq
	}
	return found, nil
}
