package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// head is the one row of ledger_head.
type head struct {
	size       uint64
	time       int64
	checkpoint string
}

func scanHead(row store.Row) (h head, err error) {
	return h, row.Scan(&h.size, &h.time, &h.checkpoint)
}

func readHead(tx *store.Tx) (head, error) {
	h, err := store.Get(tx, scanHead, `SELECT size, time, checkpoint FROM ledger_head WHERE id = 1`)
	if err != nil {
		return head{}, fmt.Errorf("read the ledger's head: %w", err)
	}
	return h, nil
}

// signedHead is the head's checkpoint. A ledger without entries has none stored; its empty tree is signed on demand.
func (l *Ledger) signedHead(h head) ([]byte, error) {
	if h.size == 0 && h.checkpoint == "" {
		return l.sign(0, emptyRoot)
	}
	return []byte(h.checkpoint), nil
}

// edge is the right edge of a tree: for each bit of its size, the root of the complete subtree that the bit stands for. It is
// all that is needed to go on.
type edge struct {
	size   int64
	hashes [63]tlog.Hash
}

// add appends a leaf and appends to out the hashes it completes, in stored order.
func (e *edge) add(h tlog.Hash, out []tlog.Hash) []tlog.Hash {
	return e.addSubtree(0, h, out)
}

// addSubtree is add for a complete subtree of 1<<level leaves; size must be a multiple of that.
func (e *edge) addSubtree(level int, h tlog.Hash, out []tlog.Hash) []tlog.Hash {
	n := int64(1) << level
	out = append(out, h)
	for ; e.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(e.hashes[level], h)
		out = append(out, h)
	}
	e.hashes[level] = h
	e.size += n
	return out
}

// root is the tree's root.
func (e *edge) root() tlog.Hash {
	if e.size == 0 {
		return emptyRoot
	}
	var h tlog.Hash
	started := false
	for level := 0; e.size>>level > 0; level++ {
		switch {
		case e.size>>level&1 == 0:
		case started:
			h = tlog.NodeHash(e.hashes[level], h)
		default:
			h, started = e.hashes[level], true
		}
	}
	return h
}

// grown is the edge as the last commit of this process left it, with the checkpoint that it belongs to. It is used only while
// the database still holds that very checkpoint: a commit that failed or another process's commit makes it worthless.
type grown struct {
	edge
	checkpoint string
}

// extend runs before each commit: it takes the transaction's entries into the tree and signs the new head.
func (l *Ledger) extend(tx *store.Tx) error {
	h, err := readHead(tx)
	if err != nil {
		return err
	}
	records, err := listRecords(tx, h.size+1, h.size+extendMost, false)
	if err != nil || len(records) == 0 {
		return err
	}
	tree, err := l.edgeOf(tx, h)
	if err != nil {
		return err
	}
	last := records[len(records)-1]
	for err == nil && len(records) > 0 {
		last = records[len(records)-1]
		if err = tree.extend(tx, records); err == nil {
			records, err = listRecords(tx, last.Seq+1, last.Seq+extendMost, false)
		}
	}
	if err != nil {
		return fmt.Errorf("extend the ledger's tree: %w", err)
	}
	signed, err := l.sign(tree.size, tree.root())
	if err != nil {
		return fmt.Errorf("sign the ledger's checkpoint: %w", err)
	}
	rows, err := tx.Exec(`UPDATE ledger_head SET size = $1, time = $2, checkpoint = $3 WHERE id = 1 AND size = $4`,
		tree.size, last.Time, string(signed), int64(h.size))
	if err == nil && rows != 1 {
		err = fmt.Errorf("%d rows", rows)
	}
	if err != nil {
		return fmt.Errorf("store the ledger's checkpoint: %w", err)
	}
	l.grown = grown{tree, string(signed)}
	return nil
}

// extendMost is how many entries extend reads at once.
const extendMost = 1024

// edgeOf is the right edge of the tree that the head describes. A tree that is not what was signed is never built upon.
func (l *Ledger) edgeOf(tx *store.Tx, h head) (edge, error) {
	switch {
	case l.grown.checkpoint == h.checkpoint && uint64(l.grown.size) == h.size:
		return l.grown.edge, nil
	case h.size == 0 && h.checkpoint == "":
		return edge{}, nil
	}
	c, _, err := openCheckpoint([]byte(h.checkpoint), l.check)
	if err == nil && uint64(c.size) != h.size {
		err = fmt.Errorf("its size is %d, the checkpoint's %d", h.size, c.size)
	}
	if err != nil {
		return edge{}, damagedHead(err)
	}
	e, err := readEdge(tx, c.size)
	if err == nil && e.root() != c.root {
		err = damagedHead(fmt.Errorf("the stored tree of %d is not the signed one", c.size))
	}
	return e, err
}

func damagedHead(cause error) error {
	return problem.New(problem.Damaged, "台账已损坏：保存的树与已签名的检查点不符，不能继续登记").Because(cause)
}

// readEdge reads the right edge of the tree of the size.
func readEdge(tx *store.Tx, size int64) (edge, error) {
	e := edge{size: size}
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := (&nodes{tx: tx}).ReadHashes(indexes)
		for i := range hashes {
			level, _ := tlog.SplitStoredHashIndex(indexes[i])
			e.hashes[level] = hashes[i]
		}
		return hashes, err
	})
	_, err := tlog.TreeHash(size, reader)
	return e, err
}

// extend takes the records that follow into the tree.
func (e *edge) extend(tx *store.Tx, records []record) error {
	first := tlog.StoredHashIndex(0, e.size)
	var hashes []tlog.Hash
	for i := range records {
		if records[i].Seq != uint64(e.size)+1 {
			return problem.New(problem.Damaged, "第 %d 条记录缺失", e.size+1)
		}
		h, err := records[i].hash()
		if err != nil {
			return err
		}
		hashes = e.add(h, hashes)
	}
	return insertNodes(tx, first, hashes)
}

// A row of ledger_node holds up to nodesARow hashes, which stays below the size at which PostgreSQL moves a value out of its
// row; a statement inserts up to rowsAStatement rows.
const (
	nodesARow      = 56
	rowsAStatement = 16
)

// insertNodes stores consecutive hashes, the first of which has the stored index first.
func insertNodes(tx *store.Tx, first int64, hashes []tlog.Hash) error {
	for len(hashes) > 0 {
		var args []any
		for len(hashes) > 0 && len(args) < 2*rowsAStatement {
			n := min(nodesARow, len(hashes))
			args = append(args, first, joinHashes(hashes[:n]))
			first, hashes = first+int64(n), hashes[n:]
		}
		if _, err := tx.Exec(insertNodesSQL(len(args)/2), args...); err != nil {
			return fmt.Errorf("store the tree's hashes: %w", err)
		}
	}
	return nil
}

func insertNodesSQL(rows int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO ledger_node (first, hashes) VALUES ($1, $2)`)
	for i := 1; i < rows; i++ {
		b.WriteString(`, ($` + strconv.Itoa(2*i+1) + `, $` + strconv.Itoa(2*i+2) + `)`)
	}
	return b.String()
}

func joinHashes(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}
