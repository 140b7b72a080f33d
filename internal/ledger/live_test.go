package ledger

import (
	"context"
	"strings"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// Each change of a stored row is found, and where it is.
func TestLiveFindsEveryChange(t *testing.T) {
	const first, other = 71, 90
	changes := map[string]struct {
		sql string
		seq uint64 // 0: of no one entry
	}{
		"seq":              {`UPDATE ledger_entry SET seq = 9071 WHERE seq = 71`, first},
		"time":             {`UPDATE ledger_entry SET time = time + 1 WHERE seq = 71`, first},
		"matter":           {`UPDATE ledger_entry SET matter = 'mattes-2' WHERE seq = 71`, first},
		"matter, none":     {`UPDATE ledger_entry SET matter = '' WHERE seq = 71`, first},
		"matter seq":       {`UPDATE ledger_entry SET matter_seq = matter_seq + 1 WHERE seq = 71`, first},
		"actor":            {`UPDATE ledger_entry SET actor = 'persoo-0' WHERE seq = 71`, first},
		"act":              {`UPDATE ledger_entry SET act = 'vieu' WHERE seq = 71`, first},
		"kind":             {`UPDATE ledger_entry SET kind = 'material' WHERE seq = 71`, first},
		"thing":            {`UPDATE ledger_entry SET thing = 'material-1' WHERE seq = 71`, first},
		"outcome":          {`UPDATE ledger_entry SET outcome = 2 WHERE seq = 71`, first},
		"outcome, unknown": {`UPDATE ledger_entry SET outcome = 257 WHERE seq = 71`, first},
		"clauses":          {`UPDATE ledger_entry SET clauses = '3.1' WHERE seq = 71`, first},
		"rules":            {`UPDATE ledger_entry SET rules = '5f1e' WHERE seq = 71`, first},
		"digest":           {`UPDATE ledger_entry SET digest = opening WHERE seq = 71`, first},
		"opening":          {`UPDATE ledger_entry SET opening = digest WHERE seq = 71`, first},
		"commitments":      {`UPDATE ledger_entry SET opening = NULL, digest = NULL WHERE seq = 71`, first},
		"detail":           {`UPDATE ledger_entry SET detail = opening WHERE seq = 71`, first},
		"detail, other's":  {`UPDATE ledger_entry SET detail = (SELECT detail FROM ledger_entry WHERE seq = 72) WHERE seq = 71`, first},
		"detail, gone":     {`UPDATE ledger_entry SET detail = NULL WHERE seq = 71`, first},
		"row, gone":        {`DELETE FROM ledger_entry WHERE seq = 71`, first},
		"rows, swapped":    {`UPDATE ledger_entry SET seq = CASE seq WHEN 71 THEN -90 ELSE -71 END WHERE seq IN (71, 90)`, first},
		"last row, gone":   {`DELETE FROM ledger_entry WHERE seq = 100`, 100},
		"first row":        {`UPDATE ledger_entry SET act = 'vieu' WHERE seq = 1`, 1},
		"row, added":       {`INSERT INTO ledger_entry (seq, time, matter, matter_seq, actor, act, kind, thing, outcome, clauses, rules) SELECT 101, time, '', 0, actor, act, kind, thing, outcome, clauses, rules FROM ledger_entry WHERE seq = 71`, 101},
		"row, before":      {`INSERT INTO ledger_entry (seq, time, matter, matter_seq, actor, act, kind, thing, outcome, clauses, rules) SELECT 0, time, '', 0, actor, act, kind, thing, outcome, clauses, rules FROM ledger_entry WHERE seq = 71`, 101},
		"node, place":      {`UPDATE ledger_node SET first = first + 1 WHERE first = (SELECT MAX(first) FROM ledger_node)`, 97},
		"node, gone":       {`DELETE FROM ledger_node WHERE first = (SELECT MAX(first) FROM ledger_node)`, 97},
		"node, added":      {`INSERT INTO ledger_node (first, hashes) VALUES (100000, $1)`, 0},
		"head, size":       {`UPDATE ledger_head SET size = 99`, 0},
		"head, time":       {`UPDATE ledger_head SET time = time + 1`, 0},
		"head, checkpoint": {`UPDATE ledger_head SET checkpoint = REPLACE(checkpoint, '100', '101')`, 0},
		"head, signature":  {`UPDATE ledger_head SET checkpoint = ''`, 0},
		"head, id":         {`UPDATE ledger_head SET id = 2`, 0},
	}
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
			l := testLedger(t, db)
			fill(t, db, l, 100)
			wantSound(t, l, 100)
			for name, c := range changes {
				t.Run(name, func(t *testing.T) {
					wantFound(t, raw, l, c.sql, c.seq)
				})
			}
			t.Run("node, hash", func(t *testing.T) { flipNodes(t, raw, l) })
			wantSound(t, l, 100)
		})
	}
}

