package leaving

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Beginning is how a leaving begins.
type Beginning struct {
	LastDay time.Time // in post; only its date counts
	Reason  string
	Witness string // person's id

	Moves []access.Post // the posts that the person moves to within the firm; none: leaves it
}

var china = time.FixedZone("UTC+8", 8*60*60)

// Begin opens a leaving and asks the person for the leaving pledge. The act is beginLeaving on the person.
func (r *Room) Begin(g *guard.Grant, b Beginning) error {
	tx, id := g.Tx(access.BeginLeaving), g.Only(access.Person)
	why, err := reason(b.Reason)
	if err != nil {
		return err
	}
	p, err := r.People.One(tx, id)
	if err != nil {
		return err
	}
	today := tx.Now.In(china).Format(time.DateOnly)
	switch {
	case p.Status == person.Left:
		return problem.New(problem.Conflict, "此人已经离岗")
	case b.LastDay.IsZero() || b.LastDay.Year() > 2200:
		return problem.New(problem.Invalid, "请填写最后在岗日").In("last_day")
	case b.LastDay.Format(time.DateOnly) < today && p.Status == person.Active:
		return problem.New(problem.Invalid, "最后在岗日不能早于今天").In("last_day")
	}
	w, err := r.fitWitness(g, b.Witness)
	if err != nil {
		return err
	}
	if _, err := openRow(tx, id); !errors.Is(err, store.ErrNone) {
		if err != nil {
			return err
		}
		return problem.New(problem.Conflict, "此人的离岗交接已经开始")
	}
	moves, err := movesTo(b, p)
	if err != nil {
		return err
	}
	if p.Status == person.Active && moves == "" {
		if err := r.Pledges.AskLeaving(g); err != nil && !problem.Is(err, problem.Conflict) {
			return err
		}
	}
	row := tx.NewID()
	g.Note("leaving", row)
	g.Note("witness", w.ID)
	_, err = tx.Exec(`INSERT INTO departure (id, person, begun, begun_by, last_day, sealed_reason, witness, witnessed, sheet, closed, closed_by, cancelled, moves, posts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', 0, '', 0, $8, $9)`, row, id, tx.Now.UnixMilli(), g.Who().Person, b.LastDay.Format(time.DateOnly), r.reason.SealText(row, why), w.ID, moves, listOf(p.Posts))
	return err
}

// fitWitness is who can witness the hand-over of the person whom the grant is for.
func (r *Room) fitWitness(g *guard.Grant, id string) (person.Person, error) {
	if id == g.Only(access.Person) || id == g.Who().Person {
		return person.Person{}, problem.New(problem.Invalid, "监交人不能是离岗人，也不能是办理人").In("witness")
	}
	w, err := r.active(g.Tx(), id, "witness")
	if err != nil {
		return w, err
	}
	switch _, err := openRow(g.Tx(), id); {
	case err == nil:
		err = problem.New(problem.Conflict, "监交人自己正在办理离岗").In("witness")
		return w, err
	case !errors.Is(err, store.ErrNone):
		return w, err
	}
	return w, nil
}

// SetWitness appoints another witness for an open leaving, who has taken nothing over in it; what the former one signed is void. The act is
// beginLeaving on the person.
func (r *Room) SetWitness(g *guard.Grant, witness string) error {
	tx := g.Tx(access.BeginLeaving)
	d, err := r.begun(tx, g.Only(access.Person))
	if err != nil {
		return err
	}
	w, err := r.fitWitness(g, witness)
	if err != nil {
		return err
	}
	took, err := store.Get(tx, func(s store.Row) (n int, err error) { return n, s.Scan(&n) }, `SELECT COUNT(*) FROM departure_item WHERE departure = $1 AND successor = $2`, d.id, w.ID)
	switch {
	case err != nil:
		return err
	case took > 0:
		return problem.New(problem.Invalid, "此人已接收移交的事项，不能监交").In("witness")
	}
	g.Note("leaving", d.id)
	g.Note("witness", w.ID)
	g.Note("instead", d.witness)
	if _, err := tx.Exec(`UPDATE departure SET witness = $2 WHERE id = $1`, d.id, w.ID); err != nil {
		return err
	}
	return unwitness(tx, d.id)
}

// movesTo are the posts that somebody moves to within the firm, as stored; empty for a leaving.
func movesTo(b Beginning, p person.Person) (string, error) {
	if len(b.Moves) == 0 {
		return "", nil
	}
	if err := person.CheckPosts(b.Moves); err != nil {
		return "", err
	}
	if person.SamePosts(b.Moves, p.Posts) {
		return "", problem.New(problem.Invalid, "岗位没有变化").In("posts")
	}
	return listOf(b.Moves), nil
}

