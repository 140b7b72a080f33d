package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// What a query gives is held against the tree: each entry's leaf against the stored hash, and where all entries of the firm or of a
// matter are wanted, their numbers against gaps. So a changed row is an error and not a false record, and one that was taken out of a
// matter, or away, is missed. That the stored hashes are those that were signed is what verification shows.

// intact checks what a query found. Entries of the transaction's own, which the tree takes in at its commit, have no hash yet.
func (l *Ledger) intact(tx *store.Tx, q Query, records []record) error {
	h, err := readHead(tx)
	if err != nil {
		return err
	}
	if err := agree(tx, h.size, records); err != nil {
		return err
	}
	if q.whole() {
		return unbroken(q, h.size, records)
	}
	if q.Matter != "" {
		return matterUnbroken(tx, q, records)
	}
	return nil
}

// whole reports whether the query asks for every entry in its span.
func (q Query) whole() bool {
	return q.Matter == "" && q.Kind == "" && q.Thing == "" && q.Actor == "" && q.Act == "" && q.Outcome == 0
}

// agree compares the records' leaves with the stored tree of the size.
func agree(tx *store.Tx, size uint64, records []record) error {
	var indexes []int64
	var hashes []tlog.Hash
	var seqs []uint64
	for i := range records {
		r := &records[i]
		h, err := r.hash()
		if err != nil {
			return damagedEntry(r.Seq).Because(err)
		}
		if r.Seq <= size {
			indexes, hashes, seqs = append(indexes, tlog.StoredHashIndex(0, int64(r.Seq)-1)), append(hashes, h), append(seqs, r.Seq)
		}
	}
	stored, err := scatteredNodes(tx, indexes)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if stored[i] != h {
			return damagedEntry(seqs[i])
		}
	}
	return nil
}

// nodesAtOnce is how many places of the tree one statement looks up.
const nodesAtOnce = 50

// scatteredNodes reads the hashes with the stored indexes, which rise or fall, in few statements: neighbours as one span, others by place.
func scatteredNodes(tx *store.Tx, indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	lo, hi := slices.Min(indexes), slices.Max(indexes)
	if hi-lo < 8*int64(len(indexes)) {
		all, err := readNodes(tx, lo, hi+1)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = all[index-lo]
		}
		return hashes, nil
	}
	var hashes []tlog.Hash
	for some := range slices.Chunk(indexes, nodesAtOnce) {
		found, err := nodesAt(tx, some)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, found...)
	}
	return hashes, nil
}

// nodesAtSQL finds each place by itself: a planner that knows nothing of the table's size does not think of reading all of it.
var nodesAtSQL = func() string {
	places := make([]string, nodesAtOnce)
	for i := range places {
		places[i] = `SELECT * FROM (SELECT first, hashes FROM ledger_node WHERE first <= $` + strconv.Itoa(i+1) + ` ORDER BY first DESC LIMIT 1) AS n` + strconv.Itoa(i+1)
	}
	return strings.Join(places, ` UNION ALL `)
}()

// nodesAt reads up to nodesAtOnce hashes.
func nodesAt(tx *store.Tx, indexes []int64) ([]tlog.Hash, error) {
	args := make([]any, nodesAtOnce)
	for i := range args {
		args[i] = indexes[min(i, len(indexes)-1)]
	}
	runs, err := store.List(tx, scanRun, nodesAtSQL, args...)
	if err != nil {
		return nil, fmt.Errorf("read hashes of the tree: %w", err)
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	runs = slices.CompactFunc(runs, func(a, b run) bool { return a.first == b.first })
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		at, found := slices.BinarySearchFunc(runs, index, func(r run, index int64) int {
			switch {
			case r.end() <= index:
				return -1
			case r.first > index:
				return 1
			}
			return 0
		})
		if !found {
			return nil, missingNode(index)
		}
		hashes[i] = runs[at].at(index)
	}
	return hashes, nil
}

// unbroken checks that of the firm's entries in the span none is missing: between those found, and at the end where it is open.
func unbroken(q Query, size uint64, records []record) error {
	for i := 1; i < len(records); i++ {
		before, after := records[i-1].Seq, records[i].Seq
		if !q.Ascending {
			before, after = after, before
		}
		if after != before+1 {
			return missingEntry(before + 1)
		}
	}
	newest := uint64(0)
	if len(records) > 0 {
		newest = records[0].Seq
	}
	if !q.Ascending && q.Before == 0 && q.Until == 0 && q.From == 0 && newest < size {
		return missingEntry(newest + 1)
	}
	return nil
}

func missingEntry(seq uint64) *problem.Error {
	return problem.New(problem.Damaged, "第 %d 条记录缺失", seq)
}

// matterUnbroken checks that the numbers of a matter's entries run without a gap over what the query looked through: from the last entry
// that it gives, or from the first of all, up to the one before which it began, or to the newest. Only numbers of an index are counted.
func matterUnbroken(tx *store.Tx, q Query, records []record) error {
	lo, hi := q.After, q.Before
	if hi == 0 {
		hi = 1<<63 - 1
	}
	if len(records) > 0 && len(records) == pageSize(q.Limit) {
		if last := records[len(records)-1].Seq; q.Ascending {
			hi = last
		} else {
			lo = last
		}
	}
	type edges struct{ below, above, newest, count int64 }
	e, err := store.Get(tx, func(row store.Row) (e edges, err error) { return e, row.Scan(&e.below, &e.above, &e.newest, &e.count) },
		`SELECT COALESCE((SELECT matter_seq FROM ledger_entry WHERE matter = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1), 0),
			COALESCE((SELECT matter_seq FROM ledger_entry WHERE matter = $1 AND seq >= $3 ORDER BY seq LIMIT 1), 0),
			COALESCE((SELECT matter_seq FROM ledger_entry WHERE matter = $1 ORDER BY seq DESC LIMIT 1), 0),
			(SELECT COUNT(*) FROM ledger_entry WHERE matter = $1 AND seq > $2 AND seq < $3)`, q.Matter, int64(lo), int64(hi))
	if err != nil {
		return fmt.Errorf("count the matter's entries: %w", err)
	}
	end := e.above
	if end == 0 {
		end = e.newest + 1
	}
	if e.below+e.count+1 == end {
		return nil
	}
	return matterGap(tx, q.Matter)
}

// matterGap names the first number of a matter that is missing or not in its place.
func matterGap(tx *store.Tx, matter string) error {
	numbers, err := store.List(tx, scanNumber, `SELECT matter_seq FROM ledger_entry WHERE matter = $1 ORDER BY seq`, matter)
	if err != nil {
		return fmt.Errorf("look for what is missing: %w", err)
	}
	for i, n := range numbers {
		if n != int64(i)+1 {
			return problem.New(problem.Damaged, "案件的第 %d 条记录缺失", i+1)
		}
	}
	return problem.New(problem.Damaged, "案件的第 %d 条记录缺失", len(numbers)+1)
}
