package audit

import (
	"context"
	"errors"
	"io"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

var whole = guard.Thing{Kind: access.Ledger, ID: "ledger"}

// Export writes the ledger's files as a zip archive to w. Details stay sealed in it. The act's intent stands in the exported part,
// its outcome behind it.
func (r *Reader) Export(ctx context.Context, who guard.Who, w io.Writer) error {
	p, err := r.door.Open(ctx, who, access.ExportLedger, whole, func(*guard.Grant) error { return nil })
	if err != nil {
		return err
	}
	err = r.ledger.ExportTo(ctx, w)
	return errors.Join(err, p.Close(ctx, 1, err))
}

// Head gives the number of entries and the root of the tree over them, as the signed checkpoint says. It is public: the
// ledger's tiles serve it to anybody.
func (r *Reader) Head(ctx context.Context) (size uint64, root string, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		checkpoint, err := r.ledger.Checkpoint(tx)
		if err != nil {
			return err
		}
		lines := strings.SplitN(string(checkpoint), "\n", 4)
		if len(lines) < 3 {
			return nil // nothing was recorded yet
		}
		root = lines[2]
		size, err = r.ledger.Size(tx)
		return err
	})
	return size, root, err
}

// Witnesses is how the ledger's witnesses stand; what they sign is public.
func (r *Reader) Witnesses(ctx context.Context) (list []ledger.Attendance, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		list, err = r.ledger.Attendance(tx)
		return err
	})
	return list, err
}
