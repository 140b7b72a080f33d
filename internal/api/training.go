package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/training"
)

// Lessons are read and tests are taken in person, on the pages; programs see what they must do, arrange training and read the
// register.

type dutyBody struct {
	Cause    string     `json:"cause" enum:"joining,campaign,version,lapsing"`
	Campaign string     `json:"campaign,omitempty"`
	Title    string     `json:"title,omitempty" doc:"Of the campaign"`
	Version  int        `json:"version,omitempty" doc:"Of the course that is required"`
	Due      *time.Time `json:"due,omitempty"`
	Closes   *time.Time `json:"closes,omitempty" doc:"When access closes; absent: it is closed until the first training"`
}

type courseBody struct {
	Number       int        `json:"number"`
	Title        string     `json:"title"`
	SHA256       string     `json:"sha256" doc:"Of the canonical text below the line mijuan-course/1"`
	Lessons      int        `json:"lessons"`
	Questions    int        `json:"questions" doc:"In the bank"`
	Published    time.Time  `json:"published"`
	By           string     `json:"by,omitempty" doc:"Person; absent: it came with the product"`
	RequiredFrom *time.Time `json:"required_from,omitempty" doc:"Until then the version before it is enough; absent: from the beginning"`
	Text         string     `json:"text,omitempty" doc:"Markdown with the right answers; only where one version is asked for"`
}

type campaignBody struct {
	ID        string         `json:"id"`
	Title     string         `json:"title"`
	Kind      string         `json:"kind"`
	Posts     []string       `json:"posts" doc:"Who was called; empty: everybody"`
	Begun     time.Time      `json:"begun"`
	By        string         `json:"by,omitempty"`
	Due       time.Time      `json:"due"`
	GraceDays int            `json:"grace_days"`
	Closes    time.Time      `json:"closes" doc:"When access closes for those who did not come"`
	Withdrawn *time.Time     `json:"withdrawn,omitempty"`
	Called    int            `json:"called"`
	Done      int            `json:"done"`
	Attendees []attendeeBody `json:"attendees,omitempty" doc:"Only where one campaign is asked for"`
}

type attendeeBody struct {
	Person string     `json:"person"`
	Name   string     `json:"name"`
	Status string     `json:"status" doc:"Of the account"`
	Done   *time.Time `json:"done,omitempty"`
}

type trainingBody struct {
	Time     time.Time `json:"time"`
	Form     string    `json:"form" enum:"online,outside"`
	Kind     string    `json:"kind,omitempty" doc:"joining, regular, special or founding; absent: of a test that was not passed"`
	Campaign string    `json:"campaign,omitempty" doc:"Its title"`
	Course   string    `json:"course,omitempty" doc:"Its title"`
	Version  int       `json:"version,omitempty"`
	Person   string    `json:"person"`
	Name     string    `json:"name"`
	Result   string    `json:"result" enum:"passed,failed,lapsed"`
	Right    int       `json:"right,omitempty"`
	Of       int       `json:"of,omitempty" doc:"Questions; absent: there was no test"`
}

type CampaignPath struct {
	Campaign string `path:"campaign" maxLength:"64"`
}

func (f *face) registerTraining(api huma.API) {
	register(api, operation("my-training", http.MethodGet, "/me/training", "What you must complete, and by when", "training"), f.myTraining)
	register(api, operation("list-courses", http.MethodGet, "/training/courses", "The versions of the course, newest first", "training"), f.listCourses)
	publish := operation("publish-course", http.MethodPost, "/training/courses", "Put a new version of the course there", "training")
	publish.MaxBodyBytes = 4 * course.MaxBytes
	register(api, publish, f.publishCourse)
	register(api, operation("get-course", http.MethodGet, "/training/courses/{number}", "A version of the course with its text", "training"), f.getCourse)
	register(api, operation("list-campaigns", http.MethodGet, "/training/campaigns", "The campaigns, newest first", "training"), f.listCampaigns)
	register(api, operation("begin-campaign", http.MethodPost, "/training/campaigns", "Call people to be trained", "training"), f.beginCampaign)
	register(api, operation("get-campaign", http.MethodGet, "/training/campaigns/{campaign}", "A campaign with whom it called", "training"), f.getCampaign)
	register(api, operation("move-campaign", http.MethodPut, "/training/campaigns/{campaign}/due", "Give a campaign another day", "training"), f.moveCampaign)
	register(api, operation("withdraw-campaign", http.MethodPost, "/training/campaigns/{campaign}/withdrawal", "Take a campaign back", "training"), f.withdrawCampaign)
	register(api, operation("list-training", http.MethodGet, "/training/register", "The register of training, newest first", "training"), f.listTraining)
}

