package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Witness is a C2SP witness (c2sp.org/tlog-witness): somebody outside the firm who signs the ledger's checkpoints after
// seeing proof that nothing recorded before was taken back.
type Witness struct {
	URL string // the submission prefix; checkpoints are posted to URL/add-checkpoint
	Key string // its verifier key, "name+hash+key", of the Ed25519 cosignature kind
}

// Cosign asks every witness to cosign the present checkpoint, the same one of all, and keeps the cosignatures. One witness's
// failure does not keep the others from signing; the failures come back joined. A witness that knows a longer ledger than ours
// is problem.Damaged: entries have been taken back here.
func (l *Ledger) Cosign(ctx context.Context) error {
	h, err := l.present(ctx)
	if err != nil {
		return err
	}
	return errors.Join(l.cosign(ctx, h, l.o.Witnesses)...)
}

// present is the head as it is now.
func (l *Ledger) present(ctx context.Context) (h head, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		h, err = readHead(tx)
		return err
	})
	return h, err
}

// cosign asks the witnesses for the head, all at once, and gives how each did.
func (l *Ledger) cosign(ctx context.Context, h head, witnesses []Witness) []error {
	errs := make([]error, len(witnesses))
	var wait sync.WaitGroup
	for i, w := range witnesses {
		wait.Go(func() {
			if err := l.cosignBy(ctx, h, w); err != nil {
				errs[i] = fmt.Errorf("cosign by %s: %w", w.URL, err)
			}
		})
	}
	wait.Wait()
	return errs
}

// submission is what a witness is asked to sign: a checkpoint, and the proof that it goes on from old.
type submission struct {
	old, size  int64
	proof      tlog.TreeProof
	checkpoint []byte
}

func (l *Ledger) cosignBy(ctx context.Context, h head, w Witness) error {
	verifier, err := parseCosigner(w.Key)
	if err != nil {
		return err
	}
	old, err := l.cosignedSize(ctx, verifier.name)
	if err != nil {
		return err
	}
	for range 3 { // a witness that knows another size than we do tells it
		if old > int64(h.size) { // or another process has brought it something newer in the meantime
			if h, err = l.present(ctx); err != nil {
				return err
			}
		}
		s, err := l.submission(ctx, h, old)
		if err != nil || s.size == 0 {
			return err
		}
		lines, size, err := l.submit(ctx, w.URL, s)
		if err != nil {
			return err
		}
		if lines != nil {
			return l.keepCosignature(ctx, s, verifier, lines)
		}
		old = size
	}
	return problem.New(problem.Unavailable, "见证方一再给出不同的台账长度")
}

// cosignedSize is the size of the last checkpoint that the witness is known to have cosigned.
func (l *Ledger) cosignedSize(ctx context.Context, witness string) (size int64, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		size, err = store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) },
			`SELECT size FROM ledger_cosigned WHERE witness = $1`, witness)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		return err
	})
	return size, err
}

// submission takes the head's checkpoint and proves that it goes on from old.
func (l *Ledger) submission(ctx context.Context, h head, old int64) (submission, error) {
	s := submission{old: old, size: int64(h.size), checkpoint: []byte(h.checkpoint)}
	if old > s.size {
		return s, problem.New(problem.Damaged, "见证方见过 %d 条的台账，现在只有 %d 条：台账被截短了", old, s.size)
	}
	if old == 0 {
		return s, nil
	}
	err := l.db.Read(ctx, func(tx *store.Tx) (err error) {
		s.proof, err = tlog.ProveTree(s.size, old, &nodes{tx: tx})
		return err
	})
	return s, err
}

func (s submission) body() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", s.old)
	for _, h := range s.proof {
		fmt.Fprintln(&b, h)
	}
	b.WriteString("\n")
	b.Write(s.checkpoint)
	return b.Bytes()
}

