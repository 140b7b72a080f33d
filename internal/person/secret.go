package person

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"math/big"
	"strings"
)

// randomText is 256 random bits as text that may stand in an address or a cookie.
func randomText() string { return base64.RawURLEncoding.EncodeToString(randomBytes(32)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program stops first
	return b
}

// hashOf is what is kept of a random secret. The secret has 256 bits, so a plain hash suffices; use tells links, sessions and
// tokens apart.
func hashOf(use, secret string) []byte {
	h := sha256.Sum256([]byte("mijuan " + use + "|" + secret))
	return h[:]
}

// The parts of an API token: "mj_", 43 characters for 256 bits, 6 for a checksum, so that a token that somebody left in a
// file is found, and a mistyped one is refused without a look into the database.
const (
	tokenPrefix = "mj_"
	tokenRandom = 43
	tokenSum    = 6
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

func newToken() string {
	body := inBase62(new(big.Int).SetBytes(randomBytes(32)), tokenRandom)
	return tokenPrefix + body + tokenChecksum(body)
}

func tokenChecksum(body string) string {
	return inBase62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), tokenSum)
}

func wellFormedToken(token string) bool {
	body, ok := strings.CutPrefix(token, tokenPrefix)
	return ok && len(body) == tokenRandom+tokenSum && tokenChecksum(body[:tokenRandom]) == body[tokenRandom:]
}

// inBase62 writes n with leading zeros.
func inBase62(n *big.Int, digits int) string {
	out, base, digit := make([]byte, digits), big.NewInt(62), new(big.Int)
	for i := digits - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = base62[digit.Int64()]
	}
	return string(out)
}

// Recovery codes are read off paper: 60 bits in letters and figures that are not taken for each other. Only a keyed token of
// each is kept.
const (
	codeAlphabet  = "23456789ABCDEFGHJKMNPQRSTUVWXYZ~" // the last never occurs
	codeLetters   = 12
	recoveryCodes = 10
)

func newRecoveryCode() string {
	var out strings.Builder
	for out.Len() < codeLetters+2 {
		c := codeAlphabet[randomBytes(1)[0]&31]
		if c == '~' {
			continue
		}
		if n := out.Len(); n == 4 || n == 9 {
			out.WriteByte('-')
		}
		out.WriteByte(c)
	}
	return out.String()
}

// plainCode is a code as it is compared: what a person types, without the spaces and strokes.
func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}
