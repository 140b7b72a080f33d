package access

import (
	"iter"
	"slices"

	"mijuan/internal/classification"
)

// floor is a line that no set of rules may go below: for every one of its cases the decision must not be broken. Load tries
// each against the set at hand, so that a firm's own rules can be stricter than these, never looser.
type floor struct {
	name   string
	cases  iter.Seq[Request]
	broken func(Decision) bool
}

var floors = []floor{
	{"没有登录的人和已停用的账号不能做任何事", everything(func(q *Request) {
		q.Who = Principal{}
	}, func(q *Request) {
		q.Who.Active = false
	}), notRefused},
	{"未培训、未承诺的人不能办理业务", except(everything(func(q *Request) {
		q.Who.Trained = false
	}, func(q *Request) {
		q.Who.Trained, q.Who.Overdue = false, true
	}, func(q *Request) {
		q.Who.Pledged = false
	}), func(q *Request) bool {
		return slices.Contains([]Act{UseSystem, ManageOwnAccount, Study, SignPledge}, q.Act)
	}), notRefused},
	{"不在团队的人不知道案件和资料存在", except(business(func(q *Request) {
		q.Where.Member, q.Where.Lead, q.Where.Assigned = false, false, false
	}), byPost), notHidden},
	{"隔离墙内的人不知道案件和资料存在", business(func(q *Request) { q.Where.Walled = true }), notHidden},
	{"名单以外的人不知道已定密的绝密级资料存在", except(business(func(q *Request) { q.Where.Listed = false }), func(q *Request) bool {
		return byPost(q) || q.Thing.Level != classification.TopSecret || q.Thing.State != Filed
	}), notHidden},
	{"不存在的对象与不该知道的对象答复相同", business(func(q *Request) {
		q.Thing, q.Where = Resource{Kind: q.Thing.Kind, ID: q.Thing.ID}, Circumstances{OfficeNetwork: true}
	}), notHidden},
	{"三员不接触案件内容", except(business(func(*Request) {}), func(q *Request) bool {
		return byPost(q) || !isAdministrator(q.Who.Posts[0])
	}), notRefused},
	{"三员不能兼任", except(everything(func(q *Request) {
		q.Who.Posts = []Post{SystemAdmin, SecurityAdmin}
	}, func(q *Request) {
		q.Who.Posts = []Post{SystemAdmin, Auditor}
	}, func(q *Request) {
		q.Who.Posts = []Post{SecurityAdmin, Auditor}
	}), func(q *Request) bool { return q.Act == UseSystem }), notRefused},
	{"自己提出的定密不能自己审核", except(business(func(q *Request) {
		q.Thing.State, q.Thing.Proposer, q.Thing.Reviewer = Proposed, q.Who.ID, q.Who.ID
	}), func(q *Request) bool { return q.Act != Review }), notRefused},
	{"自己提出的申请不能自己批准", except(business(func(q *Request) { q.Thing.Owner = q.Who.ID }), func(q *Request) bool {
		return q.Act != DecideApproval
	}), notRefused},
	{"自己整改的隐患不能自己复查", except(everything(func(q *Request) { q.Thing.Owner = q.Who.ID }, func(q *Request) { q.Thing.Reviewer = q.Who.ID }), func(q *Request) bool {
		return q.Act != CheckDanger
	}), notRefused},
	{"后台程序和主机控制台不接触案件内容", business(func(q *Request) {
		q.Who = Principal{ID: tableSystem, System: true, Active: true, Trained: true, Pledged: true, Strong: true}
	}), notRefused},
	{"访问令牌不能超出其授权", everything(func(q *Request) { q.Who.Narrowed = true }), notRefused},
}

func notRefused(d Decision) bool { return d.Outcome != Refuse }

func notHidden(d Decision) bool { return d.Outcome != Refuse || !d.Hidden }

func isAdministrator(p Post) bool { return p == SystemAdmin || p == SecurityAdmin || p == Auditor }

