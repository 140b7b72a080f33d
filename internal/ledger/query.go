package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"mijuan/internal/store"
)

// Query says which entries are wanted; a zero field does not narrow.
type Query struct {
	Matter, Kind, Thing, Actor, Act string
	Outcome                         Outcome
	From, Until                     int64  // Unix ms; from inclusive, until exclusive
	Before, After                   uint64 // Seq, both exclusive; the next page starts Before (or After) the last entry of this one
	Limit                           int    // 50 when 0, 1000 at most
	Ascending                       bool   // oldest first; otherwise newest first
	Detail                          bool   // open the sealed detail
}

// Query lists entries. One that does not agree with the tree, a detail that does not agree with its entry, and a gap where every entry
// of the firm or of a matter is asked for are errors (problem.Damaged), never shown.
func (l *Ledger) Query(tx *store.Tx, q Query) ([]Entry, error) {
	f := filter{}
	if err := f.narrow(tx, q); err != nil {
		return nil, err
	}
	columns, scan, order := recordColumns, scanRecord, `DESC`
	if q.Detail {
		columns, scan = recordColumns+`, detail`, scanSealedRecord
	}
	if q.Ascending {
		order = `ASC`
	}
	limit := f.arg(int64(pageSize(q.Limit)))
	records, err := store.List(tx, scan,
		`SELECT `+columns+` FROM ledger_entry`+f.where()+` ORDER BY seq `+order+` LIMIT `+limit, f.args...)
	if err != nil {
		return nil, fmt.Errorf("query the ledger: %w", err)
	}
	if err := l.intact(tx, q, records); err != nil {
		return nil, err
	}
	return l.entries(records)
}

func pageSize(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 1000)
}

// entries are the records with the details opened that were read.
func (l *Ledger) entries(records []record) ([]Entry, error) {
	entries := make([]Entry, len(records))
	for i := range records {
		if r := &records[i]; r.sealed != nil {
			var err error
			if _, r.Detail, err = l.unseal(r); err != nil {
				return nil, err
			}
		}
		entries[i] = records[i].Entry
	}
	return entries, nil
}

// filter collects the conditions of a query and their arguments.
type filter struct {
	conditions []string
	args       []any
}

// arg adds an argument and gives its placeholder.
func (f *filter) arg(v any) string {
	f.args = append(f.args, v)
	return "$" + strconv.Itoa(len(f.args))
}

func (f *filter) equal(column, value string) {
	if value != "" {
		f.conditions = append(f.conditions, column+" = "+f.arg(value))
	}
}

func (f *filter) seq(operator string, n uint64) {
	f.conditions = append(f.conditions, "seq "+operator+" "+f.arg(int64(n)))
}

func (f *filter) narrow(tx *store.Tx, q Query) error {
	f.equal("matter", q.Matter)
	f.equal("thing", q.Thing)
	f.equal("actor", q.Actor)
	f.equal("kind", q.Kind)
	f.equal("act", q.Act)
	if q.Outcome != 0 {
		f.conditions = append(f.conditions, "outcome = "+f.arg(int64(q.Outcome)))
	}
	if q.Before > 0 {
		f.seq("<", q.Before)
	}
	if q.After > 0 {
		f.seq(">", q.After)
	}
	return f.span(tx, q.From, q.Until)
}

// span narrows to a span of time. Times never decrease with Seq, so the bounds become bounds of Seq and need no index.
func (f *filter) span(tx *store.Tx, from, until int64) error {
	if from > 0 {
		n, err := firstSince(tx, from)
		if err != nil {
			return err
		}
		f.seq(">=", n)
	}
	if until > 0 {
		n, err := firstSince(tx, until)
		if err != nil {
			return err
		}
		f.seq("<", n)
	}
	return nil
}

func (f *filter) where() string {
	if len(f.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.conditions, " AND ")
}

// firstSince is the Seq of the first entry at or after the time, or one more than the last Seq.
func firstSince(tx *store.Tx, time int64) (uint64, error) {
	last, err := store.Get(tx, scanNumber, `SELECT COALESCE(MAX(seq), 0) FROM ledger_entry`)
	if err != nil {
		return 0, fmt.Errorf("read the last entry's number: %w", err)
	}
	lo, hi := uint64(1), uint64(last)+1
	for lo < hi {
		mid := lo + (hi-lo)/2
		t, err := store.Get(tx, scanNumber, `SELECT time FROM ledger_entry WHERE seq = $1`, int64(mid))
		if err != nil {
			return 0, fmt.Errorf("read the time of entry %d: %w", mid, err)
		}
		if t < time {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, nil
}

// Began is the time of the first entry; 0: there is none.
func (l *Ledger) Began(tx *store.Tx) (time int64, err error) {
	if time, err = store.Get(tx, scanNumber, `SELECT COALESCE((SELECT time FROM ledger_entry WHERE seq = 1), 0)`); err != nil {
		return 0, fmt.Errorf("read when the ledger began: %w", err)
	}
	return time, nil
}
