package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// recordColumns are the columns of an entry but its sealed detail, in the order of scanRecord.
const recordColumns = `seq, time, matter, matter_seq, actor, act, kind, thing, outcome, clauses, rules, digest, opening`

func scanRecord(row store.Row) (record, error) { return scan(row, false) }

func scanSealedRecord(row store.Row) (record, error) { return scan(row, true) }

// scan reads a row. What is out of a field's range becomes a value that has no leaf.
func scan(row store.Row, sealed bool) (r record, err error) {
	var seq, matterSeq, outcome int64
	var clauses string
	columns := []any{&seq, &r.Time, &r.Matter, &matterSeq, &r.Actor, &r.Act, &r.Kind, &r.Thing, &outcome, &clauses, &r.Rules,
		&r.digest, &r.opening, &r.sealed}
	if !sealed {
		columns = columns[:len(columns)-1]
	}
	err = row.Scan(columns...)
	r.Seq, r.MatterSeq = uint64(seq), uint64(matterSeq)
	if Outcome(outcome).valid() && outcome <= int64(BrokenOff) {
		r.Outcome = Outcome(outcome)
	}
	if clauses != "" {
		r.Clauses = strings.Split(clauses, " ")
	}
	return r, err
}

// listRecords reads the entries from the first to the last Seq, in order, with their sealed details when asked.
func listRecords(tx *store.Tx, first, last uint64, sealed bool) ([]record, error) {
	columns, scan := recordColumns, scanRecord
	if sealed {
		columns, scan = recordColumns+`, detail`, scanSealedRecord
	}
	records, err := store.List(tx, scan, `SELECT `+columns+` FROM ledger_entry WHERE seq >= $1 AND seq <= $2 ORDER BY seq`,
		int64(first), int64(last))
	if err != nil {
		return nil, fmt.Errorf("read the ledger's entries %d to %d: %w", first, last, err)
	}
	return records, nil
}

// saltSize is the number of random bytes before a detail's plaintext under the seal. They keep the commitment from being
// guessed, and go with the detail when it is erased.
const (
	saltSize    = 16
	openingSize = sha256.Size
)

// openingOf is the commitment to a detail (docs/formats/ledger-entry.md).
func openingOf(salt, detail []byte) []byte {
	h := sha256.New()
	h.Write([]byte("mijuan-ledger-detail/1\n"))
	h.Write(salt)
	h.Write(detail)
	return h.Sum(nil)
}

// seal puts the detail under seal and commits the record to it.
func (l *Ledger) seal(r *record) {
	if r.Detail == nil {
		return
	}
	salted := make([]byte, saltSize, saltSize+len(r.Detail))
	_, _ = rand.Read(salted) // crypto/rand never fails
	salted = append(salted, r.Detail...)
	r.opening = openingOf(salted[:saltSize], r.Detail)
	r.sealed = l.o.Seal(r.sealRow(), salted)
	digest := sha256.Sum256(r.sealed)
	r.digest = digest[:]
}

// sealRow names the record's row to the sealing by the commitment that stands in the leaf, so that a sealed detail opens
// beside its own entry only.
func (r *record) sealRow() string { return "ledger/" + hex.EncodeToString(r.opening) }

// unseal opens the record's detail and checks it against both commitments.
func (l *Ledger) unseal(r *record) (salt, detail []byte, err error) {
	if err := r.checkSealed(); err != nil {
		return nil, nil, err
	}
	salted, err := l.o.Open(r.sealRow(), r.sealed)
	if err != nil {
		return nil, nil, fmt.Errorf("open the detail of entry %d: %w", r.Seq, err)
	}
	if len(salted) < saltSize || string(openingOf(salted[:saltSize], salted[saltSize:])) != string(r.opening) {
		return nil, nil, damagedDetail(r.Seq)
	}
	return salted[:saltSize], salted[saltSize:], nil
}

// checkSealed compares the sealed detail with the leaf's commitment.
func (r *record) checkSealed() error {
	if digest := sha256.Sum256(r.sealed); r.digest == nil || string(digest[:]) != string(r.digest) {
		return damagedDetail(r.Seq)
	}
	return nil
}

func damagedDetail(seq uint64) *problem.Error {
	return problem.New(problem.Damaged, "第 %d 条记录的明细已被改动", seq)
}
