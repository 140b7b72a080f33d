package vault

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"

	"filippo.io/age"

	"mijuan/internal/problem"
)

// ErrWrongRoot is the answer to a root key that does not open the keyring.
var ErrWrongRoot = problem.New(problem.Refused, "根密钥不对，打不开本所的密钥环")

// Identifiers of version 1 of docs/formats/keyring.md.
const (
	keyringFormat = "mijuan-keyring/1"
	keyringCipher = "aes-256-gcm"
)

const (
	checkSize = 8  // bytes of the check value
	nonceSize = 12 // bytes of AES-GCM's nonce
	tagSize   = 16 // bytes of its tag
)

// Keyring is the firm's keys, opened. All of them are derived from one random master key, each for one purpose.
type Keyring struct {
	mute
	master secret
}

// sealedKeyring is the keyring at rest. What stands before Sealed is its associated data.
type sealedKeyring struct {
	Format string `json:"format"`
	stretching
	Check  []byte `json:"check"` // tells a wrong root from a changed byte
	Cipher string `json:"cipher"`
	Nonce  []byte `json:"nonce"`
	Sealed []byte `json:"sealed,omitempty"`
}

// NewKeyring makes a firm's keys and seals them under the root key.
func NewKeyring(root *Root) (*Keyring, []byte, error) {
	k := &Keyring{master: veil(randomBytes(KeySize))}
	sealed, err := k.Seal(root)
	return k, sealed, err
}

// Seal seals the same keys under a root key, which may be a new one.
func (k *Keyring) Seal(root *Root) ([]byte, error) {
	s := sealedKeyring{Format: keyringFormat, stretching: root.stretching(), Cipher: keyringCipher, Nonce: randomBytes(nonceSize)}
	key, err := root.key(s.stretching)
	if err != nil {
		return nil, err
	}
	defer zero(key)
	s.Check = checkOf(key)
	s.Sealed = newAEAD(derive(key, nil, "root seal"))().Seal(nil, s.Nonce, k.master(), s.bound())
	sealed, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the keyring: %w", err)
	}
	return append(sealed, '\n'), nil
}

// OpenKeyring opens a firm's keys. ErrWrongRoot means that the root key is another one, or that the very bytes that tell were
// changed; every other change is problem.Damaged.
func OpenKeyring(root *Root, sealed []byte) (*Keyring, error) {
	s, err := readKeyring(sealed)
	if err != nil {
		return nil, damaged(err)
	}
	key, err := root.key(s.stretching)
	if err != nil {
		return nil, err
	}
	defer zero(key)
	if subtle.ConstantTimeCompare(s.Check, checkOf(key)) != 1 {
		return nil, ErrWrongRoot
	}
	master, err := newAEAD(derive(key, nil, "root seal"))().Open(nil, s.Nonce, s.Sealed, s.bound())
	if err != nil || len(master) != KeySize {
		return nil, damaged(errors.New("the keyring does not open under the right root key"))
	}
	return &Keyring{master: veil(master)}, nil
}

// readKeyring reads the one spelling of a keyring; only white space is free.
func readKeyring(sealed []byte) (s sealedKeyring, err error) {
	if err := json.Unmarshal(sealed, &s); err != nil {
		return s, fmt.Errorf("read the keyring: %w", err)
	}
	if s.Format != keyringFormat || s.Cipher != keyringCipher || len(s.Nonce) != nonceSize {
		return s, fmt.Errorf("the keyring's format %q with %q is not known", s.Format, s.Cipher)
	}
	var given, canonical bytes.Buffer
	raw, err := json.Marshal(s)
	if err = errors.Join(err, json.Compact(&given, sealed), json.Compact(&canonical, raw)); err != nil {
		return s, fmt.Errorf("read the keyring: %w", err)
	}
	if !bytes.Equal(given.Bytes(), canonical.Bytes()) {
		return s, errors.New("the keyring is spelled in a way that nobody writes it")
	}
	return s, nil
}

// checkOf is a value by which a wrong root key is told from a damaged keyring.
func checkOf(key secret) []byte { return derive(key, nil, "root check")()[:checkSize] }

// bound is the associated data: the keyring without what is sealed.
func (s sealedKeyring) bound() []byte {
	s.Sealed = nil
	raw, err := json.Marshal(s)
	if err != nil {
		panic("vault: " + err.Error()) // texts, numbers and bytes always encode
	}
	return raw
}

// Database is the 32-byte key of the SQLite file. The caller may wipe it.
func (k *Keyring) Database() []byte { return derive(k.master, nil, "database")() }

// LedgerSeed is the 32-byte Ed25519 seed of the ledger's signing key. The caller may wipe it.
func (k *Keyring) LedgerSeed() []byte { return derive(k.master, nil, "ledger")() }

// Zero overwrites the master key. Using the keyring afterwards panics; what was made of it before can be used.
func (k *Keyring) Zero() { zero(k.master) }

// matterField seals matters' identities. No field of a purpose opens them.
func (k *Keyring) matterField() *Field {
	const purpose = "matter.identity"
	return &Field{purpose: purpose, aead: newAEAD(derive(k.master, nil, "matter"))}
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
	text, err := k.matterField().Open(matter, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	identity, err := age.ParseHybridIdentity(string(text))
	if err != nil {
		return nil, damaged(errors.New("a matter's identity is unreadable")) // age's own error would quote it
	}
	return &MatterKey{identity: veil(identity)}, nil
}
