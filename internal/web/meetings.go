package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/meeting"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) meetingRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/meetings", server.Signed, f.meetings),
		get("/matters/{matter}/meetings", server.Signed, f.matterMeetings),
		post("/matters/{matter}/meetings", server.Signed, f.conveneMeeting),
		get("/matters/{matter}/meetings/{meeting}", server.Signed, f.meeting),
		post("/matters/{matter}/meetings/{meeting}/{deed}", server.Signed, f.meetingDeed),
	}
}

// gatherings is a list of meetings with what its rows need.
type gatherings struct {
	page    meeting.Page
	names   map[string]string
	matters map[string]string
	now     time.Time
}

func meetingFilter(view ui.View) meeting.Filter {
	return meeting.Filter{Open: view.Get("state") == "open", Late: view.Get("state") == "late", Offset: (view.Page() - 1) * perPage, Limit: perPage}
}

func (f *face) readMeetings(g *guard.Grant, filter meeting.Filter) (l gatherings, err error) {
	l.now = g.Tx().Now
	if l.page, err = f.Meetings.List(g, filter); err != nil {
		return l, err
	}
	var people, matters []string
	for _, m := range l.page.Meetings {
		people, matters = append(people, m.Convener), append(matters, m.Matter)
	}
	if l.names, err = f.People.Names(g.Tx(), people); err != nil {
		return l, err
	}
	l.matters, err = f.Matters.Numbers(g.Tx(), matters)
	return l, err
}

// meetings is the register of all meetings that the visitor may know of.
func (f *face) meetings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/meetings"
	if format, file := asked(view); file {
		return f.bringMeetings(w, r, v, format, guard.Firm, view)
	}
	l, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (gatherings, error) { return f.readMeetings(g, meetingFilter(view)) })
	if err != nil {
		return err
	}
	t := meetingTable(v.Lang, view, l)
	if !business(v.Person) {
		t.Exports = nil
	}
	return send(w, r, meetingsPage(f.shell(r, v, "会议材料", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, l))
}

func meetingTable(lang text.Lang, view ui.View, l gatherings) ui.Table {
	t := register(lang, view, len(l.page.Meetings), l.page.More)
	t.Name = lang.T("会议")
	t.Columns = []ui.Column{{Label: lang.T("会议编号")}, {Label: lang.T("案号"), Narrow: true}, {Label: lang.T("会议名称"), Narrow: true}, {Label: lang.T("开始时间"), Narrow: true}, {Label: lang.T("召集人"), Narrow: true}, {Label: lang.T("套数"), Num: true}, {Label: lang.T("未了"), Num: true}, {Label: lang.T("状态")}}
	t.Filters = []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: "open", Label: lang.T("未办结")}, {Value: "late", Label: lang.T("会后未收齐")}}}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有会议材料"), Sentence: lang.T("会议要发纸质材料的，由主办或承办律师在案件的“载体 → 会议材料”里登记，一人一号，会后收回。")}
	return t
}

func meetingColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("会议编号"), Width: 7}, {Label: lang.T("案号"), Width: 7}, {Label: lang.T("会议名称"), Width: 12}, {Label: lang.T("地点"), Width: 9}, {Label: lang.T("开始时间"), Width: 8}, {Label: lang.T("结束时间"), Width: 8}, {Label: lang.T("召集人"), Width: 5},
		{Label: lang.T("套数"), Width: 3, Num: true}, {Label: lang.T("已收回"), Width: 3, Num: true}, {Label: lang.T("已处理"), Width: 3, Num: true}, {Label: lang.T("未了"), Width: 14}, {Label: lang.T("状态"), Width: 6}}
}

func (f *face) bringMeetings(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing, view ui.View) error {
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		filter := meetingFilter(view)
		filter.Offset, filter.Limit = 0, -1
		if thing.Kind == access.Matter {
			filter.Matter = thing.ID
		}
		l, err := f.readMeetings(g, filter)
		counts, rows := map[string]int{}, [][]string(nil)
		for _, m := range l.page.Meetings {
			counts[m.Matter]++
			rows = append(rows, []string{m.Number(), l.matters[m.Matter], m.Title, m.Place, minute(m.Starts), minute(m.Ends), l.names[m.Convener], strconv.Itoa(m.Sets()), strconv.Itoa(m.Count[meeting.Collected]), strconv.Itoa(m.Count[meeting.Settled]),
				strings.Join(m.Left, "、"), meetingWords(v.Lang, m, l.now)})
		}
		if thing.Kind == access.Firm {
			stepInto(g, counts)
		}
		return rowsOf{registerFile{"meetings", "会议材料登记簿", narrowing(v.Lang, meetingTable(v.Lang, view, gatherings{})), inside(v.Lang), meetingColumns(v.Lang)}, rows}, err
	})
}

