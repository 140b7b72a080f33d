package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/media"
	"mijuan/internal/problem"
)

// Registering, lending, filling and wiping media are done in person; here is how they stand.

type mediumLoanBody struct {
	Person   string     `json:"person" doc:"Id"`
	LentBy   string     `json:"lent_by" doc:"Person's id"`
	Lent     time.Time  `json:"lent"`
	Due      time.Time  `json:"due"`
	Returned *time.Time `json:"returned,omitempty"`
	Checker  string     `json:"checker,omitempty" doc:"Person's id: who saw that it was wiped"`
	Purpose  string     `json:"purpose"`
	Device   string     `json:"device,omitempty" doc:"Where it was used"`
	Exports  int        `json:"exports" doc:"Made on this loan"`
	Clean    int        `json:"clean" doc:"Whose scan found nothing"`
	Infected int        `json:"infected"`
}

type mediumBody struct {
	ID      string           `json:"id"`
	Number  string           `json:"number"`
	Form    string           `json:"form" doc:"stick, disk or optical"`
	Model   string           `json:"model"`
	Serial  string           `json:"serial"`
	Level   string           `json:"level,omitempty" doc:"The highest that may lie on it; absent: none"`
	Keeper  string           `json:"keeper" doc:"Person's id"`
	Holder  string           `json:"holder,omitempty" doc:"Person's id: in whose hands it is"`
	Carrier string           `json:"carrier,omitempty" doc:"Id; absent: it holds no material"`
	State   string           `json:"state"`
	Due     *time.Time       `json:"due,omitempty" doc:"Of the loan; absent: not lent"`
	Loans   []mediumLoanBody `json:"loans" doc:"The last first"`
}

func (f *face) registerMedia(api huma.API) {
	register(api, operation("list-media", http.MethodGet, "/media", "The register of removable media with their loans", "media"), f.listMedia)
	register(api, operation("get-medium", http.MethodGet, "/media/{medium}", "One medium", "media"), f.getMedium)
}

func mediumOut(m media.Medium) mediumBody {
	out := mediumBody{ID: m.ID, Number: m.Label(), Form: string(m.Form), Model: m.Model, Serial: m.Serial, Keeper: m.Keeper, Holder: m.Holder, Carrier: m.Carrier, State: string(m.State), Due: given(m.Due), Loans: []mediumLoanBody{}}
	if m.Level.Valid() {
		out.Level = m.Level.String()
	}
	for _, l := range m.Loans {
		out.Loans = append(out.Loans, mediumLoanBody{l.Person, l.LentBy, l.Lent, l.Due, given(l.Returned), l.Checker, l.Purpose, l.Device, l.Exports, l.Clean, l.Infected})
	}
	return out
}

func (f *face) listMedia(ctx context.Context, who guard.Who, in *struct {
	Paging
	Text    string `query:"q" maxLength:"60" doc:"In number, model or serial number"`
	Form    string `query:"form" enum:"stick,disk,optical"`
	State   string `query:"state" maxLength:"20"`
	Level   string `query:"level" enum:"confidential,secret,top_secret"`
	Overdue bool   `query:"overdue"`
}) (*body[page[mediumBody]], error) {
	level, _ := classification.ParseLevel(in.Level) // the enum has seen to it; none is every level
	total := 0
	all, err := do(ctx, f.Door, who, access.ReadMedia, guard.Firm, func(g *guard.Grant) (all []media.Medium, err error) {
		all, total, err = f.Media.List(g, media.Filter{Text: in.Text, Form: carrier.Form(in.Form), State: media.State(in.State), Level: level, Overdue: in.Overdue, Offset: in.Offset, Limit: in.Limit})
		return all, err
	})
	var items []mediumBody
	for _, m := range all {
		items = append(items, mediumOut(m))
	}
	return &body[page[mediumBody]]{pageOf(items, in.Offset, in.Limit, in.Offset+len(all) < total)}, err
}

func (f *face) getMedium(ctx context.Context, who guard.Who, in *struct {
	Medium string `path:"medium" maxLength:"64"`
}) (*body[mediumBody], error) {
	m, err := do(ctx, f.Door, who, access.ReadMedia, guard.Firm, func(g *guard.Grant) (media.Medium, error) { return f.Media.One(g, in.Medium) })
	if err != nil {
		return nil, err
	}
	if m.ID == "" {
		return nil, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	return &body[mediumBody]{mediumOut(m)}, nil
}
