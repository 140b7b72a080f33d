package leaving

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/letter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Digest is what a witness signs: the list as it was shown. A signature for another list is refused.
func (d Departure) Digest() string {
	raw, err := json.Marshal([]any{d.ID, d.Done, d.Outstanding, d.Passed})
	if err != nil {
		panic(err) // plain values
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Witness signs the hand-over sheet as the appointed witness: composed, signed and stamped outside every transaction, and kept by one
// act if the list is still the one that was shown. Something outstanding is problem.Conflict.
func (r *Room) Witness(ctx context.Context, who guard.Who, leaver, digest string, c hand.Consent, firm string) error {
	var d Departure
	thing := guard.Thing{Kind: access.Person, ID: leaver}
	if err := r.Door.Do(ctx, who, access.ReadHoldings, thing, func(g *guard.Grant) error {
		_, found, err := r.Holdings(g)
		if err == nil && (found == nil || !found.Closed.IsZero()) {
			err = problem.New(problem.Conflict, "此人没有在办理离岗交接")
		}
		if err == nil {
			d = *found
		}
		return err
	}); err != nil {
		return err
	}
	if err := d.ready(digest); err != nil {
		return err
	}
	sheet, err := r.Hand.Sign(ctx, who, c, func(s hand.Signer) (hand.Paper, error) {
		return hand.Paper{Letter: d.sheet(firm, s), Reason: "离岗交接监交"}, nil
	})
	if err != nil {
		return err
	}
	return r.Door.Do(ctx, who, access.WitnessLeaving, thing, func(g *guard.Grant) error {
		tx := g.Tx(access.WitnessLeaving)
		now, err := r.begun(tx, leaver)
		if err != nil {
			return err
		}
		again, err := r.whole(g, now)
		if err == nil {
			err = again.ready(digest)
		}
		if err != nil {
			return err
		}
		if err := r.Hand.Keep(g, sheet); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE departure SET witnessed = $2, sheet = $3 WHERE id = $1`, now.id, tx.Now.UnixMilli(), sheet.SHA256)
		return err
	})
}

// ready reports why the list cannot be witnessed.
func (d Departure) ready(digest string) error {
	switch {
	case !d.Witnessed.IsZero():
		return problem.New(problem.Conflict, "交接已经监交签署")
	case len(d.Outstanding) > 0:
		return problem.New(problem.Conflict, "还有 %d 项没有交接，不能监交", len(d.Outstanding))
	case d.Digest() != digest:
		return problem.New(problem.Conflict, "交接清单刚刚变动，请重新核对后再签署")
	}
	return nil
}

// Sheet gives the signed hand-over sheet of a person's last leaving. The act is readHoldings.
func (r *Room) Sheet(g *guard.Grant) (pdf []byte, number string, err error) {
	tx, id := g.Tx(access.ReadHoldings), g.Only(access.Person)
	sha, err := store.Get(tx, func(s store.Row) (x string, err error) { err = s.Scan(&x); return x, err },
		`SELECT sheet FROM departure WHERE person = $1 AND sheet <> '' ORDER BY begun DESC LIMIT 1`, id)
	if errors.Is(err, store.ErrNone) {
		return nil, "", problem.New(problem.Absent, "交接清单还没有签署")
	}
	if err != nil {
		return nil, "", err
	}
	g.Note("document", sha)
	pdf, err = r.Hand.Read(g, sha)
	return pdf, sha, err
}

// sheet is the hand-over list as a letter.
func (d Departure) sheet(firm string, s hand.Signer) letter.Letter {
	title, last := "离岗交接清单", letter.Particular{Label: "离岗承诺书", Value: pledged(d.Pledged)}
	if len(d.Moves) > 0 {
		title, last = "岗位变动交接清单", letter.Particular{Label: "变动后岗位", Value: strings.Join(namesOf(d.Moves), "、")}
	}
	l := letter.Letter{Title: title, Subtitle: firm, Author: firm, Reference: title + " · " + d.Name, Made: s.At,
		Particulars: []letter.Particular{{Label: "交接人", Value: d.Name}, {Label: "岗位", Value: strings.Join(namesOf(d.Posts), "、")},
			{Label: "最后在岗日", Value: d.LastDay.Format("2006年1月2日")}, {Label: "事由", Value: d.Reason}, {Label: "办理人", Value: d.BegunBy},
			{Label: "交接开始", Value: d.Begun.In(china).Format("2006年1月2日 15:04")}, last},
		Signatures: []letter.Signature{{Role: "监交人", Name: s.Person.Name, Time: s.At, Fingerprint: s.Fingerprint}}}
	var handed, forgiven [][]string
	for _, i := range d.Done {
		at := i.At.In(china).Format("2006-01-02 15:04")
		switch {
		case i.Successor != "":
			handed = append(handed, []string{i.Kind.Name(), i.Number, strconv.Itoa(i.N), i.Name, at})
		case i.Kind.Dropped():
			handed = append(handed, []string{i.Kind.Name(), i.Number, strconv.Itoa(i.N), i.Reason, at})
		default:
			forgiven = append(forgiven, []string{i.Kind.Name(), i.Number, strconv.Itoa(i.N), i.Reason, i.By, at})
		}
	}
	l.Body = append(l.Body, letter.Heading("一、移交事项"))
	if handed == nil {
		l.Body = append(l.Body, letter.Plain("名下没有需要移交的案件和资料。"))
	} else {
		l.Body = append(l.Body, letter.Grid([]string{"事项", "案件编号", "数量", "接收人或去向", "时间"}, []float64{3, 3, 1, 2, 3}, handed))
	}
	if len(d.Passed) > 0 {
		var numbers [][]string
		for _, p := range d.Passed {
			numbers = append(numbers, []string{p.Number, p.To})
		}
		l.Body = append(l.Body, letter.Plain("交出的载体，逐份列明（接收人已核对实物并确认）："), letter.Grid([]string{"载体编号", "接收人"}, []float64{3, 2}, numbers))
	}
	if forgiven != nil {
		l.Body = append(l.Body, letter.Heading("二、核销事项"), letter.Grid([]string{"事项", "案件编号", "数量", "理由", "核销人", "时间"}, []float64{2, 3, 1, 4, 2, 3}, forgiven))
	}
	l.Body = append(l.Body, letter.Plain(fmt.Sprintf("监交人已核对上列事项。本清单签署时，%s名下没有%s未了事项。", d.Name, map[bool]string{true: "变动后的岗位不能保留的"}[len(d.Moves) > 0])))
	return l
}

func namesOf(posts []access.Post) (names []string) {
	for _, p := range posts {
		names = append(names, p.Name())
	}
	return names
}

func pledged(at time.Time) string {
	if at.IsZero() {
		return "未签署（已核销）"
	}
	return "已于" + at.In(china).Format("2006年1月2日") + "签署"
}

// Successors lists who took over from a person in the last leaving, without repeating.
func (d Departure) Successors() []string {
	var all []string
	for _, i := range d.Done {
		if i.Successor != "" && !slices.Contains(all, i.Successor) {
			all = append(all, i.Successor)
		}
	}
	return all
}
