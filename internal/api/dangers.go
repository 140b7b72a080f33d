package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
)

type roundBody struct {
	Mended    time.Time  `json:"mended"`
	MendedBy  string     `json:"mended_by" doc:"Person's id"`
	Measures  string     `json:"measures"`
	Statement string     `json:"statement" doc:"What they came to"`
	Checked   *time.Time `json:"checked,omitempty"`
	CheckedBy string     `json:"checked_by,omitempty" doc:"Person's id"`
	Passed    bool       `json:"passed,omitempty" doc:"False: sent back, or not checked yet"`
	Opinion   string     `json:"opinion,omitempty"`
}

type dangerBody struct {
	ID          string      `json:"id"`
	Number      string      `json:"number"`
	Severity    string      `json:"severity" doc:"general or major"`
	Place       string      `json:"place"`
	What        string      `json:"what"`
	Found       string      `json:"found" format:"date"`
	Finder      string      `json:"finder" doc:"Person's id"`
	Registered  time.Time   `json:"registered"`
	Device      string      `json:"device,omitempty" doc:"Id"`
	DeviceName  string      `json:"device_name,omitempty"`
	State       string      `json:"state" doc:"found, mending, mended or confirmed"`
	Responsible string      `json:"responsible,omitempty" doc:"Person's id"`
	Due         string      `json:"due,omitempty" format:"date" doc:"This day included"`
	Overdue     bool        `json:"overdue,omitempty"`
	Demand      string      `json:"demand,omitempty" doc:"What is asked for"`
	Rounds      []roundBody `json:"rounds" doc:"Each time that it was said to be mended, the oldest first; in lists the last"`
}

// DangerPath is one danger.
type DangerPath struct {
	Danger string `path:"danger" maxLength:"64"`
}

func dangerThing(id string) guard.Thing { return guard.Thing{Kind: access.Danger, ID: id} }

func (f *face) registerDangers(api huma.API) {
	register(api, operation("list-dangers", http.MethodGet, "/dangers", "The register of hidden dangers, as far as you may know each", "dangers"), f.listDangers)
	register(api, operation("get-danger", http.MethodGet, "/dangers/{danger}", "One hidden danger", "dangers"), f.getDanger)
	register(api, operation("register-danger", http.MethodPost, "/dangers", "Register a hidden danger. Name no client and no content of material; what has leaked is an incident", "dangers"), f.registerDanger)
	register(api, operation("assign-danger", http.MethodPut, "/dangers/{danger}/assignment", "Say who mends it and by when", "dangers"), f.assignDanger)
	register(api, operation("mend-danger", http.MethodPost, "/dangers/{danger}/mending", "Say that it is mended, and how", "dangers"), f.mendDanger)
	register(api, operation("check-danger", http.MethodPost, "/dangers/{danger}/check", "Confirm that it is mended, or send it back", "dangers"), f.checkDanger)
}

// dated is a day in China; the zero time has none.
func dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(matter.Beijing).Format(time.DateOnly)
}

func dangerOut(d danger.Danger, device string, now time.Time) dangerBody {
	out := dangerBody{ID: d.ID, Number: d.Number, Severity: string(d.Severity), Place: d.Place, What: d.What, Found: dated(d.Found), Finder: d.Finder, Registered: d.Registered, Device: d.Device, DeviceName: device,
		State: string(d.State), Responsible: d.Responsible, Due: dated(d.Due), Overdue: d.Overdue(now), Demand: d.Demand, Rounds: []roundBody{}}
	for _, r := range d.Rounds {
		out.Rounds = append(out.Rounds, roundBody{Mended: r.Mended, MendedBy: r.MendedBy, Measures: r.Measures, Statement: r.Statement, Checked: given(r.Checked), CheckedBy: r.CheckedBy, Passed: r.Passed, Opinion: r.Opinion})
	}
	return out
}

