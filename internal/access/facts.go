package access

import (
	"slices"
	"sync/atomic"

	"github.com/cedar-policy/cedar-go/types"

	"mijuan/internal/classification"
)

// Cedar types that have no Kind of their own.
const (
	callerType = types.EntityType("Caller")
	actionType = types.EntityType("Action")
)

// facts is what one evaluation can look at: the caller, the thing, and the acts with their groups.
type facts struct {
	caller, thing types.Entity
	acts          map[types.EntityUID]types.Entity
}

// Get implements types.EntityGetter.
func (f *facts) Get(uid types.EntityUID) (types.Entity, bool) {
	switch uid.Type {
	case callerType:
		return f.caller, uid.ID == f.caller.UID.ID
	case actionType:
		e, ok := f.acts[uid]
		return e, ok
	default:
		return f.thing, uid == f.thing.UID
	}
}

// records remembers Cedar records by the facts they state. Building one costs more than evaluating all rules, and a firm's
// people, things and relations fall into few combinations; a fact outside the known words is built anew each time.
type records struct {
	callers, things, wheres memo
	kinship                 bool // some rule asks which matter a material is in
}

const memoBits = 10

// memo is a direct-mapped table: bounded, and safe for concurrent use without locks.
type memo [1 << memoBits]atomic.Pointer[remembered]

type remembered struct {
	key    uint64
	record types.Record
}

func (m *memo) slot(key uint64) *atomic.Pointer[remembered] {
	return &m[key*0x9e3779b97f4a7c15>>(64-memoBits)]
}

func (m *memo) get(key uint64) (types.Record, bool) {
	if r := m.slot(key).Load(); r != nil && r.key == key {
		return r.record, true
	}
	return types.Record{}, false
}

func (m *memo) put(key uint64, r types.Record) types.Record {
	m.slot(key).Store(&remembered{key, r})
	return r
}

// bits packs facts into a key.
type bits struct {
	key  uint64
	size int
	ok   bool // false when some fact has no number
}

func (b *bits) flag(f bool) {
	if f {
		b.key |= 1 << b.size
	}
	b.size++
}

func (b *bits) number(n, width int) {
	if n < 0 || n >= 1<<width {
		b.ok = false
		return
	}
	b.key |= uint64(n) << b.size
	b.size += width
}

// caller is the Cedar form of the principal.
func (r *records) caller(p *Principal) types.Entity {
	e := types.Entity{UID: types.NewEntityUID(callerType, types.String(p.ID))}
	b := bits{ok: true}
	known := 0
	for _, post := range Posts {
		held := slices.Contains(p.Posts, post)
		b.flag(held)
		if held {
			known++
		}
	}
	b.ok = known == len(p.Posts)
	for _, f := range [...]bool{p.ID != "", p.Active, p.Trained, p.Overdue, p.Pledged, p.Strong, p.System} {
		b.flag(f)
	}
	if b.ok {
		var found bool
		if e.Attributes, found = r.callers.get(b.key); found {
			return e
		}
	}
	e.Attributes = callerRecord(p)
	if b.ok {
		r.callers.put(b.key, e.Attributes)
	}
	return e
}

func callerRecord(p *Principal) types.Record {
	posts := make([]types.Value, 0, len(p.Posts))
	for _, post := range p.Posts {
		posts = append(posts, types.String(post))
	}
	return types.NewRecord(types.RecordMap{
		"named": types.Boolean(p.ID != ""), "posts": types.NewSet(posts...), "active": types.Boolean(p.Active),
		"trained": types.Boolean(p.Trained), "overdue": types.Boolean(p.Overdue && !p.Trained), "pledged": types.Boolean(p.Pledged), "strong": types.Boolean(p.Strong),
		"system": types.Boolean(p.System),
	})
}

// thing is the Cedar form of the resource. A material knows its matter only where some rule asks for it by id.
func (r *records) thing(t *Resource) types.Entity {
	e := types.Entity{UID: types.NewEntityUID(types.EntityType(t.Kind), types.String(t.ID))}
	if r.kinship && t.Kind == Material && t.Matter != "" {
		e.Parents = types.NewEntityUIDSet(types.NewEntityUID(types.EntityType(Matter), types.String(t.Matter)))
	}
	b := bits{ok: true}
	b.number(position(Kinds, t.Kind), 4)
	b.number(position(States, t.State)+1, 6)
	b.number(int(t.Level), 8)
	for _, f := range [...]bool{t.Owner != "", t.Matter != "", t.Kindless, t.Frozen, t.Exists, t.Scanned, t.Fit} {
		b.flag(f)
	}
	b.number(int(t.Personal), 8)
	b.number(position(classification.Bases, t.Basis)+1, 5)
	b.ok = b.ok && (t.State == "" || slices.Contains(States, t.State)) && (t.Basis == "" || slices.Contains(classification.Bases, t.Basis))
	if b.ok {
		var found bool
		if e.Attributes, found = r.things.get(b.key); found {
			return e
		}
	}
	e.Attributes = thingRecord(t)
	if b.ok {
		r.things.put(b.key, e.Attributes)
	}
	return e
}

