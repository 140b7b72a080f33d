package signature

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/crypto/argon2"

	"mijuan/internal/problem"
)

// ErrWrongPassword is the one answer to a password that does not open a signing key.
var ErrWrongPassword = problem.New(problem.Unauthenticated, "签名口令不对，没有签名").In("password")

// Version 1 of docs/formats/signing-key.md: what stands inside the field that the firm's keyring seals.
const (
	sealVersion = 0x01
	saltSize    = 16
	nonceSize   = 12
	sealHead    = 1 + 1 + 4 + 1 + saltSize + nonceSize + 2 // version, t, m, p, salt, nonce, length of the certificate
	tagSize     = 16
)

// Cost is what one guess at a password costs with argon2id (RFC 9106). It stands with each sealed key.
type Cost struct {
	Time   uint32 // rounds, at most 16
	Memory uint32 // KiB, at most 1 GiB
	Lanes  uint8
}

// The most that sealed bytes may ask for.
const (
	mostTime   = 16
	mostMemory = 1 << 20 // KiB
)

// sealFor seals a key under the password, and that under the firm's keyring.
func (a *Authority) sealFor(person string, der, certificate, password []byte) []byte {
	head := []byte{sealVersion, byte(a.cost.Time)}
	head = binary.BigEndian.AppendUint32(head, a.cost.Memory)
	head = append(head, a.cost.Lanes)
	random := make([]byte, saltSize+nonceSize)
	_, _ = rand.Read(random) // never fails: the program stops first
	head = append(head, random...)
	head = binary.BigEndian.AppendUint16(head, uint16(len(certificate)))
	head = append(head, certificate...)
	box := passwordBox(head, password)
	inner := box.Seal(bytes.Clone(head), random[saltSize:], der, bound(person, head))
	return a.seal.Seal(person, inner)
}

// bound is the associated data: which format, whose key, and all that stands before the ciphertext.
func bound(person string, head []byte) []byte {
	return append([]byte("mijuan-signing-key/1|"+person+"|"), head...)
}

// passwordBox is the cipher that the password makes, with the cost and the salt that stand in the head.
func passwordBox(head, password []byte) cipher.AEAD {
	stretched := argon2.IDKey(password, head[7:7+saltSize], uint32(head[1]), binary.BigEndian.Uint32(head[2:6]), head[6], 32)
	defer clear(stretched)
	key, err := hkdf.Key(sha256.New, stretched, nil, "mijuan/1 signing key", 32)
	if err != nil {
		panic("signature: " + err.Error()) // only for a length that HKDF cannot give
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("signature: " + err.Error()) // only for a wrong key length
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic("signature: " + err.Error())
	}
	return box
}

// open opens a sealed key. The outer seal tells changed bytes, so what then does not open has the wrong password.
func (a *Authority) open(person string, sealed, password []byte) (der, certificate []byte, err error) {
	inner, err := a.seal.Open(person, sealed)
	if err != nil {
		return nil, nil, fmt.Errorf("open a signing key: %w", err)
	}
	if len(inner) < sealHead+tagSize || inner[0] != sealVersion {
		return nil, nil, damaged(errors.New("the signing key's format is not known"))
	}
	end := sealHead + int(binary.BigEndian.Uint16(inner[sealHead-2:sealHead]))
	memory := binary.BigEndian.Uint32(inner[2:6])
	if inner[1] == 0 || inner[1] > mostTime || memory == 0 || memory > mostMemory || inner[6] == 0 || len(inner) < end+tagSize {
		return nil, nil, damaged(errors.New("the signing key asks for a cost that is not allowed, or is cut"))
	}
	head := inner[:end]
	nonce := inner[7+saltSize : 7+saltSize+nonceSize]
	if der, err = passwordBox(head, password).Open(nil, nonce, inner[end:], bound(person, head)); err != nil {
		return nil, nil, ErrWrongPassword
	}
	return der, head[sealHead:], nil
}

// Reseal seals the same key under a new password: what a change of password needs. The certificate stays.
func (a *Authority) Reseal(person string, sealed, old, changed []byte) ([]byte, error) {
	if len(changed) == 0 {
		return nil, problem.New(problem.Invalid, "签名证书要有姓名和签名口令")
	}
	der, certificate, err := a.open(person, sealed, old)
	if err != nil {
		return nil, err
	}
	defer clear(der)
	return a.sealFor(person, der, certificate, changed), nil
}

// Signer is a person's signing key, unlocked for as long as one act takes. It is safe for concurrent use.
type Signer struct {
	mute
	cert, issuer *x509.Certificate
	lock         sync.Mutex
	key          secret // PKCS #8
}

// Unlock opens a person's signing key. The answer to a wrong password is ErrWrongPassword, to changed bytes problem.Damaged.
// Destroy the signer when the act is done.
func (a *Authority) Unlock(person string, sealed, password []byte) (*Signer, error) {
	der, certificate, err := a.open(person, sealed, password)
	if err != nil {
		return nil, err
	}
	cert, err := pair(der, certificate)
	if err == nil {
		err = cert.CheckSignatureFrom(a.cert)
	}
	if err != nil {
		clear(der)
		return nil, damaged(fmt.Errorf("open a signing key: %w", err))
	}
	return &Signer{cert: cert, issuer: a.cert, key: veil(der)}, nil
}

// Certificate is the person's certificate.
func (s *Signer) Certificate() *x509.Certificate { return s.cert }

// Destroy overwrites the key. Signing afterwards is an error. The library's parsed copies live until they are collected.
func (s *Signer) Destroy() {
	s.lock.Lock()
	defer s.lock.Unlock()
	clear(s.key())
	s.key = veil(nil)
}

// sign signs the SHA-256 of a message: RSASSA-PKCS1-v1_5 (RFC 8017, 8.2), so that one message always gives one signature.
func (s *Signer) sign(message []byte) ([]byte, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if len(s.key()) == 0 {
		return nil, errors.New("sign: the key was destroyed")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(s.key())
	if err != nil {
		return nil, errors.New("sign: the key is unreadable") // the library's error might quote it
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("sign: the key is of another kind")
	}
	digest := sha256.Sum256(message)
	return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
}
