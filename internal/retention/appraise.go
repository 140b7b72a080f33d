package retention

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// longestKeep is how far an appraisal may put off a thing's end.
const longestKeep = 100

// Judgement is what an appraisal says about one thing.
type Judgement struct {
	Ref
	Verdict Verdict
	Until   time.Time // of Keep
}

// Appraise says of each thing on the list what is to become of it: destroy it, keep it until another day, or hand it over. What is not
// destroyed leaves the list; where nothing is left to destroy, the list is closed. The act is appraiseDestruction.
func (r *Room) Appraise(g *guard.Grant, all []Judgement, opinion string) error {
	tx, id := g.Tx(access.AppraiseDestruction), g.Only(access.Destruction)
	opinion, err := words(opinion, "opinion", "鉴定意见", 200, true)
	if err != nil {
		return err
	}
	l, err := r.one(tx, id)
	if err != nil {
		return err
	}
	counts := map[Verdict]int{}
	for _, i := range l.Items {
		n := slices.IndexFunc(all, func(j Judgement) bool { return j.Ref == i.Ref })
		if n < 0 || !slices.Contains(Verdicts, all[n].Verdict) {
			return problem.New(problem.Invalid, "请对每一项给出鉴定结论").In("items")
		}
		j := all[n]
		until := time.Time{}
		if j.Verdict == Keep {
			if until = j.Until; !until.After(tx.Now) || until.After(tx.Now.AddDate(longestKeep, 0, 0)) {
				return problem.New(problem.Invalid, "%s 延长保管，请填写今天以后的日期", i.Number).In("until-" + i.ID)
			}
			if err := keepUntil(g, l.Matter, i.Ref, until); err != nil {
				return err
			}
		}
		counts[j.Verdict]++
		if _, err := tx.Exec(`UPDATE destruction_item SET verdict = $4, keep_until = $5 WHERE destruction = $1 AND kind = $2 AND thing = $3`, id, string(i.Kind), i.ID, string(j.Verdict), millis(until)); err != nil {
			return err
		}
	}
	stage, ended := Appraised, int64(0)
	if counts[ToDestroy] == 0 {
		stage, ended = Spared, tx.Now.UnixMilli()
	}
	for _, v := range Verdicts {
		g.Note(string(v), counts[v])
	}
	return moved(tx.Exec(`UPDATE destruction SET stage = $2, appraised = $3, ended = $4, whole = $5, sealed_opinion = $6 WHERE id = $1 AND stage = 'listed'`, id, string(stage), tx.Now.UnixMilli(), ended,
		flag(l.Whole && counts[ToDestroy] == len(l.Items)), r.opinion.SealText(id, opinion)))
}

// Arrangement is how a destruction is to be carried out.
type Arrangement struct {
	Method    string // of paper; empty: there is none
	Digital   string // of devices; empty: there are none
	Place     string
	Witnesses [2]string // persons' ids
}

// Arrange says how, where and before whom. It can be changed until the list is carried out. The act is arrangeDestruction.
func (r *Room) Arrange(g *guard.Grant, a Arrangement) error {
	tx, id := g.Tx(access.ArrangeDestruction), g.Only(access.Destruction)
	l, err := r.one(tx, id)
	if err != nil {
		return err
	}
	if a.Place, err = words(a.Place, "place", "销毁地点", 100, true); err != nil {
		return err
	}
	if err := a.fits(l); err != nil {
		return err
	}
	for n, field := range []string{"witness1", "witness2"} {
		if _, err := r.atWork(tx, l.Matter, a.Witnesses[n], field); err != nil {
			return err
		}
		if w := a.Witnesses[n]; w == l.Destroyer || w == l.AskedBy {
			return problem.New(problem.Invalid, "监销人不能是销毁人或提请人").In(field)
		}
	}
	if a.Witnesses[0] == a.Witnesses[1] {
		return problem.New(problem.Invalid, "两位监销人不能是同一个人").In("witness2")
	}
	g.Note("method", a.Method+a.Digital)
	g.Note("witnesses", a.Witnesses)
	return moved(tx.Exec(`UPDATE destruction SET method = $2, digital = $3, witness1 = $4, witness2 = $5, arranged = $6, sealed_place = $7 WHERE id = $1 AND stage = 'appraised'`, id, a.Method, a.Digital, a.Witnesses[0],
		a.Witnesses[1], tx.Now.UnixMilli(), r.place.SealText(id, a.Place)))
}

// fits sees that the methods are fine enough for the level of what they are for.
func (a *Arrangement) fits(l List) error {
	needs := l.media()
	for _, m := range []struct {
		media, field string
		code         *string
	}{{OfPaper, "method", &a.Method}, {OfDevice, "digital", &a.Digital}} {
		top, needed := needs[m.media]
		if !needed {
			*m.code = ""
			continue
		}
		switch method := MethodOf(*m.code); {
		case method.Media != m.media:
			return problem.New(problem.Invalid, "请选择销毁方法").In(m.field)
		case method.Most < top:
			return problem.New(problem.Invalid, "%s达不到%s的要求，请选择更细的粉碎等级", method.Name, top.Name()).In(m.field)
		}
	}
	return nil
}
