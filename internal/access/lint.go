package access

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"mijuan/internal/problem"
)

// lint collects what is wrong with a set, so that its author sees everything at once.
type lint struct{ errs []error }

func (l *lint) add(format string, args ...any) {
	l.errs = append(l.errs, problem.New(problem.Invalid, format, args...))
}

func (l *lint) check(ok bool, format string, args ...any) {
	if !ok {
		l.add(format, args...)
	}
}

func (l *lint) err() error { return errors.Join(l.errs...) }

// policy reads a rule's annotations. What only the whole set can tell is checked later.
func (l *lint) policy(file string, p *cedar.Policy, source string) Policy {
	at := p.Position()
	out := Policy{File: file, Line: at.Line, Source: untilEnd(source), Forbid: p.Effect() == cedar.Forbid, ast: (*ast.Policy)(p.AST())}
	for key, value := range p.Annotations() {
		v := string(value)
		switch key {
		case "id":
			out.ID = v
		case "clause":
			out.Clause = v
		case "also":
			out.Also = strings.Fields(strings.ReplaceAll(v, ",", " "))
		case "sentence":
			out.Sentence = v
		case "step":
			out.Step = v
			l.check(Names.Steps[v] != "", "%s 第 %d 行：没有 @step(%q) 这种办法", file, at.Line, v)
		case "approver":
			out.Approver = v
			l.check(Names.Approvers[v] != "", "%s 第 %d 行：没有 @approver(%q) 这种批准人", file, at.Line, v)
		case "stage":
			n, err := strconv.Atoi(v)
			out.Stage = n
			l.check(err == nil && n >= 1 && n <= 9, "%s 第 %d 行：@stage 须为 1 到 9", file, at.Line)
		case "hides":
			out.Hides = true
			l.check(v == "true", "%s 第 %d 行：@hides 只能写作 @hides(\"true\")", file, at.Line)
		default:
			l.add("%s 第 %d 行：不认识的标注 @%s", file, at.Line, string(key))
		}
	}
	l.check(out.ID != "", "%s 第 %d 行：规则缺少 @id", file, at.Line)
	l.check(out.Clause != "", "%s 第 %d 行：规则缺少 @clause", file, at.Line)
	l.check(out.Sentence != "" || !out.Forbid, "%s 第 %d 行：禁止规则缺少 @sentence，被拒绝的人将不知道原因", file, at.Line)
	l.check(out.Forbid || out.Step == "" && out.Approver == "" && !out.Hides, "%s 第 %d 行：@step、@approver、@hides 只能标在禁止规则上", file, at.Line)
	l.check(out.Approver != "" || out.Stage == 0, "%s 第 %d 行：@stage 只能和 @approver 一起标", file, at.Line)
	l.check(!out.Hides || out.Step == "" && out.Approver == "", "%s 第 %d 行：隐藏对象的规则不能再指出办法或批准人", file, at.Line)
	for _, capacity := range capacities(out.Approver) {
		l.check(asksFor(out.ast, capacity), "%s 第 %d 行：条件里没有查看 context.approvals 是否含 %q，批准之后仍会被拒绝", file, at.Line, capacity)
	}
	return out
}

// asksFor reports whether some condition of the policy looks for the approval.
func asksFor(p *ast.Policy, approver string) (found bool) {
	for _, c := range p.Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			if call, ok := n.(ast.NodeTypeContains); ok {
				from, isAccess := call.Left.(ast.NodeTypeAccess)
				what, isValue := call.Right.(ast.NodeValue)
				found = found || isAccess && isValue && from.Value == "approvals" && what.Value == types.String(approver)
			}
			return true
		})
	}
	return found
}

// policies checks each rule against the schema and the clauses, and the set as a whole.
func (l *lint) policies(r *Rules, s *resolved.Schema) {
	known := map[string]Clause{}
	for _, c := range r.clauses {
		known[c.Key] = c
	}
	v := validate.New(s)
	seen := map[string]bool{}
	for _, p := range r.policies {
		l.check(!seen[p.ID], "%s 第 %d 行：@id(%q) 用了两次", p.File, p.Line, p.ID)
		seen[p.ID] = true
		for _, key := range append([]string{p.Clause}, p.Also...) {
			c, ok := known[key]
			l.check(ok, "%s 第 %d 行：%s 里没有第 %s 条", p.File, p.Line, clausesFile, key)
			l.check(!ok || c.Enforced == BySoftware || c.Enforced == Partly, "%s 第 %d 行：第 %s 条有规则，%s 却说软件不执行它", p.File, p.Line, key, clausesFile)
		}
		l.check(len(p.Acts) > 0, "%s 第 %d 行：规则“%s”不适用于任何行为", p.File, p.Line, p.ID)
		if err := v.Policy("", p.ast); err != nil {
			l.add("%s 第 %d 行：规则“%s”与 %s 不符：%s", p.File, p.Line, p.ID, schemaFile, err.Error())
		}
	}
}

// schema checks that the schema describes the facts that this program supplies, no more and no less, and that each act is
// permitted by some rule or closed by an unconditional one.
func (l *lint) schema(r *Rules, s *resolved.Schema) {
	v := validate.New(s)
	for uid, a := range s.Actions {
		if a.AppliesTo != nil {
			l.check(slices.Contains(Acts, Act(uid.ID)), "%s：本程序没有“%s”这一行为", schemaFile, string(uid.ID))
		}
	}
	for _, act := range Acts {
		a, ok := s.Actions[types.NewEntityUID(actionType, types.String(act))]
		if !ok || a.AppliesTo == nil {
			l.add("%s：缺少行为“%s”（%s）", schemaFile, string(act), act.Name())
			continue
		}
		for _, kind := range a.AppliesTo.Resources {
			l.facts(r, v, act, Kind(kind))
			p := r.pages[deed{act, Kind(kind)}]
			l.check(p == nil || p.covered, "行为“%s”（%s）没有任何许可，也没有无条件的禁止；请明确写出", string(act), act.Name())
		}
	}
}

// facts checks one kind's facts against the schema by means of a sample.
func (l *lint) facts(r *Rules, v *validate.Validator, act Act, kind Kind) {
	q := Request{Who: Principal{ID: "p", Posts: Posts}, Act: act, Thing: Resource{Kind: kind, ID: "t", Matter: "m", Level: 1, State: Filed, Exists: true},
		Where: Circumstances{Approvals: approvals}}
	if !slices.Contains(Kinds, kind) {
		l.add("%s：本程序没有“%s”这一类对象", schemaFile, string(kind))
		return
	}
	caller, thing := r.records.caller(&q.Who), r.records.thing(&q.Thing)
	request := types.Request{Principal: caller.UID, Action: types.NewEntityUID(actionType, types.String(act)), Resource: thing.UID, Context: r.records.where(&q)}
	for _, err := range []error{v.Entity(caller), v.Entity(thing), v.Request(request)} {
		if err != nil {
			l.add("%s 与程序提供的事实不符（行为“%s”）：%s", schemaFile, string(act), err.Error())
		}
	}
}
