package web

import (
	"net/http"
	"slices"
	"strconv"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func carrierTable(lang text.Lang, view ui.View, l carried) ui.Table {
	view.Path = "/carriers"
	t := register(lang, view, len(l.page.Carriers), l.page.More)
	t.Name, t.Search = lang.T("载体"), lang.T("扫标签，或输入编号")
	t.Columns = carrierHead(lang)
	t.Filters = carrierFilters(lang)
	t.Empty = ui.EmptyProps{Title: lang.T("没有载体"), Sentence: lang.T("在案件的“载体”里登记之后会列在这里；只列出您可以知悉或者正在保管的。")}
	return t
}

func carrierHead(lang text.Lang) []ui.Column {
	return []ui.Column{{Label: lang.T("编号")}, {Label: lang.T("题名")}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("类别"), Narrow: true}, {Label: lang.T("数量"), Num: true, Narrow: true},
		{Label: lang.T("保管人"), Narrow: true}, {Label: lang.T("存放位置"), Narrow: true}, {Label: lang.T("状态")}}
}

func carrierFilters(lang text.Lang) []ui.Filter {
	var forms []ui.Option
	for _, f := range append(slices.Clone(carrier.Forms), carrier.Fetched) {
		forms = append(forms, ui.Option{Value: string(f), Label: lang.T(f.Name())})
	}
	return []ui.Filter{
		{Name: "whose", Label: lang.T("范围"), Options: []ui.Option{{Value: "mine", Label: lang.T("我保管的")}}},
		{Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: "held", Label: lang.T("在管")}, {Value: "offered", Label: lang.T("待接收")}, {Value: "out", Label: lang.T("外带中")}, {Value: "ended", Label: lang.T("已注销")}}},
		{Name: "loan", Label: lang.T("借阅"), Options: []ui.Option{{Value: "overdue", Label: lang.T("逾期")}}},
		{Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)},
		{Name: "form", Label: lang.T("类别"), Options: forms}}
}

// carrierColumns are those of the register 涉密载体登记簿.
func carrierColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("序号"), Width: 3, Num: true}, {Label: lang.T("日期"), Width: 6}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("题名"), Width: 16}, {Label: lang.T("来源"), Width: 7},
		{Label: lang.T("类别"), Width: 6}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("数量"), Width: 4, Num: true}, {Label: lang.T("份号"), Width: 3, Num: true}, {Label: lang.T("份数"), Width: 3}, {Label: lang.T("用途和备注"), Width: 10},
		{Label: lang.T("案号"), Width: 7}, {Label: lang.T("保管人"), Width: 5}, {Label: lang.T("存放位置"), Width: 9}, {Label: lang.T("登记人"), Width: 5}, {Label: lang.T("批准人"), Width: 5}, {Label: lang.T("状态"), Width: 5}}
}

func (f *face) bringCarriers(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing, filter carrier.Filter, span string) error {
	filter.Offset = 0
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		l, err := f.readCarriers(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		if l.page.More {
			return rowsOf{}, tooMany(carrier.MaxExport)
		}
		copies, err := f.Carriers.Copies(g, l.page.Carriers)
		if err != nil {
			return rowsOf{}, err
		}
		approvers, err := f.approvers(g, l.leaves())
		if err != nil {
			return rowsOf{}, err
		}
		highest, counts := classification.Level(0), map[string]int{}
		var rows [][]string
		for n, it := range l.page.Carriers {
			highest = max(highest, it.Level)
			counts[it.Matter]++
			rows = append(rows, []string{strconv.Itoa(n + 1), ui.Date(it.Registered), it.Number, it.Title, v.Lang.T(it.Origin.Name()), v.Lang.T(it.Form.Name()), v.Lang.T(it.Level.Name()),
				strconv.Itoa(it.Pages), strconv.Itoa(it.Copy), told(copies[it.ID]), it.Use, l.matters[it.Matter], l.names[it.Holder], it.Place, l.names[it.RegisteredBy], approvers[it.Approval], whereabouts(v.Lang, it)})
		}
		if thing.Kind == access.Firm {
			stepInto(g, counts)
		}
		return rowsOf{registerFile{"carriers", "涉密载体登记簿", span, markOf(v.Lang, highest), carrierColumns(v.Lang)}, rows}, nil
	})
}

// leaves are the requests by which the firm made the carriers of a list.
func (l carried) leaves() (ids []string) {
	for _, it := range l.page.Carriers {
		ids = append(ids, it.Approval)
	}
	return ids
}

// told is a number that is told, or nothing.
func told(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// whereabouts says in a word where a carrier is.
func whereabouts(lang text.Lang, it carrier.Carrier) string {
	switch {
	case it.State == access.Ended:
		return lang.T(it.End())
	case it.State == access.Out:
		return lang.T("外带中")
	case it.State == access.Offered:
		return lang.T("待接收")
	case it.Form == carrier.Fetched:
		return lang.T("取用中，%s 前删除", ui.Date(it.Due))
	case !it.Due.IsZero():
		return lang.T("借出，%s 前归还", ui.Date(it.Due))
	}
	return lang.T("在管")
}
