package housetest

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
)

// Sign has somebody asked for the leaving pledge and sign it, and gives the pledge's id. The firm gets a name if it has none.
func (o *Office) Sign(login string) string {
	o.T.Helper()
	ctx := context.Background()
	if name, err := o.House.Name(ctx); err != nil || name == "" {
		Must(o.T, o.House.SetName(ctx, "江澜衡砚律师事务所"))
	}
	o.do(o.Who("security"), access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs[login]}, o.House.Pledges.AskLeaving)
	var due []pledge.Due
	o.do(o.Who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		due, err = o.House.Pledges.Asked(g)
		return err
	})
	d := due[len(due)-1]
	p, err := o.House.Pledges.Sign(ctx, o.Who(login), pledge.Signing{Kind: d.Kind, Version: d.Version, Digest: pledge.Digest(d.Text), Consent: o.Consent(login)})
	Must(o.T, err)
	return p.ID
}

// Consent is somebody's, in a session of their own.
func (o *Office) Consent(login string) hand.Consent {
	o.T.Helper()
	from := person.From{Addr: "127.0.0.1"}
	e, err := o.House.People.Enter(context.Background(), login, Password, from)
	Must(o.T, err)
	return hand.Consent{Session: e.Token, Confirmation: person.Confirmation{Password: Password}, From: from}
}

// HandOver has somebody who answers for nothing leave as far as it goes before the closing: the director begins and writes the pledge
// off, the auditor witnesses.
func (o *Office) HandOver(login string) {
	o.T.Helper()
	ctx, thing := context.Background(), guard.Thing{Kind: access.Person, ID: o.IDs[login]}
	o.do(o.Who("director"), access.BeginLeaving, thing, func(g *guard.Grant) error {
		return o.House.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 2), Reason: "本人辞职", Witness: o.IDs["auditor"]})
	})
	if name, err := o.House.Name(ctx); err != nil || name == "" {
		Must(o.T, o.House.SetName(ctx, "江澜衡砚律师事务所"))
	}
	Must(o.T, o.House.Leaving.WriteOff(ctx, o.Who("director"), o.IDs[login], leaving.Forgiven{Items: []leaving.Item{{Kind: leaving.Pledge}}, Reason: "本人已不在本市"}, o.Consent("director"), "江澜衡砚律师事务所"))
	var list *leaving.Departure
	o.do(o.Who("auditor"), access.ReadHoldings, thing, func(g *guard.Grant) (err error) { _, list, err = o.House.Leaving.Holdings(g); return err })
	Must(o.T, o.House.Leaving.Witness(ctx, o.Who("auditor"), o.IDs[login], list.Digest(), o.Consent("auditor"), "江澜衡砚律师事务所"))
}