// meetingWords says how a meeting stands.
func meetingWords(lang text.Lang, m meeting.Meeting, now time.Time) string {
	switch {
	case !m.Closed.IsZero():
		return lang.T("已办结")
	case m.Late(now) && len(m.Left) > 0:
		return lang.T("会后未收齐")
	case m.Late(now):
		return lang.T("待办结")
	case now.Before(m.Starts):
		return lang.T("准备中")
	}
	return lang.T("会议中")
}

func meetingTone(m meeting.Meeting, now time.Time) ui.Tone {
	switch {
	case !m.Closed.IsZero():
		return ui.Good
	case m.Late(now) && len(m.Left) > 0:
		return ui.Late
	}
	return ui.Warn
}

// convening is the page of a matter's meetings, with the form for another one.
type convening struct {
	room
	gatherings
	may    bool
	form   url.Values
	failed error
}

func (f *face) matterMeetings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showMatterMeetings(w, r, v, nil)
}

func (f *face) showMatterMeetings(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view, thing := ui.ReadView(r), matterThing(r.PathValue("matter"))
	if format, file := asked(view); file {
		return f.bringMeetings(w, r, v, format, thing, view)
	}
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	x := convening{room: m, failed: failed, form: form(r)}
	filter := meetingFilter(view)
	filter.Matter = thing.ID
	if x.gatherings, err = do(r.Context(), f.Door, v.Who, access.ViewMatter, thing, func(g *guard.Grant) (gatherings, error) { return f.readMeetings(g, filter) }); err != nil {
		return err
	}
	if x.may, err = f.arranges(r, v, thing); err != nil {
		return err
	}
	view.Path = "/matters/" + thing.ID + "/meetings"
	return send(w, r, matterMeetingsPage(f.shell(r, v, "会议材料", meetingCrumbs(v, m, false)...), v, x, meetingTable(v.Lang, view, x.gatherings)))
}

func meetingCrumbs(v *Visitor, m room, deep bool) []ui.Crumb {
	base := "/matters/" + m.matter.ID
	crumbs := []ui.Crumb{{Name: v.Lang.T("案件"), Href: "/matters"}, {Name: m.matter.Number, Href: base}, {Name: v.Lang.T("载体"), Href: base + "/carriers"}}
	if deep {
		crumbs = append(crumbs, ui.Crumb{Name: v.Lang.T("会议材料"), Href: base + "/meetings"})
	}
	return crumbs
}

func (f *face) arranges(r *http.Request, v *Visitor, thing guard.Thing) (bool, error) {
	can, err := f.Door.Can(r.Context(), v.Who, thing, access.ArrangeMeeting)
	return can[access.ArrangeMeeting].Outcome == access.Permit, err
}

func (f *face) conveneMeeting(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, in := form(r), r.PathValue("matter")
	id, err := do(r.Context(), f.Door, v.Who, access.ArrangeMeeting, matterThing(in), func(g *guard.Grant) (string, error) {
		return f.Meetings.Convene(g, meeting.Plan{Title: form.Get("title"), Place: form.Get("place"), Starts: moment(form.Get("starts")), Ends: moment(form.Get("ends"))})
	})
	if err != nil && correctable(err) {
		return f.showMatterMeetings(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+in+"/meetings/"+id)
}

// minute writes a time to the minute, in Beijing.
func minute(at time.Time) string { return at.In(matter.Beijing).Format("2006-01-02 15:04") }

// moment is a day and time of the form's field, in Beijing; zero for none, which the room tells.
func moment(typed string) time.Time {
	at, err := time.ParseInLocation("2006-01-02T15:04", typed, matter.Beijing)
	if err != nil {
		return time.Time{}
	}
	return at
}

// meetingTasks are meetings that are over and not closed.
func meetingTasks(v *Visitor, mine []meeting.Meeting, all int) (tasks []ui.Task) {
	for _, m := range mine {
		t := ui.Task{Kind: v.Lang.T("会议"), Title: v.Lang.T("%s 的材料有 %d 套没有收回", m.Number(), len(m.Left)), Note: v.Lang.T("会议已于 %s 结束", minute(m.Ends)), Tone: ui.Late, Step: ui.Link{Label: v.Lang.T("去收回"), Href: "/matters/" + m.Matter + "/meetings/" + m.ID}}
		if len(m.Left) == 0 {
			t.Title, t.Tone, t.Step.Label = v.Lang.T("%s 的材料已收齐，请办结", m.Number()), ui.Warn, v.Lang.T("去办结")
		}
		tasks = append(tasks, t)
	}
	if all > 0 {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("会议"), Title: v.Lang.T("有 %d 场会议的材料没有收齐办结", all), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去查看"), Href: "/meetings?state=late"}})
	}
	return tasks
}
