package vault

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"mijuan/internal/problem"
)

// minPassphrase is the shortest root passphrase, in characters.
const minPassphrase = 16

// Root is the root key: what opens the keyring, and all that a firm needs besides its sealed data. It is a passphrase, which is
// stretched with argon2id, or 32 random bytes, which need no stretching.
//
// A key held in a KMS or an HSM would be a third form: all that the keyring asks of a root is the 32-byte key for a stretching
// that stands in the keyring's file, so such a form needs a name there and a call that wraps and unwraps, and nothing above it
// changes.
type Root struct {
	mute
	material secret
	random   bool
}

// RootFromPassphrase takes a passphrase.
func RootFromPassphrase(pass []byte) *Root { return &Root{material: veil(bytes.Clone(pass))} }

// RootFromFile reads the first line of a file: 64 hexadecimal digits, or a passphrase of at least 16 characters. Spaces at both
// ends, a byte order mark and whatever follows the first line do not count.
func RootFromFile(path string) (*Root, error) {
	line, err := firstLine(path)
	if err != nil {
		return nil, problem.New(problem.Invalid, "读不到根密钥文件").Because(err)
	}
	defer clear(line)
	if key := make([]byte, KeySize); len(line) == hex.EncodedLen(KeySize) {
		if _, err := hex.Decode(key, line); err == nil {
			return &Root{material: veil(key), random: true}, nil
		}
	}
	if utf8.RuneCount(line) < minPassphrase {
		return nil, problem.New(problem.Invalid, "根密钥太短：口令至少 %d 个字符，或 64 位十六进制数", minPassphrase)
	}
	return RootFromPassphrase(line), nil
}

// maxLine is the longest first line of a root key file, in bytes.
const maxLine = 4096

func firstLine(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw := make([]byte, maxLine+1)
	n, err := io.ReadFull(f, raw)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	line, _, whole := bytes.Cut(raw[:n], []byte("\n"))
	if !whole && n > maxLine {
		clear(raw)
		return nil, fmt.Errorf("the first line is longer than %d bytes", maxLine)
	}
	return bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))), nil
}

// Zero overwrites the root key. Afterwards it opens and seals nothing: ErrWrongRoot.
func (r *Root) Zero() { zero(r.material) }

// stretching is how a root becomes a key; it stands in the keyring so that it can be raised later.
type stretching struct {
	KDF    string `json:"kdf"` // "argon2id" or "hkdf-sha256"
	Salt   []byte `json:"salt"`
	Time   uint32 `json:"time,omitempty"`
	Memory uint32 `json:"memory_kib,omitempty"`
	Lanes  uint8  `json:"lanes,omitempty"`
}

// stretching is how this root is stretched from now on, with a fresh salt.
func (r *Root) stretching() stretching {
	s := stretching{KDF: "argon2id", Salt: randomBytes(16), Time: 3, Memory: 64 << 10, Lanes: 1}
	if r.random {
		s = stretching{KDF: "hkdf-sha256", Salt: s.Salt}
	}
	return s
}

// Limits of what a keyring may ask for, so that a hostile one cannot exhaust the machine.
const (
	maxTime   = 16
	maxMemory = 1 << 20 // KiB
)

// key is the root's key under a stretching. A root of the other form than the stretching is for is ErrWrongRoot, and so is one
// that was wiped, is empty or all zeros.
func (r *Root) key(s stretching) (secret, error) {
	switch {
	case wiped(r.material):
		return nil, ErrWrongRoot
	case s.KDF == "hkdf-sha256" && r.random:
		return derive(r.material, s.Salt, "root"), nil
	case s.KDF == "argon2id" && !r.random:
		if s.Time == 0 || s.Time > maxTime || s.Memory == 0 || s.Memory > maxMemory || s.Lanes == 0 {
			return nil, damaged(fmt.Errorf("keyring asks for argon2id with t=%d, m=%d KiB, p=%d", s.Time, s.Memory, s.Lanes))
		}
		stretched := veil(argon2.IDKey(r.material(), s.Salt, s.Time, s.Memory, s.Lanes, KeySize))
		defer zero(stretched)
		return derive(stretched, nil, "root"), nil
	case s.KDF == "hkdf-sha256" || s.KDF == "argon2id":
		return nil, ErrWrongRoot
	}
	return nil, damaged(fmt.Errorf("the keyring's key derivation %q is not known", s.KDF))
}
