// Package accountability keeps measures and rewards (责任追究与奖励, clause 22): somebody in charge opens one on a person with what
// happened, the person says their part, opinions are given, and another than who opened it decides. What is written is sealed, never
// changed and seen by few. The program decides nothing and punishes nobody.
package accountability

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Measure is what is done, in the order of its weight; rewards come last.
type Measure string

const (
	Reminder   Measure = "reminder"
	Warning    Measure = "warning"
	Demotion   Measure = "demotion" // duties or access taken away for a time
	Dismissal  Measure = "dismissal"
	Damages    Measure = "damages"
	Reported   Measure = "reported" // to the authorities
	Praise     Measure = "praise"
	Bonus      Measure = "bonus"
	NoMeasure  Measure = "none" // decided: nothing is done
	undecided  Measure = ""
	replyFor           = 5 * 24 * time.Hour
	longest            = 4000
	mostAtOnce         = 200
)

// Measures lists what can be asked for.
var Measures = []Measure{Reminder, Warning, Demotion, Dismissal, Damages, Reported, Praise, Bonus}

var names = map[Measure]string{Reminder: "批评教育", Warning: "警告", Demotion: "暂停职务或权限", Dismissal: "解除合同", Damages: "赔偿损失", Reported: "报告主管机关",
	Praise: "表扬", Bonus: "奖励", NoMeasure: "不予处理"}

// Name is the measure in Chinese.
func (m Measure) Name() string { return names[m] }

// Reward reports whether it is one; a reward needs no reply.
func (m Measure) Reward() bool { return m == Praise || m == Bonus }

// Opinion is what somebody in charge thinks of it.
type Opinion struct {
	By   string // name
	Text string
	At   time.Time
}

// Case is one measure or reward, with how it came about.
type Case struct {
	ID, Person, Name string
	Proposed         Measure
	Matter           string // number; empty: of none
	Facts            string
	Happened         time.Time // a date
	Opened           time.Time
	OpenedBy         string // name
	ReplyBy          time.Time
	Reply            string
	Replied          time.Time // zero: not yet
	Opinions         []Opinion
	Decided          Measure // empty: open
	Why              string
	DecidedAt        time.Time
	DecidedBy        string // name

	Opener string // id of who opened it, and so does not decide it
}

// Open reports whether it is still to be decided.
func (c Case) Open() bool { return c.Decided == undecided }

// Heard reports whether the person has been heard, or had the time to be.
func (c Case) Heard(now time.Time) bool {
	return c.Proposed.Reward() || !c.Replied.IsZero() || now.After(c.ReplyBy)
}

// Room is where measures are kept. It is safe for concurrent use.
type Room struct {
	people                               *person.Roster
	measures, facts, reply, why, opinion *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster) *Room {
	return &Room{people: people, measures: keys.Field("measure.measures"), facts: keys.Field("measure.facts"), reply: keys.Field("measure.reply"), why: keys.Field("measure.why"),
		opinion: keys.Field("measure_opinion.text")}
}

// Opening is how a case begins.
type Opening struct {
	Measure  Measure
	Matter   string // number; empty: of none
	Facts    string
	Happened time.Time // a date, not in the future
}

// Begin opens a case on the person whom the act openMeasure is for, and gives its id. The number of a matter is taken as it is: who
// opens a case need not be in that matter's team, and is told nothing about it.
func (r *Room) Begin(g *guard.Grant, o Opening) (string, error) {
	tx, of := g.Tx(access.OpenMeasure), g.Only(access.Person)
	facts, err := words(o.Facts, "facts", "经过")
	if err != nil {
		return "", err
	}
	number := strings.TrimSpace(o.Matter)
	switch {
	case !slices.Contains(Measures, o.Measure):
		return "", problem.New(problem.Invalid, "请选择措施").In("measure")
	case o.Happened.IsZero() || o.Happened.After(tx.Now.Add(24*time.Hour)):
		return "", problem.New(problem.Invalid, "请填写发生日期，不晚于今天").In("happened")
	case utf8.RuneCountInString(number) > 40:
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", "案号", 40).In("matter")
	}
	id := tx.NewID()
	g.Note("measure", id)
	g.Note("proposed", string(o.Measure))
	_, err = tx.Exec(`INSERT INTO measure (id, person, proposed, sealed_measures, sealed_facts, happened, opened, opened_by, reply_by, replied, decided, decided_at, decided_by)
		VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, 0, '', 0, '')`, id, of, r.measured(id, o.Measure, undecided), r.facts.SealText(id, number+"\n"+facts), o.Happened.Format(time.DateOnly),
		tx.Now.UnixMilli(), g.Who().Person, tx.Now.Add(replyFor).UnixMilli())
	return id, err
}

