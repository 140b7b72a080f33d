package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
)

type materialBody struct {
	ID       string    `json:"id"`
	Matter   string    `json:"matter"`
	Number   string    `json:"number"`
	Title    string    `json:"title"`
	Name     string    `json:"name,omitempty" doc:"The file's name as it came; on the material itself only"`
	Kinds    []string  `json:"kinds"`
	Level    string    `json:"level"`
	State    string    `json:"state" doc:"proposed: waits for review; filed"`
	Proposer string    `json:"proposer"`
	Reviewer string    `json:"reviewer"`
	Owner    string    `json:"owner"`
	Received time.Time `json:"received"`
	Type     string    `json:"type"`
	Pages    int       `json:"pages" doc:"0: cannot be shown as pages"`
	Size     int64     `json:"size"`
	Personal string    `json:"personal" doc:"Whether it holds personal information: none, personal, sensitive; unasked: nobody was asked"`
	Basis    string    `json:"basis,omitempty" doc:"On what basis that is handled; empty: none yet, or none is needed"`
	Ground   string    `json:"basis_note,omitempty" doc:"What for, or by which law; on the material itself only"`
}

type MaterialPath struct {
	Material string `path:"material" maxLength:"64"`
}

type MaterialQuery struct {
	Paging
	Search  string `query:"q" maxLength:"100" doc:"Part of a title, or the beginning of a number"`
	Level   string `query:"level" enum:"confidential,secret,top_secret"`
	State   string `query:"state" enum:"proposed,filed"`
	Ground  string `query:"personal" enum:"none,personal,sensitive,unasked,baseless" doc:"What is said of personal information; baseless: held on no basis"`
	Waiting bool   `query:"waiting" doc:"Only what waits for your review"`
	Sort    string `query:"sort" enum:"received,received-asc,number,number-desc,level"`
}

func (f *face) registerMaterials(api huma.API) {
	register(api, operation("list-materials", http.MethodGet, "/materials", "Every material you may view", "materials"), f.listMaterials)
	register(api, operation("list-matter-materials", http.MethodGet, "/matters/{matter}/materials", "A matter's materials that you may view", "materials"), f.listMatterMaterials)
	register(api, operation("list-uploads", http.MethodGet, "/matters/{matter}/intake", "Your uploads that wait for bytes or for their form", "materials"), f.listUploads)
	register(api, operation("file-materials", http.MethodPost, "/matters/{matter}/materials", "Turn checked uploads into materials, all or none", "materials"), f.file)
	register(api, operation("get-material", http.MethodGet, "/materials/{material}", "One material", "materials"), f.getMaterial)
	register(api, operation("review-material", http.MethodPost, "/materials/{material}/review", "File a proposed level, raise or lower it", "materials"), f.review)
	register(api, operation("propose-level", http.MethodPost, "/materials/{material}/proposals", "Ask for another level", "materials"), f.propose)
	register(api, operation("choose-reviewer", http.MethodPut, "/materials/{material}/reviewer", "Give what waits for review to another reviewer", "materials"), f.chooseReviewer)
	register(api, operation("rename-material", http.MethodPut, "/materials/{material}/title", "Give another title", "materials"), f.rename)
	register(api, operation("record-basis", http.MethodPut, "/materials/{material}/basis", "Say whether it holds personal information, and on what basis", "materials"), f.recordBasis)
	register(api, operation("release-original", http.MethodPost, "/materials/{material}/releases", "Let a member fetch the original for a while", "materials"), f.release)
}

func (f *face) listMaterials(ctx context.Context, who guard.Who, in *MaterialQuery) (*body[page[materialBody]], error) {
	return f.list(ctx, who, access.UseSystem, guard.Firm, in)
}

func (f *face) listMatterMaterials(ctx context.Context, who guard.Who, in *struct {
	MatterPath
	MaterialQuery
}) (*body[page[materialBody]], error) {
	return f.list(ctx, who, access.ListMaterials, matterThing(in.Matter), &in.MaterialQuery)
}

