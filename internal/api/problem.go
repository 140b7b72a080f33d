package api

import (
	"errors"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/reply"
)

// speakProblems makes huma's own errors problems of ours. It is huma's one place for that, shared by all faces of a process.
var speakProblems = sync.OnceFunc(func() { huma.NewError = newProblem })

// newProblem is huma's constructor of errors: its own findings about a request's form come through here.
func newProblem(status int, message string, errs ...error) huma.StatusError {
	p := reply.About(status, message)
	for _, err := range errs {
		var given *reply.Problem
		if errors.As(err, &given) {
			return given
		}
		if err != nil {
			p.Errors = append(p.Errors, err.Error())
		}
	}
	return p
}
