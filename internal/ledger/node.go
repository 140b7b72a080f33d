package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// run is a row of ledger_node: consecutive hashes of the tree in stored order.
type run struct {
	first  int64
	hashes []byte
}

func (r run) end() int64 { return r.first + int64(len(r.hashes)/tlog.HashSize) }

func (r run) at(index int64) tlog.Hash {
	return tlog.Hash(r.hashes[(index-r.first)*tlog.HashSize:][:tlog.HashSize])
}

func scanRun(row store.Row) (r run, err error) {
	return r, row.Scan(&r.first, &r.hashes)
}

// nodes reads single hashes of the stored tree; it is a tlog.HashReader. Neighbours come from one row.
type nodes struct {
	tx   *store.Tx
	last run
}

// ReadHashes reads the hashes with the stored indexes.
func (n *nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < n.last.first || index >= n.last.end() {
			if err := n.seek(index); err != nil {
				return nil, err
			}
		}
		hashes[i] = n.last.at(index)
	}
	return hashes, nil
}

func (n *nodes) seek(index int64) error {
	var err error
	n.last, err = store.Get(n.tx, scanRun,
		`SELECT first, hashes FROM ledger_node WHERE first <= $1 ORDER BY first DESC LIMIT 1`, index)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return fmt.Errorf("read the tree's hash %d: %w", index, err)
	}
	if err != nil || index >= n.last.end() {
		n.last = run{}
		return missingNode(index)
	}
	return nil
}

// readNodes reads the hashes with stored indexes from lo up to but not including hi.
func readNodes(tx *store.Tx, lo, hi int64) ([]tlog.Hash, error) {
	hashes, err := presentNodes(tx, lo, hi)
	if next := lo + int64(len(hashes)); err == nil && next < hi {
		return nil, missingNode(next)
	}
	return hashes, err
}

// presentNodes is readNodes up to the first hash that is not there.
func presentNodes(tx *store.Tx, lo, hi int64) ([]tlog.Hash, error) {
	runs, err := store.List(tx, scanRun, `SELECT first, hashes FROM ledger_node
		WHERE first >= COALESCE((SELECT MAX(first) FROM ledger_node WHERE first <= $1), $1) AND first < $2 ORDER BY first`, lo, hi)
	if err != nil {
		return nil, fmt.Errorf("read the tree's hashes %d to %d: %w", lo, hi, err)
	}
	hashes := make([]tlog.Hash, 0, hi-lo)
	next := lo
	for _, r := range runs {
		if r.first > next || len(r.hashes)%tlog.HashSize != 0 {
			break
		}
		for ; next < min(r.end(), hi); next++ {
			hashes = append(hashes, r.at(next))
		}
	}
	return hashes, nil
}

func missingNode(index int64) *problem.Error {
	return problem.New(problem.Damaged, "台账已损坏：树的第 %d 个哈希缺失", index)
}
