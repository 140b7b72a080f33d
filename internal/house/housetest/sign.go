package housetest

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
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
	from := person.From{Addr: "127.0.0.1"}
	e, err := o.House.People.Enter(ctx, login, Password, from)
	Must(o.T, err)
	d := due[len(due)-1]
	p, err := o.House.Pledges.Sign(ctx, o.Who(login), pledge.Signing{Kind: d.Kind, Version: d.Version, Digest: pledge.Digest(d.Text),
		Consent: hand.Consent{Session: e.Token, Confirmation: person.Confirmation{Password: Password}, From: from}})
	Must(o.T, err)
	return p.ID
}
