package leaving

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/letter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Forgiven is what somebody lets go: items of the list by their kind and matter, and why.
type Forgiven struct {
	Items  []Item
	Reason string
}

var errUnlisted = problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")

// WriteOff lets go what cannot be handed over: files that were not filed are destroyed, the pledge stays unsigned. Whoever lets it go signs
// a sheet that names each item and the reason, composed and signed outside every transaction and kept by the act, writeOffLeaving, if the
// list still has what was signed.
func (r *Room) WriteOff(ctx context.Context, who guard.Who, leaver string, off Forgiven, c hand.Consent, firm string) error {
	thing := guard.Thing{Kind: access.Person, ID: leaver}
	var d Departure
	var signed []Item
	if err := r.Door.Do(ctx, who, access.WriteOffLeaving, thing, func(g *guard.Grant) (err error) {
		g.Note("looked", true)
		d, signed, err = r.forgivable(g, &off)
		return err
	}); err != nil {
		return err
	}
	sheet, err := r.Hand.Sign(ctx, who, c, func(s hand.Signer) (hand.Paper, error) {
		return hand.Paper{Letter: d.forgiveness(firm, signed, off.Reason, s), Reason: "离岗交接核销"}, nil
	})
	if err != nil {
		return err
	}
	return r.Door.Do(ctx, who, access.WriteOffLeaving, thing, func(g *guard.Grant) error {
		_, now, err := r.forgivable(g, &off)
		if err == nil && !slices.EqualFunc(now, signed, func(a, b Item) bool { return a.Kind == b.Kind && a.Matter == b.Matter && a.N == b.N }) {
			err = problem.New(problem.Conflict, "交接清单刚刚变动，请重新核对后再签署")
		}
		if err != nil {
			return err
		}
		if err := r.Hand.Keep(g, sheet); err != nil {
			return err
		}
		for _, i := range now {
			if err := r.forgive(g, d.ID, i, off.Reason, sheet.SHA256); err != nil {
				return err
			}
		}
		return unwitness(g.Tx(), d.ID)
	})
}

// forgivable finds what is to be let go on the list as it stands.
func (r *Room) forgivable(g *guard.Grant, off *Forgiven) (d Departure, found []Item, err error) {
	tx, id := g.Tx(access.WriteOffLeaving), g.Only(access.Person)
	begun, err := r.begun(tx, id)
	if err != nil {
		return d, nil, err
	}
	if off.Reason, err = reason(off.Reason); err != nil {
		return d, nil, err
	}
	rest, err := r.outstanding(tx, id, &begun)
	if err != nil {
		return d, nil, err
	}
	for _, want := range off.Items {
		if err := r.notWalled(g, want.Matter); err != nil {
			return d, nil, err
		}
		if !want.Kind.Forgiven() {
			return d, nil, problem.New(problem.Invalid, "这一项必须移交，不能核销")
		}
		at := slices.IndexFunc(rest, func(i Item) bool { return i.Kind == want.Kind && i.Matter == want.Matter })
		if at < 0 {
			return d, nil, errUnlisted
		}
		found = append(found, rest[at])
	}
	if len(found) == 0 {
		return d, nil, problem.New(problem.Invalid, "请先勾选事项").In("forgive")
	}
	if err := r.number(g, pointers(found)); err != nil {
		return d, nil, err
	}
	d, err = r.whole(g, begun)
	return d, found, err
}

// forgive writes one item off.
func (r *Room) forgive(g *guard.Grant, departure string, i Item, why, sheet string) error {
	tx := g.Tx()
	if i.Kind == Uploads {
		if err := r.Shelf.Forsake(g, i.Matter); err != nil {
			return err
		}
	}
	g.Note("written off", append([]any{string(i.Kind), i.Matter, i.N}, sheet))
	row := tx.NewID()
	_, err := tx.Exec(`INSERT INTO departure_item (id, departure, kind, matter, n, successor, sealed_reason, by_person, at, sheet) VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $9)`,
		row, departure, string(i.Kind), i.Matter, i.N, r.itemReason.SealText(row, why), g.Who().Person, tx.Now.UnixMilli(), sheet)
	return err
}

// forgiveness is the sheet of a write-off as a letter.
func (d Departure) forgiveness(firm string, items []Item, why string, s hand.Signer) letter.Letter {
	const title = "离岗交接核销单"
	var rows [][]string
	for _, i := range items {
		rows = append(rows, []string{i.Kind.Name(), i.Number, strconv.Itoa(i.N)})
	}
	return letter.Letter{Title: title, Subtitle: firm, Author: firm, Reference: title + " · " + d.Name, Made: s.At,
		Particulars: []letter.Particular{{Label: "交接人", Value: d.Name}, {Label: "最后在岗日", Value: d.LastDay.Format("2006年1月2日")}, {Label: "核销理由", Value: why}},
		Body: []letter.Block{letter.Grid([]string{"事项", "案件编号", "数量"}, []float64{3, 3, 1}, rows),
			letter.Plain("上列事项无法移交，经核对予以核销。未备案的上传随即销毁；未签署的离岗承诺书不影响保密义务，义务不因离岗结束。")},
		Signatures: []letter.Signature{{Role: "核销人", Name: s.Person.Name, Time: s.At, Fingerprint: s.Fingerprint}}}
}

// WrittenOff gives the signed sheet of a write-off in a person's leaving. The act is readHoldings.
func (r *Room) WrittenOff(g *guard.Grant, sha string) ([]byte, error) {
	tx, id := g.Tx(access.ReadHoldings), g.Only(access.Person)
	_, err := store.Get(tx, func(s store.Row) (n int, err error) { return n, s.Scan(&n) },
		`SELECT 1 FROM departure_item i JOIN departure d ON d.id = i.departure WHERE d.person = $1 AND i.sheet = $2 AND i.sheet <> '' LIMIT 1`, id, sha)
	if errors.Is(err, store.ErrNone) {
		return nil, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if err != nil {
		return nil, err
	}
	g.Note("document", sha)
	return r.Hand.Read(g, sha)
}
