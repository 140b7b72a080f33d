package retention

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Stage is where a list stands.
type Stage string

const (
	Listed    Stage = "listed"
	Appraised Stage = "appraised"
	Done      Stage = "done"
	Withdrawn Stage = "withdrawn"
	Spared    Stage = "kept" // nothing on it was to be destroyed
)

// Stages lists them.
var Stages = []Stage{Listed, Appraised, Done, Withdrawn, Spared}

var stageNames = map[Stage]string{Listed: "待鉴定", Appraised: "待销毁", Done: "已销毁", Withdrawn: "已撤回", Spared: "鉴定留存"}

// Name is the stage in Chinese.
func (s Stage) Name() string { return stageNames[s] }

// Open reports whether something is still to be done.
func (s Stage) Open() bool { return s == Listed || s == Appraised }

// Verdict is what an appraisal says about one thing (鉴定).
type Verdict string

const (
	ToDestroy Verdict = "destroy"
	Keep      Verdict = "keep"
	Transfer  Verdict = "transfer" // to the client or an archive, by the ways that there are for it
)

// Verdicts lists them in the order of the form.
var Verdicts = []Verdict{ToDestroy, Keep, Transfer}

var verdictNames = map[Verdict]string{ToDestroy: "销毁", Keep: "延长保管", Transfer: "移交"}

// Name is the verdict in Chinese.
func (v Verdict) Name() string { return verdictNames[v] }

// Item is one thing on a list. It tells what the thing was after it is gone.
type Item struct {
	Ref
	Number, Title string
	Level         classification.Level
	Form          carrier.Form   // empty: electronic
	Origin        carrier.Origin // empty: unknown
	Pages         int
	Custodian     string // id
	Early         bool   // its period was not over when it was listed
	Verdict       Verdict
	KeepUntil     time.Time
}

// FormName is its kind in Chinese.
func (i Item) FormName() string {
	if i.Form == "" {
		return "电子文件"
	}
	return i.Form.Name()
}

// List is one destruction list (销毁清册). Persons are ids.
type List struct {
	ID, Matter, Number string
	Level              classification.Level // the highest on it
	Whole              bool
	Stage              Stage
	Asked              time.Time
	AskedBy            string
	Reason             string
	Appraiser          string
	Appraised          time.Time
	Opinion            string
	Destroyer          string
	Method, Digital    string
	Place              string
	Witnesses          [2]string
	Arranged           time.Time // zero: not yet
	Ended              time.Time
	Sheet              string // SHA-256 of the certificate
	Approvers          []string
	Items              []Item
	Size               int    // how many items it has
	Frozen             []Hold // what stops it
	Known              bool   // titles and reasons are there
}

// ToDestroy are the items that are to be destroyed.
func (l List) ToDestroy() (all []Item) {
	for _, i := range l.Items {
		if i.Verdict == ToDestroy {
			all = append(all, i)
		}
	}
	return all
}

// People are the ids of everybody whom the list names.
func (l List) People() []string {
	all := append([]string{l.AskedBy, l.Appraiser, l.Destroyer, l.Witnesses[0], l.Witnesses[1]}, l.Approvers...)
	for _, i := range l.Items {
		all = append(all, i.Custodian)
	}
	for _, h := range l.Frozen {
		all = append(all, h.SetBy)
	}
	return all
}

// NumberOf writes a list's number as people say it.
func NumberOf(year, serial int64) string { return fmt.Sprintf("%d-%04d", year, serial) }

const selectList = `SELECT d.id, d.year, d.serial, d.matter, d.whole, d.stage, d.asked, d.asked_by, d.appraiser, d.appraised, d.destroyer, d.method, d.digital, d.witness1, d.witness2, d.arranged, d.ended,
	d.sheet, d.approvers, d.sealed_reason, d.sealed_opinion, d.sealed_place, COALESCE((SELECT MAX(i.level) FROM destruction_item i WHERE i.destruction = d.id), 0), (SELECT COUNT(*) FROM destruction_item i WHERE i.destruction = d.id) FROM destruction d`

func (r *Room) scan(row store.Row) (l List, err error) {
	var year, serial, whole, asked, appraised, arranged, ended, level int64
	var approvers string
	var reason, opinion, place []byte
	if err := row.Scan(&l.ID, &year, &serial, &l.Matter, &whole, &l.Stage, &asked, &l.AskedBy, &l.Appraiser, &appraised, &l.Destroyer, &l.Method, &l.Digital, &l.Witnesses[0], &l.Witnesses[1], &arranged, &ended,
		&l.Sheet, &approvers, &reason, &opinion, &place, &level, &l.Size); err != nil {
		return l, err
	}
	l.Number, l.Whole, l.Level, l.Known = NumberOf(year, serial), whole == 1, classification.Level(level), true
	l.Asked, l.Appraised, l.Arranged, l.Ended = instant(asked), instant(appraised), instant(arranged), instant(ended)
	if approvers != "" {
		l.Approvers = strings.Split(approvers, ",")
	}
	var errs [3]error
	l.Reason, errs[0] = r.reason.OpenText(l.ID, reason)
	l.Opinion, errs[1] = r.opinion.OpenText(l.ID, opinion)
	l.Place, errs[2] = r.place.OpenText(l.ID, place)
	return l, errors.Join(errs[:]...)
}

