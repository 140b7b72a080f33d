package vault

import (
	"bytes"
	"errors"
	"fmt"

	"filippo.io/age"
)

// MatterKey is a matter's age identity, opened. It is safe for concurrent use.
type MatterKey struct {
	mute
	identity veiled[*age.HybridIdentity]
}

// Identity is the identity in age's text form, for the recovery tool.
func (m *MatterKey) Identity() string { return m.identity().String() }

// NewObject makes a fresh file key and wraps it to the matter.
func (m *MatterKey) NewObject() (*Object, error) {
	to := &witness{HybridRecipient: m.identity().Recipient()}
	var file bytes.Buffer
	if _, err := age.Encrypt(&file, to); err != nil {
		return nil, fmt.Errorf("wrap a file key: %w", err)
	}
	header, err := age.ExtractHeader(&file)
	if err != nil {
		return nil, fmt.Errorf("take the header: %w", err)
	}
	return newObject(header, veil(to.fileKey)), nil
}

// witness is a recipient that keeps the file key it is given to wrap: unwrapping it again would double the work.
type witness struct {
	*age.HybridRecipient
	fileKey []byte
}

// WrapWithLabels implements age.RecipientWithLabels.
func (w *witness) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	w.fileKey = bytes.Clone(fileKey)
	return w.HybridRecipient.WrapWithLabels(fileKey)
}

// OpenObject unwraps the file key of a header, which the object keeps. A header of another matter, or a changed one, is
// problem.Damaged.
func (m *MatterKey) OpenObject(header []byte) (*Object, error) {
	key, err := age.DecryptHeader(header, m.identity())
	if err != nil {
		return nil, damaged(fmt.Errorf("unwrap a file key: %w", err))
	}
	exact, err := age.ExtractHeader(bytes.NewReader(header))
	if err != nil || !bytes.Equal(exact, header) {
		return nil, damaged(errors.New("the header has bytes that do not belong to it"))
	}
	return newObject(header, veil(key)), nil
}
