package training

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Kinds of a campaign, in the order in which forms offer them; person.KindNames has their names.
var Kinds = []string{"regular", "special"}

// Plan is what a campaign is to be.
type Plan struct {
	Title string
	Kind  string
	Posts []access.Post // who is called; none: everybody at work
	Due   time.Time
	Grace int // days after Due until access closes
}

const (
	longestTitle = 60
	longestGrace = 60 // days
	longestPlan  = 366 * 24 * time.Hour
)

// Campaign is a training that people were called to.
type Campaign struct {
	ID string
	Plan
	Begun     time.Time
	By        string    // person
	Withdrawn time.Time // zero: it stands
	person.Turnout
}

// Closes is when access closes for those who did not come.
func (c Campaign) Closes() time.Time { return c.Due.Add(time.Duration(c.Grace) * 24 * time.Hour) }

// Notice is how near its day is.
func (c Campaign) Notice(now time.Time) Notice { return NoticeOf(now, c.Due, c.Closes()) }

// Missing is how many have not answered.
func (c Campaign) Missing() int { return c.Called - c.Answered }

func (p *Plan) check(now time.Time) error {
	p.Title = strings.TrimSpace(p.Title)
	switch {
	case p.Title == "":
		return problem.New(problem.Invalid, "请填写计划名称").In("title")
	case utf8.RuneCountInString(p.Title) > longestTitle:
		return problem.New(problem.Invalid, "计划名称过长：最多 %d 个字", longestTitle).In("title")
	case strings.ContainsFunc(p.Title, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return problem.New(problem.Invalid, "计划名称里有不能使用的字符").In("title")
	case !slices.Contains(Kinds, p.Kind):
		return problem.New(problem.Invalid, "请选择类别").In("kind")
	}
	for _, post := range p.Posts {
		if !slices.Contains(access.Posts, post) {
			return problem.New(problem.Invalid, "没有这个岗位：%s", post).In("posts")
		}
	}
	return checkDays(p.Due, p.Grace, now)
}

func checkDays(due time.Time, grace int, now time.Time) error {
	switch {
	case !due.After(now):
		return problem.New(problem.Invalid, "截止日期要晚于今天").In("due")
	case due.Sub(now) > longestPlan:
		return problem.New(problem.Invalid, "截止日期最远定在一年以内").In("due")
	case grace < 0 || grace > longestGrace:
		return problem.New(problem.Invalid, "宽限 0 到 %d 天", longestGrace).In("grace")
	}
	return nil
}

// Begin calls people to be trained: those at work who hold one of the posts. Who passes the test afterwards, or is trained outside
// the program, has answered. The grant is for manageTraining.
func (s *School) Begin(g *guard.Grant, p Plan) (id string, err error) {
	tx := g.Tx(access.ManageTraining)
	if err := p.check(tx.Now); err != nil {
		return "", err
	}
	people, err := s.people.Working(tx, p.Posts)
	if err != nil {
		return "", err
	}
	if len(people) == 0 {
		return "", problem.New(problem.Invalid, "这些岗位上现在没有人").In("posts")
	}
	c := Campaign{ID: tx.NewID(), Plan: p}
	g.Note("campaign", map[string]any{"campaign": c.ID, "due": p.Due.UnixMilli(), "grace": p.Grace, "posts": p.Posts})
	if _, err := tx.Exec(`INSERT INTO training_campaign (id, sealed_title, kind, posts, begun, begun_by, due, grace, withdrawn) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		c.ID, s.title.SealText(c.ID, p.Title), p.Kind, joined(p.Posts), tx.Now.UnixMilli(), g.Who().Person, p.Due.UnixMilli(), p.Grace); err != nil {
		return "", err
	}
	return c.ID, s.people.RequireTraining(g, person.Call{ID: c.ID, People: people, Until: c.Closes()})
}

func joined(posts []access.Post) string {
	var codes []string
	for _, p := range posts {
		codes = append(codes, string(p))
	}
	return strings.Join(codes, ",")
}

// Move gives a campaign another day; who was closed out by the old one is let in again until the new. The grant is for
// manageTraining.
func (s *School) Move(g *guard.Grant, id string, due time.Time, grace int) error {
	tx := g.Tx(access.ManageTraining)
	c, err := s.standing(tx, id)
	if err != nil {
		return err
	}
	if err := checkDays(due, grace, tx.Now); err != nil {
		return err
	}
	g.Note("campaign", map[string]any{"campaign": id, "from": c.Due.UnixMilli(), "due": due.UnixMilli(), "grace": grace})
	if _, err := tx.Exec(`UPDATE training_campaign SET due = $2, grace = $3 WHERE id = $1`, id, due.UnixMilli(), grace); err != nil {
		return err
	}
	c.Due, c.Grace = due, grace
	return s.people.MoveTraining(g, id, c.Closes())
}

// Withdraw takes a campaign back, for a stated reason; who did not come is no longer called by it. The grant is for
// manageTraining.
func (s *School) Withdraw(g *guard.Grant, id, reason string) error {
	tx := g.Tx(access.ManageTraining)
	if _, err := s.standing(tx, id); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || utf8.RuneCountInString(reason) > 200 {
		return problem.New(problem.Invalid, "请写明理由，最多 %d 个字", 200).In("reason")
	}
	g.Note("campaign", map[string]any{"campaign": id, "deed": "withdraw", "reason": reason})
	if _, err := tx.Exec(`UPDATE training_campaign SET withdrawn = $2 WHERE id = $1`, id, tx.Now.UnixMilli()); err != nil {
		return err
	}
	return s.people.EndTraining(g, id)
}

// standing is a campaign that was not withdrawn.
func (s *School) standing(tx *store.Tx, id string) (Campaign, error) {
	c, err := s.campaign(tx, id)
	if err == nil && !c.Withdrawn.IsZero() {
		err = problem.New(problem.Conflict, "这项培训计划已经撤回")
	}
	return c, err
}

const campaignColumns = `id, sealed_title, kind, posts, begun, begun_by, due, grace, withdrawn FROM training_campaign`

func (s *shelf) scanCampaign(row store.Row) (c Campaign, err error) {
	var sealed []byte
	var posts string
	var begun, due, withdrawn int64
	if err := row.Scan(&c.ID, &sealed, &c.Kind, &posts, &begun, &c.By, &due, &c.Grace, &withdrawn); err != nil {
		return c, err
	}
	c.Begun, c.Due, c.Withdrawn = instant(begun), instant(due), instant(withdrawn)
	for p := range strings.SplitSeq(posts, ",") {
		if p != "" {
			c.Posts = append(c.Posts, access.Post(p))
		}
	}
	c.Title, err = s.title.OpenText(c.ID, sealed)
	return c, err
}

func (s *shelf) campaign(tx *store.Tx, id string) (Campaign, error) {
	c, err := store.Get(tx, s.scanCampaign, `SELECT `+campaignColumns+` WHERE id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		err = errAbsent
	}
	return c, err
}

// Campaigns is a part of the list of campaigns.
type Campaigns struct {
	Rows  []Campaign
	Total int
	Now   time.Time
}

// Campaigns lists campaigns with their turnout, the newest first. The grant is for manageTraining.
func (s *School) Campaigns(g *guard.Grant, offset, limit int) (l Campaigns, err error) {
	tx := g.Tx(access.ManageTraining)
	l.Now = tx.Now
	g.Note("read", "campaigns")
	if l.Total, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }, `SELECT COUNT(*) FROM training_campaign`); err != nil {
		return l, err
	}
	l.Rows, err = store.List(tx, s.scanCampaign, `SELECT `+campaignColumns+` ORDER BY begun DESC, id DESC LIMIT $1 OFFSET $2`, limit, offset)
	if err != nil {
		return l, err
	}
	return l, s.count(g, l.Rows)
}

