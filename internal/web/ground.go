package web

import (
	"net/http"
	"net/url"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// What is said of personal information in a material, and on what basis it is handled (clause 3.5).

// baseless is the filter of materials that hold personal information on no basis.
const baseless = "baseless"

// groundOf reads the fields of groundFields.
func groundOf(form url.Values, lang text.Lang) (d material.Ground, err error) {
	if d.Personal, err = classification.ParsePersonal(form.Get("personal")); err != nil {
		return d, err
	}
	d.Basis, err = classification.ParseBasis(form.Get("basis"))
	d.Note = ui.ReasonOf(form, "ground", groundPurposes(lang))
	return d, err
}

// recordBasis says it for the first time, or otherwise than before.
func (f *face) recordBasis(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	said, err := groundOf(form, v.Lang)
	if err != nil {
		return f.showMaterial(w, r, v, err)
	}
	why := ui.ReasonOf(form, "why", groundReasons(v.Lang))
	return f.alter(w, r, v, access.RecordBasis, "", func(g *guard.Grant) error { return f.Shelf.RecordBasis(g, said, why) })
}

func personalOptions(lang text.Lang) []ui.Option {
	var options []ui.Option
	for _, p := range classification.Personals {
		options = append(options, ui.Option{Value: p.String(), Label: lang.T(p.Name())})
	}
	return options
}

func basisOptions(lang text.Lang) []ui.Option {
	var options []ui.Option
	for _, b := range classification.Bases {
		options = append(options, ui.Option{Value: string(b), Label: b.Said(lang)})
	}
	return options
}

// groundOptions are what a list of materials is narrowed to.
func groundOptions(lang text.Lang) []ui.Option {
	options := append(personalOptions(lang), ui.Option{Value: classification.Personal(0).String(), Label: lang.T(classification.Personal(0).Name())})
	return append(options, ui.Option{Value: baseless, Label: lang.T("缺处理依据")})
}

func groundPurposes(lang text.Lang) []ui.Option {
	return listOf(lang, "办理本案委托事项", "作为证据核对、提交", "核实当事人身份", "核查财产状况", "尽职调查")
}

func groundReasons(lang text.Lang) []ui.Option {
	return listOf(lang, "收件时没有询问，补填", "已经取得同意", "原来的说明有误", "处理依据有变化")
}

var briefs = map[classification.Personal]string{0: "未询问", classification.NoPersonal: "不含", classification.HasPersonal: "含", classification.Sensitive: "含敏感"}

// groundBrief is a ground as one cell of a register says it.
func groundBrief(lang text.Lang, p classification.Personal, b classification.Basis) string {
	said := lang.T(briefs[p])
	switch {
	case !p.NeedsBasis():
		return said
	case b == "":
		return said + " · " + lang.T("缺依据")
	}
	return said + " · " + lang.T(b.Word())
}

// basisSaid is a basis in full; a dash where none is needed.
func basisSaid(lang text.Lang, d material.Ground) string {
	switch {
	case !d.Personal.NeedsBasis():
		return "—"
	case d.Basis == "":
		return lang.T("尚无")
	}
	return d.Basis.Said(lang)
}

// missingBasis is the sentence of the rule that keeps the material from being reviewed for want of a basis; "" where none does.
func missingBasis(d access.Decision) string {
	for _, r := range d.Reasons {
		if r.Step == "state-basis" {
			return r.Sentence
		}
	}
	return ""
}

// openGround says what of a ground is still open; "" when nothing is.
func openGround(d material.Ground) string {
	switch {
	case d.Personal == 0:
		return "这份资料没有询问过是否含个人信息。"
	case d.Personal.NeedsBasis() && d.Basis == "":
		return "这份资料含个人信息，还没有记明处理依据。"
	}
	return ""
}

// groundTask tells who proposed levels that some wait for a basis.
func groundTask(v *Visitor, n int) []ui.Task {
	if n == 0 {
		return nil
	}
	return []ui.Task{{Kind: v.Lang.T("资料"), Title: v.Lang.T("有 %d 份待审核的资料缺少处理依据", n), Note: v.Lang.T("含个人信息；补上之前审核人不能备案"), Tone: ui.Warn,
		Step: ui.Link{Label: v.Lang.T("去补充"), Href: "/materials?state=proposed&personal=" + baseless}}}
}

// mostCompleted is how many materials are completed with one stroke: a page of the list.
const mostCompleted = perPage

// completeBasis says the same of several materials that nobody was asked about. Each is an act of its own; what the visitor may not say of, or
// somebody else has said meanwhile, stays as it is.
func (f *face) completeBasis(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, id := form(r), r.PathValue("matter")
	said, err := groundOf(form, v.Lang)
	if err != nil {
		return f.showCompleting(w, r, v, form, err)
	}
	why, done := ui.ReasonOf(form, "why", groundReasons(v.Lang)), 0
	for _, one := range form["material"][:min(len(form["material"]), mostCompleted)] {
		thing := materialThing(one)
		thing.Bulk = true
		err := f.Door.Do(r.Context(), v.Who, access.RecordBasis, thing, func(g *guard.Grant) error { return f.Shelf.RecordBasis(g, said, why) })
		_, refused := guard.AsRefusal(err)
		switch {
		case err == nil:
			done++
		case refused, problem.Is(err, problem.Absent):
		case correctable(err) && done == 0:
			return f.showCompleting(w, r, v, form, err)
		case !correctable(err):
			return err
		}
	}
	return see(w, r, "/matters/"+id+"?personal=unasked")
}

// showCompleting shows what was not asked about, with the form and what is wrong with it.
func (f *face) showCompleting(w http.ResponseWriter, r *http.Request, v *Visitor, typed url.Values, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	view := ui.View{Path: "/matters/" + m.matter.ID, Query: url.Values{"personal": {"unasked"}}}
	return f.showMatterMaterials(w, r, v, m, view, typed, failed)
}

// completable are the rows that the visitor may say it of, if the list is narrowed to what was not asked about.
func completable(v *Visitor, m room, view ui.View, l found) (ids []string) {
	if view.Get("personal") != classification.Personal(0).String() {
		return nil
	}
	for _, row := range l.page.Rows {
		if row.State != access.Ended && slices.Contains([]string{row.Proposer, row.Owner, m.matter.Lead}, v.Person.ID) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}