// submit posts a submission. The answer is signature lines, or the size that the witness has instead of s.old.
func (l *Ledger) submit(ctx context.Context, url string, s submission) (lines []byte, size int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(url, "/")+"/add-checkpoint",
		bytes.NewReader(s.body()))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := l.client().Do(req)
	if err != nil {
		return nil, 0, problem.New(problem.Unavailable, "见证方没有应答").Because(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, 0, problem.New(problem.Unavailable, "见证方没有应答").Because(err)
	}
	switch {
	case resp.StatusCode == http.StatusOK:
		return body, 0, nil
	case resp.StatusCode == http.StatusConflict && resp.Header.Get("Content-Type") == "text/x.tlog.size":
		size, err := strconv.ParseInt(strings.TrimSuffix(string(body), "\n"), 10, 64)
		if err != nil || size < 0 {
			return nil, 0, fmt.Errorf("the witness's size %.40q: %w", body, err)
		}
		return nil, size, nil
	}
	return nil, 0, problem.New(problem.Unavailable, "见证方拒绝了检查点（%d）", resp.StatusCode).Because(fmt.Errorf("%.200q", body))
}

var patient = &http.Client{Timeout: 10 * time.Second}

func (l *Ledger) client() *http.Client {
	if l.o.Client != nil {
		return l.o.Client
	}
	return patient
}

// keepCosignature verifies what the witness answered and stores the checkpoint with it, unless a later one is there already.
func (l *Ledger) keepCosignature(ctx context.Context, s submission, w *cosigner, lines []byte) error {
	msg := append(bytes.Clone(s.checkpoint), lines...)
	_, n, err := openCheckpoint(msg, l.check, w)
	if err != nil {
		return err
	}
	if !signedBy(n, w) {
		return errors.New("the witness's own signature is not in its answer")
	}
	msg, err = note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	if err != nil {
		return err
	}
	return l.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO ledger_cosigned (witness, size, checkpoint) VALUES ($1, $2, $3)
			ON CONFLICT (witness) DO UPDATE SET size = excluded.size, checkpoint = excluded.checkpoint
			WHERE ledger_cosigned.size <= excluded.size`, w.name, s.size, string(msg))
		return err
	})
}

// cosignedHead is a row of ledger_cosigned.
type cosignedHead struct {
	witness    string
	size       int64
	checkpoint string
}

func listCosigned(tx *store.Tx) ([]cosignedHead, error) {
	rows, err := store.List(tx, func(row store.Row) (c cosignedHead, err error) {
		return c, row.Scan(&c.witness, &c.size, &c.checkpoint)
	}, `SELECT witness, size, checkpoint FROM ledger_cosigned ORDER BY size DESC, witness`)
	if err != nil {
		return nil, fmt.Errorf("read the cosigned checkpoints: %w", err)
	}
	return rows, nil
}

// Published is the checkpoint for others: with witnesses, the newest that most of them have cosigned; without, or before any
// has, the head's own.
func (l *Ledger) Published(tx *store.Tx) ([]byte, error) {
	rows, err := listCosigned(tx)
	if err != nil {
		return nil, err
	}
	if best := l.mostCosigned(rows); best != nil {
		return mergeSignatures(best)
	}
	return l.Checkpoint(tx)
}

// mostCosigned are the checkpoints of the size that most of the configured witnesses have cosigned, the larger one of equals.
func (l *Ledger) mostCosigned(rows []cosignedHead) [][]byte {
	known := map[string]bool{}
	for _, w := range l.o.Witnesses {
		if c, err := parseCosigner(w.Key); err == nil {
			known[c.name] = true
		}
	}
	bySize := map[int64][][]byte{}
	var best int64
	for _, row := range rows {
		if known[row.witness] {
			bySize[row.size] = append(bySize[row.size], []byte(row.checkpoint))
			if n := len(bySize[row.size]); n > len(bySize[best]) {
				best = row.size
			}
		}
	}
	return bySize[best]
}
