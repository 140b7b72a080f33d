package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/server"
)

// Pledges are signed in person, on the pages; programs read the register, the texts and the signed documents.

type pledgeBody struct {
	ID          string     `json:"id"`
	Person      string     `json:"person"`
	Name        string     `json:"name" doc:"As signed"`
	Posts       []string   `json:"posts"`
	Department  string     `json:"department,omitempty"`
	Licence     string     `json:"licence,omitempty"`
	Kind        string     `json:"kind" doc:"joining, yearly or leaving; founding: recorded when the firm was set up"`
	Version     int        `json:"version"`
	At          time.Time  `json:"at"`
	SHA256      string     `json:"sha256,omitempty" doc:"Of the signed PDF; absent: signed on paper"`
	Certificate string     `json:"certificate,omitempty" doc:"Fingerprint of the signer's certificate"`
	Stamped     *time.Time `json:"stamped,omitempty" doc:"By a time-stamping authority"`
}

type editionBody struct {
	Version   int       `json:"version"`
	Published time.Time `json:"published"`
	Required  time.Time `json:"required" doc:"From when on an older one does not hold any more"`
	Joining   string    `json:"joining" doc:"Markdown"`
	Yearly    string    `json:"yearly"`
	Leaving   string    `json:"leaving"`
}

type missingBody struct {
	Person  string     `json:"person"`
	Name    string     `json:"name"`
	Version int        `json:"version" doc:"That was signed; 0: none"`
	Until   *time.Time `json:"until,omitempty" doc:"When access closes; absent: it is closed"`
}

func (f *face) registerPledges(api huma.API) {
	register(api, operation("list-pledges", http.MethodGet, "/pledges", "The register of pledges, as far as you may read what its people did", "pledges"), f.listPledges)
	register(api, operation("list-missing-pledges", http.MethodGet, "/pledges/missing", "Who has not signed the newest edition", "pledges"), f.missingPledges)
	register(api, operation("list-pledge-editions", http.MethodGet, "/pledges/editions", "The editions of the pledge with their texts, newest first", "pledges"), f.pledgeEditions)
	register(api, operation("list-criteria", http.MethodGet, "/criteria", "The editions of the criteria for levels, the one in force first", "pledges"), f.criteria)
	document := operation("get-pledge-document", http.MethodGet, "/pledges/{pledge}/document", "A signed pledge as PDF", "pledges")
	document.Responses = binary("application/pdf")
	registerFor(api, document, server.Stream, f.pledgeDocument)
}

func pledgeOut(p pledge.Pledge) pledgeBody {
	out := pledgeBody{ID: p.ID, Person: p.Person, Name: p.Name, Posts: []string{}, Department: p.Department, Licence: p.Licence, Kind: string(p.Kind), Version: p.Version,
		At: p.At, SHA256: p.Document, Certificate: p.Certificate}
	for _, post := range p.Posts {
		out.Posts = append(out.Posts, string(post))
	}
	if !p.Stamped.IsZero() {
		out.Stamped = &p.Stamped
	}
	return out
}

func (f *face) listPledges(ctx context.Context, who guard.Who, in *struct {
	Paging
	Search  string `query:"q" maxLength:"60" doc:"In name or department"`
	Person  string `query:"person" maxLength:"64"`
	Kind    string `query:"kind" enum:"joining,yearly,leaving"`
	Version int    `query:"version" minimum:"0" maximum:"1000000"`
}) (*body[page[pledgeBody]], error) {
	filter := pledge.Filter{Text: in.Search, Person: in.Person, Kind: pledge.Kind(in.Kind), Version: in.Version, Desc: true, Offset: in.Offset, Limit: in.Limit}
	found, err := do(ctx, f.Door, who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (pledge.Page, error) { return f.Pledges.List(g, filter) })
	if err != nil {
		return nil, err
	}
	var items []pledgeBody
	for _, p := range found.Pledges {
		items = append(items, pledgeOut(p))
	}
	return &body[page[pledgeBody]]{pageOf(items, in.Offset, in.Limit, in.Offset+len(items) < found.Total)}, nil
}

func (f *face) missingPledges(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]missingBody], error) {
	all, err := do(ctx, f.Door, who, access.ReadRoster, guard.Firm, func(g *guard.Grant) ([]person.Person, error) { return f.Pledges.Missing(g) })
	if err != nil {
		return nil, err
	}
	items := []missingBody{}
	for _, p := range all {
		m := missingBody{Person: p.ID, Name: p.Name, Version: p.Pledge}
		if p.Bound {
			m.Until = &p.BoundUntil
		}
		items = append(items, m)
	}
	return &body[[]missingBody]{items}, nil
}

func (f *face) pledgeEditions(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]editionBody], error) {
	all, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, f.Pledges.Editions)
	if err != nil {
		return nil, err
	}
	items := []editionBody{}
	for _, e := range all {
		items = append(items, editionBody{e.Version, e.Published, e.Required, e.Texts[pledge.Joining], e.Texts[pledge.Yearly], e.Texts[pledge.Leaving]})
	}
	return &body[[]editionBody]{items}, nil
}

type criteriaBody struct {
	Version   int               `json:"version"`
	Published *time.Time        `json:"published,omitempty" doc:"Absent: it came with the program"`
	By        string            `json:"by,omitempty" doc:"Person"`
	Levels    map[string]string `json:"levels" doc:"By level; one criterion a line"`
}

func (f *face) criteria(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]criteriaBody], error) {
	all, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, f.Criteria.Editions)
	if err != nil {
		return nil, err
	}
	items := []criteriaBody{}
	for _, e := range all {
		b := criteriaBody{Version: e.Version, By: e.By, Levels: map[string]string{}}
		if !e.Published.IsZero() {
			b.Published = &e.Published
		}
		for l, text := range e.Texts {
			b.Levels[l.String()] = text
		}
		items = append(items, b)
	}
	return &body[[]criteriaBody]{items}, nil
}

// pledgeDocument streams: the act is decided and recorded before the first byte, its outcome after the last.
func (f *face) pledgeDocument(ctx context.Context, who guard.Who, in *struct {
	Pledge string `path:"pledge" maxLength:"64"`
}) (*huma.StreamResponse, error) {
	c, err := f.Pledges.Fetch(ctx, who, in.Pledge)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		_, w := humago.Unwrap(h)
		h.SetHeader("Content-Type", "application/pdf")
		h.SetHeader("Content-Length", fmt.Sprint(len(c.PDF)))
		n, err := w.Write(c.PDF)
		if cerr := c.Close(h.Context(), int64(n), err); err != nil || cerr != nil {
			slog.Error("send a pledge", "error", err, "close", cerr)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
