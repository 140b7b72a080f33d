// Package stocktaking counts the carriers (盘点; clause 7.1.1). The custodian opens a round for a place, for a holder or for all; every number
// is scanned or typed; what is missing, what is there and ought not to be, and what stands in another place make the list of differences,
// each of which is settled with a word on what came of it. A round keeps what ought to have been there when it was opened.
package stocktaking

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Verdict on one carrier in a round.
type Verdict string

const (
	Waiting Verdict = "waiting" // ought to be there, not seen yet
	Seen    Verdict = "seen"
	Away    Verdict = "away"    // off the premises with leave
	Missing Verdict = "missing" // the round is closed and it was not seen
	Extra   Verdict = "extra"   // not on the list of the round
	Moved   Verdict = "moved"   // seen in another place than registered
	Revived Verdict = "revived" // its number was ended: returned, written off
)

// Verdicts lists them in the order of the list of differences.
var Verdicts = []Verdict{Missing, Revived, Extra, Moved, Waiting, Away, Seen}

var verdictNames = map[Verdict]string{Waiting: "待盘", Seen: "相符", Away: "外带中", Missing: "缺失", Extra: "不在清单", Moved: "位置不符", Revived: "已注销又出现"}

// Name is the verdict in Chinese.
func (v Verdict) Name() string { return verdictNames[v] }

// Difference reports whether the verdict wants to be settled.
func (v Verdict) Difference() bool {
	return v == Missing || v == Extra || v == Moved || v == Revived
}

// Outcome is what came of a difference, beside the words.
type Outcome string

const (
	Noted   Outcome = ""        // nothing but the words
	Rehomed Outcome = "rehomed" // the register has it where it was seen
	Unfound Outcome = "unfound" // it was looked for and is not there: the draft of an incident
)

// Outcomes are those that a verdict can come to, the likeliest first.
func (v Verdict) Outcomes() []Outcome {
	switch v {
	case Moved:
		return []Outcome{Rehomed, Noted}
	case Missing:
		return []Outcome{Unfound, Noted}
	}
	return []Outcome{Noted}
}

var outcomeNames = map[Verdict]map[Outcome]string{Moved: {Rehomed: "登记改到实际位置", Noted: "已放回登记的位置"}, Missing: {Unfound: "没有找到，报安全管理员", Noted: "已找到"}}

// OutcomeName is an outcome of a verdict in Chinese; empty where there is nothing to choose.
func (v Verdict) OutcomeName(o Outcome) string { return outcomeNames[v][o] }

// Round is one stock-taking.
type Round struct {
	ID       string
	Opened   time.Time
	OpenedBy string // name
	Holder   string // name; empty: everybody's
	Place    string // beginning; empty: everywhere
	Closed   time.Time
	Count    map[Verdict]int
	Unsolved int // differences that are not settled

	counts string // as kept at its closing
}

// Item is one carrier in a round.
type Item struct {
	Carrier, Number string
	Level           classification.Level
	Place           string // registered
	Holder          string // name
	Verdict         Verdict
	SeenPlace       string
	SeenBy          string // name
	At              time.Time
	Settled         time.Time
	SettledBy       string // name
	Outcome         Outcome
	Note            string
}

// Room is where stock is taken. It is safe for concurrent use.
type Room struct {
	people            *person.Roster
	matters           *matter.Book
	carriers          *carrier.Cabinet
	place, seen, note *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster, matters *matter.Book, carriers *carrier.Cabinet) *Room {
	return &Room{people: people, matters: matters, carriers: carriers, place: keys.Field("stock_round.place"), seen: keys.Field("stock_item.seen_place"), note: keys.Field("stock_item.note")}
}

// Open begins a round over what is kept in a place (the beginning of its words; empty: everywhere) by a holder (empty: everybody). The act
// is takeStock.
func (r *Room) Open(g *guard.Grant, place, holder string) (id string, err error) {
	tx := g.Tx(access.TakeStock)
	if place, err = words(place, "place", "存放位置", false); err != nil {
		return "", err
	}
	if holder != "" {
		if err := g.Staff(holder, "holder"); err != nil {
			return "", err
		}
	}
	all, err := r.carriers.Kept(tx, holder, place)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", problem.New(problem.Invalid, "这个范围里没有在册的载体").In("place")
	}
	id = tx.NewID()
	g.Note("round", id)
	g.Note("carriers", len(all))
	if _, err := tx.Exec(`INSERT INTO stock_round (id, opened, opened_by, holder, sealed_place, closed, closed_by) VALUES ($1, $2, $3, $4, $5, 0, '')`, id, tx.Now.UnixMilli(), g.Who().Person, holder,
		r.place.SealText(id, place)); err != nil {
		return "", err
	}
	for _, k := range all {
		verdict := Waiting
		if k.Out {
			verdict = Away
		}
		if _, err := tx.Exec(`INSERT INTO stock_item (round, carrier, number, matter, verdict, expected, away, seen, seen_by, elsewhere, settled, settled_by) VALUES ($1, $2, $3, $4, $5, 1, $6, 0, '', 0, 0, '')`, id, k.ID, k.Number, k.Matter, string(verdict), flag(k.Out)); err != nil {
			return "", err
		}
	}
	return id, nil
}

