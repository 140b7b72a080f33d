package audit

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// sieve leaves out what was done to materials and carriers that a reader of a matter's ledger may not know: hidden and absent are the
// same there too (clauses 3.1, 10). Of a person's acts it leaves none out, but of those on what the reader may not know it leaves what
// was done, when and how that ended: the same for what is not there. The auditor, who may read every history, loses nothing.
type sieve struct {
	door  *guard.Door
	who   guard.Who
	veils bool
	knows map[guard.Thing]bool // what was asked before
}

func (r *Reader) sieve(who guard.Who) *sieve {
	return &sieve{door: r.door, who: who, knows: map[guard.Thing]bool{}}
}

func (r *Reader) veil(who guard.Who) *sieve {
	s := r.sieve(who)
	s.veils = true
	return s
}

// told are the acts by any of which somebody may be told that a thing of the kind is there.
var told = map[access.Kind][]access.Act{access.Material: {access.ReadHistory}, access.Carrier: {access.ViewCarrier}, access.Matter: {access.ViewMatter, access.ReadMatterLedger}}

// subject is what one has to know of to be told of an entry.
func (s *sieve) subject(e ledger.Entry) guard.Thing {
	thing := guard.Thing{Kind: access.Kind(e.Kind), ID: e.Thing}
	if told[thing.Kind] == nil && e.Matter != "" {
		return guard.Thing{Kind: access.Matter, ID: e.Matter}
	}
	return thing
}

// pass gives the entries that the reader may know. A nil sieve lets everything pass.
func (s *sieve) pass(tx *store.Tx, entries []ledger.Entry) (passed []ledger.Entry, err error) {
	if s == nil {
		return entries, nil
	}
	for _, e := range entries {
		known, err := s.known(tx, s.subject(e))
		switch {
		case err != nil:
			return nil, err
		case known:
			passed = append(passed, e)
		case s.veils:
			e.Thing, e.Matter, e.MatterSeq, e.Clauses = veiled, "", 0, nil
			passed = append(passed, e)
		}
	}
	return passed, nil
}

// veiled stands for a thing that the reader may not know, and for one that is not there.
const veiled = ""

func (s *sieve) known(tx *store.Tx, thing guard.Thing) (known bool, err error) {
	acts := told[thing.Kind]
	if acts == nil {
		return true, nil
	}
	if known, asked := s.knows[thing]; asked {
		return known, nil
	}
	for _, act := range acts {
		if known, err = s.door.Knows(tx, s.who, act, thing); err != nil || known {
			break
		}
	}
	s.knows[thing] = known
	return known, err
}
