// Package screening judges names and texts before they are stored. CheckName finds what a file name tells about a matter's
// client and parties and any number that identifies somebody (clause 7.2.2); CleanName says whether a name can be used at all;
// StateSecretMarks finds the marks that state secrets bear, which may not be on this system. All of it is pure.
package screening

import "slices"

// TermKind says what a term of a matter is.
type TermKind uint8

const (
	Name    TermKind = iota + 1 // of a client or party, a person's or an organisation's
	Number                      // of an identity document or a registration
	Account                     // at a bank or elsewhere
	Phone                       // mobile or fixed
)

// Term is one thing that names of files in a matter must not tell.
type Term struct {
	Kind TermKind
	Text string
}

// Kind says what a finding is.
type Kind uint8

const (
	PartyName Kind = iota + 1 // a term's, in full or a company's short name
	PartyNumber
	PartyAccount
	PartyPhone
	IDCard      // GB 11643, 15 or 18 digits
	CreditCode  // GB 32100, unified social credit code
	BankCard    // with a Luhn check digit
	PhoneNumber // mobile or fixed
	Passport    // or travel permit
	Email
)

var sentences = map[Kind]string{
	PartyName:    "名称里有客户或当事人的名称",
	PartyNumber:  "名称里有客户或当事人的证件号码",
	PartyAccount: "名称里有客户或当事人的账号",
	PartyPhone:   "名称里有客户或当事人的电话",
	IDCard:       "名称里有身份证号码",
	CreditCode:   "名称里有统一社会信用代码",
	BankCard:     "名称里有银行卡号",
	PhoneNumber:  "名称里有电话号码",
	Passport:     "名称里有护照或通行证号码",
	Email:        "名称里有电子邮箱地址",
}

var codes = map[Kind]string{PartyName: "party-name", PartyNumber: "party-number", PartyAccount: "party-account", PartyPhone: "party-phone", IDCard: "id-card", CreditCode: "credit-code",
	BankCard: "bank-card", PhoneNumber: "phone", Passport: "passport", Email: "email"}

// Code is the kind as records name it.
func (k Kind) Code() string { return codes[k] }

// Codes are the kinds of what a name tells, each once, in the order of the kinds.
func (v Verdict) Codes() []string {
	told := []string{}
	for k := PartyName; k <= Email; k++ {
		if slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Kind == k }) {
			told = append(told, k.Code())
		}
	}
	return told
}

// Finding is one thing that a name tells.
type Finding struct {
	Kind       Kind
	Start, End int    // bytes of the name
	Sentence   string // Chinese, a key of the catalogue; it repeats nothing of the name
}

// Verdict is the rule's answer about a name.
type Verdict struct {
	OK         bool
	Findings   []Finding // in the order of the name; none overlaps another
	Suggestion string    // the name itself when it is OK, else one that tells nothing and keeps what the material is
}

// CheckName applies the rule of clause 7.2.2 to a file name or title. Case numbers of courts (案号) are allowed.
func CheckName(name string, terms []Term) Verdict {
	found := findings(name, terms)
	if len(found) == 0 {
		return Verdict{OK: true, Suggestion: name}
	}
	return Verdict{Findings: found, Suggestion: suggest(name, terms, found)}
}

// findings looks for the matter's own terms first: where a term and a pattern tell the same, the term is named.
func findings(name string, terms []Term) []Finding {
	var found []Finding
	add := func(k Kind, start, end int) {
		for _, f := range found {
			if start < f.End && f.Start < end {
				return
			}
		}
		found = append(found, Finding{Kind: k, Start: start, End: end, Sentence: sentences[k]})
	}
	findTerms(name, terms, add)
	findIdentifiers(name, add)
	slices.SortFunc(found, func(a, b Finding) int { return a.Start - b.Start })
	return found
}
