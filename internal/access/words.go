package access

import (
	"fmt"
	"slices"
	"strings"

	"mijuan/internal/classification"
)

// The truth table, `policy try` and the complaints of Load speak of requests in Chinese words that a lawyer can read. A word
// states one fact; what no word states is the ordinary case (an active, trained, pledged person with a second factor in the
// office).

// word states a fact of a request.
type word struct {
	text string
	set  func(*Request)
	has  func(*Request) bool // nil: the word stresses an ordinary fact and is read, never written
}

// Ids that stand for people and things in the table.
const (
	tablePerson   = "本人"
	tableOther    = "别人"
	tableDirector = "授权的主任"
	tableSystem   = "system"
	tableMatter   = "本案"
	tableThing    = "此物"
	tableNowhere  = State("环节不明")
	wordToken     = "令牌"
	wordSystem    = "程序"
	wordNobody    = "无名者"
	wordOrdinary  = "常态"
	wordNotThere  = "不存在"
	wordHidden    = "视为不存在"
	wordSeparates = "、，,（）()·+：: \t　"
)

// ordinary is a person in order, without post or matter.
func ordinary() Request {
	return Request{Who: Principal{ID: tablePerson, Active: true, Trained: true, Pledged: true, Strong: true},
		Where: Circumstances{OfficeNetwork: true}}
}

var relationWords = []word{
	{"主办", func(q *Request) { q.Where.Member, q.Where.Lead = true, true }, func(q *Request) bool { return q.Where.Lead }},
	{"承办", func(q *Request) { q.Where.Member, q.Where.Assigned = true, true },
		func(q *Request) bool {
			return q.Where.Member && q.Where.Assigned && !q.Where.Lead && q.Thing.Kind != Approval
		}},
	{"成员", func(q *Request) { q.Where.Member = true },
		func(q *Request) bool {
			return q.Where.Member && !q.Where.Lead && (!q.Where.Assigned || q.Thing.Kind == Approval)
		}},
	{"接收人", func(q *Request) { q.Where.Assigned = true }, func(q *Request) bool { return q.Thing.Kind == Carrier && q.Where.Assigned && !q.Where.Member }},
	{"出借人", func(q *Request) { q.Thing.Proposer = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind == Carrier && relationOf(q).proposer }},
	{"使用人", func(q *Request) { q.Thing.Proposer = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind == Medium && relationOf(q).proposer }},
	{"本步审批人", func(q *Request) { q.Where.Assigned = true }, func(q *Request) bool { return q.Thing.Kind == Approval && q.Where.Assigned }},
	{"已审批人", func(q *Request) { q.Thing.Reviewer = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind == Approval && relationOf(q).reviewer }},
	{"申请人", func(q *Request) { q.Thing.Owner = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind == Approval && relationOf(q).owner }},
	{"监销人", func(q *Request) { q.Where.Assigned = true }, func(q *Request) bool { return q.Thing.Kind == Destruction && q.Where.Assigned && !q.Where.Member }},
	{"发现人", func(q *Request) { q.Thing.Proposer = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind == Danger && relationOf(q).proposer }},
	{"整改人", func(q *Request) { q.Thing.Reviewer = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind == Danger && relationOf(q).reviewer }},
	{"接手人", func(q *Request) { q.Where.Successor = true }, func(q *Request) bool { return q.Where.Successor }},
	{"非本案", func(*Request) {}, nil},
	levelWord("知悉", classification.Confidential, func(q *Request) *classification.Level { return &q.Where.Clearance }),
	levelWord("知悉", classification.Secret, func(q *Request) *classification.Level { return &q.Where.Clearance }),
	levelWord("知悉", classification.TopSecret, func(q *Request) *classification.Level { return &q.Where.Clearance }),
	{"名单内", func(q *Request) { q.Where.Listed = true }, func(q *Request) bool { return q.Where.Listed }},
	{"名单外", func(*Request) {}, nil},
	{"墙内", func(q *Request) { q.Where.Walled = true }, func(q *Request) bool { return q.Where.Walled }},
	{"提出人", func(q *Request) { q.Thing.Proposer = q.Who.ID }, func(q *Request) bool {
		return q.Thing.Kind != Medium && q.Thing.Kind != Carrier && q.Thing.Kind != Danger && relationOf(q).proposer
	}},
	{"审核人", func(q *Request) { q.Thing.Reviewer = q.Who.ID }, func(q *Request) bool {
		return q.Thing.Kind != Approval && q.Thing.Kind != Danger && relationOf(q).reviewer
	}},
	{"责任人", func(q *Request) { q.Thing.Owner = q.Who.ID }, func(q *Request) bool { return q.Thing.Kind != Approval && relationOf(q).owner }},
	{"自己", func(q *Request) { q.Where.Self = true }, func(q *Request) bool { return relationOf(q).self }},
}

