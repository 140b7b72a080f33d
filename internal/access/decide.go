package access

import (
	"slices"

	"github.com/cedar-policy/cedar-go"
)

// clauseOutside is the clause of an act for which no rule speaks.
const clauseOutside = "1"

// Sentences that no rule carries.
const (
	sentenceOutside = "制度没有规定这一行为"
	sentenceError   = "判断这条规则时出错，为安全起见不予办理"
)

// Decide answers a request. Every rule that covers the act is evaluated. A forbid that matches refuses, whatever permits; when
// every one that matches names an approver and some permit matches, the answer is NeedsApproval. A rule that cannot be
// evaluated refuses, and hides if it is one that hides. What no rule speaks for is refused under clause 1.
func (r *Rules) Decide(q Request) Decision {
	p := r.pages[deed{q.Act, q.Thing.Kind}]
	if p == nil {
		return outside()
	}
	f := &facts{caller: r.records.caller(&q.Who), thing: r.records.thing(&q.Thing), acts: r.acts}
	request := cedar.Request{Principal: f.caller.UID, Action: p.action, Resource: f.thing.UID, Context: r.records.where(&q)}
	allowed, why := cedar.Authorize(&p.rules, f, request)
	switch {
	case len(why.Errors) > 0:
		return p.refuse(why)
	case allowed == cedar.Allow:
		return Decision{Outcome: Permit}
	case len(why.Reasons) == 0:
		return outside()
	}
	d := p.refuse(why)
	if d.approvable() {
		// Cedar names the permits only where no forbid matched.
		if permitted, _ := cedar.Authorize(&p.permits, f, request); permitted == cedar.Allow {
			d.Outcome = NeedsApproval
		}
	}
	return d
}

func outside() Decision {
	return Decision{Outcome: Refuse, Reasons: []Reason{{Clause: clauseOutside, Sentence: sentenceOutside}}}
}

// refuse collects the reasons of a refusal: rules that could not be evaluated, then the forbids that matched.
func (p *page) refuse(why cedar.Diagnostic) Decision {
	d := Decision{Outcome: Refuse, Reasons: make([]Reason, 0, len(why.Errors)+len(why.Reasons))}
	for _, e := range why.Errors {
		r := p.rules.find(e.PolicyID)
		d.add(r, Reason{Clause: r.policy.Clause, Rule: r.policy.ID, Sentence: sentenceError})
	}
	for _, s := range why.Reasons {
		if r := p.rules.find(s.PolicyID); r.policy.Forbid {
			d.add(r, r.reason)
		}
	}
	return d
}

func (d *Decision) add(r *rule, why Reason) {
	d.Reasons = append(d.Reasons, why)
	d.Hidden = d.Hidden || r.policy.Hides
}

// approvable reports whether approvals would lift every reason.
func (d *Decision) approvable() bool {
	return !slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Approver == "" })
}
