// Package knower keeps the register 绝密知悉人员 (clauses 3.1, 10): who came to know a carrier or a material that is top secret, when, by whose hands
// and by whose leave. Its rows are written by the acts through which people come to know; nobody enters or changes one.
package knower

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Manner is how somebody came to know a thing.
type Manner string

const (
	Registered Manner = "registered" // a carrier that they registered, or that was made for them
	Taken      Manner = "taken"      // one that they confirmed having received
	Along      Manner = "along"      // they went along when it left the premises
	Filled     Manner = "filled"     // they wrote what is top secret to a medium that they held
	Received   Manner = "received"   // a material whose level they proposed
	Reviewed   Manner = "reviewed"
	Read       Manner = "read"
	Fetched    Manner = "fetched" // the original
)

// Manners lists them in the order in which pages offer them.
var Manners = []Manner{Registered, Taken, Along, Filled, Received, Reviewed, Read, Fetched}

var mannerNames = map[Manner]string{Registered: "登记经手", Taken: "接收保管", Along: "外带同行", Filled: "写入介质", Received: "提出定密", Reviewed: "审核定密", Read: "阅览", Fetched: "取得原件"}

// Name is the manner in Chinese.
func (m Manner) Name() string { return mannerNames[m] }

// Passing is that somebody comes to know a thing.
type Passing struct {
	Kind     access.Kind // Carrier or Material
	Thing    string      // id
	Matter   string      // id
	Person   string      // id
	Manner   Manner
	Handler  string // person's id: by whose hands
	Approval string // id of the request that lets them; empty: none was needed
}

// Note writes down that somebody comes to know what is top secret, in the act by which they do. Of a material only the first time in each manner
// counts.
func Note(tx *store.Tx, p Passing) error {
	now := tx.Now.UnixMilli()
	_, err := tx.Exec(`INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
		COALESCE((SELECT b.granted_by FROM member b WHERE b.matter = $4 AND b.person = $5 AND b.listed = 1 AND b.since <= $6 AND (b.until = 0 OR b.until > $6) ORDER BY b.since DESC LIMIT 1), ''))
		ON CONFLICT DO NOTHING`, tx.NewID(), string(p.Kind), p.Thing, p.Matter, p.Person, now, string(p.Manner), p.Handler, p.Approval)
	return err
}

// Knower is one row of the register. Persons are ids.
type Knower struct {
	ID            string
	Kind          access.Kind
	Thing, Matter string // ids
	Number        string
	Title         string // empty for who may not know it
	Known         bool   // Title is there
	Person        string
	At            time.Time
	Manner        Manner
	Handler       string
	Approval      string // id of the request; empty: none was needed
	Lister        string // who had put the person on the matter's list
}

// Room reads the register. It is safe for concurrent use.
type Room struct{ carrier, material *vault.Field }

// New makes the room.
func New(keys *vault.Keyring) *Room {
	return &Room{carrier: keys.Field("carrier.title"), material: keys.Field("material.title")}
}
