package access

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"

	"mijuan/internal/problem"
)

const (
	schemaFile    = "mijuan.cedarschema"
	policyPattern = "*.cedar"
)

// Rules is a loaded set of rules. It is immutable and safe for concurrent use.
type Rules struct {
	hash     string
	clauses  []Clause
	policies []Policy
	acts     map[types.EntityUID]types.Entity // with their groups as parents
	pages    map[deed]*page
	records  records
}

// Policy is one rule as it stands in its file.
type Policy struct {
	ID       string   // @id: what tests, records and the clause map call it
	Clause   string   // @clause
	Also     []string // @also: further clauses that it serves
	Forbid   bool     // else it permits
	Sentence string   // @sentence
	Step     string   // @step
	Approver string   // @approver: a capacity, or several of which one is enough, parted by |
	Stage    int      // @stage: lower ones are asked first, equal ones together; 0: by the capacity
	Hides    bool     // @hides
	File     string
	Line     int
	Source   string // its text, annotations included
	Acts     []Act  // the acts that its scope covers

	ast *ast.Policy
}

// Cites reports whether the policy serves the clause.
func (p *Policy) Cites(clause string) bool {
	return p.Clause == clause || slices.Contains(p.Also, clause)
}

// Load reads a set of rules: every *.cedar file at the top of fsys, the schema and the clauses. Whatever is wrong with them is
// reported at once, one problem.Invalid an item, joined: files that do not parse, policies that do not fit the schema or lack
// their annotations, acts that no rule covers, a schema that does not fit the facts of this program, and a set that breaks one
// of the lines that no firm's rules may loosen.
func Load(fsys fs.FS) (*Rules, error) {
	r, err := assemble(fsys)
	if err != nil {
		return nil, err
	}
	l := &lint{}
	l.floors(r)
	if err := l.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// assemble is Load without the lines that no set may go below.
func assemble(fsys fs.FS) (*Rules, error) {
	l := &lint{}
	s := readSchema(fsys, l)
	clauses := readClauses(fsys, l)
	policies := readPolicies(fsys, l)
	if err := l.err(); err != nil {
		return nil, err
	}
	hash, err := hashOf(fsys)
	if err != nil {
		return nil, problem.New(problem.Invalid, "规则文件读不出来").Because(err)
	}
	r := build(hash, clauses, policies, s)
	l.schema(r, s)
	l.policies(r, s)
	return r, l.err()
}

func build(hash string, clauses []Clause, policies []Policy, s *resolved.Schema) *Rules {
	r := &Rules{hash: hash, clauses: clauses, policies: inOrder(policies, clauses), acts: actEntities(s)}
	r.index(s)
	return r
}

// Hash names the set: the SHA-256, in hexadecimal, over the names and contents of everything that Load read.
func (r *Rules) Hash() string { return r.hash }

// Policies gives every rule in clause order.
func (r *Rules) Policies() []Policy { return slices.Clone(r.policies) }

// Clauses gives every clause of the regime in its order, each with the rules that cite it.
func (r *Rules) Clauses() []Clause {
	all := slices.Clone(r.clauses)
	for i := range all {
		for _, p := range r.policies {
			if p.Cites(all[i].Key) {
				all[i].Policies = append(all[i].Policies, p)
			}
		}
	}
	return all
}

func hashOf(fsys fs.FS) (string, error) {
	names, err := fs.Glob(fsys, policyPattern)
	if err != nil {
		return "", err
	}
	names = append(names, schemaFile, clausesFile)
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", err
		}
		for _, part := range [][]byte{[]byte(name), raw} {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func readSchema(fsys fs.FS, l *lint) *resolved.Schema {
	raw, err := fs.ReadFile(fsys, schemaFile)
	if err != nil {
		l.add("缺少文件 %s", schemaFile)
		return nil
	}
	var s schema.Schema
	s.SetFilename(schemaFile)
	if err := s.UnmarshalCedar(raw); err != nil {
		l.add("%s 有语法错误：%s", schemaFile, err.Error())
		return nil
	}
	full, err := s.Resolve()
	if err != nil {
		l.add("%s 前后不一致：%s", schemaFile, err.Error())
		return nil
	}
	return full
}

func readPolicies(fsys fs.FS, l *lint) []Policy {
	names, err := fs.Glob(fsys, policyPattern)
	if err != nil || len(names) == 0 {
		l.add("没有找到规则文件（%s）", policyPattern)
		return nil
	}
	var all []Policy
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			l.errs = append(l.errs, problem.New(problem.Invalid, "规则文件读不出来").Because(err))
			continue
		}
		list, err := cedar.NewPolicyListFromBytes(name, raw)
		if err != nil {
			l.add("%s 有语法错误：%s", name, err.Error())
			continue
		}
		for i, p := range list {
			end := len(raw)
			if i+1 < len(list) {
				end = list[i+1].Position().Offset
			}
			all = append(all, l.policy(name, p, string(raw[p.Position().Offset:end])))
		}
	}
	return all
}

// inOrder sorts rules by clause, then as they stand in the files.
func inOrder(policies []Policy, clauses []Clause) []Policy {
	rank := map[string]int{}
	for i, c := range clauses {
		rank[c.Key] = i
	}
	slices.SortStableFunc(policies, func(a, b Policy) int { return rank[a.Clause] - rank[b.Clause] })
	return policies
}

// untilEnd cuts what follows a policy's own text: blank lines and the next one's comments.
func untilEnd(source string) string {
	if i := strings.LastIndexByte(source, ';'); i >= 0 {
		source = source[:i+1]
	}
	return strings.TrimSpace(source)
}
