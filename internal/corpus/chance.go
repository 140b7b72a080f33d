package corpus

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// chance is the generator's only source of variety: a stream of numbers that its name alone determines.
type chance struct{ *rand.Rand }

func chanceOf(name ...string) chance {
	h := fnv.New64a()
	h.Write([]byte(strings.Join(name, "\x1f")))
	return chance{rand.New(rand.NewPCG(h.Sum64(), 0x6d696a75616e))}
}

// between gives a whole number from low to high, both included.
func (c chance) between(low, high int) int { return low + c.IntN(high-low+1) }

// one picks an element.
func one[T any](c chance, from []T) T { return from[c.IntN(len(from))] }

// deal gives the elements in another order; the argument stays as it is.
func deal[T any](c chance, from []T) []T {
	dealt := append([]T(nil), from...)
	c.Shuffle(len(dealt), func(i, j int) { dealt[i], dealt[j] = dealt[j], dealt[i] })
	return dealt
}

// choose resolves each {a|b|c} in s, inner ones first. A brace without a bar stays.
func (c chance) choose(s string) string {
	for {
		end := strings.IndexByte(s, '}')
		if end < 0 {
			return s
		}
		start := strings.LastIndexByte(s[:end], '{')
		if start < 0 {
			panic("corpus: unbalanced brace in " + s)
		}
		s = s[:start] + one(c, strings.Split(s[start+1:end], "|")) + s[end+1:]
	}
}
