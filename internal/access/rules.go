package access

import "io/fs"

// Rules is a loaded set of rules.
type Rules struct{ hash string }

// Policy is one rule.
type Policy struct {
	ID, Clause string
	Also       []string
	Forbid     bool
	Sentence   string
	Step       string
	Approver   string
	Hides      bool
	File       string
	Line       int
	Source     string
	Acts       []Act
}

// Clause is one clause of the regime with the rules that cite it.
type Clause struct {
	Key      string
	Title    string
	TitleEN  string
	Text     string
	TextEN   string
	Inferred bool
	Enforced Enforcement
	Note     string
	NoteEN   string
	Policies []Policy
}

// Enforcement says who sees to a clause.
type Enforcement string

const (
	BySoftware Enforcement = "software"
	Partly     Enforcement = "partly"
	ByFirm     Enforcement = "organisation"
	Later      Enforcement = "later"
)

// Load reads a set of rules.
func Load(fsys fs.FS) (*Rules, error) { return &Rules{}, nil }

// Decide answers a request.
func (r *Rules) Decide(q Request) Decision { return Decision{Outcome: Refuse} }

// Hash names the set.
func (r *Rules) Hash() string { return r.hash }

// Clauses gives every clause with the rules that cite it.
func (r *Rules) Clauses() []Clause { return nil }

// Policies gives every rule in clause order.
func (r *Rules) Policies() []Policy { return nil }
