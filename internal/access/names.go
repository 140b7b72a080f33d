package access

import "slices"

// Names are the Chinese names of everything a decision speaks of. Each name is its own key in the catalogue of package text.
var Names = struct {
	Posts     map[Post]string
	Kinds     map[Kind]string
	Acts      map[Act]string
	States    map[State]string
	Outcomes  map[Outcome]string
	Steps     map[string]string // a Reason's Step: the one thing that would help, as a button says it
	Approvers map[string]string // a Reason's Approver
	Enforced  map[Enforcement]string
}{
	Posts: map[Post]string{Lawyer: "律师", Trainee: "实习律师", Assistant: "助理", Administration: "行政", Logistics: "后勤",
		Custodian: "保管员", Director: "主任", SystemAdmin: "系统管理员", SecurityAdmin: "安全管理员", Auditor: "审计员",
		Committee: "委员会成员", Other: "其他人员"},
	Kinds: map[Kind]string{Firm: "律所", Person: "人员", Matter: "案件", Material: "资料", Ledger: "台账", Carrier: "载体", Approval: "申请单", Destruction: "销毁清册", Medium: "移动介质", Export: "导出单", Incident: "泄密事件", Danger: "隐患"},
	Acts: map[Act]string{UseSystem: "进入系统", ReadRoster: "查看名册", ReadRules: "查看制度地图", OpenMatter: "立案", Appoint: "任免", SyncRoster: "同步名册",
		ManageSystem: "系统管理", SetMail: "设置邮件提醒", SendNotice: "发出提醒", ManageTraining: "安排培训", ReadTraining: "查看培训登记", SetPledge: "发布承诺书", SetCriteria: "发布定密标准", ReadPersonActs: "查看操作记录", ManageOwnAccount: "管理账号", Study: "参加培训", SignPledge: "签署承诺书",
		ReadHoldings: "查看名下事项", ReadOpened: "查看近期查阅", SecondReset: "复核重置登录", BeginLeaving: "办理离岗", SettleLeaving: "办理移交", WriteOffLeaving: "核销交接事项", WitnessLeaving: "监交", CloseLeaving: "办结离岗",
		ReadMeasures: "查看奖惩", OpenMeasure: "提出奖惩", ReplyMeasure: "陈述申辩", DecideMeasure: "决定奖惩", RemindLeaver: "提醒离任义务", ReadDevices: "查看设备", ManageDevices: "管理设备", ClearDevice: "核定设备密级", OpenTeamReview: "发起团队复核", Delegate: "授权审批", RequestRights: "申请权限变更", DecideRights: "批准权限变更", ReadRights: "查看权限变更", TakeStock: "盘点载体", ReadStock: "查看盘点", ReadTeamReviews: "查看团队复核", ReviewTeam: "复核团队", ViewMatter: "查看案件",
		ListMaterials: "查看资料目录", EditMatter: "修改案件", ManageTeam: "管理团队", SetWall: "设置隔离墙",
		ReadMatterLedger: "查看案件台账", ReceiveMaterial: "收件", RegisterCarrier: "登记载体", ExportRegister: "导出登记簿", ExportRoster: "导出人员记录", View: "阅览", ViewPage: "翻阅页面", ListEntry: "列入目录",
		Propose: "提出定密", Review: "审核定密", ReadHistory: "查看经过", FetchOriginal: "取用原件", Release: "准许取用原件",
		RenameMaterial: "修改资料名称", RecordBasis: "记明处理依据", ViewCarrier: "查看载体", HandCarrier: "移交载体", TakeCarrier: "接收载体", ReturnCarrier: "归还客户", WriteOffCarrier: "核销载体", RecallCarrier: "催还载体", TakeBackCarrier: "收回载体", LendOutside: "外借载体", SendCarrier: "外发载体", EraseCopy: "确认删除副本", ReadOverdue: "查看逾期借阅", ExplainGap: "说明缺号", ArrangeMeeting: "安排会议材料", TakeOut: "带出载体", CheckBack: "核对带回", PrintMaterial: "打印资料", CopyCarrier: "复印载体", ScanCarrier: "扫描载体", CollectOutput: "领取输出件", OperateOutput: "办理输出", RequestApproval: "申请审批", ViewApproval: "查看申请", DecideApproval: "审批", WithdrawApproval: "撤回申请",
		CloseMatter: "结案", SetKeeping: "设定保管期限", SetPeriods: "调整保管年限", SetHold: "保全冻结", LiftHold: "解除冻结", RestrictMaterial: "限制资料", ShredWaste: "登记碎纸",
		RequestDestruction: "提请销毁", ViewDestruction: "查看销毁清册", AppraiseDestruction: "鉴定", ArrangeDestruction: "安排销毁", WithdrawDestruction: "撤回销毁", WitnessDestruction: "监销", Destroy: "销毁",
		ReadMedia: "查看介质", ManageMedia: "管理介质", RateMedium: "核定介质密级", CheckMedium: "核对清除", PrepareExport: "拟定导出", ViewExport: "查看导出单", ScanExport: "导出查毒", ExportToMedium: "导出到介质", FetchExport: "取用导出包", ReadIncidents: "查看泄密事件登记", ViewIncident: "查看泄密事件", SettleIncident: "处置泄密事件", DraftIncident: "生成泄密事件草稿",
		RegisterDanger: "登记隐患", ReadDangers: "查看隐患登记", ViewDanger: "查看隐患", AssignDanger: "指派整改", MendDanger: "整改隐患", CheckDanger: "复查隐患",
		ReadLedger: "查阅台账", VerifyLedger: "校验台账", ExportLedger: "导出台账"},
	States:   map[State]string{Open: "办理中", Closed: "已结案", Proposed: "待审核", Filed: "已定密", Restricted: "限制使用", Leaving: "交接中", Cleared: "交接完毕", Held: "在管", Offered: "待接收", Out: "外带中", Ended: "已注销", Pending: "待审批", Approved: "已批准", Over: "已了结", Listed: "待鉴定", Appraised: "已鉴定", Draft: "拟导出", Issued: "待写入", Written: "已写入", Found: "待指派", Mending: "整改中", Mended: "待复查", Confirmed: "已销号"},
	Outcomes: map[Outcome]string{Permit: "允许", Refuse: "拒绝", NeedsApproval: "需批准"},
	Steps: map[string]string{"ask-lead": "联系主办律师", "ask-director": "请主任批准", "train": "参加保密培训", "pledge": "签署保密承诺书",
		"second-factor": "完成第二因素验证", "wait-review": "查看审核进度", "hand-over": "查看交接清单", "scan": "先查毒", "medium": "选用合格的介质",
		"find-lawyer": "请律师办理", "find-director": "请主任办理", "find-security": "请安全管理员办理", "find-auditor": "请审计员办理", "find-system": "请系统管理员办理", "find-committee": "请委员会成员办理", "find-custodian": "请保管员办理",
		"choose-reviewer": "另选审核人", "propose-again": "补全定密", "state-basis": "补充处理依据", "set-lead": "确定主办律师", "see-thing": "查看当前情况", "own-records": "查看本人的记录", "read-rule": "查看这条制度", "log-in": "登录"},
	Approvers: map[string]string{"lead": "主办律师", "director": "主任", "committee": "案件管理委员会", "lead|director": "主办律师或主任", "director|committee": "主任或案件管理委员会"},
	Enforced:  map[Enforcement]string{BySoftware: "软件执行", Partly: "软件执行一部分", ByFirm: "由律所组织落实", Later: "后续版本"},
}

// Name is the Chinese name of the post.
func (p Post) Name() string { return Names.Posts[p] }

// Name is the Chinese name of the kind.
func (k Kind) Name() string { return Names.Kinds[k] }

// Name is the Chinese name of the act.
func (a Act) Name() string { return Names.Acts[a] }

// Name is the Chinese name of the state.
func (s State) Name() string { return Names.States[s] }

// Name is the Chinese name of the outcome.
func (o Outcome) Name() string { return Names.Outcomes[o] }

// Name is the Chinese name of the way a clause is enforced.
func (e Enforcement) Name() string { return Names.Enforced[e] }

// named finds the value that bears a Chinese name.
func named[K comparable](names map[K]string, name string) (found K, ok bool) {
	for k, n := range names {
		if n == name {
			return k, true
		}
	}
	return found, false
}

// position is x's place in list, or -1; the orders of Posts and States number the facts that are remembered.
func position[T comparable](list []T, x T) int { return slices.Index(list, x) }