// listOf are posts as stored; see postsOf.
func listOf(posts []access.Post) string {
	names := make([]string, len(posts))
	for i, post := range posts {
		names[i] = string(post)
	}
	return strings.Join(names, ",")
}

// Cancel ends an open leaving because the person stays. What was handed over stays handed over. The act is beginLeaving.
func (r *Room) Cancel(g *guard.Grant, why string) error {
	tx, id := g.Tx(access.BeginLeaving), g.Only(access.Person)
	why, err := reason(why)
	if err != nil {
		return err
	}
	g.Note("cancelled", why)
	if err := r.Pledges.ForgetLeaving(g); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE departure SET closed = $2, closed_by = $3, cancelled = 1 WHERE person = $1 AND closed = 0`, id, tx.Now.UnixMilli(), g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "此人没有在办理离岗交接")
	}
	return err
}

// Handover says what goes to whom. Of materials and reviews, or of carriers, devices, repairs and media (Pieces), it may name some; none means all.
type Handover struct {
	Kind      Kind
	Matter    string
	Materials []string
	Pieces    []string // ids
	Successor string
}

// Settle hands something over, of materials at most material.Portion at a time, and gives how many went. The act is settleLeaving.
func (r *Room) Settle(g *guard.Grant, h Handover) (n int, err error) {
	tx, id := g.Tx(access.SettleLeaving), g.Only(access.Person)
	d, err := r.begun(tx, id)
	if err != nil {
		return 0, err
	}
	switch h.Successor {
	case id:
		return 0, problem.New(problem.Invalid, "接收人不能是离岗人").In("successor")
	case d.witness:
		return 0, problem.New(problem.Invalid, "监交人不能接收移交的事项，请选择另一位").In("successor")
	}
	if err := r.notWalled(g, h.Matter); err != nil {
		return 0, err
	}
	to, err := r.active(tx, h.Successor, "successor")
	if err != nil {
		return 0, err
	}
	leaves, err := openRow(tx, to.ID)
	if err == nil && leaves.id != "" {
		return 0, problem.New(problem.Conflict, "接收人自己正在办理离岗").In("successor")
	}
	if !errors.Is(err, store.ErrNone) {
		return 0, err
	}
	switch h.Kind {
	case Lead:
		if !to.Has(access.Lawyer) || slices.ContainsFunc(to.Posts, person.IsAdministrator) {
			return 0, problem.New(problem.Invalid, "主办律师只能由律师担任").In("successor")
		}
		n, err = 1, r.succeed(g, h.Matter, to.ID)
	case Materials:
		n, err = r.Shelf.Succeed(g, h.Matter, h.Materials, to.ID)
	case Reviews:
		n, err = r.Shelf.SucceedReviews(g, h.Matter, h.Materials, to.ID)
	case Carriers:
		n, err = r.Carriers.OfferAll(g, h.Matter, to.ID, h.Pieces)
	case Lent:
		n, err = r.Carriers.SucceedLent(g, h.Matter, to.ID)
	case Alongs:
		n, err = r.Carriers.SucceedAlong(g, h.Matter, to.ID)
	case Destructions:
		n, err = r.Retention.Succeed(g, h.Matter, to.ID)
	case Repairs:
		n, err = r.Devices.SucceedWatch(g, to.ID, h.Pieces)
	case Devices:
		n, err = r.Devices.Succeed(g, to.ID, h.Pieces)
	case Media:
		n, err = r.Media.Succeed(g, to.ID, h.Pieces)
	case Dangers:
		n, err = r.Dangers.Succeed(g, to.ID)
	case Meetings:
		n, err = r.Meetings.Succeed(g, h.Matter, to.ID)
	case Uploads, Pledge, Stock, Witnessing, Administrator, Orders, Requests, Decisions:
		err = problem.New(problem.Invalid, "这一项不能移交给别人")
	default:
		err = problem.New(problem.Invalid, "没有这一项")
	}
	if err != nil {
		return 0, err
	}
	g.Note("kind", string(h.Kind))
	g.Note("matter", h.Matter)
	g.Note("successor", to.ID)
	g.Note("n", n)
	_, err = tx.Exec(`INSERT INTO departure_item (id, departure, kind, matter, n, successor, by_person, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tx.NewID(), d.id, string(h.Kind), h.Matter, n, to.ID, g.Who().Person, tx.Now.UnixMilli())
	return n, errors.Join(err, unwitness(tx, d.id))
}

