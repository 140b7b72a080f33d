package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// importTimeout is for lists of thousands: each person is an act with its record.
const importTimeout = 110 * time.Second

// verdictsPerPage is how many rows of a list stand on a page.
const verdictsPerPage = 100

func (f *face) directoryRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/people/import", server.Signed, f.importPage),
		{Method: http.MethodPost, Pattern: "/people/import", Auth: server.Signed, Body: directory.MaxBytes + 64<<10, Timeout: importTimeout, Handle: f.lookAtList},
		{Method: http.MethodPost, Pattern: "/people/import/confirm", Auth: server.Signed, Body: formLimit, Timeout: importTimeout, Handle: f.confirmList},
		fetching("/people/import/template", f.listTemplate),
	}
}

// listTemplate gives an empty list to fill in.
func (f *face) listTemplate(w http.ResponseWriter, _ *http.Request, v *Visitor) error {
	raw, err := directory.Template(func(c directory.Column) string { return v.Lang.T(directory.Labels[c]) })
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", sheet.XLSX.ContentType())
	w.Header().Set("Content-Disposition", `attachment; filename="roster.xlsx"`)
	_, err = w.Write(raw)
	return err
}

func (f *face) importPage(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if id := r.URL.Query().Get("list"); id != "" {
		return f.showVerdicts(w, r, v, id, nil)
	}
	return f.showImport(w, r, v, nil)
}

// mayImport is the refusal, on record, of who may not: before a file is read, since reading one takes time and memory.
func (f *face) mayImport(r *http.Request, v *Visitor) error {
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.Appoint)
	if err != nil || can[access.Appoint].Outcome == access.Permit {
		return err
	}
	return f.Door.Do(r.Context(), v.Who, access.Appoint, guard.Firm, func(*guard.Grant) error { return nil })
}

func (f *face) showImport(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	if err := f.mayImport(r, v); err != nil {
		return err
	}
	return send(w, r, importPage(f.shell(r, v, "导入名册", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, failed))
}

// lookAtList takes the file and sends the visitor to what it would do.
func (f *face) lookAtList(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if err := f.mayImport(r, v); err != nil {
		return err
	}
	list, err := uploadedList(r)
	if err == nil {
		var id string
		id, err = do(r.Context(), f.Door, v.Who, access.Appoint, guard.Firm, func(g *guard.Grant) (string, error) { return f.Directory.Look(g, list) })
		if err == nil {
			return see(w, r, "/people/import?list="+id)
		}
	}
	if correctable(err) {
		return f.showImport(w, r, v, err)
	}
	return err
}

func uploadedList(r *http.Request) (directory.List, error) {
	if err := r.ParseMultipartForm(directory.MaxBytes + 64<<10); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return directory.List{}, problem.New(problem.TooLarge, "文件过大：最多 %d MiB", directory.MaxBytes>>20).In("file")
		}
		return directory.List{}, problem.New(problem.Invalid, "请选择文件").In("file").Because(err)
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return directory.List{}, problem.New(problem.Invalid, "请选择文件").In("file").Because(err)
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		return directory.List{}, err
	}
	return directory.Read(raw)
}

func (f *face) showVerdicts(w http.ResponseWriter, r *http.Request, v *Visitor, id string, failed error) error {
	plan, err := do(r.Context(), f.Door, v.Who, access.Appoint, guard.Firm, func(g *guard.Grant) (directory.Plan, error) { return f.Directory.Plan(g, id) })
	if err != nil {
		return err
	}
	view := ui.ReadView(r)
	var rows []directory.Verdict
	for _, kind := range directory.Kinds {
		for _, row := range plan.Rows {
			if asked := view.Get("verdict"); row.Kind == kind && (asked == "" || asked == string(kind)) {
				rows = append(rows, row)
			}
		}
	}
	total := len(rows)
	from := min((view.Page()-1)*verdictsPerPage, total)
	rows = rows[from:min(from+verdictsPerPage, total)]
	return send(w, r, verdictsPage(f.shell(r, v, "导入名册", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}, ui.Crumb{Name: v.Lang.T("导入名册"), Href: "/people/import"}), v,
		verdictTable(v.Lang, view, plan, total), id, plan, rows, failed))
}

func verdictTable(lang text.Lang, view ui.View, plan directory.Plan, total int) ui.Table {
	var kinds []ui.Option
	for _, k := range directory.Kinds {
		kinds = append(kinds, ui.Option{Value: string(k), Label: lang.T(k.Name()) + " " + strconv.Itoa(plan.Count[k])})
	}
	return ui.Table{Lang: lang, Name: lang.T("导入名册"), View: view, Total: int64(total), Per: verdictsPerPage,
		Columns: []ui.Column{{Label: lang.T("行")}, {Label: lang.T("姓名")}, {Label: lang.T("登录名")}, {Label: lang.T("结论")}, {Label: lang.T("说明")}},
		Filters: []ui.Filter{{Name: "verdict", Label: lang.T("结论"), Options: kinds}}, Empty: ui.EmptyProps{Title: lang.T("没有这样的行")}}
}

// confirmList does what was looked at. Who asked for one-time links gets them now, and not again.
func (f *face) confirmList(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	var made []directory.Link
	plan, err := do(r.Context(), f.Door, v.Who, access.Appoint, guard.Firm, func(g *guard.Grant) (p directory.Plan, err error) {
		p, made, err = f.Directory.Import(g, form.Get("list"), form.Get("state"), form.Get("links") != "")
		return p, err
	})
	if err != nil && correctable(err) {
		return f.showVerdicts(w, r, v, form.Get("list"), err)
	}
	if err != nil {
		return err
	}
	return send(w, r, importedPage(f.shell(r, v, "导入名册", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, plan, made, "https://"+r.Host+"/invite/"))
}

var verdictTones = map[directory.Kind]ui.Tone{directory.Wrong: ui.Late, directory.Added: ui.Good, directory.Changed: ui.Warn}

// verdictLines are what a row would do, in sentences.
func verdictLines(lang text.Lang, row directory.Verdict) (lines []string) {
	for _, fault := range row.Faults {
		if p, ok := asProblem(fault); ok {
			label := directory.Labels[directory.Column(p.Field)]
			lines = append(lines, lang.T("%s：%s", lang.T(label), sentence(lang, p)))
		}
	}
	if row.Kind != directory.Changed {
		return lines
	}
	for _, c := range row.Changes {
		before, after := c.Old, c.New
		if c.Column == directory.Posts {
			before, after = postNames(lang, c.OldPosts), postNames(lang, c.NewPosts)
		}
		lines = append(lines, lang.T("%s：%s → %s", lang.T(directory.Labels[c.Column]), typedOr(before, lang.T("（空）")), after))
	}
	return lines
}
