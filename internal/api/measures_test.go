package api_test

import (
	"net/http"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/guard"
)

// measure opens a warning of handling, as security.
func (o *office) measure() (id string) {
	o.T.Helper()
	must(o.T, o.House.Door.Do(o.T.Context(), o.Who("security"), access.OpenMeasure, guard.Thing{Kind: access.Person, ID: o.IDs["handling"]}, func(g *guard.Grant) (err error) {
		id, err = o.House.Measures.Begin(g, accountability.Opening{Measure: accountability.Warning, Facts: "把一份材料留在了会议室", Happened: g.Tx().Now})
		return err
	}))
	return id
}

// TestMeasuresByProgram: a program goes the steps that the pages go, in their order, and few see what is written.
func TestMeasuresByProgram(t *testing.T) {
	o := found(t)
	of := "/persons/" + o.IDs["handling"] + "/measures"
	one := of + "/" + o.measure()
	for _, k := range []struct {
		call
		want int
	}{
		{call{login: "lead", method: "GET", path: of}, http.StatusForbidden},
		{call{login: "director", method: "POST", path: one + "/decision", body: object{"measure": "warning", "why": "属实"}}, http.StatusConflict}, // not heard yet
		{call{login: "director", method: "POST", path: one + "/reply", body: object{"text": "替他说"}}, http.StatusForbidden},
		{call{login: "handling", method: "POST", path: one + "/reply", body: object{"text": "会后已经取回"}}, http.StatusNoContent},
		{call{login: "handling", method: "POST", path: one + "/reply", body: object{"text": "再说一次"}}, http.StatusConflict},
		{call{login: "security", method: "POST", path: one + "/decision", body: object{"measure": "warning", "why": "属实"}}, http.StatusForbidden},
		{call{login: "director", method: "POST", path: one + "/decision", body: object{"measure": "praise", "why": "属实"}}, http.StatusUnprocessableEntity},
		{call{login: "director", method: "POST", path: of, body: object{"measure": "warning", "facts": "迟交", "happened": "昨天"}}, http.StatusUnprocessableEntity},
		{call{login: "director", method: "POST", path: one + "/decision", body: object{"measure": "reminder", "why": "情节轻微"}}, http.StatusNoContent},
		{call{login: "director", method: "POST", path: "/persons/" + o.IDs["trainee"] + "/measures/" + one[len(of)+1:] + "/opinions", body: object{"text": "x"}}, http.StatusNotFound},
		{call{login: "handling", method: "GET", path: of}, http.StatusOK},
	} {
		if a := o.send(k.call); a.status != k.want {
			t.Errorf("%s %s as %s: %d, want %d: %s", k.method, k.path, k.login, a.status, k.want, a.body)
		}
	}
}
