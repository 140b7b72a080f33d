package vault

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"

	"golang.org/x/crypto/argon2"

	"mijuan/internal/problem"
)

// minPassphrase is the shortest root passphrase, in bytes.
const minPassphrase = 16

// Root is the root key: what opens the keyring, and all a firm needs besides its sealed data. It is a passphrase, stretched
// with argon2id, or 32 random bytes. A key held in a KMS or an HSM would be a third form: it need only wrap the keyring.
type Root struct {
	material secret
	random   bool // already 32 random bytes: needs no stretching
}

// RootFromPassphrase takes a passphrase.
func RootFromPassphrase(pass []byte) *Root { return &Root{material: bytes.Clone(pass)} }

// RootFromFile reads the first line of a file: 64 hexadecimal digits, or a passphrase of at least 16 bytes.
func RootFromFile(path string) (*Root, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem.New(problem.Invalid, "读不到根密钥文件").Because(err)
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Scan()
	if err := scanner.Err(); err != nil {
		return nil, problem.New(problem.Invalid, "读不到根密钥文件").Because(err)
	}
	line := bytes.TrimSpace(scanner.Bytes())
	if key := make([]byte, KeySize); len(line) == hex.EncodedLen(KeySize) {
		if _, err := hex.Decode(key, line); err == nil {
			return &Root{material: key, random: true}, nil
		}
	}
	if len(line) < minPassphrase {
		return nil, problem.New(problem.Invalid, "根密钥太短：口令至少 %d 个字符，或 64 位十六进制数", minPassphrase)
	}
	return RootFromPassphrase(line), nil
}

// stretching is how a passphrase becomes a key; it stands in the keyring so that it can be raised later.
type stretching struct {
	KDF    string `json:"kdf"` // "argon2id" or "hkdf-sha256"
	Salt   []byte `json:"salt"`
	Time   uint32 `json:"time,omitempty"`
	Memory uint32 `json:"memory_kib,omitempty"`
	Lanes  uint8  `json:"lanes,omitempty"`
}

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

func (r *Root) key(s stretching) (secret, error) {
	switch {
	case s.KDF == "hkdf-sha256" && r.random:
		salted := sha256.Sum256(append(bytes.Clone(s.Salt), r.material...))
		return derive(salted[:], "root"), nil
	case s.KDF == "argon2id" && !r.random:
		if s.Time == 0 || s.Time > maxTime || s.Memory == 0 || s.Memory > maxMemory || s.Lanes == 0 {
			return nil, damaged(fmt.Errorf("keyring asks for argon2id with t=%d, m=%d KiB, p=%d", s.Time, s.Memory, s.Lanes))
		}
		return derive(argon2.IDKey(r.material, s.Salt, s.Time, s.Memory, s.Lanes, KeySize), "root"), nil
	}
	return nil, ErrWrongRoot
}
