package classification

import (
	"fmt"

	"mijuan/internal/problem"
	"mijuan/internal/text"
)

// Personal is whether a material holds personal information (clause 3.5; 个人信息保护法, articles 4 and 28). Greater is more sensitive; the
// zero value is that nobody was asked.
type Personal uint8

const (
	NoPersonal  Personal = iota + 1 // 不含个人信息
	HasPersonal                     // 含个人信息
	Sensitive                       // 含敏感个人信息: biometric, religion, specific identity, medical, finance, whereabouts, under fourteen
)

// Personals lists them from the least to the most.
var Personals = []Personal{NoPersonal, HasPersonal, Sensitive}

var personalCodes = map[Personal]string{0: "unasked", NoPersonal: "none", HasPersonal: "personal", Sensitive: "sensitive"}
var personalNames = map[Personal]string{0: "未询问", NoPersonal: "不含个人信息", HasPersonal: "含个人信息", Sensitive: "含敏感个人信息"}

// String is the code used in the API and in addresses.
func (p Personal) String() string {
	if c, ok := personalCodes[p]; ok {
		return c
	}
	return fmt.Sprintf("personal(%d)", uint8(p))
}

// Name is the Chinese name.
func (p Personal) Name() string { return personalNames[p] }

// NeedsBasis reports whether the firm may hold such a material only on a basis that the law gives.
func (p Personal) NeedsBasis() bool { return p >= HasPersonal }

// ParsePersonal reads an answer's code; "" is that there is none.
func ParsePersonal(code string) (Personal, error) {
	if code == "" {
		return 0, nil
	}
	for _, p := range Personals {
		if p.String() == code {
			return p, nil
		}
	}
	return 0, problem.New(problem.Invalid, "请从列出的几项里选择是否含个人信息").In("personal")
}

// MarshalText writes the code.
func (p Personal) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the code.
func (p *Personal) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePersonal(string(b))
	return err
}

// Basis is what the law lets the firm handle personal information on (处理依据); the zero value is none yet.
type Basis string

// The bases of 个人信息保护法. Article 13 gives seven; its fifth, news reporting, is none of a law firm's. Articles 29 and 31 want more of
// sensitive personal information; where one of 13 (2)–(7) holds, article 13's second paragraph wants no consent.
const (
	Consent   Basis = "consent"
	Separate  Basis = "separate_consent"
	Guardian  Basis = "guardian_consent"
	Contract  Basis = "contract"
	LegalDuty Basis = "duty"
	Emergency Basis = "emergency"
	Published Basis = "published"
	OtherLaw  Basis = "law"
)

// Bases lists them in the order in which forms offer them.
var Bases = []Basis{Consent, Separate, Guardian, Contract, LegalDuty, Emergency, Published, OtherLaw}

// grounds are what each basis is called in full, the article that gives it, and the word that lists have for it.
var grounds = map[Basis][3]string{
	Consent:   {"取得本人同意", "第十三条第一款第（一）项", "本人同意"},
	Separate:  {"取得本人单独同意", "第二十九条", "单独同意"},
	Guardian:  {"取得父母或者其他监护人同意（不满十四周岁）", "第三十一条", "监护人同意"},
	Contract:  {"为订立、履行本人作为一方当事人的合同所必需", "第十三条第一款第（二）项", "合同所必需"},
	LegalDuty: {"为履行法定职责或者法定义务所必需", "第十三条第一款第（三）项", "法定职责义务"},
	Emergency: {"紧急情况下为保护自然人的生命健康和财产安全所必需", "第十三条第一款第（四）项", "紧急保护"},
	Published: {"本人自行公开或者其他已经合法公开，在合理范围内处理", "第十三条第一款第（六）项", "已合法公开"},
	OtherLaw:  {"法律、行政法规规定的其他情形", "第十三条第一款第（七）项", "其他法律规定"},
}

// Name is what the basis is, in full.
func (b Basis) Name() string { return grounds[b][0] }

// Article is where 个人信息保护法 gives it.
func (b Basis) Article() string { return grounds[b][1] }

// Word is the basis as lists and registers say it.
func (b Basis) Word() string { return grounds[b][2] }

// Said is the basis with its article.
func (b Basis) Said(lang text.Lang) string {
	return lang.T("%s（%s）", lang.T(b.Name()), lang.T(b.Article()))
}

// ParseBasis reads a basis's code; "" is that there is none yet.
func ParseBasis(code string) (Basis, error) {
	if b := Basis(code); code == "" || b.Name() != "" {
		return b, nil
	}
	return "", problem.New(problem.Invalid, "请从列出的处理依据里选择").In("basis")
}
