package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/teamreview"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) teamReviewRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/team-reviews", server.Signed, f.teamReviews),
		post("/team-reviews", server.Signed, f.openTeamReview),
		get("/matters/{matter}/review", server.Signed, f.teamReview),
		post("/matters/{matter}/review", server.Signed, f.reviewTeam),
	}
}

// rounds is the register of the reviews of teams: one round, and which others there were.
type rounds struct {
	all    []teamreview.Round
	rows   []teamreview.Row
	now    time.Time
	may    bool // open the next
	form   url.Values
	failed error
}

func (f *face) teamReviews(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showTeamReviews(w, r, v, nil)
}

func (f *face) showTeamReviews(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view := ui.ReadView(r)
	view.Path = "/team-reviews"
	filter := teamreview.Filter{Round: view.Get("round"), Decision: view.Get("decision")}
	read := func(g *guard.Grant) (x rounds, more bool, err error) {
		x.now = g.Tx().Now
		if x.all, err = f.TeamReviews.Rounds(g); err != nil || len(x.all) == 0 {
			return x, false, err
		}
		if filter.Round == "" {
			filter.Round = x.all[0].ID
		}
		x.rows, more, err = f.TeamReviews.List(g, filter)
		return x, more, err
	}
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadTeamReviews, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			x, _, err := read(g)
			var rows [][]string
			for _, row := range x.rows {
				rows = append(rows, teamReviewCells(v.Lang, row, x.now))
			}
			return rowsOf{registerFile{"team-review", "团队复核登记簿", narrowing(v.Lang, teamReviewTable(v.Lang, view, x, false)), inside(v.Lang), teamReviewColumns(v.Lang)}, rows}, err
		})
	}
	filter.Offset, filter.Limit = (view.Page()-1)*perPage, perPage
	more := false
	x, err := do(r.Context(), f.Door, v.Who, access.ReadTeamReviews, guard.Firm, func(g *guard.Grant) (x rounds, err error) {
		x, more, err = read(g)
		return x, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.OpenTeamReview)
	if err != nil {
		return err
	}
	x.may = can[access.OpenTeamReview].Outcome == access.Permit && !slices.ContainsFunc(x.all, func(n teamreview.Round) bool { return n.Of == "" && x.now.Before(n.Due) })
	x.form, x.failed = form(r), failed
	return send(w, r, teamReviewsPage(f.shell(r, v, "团队复核", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, teamReviewTable(v.Lang, view, x, more), x))
}

func (f *face) openTeamReview(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	typed := form(r).Get("due")
	day, derr := time.ParseInLocation(time.DateOnly, typed, matter.Beijing)
	err := f.Door.Do(r.Context(), v.Who, access.OpenTeamReview, guard.Firm, func(g *guard.Grant) error {
		if derr != nil {
			return problem.New(problem.Invalid, "请填写截止日").In("due")
		}
		_, err := f.TeamReviews.Open(g, day.AddDate(0, 0, 1).Add(-time.Second))
		return err
	})
	if err != nil && correctable(err) {
		return f.showTeamReviews(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/team-reviews")
}

func teamReviewTable(lang text.Lang, view ui.View, x rounds, more bool) ui.Table {
	var of []ui.Option
	for _, n := range x.all {
		label := lang.T("%s 发起", ui.Date(n.Opened))
		if n.Of != "" {
			label = lang.T("%s 岗位变动：%s", ui.Date(n.Opened), n.Of)
		}
		of = append(of, ui.Option{Value: n.ID, Label: label})
	}
	t := register(lang, view, len(x.rows), more)
	t.Name = lang.T("团队复核")
	t.Columns = []ui.Column{{Label: lang.T("案号")}, {Label: lang.T("姓名")}, {Label: lang.T("职责"), Narrow: true}, {Label: lang.T("结论")}, {Label: lang.T("复核人"), Narrow: true}, {Label: lang.T("日期"), Narrow: true}}
	t.Filters = []ui.Filter{{Name: "decision", Label: lang.T("结论"), Options: []ui.Option{{Value: "kept", Label: lang.T("保留")}, {Value: "removed", Label: lang.T("移出")}, {Value: "waiting", Label: lang.T("未复核")}}},
		{Name: "round", Label: lang.T("轮次"), Options: of}}
	t.Empty = ui.EmptyProps{Title: lang.T("还没有团队复核"), Sentence: lang.T("每半年由安全管理员发起一轮，到期没有发起的由系统发起，主办律师逐人确认；到期没有确认的，自动失去本案权限。")}
	return t
}

func teamReviewColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("案号"), Width: 8}, {Label: lang.T("姓名"), Width: 6}, {Label: lang.T("职责"), Width: 6}, {Label: lang.T("结论"), Width: 8}, {Label: lang.T("理由"), Width: 16},
		{Label: lang.T("复核人"), Width: 6}, {Label: lang.T("日期"), Width: 7}, {Label: lang.T("截止日"), Width: 7}}
}