var thingWords = []word{
	levelWord("", classification.Confidential, func(q *Request) *classification.Level { return &q.Thing.Level }),
	levelWord("", classification.Secret, func(q *Request) *classification.Level { return &q.Thing.Level }),
	levelWord("", classification.TopSecret, func(q *Request) *classification.Level { return &q.Thing.Level }),
	{"无密级", func(*Request) {}, func(q *Request) bool { return q.Thing.Kind == Material && q.Thing.Exists && q.Thing.Level == 0 }},
	{"密级不明", func(q *Request) { q.Thing.Level = classification.TopSecret + 1 }, func(q *Request) bool { return q.Thing.Level > classification.TopSecret }},
	stateWord(Open), stateWord(Closed), stateWord(Proposed), stateWord(Filed), stateWord(Restricted), stateWord(Leaving), stateWord(Cleared), stateWord(Held), stateWord(Offered), stateWord(Out), stateWord(Ended), stateWord(Listed), stateWord(Appraised), stateWord(Pending), stateWord(Approved), stateWord(Over), stateWord(Draft), stateWord(Issued), stateWord(Written), stateWord(Found), stateWord(Mending), stateWord(Mended), stateWord(Confirmed),
	{string(tableNowhere), func(q *Request) { q.Thing.State = tableNowhere },
		func(q *Request) bool {
			return q.Thing.Exists && (q.Thing.Kind == Matter || q.Thing.Kind == Material || q.Thing.Kind == Carrier || q.Thing.Kind == Approval || q.Thing.Kind == Destruction || q.Thing.Kind == Medium || q.Thing.Kind == Export || q.Thing.Kind == Incident || q.Thing.Kind == Danger) && !slices.Contains(States, q.Thing.State)
		}},
	{"未归案", func(q *Request) { q.Thing.Matter = "" },
		func(q *Request) bool { return q.Thing.Kind == Material && q.Thing.Exists && q.Thing.Matter == "" }},
	{"无主", func(q *Request) { q.Thing.Owner = "" },
		func(q *Request) bool {
			return (q.Thing.Kind == Matter || q.Thing.Kind == Material || q.Thing.Kind == Carrier || q.Thing.Kind == Approval || q.Thing.Kind == Destruction || q.Thing.Kind == Medium || q.Thing.Kind == Export || q.Thing.Kind == Incident) && q.Thing.Exists && q.Thing.Owner == ""
		}},
	{"授权人自己的", func(q *Request) {
		if q.Thing.Kind == Person {
			q.Thing.ID = tableDirector
		} else {
			q.Thing.Owner = tableDirector
		}
	}, func(q *Request) bool {
		return q.Who.DelegatedBy != "" && (q.Thing.ID == q.Who.DelegatedBy || q.Thing.Owner == q.Who.DelegatedBy)
	}},
	{"已冻结", func(q *Request) { q.Thing.Frozen = true }, func(q *Request) bool { return q.Thing.Frozen }},
	{"已查毒", func(q *Request) { q.Thing.Scanned = true }, func(q *Request) bool { return q.Thing.Scanned }},
	{"介质合格", func(q *Request) { q.Thing.Fit = true }, func(q *Request) bool { return q.Thing.Fit }},
	personalWord(classification.HasPersonal), personalWord(classification.Sensitive),
	basisWord(classification.Consent), basisWord(classification.Separate), basisWord(classification.Guardian), basisWord(classification.Contract),
	basisWord(classification.LegalDuty), basisWord(classification.Emergency), basisWord(classification.Published), basisWord(classification.OtherLaw),
	{"未分类", func(q *Request) { q.Thing.Kindless = true }, func(q *Request) bool { return q.Thing.Kindless }},
	{wordNotThere, func(q *Request) { q.Thing = Resource{Kind: q.Thing.Kind, ID: q.Thing.ID} }, func(q *Request) bool { return !q.Thing.Exists }},
}