var causeCodes = map[training.Cause]string{training.Joining: "joining", training.Campaigned: "campaign", training.NewVersion: "version", training.Lapsing: "lapsing"}

// moment is a time, or nothing when it is zero.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (f *face) myTraining(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]dutyBody], error) {
	duties, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, f.Training.Duties)
	out := []dutyBody{}
	for _, d := range duties {
		out = append(out, dutyBody{causeCodes[d.Cause], d.Campaign, d.Title, d.Version, moment(d.Due), moment(d.Closes)})
	}
	return &body[[]dutyBody]{out}, err
}

// school passes the door as the one who arranges training.
func school[O any](ctx context.Context, f *face, who guard.Who, act func(*guard.Grant) (O, error)) (O, error) {
	return do(ctx, f.Door, who, access.ManageTraining, guard.Firm, act)
}

func courseOut(v training.Version) courseBody {
	return courseBody{Number: v.Number, Title: v.Course.Title, SHA256: v.Hash, Lessons: len(v.Course.Lessons), Questions: v.Course.Bank(), Published: v.Published, By: v.By, RequiredFrom: moment(v.Required)}
}

func (f *face) listCourses(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]courseBody], error) {
	all, err := school(ctx, f, who, f.Training.Versions)
	out := []courseBody{}
	for _, v := range all {
		out = append(out, courseOut(v))
	}
	return &body[[]courseBody]{out}, err
}

func (f *face) publishCourse(ctx context.Context, who guard.Who, in *struct {
	Body struct {
		Text         string    `json:"text,omitempty" doc:"The whole course as Markdown, or"`
		Archive      []byte    `json:"archive,omitempty" doc:"a ZIP archive of its folder, in Base64"`
		RequiredFrom time.Time `json:"required_from"`
	}
}) (*body[courseBody], error) {
	raw := in.Body.Archive
	if len(raw) == 0 {
		raw = []byte(in.Body.Text)
	} else if in.Body.Text != "" {
		return nil, problem.New(problem.Invalid, "请只给出课程正文或压缩包中的一种").In("archive")
	}
	c, err := training.ReadCourse(raw)
	if err != nil {
		return nil, err
	}
	v, err := school(ctx, f, who, func(g *guard.Grant) (training.Version, error) { return f.Training.Publish(g, c, in.Body.RequiredFrom) })
	if err != nil {
		return nil, err
	}
	return &body[courseBody]{courseOut(v)}, nil
}

func (f *face) getCourse(ctx context.Context, who guard.Who, in *struct {
	Number int `path:"number" minimum:"1" maximum:"1000000"`
}) (*body[courseBody], error) {
	v, err := school(ctx, f, who, func(g *guard.Grant) (training.Version, error) { return f.Training.Numbered(g, in.Number) })
	if err != nil {
		return nil, err
	}
	out := courseOut(v)
	out.Text = v.Course.Text()
	return &body[courseBody]{out}, nil
}

func campaignOut(c training.Campaign) campaignBody {
	out := campaignBody{ID: c.ID, Title: c.Title, Kind: c.Kind, Posts: []string{}, Begun: c.Begun, By: c.By, Due: c.Due, GraceDays: c.Grace, Closes: c.Closes(),
		Withdrawn: moment(c.Withdrawn), Called: c.Called, Done: c.Answered}
	for _, p := range c.Posts {
		out.Posts = append(out.Posts, string(p))
	}
	return out
}