func teamReviewCells(lang text.Lang, row teamreview.Row, now time.Time) []string {
	at := ""
	if !row.At.IsZero() {
		at = ui.Date(row.At)
	}
	return []string{row.Number, row.Name, lang.T(matter.DutyNames[row.Duty]), lang.T(conclusion(row, now)), row.Reason, row.By, at, ui.Date(row.Due)}
}

// conclusion is how a place came out of a round.
func conclusion(row teamreview.Row, now time.Time) string {
	switch {
	case row.Decision == teamreview.Kept:
		return "保留"
	case row.Decision == teamreview.Removed:
		return "移出"
	case row.Changed:
		return "已另行变更"
	case row.Lapsed(now):
		return "未确认，已失效"
	}
	return "待确认"
}

// inspection is a matter's team before its lead.
type inspection struct {
	room
	rows   []teamreview.Row
	form   url.Values
	failed error
}

func (f *face) teamReview(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showTeamReview(w, r, v, nil)
}

func (f *face) showTeamReview(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	x := inspection{room: m, form: form(r), failed: failed}
	if x.rows, err = do(r.Context(), f.Door, v.Who, access.ReviewTeam, matterThing(m.matter.ID), f.TeamReviews.Pending); err != nil {
		return err
	}
	return send(w, r, teamReviewPage(f.shell(r, v, "团队复核", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: "/matters/" + m.matter.ID}), v, x))
}

func (f *face) reviewTeam(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, form := r.PathValue("matter"), form(r)
	err := f.Door.Do(r.Context(), v.Who, access.ReviewTeam, matterThing(in), func(g *guard.Grant) error {
		c := teamreview.Choices{Why: form.Get("reason")}
		for name := range form {
			switch place, is := strings.CutPrefix(name, "place-"); {
			case is && form.Get(name) == "keep":
				c.Keep = append(c.Keep, place)
			case is && form.Get(name) == "remove":
				c.Remove = append(c.Remove, place)
			}
		}
		return f.TeamReviews.Decide(g, c)
	})
	if err != nil && correctable(err) {
		return f.showTeamReview(w, r, v, err)
	}
	if err != nil {
		return err
	}
	rest, err := do(r.Context(), f.Door, v.Who, access.ReviewTeam, matterThing(in), f.TeamReviews.Pending)
	if err == nil && len(rest) > 0 {
		return see(w, r, "/matters/"+in+"/review")
	}
	return see(w, r, "/matters/"+in+"/team")
}

// teamReviewTasks are the teams that wait for the visitor, and the next round for who opens it.
func teamReviewTasks(v *Visitor, waiting []teamreview.Waiting, due bool) (tasks []ui.Task) {
	for _, w := range waiting {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("团队复核"), Title: v.Lang.T("%s：%s 人待确认", w.Number, strconv.Itoa(w.People)), Note: v.Lang.T("%s 前确认，没有确认的自动失去本案权限", ui.Date(w.Due)), Tone: ui.Warn,
			Step: ui.Link{Label: v.Lang.T("去复核"), Href: "/matters/" + w.Matter + "/review"}})
	}
	if due {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("团队复核"), Title: v.Lang.T("半年内没有发起过团队复核"), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去发起"), Href: "/team-reviews"}})
	}
	return tasks
}
