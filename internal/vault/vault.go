// Package vault seals and opens: the firm's keyring under its root key, fields of the database, and the objects that hold
// client material. It reads one file, the root key, and writes none. Every format it writes begins with an identifier of its
// algorithm and version and is described in docs/formats (clause 8.4).
//
//	root key
//	  └─ keyring: the firm's random keys (database, ledger, fields, indexes, matters)
//	       └─ each matter's age identity (X25519 + ML-KEM-768)
//	            └─ each object: one standard age file, header and payload kept apart
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"mijuan/internal/problem"
)

// KeySize is the length of every symmetric key, in bytes.
const KeySize = 32

// secret is key material; it never prints.
type secret []byte

func (secret) String() string               { return "secret" }
func (secret) GoString() string             { return "secret" }
func (secret) Format(s fmt.State, _ rune)   { fmt.Fprint(s, "secret") }
func (secret) MarshalJSON() ([]byte, error) { return []byte(`"secret"`), nil }

// damaged is the answer to bytes that fail their check.
func damaged(cause error) error {
	return problem.New(problem.Damaged, "存储的内容已损坏，没有显示任何内容").Because(cause)
}

// derive makes the key of one purpose from a parent key (RFC 5869, SHA-256).
func derive(parent secret, purpose string) secret {
	key, err := hkdf.Key(sha256.New, parent, nil, "mijuan/1 "+purpose, KeySize)
	if err != nil {
		panic("vault: " + err.Error()) // only for a length that HKDF cannot give
	}
	return key
}

func newAEAD(key secret) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("vault: " + err.Error()) // only for a wrong key length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("vault: " + err.Error())
	}
	return aead
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program stops first
	return b
}
