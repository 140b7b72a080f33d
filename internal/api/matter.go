package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
)

type matterBody struct {
	ID        string       `json:"id"`
	Number    string       `json:"number"`
	Kind      string       `json:"kind"`
	Title     string       `json:"title"`
	Summary   string       `json:"summary,omitempty"`
	State     string       `json:"state"`
	Lead      string       `json:"lead" doc:"Id of the lead lawyer"`
	Opened    time.Time    `json:"opened"`
	Materials int          `json:"materials" doc:"Materials numbered so far"`
	Client    partyBody    `json:"client"`
	Parties   []partyBody  `json:"parties,omitempty"`
	Team      []memberBody `json:"team,omitempty"`
	Walls     []wallBody   `json:"walls,omitempty"`
	Version   int          `json:"version" doc:"How often the data were edited; an edit names the version that it changes. Set for one matter, not in lists"`
}

type partyBody struct {
	ID       string `json:"id,omitempty"`
	Role     string `json:"role,omitempty"`
	Name     string `json:"name,omitempty"`
	Identity string `json:"identity,omitempty"`
	Kind     string `json:"kind,omitempty" enum:"company,person" doc:"Of a client"`
}

type memberBody struct {
	Person    string     `json:"person"`
	Duty      string     `json:"duty" enum:"lead,handling,assisting"`
	Clearance string     `json:"clearance" enum:"confidential,secret,top_secret"`
	Listed    bool       `json:"listed,omitempty" doc:"On the need-to-know list for the highest level"`
	Until     *time.Time `json:"until,omitempty"`
}

// placeBody is a member's place as it is given, with why.
type placeBody struct {
	Person    string     `json:"person,omitempty" doc:"The one in the path"`
	Duty      string     `json:"duty" enum:"lead,handling,assisting"`
	Clearance string     `json:"clearance" enum:"confidential,secret,top_secret"`
	Listed    bool       `json:"listed,omitempty" doc:"On the need-to-know list for the highest level"`
	Until     *time.Time `json:"until,omitempty"`
	Reason    string     `json:"reason" doc:"For the register of rights"`
}

type wallBody struct {
	Person string `json:"person"`
	Reason string `json:"reason"`
}

type MatterPath struct {
	Matter string `path:"matter" maxLength:"64"`
}

func (f *face) registerMatters(api huma.API) {
	register(api, operation("list-matters", http.MethodGet, "/matters", "Matters that your teams open", "matters"), f.listMatters)
	register(api, operation("open-matter", http.MethodPost, "/matters", "Open a matter", "matters"), f.openMatter)
	register(api, operation("get-matter", http.MethodGet, "/matters/{matter}", "One matter with parties, team and walls", "matters"), f.getMatter)
	register(api, operation("edit-matter", http.MethodPut, "/matters/{matter}", "Change a matter's kind, name, client and parties", "matters"), f.editMatter)
	register(api, operation("assign-member", http.MethodPut, "/matters/{matter}/team/{person}", "Give a person a place in the team, or change it", "matters"), f.assign)
	register(api, operation("remove-member", http.MethodPost, "/matters/{matter}/team/{person}/removal", "End a person's place in the team", "matters"), f.remove)
	register(api, operation("set-wall", http.MethodPut, "/matters/{matter}/walls/{person}", "Keep a person from the matter", "matters"), f.setWall)
	register(api, operation("lift-wall", http.MethodDelete, "/matters/{matter}/walls/{person}", "End a wall", "matters"), f.liftWall)
}

func (f *face) listMatters(ctx context.Context, who guard.Who, in *struct {
	Paging
	Search string `query:"q" maxLength:"100"`
	Kind   string `query:"kind"`
	State  string `query:"state" enum:"open,closed"`
	Sort   string `query:"sort" enum:"opened,opened-asc,number,number-desc"`
}) (*body[page[matterBody]], error) {
	var counts map[string]int
	found, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (page matter.Page, err error) {
		page, err = f.Matters.List(g, matter.Filter{Search: in.Search, Kind: matter.Kind(in.Kind), State: access.State(in.State), Sort: in.Sort, Offset: in.Offset, Limit: in.Limit})
		if err == nil {
			counts, err = f.Shelf.Counts(g, page.IDs())
		}
		return page, err
	})
	if err != nil {
		return nil, err
	}
	var items []matterBody
	for _, m := range found.Matters {
		items = append(items, matterOut(m, counts[m.ID]))
	}
	return &body[page[matterBody]]{pageOf(items, in.Offset, in.Limit, found.More)}, nil
}

func (f *face) openMatter(ctx context.Context, who guard.Who, in *struct {
	Body struct {
		Kind    string       `json:"kind"`
		Title   string       `json:"title"`
		Summary string       `json:"summary,omitempty"`
		Client  partyBody    `json:"client" doc:"By kind, name and identity; an id is not looked at"`
		Parties []partyBody  `json:"parties,omitempty"`
		Team    []memberBody `json:"team,omitempty" doc:"Without a lead, you are the lead"`
		Walls   []wallBody   `json:"walls,omitempty"`
	}
}) (*body[idBody], error) {
	o := matter.Opening{Kind: matter.Kind(in.Body.Kind), Title: in.Body.Title, Summary: in.Body.Summary,
		Client: matter.Client{Kind: in.Body.Client.Kind, Name: in.Body.Client.Name, Identity: in.Body.Client.Identity}}
	for _, p := range in.Body.Parties {
		o.Parties = append(o.Parties, matter.Party{Role: p.Role, Name: p.Name, Identity: p.Identity})
	}
	for _, m := range in.Body.Team {
		member, err := m.member()
		if err != nil {
			return nil, err
		}
		o.Team = append(o.Team, member)
	}
	for _, w := range in.Body.Walls {
		o.Walls = append(o.Walls, matter.Wall{Person: w.Person, Reason: w.Reason})
	}
	id, err := do(ctx, f.Door, who, access.OpenMatter, guard.Firm, func(g *guard.Grant) (string, error) { return f.Matters.Open(g, o) })
	return &body[idBody]{idBody{id}}, err
}