// succeed hands a matter's lead over, and tells the register of rights of both.
func (r *Room) succeed(g *guard.Grant, in, to string) error {
	tx, from := g.Tx(), g.Only(access.Person)
	was, err := matter.Relation(tx, in, to)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return err
	}
	if err := r.Matters.Succeed(g, in, to); err != nil {
		return err
	}
	is, err := matter.Relation(tx, in, to)
	if err != nil {
		return err
	}
	var duty matter.Duty
	switch {
	case was.Assigned:
		duty = matter.Handling
	case was.Member:
		duty = matter.Assisting
	}
	return errors.Join(r.People.Changed(g, person.Change{Kind: person.PlaceChanged, Person: to, Matter: in,
		What: person.What{WasDuty: string(duty), WasLevel: was.Clearance, Duty: string(matter.Lead), Level: is.Clearance, Listed: is.Listed, Why: "离岗交接"}}),
		r.People.Changed(g, person.Change{Kind: person.PlaceChanged, Person: from, Matter: in,
			What: person.What{WasDuty: string(matter.Lead), Duty: string(matter.Handling), Why: "离岗交接"}}))
}

// Close ends the person's time in the firm: the account, its sessions and tokens, places in teams and leaves to fetch originals, all
// in this act. The act is closeLeaving, which the rules give only when nothing is outstanding.
func (r *Room) Close(g *guard.Grant) (Ended, error) {
	tx, id := g.Tx(access.CloseLeaving), g.Only(access.Person)
	d, err := r.begun(tx, id)
	if err != nil {
		return Ended{}, err
	}
	if d.witness == g.Who().Person {
		return Ended{}, problem.New(problem.Conflict, "监交人不能办结，请另一位安全管理员办结，或者先更换监交人")
	}
	if d.moves != "" { // the posts themselves are changed by who appoints; see package rights
		g.Note("moves", d.moves)
		_, err = tx.Exec(`UPDATE departure SET closed = $2, closed_by = $3 WHERE id = $1`, d.id, tx.Now.UnixMilli(), g.Who().Person)
		return Ended{}, err
	}
	var e Ended
	if e.Places, err = r.Matters.Depart(g); err != nil {
		return e, err
	}
	if err = r.Carriers.Depart(g); err != nil {
		return e, err
	}
	if e.Releases, err = r.Shelf.Depart(g); err != nil {
		return e, err
	}
	if e.Ended, err = r.People.Depart(g); err != nil {
		return e, err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return e, fmt.Errorf("encode what ended: %w", err)
	}
	g.Note("ended", e)
	_, err = tx.Exec(`UPDATE departure SET closed = $2, closed_by = $3, sealed_ended = $4 WHERE id = $1`, d.id, tx.Now.UnixMilli(), g.Who().Person, r.ended.Seal(d.id, raw))
	return e, err
}

// notWalled keeps the caller from acting on a matter behind whose wall they stand, with the answer for one that is not on the list.
func (r *Room) notWalled(g *guard.Grant, matter string) error {
	behind, err := r.Matters.WalledFrom(g.Tx(), g.Who().Person)
	if err == nil && behind[matter] {
		err = errUnlisted
	}
	return err
}

// unwitness takes the witness's signature back: the list that was signed is not the list any more.
func unwitness(tx *store.Tx, id string) error {
	_, err := tx.Exec(`UPDATE departure SET witnessed = 0, sheet = '' WHERE id = $1`, id)
	return err
}

func (r *Room) begun(tx *store.Tx, person string) (row, error) {
	d, err := openRow(tx, person)
	if errors.Is(err, store.ErrNone) {
		err = problem.New(problem.Conflict, "此人没有在办理离岗交接")
	}
	return d, err
}

// active is somebody at work, to be named in a form's field.
func (r *Room) active(tx *store.Tx, id, field string) (person.Person, error) {
	if id == "" {
		return person.Person{}, problem.New(problem.Invalid, "请从名单里选择").In(field)
	}
	p, err := r.People.One(tx, id)
	if problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active {
		return p, problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	}
	return p, err
}

// reason cleans a reason.
func reason(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", problem.New(problem.Invalid, "请填写%s", "事由").In("reason")
	case n > 500 || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", "事由", 500).In("reason")
	}
	return s, nil
}
