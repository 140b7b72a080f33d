package web

import (
	"net/http"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// eraseCopies takes down that the named fetched copies are deleted.
func (f *face) eraseCopies(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if form(r).Get("deleted") != "yes" {
		return problem.New(problem.Invalid, "请先删除这些文件，再勾选“已删除”")
	}
	if err := f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) error { _, err := f.Carriers.EraseAll(g, form(r)["carrier"]); return err }); err != nil {
		return err
	}
	return see(w, r, "/carriers?whose=mine")
}

// copies is what waits for the visitor of fetched originals.
type copies struct {
	mine []carrier.Carrier // those due first
	late int               // that others keep for too long, of matters that the visitor leads
}

func (f *face) readCopies(g *guard.Grant) (c copies, err error) {
	if c.mine, err = f.Carriers.ToErase(g); err != nil {
		return c, err
	}
	c.late, err = f.Carriers.KeptTooLong(g)
	return c, err
}

func copyTasks(lang text.Lang, c copies, now time.Time) (tasks []ui.Task) {
	if n := len(c.mine); n > 0 {
		task := ui.Task{Kind: lang.T("电子副本"), Title: lang.T("您取用的 %d 份原件还在自己的电脑上", n), Note: lang.T("用毕请删除并确认，%s 之前", ui.Date(c.mine[0].Due)), Step: ui.Link{Label: lang.T("去确认"), Href: "/carriers?whose=mine&form=fetched"}}
		if c.mine[0].Overdue(now) {
			task.Tone, task.Note, task.First = ui.Late, lang.T("最早的一份已经超过 %d 天，请删除并确认", int(carrier.FetchedMost.Hours()/24)), true
		}
		tasks = append(tasks, task)
	}
	if c.late > 0 {
		tasks = append(tasks, ui.Task{Kind: lang.T("电子副本"), Title: lang.T("您主办的案件有 %d 份电子副本逾期未删除", c.late), Note: lang.T("请提醒取用人删除并确认"), Tone: ui.Warn, Step: ui.Link{Label: lang.T("查看"), Href: "/carriers?form=fetched&loan=overdue"}})
	}
	return tasks
}

// toErase are the fetched copies of the page that the visitor holds.
func (l carried) toErase(v *Visitor) (ids []string) {
	for _, it := range l.page.Carriers {
		if it.Form == carrier.Fetched && it.State == access.Held && it.Holder == v.Who.Person {
			ids = append(ids, it.ID)
		}
	}
	return ids
}
