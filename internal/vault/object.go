package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Sizes of an age payload: its nonce, and the plaintext and sealed bytes of one chunk.
const (
	PrefixSize      = 16
	ChunkSize       = 64 << 10
	SealedChunkSize = ChunkSize + chacha20poly1305.Overhead
)

// MatterKey is a matter's age identity, opened.
type MatterKey struct{ identity *age.HybridIdentity }

// Identity is the identity in age's text form, for the recovery tool.
func (m *MatterKey) Identity() string { return m.identity.String() }

// Format never prints the identity.
func (m *MatterKey) Format(s fmt.State, _ rune) { fmt.Fprint(s, "secret") }

// Object is one sealed object: an age file whose header is kept in the database and whose payload lies in the blob store.
// Header and payload joined are a standard age v1 file to the matter's recipient.
type Object struct {
	Header []byte
	key    secret // the age file key, 16 bytes
	nonce  []byte // first bytes of the payload; nil until it is known
	aead   cipher.AEAD
}

// NewObject makes a fresh file key and wraps it to the matter.
func (m *MatterKey) NewObject() (*Object, error) {
	var header bytes.Buffer
	w, err := age.Encrypt(&header, m.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("wrap a file key: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("wrap a file key: %w", err)
	}
	raw, err := age.ExtractHeader(&header)
	if err != nil {
		return nil, fmt.Errorf("take the header: %w", err)
	}
	return m.OpenObject(raw)
}

// OpenObject unwraps the file key of a header. A header of another matter, or a changed one, is problem.Damaged.
//
// The payload's nonce of an object still to be sealed is derived from its file key: the key is random and used for one object
// only, and sealing can go on after a break with nothing but the header at hand.
func (m *MatterKey) OpenObject(header []byte) (*Object, error) {
	key, err := age.DecryptHeader(header, m.identity)
	if err != nil {
		return nil, damaged(fmt.Errorf("unwrap a file key: %w", err))
	}
	o := &Object{Header: header, key: key}
	o.nonce = derive(o.key, "payload nonce")[:PrefixSize]
	o.aead, err = payloadCipher(o.key, o.nonce)
	return o, err
}

// payloadCipher is age's payload cipher (C2SP age v1: HKDF-SHA-256 of the file key, salted with the nonce, info "payload").
func payloadCipher(key secret, nonce []byte) (cipher.AEAD, error) {
	stream, err := hkdf.Key(sha256.New, key, nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive the payload key: %w", err)
	}
	return chacha20poly1305.New(stream)
}

// Prefix is the nonce with which the payload begins.
func (o *Object) Prefix() []byte { return bytes.Clone(o.nonce) }

// Seal appends one sealed chunk of the payload to dst. plain is 64 KiB, or less in the last chunk, which is empty only in an
// empty object. Chunks are numbered from 0; one number must never be used for two plaintexts.
func (o *Object) Seal(dst []byte, chunk uint64, plain []byte, last bool) []byte {
	if len(plain) > ChunkSize || len(plain) < ChunkSize && !last {
		panic(fmt.Sprintf("vault: a chunk of %d bytes", len(plain)))
	}
	nonce := chunkNonce(chunk, last)
	return o.aead.Seal(dst, nonce[:], plain, nil)
}

// chunkNonce is the STREAM nonce: an 11-byte big-endian counter and a byte that marks the last chunk.
func chunkNonce(chunk uint64, last bool) (n [chacha20poly1305.NonceSize]byte) {
	binary.BigEndian.PutUint64(n[3:11], chunk)
	if last {
		n[11] = 1
	}
	return n
}

// Reader decrypts a whole payload in order. A changed or missing byte is problem.Damaged at the chunk where it stands, before
// anything of that chunk is given.
func (o *Object) Reader(payload io.Reader) (io.Reader, error) {
	r, err := age.Decrypt(io.MultiReader(bytes.NewReader(o.Header), payload), age.NewInjectedFileKeyIdentity(o.key))
	if err != nil {
		return nil, damaged(fmt.Errorf("begin to decrypt: %w", err))
	}
	return checkedReader{r}, nil
}

type checkedReader struct{ r io.Reader }

func (c checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	return n, readError(err)
}

// ReaderAt decrypts any part of a payload of the size. The last chunk is checked at once, so that a payload that was cut short
// is found before anything is shown.
func (o *Object) ReaderAt(payload io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	joined := &joinedAt{head: o.Header, tail: payload}
	r, plain, err := age.DecryptReaderAt(joined, int64(len(o.Header))+size, age.NewInjectedFileKeyIdentity(o.key))
	if err != nil {
		return nil, 0, damaged(fmt.Errorf("begin to decrypt: %w", err))
	}
	return checkedReaderAt{r}, plain, nil
}

type checkedReaderAt struct{ r io.ReaderAt }

func (c checkedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	return n, readError(err)
}

func readError(err error) error {
	if err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return damaged(err)
}

// joinedAt is a header in memory before a payload elsewhere.
type joinedAt struct {
	head []byte
	tail io.ReaderAt
}

func (j *joinedAt) ReadAt(p []byte, off int64) (n int, err error) {
	if off < int64(len(j.head)) {
		n = copy(p, j.head[off:])
		if n == len(p) {
			return n, nil
		}
	}
	m, err := j.tail.ReadAt(p[n:], off+int64(n)-int64(len(j.head)))
	return n + m, err
}

// PayloadSize is the sealed size of plain bytes, its prefix included.
func PayloadSize(plain int64) int64 {
	chunks := max((plain+ChunkSize-1)/ChunkSize, 1)
	return PrefixSize + plain + chunks*chacha20poly1305.Overhead
}
