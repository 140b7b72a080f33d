// Package reply turns an error into what a face may say of it: an RFC 9457 problem with one sentence, the clauses that decided and
// the step that would help. Errors that are no problems are logged and answered with a general sentence. Both faces use it, so
// that they say the same.
package reply

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// Problem is an RFC 9457 problem. A refusal names the clauses that decided and the step that would help.
type Problem struct {
	Type     string   `json:"type"`
	Title    string   `json:"title"`
	Status   int      `json:"status"`
	Detail   string   `json:"detail" doc:"One sentence for the person, in Chinese"`
	Field    string   `json:"field,omitempty" doc:"The property at fault"`
	Clause   string   `json:"clause,omitempty" doc:"Key of the first clause that decided"`
	Clauses  []string `json:"clauses,omitempty"`
	Step     string   `json:"step,omitempty" doc:"Code of the one step that would help"`
	Approver string   `json:"approver,omitempty" doc:"Whose approval would turn the refusal into a permit"`
	Errors   []string `json:"errors,omitempty" doc:"What is wrong with the request's form"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status; huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes huma answer as a problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statuses = map[problem.Kind]int{
	problem.Invalid: http.StatusUnprocessableEntity, problem.Unauthenticated: http.StatusUnauthorized, problem.Absent: http.StatusNotFound,
	problem.Refused: http.StatusForbidden, problem.Conflict: http.StatusConflict, problem.TooLarge: http.StatusRequestEntityTooLarge,
	problem.Unavailable: http.StatusServiceUnavailable, problem.Damaged: http.StatusInternalServerError,
}

// Describe turns any error into what may be said of it.
func Describe(err error) *Problem {
	var given *Problem
	if errors.As(err, &given) {
		return given
	}
	var p *problem.Error
	if !errors.As(err, &p) {
		slog.Error("an operation failed", "error", err)
		return About(http.StatusInternalServerError, "系统出错了，请稍后再试；如果一直这样，请告诉管理员")
	}
	if p.Kind == problem.Damaged || p.Kind == problem.Unavailable {
		slog.Error("an operation failed", "error", err)
	}
	answer := About(statuses[p.Kind], p.Public())
	answer.Field = p.Field
	if d, ok := guard.AsRefusal(err); ok {
		for _, r := range d.Reasons {
			if !slices.Contains(answer.Clauses, r.Clause) { // how many rules of a clause refuse could tell how something stands
				answer.Clauses = append(answer.Clauses, r.Clause)
			}
		}
		if len(d.Reasons) > 0 {
			answer.Clause, answer.Step, answer.Approver = d.Reasons[0].Clause, d.Reasons[0].Step, d.Reasons[0].Approver
		}
	}
	return answer
}

// About makes a problem of a status and a sentence.
func About(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// Write answers a plain handler's error as the operations do.
func Write(w http.ResponseWriter, err error) {
	p := Describe(err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller is gone if this fails
}
