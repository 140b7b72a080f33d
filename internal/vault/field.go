package vault

import (
	"crypto/cipher"
	"fmt"
)

// fieldAES is the first byte of a field sealed with AES-256-GCM: version 1 of docs/formats/field.md.
const fieldAES = 0x01

// Field seals the values of one column or purpose. A sealed value opens only under its own purpose and row. It is safe for
// concurrent use. The nonces are random: one purpose has room for 2³² values.
type Field struct {
	mute
	purpose string
	aead    veiled[cipher.AEAD]
}

// Field is the sealer of a purpose, such as "client.name".
func (k *Keyring) Field(purpose string) *Field {
	return &Field{purpose: purpose, aead: newAEAD(derive(k.master, nil, "field "+purpose))}
}

// Seal seals plain for the row: identifier, 12-byte random nonce, ciphertext with 16-byte tag.
func (f *Field) Seal(row string, plain []byte) []byte {
	out := make([]byte, 1, 1+nonceSize+len(plain)+tagSize)
	out[0] = fieldAES
	out = append(out, randomBytes(nonceSize)...)
	return f.aead().Seal(out, out[1:], plain, f.bound(row))
}

// Open opens what Seal sealed for the row. A changed byte, another row or another purpose is problem.Damaged.
func (f *Field) Open(row string, sealed []byte) ([]byte, error) {
	const head = 1 + nonceSize
	if len(sealed) < head+tagSize || sealed[0] != fieldAES {
		return nil, damaged(fmt.Errorf("field %s of row %s is no sealed field of version 1", f.purpose, row))
	}
	plain, err := f.aead().Open(nil, sealed[1:head], sealed[head:], f.bound(row))
	if err != nil {
		return nil, damaged(fmt.Errorf("field %s of row %s does not open", f.purpose, row))
	}
	return plain, nil
}

// bound is the associated data: which format, which purpose, which row.
func (f *Field) bound(row string) []byte { return []byte("mijuan-field/1|" + f.purpose + "|" + row) }

// SealText seals a text.
func (f *Field) SealText(row, plain string) []byte { return f.Seal(row, []byte(plain)) }

// OpenText opens a text.
func (f *Field) OpenText(row string, sealed []byte) (string, error) {
	plain, err := f.Open(row, sealed)
	return string(plain), err
}
