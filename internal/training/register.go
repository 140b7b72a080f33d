package training

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// MaxExport is the most rows that the register gives at once.
const MaxExport = 20000

// Form is how somebody was trained.
type Form uint8

const (
	Online  Form = iota + 1 // read and tested here
	Outside                 // taught elsewhere and recorded
)

var formNames = map[Form]string{Online: "在线学习与考试", Outside: "集中培训"}

// Name is the form in Chinese.
func (f Form) Name() string { return formNames[f] }

// Entry is a row of the register 培训.
type Entry struct {
	At     time.Time
	Form   Form
	Kind   string // person.KindNames has its name; empty: of a test that was not passed
	Scope  string // title of the campaign; empty: none
	Title  string // of the course; empty: of a training outside
	Number int    // of the course's version
	Person string
	Name   string
	State  State
	Score  int    // of Of questions
	Of     int    // 0: there was no test
	By     string // who recorded it, of a training outside: name; empty: the console
	Reason string // on what that record rests
}

// Filter narrows the register.
type Filter struct {
	Text   string // in the person's name
	From   time.Time
	To     time.Time // exclusive; zero: no end
	Form   Form      // 0: both
	State  State     // 0: any
	Offset int
	Limit  int // 0: all, up to MaxExport
}

// Book is a part of the register.
type Book struct {
	Rows  []Entry
	Total int
}

// Register shows the register, the newest first. The grant is for readTraining.
func (s *School) Register(g *guard.Grant, f Filter) (b Book, err error) {
	tx := g.Tx(access.ReadTraining)
	g.Note("read", "register")
	if f.To.IsZero() {
		f.To = tx.Now.Add(time.Hour)
	}
	var all []Entry
	if f.Form != Outside {
		if all, err = s.tested(tx, f); err != nil {
			return b, err
		}
	}
	if f.Form != Online && (f.State == 0 || f.State == Passed) {
		outside, err := s.outside(g, f)
		if err != nil {
			return b, err
		}
		all = append(all, outside...)
	}
	if len(all) > MaxExport {
		return b, problem.New(problem.TooLarge, "登记超过 %d 条，请先选择时间范围", MaxExport)
	}
	if err := s.name(tx, all); err != nil {
		return b, err
	}
	all = slices.DeleteFunc(all, func(e Entry) bool { return !strings.Contains(e.Name, strings.TrimSpace(f.Text)) })
	slices.SortStableFunc(all, func(a, b Entry) int { return b.At.Compare(a.At) })
	b.Total = len(all)
	from := min(max(f.Offset, 0), len(all))
	to := len(all)
	if f.Limit > 0 {
		to = min(from+f.Limit, to)
	}
	b.Rows = all[from:to]
	return b, nil
}

// tested lists the tests that are over.
func (s *School) tested(tx *store.Tx, f Filter) (all []Entry, err error) {
	titles := map[string]string{}
	scan := func(row store.Row) (e Entry, err error) {
		var course, campaign string
		var drawn, deadline, handed, passed int64
		if err := row.Scan(&e.Person, &course, &e.Number, &drawn, &deadline, &handed, &e.Score, &e.Of, &passed, &e.Kind, &campaign); err != nil {
			return e, err
		}
		e.Form, e.State, e.Title, e.Scope = Online, stateOf(handed, deadline, passed, tx.Now.UnixMilli()), course, campaign
		if e.At = instant(handed); handed == 0 {
			e.At = instant(deadline)
		}
		return e, nil
	}
	found, err := store.List(tx, scan, `SELECT t.person, t.course, v.number, t.drawn, t.deadline, t.handed, t.score, t.questions, t.passed, t.kind, t.campaign
		FROM training_test t JOIN training_course v ON v.id = t.course WHERE t.drawn >= $1 AND t.drawn < $2 ORDER BY t.drawn DESC, t.id DESC LIMIT $3`,
		millis(f.From), f.To.UnixMilli(), MaxExport+1)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		if e.State == Open || f.State != 0 && e.State != f.State {
			continue
		}
		if e.Title, err = s.titled(tx, titles, e.Title, e.Scope); err != nil {
			return nil, err
		}
		e.Scope = titles[e.Scope]
		all = append(all, e)
	}
	return all, nil
}

// titled gives the course's title, and puts the campaign's into titles.
func (s *School) titled(tx *store.Tx, titles map[string]string, course, campaign string) (string, error) {
	if _, known := titles[course]; !known {
		v, err := s.version(tx, course)
		if err != nil {
			return "", err
		}
		titles[course] = v.Course.Title
	}
	if _, known := titles[campaign]; !known && campaign != "" {
		c, err := s.campaign(tx, campaign)
		if err != nil {
			return "", err
		}
		titles[campaign] = c.Title
	}
	return titles[course], nil
}

func (s *School) outside(g *guard.Grant, f Filter) (all []Entry, err error) {
	taught, err := s.people.TaughtOutside(g, time.UnixMilli(millis(f.From)), f.To, MaxExport+1)
	for _, t := range taught {
		all = append(all, Entry{At: t.At, Form: Outside, Kind: t.Kind, Person: t.Person, State: Passed, By: t.By, Reason: t.Reason})
	}
	return all, err
}

// name puts names in place of ids.
func (s *School) name(tx *store.Tx, all []Entry) error {
	var ids []string
	for _, e := range all {
		ids = append(ids, e.Person, e.By)
	}
	names, err := s.people.Names(tx, ids)
	for i, e := range all {
		all[i].Name, all[i].By = names[e.Person], names[e.By]
	}
	return err
}