func (f *face) listDangers(ctx context.Context, who guard.Who, in *struct {
	Paging
	State    string `query:"state" enum:"found,mending,mended,confirmed"`
	Severity string `query:"severity" enum:"general,major"`
	Number   string `query:"number" maxLength:"30" doc:"Part of it"`
	Late     bool   `query:"late" doc:"Only overdue ones"`
	Mine     bool   `query:"mine" doc:"Only those that you are to mend"`
}) (*body[page[dangerBody]], error) {
	var items []dangerBody
	more := false
	err := f.Door.Do(ctx, who, access.ReadDangers, guard.Firm, func(g *guard.Grant) error {
		all, further, err := f.Dangers.List(g, danger.Filter{State: danger.State(in.State), Severity: danger.Severity(in.Severity), Number: in.Number, Late: in.Late, Mine: in.Mine, Offset: in.Offset, Limit: in.Limit})
		if err != nil {
			return err
		}
		more = further
		var devices []string
		for _, d := range all {
			devices = append(devices, d.Device)
		}
		named, err := f.Devices.Labels(g.Tx(), devices)
		for _, d := range all {
			items = append(items, dangerOut(d, named[d.Device], g.Tx().Now))
		}
		return err
	})
	return &body[page[dangerBody]]{pageOf(items, in.Offset, in.Limit, more)}, err
}

func (f *face) getDanger(ctx context.Context, who guard.Who, in *DangerPath) (*body[dangerBody], error) {
	out, err := do(ctx, f.Door, who, access.ViewDanger, dangerThing(in.Danger), func(g *guard.Grant) (out dangerBody, err error) {
		d, err := f.Dangers.Get(g)
		if err != nil {
			return out, err
		}
		named, err := f.Devices.Labels(g.Tx(), []string{d.Device})
		return dangerOut(d, named[d.Device], g.Tx().Now), err
	})
	if err != nil {
		return nil, err
	}
	return &body[dangerBody]{out}, nil
}

func (f *face) registerDanger(ctx context.Context, who guard.Who, in *struct {
	Body struct {
		Place    string `json:"place"`
		What     string `json:"what"`
		Severity string `json:"severity" enum:"general,major"`
		Found    string `json:"found" format:"date" doc:"Not in the future"`
		Device   string `json:"device,omitempty" doc:"Id, of who may read the register of devices"`
	}
}) (*body[idBody], error) {
	day, err := time.ParseInLocation(time.DateOnly, in.Body.Found, matter.Beijing)
	if err != nil {
		return nil, problem.New(problem.Invalid, "请填写发现日期，不晚于今天").In("found").Because(err)
	}
	id, err := do(ctx, f.Door, who, access.RegisterDanger, guard.Firm, func(g *guard.Grant) (string, error) {
		return f.Dangers.Register(g, danger.Finding{Place: in.Body.Place, What: in.Body.What, Severity: danger.Severity(in.Body.Severity), Found: day, Device: in.Body.Device})
	})
	return &body[idBody]{idBody{id}}, err
}

func (f *face) assignDanger(ctx context.Context, who guard.Who, in *struct {
	DangerPath
	Body struct {
		Responsible string `json:"responsible" doc:"Person's id"`
		Due         string `json:"due" format:"date" doc:"This day included; at most 366 days from today"`
		Severity    string `json:"severity" enum:"general,major"`
		Demand      string `json:"demand,omitempty" doc:"What is asked for"`
	}
}) (*struct{}, error) {
	due, _ := time.ParseInLocation(time.DateOnly, in.Body.Due, matter.Beijing) // none: the room says so
	return nil, f.Door.Do(ctx, who, access.AssignDanger, dangerThing(in.Danger), func(g *guard.Grant) error {
		return f.Dangers.Assign(g, danger.Order{Responsible: in.Body.Responsible, Due: due, Severity: danger.Severity(in.Body.Severity), Demand: in.Body.Demand})
	})
}

func (f *face) mendDanger(ctx context.Context, who guard.Who, in *struct {
	DangerPath
	Body struct {
		Measures  string `json:"measures"`
		Statement string `json:"statement" doc:"What they came to"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.MendDanger, dangerThing(in.Danger), func(g *guard.Grant) error { return f.Dangers.Mend(g, in.Body.Measures, in.Body.Statement) })
}

func (f *face) checkDanger(ctx context.Context, who guard.Who, in *struct {
	DangerPath
	Body struct {
		Passed  bool   `json:"passed" doc:"False sends it back"`
		Opinion string `json:"opinion,omitempty" doc:"Needed to send it back"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.CheckDanger, dangerThing(in.Danger), func(g *guard.Grant) error { return f.Dangers.Check(g, in.Body.Passed, in.Body.Opinion) })
}
