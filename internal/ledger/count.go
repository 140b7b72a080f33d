package ledger

import "golang.org/x/mod/sumdb/tlog"

// count goes through the whole of a ledger in which something is wrong and counts the entries that are missing, or do not agree with
// their leaf in the stored tree or with their own sealed detail.
func (v *live) count() error {
	gone, erased := map[uint64]bool{}, map[uint64]bool{}
	for first := uint64(1); first <= v.head.size; first += liveChunk {
		last := min(v.head.size, first+liveChunk-1)
		records, err := listRecords(v.tx, first, last, true)
		if err != nil {
			return err
		}
		lo := tlog.StoredHashIndex(0, int64(first)-1)
		nodes, err := presentNodes(v.tx, lo, tlog.StoredHashIndex(0, int64(last)-1)+1)
		if err != nil {
			return err
		}
		v.report.Bad += last - first + 1 - uint64(len(records)) // missing
		for i := range records {
			r := &records[i]
			if at := tlog.StoredHashIndex(0, int64(r.Seq)-1) - lo; !r.agrees(nodes, at) || r.sealed != nil && r.checkSealed() != nil {
				v.report.Bad++
			} else if r.sealed == nil && r.digest != nil {
				gone[r.Seq] = true
			}
			if seq, ok := r.erases(); ok {
				erased[seq] = true
			}
		}
	}
	for seq := range gone {
		if !erased[seq] {
			v.report.Bad++
		}
	}
	return nil
}

// agrees reports whether the record's leaf is the one that the stored tree has at the place. Where the tree itself has none, it tells
// nothing against the record.
func (r *record) agrees(nodes []tlog.Hash, at int64) bool {
	h, err := r.hash()
	return err == nil && (at >= int64(len(nodes)) || nodes[at] == h)
}
