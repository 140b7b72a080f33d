// Package access decides: given who acts, what they want to do, the thing they want to do it to and the circumstances, it
// answers permit, refuse or needs approval, with a reason for each clause that spoke. It is pure: no clock, no database, no
// file after Load. The rules are data (Cedar policies, one per clause, see package policy and docs/rules.md); what this package
// adds is that every rule that applies is evaluated, that an error in any of them refuses, and that a refusal explains itself.
package access

import "mijuan/internal/classification"

// Post is a post that a person holds in the firm (岗位). A post alone never opens business content (clause 3.1).
type Post string

const (
	Lawyer         Post = "lawyer"
	Trainee        Post = "trainee"
	Assistant      Post = "assistant"
	Administration Post = "administration"
	Logistics      Post = "logistics"
	Custodian      Post = "custodian"
	Director       Post = "director"
	SystemAdmin    Post = "system_admin"
	SecurityAdmin  Post = "security_admin"
	Auditor        Post = "auditor"
	Committee      Post = "committee"
	Other          Post = "other"
)

// Posts lists them in the order in which forms offer them.
var Posts = []Post{Lawyer, Trainee, Assistant, Administration, Logistics, Custodian, Director, SystemAdmin, SecurityAdmin, Auditor,
	Committee, Other}

// Kind is the kind of thing that an act is done to. It is also the Cedar entity type.
type Kind string

const (
	Firm     Kind = "Firm"
	Person   Kind = "Person"
	Matter   Kind = "Matter"
	Material Kind = "Material"
	Ledger   Kind = "Ledger"
	Carrier  Kind = "Carrier"
	Approval Kind = "Approval" // a request for leave to do some act (审批)

	Destruction Kind = "Destruction" // a list of what is to be destroyed
	Medium      Kind = "Medium"      // a registered removable medium (移动存储介质)
	Export      Kind = "Export"      // materials of a matter on their way to a medium (导出单)
	Incident    Kind = "Incident"    // what may be a leak (泄密事件)
	Danger      Kind = "Danger"      // what could become one (隐患)
)

// Kinds lists them.
var Kinds = []Kind{Firm, Person, Matter, Material, Ledger, Carrier, Approval, Destruction, Medium, Export, Incident, Danger}

// Act is the name of an act. It is also the Cedar action id; which kinds of thing it is done to stands in the schema.
type Act string

