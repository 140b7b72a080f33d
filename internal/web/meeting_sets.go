package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/meeting"
	"mijuan/internal/problem"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// assembly is the page of one meeting.
type assembly struct {
	room
	m      meeting.Meeting
	sets   []meeting.Set
	ready  []carrier.Carrier
	names  map[string]string
	now    time.Time
	may    bool
	people []ui.Option
	deed   string // the form that came back
	form   url.Values
	failed error
}

func (f *face) meeting(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showMeeting(w, r, v, "", nil)
}

func (f *face) readMeeting(g *guard.Grant, id string) (x assembly, err error) {
	x.now = g.Tx().Now
	if x.m, x.sets, err = f.Meetings.Get(g, id); err != nil {
		return x, err
	}
	people := []string{x.m.Convener, x.m.ClosedBy}
	for _, s := range x.sets {
		people = append(people, s.Participant, s.SettledBy)
	}
	x.names, err = f.People.Names(g.Tx(), people)
	return x, err
}

func (f *face) showMeeting(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	thing, id, view := matterThing(r.PathValue("matter")), r.PathValue("meeting"), ui.ReadView(r)
	if format, file := asked(view); file {
		return f.bringSets(w, r, v, format, thing, id)
	}
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	x, err := do(r.Context(), f.Door, v.Who, access.ViewMatter, thing, func(g *guard.Grant) (x assembly, err error) {
		if x, err = f.readMeeting(g, id); err == nil && x.m.Closed.IsZero() {
			x.ready, err = f.Meetings.Ready(g, thing.ID)
		}
		return x, err
	})
	if err != nil {
		return err
	}
	if x.may, err = f.arranges(r, v, thing); err != nil {
		return err
	}
	x.room, x.deed, x.failed, x.form = m, deed, failed, form(r)
	x.may = x.may && x.m.Closed.IsZero()
	for _, t := range m.matter.Team {
		x.people = append(x.people, ui.Option{Value: t.Person, Label: m.names[t.Person]})
	}
	return send(w, r, meetingPage(f.shell(r, v, "会议材料", meetingCrumbs(v, m, true)...), v, x))
}

func (f *face) bringSets(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing, id string) error {
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		x, err := f.readMeeting(g, id)
		highest, rows := classification.Level(0), [][]string(nil)
		for _, s := range x.sets {
			highest = max(highest, s.Level)
			rows = append(rows, []string{strconv.Itoa(s.N), s.Number, s.Title, v.Lang.T(s.Level.Name()), x.names[s.Participant], stampOf(s.Handed), stampOf(s.Back), v.Lang.T(s.State.Name()), setNote(v.Lang, s)})
		}
		return rowsOf{registerFile{"meeting", "会议材料收发登记表", x.m.Number() + " " + x.m.Title + " " + minute(x.m.Starts), markOf(v.Lang, highest), setColumns(v.Lang)}, rows}, err
	})
}

func setColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("序号"), Width: 3, Num: true}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("题名"), Width: 13}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("参会人"), Width: 5}, {Label: lang.T("签收时间"), Width: 8}, {Label: lang.T("收回时间"), Width: 8},
		{Label: lang.T("状态"), Width: 5}, {Label: lang.T("情况和处理"), Width: 14}}
}

// stampOf is a time, or nothing.
func stampOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return minute(at)
}

// setNote is what was said of a set.
func setNote(lang text.Lang, s meeting.Set) string {
	said := slices.DeleteFunc([]string{s.Finding, s.Reason, s.Condition}, func(w string) bool { return w == "" })
	return strings.Join(said, lang.T("；"))
}

func setTone(s meeting.Set) ui.Tone {
	switch s.State {
	case meeting.Missing:
		return ui.Late
	case meeting.Collected:
		return ui.Good
	case meeting.Offered, meeting.Out:
		return ui.Warn
	case meeting.Prepared, meeting.Settled:
	}
	return 0
}

// left are the sets that stand in one of some states.
func (x assembly) left(states ...meeting.State) (sets []meeting.Set) {
	for _, s := range x.sets {
		if slices.Contains(states, s.State) {
			sets = append(sets, s)
		}
	}
	return sets
}

