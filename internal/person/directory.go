package person

import (
	"context"
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// Directory asks the firm's own directory (see package signon). The errors of both are problem.Unavailable.
type Directory struct {
	Prove   func(ctx context.Context, login, password string) (right bool, err error)
	Answers func(ctx context.Context) error
}

// AskDirectory sets whom the log-in asks about those who log in by the directory. Call it while wiring.
func (r *Roster) AskDirectory(d Directory) { r.asks = &d }

// HasDirectory reports whether there is a directory to log in by.
func (r *records) HasDirectory() bool { return r.asks != nil }

var errNoDirectory = problem.New(problem.Unavailable, "域账号的目录服务没有接通，暂时不能登录；请与系统管理员联系")

// proof is what became of a password.
type proof struct {
	right   bool
	renewed string // its new hash
	away    error  // the directory's; problem.Unavailable
}

// told is what is said of a log-in that failed: that the directory is away, if it is, to everyone alike.
func (p proof) told(err error) error {
	if p.away != nil && errors.Is(err, errLogin) {
		return p.away
	}
	return err
}

// prove compares a password: by the directory for those who log in by it, with its hash for the others. Where there is a directory
// it is asked something for every log-in name, and something is hashed for every one, so that neither the time nor the answer
// tells who is in it or who exists. A password goes to the directory only with the log-in name of somebody who logs in by it.
func (g *Gate) prove(ctx context.Context, a *account, phc, password string) (p proof, err error) {
	if g.asks == nil {
		if p.right, p.renewed, err = g.hash.check(ctx, phc, password); err == nil && a.Directory {
			p = proof{away: errNoDirectory}
		}
		return p, err
	}
	asked := make(chan proof, 1)
	go func() { asked <- g.ask(ctx, a, password) }()
	right, renewed, err := g.hash.check(ctx, phc, password)
	if p = <-asked; err != nil {
		return proof{}, err
	}
	if !a.Directory {
		p.right, p.renewed = right, renewed
	}
	return p, nil
}

// ask asks the directory about somebody, or whether it is there.
func (g *Gate) ask(ctx context.Context, a *account, password string) (p proof) {
	if !a.Directory {
		return proof{away: g.asks.Answers(ctx)}
	}
	p.right, p.away = g.asks.Prove(ctx, a.Login, password)
	return p
}

// unanswered ends a log-in for which the directory gave no answer: nothing was compared, so that the guess is given back. It is on
// record, and the address has used up one of its failures.
func (g *Gate) unanswered(ctx context.Context, a *account, away error, from From, try attempt) error {
	closes := g.throttle.failed(from.Addr, try.at)
	who := guard.Who{Via: guard.Job, Addr: from.Addr}
	if a.ID != "" {
		who = from.who(a.ID, "", false)
	}
	err := g.door.Do(ctx, who, access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		grant.Note("directory", "away")
		if closes {
			grant.Note("closed", "address")
		}
		return away
	})
	if _, refused := guard.AsRefusal(err); refused { // of a suspended account, which is told to nobody who has not shown the password
		err = away
	}
	return errors.Join(err, g.giveBack(ctx, try))
}
