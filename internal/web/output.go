package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/output"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/viewing"
	"mijuan/internal/web/ui"
)

func (f *face) outputRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/output", server.Signed, f.outputs),
		get("/output/scans", server.Signed, f.scans),
		post("/output/scans/{scan}/{deed}", server.Signed, f.scanDeed),
		get("/output/{output}", server.Signed, f.output),
		post("/output/{output}/{deed}", server.Signed, f.outputDeed),
		get("/materials/{material}/print", server.Signed, f.newPrint),
		post("/materials/{material}/print", server.Signed, f.askOutput),
		get("/carriers/{carrier}/output", server.Signed, f.newCopy),
		post("/carriers/{carrier}/output", server.Signed, f.askOutput),
	}
}

// outcomes is a list of orders with what its rows need.
type outcomes struct {
	all     []output.Order
	names   map[string]string
	devices map[string]string
	now     time.Time
}

func (f *face) readOutputs(g *guard.Grant, filter output.Filter) (x outcomes, more bool, err error) {
	x.now = g.Tx().Now
	if x.all, more, err = f.Output.List(g, filter); err != nil {
		return x, false, err
	}
	var people, devices []string
	for _, o := range x.all {
		people, devices = append(people, o.People()...), append(devices, o.Device)
	}
	if x.names, err = f.People.Names(g.Tx(), people); err != nil {
		return x, false, err
	}
	x.devices, err = f.Devices.Labels(g.Tx(), devices)
	return x, more, err
}

func outputFilter(view ui.View) output.Filter {
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	from, to := span(view, "date")
	return output.Filter{Level: level, From: from, To: to, Kind: output.Kind(view.Get("kind")), State: output.State(view.Get("state")), Mine: view.Get("whose") == "mine", Number: strings.TrimSpace(view.Search()),
		Offset: (view.Page() - 1) * perPage, Limit: perPage}
}

// outputs is the register 打印、复印、扫描.
func (f *face) outputs(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/output"
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			filter := outputFilter(view)
			filter.Offset, filter.Limit = 0, 0
			x, more, err := f.readOutputs(g, filter)
			if err == nil && more {
				err = tooMany(output.MaxExport)
			}
			highest, counts := classification.Level(0), map[string]int{}
			var rows [][]string
			for _, o := range x.all {
				highest = max(highest, o.Level)
				counts[o.Matter]++
				rows = append(rows, outputCells(v.Lang, o, x))
			}
			stepInto(g, counts)
			return rowsOf{registerFile{"output", "打印复印扫描登记簿", narrowing(v.Lang, outputTable(v.Lang, view, 0, false)), markOf(v.Lang, highest), outputColumns(v.Lang)}, rows}, err
		})
	}
	more := false
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x outcomes, err error) {
		x, more, err = f.readOutputs(g, outputFilter(view))
		return x, err
	})
	if err != nil {
		return err
	}
	t := outputTable(v.Lang, view, len(x.all), more)
	if !business(v.Person) {
		t.Exports = nil
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.OperateOutput)
	if err != nil {
		return err
	}
	return send(w, r, outputsPage(f.shell(r, v, "打印复印扫描", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, x, can[access.OperateOutput].Outcome == access.Permit))
}

func outputTable(lang text.Lang, view ui.View, rows int, more bool) ui.Table {
	t := register(lang, view, rows, more)
	t.Name, t.Search = lang.T("打印复印扫描"), lang.T("份号，或纸上的编码")
	t.Columns = []ui.Column{{Label: lang.T("单号")}, {Label: lang.T("事项"), Narrow: true}, {Label: lang.T("题名")}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("份数"), Num: true, Narrow: true}, {Label: lang.T("设备"), Narrow: true},
		{Label: lang.T("申请人"), Narrow: true}, {Label: lang.T("时间"), Narrow: true}, {Label: lang.T("状态")}}
	var kinds, states []ui.Option
	for _, k := range output.Kinds {
		kinds = append(kinds, ui.Option{Value: string(k), Label: lang.T(k.Name())})
	}
	for _, s := range output.States {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	t.Filters = []ui.Filter{{Name: "whose", Label: lang.T("范围"), Options: []ui.Option{{Value: "mine", Label: lang.T("我申请的")}}}, {Name: "kind", Label: lang.T("事项"), Options: kinds}, {Name: "state", Label: lang.T("状态"), Options: states}, {Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)}, {Name: "date", Label: lang.T("时间"), Span: true}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有打印、复印、扫描记录"), Sentence: lang.T("打印在资料页面申请，复印和扫描在载体页面申请；批准之后凭放行码在指定设备上办理。")}
	return t
}

func outputColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("单号"), Width: 6}, {Label: lang.T("时间"), Width: 8}, {Label: lang.T("事项"), Width: 4}, {Label: lang.T("题名"), Width: 14}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("页数"), Width: 3}, {Label: lang.T("份数"), Width: 3},
		{Label: lang.T("份号"), Width: 16}, {Label: lang.T("用途"), Width: 10}, {Label: lang.T("设备"), Width: 9}, {Label: lang.T("批准人"), Width: 7}, {Label: lang.T("经办人"), Width: 5}, {Label: lang.T("领取人"), Width: 5}, {Label: lang.T("作废粉碎"), Width: 8}, {Label: lang.T("状态"), Width: 5}}
}

func outputNumber(o output.Order) string { return fmt.Sprintf("%d-%04d", o.Year, o.Serial) }

func outputCells(lang text.Lang, o output.Order, x outcomes) []string {
	var numbers, collectors, void []string
	for _, c := range o.Each {
		switch {
		case c.State == output.Void:
			void = append(void, voidWords(lang, c))
		default:
			numbers = append(numbers, c.Number)
		}
		if name := x.names[c.Collector]; name != "" && !slices.Contains(collectors, name) {
			collectors = append(collectors, name)
		}
	}
	at := o.Asked
	if !o.Released.IsZero() {
		at = o.Released
	}
	return []string{outputNumber(o), ui.Stamp(at), lang.T(o.Kind.Name()), o.Title, lang.T(o.Level.Name()), strconv.Itoa(o.Sheets), strconv.Itoa(o.Copies), strings.Join(numbers, lang.T("；")), purposeWords(lang, o), x.devices[o.Device],
		approverWords(lang, o, x.names), x.names[o.Operator], strings.Join(collectors, lang.T("、")), strings.Join(void, lang.T("；")), lang.T(o.State.Name())}
}

// voidWords explain a number that came to nothing.
func voidWords(lang text.Lang, c output.One) string {
	words := lang.T("%s 作废，粉碎 %d 张", c.Number, c.Spoiled)
	if c.Why != "" {
		words += lang.T("：") + c.Why
	}
	return words
}

func purposeWords(lang text.Lang, o output.Order) string {
	words := lang.T(o.Purpose.Name())
	if o.Note != "" {
		words += lang.T("：") + o.Note
	}
	return words
}

func approverWords(lang text.Lang, o output.Order, names map[string]string) string {
	if len(o.Approvers) == 0 {
		if o.Approval == "" {
			return lang.T("不用审批")
		}
		return ""
	}
	all := make([]string, len(o.Approvers))
	for i, id := range o.Approvers {
		all[i] = names[id]
	}
	return strings.Join(all, lang.T("、"))
}

func outputTone(s output.State) ui.Tone {
	switch s {
	case output.Done:
		return ui.Good
	case output.Locked, output.Lapsed:
		return ui.Late
	case output.Asked, output.Approved, output.Ready, output.Working:
		return ui.Warn
	}
	return 0
}

func copyTone(s output.CopyState) ui.Tone {
	switch s {
	case output.Collected:
		return ui.Good
	case output.Unknown, output.Failed:
		return ui.Late
	case output.Void:
		return 0
	}
	return ui.Warn
}

// reasonWords are what a printer says, in words: IPP keywords that people meet, and sentences of the program's own.
func reasonWords(lang text.Lang, all []string) string {
	said := make([]string, 0, len(all))
	for _, r := range all {
		key := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(r, "-error"), "-warning"), "-report")
		if zh := reasonNames[key]; zh != "" {
			r = zh
		}
		if words := lang.T(r); !slices.Contains(said, words) {
			said = append(said, words)
		}
	}
	return strings.Join(said, lang.T("，"))
}