// byPost are the acts that a post opens to somebody outside the team, none of which shows contents.
func byPost(q *Request) bool {
	has := func(p Post) bool { return slices.Contains(q.Who.Posts, p) }
	delegated := slices.Contains(q.Who.Delegated, q.Act)
	switch q.Act {
	case SetWall:
		return has(SecurityAdmin) || has(Director)
	case ReadMatterLedger, ReadHistory:
		return has(Auditor)
	case ViewApproval:
		return has(Auditor)
	case ViewCarrier:
		return has(Custodian) || has(Auditor)
	case HandCarrier, TakeCarrier, ReturnCarrier, RecallCarrier, TakeBackCarrier, LendOutside, SendCarrier, EraseCopy, TakeOut, CheckBack, CopyCarrier, ScanCarrier:
		return has(Custodian)
	case WriteOffCarrier:
		return has(Custodian) || has(Director) || has(Committee) || delegated
	case ViewIncident:
		return has(SecurityAdmin) || has(Director)
	case SettleIncident: // a director knows the incident, and is refused
		return has(SecurityAdmin) || has(Director)
	case SetHold:
		return has(SecurityAdmin) || has(Director) || has(Custodian)
	case LiftHold:
		return has(Director) || has(Custodian)
	case SetKeeping: // a custodian knows the carrier, and is refused
		return has(Custodian)
	case ViewDestruction:
		return has(Auditor) || has(Director) || has(Committee)
	case Release:
		return (has(Director) || delegated) && q.Thing.Level == classification.TopSecret
	default:
		return false
	}
}

var (
	firmActs        = []Act{UseSystem, ReadRoster, ReadRules, OpenMatter, Appoint, SyncRoster, ManageSystem, ManageTraining, ReadTraining, SetPledge, SetCriteria, ReadDevices, ManageDevices, ClearDevice, OpenTeamReview, ReadTeamReviews, Delegate, ReadRights, TakeStock, ReadStock, ReadOverdue, ExplainGap, OperateOutput, ReadMedia, ManageMedia, RateMedium, ReadIncidents, RegisterDanger, ReadDangers, ExportRegister, ExportRoster, SetPeriods, ShredWaste}
	personActs      = []Act{Appoint, SyncRoster, RequestRights, DecideRights, ReadPersonActs, ReadOpened, SecondReset, ManageOwnAccount, Study, SignPledge, ExportRoster}
	matterActs      = []Act{ViewMatter, ListMaterials, EditMatter, ManageTeam, ReviewTeam, SetWall, ReadMatterLedger, ReceiveMaterial, RegisterCarrier, ArrangeMeeting, CollectOutput, PrepareExport, ExportRegister, CloseMatter, SetKeeping, SetHold, LiftHold, RequestDestruction}
	materialActs    = []Act{View, ViewPage, ListEntry, Propose, Review, ReadHistory, FetchOriginal, Release, RenameMaterial, RecordBasis, PrintMaterial, SetKeeping, SetHold, LiftHold, RestrictMaterial}
	carrierActs     = []Act{ViewCarrier, HandCarrier, TakeCarrier, ReturnCarrier, WriteOffCarrier, RecallCarrier, TakeBackCarrier, LendOutside, SendCarrier, EraseCopy, TakeOut, CheckBack, CopyCarrier, ScanCarrier, SetKeeping, SetHold, LiftHold}
	mediumActs      = []Act{CheckMedium}
	exportActs      = []Act{ViewExport, ScanExport, ExportToMedium, FetchExport}
	incidentActs    = []Act{ViewIncident, SettleIncident}
	dangerActs      = []Act{ViewDanger, AssignDanger, MendDanger, CheckDanger}
	approvalActs    = []Act{ViewApproval, DecideApproval, WithdrawApproval}
	destructionActs = []Act{ViewDestruction, AppraiseDestruction, ArrangeDestruction, WithdrawDestruction, WitnessDestruction, Destroy}
	ledgerActs      = []Act{ReadLedger, VerifyLedger, ExportLedger}
)

// privileged is a person whom nothing but the case at hand stands in the way of.
func privileged(post Post) Request {
	q := ordinary()
	q.Who.Posts, q.Who.Delegated, q.Who.DelegatedBy = []Post{post}, Acts, tableDirector
	q.Where = Circumstances{Member: true, Lead: true, Assigned: true, Clearance: classification.TopSecret, Listed: true, Self: true,
		OfficeNetwork: true, Approvals: slices.Clone(approvals)}
	return q
}

