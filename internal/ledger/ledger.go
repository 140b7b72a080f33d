// Package ledger is the firm's tamper-evident record: one entry for every act, allowed or refused. Entries are the leaves of
// a Merkle tree (RFC 6962) that is extended in the very transaction that writes them and whose head is signed as a C2SP
// checkpoint, so that no entry can be changed, removed, inserted or reordered without every later checkpoint showing it. What
// is personal in an entry is sealed beside the leaf, which commits to it, and can be erased without breaking the tree. The
// ledger is read by others as C2SP tlog-tiles, cosigned by C2SP witnesses, exported as files and verified from those alone.
// Clauses 3.2 and 8.5.
package ledger

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/note"

	"mijuan/internal/store"
)

// Outcome is how an act ended.
type Outcome uint8

const (
	Allowed       Outcome = iota + 1 // the rules said yes and the act was done
	Refused                          // the rules said no
	NeedsApproval                    // the rules would say yes after an approval
	Failed                           // the rules said yes and the act did not come about
	Completed                        // a stream that was allowed earlier reached its end
	BrokenOff                        // a stream that was allowed earlier did not
)

var outcomeNames = [...]string{Allowed: "allowed", Refused: "refused", NeedsApproval: "needs-approval", Failed: "failed",
	Completed: "completed", BrokenOff: "broken-off"}

// String is the word that stands in the leaf.
func (o Outcome) String() string {
	if o.valid() {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

func (o Outcome) valid() bool { return o >= Allowed && o <= BrokenOff }

// Entry is one record. Texts are UTF-8 without control characters, at most 256 bytes each; names of clients, persons and
// materials do not belong in them but in Detail.
type Entry struct {
	Seq       uint64 // 1 for the firm's first entry; assigned by Append
	Time      int64  // Unix ms; assigned by Append, never less than the entry before
	Matter    string // the matter's id, or "" when the act concerns none
	MatterSeq uint64 // 1 for the matter's first entry; 0 when Matter is ""; assigned by Append
	Actor     string // the person's id
	Act       string // the act's name in the rules
	Kind      string // what sort of thing it was done to
	Thing     string // the thing's id
	Outcome   Outcome
	Clauses   []string // the clauses that decided, each without spaces
	Rules     string   // the hash of the rule set in force
	Detail    []byte   // sealed at rest; nil when there is none, when it was erased, or when it was not asked for
}

// Options are a ledger's parts.
type Options struct {
	Origin    string // first line of the checkpoints and name of the key, such as "ledger.firm.example"; no spaces, no plus
	Seed      []byte // Ed25519 seed, 32 bytes
	Seal      func(row string, plain []byte) []byte
	Open      func(row string, sealed []byte) ([]byte, error)
	Witnesses []Witness    // who cosigns; none: the served checkpoint carries the ledger's own signature only
	Client    *http.Client // for the witnesses; nil: one with a timeout of ten seconds
}

// Ledger appends, reads, serves and verifies. One per database.
type Ledger struct {
	db     *store.DB
	o      Options
	signer note.Signer
	check  note.Verifier
	key    string // the verifier key, "name+hash+base64"
	grown  grown  // only the writer of db touches it
}

// New opens the ledger of a migrated database and sees to it that every commit extends the tree.
func New(db *store.DB, o Options) (*Ledger, error) {
	if len(o.Seed) != ed25519.SeedSize || o.Seal == nil || o.Open == nil {
		return nil, fmt.Errorf("open the ledger: it needs a seed of %d bytes, Seal and Open", ed25519.SeedSize)
	}
	l := &Ledger{db: db, o: o}
	if err := l.prepareKey(); err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	if err := l.checkWitnesses(); err != nil {
		return nil, err
	}
	db.BeforeCommit(l.extend)
	db.Follow(func(tx *store.Tx) (time.Time, error) { // what was closed by another process's clock is not opened by this one's
		h, err := readHead(tx)
		return time.UnixMilli(h.time), err
	})
	return l, nil
}

// Key is the verifier key of the checkpoints in the text form of signed notes. Whoever verifies an export should have it from
// elsewhere than the export.
func (l *Ledger) Key() string { return l.key }

// Size is the number of entries.
func (l *Ledger) Size(tx *store.Tx) (uint64, error) {
	h, err := readHead(tx)
	return h.size, err
}

// Checkpoint is the signed head of the tree, without cosignatures.
func (l *Ledger) Checkpoint(tx *store.Tx) ([]byte, error) {
	h, err := readHead(tx)
	if err != nil {
		return nil, err
	}
	return l.signedHead(h)
}
