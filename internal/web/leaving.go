package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) leavingRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/leaving", server.Signed, f.leavings),
		get("/people/{person}/leaving", server.Signed, f.holdings),
		{Method: http.MethodPost, Pattern: "/people/{person}/leaving/{deed}", Auth: server.Signed, Body: formLimit, Timeout: signTimeout, Handle: f.leavingDeed},
		get("/people/{person}/leaving/sheet", server.Signed, f.handoverSheet),
		get("/people/{person}/leaving/opened", server.Signed, f.opened),
	}
}

// handover is the page of what somebody answers for, and of their leaving.
type handover struct {
	person person.Person
	items  []leaving.Item
	leave  *leaving.Departure
	can    map[access.Act]bool
	people []person.Person
	asks   consent // for signing
	now    time.Time
	deed   string // the form that came back
	failed error
}

// open reports whether the person is leaving.
func (h handover) open() bool { return h.leave != nil && h.leave.Closed.IsZero() }

// moves reports whether the person goes on in another post.
func (h handover) moves() bool { return h.leave != nil && len(h.leave.Moves) > 0 }

// closing and afterClosing are the words of the last step.
func (h handover) closing() string {
	if h.moves() {
		return "办结交接"
	}
	return "办结离岗"
}

func (h handover) afterClosing() string {
	if h.moves() {
		return "交接已完成、已监交。办结后到“权限变更”里变更岗位；账号不受影响。"
	}
	return "交接已完成、已监交。办结后账号、会话、访问令牌、团队职务和取用许可同时结束，不能恢复。"
}

var leavingActs = []access.Act{access.BeginLeaving, access.SettleLeaving, access.WriteOffLeaving, access.WitnessLeaving, access.CloseLeaving, access.ReadOpened}

func (f *face) holdings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showHoldings(w, r, v, "", nil)
}

func (f *face) showHoldings(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	id := r.PathValue("person")
	h := handover{can: map[access.Act]bool{}, deed: deed, failed: failed}
	err := f.Door.Do(r.Context(), v.Who, access.ReadHoldings, personThing(id), func(g *guard.Grant) (err error) {
		h.now = g.Tx().Now
		if h.person, err = f.People.One(g.Tx(), id); err != nil {
			return err
		}
		h.items, h.leave, err = f.Leaving.Holdings(g)
		return err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, personThing(id), leavingActs...)
	if err != nil {
		return err
	}
	for act, d := range can {
		h.can[act] = d.Outcome == access.Permit
	}
	if h.can[access.BeginLeaving] || h.can[access.SettleLeaving] {
		if h.people, err = f.roster(r, v); err != nil {
			return err
		}
	}
	if h.can[access.WitnessLeaving] || h.can[access.WriteOffLeaving] {
		if h.asks, err = f.consent(r, v); err != nil {
			return err
		}
	}
	title := "名下事项"
	if h.leave != nil {
		title = "离岗交接"
	}
	return send(w, r, holdingsPage(f.shell(r, v, title, ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}, ui.Crumb{Name: h.person.Name, Href: "/people/" + id}), v, h, form(r)))
}

