package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// leafHeader is the first line of every leaf. It names the format and keeps leaves apart from all else that is hashed.
const leafHeader = "mijuan-ledger-entry/1\n"

// Limits of what a leaf may hold. A leaf is at most about 6 KiB, far below the 64 KiB of a C2SP entry bundle.
const (
	maxText    = 256 // bytes of a text
	maxClause  = 64  // bytes of a clause key
	maxClauses = 64
)

// record is an entry as it stands in the tree and in the database: what the leaf says, and the sealed detail beside it.
type record struct {
	Entry
	digest  []byte // SHA-256 of sealed; nil when the entry never had a detail
	opening []byte // commitment to the detail's plaintext; nil with digest
	sealed  []byte // nil when there is none, when it was erased, or when it was not read
}

// leaf is the canonical text of the record (docs/formats/ledger-entry.md): fields in fixed order, one a line, an empty one
// left out. Two records with the same leaf are the same record.
func (r *record) leaf() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 512)
	b = append(b, leafHeader...)
	b = appendNumber(b, "seq", r.Seq)
	b = appendNumber(b, "time", uint64(r.Time))
	if r.Matter != "" {
		b = appendText(b, "matter", r.Matter)
		b = appendNumber(b, "matter-seq", r.MatterSeq)
	}
	b = appendText(b, "actor", r.Actor)
	b = appendText(b, "act", r.Act)
	b = appendText(b, "kind", r.Kind)
	b = appendText(b, "thing", r.Thing)
	b = appendText(b, "outcome", r.Outcome.String())
	b = appendText(b, "clauses", strings.Join(r.Clauses, " "))
	b = appendText(b, "rules", r.Rules)
	if r.digest != nil {
		b = append(b, "detail "...)
		b = hex.AppendEncode(b, r.digest)
		b = append(b, ' ')
		b = hex.AppendEncode(b, r.opening)
		b = append(b, '\n')
	}
	return b, nil
}

func appendNumber(b []byte, field string, n uint64) []byte {
	b = append(append(b, field...), ' ')
	return append(strconv.AppendUint(b, n, 10), '\n')
}

func appendText(b []byte, field, value string) []byte {
	if value == "" {
		return b
	}
	b = append(append(b, field...), ' ')
	return append(append(b, value...), '\n')
}

// check reports why the record has no canonical leaf.
func (r *record) check() error {
	if r.Seq == 0 || r.Seq > math.MaxInt64 || r.Time < 0 || r.MatterSeq > math.MaxInt64 {
		return fmt.Errorf("ledger entry: seq %d, time %d or matter seq %d is out of range", r.Seq, r.Time, r.MatterSeq)
	}
	if (r.Matter == "") != (r.MatterSeq == 0) {
		return fmt.Errorf("ledger entry: matter %q does not go with matter seq %d", r.Matter, r.MatterSeq)
	}
	if r.Act == "" || !r.Outcome.valid() {
		return fmt.Errorf("ledger entry: act %q with %v", r.Act, r.Outcome)
	}
	for _, s := range [...]string{r.Matter, r.Actor, r.Act, r.Kind, r.Thing, r.Rules} {
		if !fit(s, maxText) {
			return fmt.Errorf("ledger entry: the text %.80q does not fit", s)
		}
	}
	if len(r.Clauses) > maxClauses {
		return fmt.Errorf("ledger entry: %d clauses", len(r.Clauses))
	}
	for _, c := range r.Clauses {
		if c == "" || !fit(c, maxClause) || strings.Contains(c, " ") {
			return fmt.Errorf("ledger entry: the clause %.80q does not fit", c)
		}
	}
	if len(r.digest) != len(r.opening) || r.digest != nil && len(r.digest) != sha256.Size {
		return errors.New("ledger entry: the commitments to the detail are no SHA-256")
	}
	return nil
}

// fit reports whether s may stand on a line of a leaf.
func fit(s string, limit int) bool {
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if len(s) > limit {
		return false
	}
	return ascii || utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// parseLeaf reads a leaf. It accepts exactly what leaf writes.
func parseLeaf(b []byte) (record, error) {
	rest, ok := bytes.CutPrefix(b, []byte(leafHeader))
	if !ok {
		return record{}, errors.New("ledger entry: not a leaf of version 1")
	}
	p := parser{rest: string(rest)}
	var r record
	r.Seq = p.number("seq", true)
	r.Time = int64(p.number("time", true))
	if r.Matter = p.text("matter"); r.Matter != "" {
		r.MatterSeq = p.number("matter-seq", true)
	}
	r.Actor, r.Act, r.Kind, r.Thing = p.text("actor"), p.text("act"), p.text("kind"), p.text("thing")
	r.Outcome = parseOutcome(p.text("outcome"))
	if s := p.text("clauses"); s != "" {
		r.Clauses = strings.Split(s, " ")
	}
	r.Rules = p.text("rules")
	r.digest, r.opening = p.commitments("detail")
	if p.bad || p.rest != "" {
		return record{}, errors.New("ledger entry: a line is malformed, unknown or out of order")
	}
	return r, r.check()
}

func parseOutcome(s string) Outcome {
	for o := Allowed; o.valid(); o++ {
		if outcomeNames[o] == s {
			return o
		}
	}
	return 0
}

// parser takes lines off the front of a leaf.
type parser struct {
	rest string
	bad  bool
}

// text is the value of the field when its line is next, otherwise "".
func (p *parser) text(field string) string {
	value, ok := strings.CutPrefix(p.rest, field)
	if !ok || value == "" || value[0] != ' ' {
		return ""
	}
	value, rest, ok := strings.Cut(value[1:], "\n")
	if !ok || value == "" {
		p.bad = true
		return ""
	}
	p.rest = rest
	return value
}

// number is a field's value as a decimal of at most 63 bits without leading zeros.
func (p *parser) number(field string, needed bool) uint64 {
	s := p.text(field)
	if s == "" {
		p.bad = p.bad || needed
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || s[0] == '0' && s != "0" || s[0] == '+' {
		p.bad = true
	}
	return n
}

func (p *parser) commitments(field string) (digest, opening []byte) {
	s := p.text(field)
	if s == "" {
		return nil, nil
	}
	const n = 2 * sha256.Size
	if len(s) != 2*n+1 || s[n] != ' ' || s != strings.ToLower(s) {
		p.bad = true
		return nil, nil
	}
	digest, err1 := hex.DecodeString(s[:n])
	opening, err2 := hex.DecodeString(s[n+1:])
	if err1 != nil || err2 != nil {
		p.bad = true
		return nil, nil
	}
	return digest, opening
}

// hash is the record's leaf hash in the tree.
func (r *record) hash() (tlog.Hash, error) {
	leaf, err := r.leaf()
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.RecordHash(leaf), nil
}
