package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tokenSize is the length of an index token, in bytes.
const tokenSize = 16

// Index makes keyed tokens by which sealed texts are found: whoever has the database and not the keyring learns which rows
// share a token, and no more. It is safe for concurrent use.
type Index struct {
	mute
	key secret
}

// Index is the index of a purpose, such as "matter.search".
func (k *Keyring) Index(purpose string) *Index {
	return &Index{key: derive(k.master, nil, "index "+purpose)}
}

// Token is the token of a whole text, normalised: HMAC-SHA256, 16 bytes.
func (i *Index) Token(s string) []byte { return i.sum("text ", normalise(s)) }

func (i *Index) sum(kind, s string) []byte {
	mac := hmac.New(sha256.New, i.key())
	mac.Write([]byte(kind))
	mac.Write([]byte(s))
	return mac.Sum(nil)[:tokenSize]
}

// Bigrams are the tokens of the distinct pairs of neighbouring characters of a normalised text, spaces and punctuation left
// out; of a text of one character, the token of that character; of a text without any, none. A text that holds a searched one
// of two characters or more has all of its tokens; for one of one character, see Grams.
func (i *Index) Bigrams(s string) [][]byte {
	runes := []rune(strings.Map(searchable, normalise(s)))
	if len(runes) == 1 {
		return [][]byte{i.sum("gram ", string(runes))}
	}
	var tokens [][]byte
	seen := map[string]bool{}
	for j := 0; j+1 < len(runes); j++ {
		gram := string(runes[j : j+2])
		if !seen[gram] {
			seen[gram] = true
			tokens = append(tokens, i.sum("gram ", gram))
		}
	}
	return tokens
}

// Grams are the tokens with which a text is stored that shall also be found by one of its characters: its Bigrams, and the token
// of each distinct character. What is searched for takes Bigrams. Whoever has the database can count single characters then,
// and guess at more than from pairs alone: for short texts, such as names and titles.
func (i *Index) Grams(s string) [][]byte {
	tokens := i.Bigrams(s)
	runes := []rune(strings.Map(searchable, normalise(s)))
	if len(runes) < 2 {
		return tokens
	}
	slices.Sort(runes)
	for _, r := range slices.Compact(runes) {
		tokens = append(tokens, i.sum("gram ", string(r)))
	}
	return tokens
}

// searchable keeps letters and numbers.
func searchable(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		return r
	}
	return -1
}

// normalise folds width and case (NFKC, lower case, and NFKC again where lower case undid it).
func normalise(s string) string {
	return norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))
}
