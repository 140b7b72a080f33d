package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func asProblem(err error) (*problem.Error, bool) {
	var p *problem.Error
	ok := errors.As(err, &p)
	return p, ok
}

// fieldError is the sentence for a form's field, if the error is about it.
func fieldError(lang text.Lang, err error, field string) string {
	if p, ok := asProblem(err); ok && p.Field == field {
		return sentence(lang, p)
	}
	return ""
}

// sentence is a problem in words. Names of fields ride in it as arguments and are translated too; other arguments are not in
// the catalogue and stay as they are.
func sentence(lang text.Lang, p *problem.Error) string {
	args := make([]any, len(p.Args))
	for i, a := range p.Args {
		args[i] = a
		if label, ok := a.(string); ok && text.Known(label) {
			args[i] = lang.T(label)
		}
	}
	return lang.T(p.Format, args...)
}

// formError is the sentence for a whole form: of an error that names no field, or none of those that the form shows.
func formError(lang text.Lang, err error, shown ...string) string {
	p, ok := asProblem(err)
	if !ok {
		return ""
	}
	for _, f := range shown {
		if p.Field == f {
			return ""
		}
	}
	return sentence(lang, p)
}

// correctable reports whether a form should be shown again with the error beside what was typed.
func correctable(err error) bool {
	switch problem.KindOf(err) {
	case problem.Invalid, problem.Conflict, problem.TooLarge:
		return true
	}
	_, refused := guard.AsRefusal(err)
	return problem.Is(err, problem.Refused) && !refused
}

var numerals = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}

func numeral(s string) string {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return s
		}
		n = n*10 + int(r-'0')
	}
	switch {
	case n <= 10:
		return numerals[n]
	case n < 20:
		return "十" + numerals[n-10]
	case n < 100 && n%10 == 0:
		return numerals[n/10] + "十"
	case n < 100:
		return numerals[n/10] + "十" + numerals[n%10]
	}
	return s
}

// ClauseLabel writes a clause key as the firm's rules are cited: 3.1 is 第三条（一）, 7.1.3 is 第七条 · 一（三）.
func ClauseLabel(lang text.Lang, key string) string {
	if lang == text.EN {
		return "§ " + key
	}
	parts := strings.Split(key, ".")
	switch len(parts) {
	case 1:
		return "第" + numeral(parts[0]) + "条"
	case 2:
		return "第" + numeral(parts[0]) + "条（" + numeral(parts[1]) + "）"
	}
	return "第" + numeral(parts[0]) + "条 · " + numeral(parts[1]) + "（" + numeral(parts[2]) + "）"
}

// send sends a page with status 200.
func send(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	return ui.Send(r.Context(), w, http.StatusOK, page)
}

// see sends the visitor on after a form was accepted.
func see(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// local is an address on this host to go back to; anything else is the desk.
func local(address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return "/"
	}
	return address
}

// do passes the door for a page whose content f makes.
func do[O any](ctx context.Context, d *guard.Door, who guard.Who, act access.Act, thing guard.Thing, f func(*guard.Grant) (O, error)) (out O, err error) {
	err = d.Do(ctx, who, act, thing, func(g *guard.Grant) (err error) {
		out, err = f(g)
		return err
	})
	return out, err
}

func matterThing(id string) guard.Thing { return guard.Thing{Kind: access.Matter, ID: id} }

func materialThing(id string) guard.Thing { return guard.Thing{Kind: access.Material, ID: id} }

func personThing(id string) guard.Thing { return guard.Thing{Kind: access.Person, ID: id} }

func sole(p ui.RefusalProps) ui.RefusalProps {
	p.Sole = true
	return p
}
