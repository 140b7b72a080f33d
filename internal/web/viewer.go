package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"mijuan/internal/access"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/viewing"
	"mijuan/internal/web/ui"
)

// view is the viewer's frame; the pages come one by one.
func (f *face) view(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id := r.PathValue("material")
	m, err := do(r.Context(), f.Door, v.Who, access.View, materialThing(id), f.Shelf.Get)
	if err != nil {
		return err
	}
	if !m.Version.Viewable() {
		return problem.New(problem.Invalid, "这种文件还不能在阅览器里显示")
	}
	props := ui.PageProps{Lang: v.Lang, Title: v.Lang.T("阅览"), Theme: v.Theme}
	return send(w, r, ui.Viewer(props, ui.ViewerProps{Lang: v.Lang, Base: "/materials/" + id, Back: "/materials/" + id, Title: m.Title, Number: m.Number,
		Level: m.Level, Pages: max(1, m.Version.Pages), Widths: viewing.Widths}))
}

// pageImage is one marked page.
func (f *face) pageImage(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	page, err := strconv.Atoi(r.PathValue("page"))
	if err != nil {
		return nowhere(w, r, v)
	}
	width, err := strconv.Atoi(r.URL.Query().Get("w"))
	if err != nil {
		width = 1075
	}
	viewer := viewing.Viewer{Name: v.Person.Name, Login: v.Person.Login}
	return f.Viewing.Page(r.Context(), v.Who, viewer, viewing.Sight{Material: r.PathValue("material"), Page: page, Width: width}, func(i render.Image) error {
		w.Header().Set("Content-Type", i.ContentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(i.Bytes)))
		_, err := w.Write(i.Bytes)
		return err
	})
}

// original streams the original's bytes, where leave was given. The act is recorded before the first byte, its outcome after
// the last.
func (f *face) original(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	o, err := f.Shelf.Fetch(r.Context(), v.Who, r.PathValue("material"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", fmt.Sprint(o.Size()))
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s%s"`, o.Copy, o.Material.Version.Type.Ext))
	if err := o.SendTo(r.Context(), w); err != nil {
		slog.Error("send an original", "error", err)
		panic(http.ErrAbortHandler) // what was sent is not the whole: break the connection so that nobody takes it for it
	}
	return nil
}

// form is the posted form, parsed.
func form(r *http.Request) url.Values {
	_ = r.ParseForm() // a form that cannot be parsed is empty, and its fields say so
	return r.PostForm
}
