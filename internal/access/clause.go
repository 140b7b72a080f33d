package access

import (
	"bytes"
	"encoding/json"
	"io/fs"

	"mijuan/internal/problem"
)

// Enforcement says who sees to it that a clause is kept. The clause map shows it as it is.
type Enforcement string

const (
	BySoftware Enforcement = "software"     // the program makes the contrary impossible
	Partly     Enforcement = "partly"       // the program does a part; the note says which
	ByFirm     Enforcement = "organisation" // people do it; the program does not
	Later      Enforcement = "later"        // a later version of the program will
)

// Bilingual is a text in Chinese and English.
type Bilingual struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Clause is one clause of the regime in the firm's own words, with the rules that cite it.
type Clause struct {
	Key      string      `json:"key"`
	Title    Bilingual   `json:"title"`
	Text     Bilingual   `json:"text"`
	Inferred bool        `json:"inferred,omitempty"` // not in the firm's own rules, but what such rules normally go on to say
	Enforced Enforcement `json:"enforced"`
	Note     Bilingual   `json:"note"`            // what the program does about it, or why it does nothing
	Tests    []string    `json:"tests,omitempty"` // "package.Test": what proves it where no rule decides
	Policies []Policy    `json:"-"`               // in the order in which reasons are given
}

const clausesFile = "clauses.json"

// readClauses reads and checks clauses.json. Their order there is the order of the regime.
func readClauses(fsys fs.FS, l *lint) []Clause {
	raw, err := fs.ReadFile(fsys, clausesFile)
	if err != nil {
		l.add("缺少文件 %s", clausesFile)
		return nil
	}
	var doc struct {
		Clauses []Clause `json:"clauses"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		l.errs = append(l.errs, problem.New(problem.Invalid, "%s 不是正确的 JSON", clausesFile).Because(err))
		return nil
	}
	seen := map[string]bool{}
	for _, c := range doc.Clauses {
		l.check(c.Key != "" && !seen[c.Key], "%s：条款号“%s”为空或重复", clausesFile, c.Key)
		seen[c.Key] = true
		l.check(c.Title.ZH != "" && c.Text.ZH != "", "%s：第 %s 条缺少标题或正文", clausesFile, c.Key)
		l.check(c.Enforced.Name() != "", "%s：第 %s 条的落实方式“%s”不在约定之内", clausesFile, c.Key, string(c.Enforced))
	}
	l.check(seen[clauseOutside], "%s：缺少第 %s 条，没有规则可依的行为要归到这一条", clausesFile, clauseOutside)
	return doc.Clauses
}
