package house

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/signature"
	"mijuan/internal/store"
)

// Recovery is what Recover got back.
type Recovery struct {
	Recovered  int
	Papers     int // signed ones: pledges, hand-over lists, letters
	Failed     []Loss
	Unrecorded error // why the ledger does not tell of it; nil: it does
}

// Loss is what could not be got back: of a document, by its number, the content, or the title and name alone; of a signed one, by its
// SHA-256; of a matter, by its id, the key.
type Loss struct{ What, Cause string }

// ByHand explains how one document is opened without this program.
const ByHand = `
手工取回一份文件（不需要本程序，只需 age 1.3 或更新的版本）：
  1. 清单 list.csv 的 object 列是密文文件名，headers/ 里有同名的文件头，keys/ 里有案件的身份文件
  2. cat headers/OBJECT PAYLOAD | age --decrypt -i keys/MATTER.age-identity > 文件
One document by hand needs only the stock age tool, 1.3 or later: join its header and its payload, decrypt with the matter's identity.
keys/ and everything here is in the clear: keep it as you would keep the root key, and destroy it when done.
`

// OpenToRecover opens a firm as far as recovery needs: rules of its own that do not load, and rows that do not open, are no hindrance.
func OpenToRecover(ctx context.Context, s Settings) (*House, error) {
	s.recovering = true
	return Open(ctx, s)
}

// Recover writes every document in the clear to an empty directory, with a list, and beside them what is needed to open any
// of them with the stock age tool; and everything that people signed, as it was signed. It needs no rules and no accounts, only the root
// key: whoever holds it is the firm. What is damaged is told and passed over. The ledger tells of it where it can still be written.
func (h *House) Recover(ctx context.Context, out string, progress func(done, total uint64)) (report Recovery, err error) {
	for _, dir := range []string{"documents", "headers", "keys", "signed"} {
		if err := os.MkdirAll(filepath.Join(out, dir), 0o700); err != nil {
			return Recovery{}, err
		}
	}
	p, unrecorded := h.Door.Open(ctx, guard.Who{Via: guard.CLI}, access.ManageSystem, guard.Firm, func(g *guard.Grant) error {
		g.Note("recovery", true)
		return nil
	})
	if unrecorded == nil {
		defer func() { report.Unrecorded = p.Close(ctx, int64(report.Recovered), err) }()
	}
	report.Unrecorded = unrecorded
	if err := h.recoverDocuments(ctx, out, &report, progress); err != nil {
		return report, err
	}
	return report, h.recoverPapers(ctx, filepath.Join(out, "signed"), &report)
}

func (h *House) recoverDocuments(ctx context.Context, out string, report *Recovery, progress func(done, total uint64)) error {
	list, err := os.OpenFile(filepath.Join(out, "list.csv"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer list.Close()
	if err := h.writeIdentities(ctx, filepath.Join(out, "keys"), report); err != nil {
		return err
	}
	items, err := h.inventory(ctx)
	if err != nil {
		return err
	}
	table := csv.NewWriter(list)
	rows := [][]string{{"number", "title", "name", "matter", "level", "bytes", "file", "object"}}
	for i, item := range items {
		file, err := h.recoverOne(ctx, item, out)
		if err == nil {
			report.Recovered++
			err = item.Damage
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			report.Failed = append(report.Failed, Loss{item.Number, err.Error()})
		}
		rows = append(rows, []string{item.Number, item.Title, item.Name, item.Matter, item.Level.String(), fmt.Sprint(item.Size), file, item.Object})
		progress(uint64(i+1), uint64(len(items)))
	}
	return errors.Join(table.WriteAll(rows), list.Sync())
}

// recoverPapers writes the signed PDFs byte for byte, so that every verifier finds them whole, with a list of who signed what and when.
func (h *House) recoverPapers(ctx context.Context, dir string, report *Recovery) error {
	var kept []string
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) { kept, err = h.Hand.Kept(tx); return err }); err != nil {
		return err
	}
	rows := [][]string{{"signed", "by", "for", "file", "sha256"}}
	for _, sha := range kept {
		var pdf []byte
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) { pdf, err = h.Hand.Unseal(tx, sha); return err })
		if err == nil {
			var row []string
			if row, err = writePaper(dir, sha, pdf); err == nil {
				rows, report.Papers = append(rows, row), report.Papers+1
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			report.Failed = append(report.Failed, Loss{sha, err.Error()})
		}
	}
	list, err := os.OpenFile(filepath.Join(dir, "list.csv"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(list).WriteAll(rows), list.Sync(), list.Close())
}

func writePaper(dir, sha string, pdf []byte) (row []string, err error) {
	signed, err := signature.Verify(pdf)
	if err != nil {
		return nil, err
	}
	if !signed.Intact() || len(signed.Signatures) == 0 {
		return nil, errors.New("the signature does not hold")
	}
	s := signed.Signatures[0]
	day := s.Claimed.UTC().Format(time.DateOnly)
	name := day + "-" + sha[:12] + ".pdf"
	return []string{s.Claimed.UTC().Format(time.RFC3339), s.Name, s.Reason, name, sha}, os.WriteFile(filepath.Join(dir, name), pdf, 0o600)
}

func (h *House) inventory(ctx context.Context) (items []material.Holding, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		items, err = h.Shelf.Inventory(tx)
		return err
	})
	return items, err
}

func (h *House) writeIdentities(ctx context.Context, dir string, report *Recovery) error {
	var identities map[string]string
	var damage map[string]error
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		identities, damage, err = h.Matters.Identities(tx)
		return err
	}); err != nil {
		return err
	}
	for id, cause := range damage {
		report.Failed = append(report.Failed, Loss{id, cause.Error()})
	}
	for id, identity := range identities {
		if err := os.WriteFile(filepath.Join(dir, id+".age-identity"), []byte(identity+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// recoverOne writes one document and its header.
func (h *House) recoverOne(ctx context.Context, item material.Holding, out string) (string, error) {
	if err := os.WriteFile(filepath.Join(out, "headers", item.Object), item.Header, 0o600); err != nil {
		return "", err
	}
	content, err := h.Shelf.OpenHolding(ctx, item)
	if err != nil {
		return "", err
	}
	defer content.Close()
	name := filepath.Join("documents", item.Number+item.Type.Ext)
	f, err := os.OpenFile(filepath.Join(out, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	n, err := content.WriteTo(w)
	if err = errors.Join(err, w.Flush(), f.Close()); err == nil && n != item.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(filepath.Join(out, name)))
	}
	return name, nil
}