// Scan takes down that a number was seen, in a place if one is said, and gives the verdict. What callnumber.Read
// does not read is problem.Invalid; one that is none of the firm's, or of a matter behind whose wall the caller stands, problem.Absent. The act is takeStock.
func (r *Room) Scan(g *guard.Grant, round, number, place string) (Item, error) {
	tx := g.Tx(access.TakeStock)
	if _, err := r.open(tx, round); err != nil {
		return Item{}, err
	}
	place, err := words(place, "place", "存放位置", false)
	if err != nil {
		return Item{}, err
	}
	id, err := carrier.ByNumber(tx, number)
	if problem.Is(err, problem.Absent) {
		err = problem.New(problem.Absent, "没有这个编号，不是本所登记的载体").In("number")
	}
	if err != nil {
		return Item{}, err
	}
	k, err := r.carriers.KeptOne(tx, id)
	if err != nil {
		return Item{}, err
	}
	behind, err := r.matters.WalledFrom(tx, g.Who().Person)
	if err == nil && behind[k.Matter] {
		err = problem.New(problem.Absent, "没有这个编号，不是本所登记的载体").In("number")
	}
	if err != nil {
		return Item{}, err
	}
	if k.Fetched {
		return Item{}, problem.New(problem.Conflict, "这是取用的电子副本，不参加盘点，由取用人删除并确认").In("number")
	}
	elsewhere := place != "" && !strings.HasPrefix(k.Place, place)
	var sealed []byte
	if elsewhere {
		sealed = r.seen.SealText(round+id, place)
	}
	unexpected, expected := Extra, Seen
	switch {
	case k.Ended:
		unexpected, expected = Revived, Revived
	case elsewhere:
		expected = Moved
	}
	g.Note("round", round)
	g.Note("carrier", id)
	if _, err := tx.Exec(`INSERT INTO stock_item (round, carrier, number, matter, verdict, expected, away, seen, seen_by, elsewhere, settled, settled_by, sealed_seen_place) VALUES ($1, $2, $3, $4, $5, 0, 0, $7, $8, $9, 0, '', $10)
		ON CONFLICT (round, carrier) DO UPDATE SET verdict = CASE stock_item.expected WHEN 1 THEN $6 ELSE excluded.verdict END, seen = excluded.seen, seen_by = excluded.seen_by, elsewhere = excluded.elsewhere, sealed_seen_place = excluded.sealed_seen_place`,
		round, id, k.Number, k.Matter, string(unexpected), string(expected), tx.Now.UnixMilli(), g.Who().Person, flag(elsewhere), sealed); err != nil {
		return Item{}, err
	}
	items, err := r.items(g, round, ` AND i.carrier = $3`, `i.carrier`, ``, id)
	if err != nil || len(items) != 1 {
		return Item{}, err
	}
	return items[0], nil
}

// Close ends the scanning: what was not seen by now is missing, unless it went its way while the round ran. The act is takeStock.
func (r *Room) Close(g *guard.Grant, round string) error {
	tx := g.Tx(access.TakeStock)
	if _, err := r.open(tx, round); err != nil {
		return err
	}
	g.Note("closed", round)
	if _, err := tx.Exec(`UPDATE stock_item SET verdict = CASE WHEN EXISTS (SELECT 1 FROM carrier c WHERE c.id = stock_item.carrier AND c.ended > 0) THEN 'seen' ELSE 'missing' END WHERE round = $1 AND verdict = 'waiting'`, round); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE stock_round SET closed = $2, closed_by = $3 WHERE id = $1`, round, tx.Now.UnixMilli(), g.Who().Person); err != nil {
		return err
	}
	return r.keepCounts(tx, round)
}

// Settle says what came of a difference, once the round is closed: what stands elsewhere is registered there, of what is not found the
// security officer has the draft of an incident. The act is takeStock.
func (r *Room) Settle(g *guard.Grant, round, id string, to Outcome, note string) error {
	tx := g.Tx(access.TakeStock)
	note, err := words(note, "note", "处理情况", true)
	if err != nil {
		return err
	}
	if _, err := r.open(tx, round); err == nil {
		return problem.New(problem.Conflict, "盘点还没有结束")
	}
	items, err := r.items(g, round, ` AND i.carrier = $3`, `i.carrier`, ``, id)
	switch {
	case err != nil:
		return err
	case len(items) == 0:
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case !items[0].Verdict.Difference() || !items[0].Settled.IsZero():
		return problem.New(problem.Conflict, "这一项没有待处理的差异")
	case !slices.Contains(items[0].Verdict.Outcomes(), to):
		return problem.New(problem.Invalid, "请选择处理结果").In("outcome")
	}
	switch to {
	case Rehomed:
		err = r.carriers.PutAt(g, id, items[0].SeenPlace)
	case Unfound:
		err = r.carriers.Unfound(g, id, round)
	case Noted:
	}
	if err != nil {
		return err
	}
	g.Note("round", round)
	g.Note("carrier", id)
	g.Note("outcome", string(to))
	if _, err := tx.Exec(`UPDATE stock_item SET settled = $3, settled_by = $4, sealed_note = $5, outcome = $6 WHERE round = $1 AND carrier = $2`, round, id, tx.Now.UnixMilli(), g.Who().Person, r.note.SealText(round+id, note), string(to)); err != nil {
		return err
	}
	return r.keepCounts(tx, round)
}

// open is when a round that goes on was opened.
func (r *Room) open(tx *store.Tx, round string) (time.Time, error) {
	at, err := store.Get(tx, func(row store.Row) (at int64, err error) { return at, row.Scan(&at) }, `SELECT opened FROM stock_round WHERE id = $1 AND closed = 0`, round)
	if errors.Is(err, store.ErrNone) {
		err = problem.New(problem.Conflict, "没有这一轮盘点，或者已经结束")
	}
	return instant(at), err
}

func words(s, field, name string, needed bool) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0 && needed:
		return "", problem.New(problem.Invalid, "请填写%s", name).In(field)
	case n > 200 || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", name, 200).In(field)
	}
	return s, nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
