package access

import (
	"iter"
	"slices"

	"github.com/cedar-policy/cedar-go"
	cedarast "github.com/cedar-policy/cedar-go/ast"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
)

// deed is an act done to a kind of thing.
type deed struct {
	act  Act
	kind Kind
}

// page holds the rules whose scope covers one deed. Their act and kind were matched when the page was made and are not looked
// at again.
type page struct {
	action  types.EntityUID
	rules   list // forbids in the order in which reasons are given, then permits
	permits list
	covered bool // some permit, or an unconditional forbid

	approvable bool // some forbid names an approver
}

// list is an ordered set of rules that Cedar can evaluate.
type list struct {
	rules []*rule
	all   iter.Seq2[cedar.PolicyID, *cedar.Policy]
}

// rule is a policy made ready for one page.
type rule struct {
	policy *Policy
	cedar  *cedar.Policy
	reason Reason
}

// All implements cedar.PolicyIterator.
func (l *list) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] { return l.all }

func newList(rules []*rule) list {
	return list{rules: rules, all: func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, r := range rules {
			if !yield(cedar.PolicyID(r.policy.ID), r.cedar) {
				return
			}
		}
	}}
}

// find is the rule that an answer of Cedar's names.
func (l *list) find(id cedar.PolicyID) *rule {
	for _, r := range l.rules {
		if r.policy.ID == string(id) {
			return r
		}
	}
	panic("access: Cedar answered with a policy that it was not given: " + string(id))
}

// actEntities gives each act with every group it belongs to, directly or not.
func actEntities(s *resolved.Schema) map[types.EntityUID]types.Entity {
	all := make(map[types.EntityUID]types.Entity, len(s.Actions))
	for uid := range s.Actions {
		var groups []types.EntityUID
		todo := []types.EntityUID{uid}
		for len(todo) > 0 {
			next := todo[0]
			todo = todo[1:]
			for parent := range s.Actions[next].Entity.Parents.All() {
				if !slices.Contains(groups, parent) {
					groups, todo = append(groups, parent), append(todo, parent)
				}
			}
		}
		all[uid] = types.Entity{UID: uid, Parents: types.NewEntityUIDSet(groups...)}
	}
	return all
}

// index makes the pages and notes in each policy which acts it covers.
func (r *Rules) index(s *resolved.Schema) {
	r.pages = map[deed]*page{}
	for uid, a := range s.Actions {
		if a.AppliesTo == nil {
			continue
		}
		for _, kind := range a.AppliesTo.Resources {
			r.pages[deed{Act(uid.ID), Kind(kind)}] = r.page(uid, kind)
		}
	}
	for i := range r.policies {
		p := &r.policies[i]
		r.records.kinship = r.records.kinship || asksKinship(p.ast)
		slices.SortFunc(p.Acts, func(a, b Act) int { return position(Acts, a) - position(Acts, b) })
		p.Acts = slices.Compact(p.Acts)
	}
}

func (r *Rules) page(action types.EntityUID, kind types.EntityType) *page {
	out := &page{action: action}
	var permits, forbids []*rule
	for i := range r.policies {
		p := &r.policies[i]
		if !r.coversAct(p.ast.Action, action) || !coversKind(p.ast.Resource, kind) {
			continue
		}
		p.Acts = append(p.Acts, Act(action.ID))
		made := &rule{policy: p, cedar: strip(p.ast), reason: Reason{p.Clause, p.ID, p.Sentence, p.Step, p.Approver, p.Stage}}
		if !p.Forbid {
			permits = append(permits, made)
			out.covered = true
			continue
		}
		forbids = append(forbids, made)
		out.approvable = out.approvable || p.Approver != ""
		_, everyone := p.ast.Principal.(ast.ScopeTypeAll)
		out.covered = out.covered || everyone && len(p.ast.Conditions) == 0
	}
	slices.SortStableFunc(forbids, func(a, b *rule) int { return a.weight() - b.weight() })
	out.rules, out.permits = newList(append(forbids, permits...)), newList(permits)
	return out
}

// weight orders reasons: what hides, then what no approval lifts, then the rest; clause order within each.
func (r *rule) weight() int {
	switch {
	case r.policy.Hides:
		return 1
	case r.policy.Approver == "":
		return 2
	default:
		return 3
	}
}

func (r *Rules) coversAct(scope ast.IsActionScopeNode, action types.EntityUID) bool {
	in := func(group types.EntityUID) bool { return group == action || r.acts[action].Parents.Contains(group) }
	switch s := scope.(type) {
	case ast.ScopeTypeEq:
		return s.Entity == action
	case ast.ScopeTypeIn:
		return in(s.Entity)
	case ast.ScopeTypeInSet:
		return slices.ContainsFunc(s.Entities, in)
	default:
		return true
	}
}

// coversKind reports whether a resource scope can match a thing of the kind.
func coversKind(scope ast.IsResourceScopeNode, kind types.EntityType) bool {
	switch s := scope.(type) {
	case ast.ScopeTypeEq:
		return s.Entity.Type == kind
	case ast.ScopeTypeIs:
		return s.Type == kind
	case ast.ScopeTypeIsIn:
		return s.Type == kind
	default:
		return true
	}
}

// asksKinship reports whether the policy asks whether something is in something else than a group of acts.
func asksKinship(p *ast.Policy) (found bool) {
	switch p.Resource.(type) {
	case ast.ScopeTypeIn, ast.ScopeTypeIsIn:
		return true
	}
	for _, c := range p.Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			switch in := n.(type) {
			case ast.NodeTypeIn:
				v, variable := in.Left.(ast.NodeTypeVariable)
				found = found || !variable || v.Name != "action"
			case ast.NodeTypeIsIn:
				found = true
			}
			return true
		})
	}
	return found
}

// strip compiles the policy without the parts of its scope that the page has matched.
func strip(p *ast.Policy) *cedar.Policy {
	bare := *p
	bare.Action = ast.ScopeTypeAll{}
	if _, kind := p.Resource.(ast.ScopeTypeIs); kind {
		bare.Resource = ast.ScopeTypeAll{}
	}
	return cedar.NewPolicyFromAST((*cedarast.Policy)(&bare))
}
