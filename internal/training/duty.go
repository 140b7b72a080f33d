package training

import (
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Notice is how near a day is, and so how loudly somebody is reminded of it.
type Notice uint8

const (
	Ahead     Notice = iota + 1 // more than 14 days
	Fortnight                   // 14 days or fewer
	Week                        // 7 days or fewer
	Tomorrow                    // one day or less
	Overdue                     // the day has passed, and access is still open
	Closed                      // access is closed by it
)

// NoticeOf is the notice at now of something due, which closes access at closes.
func NoticeOf(now, due, closes time.Time) Notice {
	switch left := due.Sub(now); {
	case !now.Before(closes):
		return Closed
	case left <= 0:
		return Overdue
	case left <= 24*time.Hour:
		return Tomorrow
	case left <= 7*24*time.Hour:
		return Week
	case left <= 14*24*time.Hour:
		return Fortnight
	}
	return Ahead
}

// Cause is why somebody must learn.
type Cause uint8

const (
	Joining    Cause = iota + 1 // never trained
	Campaigned                  // called by a campaign
	NewVersion                  // the course has a new version
	Lapsing                     // the last training holds for a year
)

// yearlyNotice is how long before a training ends its renewal is a duty.
const yearlyNotice = 30 * 24 * time.Hour

// Duty is a training that somebody must complete. Passing one test answers all of them.
type Duty struct {
	Cause    Cause
	Campaign string // id, of a campaign
	Title    string // of a campaign
	Version  int    // of a new version of the course
	Due      time.Time
	Closes   time.Time // when access closes
	Notice   Notice
}

// Duties are the caller's own, the most urgent first. The grant is for useSystem.
func (c *Classroom) Duties(g *guard.Grant) ([]Duty, error) {
	return c.duties(g.Tx(access.UseSystem), g.Who().Person)
}

// DutiesOf are somebody's, for a notice to them.
func (c *Classroom) DutiesOf(tx *store.Tx, person string) ([]Duty, error) {
	return c.duties(tx, person)
}

func (s *shelf) duties(tx *store.Tx, person string) (all []Duty, err error) {
	stand, err := s.people.Schooling(tx, person)
	if err != nil {
		return nil, err
	}
	if stand.Until.IsZero() {
		return []Duty{{Cause: Joining, Notice: Closed}}, nil
	}
	for _, call := range stand.Calls {
		d := Duty{Cause: NewVersion, Version: call.Version, Due: call.Until, Closes: call.Until}
		if call.Version == 0 {
			campaign, err := s.campaign(tx, call.ID)
			if err != nil {
				return nil, err
			}
			d = Duty{Cause: Campaigned, Campaign: call.ID, Title: campaign.Title, Due: campaign.Due, Closes: call.Until}
		}
		all = append(all, d)
	}
	if called := slices.ContainsFunc(all, func(d Duty) bool { return !d.Closes.After(stand.Until) }); !called && stand.Until.Sub(tx.Now) <= yearlyNotice {
		all = append(all, Duty{Cause: Lapsing, Due: stand.Until, Closes: stand.Until})
	}
	for i := range all {
		all[i].Notice = NoticeOf(tx.Now, all[i].Due, all[i].Closes)
	}
	slices.SortStableFunc(all, func(a, b Duty) int { return a.Closes.Compare(b.Closes) })
	return all, nil
}

// occasion is the kind of training that a pass now is, and the campaign that it answers.
func (c *Classroom) occasion(tx *store.Tx, person string) (kind, campaign string, err error) {
	duties, err := c.duties(tx, person)
	for _, d := range duties {
		switch d.Cause {
		case Joining:
			return "joining", "", err
		case Campaigned:
			found, err := c.campaign(tx, d.Campaign)
			return found.Kind, d.Campaign, err
		case NewVersion, Lapsing:
		}
	}
	return "regular", "", err
}

// Step is a lesson in the list of its learner.
type Step struct {
	Lesson course.Lesson
	Done   bool
	Begun  bool
}

// Standing is all that somebody sees of the own training.
type Standing struct {
	Until    time.Time // zero: never trained
	Trained  bool      // now
	Duties   []Duty
	Version  Version // that is learned now
	Steps    []Step
	Left     int       // lessons to read
	Open     Test      // no ID: none
	Failures int       // in this round
	Again    time.Time // when the next test may be drawn; zero or past: now
	Tests    []Test    // all of the person, the newest first
	Now      time.Time
}

// Mine is how the person stands. The grant is for study.
func (c *Classroom) Mine(g *guard.Grant) (s Standing, err error) {
	tx, me := g.Tx(access.Study), g.Only(access.Person)
	g.Note("read", "standing")
	s.Now = tx.Now
	if s.Version, err = c.latest(tx); err != nil {
		return s, err
	}
	stand, err := c.people.Schooling(tx, me)
	if err != nil {
		return s, err
	}
	s.Until, s.Trained = stand.Until, stand.Until.After(tx.Now)
	if s.Duties, err = c.duties(tx, me); err != nil {
		return s, err
	}
	r, err := c.round(tx, me, s.Version)
	if err != nil {
		return s, err
	}
	for _, l := range s.Version.Course.Lessons {
		p, begun := r.lessons[l.Key]
		if s.Steps = append(s.Steps, Step{l, p.done, begun}); !p.done {
			s.Left++
		}
	}
	var errs [3]error
	s.Failures, s.Again, errs[0] = c.failures(tx, r.id)
	s.Open, errs[1] = c.openTest(tx, me)
	s.Tests, errs[2] = store.List(tx, scanTest(tx.Now), `SELECT `+testColumns+` WHERE t.person = $1 ORDER BY t.drawn DESC, t.id DESC LIMIT 20`, me)
	return s, errors.Join(errs[:]...)
}