const (
	UseSystem        Act = "useSystem"        // Firm: log in and see one's own desk
	ReadRoster       Act = "readRoster"       // Firm
	ReadRules        Act = "readRules"        // Firm: the clause map
	OpenMatter       Act = "openMatter"       // Firm
	Appoint          Act = "appoint"          // Firm: invite a person; Person: change posts, suspend, reset
	SyncRoster       Act = "syncRoster"       // Firm: bring an ordinary person; Person: rename, move, close, open; by the firm's directory of people
	ManageSystem     Act = "manageSystem"     // Firm
	SetMail          Act = "setMail"          // Firm: where notices go out by mail
	SendNotice       Act = "sendNotice"       // Person: tell somebody by mail that something waits
	ManageTraining   Act = "manageTraining"   // Firm: publish a course, call people to a training
	ReadTraining     Act = "readTraining"     // Firm: the register of trainings
	SetPledge        Act = "setPledge"        // Firm: put a new version of the pledge in force
	SetCriteria      Act = "setCriteria"      // Firm: put a new edition of the criteria for levels in force
	ReadPersonActs   Act = "readPersonActs"   // Person
	ManageOwnAccount Act = "manageOwnAccount" // Person
	Study            Act = "study"            // Person: read the course and take the test
	SignPledge       Act = "signPledge"       // Person
	ReadHoldings     Act = "readHoldings"     // Person: what they answer for, and how their hand-over stands
	SecondReset      Act = "secondReset"      // Person: confirm that a reset log-in is the person's own wish
	ReadOpened       Act = "readOpened"       // Person: which materials they opened lately
	BeginLeaving     Act = "beginLeaving"     // Person
	SettleLeaving    Act = "settleLeaving"    // Person: hand what they answer for to others
	WriteOffLeaving  Act = "writeOffLeaving"  // Person: let something go that cannot be handed over
	WitnessLeaving   Act = "witnessLeaving"   // Person
	CloseLeaving     Act = "closeLeaving"     // Person
	ReadMeasures     Act = "readMeasures"     // Person: measures and rewards, with how they came about
	OpenMeasure      Act = "openMeasure"      // Person: begin a measure or reward, give an opinion on one
	ReplyMeasure     Act = "replyMeasure"     // Person: say one's part
	DecideMeasure    Act = "decideMeasure"    // Person
	ReadDevices      Act = "readDevices"      // Firm
	ManageDevices    Act = "manageDevices"    // Firm: register devices, move, repair and scrap them
	ClearDevice      Act = "clearDevice"      // Firm: say up to which level a device may be used
	RemindLeaver     Act = "remindLeaver"     // Person who left: of the duty that stays
	OpenTeamReview   Act = "openTeamReview"   // Firm: have every lead look through the team
	ReadTeamReviews  Act = "readTeamReviews"  // Firm
	Delegate         Act = "delegate"         // Firm: let somebody approve in one's place for a while
	RequestRights    Act = "requestRights"    // Person: ask for other posts, or for a place in a team
	DecideRights     Act = "decideRights"     // Person: approve or refuse other posts
	ReadRights       Act = "readRights"       // Firm
	TakeStock        Act = "takeStock"        // Firm: count the carriers
	ReadStock        Act = "readStock"        // Firm: what counting found
	ReviewTeam       Act = "reviewTeam"       // Matter: keep or remove each of the team
	ViewMatter       Act = "viewMatter"       // Matter
	ListMaterials    Act = "listMaterials"    // Matter
	EditMatter       Act = "editMatter"       // Matter
	ManageTeam       Act = "manageTeam"       // Matter: places in the team, levels, the need-to-know list
	SetWall          Act = "setWall"          // Matter
	ReadMatterLedger Act = "readMatterLedger" // Matter
	ReceiveMaterial  Act = "receiveMaterial"  // Matter
	RegisterCarrier  Act = "registerCarrier"  // Matter: number and register paper and other carriers, have their delivery signed for
	ExportRegister   Act = "exportRegister"   // Firm: a register with client data, of all one's matters; Matter: of one
	ExportRoster     Act = "exportRoster"     // Firm: the roster as a file; Person: what one person did
	View             Act = "view"             // Material
	ViewPage         Act = "viewPage"         // Material
	ListEntry        Act = "listEntry"        // Material: stand as a row in a list or search
	Propose          Act = "propose"          // Material: propose another level
	Review           Act = "review"           // Material: decide a proposal
	ReadHistory      Act = "readHistory"      // Material
	FetchOriginal    Act = "fetchOriginal"    // Material: take the original bytes out of the viewer
	Release          Act = "release"          // Material: let a named person fetch the original for a while
	RenameMaterial   Act = "renameMaterial"   // Material
	RecordBasis      Act = "recordBasis"      // Material: whether it holds personal information, and on what basis
	ViewCarrier      Act = "viewCarrier"      // Carrier: its page, and its row in registers
	HandCarrier      Act = "handCarrier"      // Carrier: offer it to another person, lend it, call it back, put it elsewhere
	TakeCarrier      Act = "takeCarrier"      // Carrier: accept or decline what is offered
	ReturnCarrier    Act = "returnCarrier"    // Carrier: give it back to the client
	WriteOffCarrier  Act = "writeOffCarrier"  // Carrier: a lost one
	RecallCarrier    Act = "recallCarrier"    // Carrier: ask a borrower for it
	TakeBackCarrier  Act = "takeBackCarrier"  // Carrier: confirm that what one has lent is back
	LendOutside      Act = "lendOutside"      // Carrier: to somebody who is not of the matter's team
	SendCarrier      Act = "sendCarrier"      // Carrier: out of the firm for good, to somebody who is not the client
	EraseCopy        Act = "eraseCopy"        // Carrier: state that a fetched copy is deleted
	ArrangeMeeting   Act = "arrangeMeeting"   // Matter: set papers aside for a meeting, say what became of them, close it
	ExplainGap       Act = "explainGap"       // Firm: say why a number of a carrier was skipped
	ReadOverdue      Act = "readOverdue"      // Firm: which loans are long overdue
	TakeOut          Act = "takeOut"          // Carrier: go off with it
	CheckBack        Act = "checkBack"        // Carrier: count what came back
	PrintMaterial    Act = "printMaterial"    // Material: on paper, at a designated printer
	CopyCarrier      Act = "copyCarrier"      // Carrier: at a designated copier
	ScanCarrier      Act = "scanCarrier"      // Carrier: at a designated scanner
	CollectOutput    Act = "collectOutput"    // Matter: sign for the copies that one asked for
	OperateOutput    Act = "operateOutput"    // Firm: release, count and settle what is printed, copied and scanned
	ViewApproval     Act = "viewApproval"     // Approval
	DecideApproval   Act = "decideApproval"   // Approval: say yes or no at the stage that it stands at
	WithdrawApproval Act = "withdrawApproval" // Approval
	CloseMatter      Act = "closeMatter"      // Matter: say that its mandate is over, or that it goes on
	SetKeeping       Act = "setKeeping"       // Matter, Material, Carrier: for how long it is kept
	SetPeriods       Act = "setPeriods"       // Firm: the years of each class
	SetHold          Act = "setHold"          // Matter, Material, Carrier: freeze it for legal proceedings
	LiftHold         Act = "liftHold"         // Matter, Material, Carrier
	RestrictMaterial Act = "restrictMaterial" // Material: store it and nothing else, or use it again
	ShredWaste       Act = "shredWaste"       // Firm: write down what drafts and spoiled prints were shredded on the spot
	ReadMedia        Act = "readMedia"        // Firm
	ManageMedia      Act = "manageMedia"      // Firm: register media, lend them, take them back, scrap them
	RateMedium       Act = "rateMedium"       // Firm: say up to which level a medium may be used
	CheckMedium      Act = "checkMedium"      // Medium: see that it was wiped
	PrepareExport    Act = "prepareExport"    // Matter: choose materials and a medium
	ViewExport       Act = "viewExport"       // Export
	ScanExport       Act = "scanExport"       // Export: scan its originals for viruses
	ExportToMedium   Act = "exportToMedium"   // Export: have the container made
	FetchExport      Act = "fetchExport"      // Export: take the container out
	ReadIncidents    Act = "readIncidents"    // Firm: as far as one may view each
	ViewIncident     Act = "viewIncident"     // Incident
	SettleIncident   Act = "settleIncident"   // Incident: complete, close or dismiss it
	RegisterDanger   Act = "registerDanger"   // Firm: write a hidden danger down
	ReadDangers      Act = "readDangers"      // Firm: as far as one may view each
	ViewDanger       Act = "viewDanger"       // Danger
	AssignDanger     Act = "assignDanger"     // Danger: say who mends it and by when
	MendDanger       Act = "mendDanger"       // Danger: say that it is mended, and how
	CheckDanger      Act = "checkDanger"      // Danger: confirm that it is mended, or send it back
	ReadLedger       Act = "readLedger"       // Ledger
	VerifyLedger     Act = "verifyLedger"     // Ledger
	ExportLedger     Act = "exportLedger"     // Ledger

	RequestDestruction  Act = "requestDestruction"  // Matter: list what is to be destroyed
	ViewDestruction     Act = "viewDestruction"     // Destruction
	AppraiseDestruction Act = "appraiseDestruction" // Destruction: destroy, keep longer or hand over, item by item
	ArrangeDestruction  Act = "arrangeDestruction"  // Destruction: say how, where and before whom
	WithdrawDestruction Act = "withdrawDestruction" // Destruction
	WitnessDestruction  Act = "witnessDestruction"  // Destruction: be there and sign
	Destroy             Act = "destroy"             // Destruction: carry it out
)

