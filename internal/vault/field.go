package vault

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fieldAES is the first byte of a field sealed with AES-256-GCM: version 1 of docs/formats/field.md.
const fieldAES = 0x01

// Field seals the values of one column or purpose. A sealed value opens only under its own purpose and row.
type Field struct {
	purpose string
	aead    cipher.AEAD
}

// Field is the sealer of a purpose, such as "client.name".
func (k *Keyring) Field(purpose string) *Field {
	return &Field{purpose: purpose, aead: newAEAD(derive(k.fields, "field "+purpose))}
}

// Seal seals plain for the row: identifier, 12-byte random nonce, ciphertext with 16-byte tag.
func (f *Field) Seal(row string, plain []byte) []byte {
	out := make([]byte, 1, 1+f.aead.NonceSize()+len(plain)+f.aead.Overhead())
	out[0] = fieldAES
	out = append(out, randomBytes(f.aead.NonceSize())...)
	return f.aead.Seal(out, out[1:], plain, f.bound(row))
}

// Open opens what Seal sealed for the row. A changed byte, another row or another purpose is problem.Damaged.
func (f *Field) Open(row string, sealed []byte) ([]byte, error) {
	n := 1 + f.aead.NonceSize()
	if len(sealed) < n+f.aead.Overhead() || sealed[0] != fieldAES {
		return nil, damaged(errors.New("not a sealed field of version 1"))
	}
	plain, err := f.aead.Open(nil, sealed[1:n], sealed[n:], f.bound(row))
	if err != nil {
		return nil, damaged(errors.New("field " + f.purpose + " of row " + row + " does not open"))
	}
	return plain, nil
}

// bound is the associated data: which algorithm, which purpose, which row.
func (f *Field) bound(row string) []byte { return []byte("mijuan-field/1|" + f.purpose + "|" + row) }

// SealText seals a text.
func (f *Field) SealText(row, plain string) []byte { return f.Seal(row, []byte(plain)) }

// OpenText opens a text.
func (f *Field) OpenText(row string, sealed []byte) (string, error) {
	plain, err := f.Open(row, sealed)
	return string(plain), err
}

// tokenSize is the length of an index token, in bytes.
const tokenSize = 16

// Index makes keyed tokens by which sealed texts are found: whoever has the database and not the keyring learns only which
// rows share a token.
type Index struct{ key secret }

// Index is the index of a purpose, such as "matter.search".
func (k *Keyring) Index(purpose string) *Index { return &Index{key: derive(k.indexes, "index "+purpose)} }

// Token is the token of a whole text, normalised: HMAC-SHA256, 16 bytes.
func (i *Index) Token(s string) []byte { return i.sum(normalise(s)) }

func (i *Index) sum(s string) []byte {
	mac := hmac.New(sha256.New, i.key)
	mac.Write([]byte(s))
	return mac.Sum(nil)[:tokenSize]
}

// Bigrams are the tokens of the distinct pairs of neighbouring characters of a normalised text, spaces and punctuation left
// out; of a text of one character, the token of that character. A search text matches where all its bigrams stand.
func (i *Index) Bigrams(s string) [][]byte {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, normalise(s)))
	if len(runes) == 0 {
		return nil
	}
	var tokens [][]byte
	seen := map[string]bool{}
	add := func(gram string) {
		if !seen[gram] {
			seen[gram] = true
			tokens = append(tokens, i.sum("gram "+gram))
		}
	}
	if len(runes) == 1 {
		add(string(runes))
	}
	for j := 0; j+1 < len(runes); j++ {
		add(string(runes[j : j+2]))
	}
	return tokens
}

// normalise folds width and case (NFKC, lower case).
func normalise(s string) string { return strings.ToLower(norm.NFKC.String(s)) }
