package vault

import (
	"encoding/json"
	"fmt"

	"filippo.io/age"

	"mijuan/internal/problem"
)

// ErrWrongRoot is the answer to a root key that does not open the keyring.
var ErrWrongRoot = problem.New(problem.Refused, "根密钥不对，打不开本所的密钥串")

// keyringFormat identifies version 1 of docs/formats/keyring.md.
const keyringFormat = "mijuan-keyring/1"

// Keyring is the firm's keys, opened.
type Keyring struct {
	database, ledger, fields, indexes, matters secret
}

// sealedKeyring is the keyring at rest. The AEAD's associated data is Format.
type sealedKeyring struct {
	Format string `json:"format"`
	stretching
	Cipher string `json:"cipher"` // "aes-256-gcm"
	Nonce  []byte `json:"nonce"`
	Sealed []byte `json:"sealed"`
}

// NewKeyring makes a firm's keys and seals them under the root key.
func NewKeyring(root *Root) (*Keyring, []byte, error) {
	master := secret(randomBytes(KeySize))
	s := sealedKeyring{Format: keyringFormat, stretching: root.stretching(), Cipher: "aes-256-gcm", Nonce: randomBytes(12)}
	key, err := root.key(s.stretching)
	if err != nil {
		return nil, nil, err
	}
	s.Sealed = newAEAD(key).Seal(nil, s.Nonce, master, []byte(keyringFormat))
	sealed, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, nil, fmt.Errorf("encode the keyring: %w", err)
	}
	return keyringOf(master), append(sealed, '\n'), nil
}

// OpenKeyring opens a firm's keys. ErrWrongRoot means that the root key is another one, or that a sealed byte was changed:
// the two cannot be told apart. A keyring that is no keyring is problem.Damaged.
func OpenKeyring(root *Root, sealed []byte) (*Keyring, error) {
	var s sealedKeyring
	if err := json.Unmarshal(sealed, &s); err != nil {
		return nil, damaged(fmt.Errorf("read the keyring: %w", err))
	}
	if s.Format != keyringFormat || s.Cipher != "aes-256-gcm" || len(s.Nonce) != 12 {
		return nil, damaged(fmt.Errorf("the keyring's format %q with %q is not known", s.Format, s.Cipher))
	}
	key, err := root.key(s.stretching)
	if err != nil {
		return nil, err
	}
	master, err := newAEAD(key).Open(nil, s.Nonce, s.Sealed, []byte(keyringFormat))
	if err != nil || len(master) != KeySize {
		return nil, ErrWrongRoot
	}
	return keyringOf(master), nil
}

func keyringOf(master secret) *Keyring {
	return &Keyring{database: derive(master, "database"), ledger: derive(master, "ledger"), fields: derive(master, "fields"),
		indexes: derive(master, "indexes"), matters: derive(master, "matters")}
}

// Database is the 32-byte key of the SQLite file.
func (k *Keyring) Database() []byte { return k.database }

// LedgerSeed is the 32-byte Ed25519 seed of the ledger's signing key.
func (k *Keyring) LedgerSeed() []byte { return k.ledger }

// matterField seals matter identities; it has a parent key of its own.
func (k *Keyring) matterField() *Field {
	return &Field{purpose: "matter.identity", aead: newAEAD(derive(k.matters, "field matter.identity"))}
}

// NewMatterKey makes a matter's age identity and gives it sealed to the matter's id, with its public recipient.
func (k *Keyring) NewMatterKey(matter string) (sealed []byte, recipient string, err error) {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, "", fmt.Errorf("generate a matter's identity: %w", err)
	}
	return k.matterField().SealText(matter, identity.String()), identity.Recipient().String(), nil
}

// MatterKey opens a matter's identity.
func (k *Keyring) MatterKey(matter string, sealed []byte) (*MatterKey, error) {
	text, err := k.matterField().OpenText(matter, sealed)
	if err != nil {
		return nil, err
	}
	identity, err := age.ParseHybridIdentity(text)
	if err != nil {
		return nil, damaged(fmt.Errorf("read a matter's identity: %w", err))
	}
	return &MatterKey{identity: identity}, nil
}

// Zero overwrites the keys. The keyring cannot be used afterwards.
func (k *Keyring) Zero() {
	for _, s := range []secret{k.database, k.ledger, k.fields, k.indexes, k.matters} {
		clear(s)
	}
}