type idBody struct {
	ID string `json:"id"`
}

func (m memberBody) member() (matter.Member, error) {
	level, err := classification.ParseLevel(m.Clearance)
	if err != nil {
		return matter.Member{}, problem.New(problem.Invalid, "请选择成员可以知悉的密级").In("clearance")
	}
	member := matter.Member{Person: m.Person, Duty: matter.Duty(m.Duty), Clearance: level, Listed: m.Listed}
	if m.Until != nil {
		member.Until = *m.Until
	}
	return member, nil
}

func (f *face) getMatter(ctx context.Context, who guard.Who, in *MatterPath) (*body[matterBody], error) {
	var counts map[string]int
	m, err := do(ctx, f.Door, who, access.ViewMatter, matterThing(in.Matter), func(g *guard.Grant) (m matter.Matter, err error) {
		if m, err = f.Matters.Get(g); err == nil {
			counts, err = f.Shelf.Counts(g, []string{m.ID})
		}
		return m, err
	})
	return &body[matterBody]{matterOut(m, counts[m.ID])}, err
}

func (f *face) editMatter(ctx context.Context, who guard.Who, in *struct {
	MatterPath
	Body struct {
		Version int         `json:"version" minimum:"0" doc:"As get-matter gave it; a conflict when somebody edited the matter meanwhile"`
		Kind    string      `json:"kind"`
		Title   string      `json:"title"`
		Summary string      `json:"summary,omitempty"`
		Client  partyBody   `json:"client" doc:"By kind, name and identity; an id is not looked at"`
		Parties []partyBody `json:"parties,omitempty" doc:"All of them: with id to keep or change one, without to add one; who is left out is removed"`
	}
}) (*none, error) {
	e := matter.Editing{Version: in.Body.Version, Kind: matter.Kind(in.Body.Kind), Title: in.Body.Title, Summary: in.Body.Summary,
		Client: matter.Client{Kind: in.Body.Client.Kind, Name: in.Body.Client.Name, Identity: in.Body.Client.Identity}}
	for _, p := range in.Body.Parties {
		e.Parties = append(e.Parties, matter.Party{ID: p.ID, Role: p.Role, Name: p.Name, Identity: p.Identity})
	}
	return nil, f.Door.Do(ctx, who, access.EditMatter, matterThing(in.Matter), func(g *guard.Grant) error { return f.Matters.Edit(g, e) })
}

func matterThing(id string) guard.Thing { return guard.Thing{Kind: access.Matter, ID: id} }

func matterOut(m matter.Matter, materials int) matterBody {
	out := matterBody{ID: m.ID, Number: m.Number, Kind: string(m.Kind), Title: m.Title, Summary: m.Summary, State: string(m.State), Lead: m.Lead,
		Opened: m.Opened, Materials: materials, Version: m.Version, Client: partyBody{ID: m.Client.ID, Name: m.Client.Name, Identity: m.Client.Identity, Kind: m.Client.Kind}}
	for _, p := range m.Parties {
		out.Parties = append(out.Parties, partyBody{ID: p.ID, Role: p.Role, Name: p.Name, Identity: p.Identity})
	}
	for _, t := range m.Team {
		b := memberBody{Person: t.Person, Duty: string(t.Duty), Clearance: t.Clearance.String(), Listed: t.Listed}
		if !t.Until.IsZero() {
			b.Until = &t.Until
		}
		out.Team = append(out.Team, b)
	}
	for _, w := range m.Walls {
		out.Walls = append(out.Walls, wallBody{Person: w.Person, Reason: w.Reason})
	}
	return out
}

type PlacePath struct {
	MatterPath
	Person string `path:"person" maxLength:"64"`
}

// none is an answer without a body.
type none struct{}

func (f *face) assign(ctx context.Context, who guard.Who, in *struct {
	PlacePath
	Body placeBody
}) (*none, error) {
	b := in.Body
	m, err := memberBody{Person: in.Person, Duty: b.Duty, Clearance: b.Clearance, Listed: b.Listed, Until: b.Until}.member()
	if err != nil {
		return nil, err
	}
	return nil, f.Door.Do(ctx, who, access.ManageTeam, matterThing(in.Matter), func(g *guard.Grant) error { return f.Rights.Assign(g, m, in.Body.Reason) })
}

func (f *face) remove(ctx context.Context, who guard.Who, in *struct {
	PlacePath
	Body struct {
		Reason string `json:"reason" doc:"For the register of rights"`
	}
}) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.ManageTeam, matterThing(in.Matter), func(g *guard.Grant) error { return f.Rights.Remove(g, in.Person, in.Body.Reason) })
}

func (f *face) setWall(ctx context.Context, who guard.Who, in *struct {
	PlacePath
	Body struct {
		Reason string `json:"reason"`
	}
}) (*none, error) {
	w := matter.Wall{Person: in.Person, Reason: in.Body.Reason}
	return nil, f.Door.Do(ctx, who, access.SetWall, matterThing(in.Matter), func(g *guard.Grant) error { return f.Matters.SetWall(g, w) })
}

func (f *face) liftWall(ctx context.Context, who guard.Who, in *PlacePath) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.SetWall, matterThing(in.Matter), func(g *guard.Grant) error { return f.Matters.LiftWall(g, in.Person) })
}
