package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/output"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/web/ui"
)

// ordering is the page on which output is asked for.
type ordering struct {
	kind    output.Kind // of a carrier: what the form came back with
	carrier bool
	title   string
	number  string
	level   classification.Level
	pages   int
	devices map[output.Kind][]ui.Option
	people  []person.Person
	action  string
	form    url.Values
	failed  error
}

func (f *face) newPrint(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showAsking(w, r, v, output.Print, nil)
}

func (f *face) newCopy(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showAsking(w, r, v, output.Kind(r.URL.Query().Get("kind")), nil)
}

func (f *face) showAsking(w http.ResponseWriter, r *http.Request, v *Visitor, kind output.Kind, failed error) error {
	x := ordering{kind: kind, action: r.URL.Path, form: form(r), failed: failed, devices: map[output.Kind][]ui.Option{}}
	read := f.readMaterialToPrint
	if x.carrier = r.PathValue("carrier") != ""; x.carrier {
		read = f.readCarrierToCopy
	}
	if err := read(r, v, &x); err != nil {
		return err
	}
	if x.carrier {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		x.people = people
	}
	return send(w, r, askingPage(f.shell(r, v, "打印复印扫描", ui.Crumb{Name: v.Lang.T("打印复印扫描"), Href: "/output"}), v, x))
}

func (f *face) readMaterialToPrint(r *http.Request, v *Visitor, x *ordering) error {
	return f.Door.Do(r.Context(), v.Who, access.View, materialThing(r.PathValue("material")), func(g *guard.Grant) error {
		m, err := f.Shelf.Get(g)
		if err != nil {
			return err
		}
		x.title, x.number, x.level, x.pages = m.Title, m.Number, m.Level, m.Version.Pages
		return f.readDevices(g, v, x, output.Print)
	})
}

func (f *face) readCarrierToCopy(r *http.Request, v *Visitor, x *ordering) error {
	return f.Door.Do(r.Context(), v.Who, access.ViewCarrier, carrierThing(r.PathValue("carrier")), func(g *guard.Grant) error {
		it, _, err := f.Carriers.Get(g)
		if err != nil {
			return err
		}
		x.title, x.number, x.level, x.pages = it.Title, it.Number, it.Level, it.Pages
		return f.readDevices(g, v, x, output.Copy, output.Scan)
	})
}

func (f *face) readDevices(g *guard.Grant, v *Visitor, x *ordering, kinds ...output.Kind) error {
	for _, k := range kinds {
		fit, err := f.Devices.Fitting(g.Tx(), map[output.Kind]string{output.Print: device.Prints, output.Copy: device.Copies, output.Scan: device.Scans}[k], x.level)
		if err != nil {
			return err
		}
		for _, d := range fit {
			x.devices[k] = append(x.devices[k], ui.Option{Value: d.ID, Label: d.Label() + " " + d.Model + " · " + d.Place})
		}
	}
	return nil
}

func (f *face) askOutput(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	kind, thing := output.Print, r.PathValue("material")
	if thing == "" {
		kind, thing = output.Kind(form.Get("kind")), r.PathValue("carrier")
		if kind != output.Scan {
			kind = output.Copy
		}
	}
	id, pin, err := f.Output.Ask(r.Context(), v.Who, applied(form, kind, thing))
	if err != nil && correctable(err) {
		return f.showAsking(w, r, v, kind, err)
	}
	if err != nil {
		return err
	}
	if pin != "" {
		return f.showOutput(w, r, v, id, order{pin: pin})
	}
	return see(w, r, "/output/"+id)
}

// order is the page of one order.
type order struct {
	it       output.Order
	names    map[string]string
	devices  map[string]string
	matter   string
	landings map[string]string
	pin      string // the release number, shown this once
	operates bool
	at       string // the deed, or the copy, whose form came back
	form     url.Values
	failed   error
}

// mine reports whether the visitor asked for it.
func (x order) mine(v *Visitor) bool { return x.it.Requester == v.Who.Person }

// runs reports whether something moves by itself, so that the page should be looked at again.
func (x order) runs() bool {
	for _, c := range x.it.Each {
		if c.State == output.Making || c.State == output.Sending || c.State == output.Sent || c.State == output.Queued && len(c.Reasons) == 0 {
			return true
		}
	}
	return false
}

func (x order) wrong(v *Visitor, at, field string) string {
	if x.at != at {
		return ""
	}
	return fieldError(v.Lang, x.failed, field)
}

func (x order) typed(at, field, otherwise string) string {
	if x.at != at {
		return otherwise
	}
	return x.form.Get(field)
}

func (f *face) output(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showOutput(w, r, v, r.PathValue("output"), order{})
}

func (f *face) showOutput(w http.ResponseWriter, r *http.Request, v *Visitor, id string, x order) error {
	if err := f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		if x.it, err = f.Output.Get(g, id); err != nil {
			return err
		}
		if x.names, err = f.People.Names(g.Tx(), x.it.People()); err != nil {
			return err
		}
		if x.devices, err = f.Devices.Labels(g.Tx(), []string{x.it.Device}); err != nil {
			return err
		}
		if x.landings, err = f.Output.Landings(g, x.it); err != nil {
			return err
		}
		numbers, err := f.Matters.Numbers(g.Tx(), []string{x.it.Matter})
		if x.it.Known { // operators need no matter
			x.matter = numbers[x.it.Matter]
		}
		return err
	}); err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.OperateOutput)
	if err != nil {
		return err
	}
	x.operates = can[access.OperateOutput].Outcome == access.Permit && !x.mine(v)
	x.form = form(r)
	return send(w, r, orderPage(f.shell(r, v, "打印复印扫描", ui.Crumb{Name: v.Lang.T("打印复印扫描"), Href: "/output"}), v, x))
}

