package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// emptyRoot is the root of a tree without leaves.
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// checkpoint is the signed head of a tree (c2sp.org/tlog-checkpoint, docs/formats/checkpoint.md).
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// body is the text that is signed.
func (c checkpoint) body() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.origin, c.size, c.root)
}

// parseCheckpoint reads a body. Extension lines are refused: this ledger writes none.
func parseCheckpoint(body string) (checkpoint, error) {
	lines := strings.Split(body, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return checkpoint{}, errors.New("checkpoint: not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("checkpoint: malformed size %.40q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return checkpoint{}, fmt.Errorf("checkpoint: malformed root %.80q", lines[2])
	}
	return checkpoint{lines[0], size, root}, nil
}

// openCheckpoint verifies a signed checkpoint by the ledger's key and gives it with its note. Signatures by the cosigners are
// verified as well; those of others are kept unverified.
func openCheckpoint(msg []byte, key note.Verifier, cosigners ...note.Verifier) (checkpoint, *note.Note, error) {
	n, err := note.Open(msg, note.VerifierList(append([]note.Verifier{key}, cosigners...)...))
	if err != nil {
		return checkpoint{}, nil, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return checkpoint{}, nil, err
	}
	if c.origin != key.Name() {
		return checkpoint{}, nil, fmt.Errorf("checkpoint: it is of %q, not of %q", c.origin, key.Name())
	}
	if !signedBy(n, key) {
		return checkpoint{}, nil, errors.New("checkpoint: the ledger's own signature is not on it")
	}
	return c, n, nil
}

// signedBy reports whether the verifier's signature is among the verified ones.
func signedBy(n *note.Note, v note.Verifier) bool {
	for _, s := range n.Sigs {
		if s.Name == v.Name() && s.Hash == v.KeyHash() {
			return true
		}
	}
	return false
}

// prepareKey derives the signer and its verifier key from the seed.
func (l *Ledger) prepareKey() error {
	public := ed25519.NewKeyFromSeed(l.o.Seed).Public().(ed25519.PublicKey)
	key, err := note.NewEd25519VerifierKey(l.o.Origin, public)
	if err != nil {
		return err
	}
	if l.check, err = note.NewVerifier(key); err != nil {
		return fmt.Errorf("origin %q: %w", l.o.Origin, err)
	}
	const ed25519Algorithm = 1 // c2sp.org/signed-note
	secret := base64.StdEncoding.EncodeToString(append([]byte{ed25519Algorithm}, l.o.Seed...))
	l.signer, err = note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", l.o.Origin, l.check.KeyHash(), secret))
	l.key = key
	return err
}

// sign makes the checkpoint of a tree.
func (l *Ledger) sign(size int64, root tlog.Hash) ([]byte, error) {
	return note.Sign(&note.Note{Text: checkpoint{l.o.Origin, size, root}.body()}, l.signer)
}

// mergeSignatures gives one note with the signatures of all; they must be on the same text.
func mergeSignatures(notes [][]byte) ([]byte, error) {
	var merged note.Note
	for i, msg := range notes {
		var unverified *note.UnverifiedNoteError
		_, err := note.Open(msg, nil)
		if !errors.As(err, &unverified) {
			return nil, fmt.Errorf("merge checkpoints: %w", err)
		}
		if i > 0 && unverified.Note.Text != merged.Text {
			return nil, errors.New("merge checkpoints: they are of different trees")
		}
		merged.Text = unverified.Note.Text
		for _, s := range unverified.Note.UnverifiedSigs {
			if !contains(merged.UnverifiedSigs, s) {
				merged.UnverifiedSigs = append(merged.UnverifiedSigs, s)
			}
		}
	}
	return note.Sign(&merged)
}

func contains(sigs []note.Signature, s note.Signature) bool {
	for _, have := range sigs {
		if have == s {
			return true
		}
	}
	return false
}
