// Package signature signs and verifies documents of record in the hand of one person (law: Electronic Signature Law, art. 13).
// Each person has a key pair whose certificate the firm's own authority issues. The private key is sealed twice, under a key
// that the person's password makes and under the firm's keyring: neither the firm's servers alone nor a stolen database can
// sign. Signatures are PAdES baseline (ETSI EN 319 142-1, B-B, and B-T with a time stamp of RFC 3161) and stand in incremental
// updates of the PDF, so that a second signature leaves the first as it is. Formats: docs/formats/signed-document.md and
// docs/formats/signing-key.md.
package signature

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"

	"mijuan/internal/problem"
)

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

// secret is key material behind a function, where no way of printing reaches it.
type secret func() []byte

func veil(b []byte) secret { return func() []byte { return b } }

// Fingerprint is the SHA-256 of a certificate, in lower-case hexadecimal digits: what people compare and the ledger keeps.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// damaged is the answer to stored bytes that fail their check.
func damaged(cause error) error {
	return problem.New(problem.Damaged, "存储的签名密钥已损坏，不能签名").Because(cause)
}