// leavingDeed is each step of a leaving.
func (f *face) leavingDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed := r.PathValue("person"), r.PathValue("deed")
	deeds := map[string]func(*http.Request, *Visitor, string) error{"begin": f.beginLeaving, "cancel": f.cancelLeaving, "appoint": f.changeWitness, "list": f.settleLeaving,
		"witness": f.witnessLeaving, "write-off": f.writeOffLeaving, "close": f.closeLeaving}
	step, known := deeds[deed]
	if !known {
		return nowhere(w, r, v)
	}
	err := step(r, v, id)
	if err != nil && (shown(err) || problem.Is(err, problem.Unavailable)) {
		if _, _, gone := f.People.Authenticate(r.Context(), v.secret, f.ClientIP(r)); gone != nil {
			return gone
		}
		return f.showHoldings(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/people/"+id+"/leaving")
}

func (f *face) beginLeaving(r *http.Request, v *Visitor, id string) error {
	form := form(r)
	day, _ := time.Parse(time.DateOnly, form.Get("last_day")) // none: the field says so
	return f.Door.Do(r.Context(), v.Who, access.BeginLeaving, personThing(id), func(g *guard.Grant) error {
		return f.Leaving.Begin(g, leaving.Beginning{LastDay: day, Reason: form.Get("reason"), Witness: form.Get("witness")})
	})
}

func (f *face) changeWitness(r *http.Request, v *Visitor, id string) error {
	return f.Door.Do(r.Context(), v.Who, access.BeginLeaving, personThing(id), func(g *guard.Grant) error { return f.Leaving.SetWitness(g, form(r).Get("witness")) })
}

func (f *face) cancelLeaving(r *http.Request, v *Visitor, id string) error {
	return f.Door.Do(r.Context(), v.Who, access.BeginLeaving, personThing(id), func(g *guard.Grant) error {
		return f.Leaving.Cancel(g, form(r).Get("reason"))
	})
}

// settleLeaving hands the ticked items to one successor, or withdraws them; each is an act of its own, and large ones several.
func (f *face) settleLeaving(r *http.Request, v *Visitor, id string) error {
	form := form(r)
	items, pieces := tickedPieces(form)
	if len(items) == 0 {
		return problem.New(problem.Invalid, "请先勾选事项").In("item")
	}
	for _, item := range items {
		kind, matter, _ := strings.Cut(item, ":")
		var err error
		switch form.Get("do") {
		case "drop":
			err = f.Door.Do(r.Context(), v.Who, access.SettleLeaving, personThing(id), func(g *guard.Grant) error { _, err := f.Leaving.Drop(g, leaving.Kind(kind), matter); return err })
		default:
			h := leaving.Handover{Kind: leaving.Kind(kind), Matter: matter, Pieces: pieces[item], Successor: form.Get("successor")}
			if h.Kind == leaving.Materials || h.Kind == leaving.Reviews {
				h.Materials, h.Pieces = h.Pieces, nil
			}
			err = f.handAll(r, v, id, h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tickedPieces are the items that were ticked, whole or by some of their pieces ("carriers:matter:id").
func tickedPieces(form url.Values) (items []string, pieces map[string][]string) {
	items, pieces = slices.Clone(form["item"]), map[string][]string{}
	for _, piece := range form["piece"] {
		cut := strings.LastIndexByte(piece, ':')
		if cut < 0 || slices.Contains(form["item"], piece[:cut]) {
			continue
		}
		if pieces[piece[:cut]] == nil {
			items = append(items, piece[:cut])
		}
		pieces[piece[:cut]] = append(pieces[piece[:cut]], piece[cut+1:])
	}
	return items, pieces
}

// handAll hands over, portion by portion, until nothing of the item is left.
func (f *face) handAll(r *http.Request, v *Visitor, id string, h leaving.Handover) error {
	for total := 0; ; {
		n, err := do(r.Context(), f.Door, v.Who, access.SettleLeaving, personThing(id), func(g *guard.Grant) (int, error) { return f.Leaving.Settle(g, h) })
		if total > 0 && problem.Is(err, problem.Conflict) {
			return nil // the portion before was the last
		}
		if err != nil || h.Kind == leaving.Lead || len(h.Pieces)+len(h.Materials) > 0 {
			return err
		}
		total += n
	}
}

func (f *face) witnessLeaving(r *http.Request, v *Visitor, id string) error {
	form := form(r)
	if form.Get("read") != "yes" {
		return problem.New(problem.Invalid, "请先核对清单，再勾选“已核对”").In("read")
	}
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	return f.Leaving.Witness(r.Context(), v.Who, id, form.Get("digest"), f.consented(r, v), firm)
}

// writeOffLeaving signs away what cannot be handed over.
func (f *face) writeOffLeaving(r *http.Request, v *Visitor, id string) error {
	form := form(r)
	off := leaving.Forgiven{Reason: form.Get("reason")}
	for _, item := range form["forgive"] {
		kind, matter, _ := strings.Cut(item, ":")
		off.Items = append(off.Items, leaving.Item{Kind: leaving.Kind(kind), Matter: matter})
	}
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	return f.Leaving.WriteOff(r.Context(), v.Who, id, off, f.consented(r, v), firm)
}

func (f *face) closeLeaving(r *http.Request, v *Visitor, id string) error {
	return f.Door.Do(r.Context(), v.Who, access.CloseLeaving, personThing(id), func(g *guard.Grant) error {
		p, err := f.People.One(g.Tx(), id)
		if err != nil {
			return err
		}
		if form(r).Get("confirm") != p.Name {
			return problem.New(problem.Invalid, "请输入离岗人的姓名以确认").In("confirm")
		}
		_, err = f.Leaving.Close(g)
		return err
	})
}

// handoverSheet gives the signed list as a PDF, or the sheet of a write-off.
func (f *face) handoverSheet(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	var pdf []byte
	var number string
	p, err := f.Door.Open(r.Context(), v.Who, access.ReadHoldings, personThing(r.PathValue("person")), func(g *guard.Grant) (err error) {
		if number = r.URL.Query().Get("written-off"); number != "" {
			pdf, err = f.Leaving.WrittenOff(g, number)
			return err
		}
		pdf, number, err = f.Leaving.Sheet(g)
		return err
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("Content-Disposition", `attachment; filename="handover-`+number[:12]+`.pdf"`)
	n, err := w.Write(pdf)
	return errors.Join(err, p.Close(r.Context(), int64(n), err))
}

// leavings is the register 离岗交接.
func (f *face) leavings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := leaving.Filter{State: view.Get("state"), Text: view.Search(), Offset: (view.Page() - 1) * perPage, Limit: perPage}
	filter.From, filter.To = span(view, "at")
	if format, file := asked(view); file {
		return f.bringLeavings(w, r, v, format, filter, narrowing(v.Lang, leavingsTable(v.Lang, view, false)))
	}
	more := false
	all, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (all []leaving.Departure, err error) {
		all, more, err = f.Leaving.List(g, filter)
		return all, err
	})
	if err != nil {
		return err
	}
	return send(w, r, leavingsPage(f.shell(r, v, "离岗交接", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, leavingsTable(v.Lang, view, more), all))
}

func leavingsTable(lang text.Lang, view ui.View, more bool) ui.Table {
	t := ui.Table{Lang: lang, Name: lang.T("离岗交接"), View: view, Search: lang.T("姓名"), Total: -1, Per: perPage,
		Columns: []ui.Column{{Label: lang.T("姓名")}, {Label: lang.T("岗位"), Narrow: true}, {Label: lang.T("最后在岗日")}, {Label: lang.T("接收人"), Narrow: true},
			{Label: lang.T("监交人"), Narrow: true}, {Label: lang.T("状态")}},
		Filters: []ui.Filter{{Name: "at", Label: lang.T("最后在岗日"), Span: true}, {Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: leaving.StateOpen, Label: lang.T("交接中")},
			{Value: leaving.StateClosed, Label: lang.T("已办结")}, {Value: leaving.StateCancelled, Label: lang.T("已撤销，本人留任")}}}},
		Exports: paperFormats,
		Empty:   ui.EmptyProps{Title: lang.T("没有离岗交接"), Sentence: lang.T("主任或安全管理员在人员页面里办理离岗。")}}
	if page := view.Page(); page > 1 {
		t.Newer = view.With("page", strconv.Itoa(page-1))
	}
	if more {
		t.Older = view.With("page", strconv.Itoa(view.Page()+1))
	}
	return t
}

func leavingColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("姓名"), Width: 6}, {Label: lang.T("岗位"), Width: 8}, {Label: lang.T("最后在岗日"), Width: 6}, {Label: lang.T("移交事项"), Width: 18}, {Label: lang.T("载体编号与接收人"), Width: 14},
		{Label: lang.T("核销事项"), Width: 10}, {Label: lang.T("关闭的账号"), Width: 9}, {Label: lang.T("移交人"), Width: 6}, {Label: lang.T("接收人"), Width: 8}, {Label: lang.T("监交人"), Width: 6},
		{Label: lang.T("办结日期"), Width: 6}}
}

// bringLeavings exports the register with the columns that the rules name.
func (f *face) bringLeavings(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, filter leaving.Filter, span string) error {
	filter.Offset, filter.Limit = 0, 10_000
	return f.bring(w, r, v, format, access.ExportRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		all, _, err := f.Leaving.List(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		names := map[string]string{}
		var rows [][]string
		for _, d := range all {
			for _, i := range d.Done {
				names[i.Successor] = i.Name
			}
			rows = append(rows, leavingCells(v.Lang, d, names))
		}
		return rowsOf{registerFile{"leaving", "离岗交接登记簿", span, inside(v.Lang), leavingColumns(v.Lang)}, rows}, nil
	})
}

func leavingCells(lang text.Lang, d leaving.Departure, names map[string]string) []string {
	var handed, forgiven, heirs []string
	for _, i := range d.Done {
		what := lang.T(i.Kind.Name())
		if i.Number != "" {
			what += " " + i.Number
		}
		if i.Kind != leaving.Lead && i.Kind != leaving.Pledge {
			what += " × " + strconv.Itoa(i.N)
		}
		switch {
		case i.Successor != "":
			handed = append(handed, what+" → "+i.Name)
		case i.Kind.Dropped():
			handed = append(handed, what+"（"+lang.T(i.Reason)+"）")
		default:
			forgiven = append(forgiven, what+"（"+i.Reason+"）")
		}
	}
	var carriers []string
	for _, p := range d.Passed {
		carriers = append(carriers, p.Number+" → "+p.To)
	}
	for _, s := range d.Successors() {
		heirs = append(heirs, names[s])
	}
	closed, ended := "", ""
	switch {
	case d.Cancelled:
		ended = lang.T("留任，未办离岗")
	case !d.Closed.IsZero():
		closed = ui.Date(d.Closed)
		if ended = endedWords(lang, d.Ended); len(d.Moves) > 0 {
			ended = lang.T("变动后岗位：%s", postNames(lang, d.Moves))
		}
	}
	return []string{d.Name, postNames(lang, d.Posts), d.LastDay.Format(time.DateOnly), strings.Join(handed, "\n"), strings.Join(carriers, "\n"), strings.Join(forgiven, "\n"), ended, d.Name,
		strings.Join(heirs, "、"), d.WitnessName, closed}
}

// endingWords is what closes with a leaving, before it does.
func endingWords(lang text.Lang, e leaving.Ended) string {
	return lang.T("随办结结束：会话 %d 个、访问令牌 %d 个、审批授权 %d 项、权限申请 %d 项、团队职务 %d 个、取用许可 %d 项", e.Sessions, e.Tokens, e.Delegations, e.Requests, e.Places, e.Releases)
}

func endedWords(lang text.Lang, e leaving.Ended) string {
	return lang.T("账号已关闭；结束会话 %d 个、访问令牌 %d 个、审批授权 %d 项、权限申请 %d 项、团队职务 %d 个、取用许可 %d 项", e.Sessions, e.Tokens, e.Delegations, e.Requests, e.Places, e.Releases)
}
