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
)

// Kinds lists them.
var Kinds = []Kind{Firm, Person, Matter, Material, Ledger}

// Act is the name of an act. It is also the Cedar action id; which kinds of thing it is done to stands in the schema.
type Act string

const (
	UseSystem        Act = "useSystem"        // Firm: log in and see one's own desk
	ReadRoster       Act = "readRoster"       // Firm
	ReadRules        Act = "readRules"        // Firm: the clause map
	OpenMatter       Act = "openMatter"       // Firm
	Appoint          Act = "appoint"          // Firm: invite a person; Person: change posts, suspend, reset
	ManageSystem     Act = "manageSystem"     // Firm
	ManageTraining   Act = "manageTraining"   // Firm: publish a course, call people to a training
	SetPledge        Act = "setPledge"        // Firm: put a new version of the pledge in force
	ReadPersonActs   Act = "readPersonActs"   // Person
	ManageOwnAccount Act = "manageOwnAccount" // Person
	Study            Act = "study"            // Person: read the course and take the test
	SignPledge       Act = "signPledge"       // Person
	ReadHoldings     Act = "readHoldings"     // Person: what they answer for, and how their hand-over stands
	BeginLeaving     Act = "beginLeaving"     // Person
	SettleLeaving    Act = "settleLeaving"    // Person: hand what they answer for to others
	WriteOffLeaving  Act = "writeOffLeaving"  // Person: let something go that cannot be handed over
	WitnessLeaving   Act = "witnessLeaving"   // Person
	CloseLeaving     Act = "closeLeaving"     // Person
	ReadMeasures     Act = "readMeasures"     // Person: measures and rewards, with how they came about
	OpenMeasure      Act = "openMeasure"      // Person: begin a measure or reward, give an opinion on one
	ReplyMeasure     Act = "replyMeasure"     // Person: say one's part
	DecideMeasure    Act = "decideMeasure"    // Person
	ViewMatter       Act = "viewMatter"       // Matter
	ListMaterials    Act = "listMaterials"    // Matter
	EditMatter       Act = "editMatter"       // Matter
	ManageTeam       Act = "manageTeam"       // Matter: places in the team, levels, the need-to-know list
	SetWall          Act = "setWall"          // Matter
	ReadMatterLedger Act = "readMatterLedger" // Matter
	ReceiveMaterial  Act = "receiveMaterial"  // Matter
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
	ReadLedger       Act = "readLedger"       // Ledger
	VerifyLedger     Act = "verifyLedger"     // Ledger
	ExportLedger     Act = "exportLedger"     // Ledger
)

// Acts lists every act that this program can do, in the order of the rooms.
var Acts = []Act{UseSystem, ReadRoster, ReadRules, OpenMatter, Appoint, ManageSystem, ManageTraining, SetPledge, ReadPersonActs, ManageOwnAccount,
	Study, SignPledge, ReadHoldings, BeginLeaving, SettleLeaving, WriteOffLeaving, WitnessLeaving, CloseLeaving, ReadMeasures, OpenMeasure, ReplyMeasure, DecideMeasure, ViewMatter,
	ListMaterials, EditMatter, ManageTeam, SetWall, ReadMatterLedger, ReceiveMaterial, ExportRegister, ExportRoster, View, ViewPage, ListEntry, Propose, Review,
	ReadHistory, FetchOriginal, Release, RenameMaterial, ReadLedger, VerifyLedger, ExportLedger}

// State is the state of a matter, a material or a person.
type State string

const (
	Open       State = "open"       // matter
	Closed     State = "closed"     // matter: its mandate is over
	Proposed   State = "proposed"   // material: its level waits for review
	Filed      State = "filed"      // material: reviewed and filed
	Restricted State = "restricted" // material: may be stored and nothing else
	Leaving    State = "leaving"    // person: hands over, and something is outstanding
	Cleared    State = "cleared"    // person: has handed everything over, witnessed and pledged
)

// States lists them.
var States = []State{Open, Closed, Proposed, Filed, Restricted, Leaving, Cleared}

// Principal is who acts. The zero value is nobody and may do nothing.
type Principal struct {
	ID       string `json:"id,omitempty"`
	Posts    []Post `json:"posts,omitempty"`
	Active   bool   `json:"active,omitempty"`   // the account is open: joined, not suspended, not left
	Trained  bool   `json:"trained,omitempty"`  // trained on the rules, and not overdue for the next time
	Pledged  bool   `json:"pledged,omitempty"`  // signed the pledge in its present version
	Strong   bool   `json:"strong,omitempty"`   // a second factor was shown in this session
	Narrowed bool   `json:"narrowed,omitempty"` // an API token that may do only Scopes
	Scopes   []Act  `json:"scopes,omitempty"`   // meaningful when Narrowed
	System   bool   `json:"system,omitempty"`   // the program itself, or the operator at the machine's console
}

// Resource is what the act is done to. For a thing that is not there, Exists is false and nothing but Kind and ID is set.
type Resource struct {
	Kind     Kind                 `json:"kind,omitempty"`
	ID       string               `json:"id,omitempty"`
	Matter   string               `json:"matter,omitempty"` // the matter it belongs to; a matter belongs to itself
	Level    classification.Level `json:"level,omitzero"`
	State    State                `json:"state,omitempty"`
	Proposer string               `json:"proposer,omitempty"` // person who proposed the level
	Reviewer string               `json:"reviewer,omitempty"` // person assigned to review it
	Owner    string               `json:"owner,omitempty"`    // person who answers for it (3.3); of a matter, its lead
	Kindless bool                 `json:"kindless,omitempty"` // a material for which no kind in scope is recorded (clause 4)
	Exists   bool                 `json:"exists,omitempty"`
}

// Circumstances are what holds between the caller and the thing now.
type Circumstances struct {
	Member        bool                 `json:"member,omitempty"`    // of the matter's team
	Lead          bool                 `json:"lead,omitempty"`      // its lead lawyer
	Assigned      bool                 `json:"assigned,omitempty"`  // a duty in it by name: handling lawyer of the matter, reviewer who still has to decide, witness of a hand-over
	Clearance     classification.Level `json:"clearance,omitzero"`  // highest level the person may know in this matter
	Walled        bool                 `json:"walled,omitempty"`    // behind the matter's wall
	Listed        bool                 `json:"listed,omitempty"`    // on the need-to-know list for top secret
	Self          bool                 `json:"self,omitempty"`      // the thing is the caller's own (account, record)
	OfficeNetwork bool                 `json:"office,omitempty"`    // the request comes from the firm's own network
	Approvals     []string             `json:"approvals,omitempty"` // capacities in which somebody has approved: lead, director, committee
	NewLevel      classification.Level `json:"newLevel,omitzero"`   // the level asked for by propose and review; zero in a forecast
}

// Request is one question to the rules. Its JSON form is kept in the ledger and replayed by `mijuan policy try`; it comes back
// exactly as long as its levels are levels or zero and its empty lists are nil.
type Request struct {
	Who   Principal     `json:"who,omitzero"`
	Act   Act           `json:"act,omitempty"`
	Thing Resource      `json:"thing,omitzero"`
	Where Circumstances `json:"where,omitzero"`
}

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
	Approver string `json:"approver,omitempty"` // whose approval would lift it; see Names.Approvers
}

// Decision is the rules' answer. When Hidden is set the caller may not know whether the thing exists: the only answer is
// "absent", and Reasons are for the ledger alone.
type Decision struct {
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons,omitempty"` // hiding first, then what no approval lifts, each in clause order
	Hidden  bool     `json:"hidden,omitempty"`
}
