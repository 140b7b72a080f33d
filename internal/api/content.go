package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"mijuan/internal/guard"
	"mijuan/internal/render"
	"mijuan/internal/reply"
	"mijuan/internal/server"
	"mijuan/internal/viewing"
)

func (f *face) registerContent(api huma.API) {
	page := operation("get-page", http.MethodGet, "/materials/{material}/pages/{page}", "One page as an image marked with who looks and when", "contents")
	page.Responses = binary("image/jpeg")
	register(api, page, f.page)
	original := operation("fetch-original", http.MethodGet, "/materials/{material}/original", "The original's bytes, where leave was given", "contents")
	original.Responses = binary("application/octet-stream")
	registerFor(api, original, server.Stream, f.original)
}

func binary(contentType string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		contentType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}

func (f *face) page(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Page  int `path:"page" minimum:"1"`
	Width int `query:"width" minimum:"100" maximum:"4000" default:"1075"`
}) (*huma.StreamResponse, error) {
	viewer, err := f.viewer(ctx, who)
	if err != nil {
		return nil, err
	}
	sight := viewing.Sight{Material: in.Material, Page: in.Page, Width: in.Width}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		r, w := humago.Unwrap(h)
		begun := false
		err := f.Viewing.Page(r.Context(), who, viewer, sight, func(i render.Image) error { // what ends here is recorded, so it sends
			begun = true
			w.Header().Set("Content-Type", i.ContentType)
			w.Header().Set("Content-Length", fmt.Sprint(len(i.Bytes)))
			_, err := server.Flowing(w).Write(i.Bytes)
			return err
		})
		switch {
		case err != nil && begun:
			panic(http.ErrAbortHandler)
		case err != nil:
			reply.Write(w, err)
		}
	}}, nil
}

// original streams. The act is decided and recorded before the first byte, its outcome after the last.
func (f *face) original(ctx context.Context, who guard.Who, in *MaterialPath) (*huma.StreamResponse, error) {
	o, err := f.Shelf.Fetch(ctx, who, in.Material)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) { // runs after the operation, and beyond its time
		_, w := humago.Unwrap(h)
		h.SetHeader("Content-Type", "application/octet-stream")
		h.SetHeader("Content-Length", fmt.Sprint(o.Size()))
		h.SetHeader("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, o.Copy))
		if err := o.SendTo(h.Context(), server.Flowing(w)); err != nil {
			slog.Error("send an original", "error", err)
			panic(http.ErrAbortHandler) // what was sent is not the whole: break the connection so that nobody takes it for it
		}
	}}, nil
}
