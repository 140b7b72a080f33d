package notice

import (
	"context"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// Sweep writes down what no transaction causes, and gives how many notices it found. What was told before is not told again.
func (r *Room) Sweep(ctx context.Context) (n int, err error) {
	var fresh [][]want
	if err := r.DB.Read(ctx, func(tx *store.Tx) error {
		on, err := r.on(tx)
		if err != nil || !on || r.Origin == "" {
			return err
		}
		fresh, err = r.untold(tx)
		return err
	}); err != nil || len(fresh) == 0 {
		return 0, err
	}
	return len(fresh), r.DB.Update(ctx, func(tx *store.Tx) error {
		for _, all := range fresh {
			if err := r.make(tx, all); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM notice WHERE state <> 'waiting' AND settled < $1`, tx.Now.Add(-kept).UnixMilli())
		return err
	})
}

// untold are the notices that should be made now and are not: each request by itself, the duties of a person together.
func (r *Room) untold(tx *store.Tx) (fresh [][]want, err error) {
	requests, err := r.Approvals.Waiting(tx)
	if err != nil {
		return nil, err
	}
	for _, id := range requests {
		all, err := r.ofRequest(tx, id)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if fresh, err = addNew(tx, fresh, []want{x}); err != nil {
				return nil, err
			}
		}
	}
	people, err := r.People.Reached(tx)
	if err != nil {
		return nil, err
	}
	all, err := r.duties(tx, people)
	for _, p := range people {
		if err == nil {
			fresh, err = addNew(tx, fresh, all[p.ID])
		}
	}
	return fresh, err
}

// addNew adds those that were never told.
func addNew(tx *store.Tx, to [][]want, all []want) ([][]want, error) {
	var fresh []want
	for _, x := range all {
		n, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err },
			`SELECT COUNT(*) FROM notice WHERE kind = $1 AND about = $2 AND turn = $3 AND person = $4`, string(x.kind), x.about, x.turn, x.person)
		if err != nil {
			return to, err
		}
		if n == 0 {
			fresh = append(fresh, x)
		}
	}
	if len(fresh) > 0 {
		to = append(to, fresh)
	}
	return to, nil
}

// duties are what people are to be told now of their duties, by person.
func (r *Room) duties(tx *store.Tx, people []person.Person) (map[string][]want, error) {
	all := map[string][]want{}
	add := func(x want) { all[x.person] = append(all[x.person], x) }
	for _, p := range people {
		for _, of := range []func(*store.Tx, person.Person, func(want)) error{r.trainings, r.pledges, r.teams} {
			if err := of(tx, p, add); err != nil {
				return nil, err
			}
		}
	}
	return all, r.things(tx, people, add)
}

func (r *Room) trainings(tx *store.Tx, p person.Person, add func(want)) error {
	all, err := r.Training.DutiesOf(tx, p.ID)
	for _, d := range all {
		if when, now := turn(tx.Now, d.Due); now {
			add(want{kind: Training, person: p.ID, about: d.Campaign, turn: strconv.Itoa(int(d.Cause)) + " " + when, due: d.Due})
		}
	}
	return err
}

func (r *Room) pledges(tx *store.Tx, p person.Person, add func(want)) error {
	all, err := r.Pledges.AskedOf(tx, p)
	for _, d := range all {
		if when, now := turn(tx.Now, d.By); now {
			add(want{kind: Pledge, person: p.ID, turn: strconv.Itoa(d.Version) + " " + string(d.Kind) + " " + when, due: d.By})
		}
	}
	return err
}

func (r *Room) teams(tx *store.Tx, p person.Person, add func(want)) error {
	all, err := r.Teams.WaitingOf(tx, p.ID)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, x := range all { // of several teams one notice; what is not looked through lapses, so that it is told when it begins, too
		when, now := turn(tx.Now, x.Due)
		if !now {
			when = day(x.Due)
		}
		if !told[when] {
			told[when] = true
			add(want{kind: TeamReview, person: p.ID, turn: when, due: x.Due})
		}
	}
	if !p.Has(access.SecurityAdmin) {
		return nil
	}
	last, due, err := r.Teams.RoundDue(tx)
	if due && err == nil {
		add(want{kind: TeamRound, person: p.ID, turn: day(last)})
	}
	return err
}

// things are what should be back.
func (r *Room) things(tx *store.Tx, people []person.Person, add func(want)) error {
	nudges, err := r.Carriers.Nudges(tx, people)
	if err != nil {
		return err
	}
	for _, n := range nudges {
		x := want{kind: Loan, person: n.Person, about: n.About, turn: day(n.Due) + " late", due: n.Due}
		if n.Out {
			x.kind = TakeOut
		}
		if n.Wanted {
			x.turn = "wanted"
		}
		add(x)
	}
	late, err := r.Media.Late(tx)
	for _, l := range late {
		for _, p := range people {
			if p.ID == l.Person {
				add(want{kind: Medium, person: l.Person, about: l.Loan, turn: day(l.Due) + " late", due: l.Due})
			}
		}
	}
	return err
}

// turn tells for which of a day's two notices it is time: Ahead of it, and when it has passed. What has no day is told once.
func turn(now, due time.Time) (turn string, isTime bool) {
	switch {
	case due.IsZero():
		return "once", true
	case !now.Before(due):
		return day(due) + " late", true
	}
	return day(due) + " soon", due.Sub(now) <= Ahead
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

func stage(n int) string { return "stage " + strconv.Itoa(n) }
