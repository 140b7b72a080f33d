package hand_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/house/housetest"
	"mijuan/internal/letter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
)

func TestMain(m *testing.M) { housetest.Main(m) }

var (
	must = housetest.Must
	desk = person.From{Addr: "127.0.0.1"}
)

// paper is a short document in the name of whoever signs it.
func paper(s hand.Signer) (hand.Paper, error) {
	return hand.Paper{Letter: letter.Letter{Title: "交接清单", Made: s.At, Body: []letter.Block{letter.Plain("已办结。")},
		Signatures: []letter.Signature{{Role: "移交人", Name: s.Person.Name, Time: s.At, Fingerprint: s.Fingerprint}}}, Reason: "签署交接清单"}, nil
}

func keep(o *housetest.Office, login string, s *hand.Sheet) error {
	return o.House.Door.Do(context.Background(), o.Who(login), access.SignPledge, guard.Thing{Kind: access.Person, ID: o.IDs[login]}, func(g *guard.Grant) error {
		return o.House.Hand.Keep(g, s)
	})
}

// TestKeepOnlyWhatStillHolds: what was signed with a key that has changed since, by somebody else, or too long ago is not kept.
func TestKeepOnlyWhatStillHolds(t *testing.T) {
	clock := &housetest.Clock{}
	s := housetest.Settings(t)
	s.Now = clock.Now
	o := housetest.Found(t, s)
	session, secret := "", housetest.Password
	enter := func() {
		e, err := o.House.People.Enter(t.Context(), "lead", secret, desk)
		must(t, err)
		session = e.Token
	}
	enter()
	sign := func() (*hand.Sheet, error) {
		return o.House.Hand.Sign(t.Context(), o.Who("lead"), hand.Consent{Session: session, Confirmation: person.Confirmation{Password: secret}, From: desk}, paper)
	}
	if _, err := sign(); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("a firm without a name issues certificates: %v", err)
	}
	must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
	first, err := sign()
	must(t, err)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("another person keeps what lead signed")
			}
		}()
		_ = keep(o, "handling", first)
	}()
	must(t, keep(o, "lead", first))
	if err := keep(o, "lead", first); err == nil {
		t.Error("kept twice")
	}
	second, err := sign()
	must(t, err)
	must(t, o.House.People.ChangePassword(t.Context(), session, secret, "Another-7-harbour", desk))
	secret = "Another-7-harbour"
	if err := keep(o, "lead", second); !problem.Is(err, problem.Conflict) {
		t.Errorf("the password was changed meanwhile: %v", err)
	}
	third, err := sign()
	must(t, err)
	if third.Fingerprint != first.Fingerprint {
		t.Error("the key did not follow the password")
	}
	clock.Forward(6 * time.Minute)
	if err := keep(o, "lead", third); !problem.Is(err, problem.Conflict) {
		t.Errorf("signed six minutes ago: %v", err)
	}
}

// TestOneAuthority: of those that are made at once, by two processes, one is the firm's.
func TestOneAuthority(t *testing.T) {
	o := housetest.Found(t, housetest.Settings(t))
	h := o.House
	must(t, h.SetName(t.Context(), "江澜衡砚律师事务所"))
	prints := make([]string, 3)
	var done sync.WaitGroup
	for i := range prints {
		d := hand.New(h.DB, h.Door, h.Keys, h.People, h.Name, "")
		done.Go(func() {
			cert, err := d.Authority(t.Context())
			if err == nil {
				prints[i] = signature.Fingerprint(cert)
			}
		})
	}
	done.Wait()
	if prints[0] == "" || prints[0] != prints[1] || prints[1] != prints[2] {
		t.Errorf("the authorities are %v", prints)
	}
}