func (f *face) outputDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("output"), r.PathValue("deed"), form(r)
	ctx, x := r.Context(), order{at: deed}
	operate := func(run func(*guard.Grant) error) error {
		return f.Door.Do(ctx, v.Who, access.OperateOutput, guard.Firm, run)
	}
	var err error
	switch deed {
	case "begin":
		x.pin, err = f.Output.Begin(ctx, v.Who, id)
	case "draw":
		err = f.Door.Do(ctx, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { x.pin, err = f.Output.Draw(g, id); return err })
	case "withdraw":
		err = f.Output.Withdraw(ctx, v.Who, id)
	case "release":
		err = f.Output.Release(ctx, v.Who, id, form.Get("pin"))
	case "go":
		err = f.Output.Go(ctx, v.Who, id)
	case "stop":
		err = f.Output.Stop(ctx, v.Who, form.Get("copy"))
	case "finish":
		err = operate(func(g *guard.Grant) error { return f.Output.Finish(g, id) })
	case "count":
		x.at = form.Get("copy")
		err = operate(func(g *guard.Grant) error { return f.countCopy(g, form) })
	case "discard":
		x.at = form.Get("copy")
		err = operate(func(g *guard.Grant) error { return f.Output.Discard(g, form.Get("copy"), form.Get("why")) })
	case "collect":
		err = f.collectOutput(r, v, id, form)
	default:
		return nowhere(w, r, v)
	}
	if x.failed = err; err != nil && !correctable(err) && !problem.Is(err, problem.Unavailable) {
		return err
	}
	if err != nil || x.pin != "" {
		return f.showOutput(w, r, v, id, x)
	}
	return see(w, r, "/output/"+id)
}

func (f *face) countCopy(g *guard.Grant, form url.Values) error {
	good, err := strconv.Atoi(strings.TrimSpace(form.Get("good")))
	if err != nil {
		return problem.New(problem.Invalid, "请填写清点的数量").In("good")
	}
	spoiled, err := strconv.Atoi(strings.TrimSpace(form.Get("spoiled")))
	if err != nil {
		return problem.New(problem.Invalid, "请填写粉碎的张数，没有填 0").In("spoiled")
	}
	return f.Output.Count(g, output.Count{Copy: form.Get("copy"), Good: good, Spoiled: spoiled, Why: form.Get("why")})
}

func (f *face) collectOutput(r *http.Request, v *Visitor, id string, form url.Values) error {
	o, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (output.Order, error) { return f.Output.Get(g, id) })
	if err != nil {
		return err
	}
	return f.Door.Do(r.Context(), v.Who, access.CollectOutput, matterThing(o.Matter), func(g *guard.Grant) error {
		return f.Output.Collect(g, id, form["copies"], form.Get("place"))
	})
}

// scannedFiles is the page of what scanners left.
type scannedFiles struct {
	papers  []output.Paper
	devices map[string]string
	orders  map[string]string // their numbers
	failed  error
	at      string
}

func (f *face) scans(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showScans(w, r, v, "", nil)
}

func (f *face) showScans(w http.ResponseWriter, r *http.Request, v *Visitor, at string, failed error) error {
	x := scannedFiles{at: at, failed: failed, orders: map[string]string{}}
	if err := f.Door.Do(r.Context(), v.Who, access.OperateOutput, guard.Firm, func(g *guard.Grant) (err error) {
		if x.papers, err = f.Output.Papers(g); err != nil {
			return err
		}
		var devices []string
		for _, p := range x.papers {
			devices = append(devices, p.Device)
		}
		if x.devices, err = f.Devices.Labels(g.Tx(), devices); err != nil {
			return err
		}
		x.orders, err = f.Output.Numbers(g, x.papers)
		return err
	}); err != nil {
		return err
	}
	return send(w, r, scansPage(f.shell(r, v, "扫描文件", ui.Crumb{Name: v.Lang.T("打印复印扫描"), Href: "/output"}), v, x))
}

func (f *face) scanDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, form := r.PathValue("scan"), form(r)
	deeds := map[string]func(*guard.Grant) error{
		"assign":  func(g *guard.Grant) error { return f.Output.Assign(g, id, form.Get("order")) },
		"discard": func(g *guard.Grant) error { return f.Output.DiscardScan(g, id) },
	}
	deed := deeds[r.PathValue("deed")]
	if deed == nil {
		return nowhere(w, r, v)
	}
	if r.PathValue("deed") == "discard" && form.Get("checked") != "yes" {
		return f.showScans(w, r, v, id, problem.New(problem.Invalid, "请先确认这个文件不归任何申请"))
	}
	err := f.Door.Do(r.Context(), v.Who, access.OperateOutput, guard.Firm, deed)
	if err != nil && correctable(err) {
		return f.showScans(w, r, v, id, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/output/scans")
}