// RequestApproval is how the ledger calls it that somebody asked for leave to do an act. The rules decide it by that act itself, so that
// it is none of Acts.
const RequestApproval Act = "requestApproval"

// DraftIncident is how the ledger calls it that an act showed what may be a leak. Nobody does it by itself, so that it is none of Acts.
const DraftIncident Act = "draftIncident"

// Acts lists every act that this program can do, in the order of the rooms.
var Acts = []Act{UseSystem, ReadRoster, ReadRules, OpenMatter, Appoint, SyncRoster, ManageSystem, SetMail, SendNotice, ManageTraining, ReadTraining, SetPledge, SetCriteria, ReadPersonActs, ManageOwnAccount,
	Study, SignPledge, ReadHoldings, ReadOpened, SecondReset, BeginLeaving, SettleLeaving, WriteOffLeaving, WitnessLeaving, CloseLeaving, ReadMeasures, OpenMeasure, ReplyMeasure, DecideMeasure, RemindLeaver, ReadDevices, ManageDevices, ClearDevice, OpenTeamReview, ReadTeamReviews, Delegate, RequestRights, DecideRights, ReadRights, TakeStock, ReadStock, ReviewTeam, ViewMatter,
	ListMaterials, EditMatter, ManageTeam, SetWall, ReadMatterLedger, ReceiveMaterial, RegisterCarrier, ExportRegister, ExportRoster, View, ViewPage, ListEntry, Propose, Review,
	ReadHistory, FetchOriginal, Release, RenameMaterial, RecordBasis, ViewCarrier, HandCarrier, TakeCarrier, ReturnCarrier, WriteOffCarrier, RecallCarrier, TakeBackCarrier, LendOutside, SendCarrier, EraseCopy, ReadOverdue, ExplainGap, ArrangeMeeting, TakeOut, CheckBack, PrintMaterial, CopyCarrier, ScanCarrier, CollectOutput, OperateOutput, ViewApproval, DecideApproval, WithdrawApproval,
	CloseMatter, SetKeeping, SetPeriods, SetHold, LiftHold, RestrictMaterial, ShredWaste, RequestDestruction, ViewDestruction, AppraiseDestruction, ArrangeDestruction, WithdrawDestruction, WitnessDestruction, Destroy,
	ReadMedia, ManageMedia, RateMedium, CheckMedium, PrepareExport, ViewExport, ScanExport, ExportToMedium, FetchExport, ReadIncidents, ViewIncident, SettleIncident, RegisterDanger, ReadDangers, ViewDanger, AssignDanger, MendDanger, CheckDanger, ReadLedger, VerifyLedger, ExportLedger}

