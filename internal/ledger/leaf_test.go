package ledger

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// fullRecord has every field.
func fullRecord() record {
	return record{
		Entry: Entry{Seq: 42, Time: 1795420000123, Matter: "018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a1", MatterSeq: 7,
			Actor: "018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a2", Act: "viewPage", Kind: "Material",
			Thing: "018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a3", Outcome: NeedsApproval, Clauses: []string{"7.1.3", "10"}, Rules: "5f1d2c9a"},
		digest:  bytes.Repeat([]byte{0xd1}, 32),
		opening: bytes.Repeat([]byte{0x0e}, 32),
	}
}

// leastRecord has only what every entry has.
func leastRecord() record {
	return record{Entry: Entry{Seq: 1, Act: "logIn", Outcome: Refused}}
}

// vectors reads the fenced blocks of a format's page, by the word after the fence.
func vectors(t *testing.T, page string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/formats/" + page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	parts := strings.Split(string(raw), "\n```")
	for i := 1; i+1 < len(parts); i += 2 {
		name, body, _ := strings.Cut(parts[i], "\n")
		blocks[name] = body + "\n"
	}
	return blocks
}

func TestLeafVectors(t *testing.T) {
	page := vectors(t, "ledger-entry.md")
	for name, r := range map[string]record{"full": fullRecord(), "least": leastRecord()} {
		leaf, err := r.leaf()
		if err != nil {
			t.Fatal(err)
		}
		if string(leaf) != page[name] {
			t.Errorf("%s: the leaf is\n%s\nthe page says\n%s", name, leaf, page[name])
		}
		h := tlog.RecordHash(leaf)
		if got := hex.EncodeToString(h[:]) + "\n"; got != page[name+"-hash"] {
			t.Errorf("%s: the hash is %s, the page says %s", name, got, page[name+"-hash"])
		}
	}
	salt, _ := hex.DecodeString(strings.TrimSpace(page["salt"]))
	opening := hex.EncodeToString(openingOf(salt, []byte(strings.TrimSuffix(page["detail"], "\n"))))
	if opening+"\n" != page["opening"] {
		t.Errorf("the opening is %s, the page says %s", opening, page["opening"])
	}
}

func TestLeafReadsBack(t *testing.T) {
	for _, r := range []record{fullRecord(), leastRecord()} {
		leaf, err := r.leaf()
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.leaf()
		if err != nil || !bytes.Equal(leaf, again) {
			t.Errorf("%s\nreads back as\n%s (%v)", leaf, again, err)
		}
	}
}

func TestLeafRefusesWhatHasNoForm(t *testing.T) {
	for name, spoil := range map[string]func(*record){
		"no number":        func(r *record) { r.Seq = 0 },
		"number too large": func(r *record) { r.Seq = 1 << 63 },
		"time before 1970": func(r *record) { r.Time = -1 },
		"matter, unplaced": func(r *record) { r.MatterSeq = 0 },
		"place, no matter": func(r *record) { r.Matter = "" },
		"no act":           func(r *record) { r.Act = "" },
		"no outcome":       func(r *record) { r.Outcome = 0 },
		"unknown outcome":  func(r *record) { r.Outcome = BrokenOff + 1 },
		"new line":         func(r *record) { r.Thing = "x\nact view" },
		"NUL":              func(r *record) { r.Actor = "a\x00b" },
		"C1 control":       func(r *record) { r.Actor = "a\u0085b" },
		"not UTF-8":        func(r *record) { r.Kind = "a\xff" },
		"too long":         func(r *record) { r.Rules = strings.Repeat("a", maxText+1) },
		"space in clause":  func(r *record) { r.Clauses = []string{"7 1"} },
		"empty clause":     func(r *record) { r.Clauses = []string{"7", ""} },
		"too many clauses": func(r *record) { r.Clauses = strings.Split(strings.Repeat("7 ", maxClauses), " ") },
		"half commitment":  func(r *record) { r.opening = nil },
		"short commitment": func(r *record) { r.digest, r.opening = []byte{1}, []byte{2} },
	} {
		r := fullRecord()
		spoil(&r)
		if leaf, err := r.leaf(); err == nil {
			t.Errorf("%s: made a leaf\n%s", name, leaf)
		}
	}
}

func TestParseRefusesOtherSpellings(t *testing.T) {
	r := fullRecord()
	good, err := r.leaf()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"other version":     {"entry/1", "entry/2"},
		"leading zero":      {"seq 42", "seq 042"},
		"sign":              {"seq 42", "seq +42"},
		"overflow":          {"seq 42", "seq 9223372036854775808"},
		"order":             {"kind Material\nthing 018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a3\n", "thing x\nkind Material\n"},
		"twice":             {"act viewPage\n", "act viewPage\nact viewPage\n"},
		"empty value":       {"rules 5f1d2c9a", "rules "},
		"unknown line":      {"rules 5f1d2c9a\n", "rules 5f1d2c9a\nnote x\n"},
		"no last new line":  {strings.Repeat("0e", 32) + "\n", strings.Repeat("0e", 32)},
		"upper-case hex":    {"d1d1", "D1d1"},
		"two spaces":        {"clauses 7.1.3 10", "clauses 7.1.3  10"},
		"unknown outcome":   {"outcome needs-approval", "outcome maybe"},
		"matter unplaced":   {"matter-seq 7\n", ""},
		"something behind":  {strings.Repeat("0e", 32) + "\n", strings.Repeat("0e", 32) + "\nx"},
		"carriage returns":  {"\n", "\r\n"},
		"byte order mark":   {"mijuan", "\ufeffmijuan"},
		"time out of range": {"time 1795420000123", "time 99999999999999999999"},
	} {
		bad := strings.Replace(string(good), change[0], change[1], 1)
		if bad == string(good) {
			t.Fatalf("%s: changed nothing", name)
		}
		if _, err := parseLeaf([]byte(bad)); err == nil {
			t.Errorf("%s: accepted\n%s", name, bad)
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	for _, r := range []record{fullRecord(), leastRecord()} {
		leaf, err := r.leaf()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(leaf)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseLeaf(b)
		if err != nil {
			return
		}
		again, err := r.leaf()
		if err != nil || !bytes.Equal(b, again) {
			t.Errorf("%q was accepted and is written %q (%v)", b, again, err)
		}
	})
}

func FuzzLeaf(f *testing.F) {
	f.Add(uint64(1), int64(0), "", uint64(0), "a", "act", "", "", uint8(1), "7.1 8", "", []byte(nil))
	f.Add(uint64(9), int64(5), "m", uint64(3), "人", "view", "Material", "t", uint8(3), "", "r", []byte("detail"))
	f.Fuzz(func(t *testing.T, seq uint64, time int64, matter string, matterSeq uint64, actor, act, kind, thing string, outcome uint8,
		clauses, rules string, detail []byte) {
		r := record{Entry: Entry{seq, time, matter, matterSeq, actor, act, kind, thing, Outcome(outcome), nil, rules, nil}}
		if clauses != "" {
			r.Clauses = strings.Split(clauses, " ")
		}
		if len(detail) > 0 {
			r.digest, r.opening = openingOf(nil, detail), openingOf(detail, nil)
		}
		leaf, err := r.leaf()
		if err != nil {
			return
		}
		if !utf8.Valid(leaf) || len(leaf) > 1<<16-1 {
			t.Errorf("a leaf of %d bytes, valid %v", len(leaf), utf8.Valid(leaf))
		}
		back, err := parseLeaf(leaf)
		if err != nil {
			t.Fatalf("%q does not read back: %v", leaf, err)
		}
		if again, _ := back.leaf(); !bytes.Equal(leaf, again) {
			t.Errorf("%q reads back as %q", leaf, again)
		}
	})
}