func (f *face) listCampaigns(ctx context.Context, who guard.Who, in *Paging) (*body[page[campaignBody]], error) {
	found, err := school(ctx, f, who, func(g *guard.Grant) (training.Campaigns, error) { return f.Training.Campaigns(g, in.Offset, in.Limit) })
	var items []campaignBody
	for _, c := range found.Rows {
		items = append(items, campaignOut(c))
	}
	return &body[page[campaignBody]]{pageOf(items, in.Offset, in.Limit, in.Offset+len(items) < found.Total)}, err
}

func (f *face) beginCampaign(ctx context.Context, who guard.Who, in *struct {
	Body struct {
		Title     string    `json:"title"`
		Kind      string    `json:"kind" doc:"regular or special"`
		Posts     []string  `json:"posts,omitempty" doc:"Who is called; none: everybody at work"`
		Due       time.Time `json:"due"`
		GraceDays int       `json:"grace_days"`
	}
}) (*body[idBody], error) {
	b := in.Body
	id, err := school(ctx, f, who, func(g *guard.Grant) (string, error) {
		return f.Training.Begin(g, training.Plan{Title: b.Title, Kind: b.Kind, Posts: posts(b.Posts), Due: b.Due, Grace: b.GraceDays})
	})
	return &body[idBody]{idBody{id}}, err
}

func (f *face) getCampaign(ctx context.Context, who guard.Who, in *CampaignPath) (*body[campaignBody], error) {
	out, err := school(ctx, f, who, func(g *guard.Grant) (out campaignBody, err error) {
		c, called, err := f.Training.Attendees(g, in.Campaign)
		out = campaignOut(c)
		for _, a := range called {
			out.Attendees = append(out.Attendees, attendeeBody{a.Person, a.Name, string(a.Status), moment(a.At)})
		}
		return out, err
	})
	return &body[campaignBody]{out}, err
}

func (f *face) moveCampaign(ctx context.Context, who guard.Who, in *struct {
	CampaignPath
	Body struct {
		Due       time.Time `json:"due"`
		GraceDays int       `json:"grace_days"`
	}
}) (*none, error) {
	_, err := school(ctx, f, who, func(g *guard.Grant) (none, error) {
		return none{}, f.Training.Move(g, in.Campaign, in.Body.Due, in.Body.GraceDays)
	})
	return nil, err
}

func (f *face) withdrawCampaign(ctx context.Context, who guard.Who, in *struct {
	CampaignPath
	Body struct {
		Reason string `json:"reason"`
	}
}) (*none, error) {
	_, err := school(ctx, f, who, func(g *guard.Grant) (none, error) {
		return none{}, f.Training.Withdraw(g, in.Campaign, in.Body.Reason)
	})
	return nil, err
}

var (
	formCodes   = map[training.Form]string{training.Online: "online", training.Outside: "outside"}
	resultCodes = map[training.State]string{training.Passed: "passed", training.Failed: "failed", training.Lapsed: "lapsed"}
)

// coded is the value of a code; none is zero.
func coded[T comparable](codes map[T]string, code string) (value T) {
	for v, c := range codes {
		if c == code {
			value = v
		}
	}
	return value
}

func (f *face) listTraining(ctx context.Context, who guard.Who, in *struct {
	Paging
	Search string    `query:"q" maxLength:"60" doc:"In the person's name"`
	Form   string    `query:"form" enum:"online,outside"`
	Result string    `query:"result" enum:"passed,failed,lapsed"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to" doc:"Exclusive"`
}) (*body[page[trainingBody]], error) {
	filter := training.Filter{Text: in.Search, From: in.From, To: in.To, Form: coded(formCodes, in.Form), State: coded(resultCodes, in.Result), Offset: in.Offset, Limit: in.Limit}
	book, err := do(ctx, f.Door, who, access.ReadTraining, guard.Firm, func(g *guard.Grant) (training.Book, error) { return f.Training.Register(g, filter) })
	var items []trainingBody
	for _, e := range book.Rows {
		items = append(items, trainingBody{e.At, formCodes[e.Form], e.Kind, e.Scope, e.Title, e.Number, e.Person, e.Name, resultCodes[e.State], e.Score, e.Of})
	}
	return &body[page[trainingBody]]{pageOf(items, in.Offset, in.Limit, in.Offset+len(items) < book.Total)}, err
}