func (f *face) list(ctx context.Context, who guard.Who, act access.Act, thing guard.Thing, in *MaterialQuery) (*body[page[materialBody]], error) {
	filter := material.Filter{Search: in.Search, State: access.State(in.State), Ground: in.Ground, Waiting: in.Waiting, Sort: in.Sort, Offset: in.Offset, Limit: in.Limit}
	if in.Level != "" {
		level, err := classification.ParseLevel(in.Level)
		if err != nil {
			return nil, err
		}
		filter.Level = level
	}
	found, err := do(ctx, f.Door, who, act, thing, func(g *guard.Grant) (material.Page, error) { return f.Shelf.List(g, filter) })
	if err != nil {
		return nil, err
	}
	var items []materialBody
	for _, r := range found.Rows {
		items = append(items, materialBody{ID: r.ID, Matter: r.Matter, Number: r.Number, Title: r.Title, Kinds: kindCodes(r.Kinds), Level: r.Level.String(),
			State: string(r.State), Proposer: r.Proposer, Reviewer: r.Reviewer, Owner: r.Owner, Received: r.Received, Type: r.Type.Code, Pages: r.Pages, Size: r.Size,
			Personal: r.Personal.String(), Basis: string(r.Basis)})
	}
	return &body[page[materialBody]]{pageOf(items, in.Offset, in.Limit, found.More)}, nil
}

func kindCodes(s classification.Set) []string {
	codes := []string{}
	for _, c := range s.List() {
		codes = append(codes, c.String())
	}
	return codes
}

type uploadBody struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Size     int64           `json:"size"`
	Received int64           `json:"received"`
	State    string          `json:"state" doc:"growing or ready"`
	Type     string          `json:"type"`
	Pages    int             `json:"pages"`
	Advice   material.Advice `json:"advice"`
}

func (f *face) listUploads(ctx context.Context, who guard.Who, in *MatterPath) (*body[[]uploadBody], error) {
	found, err := do(ctx, f.Door, who, access.ReceiveMaterial, matterThing(in.Matter), f.Shelf.Uploads)
	out := []uploadBody{}
	for _, u := range found {
		out = append(out, uploadBody{u.ID, u.Name, u.Size, u.Received, u.State, u.Type.Code, u.Pages, u.Advice})
	}
	return &body[[]uploadBody]{out}, err
}

type filingBody struct {
	Upload      string   `json:"upload"`
	Title       string   `json:"title,omitempty" doc:"Empty, or one that tells something: the number becomes the title"`
	Kinds       []string `json:"kinds"`
	ClientAsked bool     `json:"client_asked,omitempty"`
	Level       string   `json:"level" enum:"confidential,secret,top_secret"`
	Reason      string   `json:"reason"`
	Reviewer    string   `json:"reviewer"`
	GroundBody
}

// GroundBody is what is said of personal information in a material.
type GroundBody struct {
	Personal string `json:"personal,omitempty" enum:"none,personal,sensitive" doc:"Whether it holds personal information; asked of the kinds identity and property"`
	Basis    string `json:"basis,omitempty" enum:"consent,separate_consent,guardian_consent,contract,duty,emergency,published,law" doc:"On what basis of the Personal Information Protection Law (articles 13, 29, 31); may come later, before the review"`
	Note     string `json:"basis_note,omitempty" doc:"What for, of sensitive information; by which provision, of the basis law"`
}

func (b GroundBody) ground() (d material.Ground, err error) {
	if d.Personal, err = classification.ParsePersonal(b.Personal); err != nil {
		return d, err
	}
	d.Basis, err = classification.ParseBasis(b.Basis)
	d.Note = b.Note
	return d, err
}

