package hand

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
	"mijuan/internal/store"
)

// Party is one of several who sign the same document in one sitting, at one device.
type Party struct {
	Login   string // of somebody who stands by without a session of their own; empty: Consent's session says who it is
	Consent Consent
}

// Joint is a document that several signed and that is not kept yet: the sheet of the first, with what the others add to be kept.
type Joint struct {
	*Sheet
	Present []guard.Who // the others, as they showed who they are
	others  []*Sheet
}

// SignTogether has everybody confirm, one after another, and only when all did, opens their keys, composes the document in the names of
// all, and signs it once for each, the caller first. fit may refuse those who came; it is asked before anything is signed. It writes
// nothing but the confirmations: see KeepJoint.
func (d *Desk) SignTogether(ctx context.Context, who guard.Who, parties []Party, fit func([]person.Person) error, compose func([]Signer) (Paper, error)) (*Joint, error) {
	a, err := d.found(ctx)
	if err != nil {
		return nil, err
	}
	j := &Joint{}
	var sheets []*Sheet
	var names []Signer
	var people []person.Person
	for i, party := range parties {
		p, at, err := d.shows(ctx, party, j)
		if err != nil {
			return nil, err
		}
		if i == 0 && p.ID != who.Person {
			return nil, problem.New(problem.Unauthenticated, "请先登录")
		}
		at = at.In(china).Truncate(time.Second)
		sheets, names, people = append(sheets, &Sheet{person: p.ID, At: at}), append(names, Signer{Person: p, At: at}), append(people, p)
	}
	if err := fit(people); err != nil {
		return nil, err
	}
	signers := make([]*signature.Signer, len(sheets))
	defer func() {
		for _, s := range signers {
			if s != nil {
				s.Destroy()
			}
		}
	}()
	for i, s := range sheets {
		if err := d.db.Read(ctx, func(tx *store.Tx) (err error) { s.was, err = readKey(tx, s.person); return err }); err != nil {
			return nil, err
		}
		if err := d.turn(ctx, func() (err error) {
			signers[i], err = s.open(a, names[i].Person, secret(parties[i].Consent.Password))
			return err
		}); err != nil {
			return nil, err
		}
		s.Fingerprint = signature.Fingerprint(signers[i].Certificate())
		names[i].Fingerprint = s.Fingerprint
	}
	paper, err := compose(names)
	if err != nil {
		return nil, err
	}
	first := sheets[0]
	if err := d.set(ctx, first, signers[0], paper); err != nil {
		return nil, err
	}
	for i := 1; i < len(sheets); i++ {
		if first.PDF, err = signature.Sign(ctx, first.PDF, signers[i], signature.Options{Reason: paper.Reason, Time: sheets[i].At, TSA: d.tsa}); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(first.PDF)
	first.SHA256 = hex.EncodeToString(sum[:])
	j.Sheet, j.others = first, sheets[1:]
	return j, nil
}

// shows has one of the parties say who they are.
func (d *Desk) shows(ctx context.Context, party Party, j *Joint) (p person.Person, at time.Time, err error) {
	if party.Login == "" {
		return d.people.Confirm(ctx, party.Consent.Session, party.Consent.Confirmation, party.Consent.From)
	}
	p, present, at, err := d.people.Present(ctx, party.Login, party.Consent.Password, party.Consent.Code, party.Consent.From)
	j.Present = append(j.Present, present)
	return p, at, err
}

// KeepJoint keeps a document that several signed, for an act of the first of them. When the key of any changed meanwhile it is
// problem.Conflict.
func (d *Desk) KeepJoint(g *guard.Grant, j *Joint) error {
	for _, s := range j.others {
		now, err := readKey(g.Tx(), s.person)
		if err == nil && string(now.sealed) != string(s.was.sealed) {
			err = errChanged
		}
		if err == nil && s.fresh != nil {
			err = keepKey(g, s)
		}
		if err != nil {
			return err
		}
	}
	return d.Keep(g, j.Sheet)
}
