package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/corpus"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/training"
)

const day = 24 * time.Hour

// trainingEvents are two campaigns: the yearly one, which the last person missed, and one that runs now. Of those it calls some have
// passed, one has failed once, one is reading, and the others have not begun.
func (b *builder) trainingEvents(add func(before time.Duration, what string, do func() error)) {
	add(80*day, "call to the yearly training", func() error {
		return b.call(training.Plan{Title: fmt.Sprintf("%d 年度保密轮训", b.present.Year()), Kind: "regular", Due: b.present.Add(-55 * day), Grace: 7})
	})
	posts := []access.Post{access.Lawyer, access.Trainee, access.Assistant}
	add(12*day, "call to a special training", func() error {
		return b.call(training.Plan{Title: "专项培训：外发核对与移动介质", Kind: "special", Posts: posts, Due: b.present.Add(6 * day), Grace: 7})
	})
	const passing, failing, reading = 6, 6, 7 // by place among the called
	for i, p := range b.called(posts) {
		learns := &learner{b: b, login: p.Login}
		add(10*day-time.Duration(i)*day-time.Duration(i)*37*time.Minute, p.Login+" learns", func() error {
			switch {
			case i < passing:
				return learns.all(true)
			case i == failing:
				return learns.all(false)
			case i == reading:
				return learns.read(4)
			}
			return nil
		})
		if i == reading {
			break
		}
	}
}

// called are the persons of the firm who hold one of the posts first, but for the last, who is overdue.
func (b *builder) called(posts []access.Post) (all []corpus.Person) {
	for _, p := range b.firm.Persons[:len(b.firm.Persons)-1] {
		if slices.Contains(posts, p.Posts[0]) {
			all = append(all, p)
		}
	}
	return all
}

func (b *builder) call(p training.Plan) error {
	return b.h.Door.Do(b.ctx, b.who(b.holder(access.SecurityAdmin)), access.ManageTraining, guard.Firm, func(g *guard.Grant) error {
		_, err := b.h.Training.Begin(g, p)
		return err
	})
}

// learner is somebody who learns.
type learner struct {
	b     *builder
	login string
}

func (l *learner) study(act func(*guard.Grant) error) error {
	return l.b.h.Door.Do(l.b.ctx, l.b.who(l.login), access.Study, guard.Thing{Kind: access.Person, ID: l.b.ids[l.login]}, act)
}

// read reads the first n lessons, each for the time that it takes.
func (l *learner) read(n int) error {
	lessons := course.Default().Lessons
	for _, lesson := range lessons[:min(n, len(lessons))] {
		if err := l.study(func(g *guard.Grant) error { _, err := l.b.h.Training.Read(g, lesson.Key); return err }); err != nil {
			return err
		}
		l.b.clock.forward(l.b.clock.Now().Add(time.Duration(lesson.Body.Seconds+7) * time.Second))
		if err := l.study(func(g *guard.Grant) error { return l.b.h.Training.Finish(g, lesson.Key) }); err != nil {
			return err
		}
	}
	return nil
}

// all reads everything and takes a test, knowing the answers or only the first half of them. Each overlooks a question.
func (l *learner) all(knows bool) error {
	if err := l.read(len(course.Default().Lessons)); err != nil {
		return err
	}
	if err := l.study(func(g *guard.Grant) error { _, err := l.b.h.Training.Draw(g); return err }); err != nil {
		return err
	}
	var paper training.Paper
	if err := l.study(func(g *guard.Grant) (err error) { paper, err = l.b.h.Training.Paper(g); return err }); err != nil {
		return err
	}
	l.b.clock.forward(l.b.clock.Now().Add(9 * time.Minute))
	answers := answersTo(paper.Sheet)
	left := len(l.login) % 3
	if !knows {
		left = len(answers) / 2
	}
	for i := range left {
		answers[len(answers)-1-i] = nil
	}
	return l.study(func(g *guard.Grant) error { _, err := l.b.h.Training.Mark(g, paper.ID, answers); return err })
}

// answersTo looks the answers up in the text of the course, as its author could.
func answersTo(s course.Sheet) (all course.Answers) {
	text := course.Default().Text()
	for _, item := range s.Items {
		_, rest, _ := strings.Cut(text, "\n\n"+strings.ReplaceAll(item.Stem, "\n", "\n\n")+"\n\n")
		rest, _, _ = strings.Cut(rest, "解析：")
		var chosen []int
		for i, option := range item.Options {
			if strings.Contains(rest, "- [x] "+option+"\n") {
				chosen = append(chosen, i)
			}
		}
		all = append(all, chosen)
	}
	return all
}
