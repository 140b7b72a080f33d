// Package problem holds the few kinds of failure that a caller may act on. A problem has two readers: the person in front of
// the screen gets the public sentence, the operator gets the cause. An error that is no *Error is internal: faces answer it
// with a general sentence and never show its text.
package problem

import (
	"errors"
	"fmt"
)

// Kind says what the caller can do about a failure.
type Kind uint8

const (
	Invalid         Kind = iota + 1 // the input is wrong; mend it and send it again
	Unauthenticated                 // nobody is logged in, or the proof of identity failed
	Absent                          // it is not there, or not yours to know
	Refused                         // the rules say no; the error carries the decision (see guard.Refusal)
	Conflict                        // somebody was faster, or the state has moved on; look again
	TooLarge                        // over a stated limit
	Unavailable                     // a part the act needs (database, bucket, renderer) is away; try later
	Damaged                         // stored bytes fail their check; nothing was shown
)

// Error is a failure with a sentence for people. The sentence is a Chinese format string, which is also its key in the
// catalogue of package text, and its arguments.
type Error struct {
	Kind   Kind
	Field  string // the form field or API property at fault, if one is
	Format string
	Args   []any
	Cause  error // for the operator's log; never shown
}

// New makes a problem. The format is written in Chinese and translated by package text.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Format: format, Args: args}
}

// In names the field at fault.
func (e *Error) In(field string) *Error { e.Field = field; return e }

// Because attaches the operator's cause.
func (e *Error) Because(cause error) *Error { e.Cause = cause; return e }

// Public is the sentence in Chinese.
func (e *Error) Public() string { return fmt.Sprintf(e.Format, e.Args...) }

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Public() + ": " + e.Cause.Error()
	}
	return e.Public()
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of the first problem in err's chain, or 0 when err is internal or nil.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

// Is reports whether err is a problem of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
