package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// cosignatureAlgorithm is the algorithm byte of Ed25519 cosignatures (c2sp.org/tlog-cosignature).
const cosignatureAlgorithm = 4

// cosigner verifies the timestamped signatures of a witness.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// parseCosigner reads a witness's verifier key, "name+hash+base64(4 ‖ key)".
func parseCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("witness key: not of the form name+hash+key")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosignatureAlgorithm {
		return nil, errors.New("witness key: not an Ed25519 cosignature key")
	}
	c := &cosigner{name: parts[0], hash: keyHash(parts[0], raw), key: raw[1:]}
	if c.name == "" || parts[1] != fmt.Sprintf("%08x", c.hash) {
		return nil, errors.New("witness key: its name, hash and key do not go together")
	}
	return c, nil
}

// keyHash is the key id of signed notes.
func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

// Verify checks a cosignature/v1 on a checkpoint.
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	return time>>63 == 0 && ed25519.Verify(c.key, cosigned(time, msg), sig[8:])
}

// cosigned is the message that a cosigner signs.
func cosigned(time uint64, msg []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", time, msg)
}
