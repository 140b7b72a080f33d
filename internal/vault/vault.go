// Package vault seals and opens: the firm's keyring under its root key, fields of the database, and the objects that hold
// client material. It reads one file, the root key, and writes none. Every format it writes begins with an identifier of its
// algorithm and version and is described in docs/formats (clause 8.4).
//
//	root key
//	  └─ keyring: the firm's master key, and what is derived from it (database, ledger, fields, indexes)
//	       └─ each matter's age identity (X25519 + ML-KEM-768)
//	            └─ each object: one standard age file, header and payload kept apart
//
// No type that holds a key prints it, in whatever way it is printed. Bytes that were changed, cut or exchanged are
// problem.Damaged and nothing of them is given.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"

	"mijuan/internal/problem"
)

// KeySize is the length of every symmetric key, in bytes.
const KeySize = 32

// mute keeps a type that embeds it from being printed, whatever the verb, and from being encoded.
type mute struct{}

// String implements fmt.Stringer.
func (mute) String() string { return "secret" }

// GoString implements fmt.GoStringer.
func (mute) GoString() string { return "secret" }

// Format implements fmt.Formatter.
func (mute) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "secret") }

// MarshalJSON implements json.Marshaler.
func (mute) MarshalJSON() ([]byte, error) { return []byte(`"secret"`), nil }

// veiled keeps a value behind a function, where no way of printing reaches it: fmt asks no method of an unexported field, and
// follows a pointer when the verb does not fit.
type veiled[T any] func() T

func veil[T any](value T) veiled[T] { return func() T { return value } }

// secret is key material.
type secret = veiled[[]byte]

// zero overwrites key material.
func zero(s secret) { clear(s()) }

// damaged is the answer to bytes that fail their check.
func damaged(cause error) error {
	return problem.New(problem.Damaged, "存储的内容已损坏，没有显示任何内容").Because(cause)
}

// wiped reports whether a key is nothing but zeros: what were sealed under it everybody could open.
func wiped(s secret) bool {
	var all byte
	for _, b := range s() {
		all |= b
	}
	return all == 0
}

// derive makes the key of one purpose from a parent key (RFC 5869 with SHA-256; salt may be nil). It panics when the parent was
// wiped.
func derive(parent secret, salt []byte, purpose string) secret {
	if wiped(parent) {
		panic("vault: a key is used that was wiped")
	}
	key, err := hkdf.Key(sha256.New, parent(), salt, "mijuan/1 "+purpose, KeySize)
	if err != nil {
		panic("vault: " + err.Error()) // only for a length that HKDF cannot give
	}
	return veil(key)
}

// newAEAD is AES-256-GCM under the key, which it wipes.
func newAEAD(key secret) veiled[cipher.AEAD] {
	defer zero(key)
	block, err := aes.NewCipher(key())
	if err != nil {
		panic("vault: " + err.Error()) // only for a wrong key length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("vault: " + err.Error())
	}
	return veil(aead)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program stops first
	return b
}
