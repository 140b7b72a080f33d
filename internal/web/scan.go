package web

import (
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) scanRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/scan", server.Signed, f.scan),
		post("/scan", server.Signed, f.scanned),
	}
}

// scan is the page that reads a label, by camera, by a hand scanner or typed, and leads to its carrier.
func (f *face) scan(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showScan(w, r, v, "", nil)
}

func (f *face) showScan(w http.ResponseWriter, r *http.Request, v *Visitor, typed string, failed error) error {
	server.AllowCamera(w)
	return send(w, r, scanPage(f.shell(r, v, "扫描", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, typed, failed))
}

func (f *face) scanned(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	typed := form(r).Get("number")
	address, err := f.found(r, v, typed)
	if err == nil && address == "" {
		err = problem.New(problem.Absent, "没有找到这份载体，或者您无权知悉").In("number")
	}
	if err != nil && (correctable(err) || fieldOf(err) == "number") {
		return f.showScan(w, r, v, typed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, address+"?by=scan")
}

// next is what the visitor most likely does now with what they have in their hand.
type next uint8

const (
	nothingNext next = iota
	takeNext         // it is offered to me
	backNext         // it came back from outside, and I may count it
	outNext          // I may take it off the premises with the slip that was approved
	lenderNext       // I have borrowed it
	handNext         // I keep it
)

func (h holding) next(v *Visitor) next {
	slip, standing := h.standing()
	switch {
	case h.may(access.TakeCarrier):
		return takeNext
	case standing && slip.State == carrier.SlipOut && h.may(access.CheckBack):
		return backNext
	case standing && slip.State == carrier.SlipApproved && h.may(access.TakeOut):
		return outNext
	case h.may(access.HandCarrier) && h.it.State == access.Held && h.it.Lender != "" && h.it.Holder == v.Who.Person:
		return lenderNext
	case h.may(access.HandCarrier) && h.it.State == access.Held:
		return handNext
	}
	return nothingNext
}

// lookOf is how the button of a step weighs: there is one that most people come for.
func (h holding) lookOf(v *Visitor, step next) ui.Look {
	if h.next(v) == step {
		return ui.Primary
	}
	return 0
}

// outside reports whether the slip's forms stand first.
func (h holding) outside(v *Visitor) bool {
	n := h.next(v)
	return n == backNext || n == outNext
}

// keeper says where a carrier is with which its finder can do nothing.
func (h holding) keeper(lang text.Lang) string {
	if h.it.State == access.Ended {
		return lang.T("编号已经注销（%s）。实物还在的，请交给保管员，并告知主办律师", lang.T(h.it.End()))
	}
	return lang.T("由%s保管，您没有可以办理的事项。捡到的请交还保管人", h.names[h.it.Holder])
}

// fieldOf is the field that an error is about; "" is none.
func fieldOf(err error) string {
	if p, ok := asProblem(err); ok {
		return p.Field
	}
	return ""
}
