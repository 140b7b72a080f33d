package retention

import (
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// mostMonths is a hundred years.
const mostMonths = 1200

// Classes are the classes with the firm's own years where it set some.
func (r *Room) Classes(tx *store.Tx) ([]Class, error) {
	type own struct {
		class  string
		months int64
	}
	set, err := store.List(tx, func(row store.Row) (o own, err error) { return o, row.Scan(&o.class, &o.months) }, `SELECT class, months FROM keeping_period`)
	all := slices.Clone(periods.Classes)
	for _, o := range set {
		for i := range all {
			if all[i].Code == o.class {
				all[i].Months = int(o.months)
			}
		}
	}
	return all, err
}

// SetMonths changes how long a class is kept; never for less than the law says, 0 for good. The act is setPeriods.
func (r *Room) SetMonths(g *guard.Grant, code string, months int) error {
	tx := g.Tx(access.SetPeriods)
	i := slices.IndexFunc(periods.Classes, func(c Class) bool { return c.Code == code })
	switch {
	case i < 0:
		return problem.New(problem.Invalid, "没有这一类保管期限").In("class")
	case months != 0 && (months < periods.Classes[i].Least || months > mostMonths):
		return problem.New(problem.Invalid, "年限须在 %d 到 %d 年之间，或者 0（永久）", max(1, periods.Classes[i].Least/12), mostMonths/12).In("years")
	case periods.Classes[i].Months == 0 && months != 0:
		return problem.New(problem.Invalid, "永久保管的不能改为有期限").In("years")
	}
	g.Note("class", code)
	g.Note("months", months)
	_, err := tx.Exec(`INSERT INTO keeping_period (class, months, set_by, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (class) DO UPDATE SET months = excluded.months, set_by = excluded.set_by, at = excluded.at`, code, int64(months), g.Who().Person, tx.Now.UnixMilli())
	return err
}

// Set gives a matter, a material or a carrier a class of its own; of what belongs to a matter an empty one is the matter's. The act is
// setKeeping. What an appraisal said about how long to keep it stays.
func (r *Room) Set(g *guard.Grant, code string) error {
	tx, thing := g.Tx(access.SetKeeping), g.Thing()
	known := slices.ContainsFunc(periods.Classes, func(c Class) bool { return c.Code == code })
	if !known && (code != "" || thing.Kind == access.Matter) {
		return problem.New(problem.Invalid, "没有这一类保管期限").In("class")
	}
	if g.Facts().Thing.State == access.Ended {
		return problem.New(problem.Conflict, "已经销毁或者注销，只留登记")
	}
	g.Note("class", code)
	_, err := tx.Exec(`INSERT INTO keeping (kind, thing, matter, class, until, set_by, at) VALUES ($1, $2, $3, $4, 0, $5, $6)
		ON CONFLICT (kind, thing) DO UPDATE SET class = excluded.class, set_by = excluded.set_by, at = excluded.at`, string(thing.Kind), thing.ID, g.Facts().Thing.Matter, code, g.Who().Person, tx.Now.UnixMilli())
	return err
}

// keepUntil writes down that an appraisal keeps something longer.
func keepUntil(g *guard.Grant, in string, ref Ref, until time.Time) error {
	tx := g.Tx()
	_, err := tx.Exec(`INSERT INTO keeping (kind, thing, matter, class, until, set_by, at) VALUES ($1, $2, $3, '', $4, $5, $6)
		ON CONFLICT (kind, thing) DO UPDATE SET until = excluded.until, set_by = excluded.set_by, at = excluded.at`, string(ref.Kind), ref.ID, in, until.UnixMilli(), g.Who().Person, tx.Now.UnixMilli())
	return err
}

// Term is how long something is kept.
type Term struct {
	Class Class
	Own   bool      // set for the thing itself, not taken from its matter
	Until time.Time // zero: the matter is open, or for good
	Least time.Time // before then the law does not let it go; zero: the matter is open, or for good
	Said  bool      // Until is what an appraisal said
}

// Over reports whether the period is over.
func (t Term) Over(now time.Time) bool { return !t.Until.IsZero() && !now.Before(t.Until) }

// Bound reports whether it cannot be let go yet, whoever asks: what is kept for good, what a law keeps, and in a closed matter what its
// class keeps at least. What came into an open matter by mistake can go.
func (t Term) Bound(now time.Time) bool {
	free := !t.Least.IsZero() && !now.Before(t.Least)
	return !free && (t.Class.Months == 0 || t.Class.Law || !t.Until.IsZero())
}

// terms knows the periods of a matter and of what is in it.
type terms struct {
	closed  time.Time
	classes []Class
	matter  string // class
	set     map[Ref]kept
}

type kept struct {
	class string
	until time.Time
}

func (r *Room) terms(tx *store.Tx, in string) (*terms, error) {
	t := &terms{set: map[Ref]kept{}}
	var err error
	if t.classes, err = r.Classes(tx); err != nil {
		return nil, err
	}
	var kind string
	if err := none(errOf(store.Get(tx, func(row store.Row) (closed int64, err error) {
		err = row.Scan(&closed, &kind)
		t.closed = instant(closed)
		return closed, err
	}, `SELECT closed, kind FROM matter WHERE id = $1`, in))); err != nil {
		return nil, err
	}
	t.matter = periods.Default
	if own := periods.Kinds[kind]; own != "" {
		t.matter = own
	}
	_, err = store.List(tx, func(row store.Row) (x struct{}, err error) {
		var ref Ref
		var k kept
		var until int64
		err = row.Scan(&ref.Kind, &ref.ID, &k.class, &until)
		k.until = instant(until)
		t.set[ref] = k
		return x, err
	}, `SELECT kind, thing, class, until FROM keeping WHERE matter = $1`, in)
	if own := t.set[Ref{access.Matter, in}].class; own != "" {
		t.matter = own
	}
	return t, err
}

func errOf[T any](_ T, err error) error { return err }

func (t *terms) class(code string) Class {
	for _, c := range t.classes {
		if c.Code == code {
			return c
		}
	}
	return Class{}
}

// of is how long a thing is kept: by its own class, or by its matter's, and not before an appraisal's day.
func (t *terms) of(ref Ref) Term {
	set := t.set[ref]
	out := Term{Class: t.class(t.matter)}
	if set.class != "" {
		out.Class, out.Own = t.class(set.class), true
	}
	if t.closed.IsZero() || out.Class.Months == 0 {
		return out
	}
	from := t.closed.In(matter.Beijing)
	out.Until, out.Least = from.AddDate(0, out.Class.Months, 0), from.AddDate(0, out.Class.Least, 0)
	if set.until.After(out.Until) {
		out.Until, out.Said = set.until, true
	}
	return out
}

// TermOf is how long one thing is kept. Whether the reader may know, the caller's act decides.
func (r *Room) TermOf(tx *store.Tx, in string, ref Ref) (Term, error) {
	t, err := r.terms(tx, in)
	if errors.Is(err, errAbsent) || err != nil {
		return Term{}, err
	}
	return t.of(ref), nil
}
