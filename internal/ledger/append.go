package ledger

import (
	"fmt"
	"strings"

	"mijuan/internal/store"
)

// Append writes an entry as part of tx and gives it back with Seq, Time and MatterSeq. Either the transaction commits with
// the entry in the tree, or the entry never was. An entry that has no canonical form is an error, and so no act.
func (l *Ledger) Append(tx *store.Tx, e Entry) (Entry, error) {
	r := record{Entry: e}
	l.seal(&r)
	r.Seq, r.Time, r.MatterSeq = 1, 0, 0 // any place: what else is wrong with the entry shows before it is written
	if r.Matter != "" {
		r.MatterSeq = 1
	}
	if err := r.check(); err != nil {
		return Entry{}, err
	}
	if err := r.write(tx); err != nil {
		return Entry{}, err
	}
	return r.Entry, r.check()
}

// write gives the record its place as it is written: after the last entry of the firm and of the matter. It is never the place of an
// entry that is in the tree, even if its row is gone, nor a time before the signed head's. The store's one writer at a time, over all
// processes, sees to it that no other entry takes the same.
func (r *record) write(tx *store.Tx) error {
	type place struct {
		seq, matter uint64
		time        int64
	}
	p, err := store.Get(tx, func(row store.Row) (p place, err error) { return p, row.Scan(&p.seq, &p.time, &p.matter) },
		`INSERT INTO ledger_entry
			(seq, time, matter, matter_seq, actor, act, kind, thing, outcome, clauses, rules, digest, opening, detail)
		VALUES ((SELECT CASE WHEN h.size > l.seq THEN h.size ELSE l.seq END + 1
				FROM ledger_head h, (SELECT COALESCE(MAX(seq), 0) AS seq FROM ledger_entry) l WHERE h.id = 1),
			(SELECT CASE WHEN time > $1 THEN time ELSE $1 END FROM ledger_head WHERE id = 1),
			$2, CASE WHEN $2 = '' THEN 0 ELSE 1 + COALESCE((SELECT matter_seq FROM ledger_entry WHERE matter = $2 ORDER BY seq DESC LIMIT 1), 0) END,
			$3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		RETURNING seq, time, matter_seq`,
		tx.Now.UnixMilli(), r.Matter, r.Actor, r.Act, r.Kind, r.Thing, int64(r.Outcome), strings.Join(r.Clauses, " "), r.Rules,
		null(r.digest), null(r.opening), null(r.sealed))
	if err != nil {
		return fmt.Errorf("write the next entry of the ledger: %w", err)
	}
	r.Seq, r.Time, r.MatterSeq = p.seq, p.time, p.matter
	return nil
}

// null is b as an argument of a statement, with nil as NULL.
func null(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// EraseDetail is the act under which details are erased. An entry of this act, of kind Ledger, whose thing is the Seq of the
// entry concerned, and which was allowed or completed, is what tells the verifier that a detail is missing rightly.
const EraseDetail = "eraseDetail"

// Erase destroys the detail of an entry; the entry itself stays provable. It must be done in an act EraseDetail on that entry,
// the record of which Verify looks for.
func (l *Ledger) Erase(tx *store.Tx, seq uint64) error {
	if _, err := tx.Exec(`UPDATE ledger_entry SET detail = NULL WHERE seq = $1`, int64(seq)); err != nil {
		return fmt.Errorf("erase the detail of entry %d: %w", seq, err)
	}
	return nil
}
