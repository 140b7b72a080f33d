package ui

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// View is the state of a register as its address holds it, so that a view can be sent to somebody:
// ?sort=-date&page=2&state=open, and q for the search where that tells nothing about a client. Where it would (names), the
// search is posted instead and stays out of the address (see Table.SearchPost); then Search comes from the body.
type View struct {
	Path   string
	Query  url.Values
	posted string
}

// Names of the parameters that every register shares.
const (
	paramSearch = "q"
	paramSort   = "sort"
	paramPage   = "page"
	paramAfter  = "after"
)

// longest search text that is looked at, in bytes.
const longestSearch = 200

// ReadView reads the state from a request: the address and, for a posted search, the body, which the caller has limited.
func ReadView(r *http.Request) View {
	v := View{Path: r.URL.Path, Query: r.URL.Query()}
	if r.Method != http.MethodPost {
		return v
	}
	v.posted = strings.TrimSpace(r.PostFormValue(paramSearch))
	for name, values := range r.PostForm {
		if name != paramSearch && len(values) > 0 {
			v.set(name, values[0])
		}
	}
	return v
}

func (v View) set(name, value string) {
	if value == "" {
		v.Query.Del(name)
	} else {
		v.Query.Set(name, value)
	}
}

// Search is what is looked for.
func (v View) Search() string {
	s := v.posted
	if s == "" {
		s = strings.TrimSpace(v.Query.Get(paramSearch))
	}
	if len(s) > longestSearch {
		s = strings.ToValidUTF8(s[:longestSearch], "")
	}
	return s
}

// Get is the value of a filter.
func (v View) Get(name string) string { return v.Query.Get(name) }

// Page counts from 1.
func (v View) Page() int {
	n, err := strconv.Atoi(v.Query.Get(paramPage))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// After is where the page begins in a register that is paged by position; empty is the first.
func (v View) After() string { return v.Query.Get(paramAfter) }

// Begin is the address of this view from a position on; an empty one is its first page.
func (v View) Begin(after string) string {
	q := maps.Clone(v.Query)
	if q == nil {
		q = url.Values{}
	}
	q.Del(paramAfter)
	if after != "" {
		q.Set(paramAfter, after)
	}
	return v.address(q)
}

// Sort is the column's key and the direction. A key that is none of allowed gives the first of them, which may begin with "-"
// for the other direction.
func (v View) Sort(allowed ...string) (key string, down bool) {
	key, down = direction(v.Query.Get(paramSort))
	if slices.ContainsFunc(allowed, func(a string) bool { k, _ := direction(a); return k == key }) || len(allowed) == 0 {
		return key, down
	}
	return direction(allowed[0])
}

func direction(s string) (key string, down bool) {
	key, down = strings.CutPrefix(s, "-")
	return key, down
}

// With is the address of this view with one thing changed; an empty value takes the parameter out. Any change but the page's
// begins at the first page.
func (v View) With(name, value string) string {
	q := maps.Clone(v.Query)
	if q == nil {
		q = url.Values{}
	}
	if name != paramPage {
		q.Del(paramPage)
	}
	q.Del(paramAfter)
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	return v.address(q)
}

// without is the address without the named parameters.
func (v View) without(names ...string) string {
	q := maps.Clone(v.Query)
	for _, n := range append(names, paramPage, paramAfter) {
		q.Del(n)
	}
	return v.address(q)
}

func (v View) address(q url.Values) string {
	if len(q) == 0 {
		return v.Path
	}
	return v.Path + "?" + q.Encode()
}

// sorted is the address that a column's head leads to, and how the column stands now: ascending, descending or none.
func (v View) sorted(c Column) (address, now string) {
	key, down := direction(v.Query.Get(paramSort))
	switch {
	case key == c.Key && !down:
		return v.With(paramSort, "-"+c.Key), "ascending"
	case key == c.Key:
		return v.With(paramSort, c.Key), "descending"
	case c.Down:
		return v.With(paramSort, "-"+c.Key), ""
	}
	return v.With(paramSort, c.Key), ""
}
