package web

import (
	"net/http"
	"net/url"
	"strconv"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/stocktaking"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) stockRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/stock", server.Signed, f.stock),
		post("/stock", server.Signed, f.openStock),
		get("/stock/{round}", server.Signed, f.stockRound),
		post("/stock/{round}/{deed}", server.Signed, f.stockDeed),
	}
}

// counts is the page of stock-takings.
type counts struct {
	rounds []stocktaking.Round
	may    bool
	people []ui.Option
	form   url.Values
	failed error
}

func (f *face) stock(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showStock(w, r, v, nil)
}

func (f *face) showStock(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	x := counts{form: form(r), failed: failed}
	var err error
	if x.rounds, err = do(r.Context(), f.Door, v.Who, access.ReadStock, guard.Firm, f.Stock.Rounds); err != nil {
		return err
	}
	if x.may, err = f.takesStock(r, v); err != nil {
		return err
	}
	if x.may {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		x.people = personOptions(v.Lang, people, func(p person.Person) bool { return business(p) })
	}
	return send(w, r, stockPage(f.shell(r, v, "盘点", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, x))
}

func (f *face) takesStock(r *http.Request, v *Visitor) (bool, error) {
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.TakeStock)
	return can[access.TakeStock].Outcome == access.Permit, err
}

func (f *face) openStock(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	id, err := do(r.Context(), f.Door, v.Who, access.TakeStock, guard.Firm, func(g *guard.Grant) (string, error) { return f.Stock.Open(g, form.Get("place"), form.Get("holder")) })
	if err != nil && correctable(err) {
		return f.showStock(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/stock/"+id)
}

// count is one stock-taking.
type count struct {
	round  stocktaking.Round
	items  []stocktaking.Item
	may    bool
	last   *stocktaking.Item // what was scanned just now
	place  string            // where the next is scanned
	recent bool              // items are what was scanned last
	at     string            // which form came back: scan, or a carrier's
	form   url.Values
	failed error
}

func (f *face) stockRound(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showRound(w, r, v, count{})
}

func (f *face) showRound(w http.ResponseWriter, r *http.Request, v *Visitor, x count) error {
	id, view := r.PathValue("round"), ui.ReadView(r)
	view.Path = "/stock/" + id
	filter := stocktaking.Filter{Verdict: stocktaking.Verdict(view.Get("verdict"))}
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadStock, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			_, items, _, err := f.Stock.One(g, id, filter)
			var rows [][]string
			for _, i := range items {
				rows = append(rows, stockCells(v.Lang, i))
			}
			return rowsOf{registerFile{"stock", "载体盘点表", narrowing(v.Lang, stockTable(v.Lang, view, 0)), inside(v.Lang), stockColumns(v.Lang)}, rows}, err
		})
	}
	filter.Offset, filter.Limit = (view.Page()-1)*perPage, perPage
	total := 0
	if err := f.Door.Do(r.Context(), v.Who, access.ReadStock, guard.Firm, func(g *guard.Grant) (err error) {
		if x.recent = x.at == "scan"; x.recent {
			x.round, x.items, err = f.Stock.Recent(g, id)
			return err
		}
		x.round, x.items, total, err = f.Stock.One(g, id, filter)
		return err
	}); err != nil {
		return err
	}
	var err error
	if x.may, err = f.takesStock(r, v); err != nil {
		return err
	}
	x.form = form(r)
	if x.may && x.round.Closed.IsZero() {
		server.AllowCamera(w)
	}
	return send(w, r, stockRoundPage(f.shell(r, v, "盘点", ui.Crumb{Name: v.Lang.T("盘点"), Href: "/stock"}), v, stockTable(v.Lang, view, total), x))
}