func (s *School) count(g *guard.Grant, all []Campaign) error {
	var ids []string
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	turnouts, err := s.people.Turnouts(g, ids)
	for i := range all {
		all[i].Turnout = turnouts[all[i].ID]
	}
	return err
}

// Attendee is somebody whom a campaign called.
type Attendee struct {
	person.Attendance
	Name string
}

// Attendees shows a campaign with everybody it called: who has not come first, then by name's order in the roster. The grant is
// for manageTraining.
func (s *School) Attendees(g *guard.Grant, id string) (c Campaign, all []Attendee, err error) {
	tx := g.Tx(access.ManageTraining)
	if c, err = s.campaign(tx, id); err != nil {
		return c, nil, err
	}
	g.Note("read", map[string]any{"campaign": id})
	called, err := s.people.Attendances(g, id)
	if err != nil {
		return c, nil, err
	}
	var ids []string
	for _, a := range called {
		ids = append(ids, a.Person)
	}
	names, err := s.people.Names(tx, ids)
	if err != nil {
		return c, nil, fmt.Errorf("name those who were called: %w", err)
	}
	for _, a := range called {
		if c.Called++; !a.At.IsZero() {
			c.Answered++
		}
		all = append(all, Attendee{a, names[a.Person]})
	}
	slices.SortStableFunc(all, func(a, b Attendee) int { return a.At.Compare(b.At) })
	return c, all, nil
}
