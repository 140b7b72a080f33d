package web

import (
	"net/http"
	"strconv"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// materialColumns are those of 收文签收 and 定密 that the program knows.
func materialColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("编号"), Width: 9}, {Label: lang.T("资料"), Width: 20}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("种类"), Width: 10}, {Label: lang.T("个人信息"), Width: 8},
		{Label: lang.T("案号"), Width: 7}, {Label: lang.T("收件"), Width: 7}, {Label: lang.T("提出人"), Width: 5}, {Label: lang.T("审核人"), Width: 5},
		{Label: lang.T("责任人"), Width: 5}, {Label: lang.T("状态"), Width: 4}, {Label: lang.T("格式"), Width: 6}, {Label: lang.T("页数"), Width: 3, Num: true}}
}

// bringMaterials exports the materials that the visitor's view shows, of one matter or of all.
func (f *face) bringMaterials(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing, view ui.View, span string) error {
	filter := materialFilter(view)
	filter.Offset, filter.Limit = 0, material.MaxExport
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		l, err := f.readMaterials(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		if l.page.More {
			return rowsOf{}, tooMany(material.MaxExport)
		}
		highest, counts := classification.Level(0), map[string]int{}
		var rows [][]string
		for _, m := range l.page.Rows {
			highest = max(highest, m.Level)
			counts[m.Matter]++
			rows = append(rows, materialCells(v.Lang, l, m))
		}
		if thing.Kind == access.Firm {
			stepInto(g, counts)
		}
		return rowsOf{registerFile{"materials", "资料登记簿", span, markOf(v.Lang, highest), materialColumns(v.Lang)}, rows}, nil
	})
}

// stepInto puts the export on record in each matter that it tells of.
func stepInto(g *guard.Grant, rows map[string]int) {
	for id, n := range rows {
		g.Step(access.ExportRegister, matterThing(id), id, map[string]any{"rows": n})
	}
}

func materialCells(lang text.Lang, l found, m material.Row) []string {
	state := lang.T("已定密")
	if m.State == material.Proposed {
		state = lang.T("待审核")
	}
	pages := ""
	if m.Pages > 0 {
		pages = strconv.Itoa(m.Pages)
	}
	return []string{m.Number, m.Title, lang.T(m.Level.Name()), kindNames(lang, m.Kinds), groundBrief(lang, m.Personal, m.Basis), l.matters[m.Matter].Number, ui.Date(m.Received), l.names[m.Proposer],
		l.names[m.Reviewer], l.names[m.Owner], state, lang.T(m.Type.Name), pages}
}

func matterColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("案号"), Width: 7}, {Label: lang.T("案由或项目"), Width: 18}, {Label: lang.T("类别"), Width: 6}, {Label: lang.T("客户"), Width: 16},
		{Label: lang.T("主办律师"), Width: 5}, {Label: lang.T("资料"), Width: 3, Num: true}, {Label: lang.T("立案"), Width: 6}, {Label: lang.T("状态"), Width: 4}}
}

// bringMatters exports the matters that the visitor's view shows.
func (f *face) bringMatters(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, view ui.View, span string) error {
	filter := matterFilter(view)
	filter.Offset, filter.Limit = 0, matter.MaxExport
	return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		l, err := f.readMatters(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		if l.page.More {
			return rowsOf{}, tooMany(matter.MaxExport)
		}
		counts := map[string]int{}
		var rows [][]string
		for _, m := range l.page.Matters {
			counts[m.ID]++
			rows = append(rows, []string{m.Number, m.Title, v.Lang.T(m.Kind.Name()), m.Client.Name, l.names[m.Lead], strconv.Itoa(l.count[m.ID]), ui.Date(m.Opened), matterState(v.Lang, m.State)})
		}
		stepInto(g, counts)
		return rowsOf{registerFile{"matters", "案件登记簿", span, markOf(v.Lang, 0), matterColumns(v.Lang)}, rows}, nil
	})
}
