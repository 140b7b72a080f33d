package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Sizes of an age payload: its nonce, and the plaintext and sealed bytes of one chunk.
const (
	PrefixSize      = 16
	ChunkSize       = 64 << 10
	SealedChunkSize = ChunkSize + chacha20poly1305.Overhead
)

// Object is one sealed object: an age file whose header is kept in the database and whose payload lies in the blob store.
// Header and payload joined are a standard age v1 file to the matter's recipient. It is safe for concurrent use.
type Object struct {
	mute
	Header []byte // the age header
	key    secret // age's file key, 16 bytes
	prefix []byte // the nonce with which the payload begins when this object is sealed
	stream veiled[cipher.AEAD]
}

// newObject takes header and key over. The payload's nonce is derived from the file key: that key is random and made for this
// object alone, and so sealing can go on after a break with nothing but the header at hand.
func newObject(header []byte, key secret) *Object {
	o := &Object{Header: header, key: key}
	o.prefix = derive(key, nil, "payload nonce")()[:PrefixSize]
	o.stream = o.streamFor(o.prefix)
	return o
}

// streamFor is age's payload cipher: HKDF-SHA-256 of the file key, salted with the payload's nonce, makes its key.
func (o *Object) streamFor(nonce []byte) veiled[cipher.AEAD] {
	key, err := hkdf.Key(sha256.New, o.key(), nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		panic("vault: " + err.Error()) // only for a length that HKDF cannot give
	}
	defer clear(key)
	stream, err := chacha20poly1305.New(key)
	if err != nil {
		panic("vault: " + err.Error()) // only for a wrong key length
	}
	return veil(stream)
}

// Prefix is the nonce with which the payload begins, 16 bytes.
func (o *Object) Prefix() []byte { return bytes.Clone(o.prefix) }

// Seal appends one sealed chunk of the payload to dst. plain is 64 KiB, or less in the last chunk, which is empty only in an
// empty object. Chunks are numbered from 0. One number must never be used for two plaintexts: whoever sees both sealed chunks
// learns how they differ.
func (o *Object) Seal(dst []byte, chunk uint64, plain []byte, last bool) []byte {
	if len(plain) > ChunkSize || len(plain) < ChunkSize && !last || len(plain) == 0 && chunk > 0 {
		panic(fmt.Sprintf("vault: chunk %d of %d bytes, last %t", chunk, len(plain), last))
	}
	nonce := chunkNonce(chunk, last)
	return o.stream().Seal(dst, nonce[:], plain, nil)
}

// chunkNonce is the STREAM nonce: an 11-byte big-endian counter and a byte that marks the last chunk.
func chunkNonce(chunk uint64, last bool) (n [chacha20poly1305.NonceSize]byte) {
	binary.BigEndian.PutUint64(n[3:11], chunk)
	if last {
		n[11] = 1
	}
	return n
}

// PayloadSize is the sealed size of plain bytes, prefix included.
func PayloadSize(plain int64) int64 {
	return PrefixSize + plain + chunksOf(plain)*chacha20poly1305.Overhead
}

// PlainSize is the plain size of a payload, or −1 when no payload has that size.
func PlainSize(payload int64) int64 {
	chunks := (payload - PrefixSize + SealedChunkSize - 1) / SealedChunkSize
	plain := payload - PrefixSize - chunks*chacha20poly1305.Overhead
	if payload < PrefixSize || plain < 0 || chunksOf(plain) != chunks {
		return -1
	}
	return plain
}

// chunksOf is how many chunks plain bytes take: at least one.
func chunksOf(plain int64) int64 { return max((plain+ChunkSize-1)/ChunkSize, 1) }
