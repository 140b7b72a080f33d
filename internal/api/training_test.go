package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/training"
)

// campaign calls the lawyers.
func (o *office) campaign() (id string) {
	o.T.Helper()
	must(o.T, o.House.Door.Do(o.T.Context(), o.Who("security"), access.ManageTraining, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.House.Training.Begin(g, training.Plan{Title: "年度轮训", Kind: "regular", Posts: []access.Post{access.Lawyer}, Due: g.Tx().Now.AddDate(0, 0, 10), Grace: 5})
		return err
	}))
	return id
}

// TestTrainingIsArrangedByProgram: what a program arranges stands in the lawyer's duties and in the register, and the
// course with its answers is for the security administrator alone.
func TestTrainingIsArrangedByProgram(t *testing.T) {
	w := newWork(t)
	o := w.o
	var duties []struct{ Cause, Title, Closes string }
	a := o.send(call{login: "lead", method: "GET", path: "/me/training"})
	must(t, json.Unmarshal(a.body, &duties))
	if len(duties) != 1 || duties[0].Cause != "campaign" || duties[0].Title != "年度轮训" || duties[0].Closes == "" {
		t.Errorf("the duties of somebody called: %s", a.body)
	}
	if a = o.send(call{login: "trainee", method: "GET", path: "/me/training"}); strings.TrimSpace(string(a.body)) != "[]" {
		t.Errorf("the duties of somebody who was not: %s", a.body)
	}
	a = o.send(call{login: "security", method: "GET", path: "/training/campaigns/" + w.campaign})
	if !bytes.Contains(a.body, []byte(`"called":4,"done":0`)) || !bytes.Contains(a.body, []byte("测试lead")) {
		t.Errorf("who was called: %s", a.body)
	}
	for _, path := range []string{"/training/courses/1", "/training/register", "/training/campaigns", "/training/campaigns/" + w.campaign} {
		if a := o.send(call{login: "lead", method: "GET", path: path}); a.status != http.StatusForbidden || bytes.Contains(a.body, []byte("[x]")) {
			t.Errorf("%s as a lawyer: %d", path, a.status)
		}
	}
	changed := strings.Replace(course.Default().Text(), "及格分：85", "及格分：95", 1)
	for what, sent := range map[string]object{"nothing": {"required_from": w.day(9)}, "two": {"text": changed, "archive": "UEsDBA==", "required_from": w.day(9)},
		"broken": {"text": "# 文课", "required_from": w.day(9)}, "too early": {"text": changed, "required_from": w.day(-1)}} {
		if a := o.send(call{login: "security", method: "POST", path: "/training/courses", body: sent}); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
			t.Errorf("a course with %s: %d %s", what, a.status, a.body)
		}
	}
}