var reasonNames = map[string]string{"media-jam": "卡纸", "media-empty": "缺纸", "media-needed": "缺纸", "media-low": "纸张将尽", "toner-empty": "墨粉用尽", "toner-low": "墨粉将尽", "marker-supply-empty": "墨粉用尽", "marker-supply-low": "墨粉将尽",
	"cover-open": "机盖没有合上", "door-open": "机盖没有合上", "input-tray-missing": "纸盒没有装好", "output-area-full": "出纸盘已满", "offline": "打印机离线", "paused": "打印机已暂停", "shutdown": "打印机已关机", "spool-area-full": "打印机存储已满",
	"job-canceled-by-user": "任务已取消", "job-canceled-at-device": "任务在打印机上取消", "aborted-by-system": "打印机中止了任务", "printer-stopped": "打印机停止了工作", "processing-to-stop-point": "正在停止", "job-stopped": "任务已停止"}

// outputTasks are what waits for the visitor: as requester, and as operator.
func outputTasks(v *Visitor, mine, operate []output.Order) (tasks []ui.Task) {
	for _, o := range mine {
		t := ui.Task{Kind: v.Lang.T(o.Kind.Name()), Level: o.Level, Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去办理"), Href: "/output/" + o.ID}}
		switch o.State {
		case output.Approved:
			t.Title = v.Lang.T("%s 已批准，请领取放行码", outputNumber(o))
		case output.Locked:
			t.Title, t.Tone = v.Lang.T("%s 放行码已锁定，请重新领取", outputNumber(o)), ui.Late
		default:
			t.Title = v.Lang.T("%s 有 %d 份待您签收", outputNumber(o), o.Waits())
		}
		tasks = append(tasks, t)
	}
	if len(operate) > 0 {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("输出"), Title: v.Lang.T("有 %d 项打印、复印、扫描等待放行或者清点", len(operate)), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去办理"), Href: "/output"}})
	}
	return tasks
}

// where is what the material's page says of its copies.
type where struct {
	copies   []carrier.Carrier
	void     []output.One
	names    map[string]string
	balance  carrier.Balance
	material string // id
	media    []carrier.Carrier
}

func (f *face) whereCopies(g *guard.Grant) (x where, err error) {
	x.material = g.Only(access.Material)
	if x.copies, err = f.Carriers.Of(g); err != nil {
		return x, err
	}
	if x.void, err = f.Output.Void(g); err != nil {
		return x, err
	}
	ids, err := f.Media.Holding(g)
	if err != nil {
		return x, err
	}
	if x.media, err = f.Carriers.Among(g, ids); err != nil {
		return x, err
	}
	all, people := slices.Concat(x.copies, x.media), []string(nil)
	for _, it := range all {
		people = append(people, it.Holder)
	}
	x.balance = carrier.Count(all)
	x.names, err = f.People.Names(g.Tx(), people)
	return x, err
}

func balanceWords(lang text.Lang, b carrier.Balance) string {
	return lang.T("发出 %d ＝ 在管 %d ＋ 归还 %d ＋ 销毁 %d ＋ 外发 %d ＋ 核销 %d", b.Registered, b.Held, b.Returned, b.Destroyed, b.Sent, b.Lost)
}

func codeOf(c output.One) string {
	if c.Code == 0 {
		return ""
	}
	return viewing.CodeText(c.Code)
}

// applied reads the form of an application.
func applied(form url.Values, kind output.Kind, thing string) output.Application {
	copies, err := strconv.Atoi(strings.TrimSpace(form.Get("copies")))
	if kind == output.Scan {
		copies = 1
	} else if err != nil {
		copies = 0
	}
	kinds, _ := classification.ParseSet(form["kinds"]) // none: the room says so
	personal, _ := classification.ParsePersonal(form.Get("personal"))
	basis, _ := classification.ParseBasis(form.Get("basis"))
	return output.Application{Kind: kind, Thing: thing, Pages: form.Get("pages"), Copies: copies, Device: form.Get("device"), Purpose: output.Purpose(form.Get("purpose")), Note: form.Get("note"),
		Filing: output.Filing{Kinds: kinds, Personal: personal, Basis: basis, Reviewer: form.Get("reviewer"), NotStateSecret: form.Get("not_state_secret") == "yes"}}
}