// one is a list with its items and what stops it.
func (r *Room) one(tx *store.Tx, id string) (List, error) {
	l, err := store.Get(tx, r.scan, selectList+` WHERE d.id = $1`, id)
	if err != nil {
		return l, none(err)
	}
	if l.Items, err = r.items(tx, id); err != nil {
		return l, err
	}
	l.Frozen, err = r.stops(tx, l)
	return l, err
}

func (r *Room) items(tx *store.Tx, list string) ([]Item, error) {
	return store.List(tx, func(row store.Row) (Item, error) { return r.scanItem(row, new(string)) }, `SELECT destruction, kind, thing, number, level, form, origin, pages, custodian, early, verdict, keep_until, sealed_title FROM destruction_item WHERE destruction = $1 ORDER BY kind, number`, list)
}

// scanItem reads an item behind the id of its list.
func (r *Room) scanItem(row store.Row, list *string) (i Item, err error) {
	var level, pages, early, until int64
	var title []byte
	if err := row.Scan(list, &i.Kind, &i.ID, &i.Number, &level, &i.Form, &i.Origin, &pages, &i.Custodian, &early, &i.Verdict, &until, &title); err != nil {
		return i, err
	}
	i.Level, i.Pages, i.Early, i.KeepUntil = classification.Level(level), int(pages), early == 1, instant(until)
	i.Title, err = r.title.OpenText(*list+i.ID, title)
	return i, err
}

// stops are the standing holds on the matter of an open list and on what may yet be destroyed of it.
func (r *Room) stops(tx *store.Tx, l List) (all []Hold, err error) {
	if !l.Stage.Open() {
		return nil, nil
	}
	holds, err := r.standing(tx, l.Matter)
	if err != nil || len(holds) == 0 {
		return nil, err
	}
	if h, held := holds[Ref{access.Matter, l.Matter}]; held {
		all = append(all, h)
	}
	for _, i := range l.Items {
		if h, held := holds[i.Ref]; held && (i.Verdict == "" || i.Verdict == ToDestroy) {
			h.Number = i.Number
			all = append(all, h)
		}
	}
	return all, nil
}

// Load is the door's loader of destruction lists.
func (r *Room) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	l, err := r.one(tx, thing.ID)
	if problem.Is(err, problem.Absent) {
		return access.Resource{Kind: access.Destruction, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	where, err := matter.Relation(tx, l.Matter, who.Person)
	return l.thing(), l.circumstances(where, who.Person), err
}

// thing is the list as the rules see it.
func (l List) thing() access.Resource {
	state := access.Ended
	switch l.Stage {
	case Listed:
		state = access.Listed
	case Appraised:
		state = access.Appraised
	case Done, Withdrawn, Spared:
	}
	return access.Resource{Kind: access.Destruction, ID: l.ID, Matter: l.Matter, Level: l.Level, State: state, Proposer: l.AskedBy, Reviewer: l.Appraiser, Owner: l.Destroyer, Frozen: len(l.Frozen) > 0, Exists: true}
}

// circumstances are a person's relation to the list, from that to its matter.
func (l List) circumstances(where access.Circumstances, person string) access.Circumstances {
	where.Assigned = person != "" && (l.Witnesses[0] == person || l.Witnesses[1] == person)
	return where
}

// knows reports whether somebody may read titles and reasons: as one whom the list names, or as a member of the team whose clearance
// reaches.
func (l List) knows(where access.Circumstances, person string) bool {
	named := person != "" && (l.AskedBy == person || l.Appraiser == person || l.Destroyer == person || l.Witnesses[0] == person || l.Witnesses[1] == person)
	return named || where.Member && l.Level <= where.Clearance && (l.Level < classification.TopSecret || where.Listed)
}

// conceal leaves what deciding by post needs: numbers, levels, forms and pages.
func (l *List) conceal() {
	l.Known, l.Reason, l.Opinion, l.Place = false, "", "", ""
	for i := range l.Items {
		l.Items[i].Title = ""
	}
	for i := range l.Frozen {
		l.Frozen[i].Reason = ""
	}
}

// media are the media of the things to be destroyed that one can touch, each with its highest level.
func (l List) media() map[string]classification.Level {
	needs := map[string]classification.Level{}
	for _, i := range l.ToDestroy() {
		switch i.Form {
		case "":
		case carrier.Paper, carrier.Copy, carrier.Printed, carrier.Evidence, carrier.Another:
			needs[OfPaper] = max(needs[OfPaper], i.Level)
		case carrier.Disk, carrier.Stick, carrier.Optical, carrier.Phone:
			needs[OfDevice] = max(needs[OfDevice], i.Level)
		default: // of a later form: both are said
			needs[OfPaper], needs[OfDevice] = max(needs[OfPaper], i.Level), max(needs[OfDevice], i.Level)
		}
	}
	return needs
}

// Needs reports whether the list has paper, and whether it has devices, to be destroyed.
func (l List) Needs() (paper, device bool) {
	needs := l.media()
	return needs[OfPaper] > 0, needs[OfDevice] > 0
}