// Opine adds an opinion to an open case of the person. The act is openMeasure.
func (r *Room) Opine(g *guard.Grant, id, text string) error {
	tx := g.Tx(access.OpenMeasure)
	text, err := words(text, "opinion", "意见")
	if err != nil {
		return err
	}
	if _, err := r.pending(g, id); err != nil {
		return err
	}
	g.Note("measure", id)
	row := tx.NewID()
	_, err = tx.Exec(`INSERT INTO measure_opinion (id, measure, person, sealed_text, at) VALUES ($1, $2, $3, $4, $5)`, row, id, g.Who().Person, r.opinion.SealText(row, text), tx.Now.UnixMilli())
	return err
}

// Reply is the person's part, said once. The act is replyMeasure.
func (r *Room) Reply(g *guard.Grant, id, text string) error {
	tx := g.Tx(access.ReplyMeasure)
	text, err := words(text, "reply", "陈述")
	if err != nil {
		return err
	}
	c, err := r.pending(g, id)
	if err != nil {
		return err
	}
	if !c.Replied.IsZero() {
		return problem.New(problem.Conflict, "已经陈述过，不能更改")
	}
	g.Note("measure", id)
	_, err = tx.Exec(`UPDATE measure SET sealed_reply = $2, replied = $3 WHERE id = $1 AND replied = 0`, id, r.reply.SealText(id, text), tx.Now.UnixMilli())
	return err
}

// Decide ends a case. Who opened it does not decide it, and the person is heard first. The act is decideMeasure.
func (r *Room) Decide(g *guard.Grant, id string, m Measure, why string) error {
	tx := g.Tx(access.DecideMeasure)
	why, err := words(why, "why", "理由")
	if err != nil {
		return err
	}
	c, err := r.pending(g, id)
	switch {
	case err != nil:
		return err
	case m != NoMeasure && !slices.Contains(Measures, m):
		return problem.New(problem.Invalid, "请选择措施").In("measure")
	case c.Opener == g.Who().Person:
		return problem.New(problem.Conflict, "提出人不能决定自己提出的奖惩，请另一位决定")
	case m != NoMeasure && m.Reward() != c.Proposed.Reward():
		return problem.New(problem.Invalid, "处理和奖励不能互换，请另行提出").In("measure")
	case !c.Heard(tx.Now):
		return problem.New(problem.Conflict, "本人还没有陈述，期限未到，不能决定")
	}
	g.Note("measure", id)
	g.Note("decided", string(m))
	_, err = tx.Exec(`UPDATE measure SET sealed_measures = $2, sealed_why = $3, decided_at = $4, decided_by = $5 WHERE id = $1 AND decided_at = 0`,
		id, r.measured(id, c.Proposed, m), r.why.SealText(id, why), tx.Now.UnixMilli(), g.Who().Person)
	return err
}

// pending is an open case of the person whom the act is for.
func (r *Room) pending(g *guard.Grant, id string) (Case, error) {
	c, err := store.Get(g.Tx(), r.scan, `SELECT `+columns+` FROM measure WHERE id = $1 AND person = $2`, id, g.Only(access.Person))
	switch {
	case errors.Is(err, store.ErrNone):
		return c, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case err == nil && !c.Open():
		return c, problem.New(problem.Conflict, "已经有了决定，不能再办理")
	}
	return c, err
}

// words cleans a text of a form's field.
func words(s, field, label string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > longest || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, longest).In(field)
	}
	return s, nil
}
