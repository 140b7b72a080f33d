package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/viewing"
)

type personBody struct {
	ID           string     `json:"id"`
	Login        string     `json:"login"`
	Name         string     `json:"name"`
	Department   string     `json:"department,omitempty"`
	Licence      string     `json:"licence,omitempty"`
	Posts        []string   `json:"posts"`
	Status       string     `json:"status" doc:"invited, active, suspended or left"`
	TrainedUntil *time.Time `json:"trained_until,omitempty"`
	Pledge       int        `json:"pledge" doc:"Version of the pledge that was signed; 0: none"`
}

type PersonPath struct {
	Person string `path:"person" maxLength:"64"`
}

type linkBody struct {
	ID   string `json:"id"`
	Link string `json:"link" doc:"Path of the one-time link; shown once"`
}

func (f *face) registerPeople(api huma.API) {
	register(api, operation("me", http.MethodGet, "/me", "Who you are", "people"), f.me)
	register(api, operation("list-persons", http.MethodGet, "/persons", "The roster", "people"), f.listPersons)
	register(api, operation("invite-person", http.MethodPost, "/persons", "Invite somebody who is to be neither director, of the committee nor administrator; gives a one-time link", "people"), f.invite)
	register(api, operation("change-posts", http.MethodPut, "/persons/{person}/posts", "Ask for other posts for a person, which a director or the committee approves", "people"), f.changePosts)
	register(api, operation("suspend-person", http.MethodPost, "/persons/{person}/suspension", "Close an account at once", "people"), f.settle((*person.Roster).Suspend))
	register(api, operation("restore-person", http.MethodPost, "/persons/{person}/restoration", "Open a suspended account again", "people"), f.settle((*person.Roster).Restore))
}

func personThing(id string) guard.Thing { return guard.Thing{Kind: access.Person, ID: id} }

func personOut(p person.Person) personBody {
	out := personBody{ID: p.ID, Login: p.Login, Name: p.Name, Department: p.Department, Licence: p.Licence, Posts: []string{}, Status: string(p.Status), Pledge: p.Pledge}
	for _, post := range p.Posts {
		out.Posts = append(out.Posts, string(post))
	}
	if !p.TrainedUntil.IsZero() {
		out.TrainedUntil = &p.TrainedUntil
	}
	return out
}

func (f *face) me(ctx context.Context, who guard.Who, _ *struct{}) (*body[personBody], error) {
	p, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, f.People.Me)
	return &body[personBody]{personOut(p)}, err
}

// viewer is how the caller is named on pages.
func (f *face) viewer(ctx context.Context, who guard.Who) (viewing.Viewer, error) {
	p, err := f.People.Caller(ctx, who)
	return viewing.Viewer{Name: p.Name, Login: p.Login}, err
}

func (f *face) listPersons(ctx context.Context, who guard.Who, in *struct {
	Paging
	Search string `query:"q" maxLength:"60"`
	Post   string `query:"post"`
	Status string `query:"status" enum:"invited,active,suspended,left"`
}) (*body[page[personBody]], error) {
	query := person.Query{Text: in.Search, Post: access.Post(in.Post), Status: person.Status(in.Status), Offset: in.Offset, Limit: in.Limit}
	found, err := do(ctx, f.Door, who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (person.Page, error) { return f.People.List(g, query) })
	if err != nil {
		return nil, err
	}
	var items []personBody
	for _, p := range found.Persons {
		items = append(items, personOut(p))
	}
	return &body[page[personBody]]{pageOf(items, in.Offset, in.Limit, in.Offset+len(items) < found.Total)}, nil
}

func (f *face) invite(ctx context.Context, who guard.Who, in *struct {
	Body struct {
		Login      string   `json:"login"`
		Name       string   `json:"name"`
		Department string   `json:"department,omitempty"`
		Licence    string   `json:"licence,omitempty"`
		Mail       string   `json:"mail,omitempty" doc:"Address for notices"`
		Posts      []string `json:"posts"`
		Starts     string   `json:"starts,omitempty" doc:"Day on which the person joined the firm, as 2006-01-02"`
	}
}) (*body[linkBody], error) {
	b := in.Body
	out, err := do(ctx, f.Door, who, access.SyncRoster, guard.Firm, func(g *guard.Grant) (linkBody, error) {
		i := person.Invitation{Login: b.Login, Details: person.Details{Name: b.Name, Department: b.Department, Licence: b.Licence, Mail: b.Mail}, Posts: posts(b.Posts)}
		id, link, _, err := f.Directory.Invite(g, i, b.Starts)
		return linkBody{id, "/invite/" + link}, err
	})
	return &body[linkBody]{out}, err
}

func posts(codes []string) (all []access.Post) {
	for _, c := range codes {
		all = append(all, access.Post(c))
	}
	return all
}

func (f *face) changePosts(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		Posts  []string `json:"posts"`
		Reason string   `json:"reason"`
	}
}) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.RequestRights, personThing(in.Person), func(g *guard.Grant) error {
		_, err := f.Rights.AskPosts(g, in.Person, posts(in.Body.Posts), in.Body.Reason)
		return err
	})
}

// reasoned is an operation on one person's account that states its reason.
type reasoned struct {
	PersonPath
	Body struct {
		Reason string `json:"reason"`
	}
}

func (f *face) settle(act func(*person.Roster, *guard.Grant, string) error) func(context.Context, guard.Who, *reasoned) (*none, error) {
	return func(ctx context.Context, who guard.Who, in *reasoned) (*none, error) {
		return nil, f.Door.Do(ctx, who, access.SyncRoster, personThing(in.Person), func(g *guard.Grant) error { return act(f.People, g, in.Body.Reason) })
	}
}