// business gives every post's acts on matters, materials and carriers at every level and state, each changed by every change.
func business(changes ...func(*Request)) iter.Seq[Request] {
	return each(changes, func(yield func(Request) bool) {
		for _, post := range Posts {
			q := privileged(post)
			for _, state := range []State{Open, Closed} {
				q.Thing = Resource{Kind: Matter, ID: tableMatter, Matter: tableMatter, State: state, Owner: tableOther, Exists: true}
				if !withActs(q, matterActs, yield) {
					return
				}
			}
			for _, level := range classification.Levels {
				q.Thing = Resource{Kind: Material, ID: tableThing, Matter: tableMatter, Level: level, State: Filed,
					Proposer: tableOther, Reviewer: tableOther, Owner: tableOther, Exists: true}
				if !withActs(q, materialActs, yield) {
					return
				}
			}
			q.Thing.State = Proposed
			if !withActs(q, materialActs, yield) {
				return
			}
			for _, level := range classification.Levels {
				for _, state := range []State{Draft, Issued} {
					q.Thing = Resource{Kind: Export, ID: tableThing, Matter: tableMatter, Level: level, State: state, Owner: q.Who.ID, Scanned: true, Fit: true, Exists: true}
					if !withActs(q, exportActs, yield) {
						return
					}
				}
			}
			for _, level := range classification.Levels {
				q.Thing = Resource{Kind: Approval, ID: tableThing, Matter: tableMatter, Level: level, State: Pending, Owner: tableOther, Exists: true}
				if !withActs(q, approvalActs, yield) {
					return
				}
			}
			for _, level := range classification.Levels {
				for _, state := range []State{Open, Closed} {
					q.Thing = Resource{Kind: Incident, ID: tableThing, Matter: tableMatter, Level: level, State: state, Owner: tableOther, Exists: true}
					if !withActs(q, incidentActs, yield) {
						return
					}
				}
				q.Thing = Resource{Kind: Carrier, ID: tableThing, Matter: tableMatter, Level: level, State: Held, Owner: tableOther, Exists: true}
				if !withActs(q, carrierActs, yield) {
					return
				}
				q.Thing = Resource{Kind: Destruction, ID: tableThing, Matter: tableMatter, Level: level, State: Appraised, Proposer: tableOther, Reviewer: tableOther, Owner: tableOther, Exists: true}
				if !withActs(q, destructionActs, yield) {
					return
				}
			}
		}
	})
}

// everything is business and the acts on the firm, its persons and its ledger.
func everything(changes ...func(*Request)) iter.Seq[Request] {
	rest := each(changes, func(yield func(Request) bool) {
		for _, post := range Posts {
			q := privileged(post)
			for _, of := range []struct {
				kind Kind
				acts []Act
			}{{Firm, firmActs}, {Person, personActs}, {Ledger, ledgerActs}, {Medium, mediumActs}} {
				q.Thing = Resource{Kind: of.kind, ID: tableThing, Exists: true}
				if !withActs(q, of.acts, yield) {
					return
				}
			}
			for _, state := range []State{Found, Mending, Mended} {
				for _, owner := range []string{tableOther, q.Who.ID} {
					q.Thing = Resource{Kind: Danger, ID: tableThing, State: state, Proposer: tableOther, Owner: owner, Exists: true}
					if !withActs(q, dangerActs, yield) {
						return
					}
				}
			}
		}
	})
	return func(yield func(Request) bool) {
		for _, part := range []iter.Seq[Request]{rest, business(changes...)} {
			for q := range part {
				if !yield(q) {
					return
				}
			}
		}
	}
}

func withActs(q Request, acts []Act, yield func(Request) bool) bool {
	for _, act := range acts {
		q.Act = act
		if !yield(q) {
			return false
		}
	}
	return true
}

func each(changes []func(*Request), cases iter.Seq[Request]) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		for q := range cases {
			for _, change := range changes {
				changed := q
				change(&changed)
				if !yield(changed) {
					return
				}
			}
		}
	}
}

func except(cases iter.Seq[Request], skip func(*Request) bool) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		for q := range cases {
			if !skip(&q) && !yield(q) {
				return
			}
		}
	}
}

// floors tries every line and reports the first case below each.
func (l *lint) floors(r *Rules) {
	for _, f := range floors {
		for q := range f.cases {
			if d := r.Decide(q); f.broken(d) {
				l.add("突破了不可放宽的底线“%s”：%s → %s", f.name, Describe(q), Verdict(d))
				break
			}
		}
	}
}
