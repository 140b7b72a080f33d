package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// liveChunk is how many entries VerifyLive and Export read at once.
const liveChunk = 8 * tileWidth

// VerifyLive recomputes the ledger from the rows of the database and compares all that is stored: entries, sealed details,
// hashes, counters, head and checkpoints. An error says that it could not verify; what it found wrong is in the report.
// Progress may be nil.
func (l *Ledger) VerifyLive(ctx context.Context, progress func(done, total uint64), trust ...Trust) (report Report, err error) {
	t := one(trust)
	var known []string
	for _, w := range l.o.Witnesses {
		known = append(known, w.Key)
	}
	heads, err := newHeads(cmp.Or(t.Key, l.key), known, t)
	if err != nil {
		return Report{}, err
	}
	report = Report{Origin: l.o.Origin, Key: cmp.Or(t.Key, l.key), Trusted: true, Cosigned: heads.cosigned}
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		v := &live{tx: tx, heads: heads, report: &report}
		return v.verify(l, progress)
	})
	return report, err
}

// live is a verification of the database.
type live struct {
	tx     *store.Tx
	heads  *heads
	report *Report
	head   head
	chain  *chain
	stored int64 // hashes compared so far
}

func (v *live) verify(l *Ledger, progress func(done, total uint64)) error {
	if err := v.open(l); err != nil {
		return err
	}
	for v.chain.first == nil && v.chain.seq < v.head.size {
		if err := v.chunk(); err != nil {
			return err
		}
		if progress != nil {
			progress(v.chain.seq, v.head.size)
		}
	}
	if v.chain.first == nil {
		if err := v.rest(); err != nil {
			return err
		}
	}
	v.chain.end(v.report)
	if v.report.Wrong == nil {
		return nil
	}
	return v.count()
}

// open reads the head and the checkpoints.
func (v *live) open(l *Ledger) error {
	var err error
	v.head, err = readHead(v.tx)
	missing := errors.Is(err, store.ErrNone)
	if err != nil && !missing {
		return err
	}
	signed, err := l.signedHead(v.head)
	if err != nil {
		return err
	}
	c, _, headErr := v.heads.add(signed)
	bad, err := v.badCosigned()
	if err != nil {
		return err
	}
	v.chain = newChain(v.heads.all)
	v.report.Size, v.report.Root = v.head.size, c.root.String()
	switch absent := v.heads.absent(); {
	case missing:
		v.chain.fault(0, "台账的表头缺失")
	case headErr != nil:
		v.chain.fault(0, "台账的检查点已被改动：签名不符")
	case uint64(c.size) != v.head.size:
		v.chain.fault(0, "台账的表头已被改动：检查点有 %d 条，表头写 %d 条", c.size, v.head.size)
	case bad != "":
		v.chain.fault(0, "%s 联署的检查点已被改动", bad)
	case absent != "":
		v.chain.fault(0, "见证方 %s 没有联署", absent)
	}
	return nil
}

// badCosigned is the witness whose stored checkpoint is not what the ledger and the witness signed, or "".
func (v *live) badCosigned() (string, error) {
	rows, err := listCosigned(v.tx)
	if err != nil {
		return "", err
	}
	for _, row := range rows {
		if c, ok := v.heads.addCosigned([]byte(row.checkpoint), row.witness); !ok || c.size != row.size {
			return row.witness, nil
		}
	}
	return "", nil
}

// chunk verifies the next entries.
func (v *live) chunk() error {
	first := v.chain.seq + 1
	last := min(v.head.size, first+liveChunk-1)
	records, err := listRecords(v.tx, first, last, true)
	if err != nil {
		return err
	}
	var hashes []tlog.Hash
	for i := range records {
		r := &records[i]
		h, err := r.hash()
		if err != nil {
			v.chain.fault(first+uint64(i), "第 %d 条记录已被改动，无法解读", first+uint64(i))
			return nil
		}
		v.chain.next(r)
		v.detail(r)
		hashes = v.chain.grow(h, hashes)
	}
	if err := v.compare(hashes); err != nil {
		return err
	}
	if v.chain.seq < last {
		v.chain.fault(v.chain.seq+1, "第 %d 条记录缺失", v.chain.seq+1)
	}
	return nil
}

// detail checks a record's sealed detail.
func (v *live) detail(r *record) {
	switch {
	case r.sealed == nil && r.digest != nil:
		v.chain.missing = append(v.chain.missing, r.Seq)
	case r.sealed != nil && r.checkSealed() != nil:
		v.chain.fault(r.Seq, "第 %d 条记录的明细已被改动", r.Seq)
	case r.sealed != nil:
		v.report.Details++
	}
}

// compare checks recomputed hashes, of the entries after the first so many, against the stored ones. The first difference is
// an entry that was changed, or a stored hash.
func (v *live) compare(hashes []tlog.Hash) error {
	stored, err := presentNodes(v.tx, v.stored, v.stored+int64(len(hashes)))
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if i < len(stored) && stored[i] == h {
			continue
		}
		index := v.stored + int64(i)
		level, n := tlog.SplitStoredHashIndex(index)
		switch seq := uint64((n + 1) << level); {
		case i >= len(stored):
			v.chain.precise(seq, missingNode(index))
		case level > 0:
			v.chain.precise(seq, problem.New(problem.Damaged, "台账的树已被改动：第 %d 条记录处的哈希不符", seq))
		default:
			v.chain.precise(seq, damagedEntry(seq))
		}
		break
	}
	v.stored += int64(len(hashes))
	return nil
}

// rest compares what is beside the entries.
func (v *live) rest() error {
	surplus, err := store.List(v.tx, scanNumber, `SELECT seq FROM ledger_entry WHERE seq < 1 OR seq > $1 LIMIT 1`, int64(v.head.size))
	if err != nil {
		return fmt.Errorf("look for surplus entries: %w", err)
	}
	nodes, err := store.List(v.tx, scanNumber, `SELECT first FROM ledger_node WHERE first < 0 OR first >= $1 LIMIT 1`, v.stored)
	if err != nil {
		return fmt.Errorf("look for surplus hashes: %w", err)
	}
	switch {
	case len(surplus) > 0:
		v.chain.fault(v.head.size+1, "台账中有一条不在树上的记录，编号 %d", surplus[0])
	case len(nodes) > 0:
		v.chain.fault(0, "台账的树中有多余的哈希")
	case v.head.time != v.chain.time:
		v.chain.fault(0, "台账的表头已被改动：时间不是最后一条记录的时间")
	}
	return nil
}

func scanNumber(row store.Row) (n int64, err error) { return n, row.Scan(&n) }
