// Package course is the training that clause 6.1 asks for before post and clause 6.2 again and again: lessons to be read and a
// bank of questions from which each person gets a test of their own. A course is Markdown that a lawyer can edit; the format
// stands in docs/formats/course.md, and one written for this product is embedded (Default). The package is pure: it reads
// text, draws a test from a seed and marks it. Who must be trained, when, and what is stored, others decide.
package course

import (
	"embed"
	"io/fs"
	"slices"
	"sync"
)

// Course is one version of a course, read and found right. It does not change.
type Course struct {
	Title   string
	Version string // the author's note on this version; Hash is what identifies it
	Exam    Exam
	Intro   Prose // may be empty
	Lessons []Lesson
	bank    []question // by lesson, as written; holds the right answers and so stays inside
}

// Exam is what a test demands.
type Exam struct {
	PassMark  int // per cent of the questions that must be right
	Questions int // in a test
	Minutes   int // to answer them
}

// Lesson is one thing to read.
type Lesson struct {
	Key     string // unique in the course, lower-case letters, digits and hyphens
	Title   string
	Clauses []string // of the rules, one at least
	Body    Prose
}

// Kind is the sort of a question.
type Kind uint8

const (
	Single    Kind = iota + 1 // one option is right
	Multiple                  // two or more are right, and all of them must be chosen
	Judgement                 // right or wrong
)

var kindNames = map[Kind]string{Single: "单选", Multiple: "多选", Judgement: "判断"}

// Name is the Chinese word that stands before the question's key.
func (k Kind) Name() string { return kindNames[k] }

// question is a question with its answer.
type question struct {
	kind    Kind
	key     string
	lesson  string
	clauses []string
	stem    string // as written, line by line
	options []option
	why     string // the explanation, as written
}

type option struct {
	text  string
	right bool
}

// Lesson is the lesson of that key.
func (c *Course) Lesson(key string) (Lesson, bool) {
	i := slices.IndexFunc(c.Lessons, func(l Lesson) bool { return l.Key == key })
	if i < 0 {
		return Lesson{}, false
	}
	return c.Lessons[i], true
}

// Bank is the number of questions to draw from.
func (c *Course) Bank() int { return len(c.bank) }

// Seconds is the reading time of the whole course.
func (c *Course) Seconds() int {
	n := 0
	for _, l := range c.Lessons {
		n += l.Body.Seconds
	}
	return n
}

// Clauses are the keys that lessons and questions name, sorted, for those who know which ones the rules have.
func (c *Course) Clauses() []string {
	var keys []string
	for _, l := range c.Lessons {
		keys = append(keys, l.Clauses...)
	}
	for _, q := range c.bank {
		keys = append(keys, q.clauses...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

//go:embed content/*.md
var content embed.FS

// Default is the course that ships with the product.
var Default = sync.OnceValue(func() *Course {
	dir, err := fs.Sub(content, "content")
	if err != nil {
		panic(err)
	}
	c, err := Load(dir)
	if err != nil {
		panic("course: the embedded course: " + err.Error())
	}
	return c
})