func (f *face) file(ctx context.Context, who guard.Who, in *struct {
	MatterPath
	Body []filingBody `maxItems:"1000"`
}) (*body[[]string], error) {
	var filings []material.Filing
	for _, b := range in.Body {
		kinds, err := classification.ParseSet(b.Kinds)
		if err != nil {
			return nil, err
		}
		level, err := classification.ParseLevel(b.Level)
		if err != nil {
			return nil, err
		}
		ground, err := b.ground()
		if err != nil {
			return nil, err
		}
		filings = append(filings, material.Filing{Upload: b.Upload, Title: b.Title, Kinds: kinds, ClientAsked: b.ClientAsked, Level: level, Reason: b.Reason, Reviewer: b.Reviewer, Ground: ground})
	}
	ids, err := do(ctx, f.Door, who, access.ReceiveMaterial, matterThing(in.Matter), func(g *guard.Grant) ([]string, error) { return f.Shelf.File(g, filings) })
	return &body[[]string]{ids}, err
}

func materialThing(id string) guard.Thing { return guard.Thing{Kind: access.Material, ID: id} }

func (f *face) getMaterial(ctx context.Context, who guard.Who, in *MaterialPath) (*body[materialBody], error) {
	m, err := do(ctx, f.Door, who, access.View, materialThing(in.Material), f.Shelf.Get)
	return &body[materialBody]{materialBody{ID: m.ID, Matter: m.Matter, Number: m.Number, Title: m.Title, Name: m.Name, Kinds: kindCodes(m.Kinds), Level: m.Level.String(),
		State: string(m.State), Proposer: m.Proposer, Reviewer: m.Reviewer, Owner: m.Owner, Received: m.Received, Type: m.Version.Type.Code, Pages: m.Version.Pages, Size: m.Version.Size,
		Personal: m.Ground.Personal.String(), Basis: string(m.Ground.Basis), Ground: m.Ground.Note}}, err
}

// leveled is a material thing with the level that is asked for.
func leveled(id, code string) (guard.Thing, error) {
	level, err := classification.ParseLevel(code)
	return guard.Thing{Kind: access.Material, ID: id, Level: level}, err
}

func (f *face) review(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Body struct {
		Level  string `json:"level" enum:"confidential,secret,top_secret"`
		Reason string `json:"reason"`
	}
}) (*none, error) {
	thing, err := leveled(in.Material, in.Body.Level)
	if err != nil {
		return nil, err
	}
	return nil, f.Door.Do(ctx, who, access.Review, thing, func(g *guard.Grant) error { return f.Shelf.Review(g, in.Body.Reason) })
}

func (f *face) propose(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Body struct {
		Level    string `json:"level" enum:"confidential,secret,top_secret"`
		Reason   string `json:"reason"`
		Reviewer string `json:"reviewer"`
	}
}) (*none, error) {
	thing, err := leveled(in.Material, in.Body.Level)
	if err != nil {
		return nil, err
	}
	return nil, f.Door.Do(ctx, who, access.Propose, thing, func(g *guard.Grant) error { return f.Shelf.Propose(g, in.Body.Reason, in.Body.Reviewer) })
}

func (f *face) chooseReviewer(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Body struct {
		Reviewer string `json:"reviewer"`
		Reason   string `json:"reason"`
	}
}) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.Propose, materialThing(in.Material), func(g *guard.Grant) error {
		return f.Shelf.ChooseReviewer(g, in.Body.Reason, in.Body.Reviewer)
	})
}

func (f *face) rename(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Body struct {
		Title string `json:"title"`
	}
}) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.RenameMaterial, materialThing(in.Material), func(g *guard.Grant) error { return f.Shelf.Rename(g, in.Body.Title) })
}

func (f *face) recordBasis(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Body struct {
		GroundBody
		Reason string `json:"reason"`
	}
}) (*none, error) {
	ground, err := in.Body.ground()
	if err != nil {
		return nil, err
	}
	return nil, f.Door.Do(ctx, who, access.RecordBasis, materialThing(in.Material), func(g *guard.Grant) error { return f.Shelf.RecordBasis(g, ground, in.Body.Reason) })
}

func (f *face) release(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	Body struct {
		Person string    `json:"person"`
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
	}
}) (*none, error) {
	leave := material.Leave{Person: in.Body.Person, Until: in.Body.Until, Reason: in.Body.Reason}
	return nil, f.Door.Do(ctx, who, access.Release, materialThing(in.Material), func(g *guard.Grant) error { return f.Shelf.Release(g, leave) })
}
