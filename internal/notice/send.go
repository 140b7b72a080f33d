package notice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/job"
	"mijuan/internal/mail"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// errNoServer stands for a firm that has taken its server away since.
var errNoServer = problem.New(problem.Unavailable, "还没有设置邮件服务器")

// parcel is one mail to one person, with the notices in it.
type parcel struct {
	all    []note // of the job that are not over
	live   []note // of which still waits what they tell of
	to     person.Person
	server *mail.Server
}

// send is the handler of a mail: it looks once more whether what is told still waits, hands the mail over, and records that it did. Where the
// process dies between the two, the mail goes out a second time, under the same message id.
func (r *Room) send(ctx context.Context, w *job.Work) error {
	var ids []string
	raw, err := r.job.Open(mailJob, w.Payload)
	if err == nil {
		err = json.Unmarshal(raw, &ids)
	}
	if err != nil {
		return errors.Join(err, job.ErrHopeless)
	}
	var p parcel
	if err := r.DB.Read(ctx, func(tx *store.Tx) (err error) { p, err = r.pack(tx, ids); return err }); err != nil {
		return err
	}
	switch {
	case len(p.all) == 0:
		return nil
	case len(p.live) == 0:
		return r.DB.Update(ctx, func(tx *store.Tx) error { return errors.Join(over(tx, p.all, dropped, 0), w.Done(tx)) })
	case p.server == nil:
		return r.again(ctx, w, p, errNoServer)
	}
	err = p.server.Send(ctx, compose(p.live, p.to.Mail, r.Origin))
	switch {
	case err == nil:
		return r.record(ctx, w, p, sent, 0)
	case ctx.Err() != nil: // the program stops, or the lease is gone
		return err
	case problem.Is(err, problem.Refused):
		return r.record(ctx, w, p, failed, problem.Refused)
	case problem.Is(err, problem.Unavailable):
		return r.again(ctx, w, p, err)
	}
	return err
}

// pack reads what a mail would hold now.
func (r *Room) pack(tx *store.Tx, ids []string) (p parcel, err error) {
	for _, id := range ids {
		n, err := store.Get(tx, scanNote, `SELECT id, kind, person, about, turn, number, due, made, tries, state FROM notice WHERE id = $1`, id)
		if errors.Is(err, store.ErrNone) || err == nil && n.state != waiting {
			continue
		}
		if err != nil {
			return p, err
		}
		p.all = append(p.all, n)
	}
	if len(p.all) == 0 {
		return p, nil
	}
	if p.to, err = r.People.One(tx, p.all[0].person); err != nil || !reached(p.to) {
		return p, err
	}
	for _, n := range p.all {
		stands, err := r.stands(tx, n, p.to)
		if err != nil {
			return p, err
		}
		if stands {
			p.live = append(p.live, n)
		}
	}
	p.server, err = r.server(tx)
	return p, err
}

func scanNote(row store.Row) (n note, err error) {
	var due, made int64
	err = row.Scan(&n.id, &n.kind, &n.person, &n.about, &n.turn, &n.number, &due, &made, &n.tries, &n.state)
	n.due, n.made = instant(due), instant(made)
	return n, err
}

// stands reports whether what a notice tells still waits for the person.
func (r *Room) stands(tx *store.Tx, n note, p person.Person) (bool, error) {
	if n.kind == Approval {
		now, err := r.ofRequest(tx, n.about)
		return slices.ContainsFunc(now, n.want.same), err
	}
	now, err := r.duties(tx, []person.Person{p})
	return slices.ContainsFunc(now[p.ID], n.want.same), err
}

// again lets a mail wait for the next try, longer each time, or gives it up.
func (r *Room) again(ctx context.Context, w *job.Work, p parcel, why error) error {
	var tooOld bool
	err := r.DB.Update(ctx, func(tx *store.Tx) error {
		first := p.live[0]
		if tooOld = tx.Now.Sub(first.made) >= GiveUp; tooOld {
			return nil
		}
		ids := make([]string, len(p.all))
		for i, n := range p.all {
			ids[i] = n.id
			if _, err := tx.Exec(`UPDATE notice SET tries = tries + 1, said = $2 WHERE id = $1`, n.id, int64(problem.KindOf(why))); err != nil {
				return err
			}
		}
		return errors.Join(r.queue(tx, ids, tx.Now.Add(pause(first.tries))), w.Done(tx))
	})
	if err != nil || !tooOld {
		slog.Warn("a notice waits to be sent", "tries", p.live[0].tries+1, "error", why)
		return err
	}
	return r.record(ctx, w, p, failed, problem.KindOf(why))
}

// pause is how long the try after the n-th waits.
func pause(n int) time.Duration { return min(time.Hour, 30*time.Second<<min(n, 10)) }

// record ends a mail, sent or given up, as an act of the program: the entry tells to whom which notices went, and nothing of what they are
// about.
func (r *Room) record(ctx context.Context, w *job.Work, p parcel, s state, said problem.Kind) error {
	return r.Door.Do(ctx, guard.Who{Via: guard.Job}, access.SendNotice, guard.Thing{Kind: access.Person, ID: p.to.ID}, func(g *guard.Grant) error {
		tx := g.Tx(access.SendNotice)
		var kinds, numbers []string
		for _, n := range p.live {
			kinds = append(kinds, string(n.kind))
			if n.number != "" {
				numbers = append(numbers, n.number)
			}
		}
		g.Note("mail", string(s))
		g.Note("notices", strings.Join(kinds, ","))
		if len(numbers) > 0 {
			g.Note("number", strings.Join(numbers, ","))
		}
		if s == failed {
			g.Note("tries", p.live[0].tries+1)
		}
		gone := slices.DeleteFunc(slices.Clone(p.all), func(n note) bool { return slices.ContainsFunc(p.live, func(l note) bool { return l.id == n.id }) })
		return errors.Join(over(tx, p.live, s, said), over(tx, gone, dropped, 0), w.Done(tx))
	})
}

func over(tx *store.Tx, all []note, s state, said problem.Kind) error {
	for _, n := range all {
		if _, err := tx.Exec(`UPDATE notice SET state = $2, settled = $3, said = $4 WHERE id = $1`, n.id, string(s), tx.Now.UnixMilli(), int64(said)); err != nil {
			return err
		}
	}
	return nil
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