// wantFound makes a change through a database that has no ledger, wants it found at seq, and takes it back.
func wantFound(t *testing.T, raw *store.DB, l *Ledger, sql string, seq uint64) {
	t.Helper()
	var args []any
	if strings.Contains(sql, "$1") {
		args = []any{make([]byte, 32)}
	}
	backup := dump(t, raw)
	update(t, raw, func(tx *store.Tx) error {
		n, err := tx.Exec(sql, args...)
		if err == nil && n == 0 {
			t.Fatal("changed nothing")
		}
		if strings.Contains(sql, "THEN -90") {
			_, err = tx.Exec(`UPDATE ledger_entry SET seq = -seq WHERE seq < 0`)
		}
		return err
	})
	defer update(t, raw, backup)
	report, err := l.VerifyLive(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Wrong == nil {
		t.Fatal("not found")
	}
	if report.Wrong.Seq != seq || report.Wrong.Problem.Kind != problem.Damaged {
		t.Errorf("found at entry %d: %v; want entry %d", report.Wrong.Seq, report.Wrong.Problem, seq)
	}
}

// flipNodes flips a bit of each stored hash of a row, one after the other.
func flipNodes(t *testing.T, raw *store.DB, l *Ledger) {
	var last run
	read(t, raw, func(tx *store.Tx) (err error) {
		last, err = store.Get(tx, scanRun, `SELECT first, hashes FROM ledger_node WHERE first > 20 ORDER BY first LIMIT 1`)
		return err
	})
	for i := range last.hashes {
		if i%32 != i/32%32 {
			continue
		}
		flipped := append([]byte(nil), last.hashes...)
		flipped[i] ^= 1
		set := func(b []byte) {
			update(t, raw, func(tx *store.Tx) error {
				_, err := tx.Exec(`UPDATE ledger_node SET hashes = $1 WHERE first = $2`, b, last.first)
				return err
			})
		}
		set(flipped)
		report, err := l.VerifyLive(context.Background(), nil)
		if err != nil || report.Wrong == nil || report.Wrong.Seq == 0 {
			t.Errorf("byte %d: %+v %v", i, report.Wrong, err)
		}
		set(last.hashes)
	}
	wantSound(t, l, 100)
}

// dump copies the ledger's tables and gives what puts them back.
func dump(t *testing.T, db *store.DB) func(*store.Tx) error {
	t.Helper()
	var records []record
	var runs []run
	var h head
	read(t, db, func(tx *store.Tx) (err error) {
		if records, err = listRecords(tx, 1, 1<<40, true); err != nil {
			return err
		}
		if runs, err = store.List(tx, scanRun, `SELECT first, hashes FROM ledger_node`); err != nil {
			return err
		}
		h, err = readHead(tx)
		return err
	})
	return func(tx *store.Tx) error {
		for _, table := range []string{"ledger_entry", "ledger_node", "ledger_head"} {
			if _, err := tx.Exec(`DELETE FROM ` + table); err != nil {
				return err
			}
		}
		for i := range records {
			if err := records[i].insert(tx); err != nil {
				return err
			}
		}
		for _, r := range runs {
			if _, err := tx.Exec(`INSERT INTO ledger_node (first, hashes) VALUES ($1, $2)`, r.first, r.hashes); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO ledger_head (id, size, time, checkpoint) VALUES (1, $1, $2, $3)`, int64(h.size), h.time, h.checkpoint)
		return err
	}
}
