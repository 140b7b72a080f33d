// Package person is the roster: everyone who may touch client material, with posts, log-in, sessions and tokens (clauses 2, 3.3,
// 6.1, 8.3). An account belongs to one named person; a person's being trained, pledged and active are facts that the rules read
// on every act. Names and log-ins are sealed columns, found by keyed tokens. Passwords are hashed outside every transaction,
// because hashing takes a fifth of a second and the writer is one for all.
//
// Roster holds the persons and what a security administrator does to them. Gate is the way in. Accounts are what people do
// with their own. Outside is what the firm's own services prove of people.
package person

import (
	"slices"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Status of a person's account.
type Status string

const (
	Invited   Status = "invited"   // has a one-time link and no log-in yet
	Active    Status = "active"    // 在岗
	Suspended Status = "suspended" // 停用
	Left      Status = "left"      // 已离岗
)

// Statuses lists them in the order in which forms offer them.
var Statuses = []Status{Active, Invited, Suspended, Left}

var statusNames = map[Status]string{Invited: "待启用", Active: "在岗", Suspended: "已停用", Left: "已离岗"}

// Name is the status in Chinese.
func (s Status) Name() string { return statusNames[s] }

// forever is until when a pledge holds that no newer one replaces, in Unix ms.
const forever = 253402300799000

// Person is one member of the firm.
type Person struct {
	ID           string
	Login        string
	Name         string
	Department   string
	Licence      string // 执业证号; empty for those who do not practise
	Posts        []access.Post
	Status       Status
	Trained      bool      // and not overdue, now
	TrainedUntil time.Time // zero: never trained
	Pledge       int       // version signed; 0: none
	Pledged      time.Time
	Bound        bool      // by a pledge that is in force, now
	BoundUntil   time.Time // when a newer pledge must be signed; zero: no newer one is asked for, or none was ever signed
	Joined       time.Time // zero: the account was never opened
	Mail         string    // address for notices; empty: none is known
	NoMail       bool      // the person wants no notices by mail
	Directory    bool      // the firm's directory proves the password at log-in; the own one is for signing
	Standing     *Standing // of the log-in; nil unless the reader may know (see Roster.Get)
}

// Standing is what is set up for a person's log-in, and what stands in its way.
type Standing struct {
	Factors
	Password    bool      // has one
	LockedUntil time.Time // zero: not locked
	Unseconded  bool      // that link waits for a second person (see Second)
	Invitation  time.Time // until when a one-time link waits to be used; zero: none does
	Sessions    int       // live
	Tokens      int       // live
	Linked      *Linked   // with the firm's OpenID provider; nil: not
}

// Has reports whether the person holds the post.
func (p Person) Has(post access.Post) bool { return slices.Contains(p.Posts, post) }

// Initial is the first character of the name, for the round mark beside it.
func (p Person) Initial() string {
	_, n := utf8.DecodeRuneInString(p.Name)
	return p.Name[:n]
}

// Settings of the roster. Zero values take the usual ones of 等保 (GB/T 22239).
type Settings struct {
	SecondFactor bool          // every log-in needs one. Where none is needed, a log-in without counts as strong
	Idle         time.Duration // a session ends unused after this; 15 minutes
	Longest      time.Duration // a session ends in any case after this; 12 hours
	Hosts        []string      // names by which browsers reach the firm; the first that is no address is the passkeys' relying party
	Port         string        // of the address in the browser, if not 443
	Password     PasswordRule
	Cost         Cost
}

func (s Settings) filled() Settings {
	if s.Idle == 0 {
		s.Idle = 15 * time.Minute
	}
	if s.Longest == 0 {
		s.Longest = 12 * time.Hour
	}
	s.Password = s.Password.filled()
	if s.Cost == (Cost{}) {
		s.Cost = Cost{Time: 3, Memory: 64 << 10, Lanes: 1}
	}
	return s
}

// Roster keeps the persons. It is safe for concurrent use.
type Roster struct {
	*records
	*Gate
	*Accounts
	*Outside
}

// Cost is what a guess at a password costs in this firm; what else a password seals costs as much.
func (r *records) Cost() Cost { return r.set.Cost }

// New makes the roster. Register its Principal and Load with the door.
func New(db *store.DB, door *guard.Door, keys *vault.Keyring, s Settings) (*Roster, error) {
	s = s.filled()
	shared := &records{db: db, door: door, set: s, seal: newSeals(keys), index: newIndexes(keys)}
	gate := &Gate{records: shared, hash: newHasher(s.Cost), throttle: newThrottle()}
	var err error
	if gate.passkeys, err = relyingParty(s); err != nil {
		return nil, err
	}
	return &Roster{records: shared, Gate: gate, Accounts: &Accounts{records: shared, gate: gate}, Outside: &Outside{records: shared, gate: gate}}, nil
}

// records is what the parts of the roster share.
type records struct {
	db     *store.DB
	door   *guard.Door
	set    Settings
	seal   seals
	index  indexes
	relock Relock // nil: a password locks nothing but the account
	asks   *Directory
}

type seals struct {
	mail, login, name, department, licence, password, totp, credential, label, ceremony, addr, agent, pending, token, errand, subject, delegation, change, qualified *vault.Field
}

func newSeals(k *vault.Keyring) seals {
	return seals{mail: k.Field("person.mail"), login: k.Field("person.login"), name: k.Field("person.name"), department: k.Field("person.department"),
		licence: k.Field("person.licence"), password: k.Field("person.password"), totp: k.Field("person.totp"),
		credential: k.Field("passkey.credential"), label: k.Field("passkey.label"), ceremony: k.Field("ceremony.state"),
		addr: k.Field("session.addr"), agent: k.Field("session.agent"), pending: k.Field("session.pending"), token: k.Field("api_token.name"),
		errand: k.Field("errand.state"), subject: k.Field("identity.subject"), delegation: k.Field("delegation.reason"), change: k.Field("right_change.what"),
		qualified: k.Field("qualification.reason")}
}

type indexes struct{ logins, names, codes, credentials, identities *vault.Index }

func newIndexes(k *vault.Keyring) indexes {
	return indexes{logins: k.Index("person.login"), names: k.Index("person.name"), codes: k.Index("recovery_code"),
		credentials: k.Index("passkey.credential"), identities: k.Index("identity")}
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
