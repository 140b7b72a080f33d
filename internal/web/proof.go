package web

import (
	"errors"
	"io/fs"
	"strconv"
	"sync"

	"mijuan/internal/access"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
	"mijuan/policy"
)

// table says whose truth table was run against the rules in force.
type table uint8

const (
	productTable  table = iota + 1 // the product's, for the product's rules
	firmTable                      // the firm's own, for its own rules
	borrowedTable                  // the product's, for a firm's rules that have none
	changedTable                   // what lies on the disk now, where the rules were changed since the program started
)

// proof is what a truth table shows of the rules in force.
type proof struct {
	table  table
	rows   map[string][]string // those that see a clause decide, as they stand in the table
	cases  int
	failed int // cases that came out otherwise than the table says
}

// proofs runs the table once for a set of rules.
type proofs struct {
	mu   sync.Mutex
	hash string
	last proof
}

func (p *proofs) of(rules *access.Rules, files fs.FS) (proof, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hash == rules.Hash() {
		return p.last, nil
	}
	made, err := prove(rules, files)
	if err == nil {
		p.hash, p.last = rules.Hash(), made
	}
	return made, err
}

// prove looks for the table that belongs to the rules and runs it.
func prove(rules *access.Rules, files fs.FS) (proof, error) {
	if files == nil {
		files = policy.FS
	}
	product := access.Check(policy.FS)
	if product.Rules != nil && product.Rules.Hash() == rules.Hash() {
		return counted(rules, policy.FS, productTable, len(product.Failures))
	}
	which := firmTable
	if _, err := fs.Stat(files, access.TruthFile); errors.Is(err, fs.ErrNotExist) {
		which, files = borrowedTable, lent{files}
	}
	report := access.Check(files)
	if report.Rules == nil || report.Rules.Hash() != rules.Hash() {
		which = changedTable
	}
	return counted(rules, files, which, len(report.Failures))
}

// counted runs the table's cases for the rules in force.
func counted(rules *access.Rules, files fs.FS, which table, failed int) (proof, error) {
	p := proof{table: which, rows: map[string][]string{}, failed: failed}
	raw, err := fs.ReadFile(files, access.TruthFile)
	if err != nil {
		return p, err
	}
	cases, err := access.ReadTruth(raw)
	if err != nil {
		return p, err
	}
	for _, c := range cases {
		p.cases++
		for _, reason := range rules.Decide(c.Request).Reasons {
			row := strconv.Itoa(c.Line) + "  " + c.Text
			if rows := p.rows[reason.Clause]; len(rows) == 0 || rows[len(rows)-1] != row { // a row may hold several cases
				p.rows[reason.Clause] = append(rows, row)
			}
		}
	}
	return p, nil
}

// lent is a firm's rules beside the product's truth table.
type lent struct{ fs.FS }

// Open opens the firm's file, and the product's where the table is asked for.
func (l lent) Open(name string) (fs.File, error) {
	if name == access.TruthFile {
		return policy.FS.Open(name)
	}
	return l.FS.Open(name)
}

// says is in words which table was run and how it came out.
func (p proof) says(lang text.Lang) string {
	whose := map[table]string{productTable: "产品自带的规则，用产品自带的真值表验证。", firmTable: "本所自己的规则，用本所自己的真值表验证。",
		borrowedTable: "本所自己的规则没有配真值表，这里用的是产品自带的真值表。", changedTable: "规则文件在启动之后改动过，改动要重新启动才生效；这里的行数按现在的真值表和仍在生效的规则计算。"}
	return lang.T(whose[p.table])
}

// came is how the table came out; nothing can be said where the rules were changed since.
func (p proof) came(lang text.Lang) (string, ui.Tone) {
	switch {
	case p.table == changedTable:
		return lang.T("没有验证"), ui.Warn
	case p.failed > 0:
		return lang.T("%d 项中有 %d 项与真值表不符", p.cases, p.failed), ui.Late
	}
	return lang.T("%d 项全部符合", p.cases), ui.Good
}
