package person

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"mijuan/internal/problem"
)

// Cost is what one guess at a password costs (argon2id, RFC 9106). The usual one takes about a fifth of a second. A password
// that was hashed at another cost is hashed anew at its next use.
type Cost struct {
	Time   uint32 // passes
	Memory uint32 // KiB
	Lanes  uint8
}

// PasswordRule is what the firm asks of a password (clause 8.3). Zero values take the usual ones of 等保.
type PasswordRule struct {
	Long    int           // this many characters need nothing else; 12
	Short   int           // this many need Classes of the four: upper, lower, digit, other; 8
	Classes int           // 3
	MaxAge  time.Duration // after this a new one is asked for at the next log-in; 180 days
}

func (r PasswordRule) filled() PasswordRule {
	if r.Long == 0 {
		r.Long = 12
	}
	if r.Short == 0 {
		r.Short = 8
	}
	if r.Classes == 0 {
		r.Classes = 3
	}
	if r.MaxAge == 0 {
		r.MaxAge = 180 * 24 * time.Hour
	}
	return r
}

// longestPassword keeps hashing cheap beside its own cost.
const longestPassword = 200

// check says the first thing that is wrong with a new password.
func (r PasswordRule) check(password, login string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n > longestPassword:
		return problem.New(problem.Invalid, "密码过长：最多 %d 个字符", longestPassword).In("password")
	case n < r.Short || n < r.Long && classes(password) < r.Classes:
		return problem.New(problem.Invalid, "密码至少 %d 个字符，或至少 %d 个字符且包含大写、小写、数字、符号中的 %d 类", r.Long, r.Short, r.Classes).In("password")
	case len(login) >= 3 && strings.Contains(strings.ToLower(password), login):
		return problem.New(problem.Invalid, "密码里不能包含登录名").In("password")
	case common(password):
		return problem.New(problem.Invalid, "这个密码太容易猜到，请换一个").In("password")
	}
	return nil
}

func classes(password string) int {
	var upper, lower, digit, other int
	for _, c := range password {
		switch {
		case unicode.IsUpper(c):
			upper = 1
		case unicode.IsLower(c):
			lower = 1
		case unicode.IsDigit(c):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

//go:embed common.txt
var commonText string

var commonWords = func() map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(commonText) {
		words[w] = true
	}
	return words
}()

var unleet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "l", "!", "i", "0", "o", "5", "s", "$", "s", "7", "t")

// common reports whether a password is what people choose when a rule lets them: a word off the list, with or without
// figures and signs around it or in place of letters, or a row of equal or neighbouring characters.
func common(password string) bool {
	lower := strings.ToLower(password)
	trim := func(s string) string { return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) }
	for _, form := range []string{lower, trim(lower), unleet.Replace(lower), trim(unleet.Replace(trim(lower)))} {
		if commonWords[form] {
			return true
		}
	}
	return inRow(lower)
}

// inRow reports whether nearly every character is the one before it or its neighbour: aaaaaaaa, 12345678, abcdefgh, 87654321.
func inRow(s string) bool {
	runes, steps := []rune(s), 0
	for i := 1; i < len(runes); i++ {
		if d := runes[i] - runes[i-1]; d < -1 || d > 1 {
			steps++
		}
	}
	return len(runes) > 0 && steps*4 < len(runes)
}

// hasher hashes few passwords at a time, since each takes the cost's memory, and lets few wait.
type hasher struct {
	cost  Cost
	queue chan struct{}
	slots chan struct{}
	decoy string // stands for the password of a log-in that does not exist
}

const hashQueue = 64

func newHasher(c Cost) *hasher {
	h := &hasher{cost: c, queue: make(chan struct{}, hashQueue), slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
	h.decoy = c.hash(randomText())
	return h
}

func (h *hasher) turn(ctx context.Context, f func()) error {
	busy := func(cause error) error {
		return problem.New(problem.Unavailable, "登录的人太多，请稍后再试").Because(cause)
	}
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return busy(nil)
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return busy(ctx.Err())
	}
	f()
	return nil
}

// make hashes a new password.
func (h *hasher) make(ctx context.Context, password string) (phc string, err error) {
	err = h.turn(ctx, func() { phc = h.cost.hash(password) })
	return phc, err
}

// check compares a password with a hash; an empty hash takes as long and is never right. When the password is right and
// its hash is of another cost, renewed is its new hash.
func (h *hasher) check(ctx context.Context, phc, password string) (right bool, renewed string, err error) {
	known := phc != ""
	if !known {
		phc = h.decoy
	}
	err = h.turn(ctx, func() {
		right = matches(phc, password) && known
		if right && !strings.HasPrefix(phc, h.cost.head()) {
			renewed = h.cost.hash(password)
		}
	})
	return right, renewed, err
}

func (c Cost) head() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.Memory, c.Time, c.Lanes)
}

// hash gives a PHC string.
func (c Cost) hash(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: the program stops first
	b64 := base64.RawStdEncoding
	return c.head() + b64.EncodeToString(salt) + "$" + b64.EncodeToString(c.key(password, salt, 32))
}

func (c Cost) key(password string, salt []byte, n uint32) []byte {
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.Time, c.Memory, c.Lanes, n)
}

// matches compares in constant time; a string that is no hash matches nothing.
func matches(phc, password string) bool {
	var version int
	var c Cost
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &c.Memory, &c.Time, &c.Lanes); err != nil ||
		version != argon2.Version || c.Time == 0 || c.Lanes == 0 || c.Memory > 4<<20 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) < 16 {
		return false
	}
	return subtle.ConstantTimeCompare(c.key(password, salt, uint32(len(want))), want) == 1
}
