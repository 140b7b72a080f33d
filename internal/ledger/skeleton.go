package ledger

import (
	"context"
	"net/http"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

type edge struct{}
type head struct{ size uint64 }
type Witness struct{ URL, Key string }

func readHead(tx *store.Tx) (head, error)                { return head{}, nil }
func (l *Ledger) prepareKey() error                      { return nil }
func (l *Ledger) extend(tx *store.Tx) error              { return nil }
func (l *Ledger) headCheckpoint(h head) ([]byte, error) { return nil, nil }

// Query says which entries are wanted.
type Query struct {
	Matter, Kind, Thing, Actor, Act string
	Outcome                         Outcome
	From, Until                     int64  // Unix ms, from inclusive, until exclusive; 0: open
	Before, After                   uint64 // Seq bounds, exclusive; 0: open
	Limit                           int    // 0: 50; at most 1000
	Ascending                       bool   // oldest first; otherwise newest first
	Detail                          bool   // open the sealed detail
}

func (l *Ledger) Query(tx *store.Tx, q Query) ([]Entry, error) { return nil, nil }
func (l *Ledger) Handler(db *store.DB) http.Handler            { return nil }
func (l *Ledger) Cosign(ctx context.Context) error             { return nil }

// Trust is what the verifier knows from elsewhere.
type Trust struct {
	Key         string   // the ledger's verifier key; "": the one the files name
	Checkpoints [][]byte // signed checkpoints remembered from earlier; the tree must still contain each
	Witnesses   []string // verifier keys of witnesses, each of which must have cosigned
}

// Fault is the first thing found wrong.
type Fault struct {
	Seq     uint64 // the first wrong entry; 0 when the fault is of no one entry
	Problem *problem.Error
}

type Report struct {
	Origin, Key string
	Trusted     bool   // the key was given by the caller
	Size        uint64 // entries that the checkpoint speaks of
	Root        string
	Matters     int
	Details     uint64
	Erased      uint64
	Wrong       *Fault // nil: everything is as it was written
}

type Contents struct {
	NoSealed bool
	Open     func(Entry) bool
}

func (l *Ledger) Export(ctx context.Context, dir string, progress func(done, total uint64), contents ...Contents) error {
	return nil
}
func (l *Ledger) Statement(ctx context.Context, dir, matter string, contents ...Contents) error { return nil }
func Verify(dir string, progress func(done, total uint64), trust ...Trust) (Report, error) {
	return Report{}, nil
}
func VerifyStatement(dir string, trust ...Trust) (Report, error) { return Report{}, nil }
func (l *Ledger) VerifyLive(ctx context.Context, progress func(done, total uint64), trust ...Trust) (Report, error) {
	return Report{}, nil
}
