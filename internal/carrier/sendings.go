package carrier

import (
	"fmt"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Level is the carrier's.
func (s Sending) Level() classification.Level { return s.it.Level }

// SendingsOf are the requests to send a carrier and what came of them, the last first, for who may know what it holds. The act is
// viewCarrier.
func (c *Cabinet) SendingsOf(g *guard.Grant) ([]Sending, error) {
	tx, it, err := c.acted(g, access.ViewCarrier)
	if where, me := g.Facts().Where, g.Who().Person; err != nil || !it.knows(where, me) || it.onLoan(where, me) {
		return nil, err
	}
	return c.sendings(tx, ` WHERE s.carrier = $1 ORDER BY s.asked DESC, s.id DESC`, it.ID)
}

// SendingFilter narrows and pages the register of what was sent. The zero value is the first page of all, the last first.
type SendingFilter struct {
	Matter  string // id
	Number  string // of the carrier, its beginning
	Level   classification.Level
	Channel Channel
	Open    bool // no receipt is noted
	Offset  int
	Limit   int // 1…200; 0 is 50. An export reads up to MaxExport
}

// Sendings is the register 外发登记 as far as the caller may know the carriers; who keeps or audits them by post reads no words. The act is
// useSystem, or exportRegister to take it along. SQL narrows, the rules confirm each row.
func (c *Cabinet) Sendings(g *guard.Grant, f SendingFilter) (all []Sending, more bool, err error) {
	tx, limit, me := g.Tx(access.UseSystem, access.ExportRegister), f.Limit, g.Who().Person
	switch {
	case g.Act() == access.ExportRegister:
		limit = MaxExport
	case limit <= 0 || limit > 200:
		limit = 50
	}
	w := c.narrow(g, Filter{Matter: f.Matter, Number: f.Number, Level: f.Level}, tx.Now)
	w.parts = []string{"EXISTS (SELECT 1 FROM carrier WHERE carrier.id = s.carrier AND " + strings.Join(w.parts, " AND ") + ")", "s.sent > 0"}
	if f.Channel != "" {
		w.add("s.channel = $$", string(f.Channel))
	}
	if f.Open {
		w.parts = append(w.parts, "s.receipted = 0")
	}
	n := len(w.args)
	rows, err := store.List(tx, c.scanSending, selectSending+" WHERE "+strings.Join(w.parts, " AND ")+fmt.Sprintf(" ORDER BY s.sent DESC, s.id DESC LIMIT $%d OFFSET $%d", n+1, n+2), append(w.args, limit+1, max(f.Offset, 0))...)
	if err != nil {
		return nil, false, err
	}
	more = len(rows) > limit
	relations := map[string]access.Circumstances{}
	for _, s := range rows[:min(limit, len(rows))] {
		where, read := relations[s.Matter]
		if !read {
			if where, err = matter.Relation(tx, s.Matter, me); err != nil {
				return nil, false, err
			}
			relations[s.Matter] = where
		}
		if !g.May(access.ViewCarrier, heldNow(access.Resource{Kind: access.Carrier, ID: s.Carrier, Matter: s.Matter, Level: s.it.Level, State: s.it.State, Owner: s.it.Holder, Exists: true}), where) {
			continue
		}
		if !s.it.knows(where, me) {
			s.Title, s.Recipient, s.Organisation, s.Basis, s.Receipt, s.Known = "", "", "", "", "", false
		}
		all = append(all, s)
	}
	return all, more, nil
}
