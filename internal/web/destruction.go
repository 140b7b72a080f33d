package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) destructionRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/destruction", server.Signed, f.destructions),
		get("/destruction/expired", server.Signed, f.expired),
		get("/destruction/register", server.Signed, f.destroyed),
		get("/destruction/waste", server.Signed, f.waste),
		post("/destruction/waste", server.Signed, f.shred),
		get("/destruction/periods", server.Signed, f.periods),
		post("/destruction/periods", server.Signed, f.setPeriod),
		get("/destruction/holds", server.Signed, f.holds),
		post("/destruction/holds", server.Signed, f.holdDeed),
		get("/destruction/{list}", server.Signed, f.destruction),
		{Method: http.MethodPost, Pattern: "/destruction/{list}/{deed}", Auth: server.Signed, Body: formLimit, Timeout: signTimeout, Handle: f.destructionDeed},
		get("/destruction/{list}/certificate", server.Signed, f.certificate),
		get("/matters/{matter}/keeping", server.Signed, f.keeping),
		get("/matters/{matter}/keeping/{kind}/{thing}", server.Signed, f.keepingOf),
		post("/matters/{matter}/keeping/{deed}", server.Signed, f.keepingDeed),
	}
}

func destructionThing(id string) guard.Thing { return guard.Thing{Kind: access.Destruction, ID: id} }

// burning is the page of one list.
type burning struct {
	retention.Certificate
	asked   []approval.Request // leave to carry it out, the last first
	names   map[string]string
	can     map[access.Act]access.Decision
	people  []person.Person
	consent consent // for signing
	me      string
	now     time.Time
	deed    string // the form that came back
	form    url.Values
	failed  error
}

func (b burning) may(act access.Act) bool { return b.can[act].Outcome == access.Permit }

func (b burning) wrong(v *Visitor, deed, field string) string {
	if b.deed != deed {
		return ""
	}
	return fieldError(v.Lang, b.failed, field)
}

func (b burning) typed(deed, field, otherwise string) string {
	if b.deed != deed || !b.form.Has(field) {
		return otherwise
	}
	return b.form.Get(field)
}

// pending reports whether leave to carry the list out was asked for and not decided yet.
func (b burning) pending() bool { return len(b.asked) > 0 && b.asked[0].State == approval.Pending }

// leave reports whether it was given and can be used.
func (b burning) leave() bool { return b.may(access.Destroy) }

var destructionActs = []access.Act{access.AppraiseDestruction, access.ArrangeDestruction, access.WithdrawDestruction, access.WitnessDestruction, access.Destroy}

func (f *face) destruction(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showDestruction(w, r, v, "", nil)
}

func (f *face) showDestruction(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	thing := destructionThing(r.PathValue("list"))
	b, err := do(r.Context(), f.Door, v.Who, access.ViewDestruction, thing, func(g *guard.Grant) (b burning, err error) {
		b.now, b.me = g.Tx().Now, v.Who.Person
		if b.Certificate, err = f.Retention.Certificate(g); err != nil {
			return b, err
		}
		if b.asked, err = f.Retention.Asked(g); err != nil {
			return b, err
		}
		people := b.List.People()
		for _, q := range b.asked {
			people = append(people, q.People()...)
		}
		b.names, err = f.People.Names(g.Tx(), people)
		return b, err
	})
	if err != nil {
		return err
	}
	b.deed, b.failed, b.form = deed, failed, form(r)
	if b.can, err = f.Door.Can(r.Context(), v.Who, thing, destructionActs...); err != nil {
		return err
	}
	if b.may(access.ArrangeDestruction) {
		if b.people, err = f.roster(r, v); err != nil {
			return err
		}
	}
	if b.leave() {
		if b.consent, err = f.consent(r, v); err != nil {
			return err
		}
	}
	return send(w, r, destructionPage(f.shell(r, v, "销毁清册", ui.Crumb{Name: v.Lang.T("保管与销毁"), Href: "/destruction"}), v, b))
}