// Delegable are the approvals of a director that another may be let give (授权人; clauses 7.1.3, 8.2).
var Delegable = []Act{Release, FetchOriginal, DecideRights, SettleLeaving, WriteOffLeaving, WriteOffCarrier, TakeOut, LendOutside, SendCarrier, PrintMaterial, CopyCarrier, ScanCarrier, ExportToMedium}

// State is the state of a matter, a material, a person or a carrier.
type State string

const (
	Open       State = "open"       // matter
	Closed     State = "closed"     // matter: its mandate is over
	Proposed   State = "proposed"   // material: its level waits for review
	Filed      State = "filed"      // material: reviewed and filed
	Restricted State = "restricted" // material: may be stored and nothing else
	Leaving    State = "leaving"    // person: hands over, and something is outstanding
	Cleared    State = "cleared"    // person: has handed everything over, witnessed and pledged
	Held       State = "held"       // carrier: somebody holds it
	Offered    State = "offered"    // carrier: its holder has offered it to somebody who has not answered
	Out        State = "out"        // carrier: off the premises
	Ended      State = "ended"      // carrier: returned, destroyed, sent or written off; its record stays. Material: destroyed. Destruction: done or given up
	Pending    State = "pending"    // approval: somebody has still to decide
	Approved   State = "approved"   // approval: may be used
	Over       State = "over"       // approval: refused, withdrawn, lapsed or used up
	Listed     State = "listed"     // destruction: waits to be appraised
	Appraised  State = "appraised"  // destruction: waits to be approved and carried out
	Draft      State = "draft"      // export: chosen, to be scanned and approved
	Issued     State = "issued"     // export: granted, its container may be taken out
	Written    State = "written"    // export: its container was taken out
	Found      State = "found"      // danger: nobody is to mend it yet
	Mending    State = "mending"    // danger: somebody is to mend it
	Mended     State = "mended"     // danger: said to be mended, to be checked
	Confirmed  State = "confirmed"  // danger: somebody else saw that it is mended
)

// States lists them.
var States = []State{Open, Closed, Proposed, Filed, Restricted, Leaving, Cleared, Held, Offered, Out, Ended, Pending, Approved, Over, Listed, Appraised, Draft, Issued, Written, Found, Mending, Mended, Confirmed}

// Principal is who acts. The zero value is nobody and may do nothing.
type Principal struct {
	ID       string `json:"id,omitempty"`
	Posts    []Post `json:"posts,omitempty"`
	Active   bool   `json:"active,omitempty"`   // the account is open: joined, not suspended, not left
	Trained  bool   `json:"trained,omitempty"`  // trained on the rules, and not overdue for the next time
	Overdue  bool   `json:"overdue,omitempty"`  // was trained, and is overdue for the next time; meaningful when not Trained
	Pledged  bool   `json:"pledged,omitempty"`  // signed the pledge in its present version
	Strong   bool   `json:"strong,omitempty"`   // a second factor was shown in this session
	Narrowed bool   `json:"narrowed,omitempty"` // an API token that may do only Scopes
	Scopes   []Act  `json:"scopes,omitempty"`   // meaningful when Narrowed
	System   bool   `json:"system,omitempty"`   // the program itself, or the operator at the machine's console

	Delegated   []Act  `json:"delegated,omitempty"`   // acts that a director has let the person do in the director's place, now
	DelegatedBy string `json:"delegatedBy,omitempty"` // that director's id; meaningful with Delegated
}

