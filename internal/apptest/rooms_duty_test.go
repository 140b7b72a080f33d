package apptest

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/continuing"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
)

// gone has somebody leave and be reminded once of the duty that stays.
func (o *office) gone(t *testing.T, login string) {
	ctx, thing := context.Background(), guard.Thing{Kind: access.Person, ID: o.ids[login]}
	act := func(by string, act access.Act, f func(*guard.Grant) error) {
		must(t, o.h.Door.Do(ctx, worker(o.ids[by]), act, thing, f))
	}
	act("director", access.BeginLeaving, func(g *guard.Grant) error {
		return o.h.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 2), Reason: "本人辞职", Witness: o.ids["auditor"]})
	})
	must(t, o.h.Leaving.WriteOff(ctx, worker(o.ids["director"]), thing.ID, leaving.Forgiven{Items: []leaving.Item{{Kind: leaving.Pledge}}, Reason: "本人已不在本市"}, o.consent(t, "director"), "江澜衡砚律师事务所"))
	var list *leaving.Departure
	act("auditor", access.ReadHoldings, func(g *guard.Grant) (err error) { _, list, err = o.h.Leaving.Holdings(g); return err })
	must(t, o.h.Leaving.Witness(ctx, worker(o.ids["auditor"]), thing.ID, list.Digest(), o.consent(t, "auditor"), "江澜衡砚律师事务所"))
	act("security", access.CloseLeaving, func(g *guard.Grant) error { _, err := o.h.Leaving.Close(g); return err })
	must(t, o.h.Duty.Send(ctx, worker(o.ids["security"]), thing.ID, continuing.Sending{Manner: continuing.ByPost, Note: "滨江路 8 号", Months: 12}, o.consent(t, "security"), "江澜衡砚律师事务所"))
}

// consent is somebody's, in a session of their own.
func (o *office) consent(t *testing.T, login string) hand.Consent {
	t.Helper()
	from := person.From{Addr: "127.0.0.1"}
	e, err := o.h.People.Enter(context.Background(), login, password, from)
	must(t, err)
	return hand.Consent{Session: e.Token, Confirmation: person.Confirmation{Password: password}, From: from}
}
