package apptest

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
)

// ofDangers is value for the register of dangers.
func (w *writer) ofDangers(op operation, where string) (value any, known bool) {
	switch op.id + " " + where {
	case "register-danger found":
		return time.Now().UTC().Format(time.DateOnly), true
	case "register-danger device":
		return "", true // it concerns none
	case "assign-danger due":
		return time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly), true
	case "assign-danger responsible":
		return w.IDs["handling"], true
	}
	return nil, false
}

// whereDangers is place for the register of dangers: one at the step that the operation is about.
func (w *writer) whereDangers(op operation, name string) (id string, known bool) {
	if name != "danger" {
		return "", false
	}
	states := map[string]access.State{"mend-danger": access.Mending, "check-danger": access.Mended}
	return w.danger(states[op.id]), true
}

// danger is one that trainee found, at the state or, without one, as it was found; handling is to mend it.
func (w *writer) danger(state access.State) (id string) {
	w.T.Helper()
	do := func(login string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) {
		w.T.Helper()
		must(w.T, w.House.Door.Do(w.T.Context(), w.Who(login), act, thing, f))
	}
	do("trainee", access.RegisterDanger, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = w.House.Dangers.Register(g, danger.Finding{Place: "三楼", What: "门锁松动", Severity: danger.General, Found: g.Tx().Now})
		return err
	})
	thing := guard.Thing{Kind: access.Danger, ID: id}
	if state == access.Mending || state == access.Mended {
		do("security", access.AssignDanger, thing, func(g *guard.Grant) error {
			return w.House.Dangers.Assign(g, danger.Order{Responsible: w.IDs["handling"], Due: g.Tx().Now.AddDate(0, 0, 9), Severity: danger.General})
		})
	}
	if state == access.Mended {
		do("handling", access.MendDanger, thing, func(g *guard.Grant) error { return w.House.Dangers.Mend(g, "换锁", "已消除") })
	}
	return id
}