// Resource is what the act is done to. For a thing that is not there, Exists is false and nothing but Kind and ID is set.
type Resource struct {
	Kind     Kind                    `json:"kind,omitempty"`
	ID       string                  `json:"id,omitempty"`
	Matter   string                  `json:"matter,omitempty"` // the matter it belongs to; a matter belongs to itself
	Level    classification.Level    `json:"level,omitzero"`
	State    State                   `json:"state,omitempty"`
	Proposer string                  `json:"proposer,omitempty"` // person who proposed the level; of a medium, who used it last; of a carrier, who has lent it; of a danger, who found it
	Reviewer string                  `json:"reviewer,omitempty"` // person assigned to review it; of a danger, who mended it last
	Owner    string                  `json:"owner,omitempty"`    // person who answers for it (3.3); of a matter, its lead; of a carrier, its holder; of a destruction, who carries it out; of an approval, its applicant; of a danger, who is to mend it
	Scanned  bool                    `json:"scanned,omitempty"`  // an export all of whose originals were found clean a short while ago
	Fit      bool                    `json:"fit,omitempty"`      // an export whose medium is registered, rated for its level, in its maker's hands and free for its matter
	Kindless bool                    `json:"kindless,omitempty"` // a material for which no kind in scope is recorded (clause 4)
	Personal classification.Personal `json:"personal,omitzero"`  // of a material: whether it holds personal information (clause 3.5)
	Basis    classification.Basis    `json:"basis,omitempty"`    // of a material: on what basis that is handled
	Frozen   bool                    `json:"frozen,omitempty"`   // a carrier or medium under legal hold, a destruction of which something is (clause 12)
	Exists   bool                    `json:"exists,omitempty"`
}

// Circumstances are what holds between the caller and the thing now.
type Circumstances struct {
	Member        bool                 `json:"member,omitempty"`    // of the matter's team
	Lead          bool                 `json:"lead,omitempty"`      // its lead lawyer
	Assigned      bool                 `json:"assigned,omitempty"`  // a duty in it by name: handling lawyer of the matter, reviewer who still has to decide, witness of a hand-over or a destruction, whom a carrier is offered to, who decides an approval now
	Clearance     classification.Level `json:"clearance,omitzero"`  // highest level the person may know in this matter
	Walled        bool                 `json:"walled,omitempty"`    // behind the matter's wall
	Listed        bool                 `json:"listed,omitempty"`    // on the need-to-know list for top secret
	Successor     bool                 `json:"successor,omitempty"` // has taken over from the person, in the last leaving
	Self          bool                 `json:"self,omitempty"`      // the thing is the caller's own (account, record)
	OfficeNetwork bool                 `json:"office,omitempty"`    // the request comes from the firm's own network
	Approvals     []string             `json:"approvals,omitempty"` // capacities in which somebody has approved: lead, director, committee
	NewLevel      classification.Level `json:"newLevel,omitzero"`   // the level asked for by propose and review; zero in a forecast
	Bulk          bool                 `json:"bulk,omitempty"`      // one of several done with one stroke
}

// Request is one question to the rules. Its JSON form is kept in the ledger and replayed by `mijuan policy try`; it comes back
// exactly as long as its levels are levels or zero and its empty lists are nil.
type Request struct {
	Who   Principal     `json:"who,omitzero"`
	Act   Act           `json:"act,omitempty"`
	Thing Resource      `json:"thing,omitzero"`
	Where Circumstances `json:"where,omitzero"`
}

// Delegated reports whether the act is one that a director has let the caller do in the director's place, to a thing that is not the
// director's own.
func (q Request) Delegated() bool { return relationOf(&q).delegated }

// Outcome of a decision. The zero value is no outcome and permits nothing.
type Outcome uint8

const (
	Permit Outcome = iota + 1
	Refuse
	NeedsApproval
)

// Outcomes lists them.
var Outcomes = []Outcome{Permit, Refuse, NeedsApproval}

// Reason is one rule that stood in the way.
type Reason struct {
	Clause   string `json:"clause"`             // key of the regime
	Rule     string `json:"rule,omitempty"`     // the policy's @id; empty when no rule covers the act
	Sentence string `json:"sentence"`           // why, in one Chinese sentence, which is its own catalogue key
	Step     string `json:"step,omitempty"`     // what the caller can do about it; see Names.Steps
	Approver string `json:"approver,omitempty"` // whose approval would lift it, or either of whose; see Names.Approvers
	Stage    int    `json:"stage,omitempty"`    // when the approver is asked; see Decision.Route
}

// Decision is the rules' answer. When Hidden is set the caller may not know whether the thing exists: the only answer is
// "absent", and Reasons are for the ledger alone.
type Decision struct {
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons,omitempty"` // hiding first, then what no approval lifts, each in clause order
	Hidden  bool     `json:"hidden,omitempty"`
}