var circumstanceWords = []word{
	{wordOrdinary, func(*Request) {}, nil},
	{"已停用", func(q *Request) { q.Who.Active = false }, func(q *Request) bool { return person(q) && !q.Who.Active }},
	{"未培训", func(q *Request) { q.Who.Trained = false }, func(q *Request) bool { return person(q) && !q.Who.Trained && !q.Who.Overdue }},
	{"逾期未训", func(q *Request) { q.Who.Trained, q.Who.Overdue = false, true }, func(q *Request) bool { return person(q) && !q.Who.Trained && q.Who.Overdue }},
	{"未承诺", func(q *Request) { q.Who.Pledged = false }, func(q *Request) bool { return person(q) && !q.Who.Pledged }},
	{"未验证", func(q *Request) { q.Who.Strong = false }, func(q *Request) bool { return person(q) && !q.Who.Strong }},
	{"网络外", func(q *Request) { q.Where.OfficeNetwork = false }, func(q *Request) bool { return !q.Where.OfficeNetwork }},
	{"受主任授权", func(q *Request) {
		q.Who.Delegated, q.Who.DelegatedBy = append([]Act{ReadHoldings}, Delegable...), tableDirector
	}, func(q *Request) bool { return len(q.Who.Delegated) > 0 }},
	approvalWord("主办律师同意", "lead"), approvalWord("主任批准", "director"), approvalWord("委员会批准", "committee"),
	levelWord("改为", classification.Confidential, func(q *Request) *classification.Level { return &q.Where.NewLevel }),
	levelWord("改为", classification.Secret, func(q *Request) *classification.Level { return &q.Where.NewLevel }),
	levelWord("改为", classification.TopSecret, func(q *Request) *classification.Level { return &q.Where.NewLevel }),
	{"成批", func(q *Request) { q.Where.Bulk = true }, func(q *Request) bool { return q.Where.Bulk }},
	{wordToken, func(q *Request) { q.Who.Narrowed = true }, func(q *Request) bool { return q.Who.Narrowed }},
}

func levelWord(prefix string, l classification.Level, at func(*Request) *classification.Level) word {
	return word{prefix + l.Name(), func(q *Request) { *at(q) = l }, func(q *Request) bool { return *at(q) == l }}
}

func stateWord(s State) word {
	return word{s.Name(), func(q *Request) { q.Thing.State = s }, func(q *Request) bool { return q.Thing.State == s }}
}

func personalWord(p classification.Personal) word {
	return word{p.Name(), func(q *Request) { q.Thing.Personal = p }, func(q *Request) bool { return q.Thing.Personal == p }}
}

func basisWord(b classification.Basis) word {
	return word{"依据" + b.Word(), func(q *Request) { q.Thing.Basis = b }, func(q *Request) bool { return q.Thing.Basis == b }}
}

func approvalWord(text, capacity string) word {
	return word{text, func(q *Request) { q.Where.Approvals = append(q.Where.Approvals, capacity) },
		func(q *Request) bool { return slices.Contains(q.Where.Approvals, capacity) }}
}

// person tells a person from the program and from nobody.
func person(q *Request) bool { return !q.Who.System && q.Who.ID != "" }

// Describe says a request in the words of the truth table: who | act | thing | circumstances. It names no person and no thing.
func Describe(q Request) string {
	var who []string
	switch {
	case q.Who.System:
		who = append(who, wordSystem)
	case q.Who.ID == "":
		who = append(who, wordNobody)
	}
	for _, p := range q.Who.Posts {
		who = append(who, p.Name())
	}
	head := strings.Join(who, "、")
	if relation := said(relationWords, &q); len(relation) > 0 {
		head += "（" + strings.Join(relation, "、") + "）"
	}
	where := said(circumstanceWords, &q)
	for _, s := range q.Who.Scopes {
		where = append(where, s.Name())
	}
	if len(where) == 0 {
		where = []string{wordOrdinary}
	}
	thing := append([]string{q.Thing.Kind.Name()}, said(thingWords, &q)...)
	return fmt.Sprintf("%s | %s | %s | %s", head, q.Act.Name(), strings.Join(thing, "·"), strings.Join(where, "、"))
}

func said(words []word, q *Request) (out []string) {
	for _, w := range words {
		if w.has != nil && w.has(q) {
			out = append(out, w.text)
		}
	}
	return out
}

// Verdict says a decision in the words of the truth table.
func Verdict(d Decision) string { return wantOf(d).String() }

func (w want) String() string {
	parts := []string{w.outcome.Name()}
	if w.hidden {
		parts[0] = wordHidden
	}
	parts = append(parts, w.clauses...)
	for _, a := range w.approvers {
		parts = append(parts, Names.Approvers[a])
	}
	return strings.Join(parts, " ")
}