func (f *face) meetingDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, in, id, deed := form(r), r.PathValue("matter"), r.PathValue("meeting"), r.PathValue("deed")
	arrange := func(do func(*guard.Grant) error) error {
		return f.Door.Do(r.Context(), v.Who, access.ArrangeMeeting, matterThing(in), do)
	}
	var err error
	switch deed {
	case "prepare":
		serial, _ := strconv.Atoi(form.Get("serial")) // none: the room finds no copy of it
		err = arrange(func(g *guard.Grant) error { return f.Meetings.Prepare(g, id, serial, form["participants"]) })
	case "hand-out":
		err = f.handOut(r.Context(), v, in, id)
	case "collect":
		err = f.collect(r.Context(), v, in, id, strings.TrimSpace(form.Get("number")), ui.ReasonOf(form, "condition", conditions(v.Lang)))
	case "missing":
		err = arrange(func(g *guard.Grant) error { return f.Meetings.Miss(g, id, form.Get("set"), form.Get("note")) })
	case "settle":
		err = arrange(func(g *guard.Grant) error {
			return f.Meetings.Settle(g, id, form.Get("set"), ui.ReasonOf(form, "note", settlements(v.Lang)))
		})
	case "close":
		err = arrange(func(g *guard.Grant) error { return f.Meetings.Close(g, id) })
	default:
		return nowhere(w, r, v)
	}
	if err != nil && correctable(err) {
		return f.showMeeting(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+in+"/meetings/"+id)
}

func (f *face) setsOf(ctx context.Context, v *Visitor, in, id string) (x assembly, err error) {
	return do(ctx, f.Door, v.Who, access.ViewMatter, matterThing(in), func(g *guard.Grant) (assembly, error) { return f.readMeeting(g, id) })
}

// handOut offers every set that lies ready to its participant until the meeting's end, each by an act of its own.
func (f *face) handOut(ctx context.Context, v *Visitor, in, id string) error {
	x, err := f.setsOf(ctx, v, in, id)
	if err != nil {
		return err
	}
	ready := x.left(meeting.Prepared)
	if len(ready) == 0 {
		return problem.New(problem.Conflict, "没有待发放的材料")
	}
	for _, s := range ready {
		if err := f.Door.Do(ctx, v.Who, access.HandCarrier, carrierThing(s.Carrier), func(g *guard.Grant) error {
			return f.Carriers.Offer(g, carrier.Handing{To: s.Participant, Due: x.m.Ends, Note: "会议材料 " + x.m.Number()})
		}); err != nil {
			return err
		}
	}
	return nil
}

// collect takes the set with the number back.
func (f *face) collect(ctx context.Context, v *Visitor, in, id, number, condition string) error {
	x, err := f.setsOf(ctx, v, in, id)
	if err != nil {
		return err
	}
	if number, err = callnumber.Read(number); err != nil {
		return err
	}
	i := slices.IndexFunc(x.sets, func(s meeting.Set) bool { return s.Number == number })
	switch {
	case i < 0:
		return problem.New(problem.Invalid, "这份不是本次会议的材料")
	case x.sets[i].State == meeting.Collected:
		return problem.New(problem.Conflict, "这一套已经收回")
	case x.sets[i].Handed.IsZero():
		return problem.New(problem.Conflict, "这一套没有经参会人签收，请先收回移交")
	}
	return f.Door.Do(ctx, v.Who, access.TakeBackCarrier, carrierThing(x.sets[i].Carrier), func(g *guard.Grant) error { return f.Carriers.TakeBack(g, condition) })
}

// settlements are the usual ways in which a set is settled that does not come back.
func settlements(lang text.Lang) (all []ui.Option) {
	for _, zh := range []string{"参会人没有到会，没有发放", "经主办律师同意，由参会人留用", "按泄密事件处理并核销", "会议取消"} {
		all = append(all, ui.Option{Value: zh, Label: lang.T(zh)})
	}
	return all
}
