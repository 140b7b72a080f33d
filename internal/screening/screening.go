// Package screening judges names and texts before they are stored: what a file name tells (clause 7.2.2), whether a name can
// be used at all, and whether a text bears the marks of a state secret, which may not be on this system.
package screening

// TermKind says what a term of a matter is.
type TermKind uint8

const (
	Name    TermKind = iota + 1 // of a client or party, person or organisation
	Number                      // of an identity document or registration
	Account                     // at a bank or elsewhere
	Phone                       // mobile or fixed
)

// Term is one thing that names in a matter must not tell.
type Term struct {
	Kind TermKind
	Text string
}

// Finding is one thing that a name tells.
type Finding struct {
	Kind       Kind
	Start, End int    // bytes in the name
	Sentence   string // Chinese, a key of the catalogue
}

// Kind says what a finding is.
type Kind uint8

// Verdict is the rule's answer about a name.
type Verdict struct {
	OK         bool
	Findings   []Finding
	Suggestion string // a neutral name
}

// CheckName applies the rule of clause 7.2.2.
func CheckName(name string, terms []Term) Verdict { return Verdict{OK: true, Suggestion: name} }

// CleanName gives the name as it may be kept, or a problem that says what is wrong.
func CleanName(name string) (string, error) { return name, nil }

// Mark is one sign in a text that it is a state secret.
type Mark struct {
	Kind       MarkKind
	Start, End int // bytes in the text
}

// MarkKind says which sign it is.
type MarkKind uint8

// StateSecretMarks finds marks of state secrets in a text, or in one page of it.
func StateSecretMarks(text string) []Mark { return nil }
