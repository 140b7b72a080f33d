package ledger

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
	"mijuan/internal/store"
)

// statementLine is a line of entries.jsonl: an entry of the matter and the proof that it stands in the checkpoint's tree.
type statementLine struct {
	Leaf   string      `json:"leaf"`
	Proof  []tlog.Hash `json:"proof"`
	Salt   []byte      `json:"salt,omitempty"`
	Detail []byte      `json:"detail,omitempty"`
}

const statementName = "entries.jsonl"

//go:embed statement.txt
var statementReadme []byte

// Statement writes one matter's entries to a new or empty directory, each with the proof that it is in the signed tree. Their
// numbers in the matter run from 1 without a gap, so none before the last is left out; Verify checks both.
func (l *Ledger) Statement(ctx context.Context, dir, matter string, contents ...Contents) error {
	out, err := createDir(dir)
	if err != nil {
		return err
	}
	err = l.db.Read(ctx, func(tx *store.Tx) error { return l.statement(ctx, tx, out, matter, one(contents)) })
	if err != nil {
		return fmt.Errorf("write the matter's statement: %w", err)
	}
	return nil
}

func (l *Ledger) statement(ctx context.Context, tx *store.Tx, out outDir, matter string, c Contents) error {
	h, err := readHead(tx)
	if err != nil {
		return err
	}
	signed, err := l.signedHead(h)
	if err != nil {
		return err
	}
	m := l.manifest(statementFormat, h, signed)
	m.Matter = matter
	var file bytes.Buffer
	reader := &nodes{tx: tx}
	for after := uint64(0); ; {
		records, err := store.List(tx, scanSealedRecord, `SELECT `+recordColumns+`, detail FROM ledger_entry
			WHERE matter = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT 1000`, matter, int64(after), int64(h.size))
		if err != nil {
			return err
		}
		if len(records) == 0 {
			break
		}
		for i := range records {
			if err := l.statementLine(&file, reader, h, &records[i], c); err != nil {
				return err
			}
		}
		after = records[len(records)-1].Seq
		m.Entries += uint64(len(records))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for name, data := range map[string][]byte{statementName: file.Bytes(), "checkpoint": signed, "README.txt": statementReadme} {
		if err := out.write(name, data); err != nil {
			return err
		}
	}
	return putManifest(out.write, m)
}

func (l *Ledger) statementLine(file *bytes.Buffer, reader tlog.HashReader, h head, r *record, c Contents) error {
	leaf, err := r.leaf()
	if err != nil {
		return damagedEntry(r.Seq).Because(err)
	}
	line := statementLine{Leaf: string(leaf)}
	if line.Proof, err = tlog.ProveRecord(int64(h.size), int64(r.Seq)-1, reader); err != nil {
		return err
	}
	if c.Open != nil && r.sealed != nil && c.Open(r.Entry) {
		salt, detail, err := l.unseal(r)
		if err != nil {
			return err
		}
		line.Salt, line.Detail = salt, detail
	}
	return json.NewEncoder(file).Encode(line)
}

// statement verifies a matter's statement.
func (v *verification) statement(progress func(done, total uint64)) error {
	text, err := v.in.readSome(statementName)
	if err != nil {
		return err
	}
	all, _ := lines(text, len(text))
	for i, line := range all {
		v.statementLine(uint64(i)+1, line)
		if progress != nil {
			progress(uint64(i)+1, uint64(len(all)))
		}
	}
	if uint64(len(all)) != v.manifest.Entries {
		v.chain.fault(0, "内容清单有 %d 条记录，文件中有 %d 条", v.manifest.Entries, len(all))
	}
	return nil
}

func (v *verification) statementLine(number uint64, raw []byte) {
	var line statementLine
	var r record
	err := json.Unmarshal(raw, &line)
	if err == nil {
		r, err = parseLeaf([]byte(line.Leaf))
	}
	if err != nil {
		v.chain.fault(0, "案件的第 %d 条记录已被改动，无法解读", number)
		return
	}
	before := v.chain.seq
	v.chain.seq = r.Seq - 1 // a statement holds some of the firm's entries only
	v.chain.next(&r)
	proof := tlog.CheckRecord(line.Proof, v.head.size, v.head.root, int64(r.Seq)-1, tlog.RecordHash([]byte(line.Leaf)))
	switch {
	case r.Matter != v.manifest.Matter || r.MatterSeq != number || r.Seq <= before:
		v.chain.fault(r.Seq, "案件的第 %d 条记录缺失", number)
	case proof != nil:
		v.chain.precise(r.Seq, damagedEntry(r.Seq))
	case line.Salt != nil && !bytes.Equal(openingOf(line.Salt, line.Detail), r.opening):
		v.chain.fault(r.Seq, "第 %d 条记录的明细已被改动", r.Seq)
	case line.Salt != nil:
		v.report.Opened++
	}
}
