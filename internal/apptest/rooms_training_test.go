package apptest

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/training"
)

// school gives the room 培训 something to show: a campaign, a failed test and an open one of lead, and a lesson that handling reads.
func (o *office) school(t *testing.T, clock *housetest.Clock) (plan, test string) {
	t.Helper()
	as := func(login string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) {
		t.Helper()
		must(t, o.h.Door.Do(t.Context(), guard.Who{Person: o.ids[login], Via: guard.Web, Strong: true}, act, thing, f))
	}
	learns := func(login string, f func(*guard.Grant) error) {
		t.Helper()
		as(login, access.Study, guard.Thing{Kind: access.Person, ID: o.ids[login]}, f)
	}
	as("security", access.ManageTraining, guard.Firm, func(g *guard.Grant) (err error) {
		plan, err = o.h.Training.Begin(g, training.Plan{Title: "年度保密轮训", Kind: "regular", Posts: []access.Post{access.Lawyer, access.Trainee}, Due: g.Tx().Now.Add(10 * 24 * time.Hour), Grace: 7})
		return err
	})
	var s training.Standing
	learns("lead", func(g *guard.Grant) (err error) { s, err = o.h.Training.Mine(g); return err })
	for _, step := range s.Steps {
		learns("lead", func(g *guard.Grant) error { _, err := o.h.Training.Read(g, step.Lesson.Key); return err })
		clock.Forward(time.Duration(step.Lesson.Body.Seconds) * time.Second)
		learns("lead", func(g *guard.Grant) error { return o.h.Training.Finish(g, step.Lesson.Key) })
	}
	var drawn training.Test
	learns("lead", func(g *guard.Grant) (err error) { drawn, err = o.h.Training.Draw(g); return err })
	learns("lead", func(g *guard.Grant) error { _, err := o.h.Training.Mark(g, drawn.ID, nil); return err })
	learns("lead", func(g *guard.Grant) error { _, err := o.h.Training.Draw(g); return err })
	learns("handling", func(g *guard.Grant) error { _, err := o.h.Training.Read(g, s.Steps[0].Lesson.Key); return err })
	return plan, drawn.ID
}