// destructionDeed is each step of a list.
func (f *face) destructionDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("list"), r.PathValue("deed"), form(r)
	act := func(a access.Act, run func(*guard.Grant) error) error {
		return f.Door.Do(r.Context(), v.Who, a, destructionThing(id), run)
	}
	var err error
	switch deed {
	case "appraise":
		err = act(access.AppraiseDestruction, func(g *guard.Grant) error {
			all, err := judgements(form)
			if err != nil {
				return err
			}
			return f.Retention.Appraise(g, all, form.Get("opinion"))
		})
	case "arrange":
		err = act(access.ArrangeDestruction, func(g *guard.Grant) error {
			return f.Retention.Arrange(g, retention.Arrangement{Method: form.Get("method"), Digital: form.Get("digital"), Place: form.Get("place"), Witnesses: [2]string{form.Get("witness1"), form.Get("witness2")}})
		})
	case "ask":
		err = f.Retention.Ask(r.Context(), v.Who, id)
	case "withdraw":
		err = act(access.WithdrawDestruction, func(g *guard.Grant) error { return f.Retention.Withdraw(g, form.Get("reason")) })
	case "execute":
		err = f.execute(r, v, id)
	default:
		return nowhere(w, r, v)
	}
	if err != nil && (shown(err) || problem.Is(err, problem.Unavailable)) {
		if _, _, gone := f.People.Authenticate(r.Context(), v.secret, f.ClientIP(r)); gone != nil {
			return gone
		}
		return f.showDestruction(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/destruction/"+id)
}

func (f *face) execute(r *http.Request, v *Visitor, id string) error {
	form := form(r)
	if form.Get("checked") != "yes" {
		return problem.New(problem.Invalid, "请三人逐项核对实物与清单，再勾选“已核对”").In("checked")
	}
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	stand := func(n string) retention.Standby {
		return retention.Standby{Login: form.Get("login" + n), Password: r.PostFormValue("password" + n), Code: r.PostFormValue("code" + n)}
	}
	return f.Retention.Execute(r.Context(), v.Who, id, retention.Execution{Digest: form.Get("digest"), Consent: f.consented(r, v), Witnesses: [2]retention.Standby{stand("1"), stand("2")}, Firm: firm})
}

// judgements reads what the appraisal says of each thing.
func judgements(form url.Values) (all []retention.Judgement, err error) {
	for name := range form {
		ref, is := strings.CutPrefix(name, "verdict-")
		if !is {
			continue
		}
		kind, id, _ := strings.Cut(ref, "-")
		j := retention.Judgement{Ref: retention.Ref{Kind: access.Kind(kind), ID: id}, Verdict: retention.Verdict(form.Get(name))}
		if typed := form.Get("until-" + id); typed != "" && j.Verdict == retention.Keep {
			if j.Until, err = time.ParseInLocation(time.DateOnly, typed, matter.Beijing); err != nil {
				return nil, problem.New(problem.Invalid, "请填写日期").In("until-" + id)
			}
		}
		all = append(all, j)
	}
	return all, nil
}

// certificate gives the signed certificate as a PDF.
func (f *face) certificate(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	var pdf []byte
	var number string
	p, err := f.Door.Open(r.Context(), v.Who, access.ViewDestruction, destructionThing(r.PathValue("list")), func(g *guard.Grant) (err error) {
		pdf, number, err = f.Retention.Sheet(g)
		return err
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("Content-Disposition", `attachment; filename="destruction-`+number+`.pdf"`)
	h.Set("Cache-Control", "no-store")
	n, err := w.Write(pdf)
	return errors.Join(err, p.Close(r.Context(), int64(n), err))
}

// destructionTasks are the lists that wait for the visitor, as the first page lists them.
func destructionTasks(lang text.Lang, all []retention.Waiting) (tasks []ui.Task) {
	for _, w := range all {
		words := map[retention.Step][2]string{
			retention.ToAppraise: {"鉴定销毁清册 %s", "逐项给出销毁、延长保管或者移交的结论"},
			retention.ToArrange:  {"安排销毁清册 %s", "确定方法、地点和两位监销人，再申请批准"},
			retention.ToCarryOut: {"执行销毁清册 %s", "批准之后，与两位监销人同时到场执行"},
			retention.ToWitness:  {"监销 %s", "请与销毁人约定时间，到场核对并签名"}}[w.Step]
		tone := ui.Warn
		if w.Step == retention.ToWitness {
			tone = ui.Note
		}
		tasks = append(tasks, ui.Task{Kind: lang.T("销毁"), Title: lang.T(words[0], w.List.Number), Note: lang.T(words[1]), Tone: tone, Step: ui.Link{Label: lang.T("去办理"), Href: "/destruction/" + w.List.ID}})
	}
	return tasks
}