func (f *face) stockDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, round := form(r), r.PathValue("round")
	x := count{at: form.Get("carrier"), place: form.Get("place")}
	act := func(run func(*guard.Grant) error) error {
		return f.Door.Do(r.Context(), v.Who, access.TakeStock, guard.Firm, run)
	}
	var err error
	switch r.PathValue("deed") {
	case "scan":
		x.at = "scan"
		err = act(func(g *guard.Grant) error {
			item, err := f.Stock.Scan(g, round, form.Get("number"), x.place)
			x.last = &item
			return err
		})
		if err == nil || correctable(err) || fieldOf(err) == "number" {
			if err != nil {
				x.last, x.failed = nil, err
			}
			return f.showRound(w, r, v, x)
		}
		return err
	case "close":
		if form.Get("checked") != "yes" {
			return problem.New(problem.Invalid, "请先勾选“范围内的都已扫描”")
		}
		err = act(func(g *guard.Grant) error { return f.Stock.Close(g, round) })
	case "settle":
		err = act(func(g *guard.Grant) error {
			return f.Stock.Settle(g, round, x.at, stocktaking.Outcome(form.Get("outcome")), form.Get("note"))
		})
	default:
		return nowhere(w, r, v)
	}
	if err != nil && correctable(err) {
		x.failed = err
		return f.showRound(w, r, v, x)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/stock/"+round)
}

func stockTable(lang text.Lang, view ui.View, total int) ui.Table {
	var verdicts []ui.Option
	for _, v := range stocktaking.Verdicts {
		verdicts = append(verdicts, ui.Option{Value: string(v), Label: lang.T(v.Name())})
	}
	return ui.Table{Lang: lang, Name: lang.T("盘点"), View: view, Total: int64(total), Per: perPage, Exports: paperFormats,
		Columns: []ui.Column{{Label: lang.T("载体编号")}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("存放位置"), Narrow: true}, {Label: lang.T("保管人"), Narrow: true}, {Label: lang.T("结果")}, {Label: lang.T("处理情况")}},
		Filters: []ui.Filter{{Name: "verdict", Label: lang.T("结果"), Options: verdicts}},
		Empty:   ui.EmptyProps{Title: lang.T("没有符合的载体")}}
}

func stockColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("载体编号"), Width: 10}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("存放位置"), Width: 12}, {Label: lang.T("保管人"), Width: 6}, {Label: lang.T("结果"), Width: 6}, {Label: lang.T("实际位置"), Width: 10},
		{Label: lang.T("盘点人"), Width: 6}, {Label: lang.T("时间"), Width: 8}, {Label: lang.T("处理情况"), Width: 14}, {Label: lang.T("办理人"), Width: 6}}
}

func stockCells(lang text.Lang, i stocktaking.Item) []string {
	at := ""
	if !i.At.IsZero() {
		at = ui.Stamp(i.At)
	}
	return []string{i.Number, lang.T(i.Level.Name()), i.Place, i.Holder, lang.T(i.Verdict.Name()), i.SeenPlace, i.SeenBy, at, settledWords(lang, i), i.SettledBy}
}

// progress is a round's figures in a line.
func progress(lang text.Lang, n stocktaking.Round) string {
	out := ""
	for _, v := range stocktaking.Verdicts {
		if n.Count[v] > 0 {
			if out != "" {
				out += lang.T("，")
			}
			out += lang.T(v.Name()) + " " + strconv.Itoa(n.Count[v])
		}
	}
	return out
}

// stockScope says what a round is about.
func stockScope(lang text.Lang, n stocktaking.Round) string {
	switch {
	case n.Place != "" && n.Holder != "":
		return n.Place + " · " + n.Holder
	case n.Place+n.Holder != "":
		return n.Place + n.Holder
	}
	return lang.T("全部载体")
}

func verdictTone(v stocktaking.Verdict) ui.Tone {
	switch v {
	case stocktaking.Missing, stocktaking.Revived:
		return ui.Late
	case stocktaking.Extra, stocktaking.Moved, stocktaking.Waiting:
		return ui.Warn
	case stocktaking.Seen:
		return ui.Good
	case stocktaking.Away:
	}
	return 0
}

// settledWords is what came of a difference.
func settledWords(lang text.Lang, i stocktaking.Item) string {
	if name := i.Verdict.OutcomeName(i.Outcome); name != "" && !i.Settled.IsZero() {
		return lang.T(name) + lang.T("：") + i.Note
	}
	return i.Note
}

// outcomeOptions are what a difference may come to; none where there is nothing to choose.
func outcomeOptions(lang text.Lang, i stocktaking.Item) (all []ui.Option) {
	for _, o := range i.Verdict.Outcomes() {
		if name := i.Verdict.OutcomeName(o); name != "" {
			all = append(all, ui.Option{Value: string(o), Label: lang.T(name)})
		}
	}
	return all
}