func thingRecord(t *Resource) types.Record {
	m := types.RecordMap{"exists": types.Boolean(t.Exists)}
	if t.Kind == Matter || t.Kind == Material || t.Kind == Person || t.Kind == Carrier || t.Kind == Approval || t.Kind == Destruction || t.Kind == Medium || t.Kind == Export || t.Kind == Incident || t.Kind == Danger {
		m["state"] = types.String(t.State)
	}
	if t.Kind == Matter || t.Kind == Material {
		m["owned"] = types.Boolean(t.Owner != "")
	}
	if t.Kind == Export {
		m["scanned"], m["fit"] = types.Boolean(t.Scanned), types.Boolean(t.Fit)
	}
	if t.Kind == Carrier || t.Kind == Approval || t.Kind == Export || t.Kind == Incident {
		m["level"] = types.Long(t.Level)
	}
	if t.Kind == Destruction {
		m["level"] = types.Long(t.Level)
	}
	if t.Kind == Destruction || t.Kind == Carrier || t.Kind == Medium {
		m["frozen"] = types.Boolean(t.Frozen)
	}
	if t.Kind == Material {
		m["level"], m["placed"], m["kindless"] = types.Long(t.Level), types.Boolean(t.Matter != ""), types.Boolean(t.Kindless)
		m["personal"], m["sensitive"], m["basis"] = types.Boolean(t.Personal.NeedsBasis()), types.Boolean(t.Personal == classification.Sensitive), types.String(t.Basis)
	}
	return types.NewRecord(m)
}

// approvals are the capacities that have a number.
var approvals = []string{"lead", "director", "committee"}

// where is the Cedar form of the circumstances, with the relations that follow from ids.
func (r *records) where(q *Request) types.Record {
	w, rel := &q.Where, relationOf(q)
	b := bits{ok: true}
	for _, f := range [...]bool{w.Member, w.Lead, w.Assigned, w.Walled, w.Listed, w.OfficeNetwork, rel.proposer, rel.reviewer, rel.owner,
		rel.self, rel.inScope, rel.delegated, w.Bulk, w.Successor} {
		b.flag(f)
	}
	b.number(int(w.Clearance), 8)
	b.number(int(w.NewLevel), 8)
	known := 0
	for _, a := range approvals {
		given := slices.Contains(w.Approvals, a)
		b.flag(given)
		if given {
			known++
		}
	}
	b.ok = known == len(w.Approvals)
	if b.ok {
		if rec, found := r.wheres.get(b.key); found {
			return rec
		}
		return r.wheres.put(b.key, whereRecord(w, rel))
	}
	return whereRecord(w, rel)
}

// relation is what follows from comparing ids. An empty id is nobody's.
type relation struct{ proposer, reviewer, owner, self, inScope, delegated bool }

func relationOf(q *Request) relation {
	id := q.Who.ID
	is := func(other string) bool { return id != "" && other == id }
	return relation{
		proposer: is(q.Thing.Proposer), reviewer: is(q.Thing.Reviewer), owner: is(q.Thing.Owner),
		self:    q.Where.Self || q.Thing.Kind == Person && is(q.Thing.ID),
		inScope: !q.Who.Narrowed || slices.Contains(q.Who.Scopes, q.Act),
		// Nobody approves upwards: what is the director's own stays out of what the director gave away.
		delegated: id != "" && slices.Contains(q.Who.Delegated, q.Act) && q.Thing.ID != q.Who.DelegatedBy && q.Thing.Owner != q.Who.DelegatedBy,
	}
}

func whereRecord(w *Circumstances, rel relation) types.Record {
	given := make([]types.Value, 0, len(w.Approvals))
	for _, a := range w.Approvals {
		given = append(given, types.String(a))
	}
	return types.NewRecord(types.RecordMap{
		"member": types.Boolean(w.Member), "lead": types.Boolean(w.Lead), "assigned": types.Boolean(w.Assigned),
		"clearance": types.Long(w.Clearance), "walled": types.Boolean(w.Walled), "listed": types.Boolean(w.Listed),
		"officeNetwork": types.Boolean(w.OfficeNetwork), "approvals": types.NewSet(given...), "newLevel": types.Long(w.NewLevel),
		"proposer": types.Boolean(rel.proposer), "reviewer": types.Boolean(rel.reviewer), "owner": types.Boolean(rel.owner),
		"self": types.Boolean(rel.self), "inScope": types.Boolean(rel.inScope),
		"delegated": types.Boolean(rel.delegated), "bulk": types.Boolean(w.Bulk), "successor": types.Boolean(w.Successor),
	})
}
