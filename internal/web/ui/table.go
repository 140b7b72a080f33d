package ui

import (
	"slices"
	"strings"

	"mijuan/internal/text"
)

// Column is one column of a register. Give the cells of a Narrow column the class mj-hide-s and those of a Num column mj-num.
type Column struct {
	Key    string // sorts by ?sort=key; "" cannot be sorted
	Label  string
	Down   bool // the first click sorts from the greatest
	Num    bool
	Narrow bool // left out on narrow screens
}

// Filter narrows a register by ?name=value; few options are shown as chips, many as a list, a span as two dates
// (?name_from=2026-01-01&name_to=…).
type Filter struct {
	Name    string
	Label   string
	Options []Option // without the one for "all"
	Span    bool
}

// Table is a register with its bar. Children of Register are the rows (<tr>).
type Table struct {
	Lang       text.Lang
	Name       string // what it lists, for the caption: 资料
	View       View
	Columns    []Column
	Search     string // what can be looked for: 编号、名称; "" leaves the field out
	SearchPost string // where a search that may hold names is posted, to keep it out of addresses; "" puts ?q= into the address
	Filters    []Filter
	Exports    []string // "xlsx", "pdf", "csv": links to ?format=…
	Total      int64    // rows that fit the view in all; -1 when nobody counted
	Per        int      // rows a page
	Newer      string   // addresses of the neighbouring pages where paging goes by position; else pages are counted
	Older      string
	First      string // address of the first page, where only that and the next are known
	TooMany    bool   // more fit than will be listed: ask to narrow
	Empty      EmptyProps
}

func (t Table) narrowed() bool {
	if t.View.Search() != "" {
		return true
	}
	for _, f := range t.Filters {
		if t.View.Get(f.Name) != "" || t.View.Get(f.Name+"_from") != "" || t.View.Get(f.Name+"_to") != "" {
			return true
		}
	}
	return false
}

// posts says that a posted search is in force: every link of the bar must then post it on.
func (t Table) posts() bool { return t.SearchPost != "" && t.View.Search() != "" }

func (t Table) formID() string { return "mj-bar-" + t.View.Path }

// posting is the address that shows the same state as address, but takes the search by post.
func (t Table) posting(address string) string {
	if _, state, ok := strings.Cut(address, "?"); ok {
		return t.SearchPost + "?" + state
	}
	return t.SearchPost
}

func (t Table) pages() int {
	if t.Per <= 0 || t.Total <= 0 {
		return 1
	}
	return int((t.Total + int64(t.Per) - 1) / int64(t.Per))
}

func (t Table) clear() string {
	names := []string{paramSearch}
	for _, f := range t.Filters {
		names = append(names, f.Name, f.Name+"_from", f.Name+"_to")
	}
	return t.View.without(names...)
}

// few is how many options a filter may have to be shown as chips.
const few = 4

func (f Filter) chips() bool { return !f.Span && len(f.Options) <= few }

// asks reports whether something is to be filled in before the register is asked anew.
func (t Table) asks() bool {
	return t.Search != "" || slices.ContainsFunc(t.Filters, func(f Filter) bool { return f.Span || !f.chips() })
}
