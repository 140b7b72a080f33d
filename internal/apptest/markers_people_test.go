package apptest

import (
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/training"
)

// ofPeople is value for the rooms of people.
func (w *writer) ofPeople(op operation, where string) (value any, known bool) {
	if v, known := w.ofDangers(op, where); known {
		return v, true
	}
	if v, known := w.ofCarriers(op, where); known {
		return v, true
	}
	soon := time.Now().UTC().AddDate(0, 0, 30).Format(time.RFC3339)
	switch op.id + " " + where {
	case "offer-carrier to":
		return w.IDs["lead"], true
	case "offer-carrier due":
		return soon, true
	case "invite-person licence":
		return fmt.Sprintf("1310120191%07d", time.Now().UnixNano()/1000%1_000_000), true
	case "invite-person mail":
		return "somebody@firm.example", true // sealed_test of package person plants a word in one
	case "invite-person starts":
		return "2019-03-01", true
	case "begin-leaving last_day":
		return "2199-12-31", true
	case "begin-leaving witness":
		return w.IDs["auditor"], true
	case "change-witness witness":
		return w.IDs["outsider"], true
	case "hand-over kind":
		return string(leaving.Materials), true
	case "hand-over matter":
		return w.matter, true
	case "hand-over materials.*":
		return w.Receive(w.matter, "c.txt", "证据", "乙", classification.Confidential), true
	case "hand-over successor":
		return w.IDs["lead"], true
	case "open-measure happened":
		return time.Now().UTC().Format(time.DateOnly), true
	case "open-measure measure", "decide-measure measure":
		return string(accountability.Praise), true
	case "begin-campaign kind":
		return "regular", true
	case "begin-campaign due", "move-campaign due", "publish-course required_from":
		return soon, true
	case "publish-course text":
		return strings.Replace(course.Default().Text(), "及格分：85", fmt.Sprintf("及格分：%d", 60+time.Now().UnixNano()%25), 1), true
	}
	return nil, false
}

// wherePeople is place for the rooms of people.
func (w *writer) wherePeople(op operation, name string) (id string, known bool) {
	if id, known := w.whereDangers(op, name); known {
		return id, true
	}
	if id, known := w.whereCarriers(op, name); known {
		return id, true
	}
	switch {
	case name == "carrier":
		id := w.RegisterCarriers(w.matter, 1)[0]
		if op.id == "take-carrier" || op.id == "decline-carrier" || op.id == "withdraw-carrier" {
			must(w.T, w.House.Door.Do(w.T.Context(), w.Who("handling"), access.HandCarrier, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) error {
				return w.House.Carriers.Offer(g, carrier.Handing{To: w.IDs["lead"]})
			}))
		}
		return id, true
	case name == "campaign":
		return w.campaign(), true
	case name == "pledge":
		if w.pledge == "" {
			w.pledge = w.Sign("outsider")
		}
		return w.pledge, true
	case strings.HasSuffix(op.id, "-measure") || op.id == "give-opinion":
		if name == "person" {
			return w.IDs["handling"], true
		}
		return w.measure(op.id == "reply-to-measure"), true
	case op.id == "hand-over":
		w.begin("handling")
		return w.IDs["handling"], true
	case op.id == "cancel-leaving" || op.id == "close-leaving" || op.id == "change-witness":
		login := fmt.Sprintf("temp%d", time.Now().UnixNano())
		w.Hire(login, access.Logistics)
		if op.id == "close-leaving" {
			w.HandOver(login)
		} else {
			w.begin(login)
		}
		return w.IDs[login], true
	}
	return "", false
}

// begin begins somebody's leaving, unless it has begun.
func (w *writer) begin(login string) {
	w.T.Helper()
	thing := guard.Thing{Kind: access.Person, ID: w.IDs[login]}
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("director"), access.BeginLeaving, thing, func(g *guard.Grant) error {
		if g.Facts().Thing.State == access.Leaving {
			return nil
		}
		return w.House.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 9), Reason: "辞职", Witness: w.IDs["auditor"]})
	}))
}

// measure opens praise of somebody, or a warning, which is replied to.
func (w *writer) measure(warning bool) (id string) {
	w.T.Helper()
	what := accountability.Praise
	if warning {
		what = accountability.Warning
	}
	thing := guard.Thing{Kind: access.Person, ID: w.IDs["handling"]}
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("security"), access.OpenMeasure, thing, func(g *guard.Grant) (err error) {
		id, err = w.House.Measures.Begin(g, accountability.Opening{Measure: what, Facts: "把一份材料留在了会议室", Happened: g.Tx().Now})
		return err
	}))
	return id
}

// campaign calls the trainees to a training.
func (w *writer) campaign() (id string) {
	w.T.Helper()
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("security"), access.ManageTraining, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = w.House.Training.Begin(g, training.Plan{Title: "专项培训", Kind: "special", Posts: []access.Post{access.Trainee}, Due: g.Tx().Now.AddDate(0, 0, 20)})
		return err
	}))
	return id
}
