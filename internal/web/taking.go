package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// The files in which a register leaves the house. Fetching one is an act, and its number in the ledger stands on every page of it.

// paperFormats are those that people ask for; the ledger has CSV besides.
var paperFormats = []string{string(sheet.XLSX), string(sheet.PDF)}

// registerFile is a file on its way: what it is called and what stands above its rows.
type registerFile struct {
	name    string // of the file, without the number and extension; fixed words
	title   string
	span    string
	mark    string
	columns []sheet.Column
}

// asked is the format that an address asks for; a page asks for none.
func asked(view ui.View) (format sheet.Format, ok bool) {
	format = sheet.Format(view.Get("format"))
	return format, format != ""
}

// outbound sends its headers with the first byte, so that what fails before then is answered as an error.
type outbound struct {
	http.ResponseWriter
	format sheet.Format
	name   string
	begun  bool
}

func (o *outbound) Write(p []byte) (int, error) {
	if !o.begun {
		o.begun = true
		o.Header().Set("Content-Type", o.format.ContentType())
		o.Header().Set("Content-Disposition", `attachment; filename="`+o.name+`"`)
		o.Header().Set("Cache-Control", "no-store")
	}
	return o.ResponseWriter.Write(p)
}

// fail is the answer to an error: as a page while nothing was sent, else by breaking off, so that nobody takes it for the whole.
func (o *outbound) fail(err error) error {
	if err == nil || !o.begun {
		return err
	}
	slog.Error("send a register", "error", err)
	panic(http.ErrAbortHandler)
}

// start begins the file once its fetching is on record.
func (f *face) start(ctx context.Context, w *outbound, v *Visitor, r registerFile, no uint64, at time.Time) (*sheet.Sheet, error) {
	firm := ""
	if f.Firm != nil {
		var err error
		if firm, err = f.Firm(ctx); err != nil {
			return nil, err
		}
	}
	number := strconv.FormatUint(no, 10)
	w.name = r.name + "-" + number + "." + string(w.format)
	return sheet.New(w.format, w, sheet.Head{Lang: v.Lang, Firm: firm, Title: v.Lang.T(r.title), Span: r.span, By: v.Person.Name + "（" + v.Person.Login + "）",
		At: at.In(chinaTime), No: number, Mark: r.mark}, r.columns)
}

// rowsOf is what a register of bounded length gives when it is read under the export's own grant.
type rowsOf struct {
	file registerFile
	rows [][]string
}

// bring exports a register that is read at once: the act is decided, its rows are read under it, and its outcome follows the
// last byte.
func (f *face) bring(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, act access.Act, thing guard.Thing, read func(*guard.Grant) (rowsOf, error)) error {
	if format == sheet.CSV {
		return problem.New(problem.Invalid, "没有这种导出格式")
	}
	return f.bringAny(w, r, v, format, act, thing, read)
}

// bringAny is bring for registers whose columns have keys: programs read them too, as CSV.
func (f *face) bringAny(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, act access.Act, thing guard.Thing, read func(*guard.Grant) (rowsOf, error)) error {
	if format.ContentType() == "" {
		return problem.New(problem.Invalid, "没有这种导出格式")
	}
	var all rowsOf
	var at time.Time
	p, err := f.Door.Open(r.Context(), v.Who, act, thing, func(g *guard.Grant) (err error) {
		at = g.Tx().Now
		if all, err = read(g); err != nil {
			return err
		}
		g.Note("register", all.file.name)
		g.Note("format", string(format))
		g.Note("rows", len(all.rows))
		g.Note("mark", all.file.mark)
		return nil
	})
	if err != nil {
		return err
	}
	out := &outbound{ResponseWriter: w, format: format}
	n, err := f.write(r.Context(), out, v, all, p.Seq(), at)
	return out.fail(errors.Join(err, p.Close(r.Context(), n, err)))
}

func (f *face) write(ctx context.Context, out *outbound, v *Visitor, all rowsOf, no uint64, at time.Time) (int64, error) {
	s, err := f.start(ctx, out, v, all.file, no, at)
	if err != nil {
		return 0, err
	}
	for _, row := range all.rows {
		if err := s.Row(row...); err != nil {
			return int64(s.Rows()), err
		}
	}
	return int64(s.Rows()), s.Close()
}

// tooMany is the answer to an export of more rows than one file holds.
func tooMany(most int) error {
	return problem.New(problem.TooLarge, "一次最多导出 %d 行，请先用搜索或筛选缩小范围", most)
}

// narrowing says in words what a register was narrowed to. What was searched for is not said: it may be a name, and the number in
// the ledger finds who asked.
func narrowing(lang text.Lang, t ui.Table) string {
	var said []string
	for _, filter := range t.Filters {
		for _, o := range filter.Options {
			if o.Value == t.View.Get(filter.Name) {
				said = append(said, filter.Label+" "+o.Label)
			}
		}
		if from, to := t.View.Get(filter.Name+"_from"), t.View.Get(filter.Name+"_to"); filter.Span && from+to != "" {
			said = append(said, filter.Label+" "+typedOr(from, "…")+" – "+typedOr(to, "…"))
		}
	}
	if t.View.Search() != "" {
		said = append(said, lang.T("按搜索词"))
	}
	return typedOr(strings.Join(said, lang.T("，")), lang.T("全部"))
}

// markOf is the mark of a register whose highest row is of the level. Whatever tells of clients is at least 秘密级.
func markOf(lang text.Lang, highest classification.Level) string {
	return max(highest, classification.Confidential).Mark(lang)
}

// inside is the mark of registers that tell of no client.
func inside(lang text.Lang) string { return lang.T("内部资料，不得外传") }

// fetching is the route of a page's address at which files of any length are fetched.
func fetching(pattern string, h func(http.ResponseWriter, *http.Request, *Visitor) error) server.Route[*Visitor] {
	return server.Route[*Visitor]{Method: http.MethodGet, Pattern: pattern, Auth: server.Signed, Timeout: server.Stream, Handle: h}
}
