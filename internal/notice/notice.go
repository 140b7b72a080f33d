// Package notice tells people by mail that something waits for them (邮件提醒): an approval that is theirs to decide, a duty with a day, a
// thing that should be back. A mail leaves the sealed store, so it holds nothing of what it is about: which kind of thing waits, the
// number of a request, the day, and the address of the page, which leads to the log-in. Whatever else may be known is behind that.
//
// What is to be told is written down by the transaction that causes it, as a job; a sweep finds what no transaction causes: that a day
// comes near, that others may decide by now, that somebody has an address since. One row stands for one notice to one person, and is made
// once. Sending is tried again for GiveUp; the outcome is an act of the program, with its entry in the ledger.
package notice

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/job"
	"mijuan/internal/mail"
	"mijuan/internal/media"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/teamreview"
	"mijuan/internal/training"
	"mijuan/internal/vault"
)

// Kind is what waits.
type Kind string

const (
	Approval   Kind = "approval"
	Training   Kind = "training"
	Pledge     Kind = "pledge"
	TeamReview Kind = "team-review" // a lead's
	TeamRound  Kind = "team-round"  // to be opened
	Loan       Kind = "loan"
	TakeOut    Kind = "take-out"
	Medium     Kind = "medium"
)

// GiveUp is for how long a notice is tried; Ahead how long before its day a duty is told.
const (
	GiveUp = 3 * 24 * time.Hour
	Ahead  = 7 * 24 * time.Hour
)

// kept is for how long a notice that is over stays.
const kept = 400 * 24 * time.Hour

// state of a notice.
type state string

const (
	waiting state = "waiting"
	sent    state = "sent"
	dropped state = "dropped" // nothing waited any more
	failed  state = "failed"  // given up
)

// want is a notice as it should be made: once for one turn of one thing.
type want struct {
	kind   Kind
	person string
	about  string // id
	turn   string // the stage, or the day, with whether it has passed
	number string
	due    time.Time
}

// same reports whether two are the same notice.
func (a want) same(b want) bool {
	return a.kind == b.kind && a.person == b.person && a.about == b.about && a.turn == b.turn
}

// note is a want that was written down.
type note struct {
	want
	id    string
	made  time.Time
	tries int
	state state
}

// Parts are what the room needs.
type Parts struct {
	DB        *store.DB
	Door      *guard.Door
	People    *person.Roster
	Approvals *approval.Room
	Training  *training.School
	Pledges   *pledge.Room
	Teams     *teamreview.Room
	Carriers  *carrier.Cabinet
	Media     *media.Room
	Origin    string // under which browsers reach the firm, https://…; empty: none does, and nothing is told
}

// Room is where notices are made and sent. It is safe for concurrent use.
type Room struct {
	Parts
	setting, job *vault.Field
}

// New makes the room and has the approvals tell it what waits.
func New(keys *vault.Keyring, p Parts) *Room {
	r := &Room{Parts: p, setting: keys.Field("setting.sealed"), job: keys.Field("job.notice")}
	if p.Origin != "" {
		p.Approvals.OnWaiting(r.cue)
	}
	return r
}

// The kinds of jobs: to see whom a request waits for, and to send a mail.
const (
	cueJob  = "notice.cue"
	mailJob = "notice.mail"
)

// Handle has a runner do the room's work.
func (r *Room) Handle(by *job.Runner) {
	by.Handle(cueJob, r.seeRequest)
	by.Handle(mailJob, r.send)
}

// cue queues that a request is looked at: at once, and when others may decide it as well.
func (r *Room) cue(tx *store.Tx, request string) error {
	on, err := r.on(tx)
	if err != nil || !on {
		return err
	}
	for _, at := range []time.Time{tx.Now, tx.Now.Add(approval.Patience)} {
		if _, err := job.Queue(tx, cueJob, r.job.SealText(cueJob, request), at); err != nil {
			return err
		}
	}
	return nil
}

// seeRequest writes down whom a request waits for.
func (r *Room) seeRequest(ctx context.Context, w *job.Work) error {
	id, err := r.job.OpenText(cueJob, w.Payload)
	if err != nil {
		return errors.Join(err, job.ErrHopeless)
	}
	return r.DB.Update(ctx, func(tx *store.Tx) error {
		all, err := r.ofRequest(tx, id)
		if err != nil {
			return err
		}
		for _, x := range all {
			if err := r.make(tx, []want{x}); err != nil {
				return err
			}
		}
		return w.Done(tx)
	})
}

// ofRequest are the notices that a request asks for now, to those whom they reach.
func (r *Room) ofRequest(tx *store.Tx, id string) (all []want, err error) {
	wait, err := r.Approvals.WaitOf(tx, id)
	if problem.Is(err, problem.Absent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, who := range wait.People {
		p, err := r.People.One(tx, who)
		if err != nil {
			return nil, err
		}
		if reached(p) {
			all = append(all, want{kind: Approval, person: who, about: wait.ID, turn: stage(wait.Stage), number: wait.Number, due: wait.Until})
		}
	}
	return all, nil
}

func reached(p person.Person) bool {
	return p.Mail != "" && !p.NoMail && p.Status == person.Active
}

// make writes notices to one person down, those that are new, and queues one mail of them.
func (r *Room) make(tx *store.Tx, all []want) error {
	var ids []string
	for _, x := range all {
		id, due := tx.NewID(), int64(0)
		if !x.due.IsZero() {
			due = x.due.UnixMilli()
		}
		n, err := tx.Exec(`INSERT INTO notice (id, kind, person, about, turn, number, due, made, tries, state, settled, said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'waiting', 0, 0)
			ON CONFLICT (kind, about, turn, person) DO NOTHING`, id, string(x.kind), x.person, x.about, x.turn, x.number, due, tx.Now.UnixMilli())
		if err != nil {
			return err
		}
		if n == 1 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return r.queue(tx, ids, tx.Now)
}

func (r *Room) queue(tx *store.Tx, ids []string, at time.Time) error {
	raw, err := json.Marshal(ids)
	if err == nil {
		_, err = job.Queue(tx, mailJob, r.job.Seal(mailJob, raw), at)
	}
	return err
}

// on reports whether there is a server.
func (r *Room) on(tx *store.Tx) (bool, error) {
	_, err := r.settings(tx)
	if errors.Is(err, store.ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// server is the firm's mail server; nil where none is set.
func (r *Room) server(tx *store.Tx) (*mail.Server, error) {
	set, err := r.settings(tx)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return mail.New(set)
}
