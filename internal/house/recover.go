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

	"mijuan/internal/material"
	"mijuan/internal/store"
)

// Recovery is what Recover got back.
type Recovery struct {
	Recovered int
	Failed    []Loss
}

// Loss is a document that could not be got back.
type Loss struct{ Number, Cause string }

// ByHand explains how one document is opened without this program.
const ByHand = `
手工取回一份文件（不需要本程序，只需 age）：
  1. 清单 list.csv 的 object 列是密文文件名，headers/ 里有同名的文件头，keys/ 里有案件的身份文件
  2. cat headers/OBJECT PAYLOAD | age --decrypt -i keys/MATTER.age-identity > 文件
One document by hand needs only the stock age tool: join its header and its payload, decrypt with the matter's identity.
keys/ and everything here is in the clear: keep it as you would keep the root key, and destroy it when done.
`

// Recover writes every document in the clear to an empty directory, with a list, and beside them what is needed to open any
// of them with the stock age tool. It needs no rules and no accounts, only the root key: whoever holds it is the firm.
func (h *House) Recover(ctx context.Context, out string, progress func(done, total uint64)) (Recovery, error) {
	for _, dir := range []string{"documents", "headers", "keys"} {
		if err := os.MkdirAll(filepath.Join(out, dir), 0o700); err != nil {
			return Recovery{}, err
		}
	}
	list, err := os.OpenFile(filepath.Join(out, "list.csv"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Recovery{}, err
	}
	defer list.Close()
	if err := h.writeIdentities(ctx, filepath.Join(out, "keys")); err != nil {
		return Recovery{}, err
	}
	items, err := h.inventory(ctx)
	if err != nil {
		return Recovery{}, err
	}
	table := csv.NewWriter(list)
	rows := [][]string{{"number", "title", "name", "matter", "level", "bytes", "file", "object"}}
	var report Recovery
	for i, item := range items {
		file, err := h.recoverOne(ctx, item, out)
		if err != nil {
			if ctx.Err() != nil {
				return report, ctx.Err()
			}
			report.Failed = append(report.Failed, Loss{item.Number, err.Error()})
		} else {
			report.Recovered++
		}
		rows = append(rows, []string{item.Number, item.Title, item.Name, item.Matter, item.Level.String(), fmt.Sprint(item.Size), file, item.Object})
		progress(uint64(i+1), uint64(len(items)))
	}
	return report, errors.Join(table.WriteAll(rows), list.Sync())
}

func (h *House) inventory(ctx context.Context) (items []material.Holding, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		items, err = h.Shelf.Inventory(tx)
		return err
	})
	return items, err
}

func (h *House) writeIdentities(ctx context.Context, dir string) error {
	identities := map[string]string{}
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		identities, err = h.Matters.Identities(tx)
		return err
	}); err != nil {
		return err
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
