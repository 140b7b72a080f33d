// Package classification holds the three levels (密级, clause 5.1) and the seven kinds in scope (保密范围, clauses 4.1–4.7).
// The level names are the state's words for state secrets; a client's material is none, so every mark this package renders
// reads as the client's (「客户资料·绝密级」) and a form with a star and a term cannot be made.
package classification

import (
	"fmt"
	"strings"

	"mijuan/internal/problem"
	"mijuan/internal/text"
)

// Level is the harm a leak would do (密级). Greater is more harm; the zero value is no level and admits nothing.
type Level uint8

const (
	Confidential Level = iota + 1 // 秘密级
	Secret                        // 机密级
	TopSecret                     // 绝密级
)

// Levels lists them from the least to the greatest.
var Levels = []Level{Confidential, Secret, TopSecret}

var levelCodes = map[Level]string{Confidential: "confidential", Secret: "secret", TopSecret: "top_secret"}
var levelNames = map[Level]string{Confidential: "秘密级", Secret: "机密级", TopSecret: "绝密级"}

// String is the code used in the API, the database's readers and file names.
func (l Level) String() string {
	if c, ok := levelCodes[l]; ok {
		return c
	}
	return fmt.Sprintf("level(%d)", uint8(l))
}

// Name is the Chinese word for the level.
func (l Level) Name() string { return levelNames[l] }

// Valid reports whether l is one of the three.
func (l Level) Valid() bool { return l >= Confidential && l <= TopSecret }

// Mark is the text that stands on pages, labels and screens.
func (l Level) Mark(lang text.Lang) string { return lang.T("客户资料·%s", lang.T(l.Name())) }

// ParseLevel reads a level's code.
func ParseLevel(code string) (Level, error) {
	for l, c := range levelCodes {
		if c == code {
			return l, nil
		}
	}
	return 0, problem.New(problem.Invalid, "请选择密级：绝密级、机密级或秘密级").In("level")
}

// MarshalText writes the code.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the code.
func (l *Level) UnmarshalText(b []byte) (err error) { *l, err = ParseLevel(string(b)); return err }

// Category is one kind in scope.
type Category uint8

const (
	Identity       Category = iota + 1 // 4.1 客户身份信息
	Property                           // 4.2 客户财产信息
	TradeSecret                        // 4.3 商业秘密
	CasePaper                          // 4.4 案件材料
	Communication                      // 4.5 往来沟通: mail, WeChat, SMS, calls, meetings
	ClientOriginal                     // 4.6 客户原件与数据
	OtherMaterial                      // 4.7 其他
)

// Categories lists them in the order of the rules.
var Categories = []Category{Identity, Property, TradeSecret, CasePaper, Communication, ClientOriginal, OtherMaterial}

var categoryCodes = map[Category]string{Identity: "identity", Property: "property", TradeSecret: "trade_secret",
	CasePaper: "case_paper", Communication: "communication", ClientOriginal: "client_original", OtherMaterial: "other"}
var categoryNames = map[Category]string{Identity: "客户身份信息", Property: "客户财产信息", TradeSecret: "商业秘密",
	CasePaper: "案件材料", Communication: "往来沟通", ClientOriginal: "客户原件与数据", OtherMaterial: "其他应当保密的资料"}

// String is the category's code.
func (c Category) String() string { return categoryCodes[c] }

// Name is the Chinese name.
func (c Category) Name() string { return categoryNames[c] }

// Clause is the category's clause key.
func (c Category) Clause() string { return fmt.Sprintf("4.%d", uint8(c)) }

// Set is a set of categories, one bit each; the zero value is the empty set, which no material may have (clause 4).
type Set uint8

// SetOf collects categories.
func SetOf(cs ...Category) (s Set) {
	for _, c := range cs {
		s |= 1 << (c - 1)
	}
	return s
}

// Has reports membership.
func (s Set) Has(c Category) bool { return s&(1<<(c-1)) != 0 }

// List gives the members in the order of the rules.
func (s Set) List() (cs []Category) {
	for _, c := range Categories {
		if s.Has(c) {
			cs = append(cs, c)
		}
	}
	return cs
}

// String joins the codes with commas.
func (s Set) String() string {
	var codes []string
	for _, c := range s.List() {
		codes = append(codes, c.String())
	}
	return strings.Join(codes, ",")
}

// ParseSet reads category codes; at least one is required and an unknown one is an error.
func ParseSet(codes []string) (s Set, err error) {
next:
	for _, code := range codes {
		for c, known := range categoryCodes {
			if known == code {
				s |= SetOf(c)
				continue next
			}
		}
		return 0, problem.New(problem.Invalid, "没有这一类资料：%s", code).In("categories")
	}
	if s == 0 {
		return 0, problem.New(problem.Invalid, "请至少选择一类保密范围").In("categories")
	}
	return s, nil
}
