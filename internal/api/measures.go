package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

type opinionBody struct {
	By   string    `json:"by" doc:"Name"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

type measureBody struct {
	ID       string        `json:"id"`
	Person   string        `json:"person"`
	Name     string        `json:"name"`
	Proposed string        `json:"proposed" doc:"reminder, warning, demotion, dismissal, damages, reported, praise or bonus"`
	Matter   string        `json:"matter,omitempty" doc:"Number, as it was written down"`
	Facts    string        `json:"facts"`
	Happened string        `json:"happened" format:"date"`
	Opened   time.Time     `json:"opened"`
	OpenedBy string        `json:"opened_by" doc:"Name"`
	ReplyBy  time.Time     `json:"reply_by" doc:"Until when the person can be waited for"`
	Reply    string        `json:"reply,omitempty"`
	Replied  *time.Time    `json:"replied,omitempty"`
	Opinions []opinionBody `json:"opinions"`
	Decided  string        `json:"decided,omitempty" doc:"As proposed, or none; absent: open"`
	Why      string        `json:"why,omitempty"`
	On       *time.Time    `json:"decided_at,omitempty"`
	By       string        `json:"decided_by,omitempty" doc:"Name"`
}

// MeasurePath is one measure or reward of a person.
type MeasurePath struct {
	PersonPath
	Measure string `path:"measure" maxLength:"64"`
}

func (f *face) registerMeasures(api huma.API) {
	register(api, operation("list-measures", http.MethodGet, "/measures", "The register of measures and rewards, as far as you may read them", "accountability"), f.listMeasures)
	register(api, operation("get-measures", http.MethodGet, "/persons/{person}/measures", "A person's measures and rewards", "accountability"), f.getMeasures)
	register(api, operation("open-measure", http.MethodPost, "/persons/{person}/measures", "Propose a measure or a reward", "accountability"), f.openMeasure)
	register(api, operation("give-opinion", http.MethodPost, "/persons/{person}/measures/{measure}/opinions", "Say what you think of it", "accountability"), f.giveOpinion)
	register(api, operation("reply-to-measure", http.MethodPost, "/persons/{person}/measures/{measure}/reply", "Say your own part, once", "accountability"), f.replyToMeasure)
	register(api, operation("decide-measure", http.MethodPost, "/persons/{person}/measures/{measure}/decision", "Decide what somebody else proposed", "accountability"), f.decideMeasure)
}

func measureOut(c accountability.Case) measureBody {
	out := measureBody{ID: c.ID, Person: c.Person, Name: c.Name, Proposed: string(c.Proposed), Matter: c.Matter, Facts: c.Facts, Happened: c.Happened.Format(time.DateOnly),
		Opened: c.Opened, OpenedBy: c.OpenedBy, ReplyBy: c.ReplyBy, Reply: c.Reply, Replied: given(c.Replied), Opinions: []opinionBody{}, Decided: string(c.Decided), Why: c.Why,
		On: given(c.DecidedAt), By: c.DecidedBy}
	for _, o := range c.Opinions {
		out.Opinions = append(out.Opinions, opinionBody(o))
	}
	return out
}

func measuresOut(all []accountability.Case) []measureBody {
	out := []measureBody{}
	for _, c := range all {
		out = append(out, measureOut(c))
	}
	return out
}

func (f *face) listMeasures(ctx context.Context, who guard.Who, in *struct {
	Paging
	Open bool `query:"open" doc:"Only open ones"`
}) (*body[page[measureBody]], error) {
	var more bool
	all, err := do(ctx, f.Door, who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (all []accountability.Case, err error) {
		filter := accountability.Filter{Offset: in.Offset, Limit: in.Limit}
		if in.Open {
			filter.State = accountability.Undecided
		}
		all, more, err = f.Measures.List(g, filter)
		return all, err
	})
	return &body[page[measureBody]]{pageOf(measuresOut(all), in.Offset, in.Limit, more)}, err
}

func (f *face) getMeasures(ctx context.Context, who guard.Who, in *PersonPath) (*body[[]measureBody], error) {
	all, err := do(ctx, f.Door, who, access.ReadMeasures, personThing(in.Person), f.Measures.Of)
	return &body[[]measureBody]{measuresOut(all)}, err
}

func (f *face) openMeasure(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		Measure  string `json:"measure" enum:"reminder,warning,demotion,dismissal,damages,reported,praise,bonus"`
		Matter   string `json:"matter,omitempty" doc:"Number; written down as it is"`
		Facts    string `json:"facts"`
		Happened string `json:"happened" format:"date" doc:"Not in the future"`
	}
}) (*body[idBody], error) {
	day, err := time.Parse(time.DateOnly, in.Body.Happened)
	if err != nil {
		return nil, problem.New(problem.Invalid, "请填写发生日期，不晚于今天").In("happened").Because(err)
	}
	id, err := do(ctx, f.Door, who, access.OpenMeasure, personThing(in.Person), func(g *guard.Grant) (string, error) {
		return f.Measures.Begin(g, accountability.Opening{Measure: accountability.Measure(in.Body.Measure), Matter: in.Body.Matter, Facts: in.Body.Facts, Happened: day})
	})
	return &body[idBody]{idBody{id}}, err
}

func (f *face) giveOpinion(ctx context.Context, who guard.Who, in *struct {
	MeasurePath
	Body struct {
		Text string `json:"text"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.OpenMeasure, personThing(in.Person), func(g *guard.Grant) error { return f.Measures.Opine(g, in.Measure, in.Body.Text) })
}

func (f *face) replyToMeasure(ctx context.Context, who guard.Who, in *struct {
	MeasurePath
	Body struct {
		Text string `json:"text"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.ReplyMeasure, personThing(in.Person), func(g *guard.Grant) error { return f.Measures.Reply(g, in.Measure, in.Body.Text) })
}

func (f *face) decideMeasure(ctx context.Context, who guard.Who, in *struct {
	MeasurePath
	Body struct {
		Measure string `json:"measure" enum:"none,reminder,warning,demotion,dismissal,damages,reported,praise,bonus"`
		Why     string `json:"why"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.DecideMeasure, personThing(in.Person), func(g *guard.Grant) error {
		return f.Measures.Decide(g, in.Measure, accountability.Measure(in.Body.Measure), in.Body.Why)
	})
}
