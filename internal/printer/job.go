package printer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/OpenPrinting/goipp"

	"mijuan/internal/problem"
)

// Standing is how a printer stands (printer-state).
type Standing int

const (
	Idle       Standing = 3
	Processing Standing = 4
	Stopped    Standing = 5
)

// Description is what a printer says of itself.
type Description struct {
	Model     string
	Standing  Standing
	Reasons   []string // printer-state-reasons that matter: jams, empty trays
	Accepting bool
	Formats   []string
	accepts   []string // job-creation-attributes-supported
}

// Format is the best of the document formats that this package can make and the printer takes; "" is none.
func (d Description) Format() string {
	for _, f := range Formats {
		if slices.Contains(d.Formats, f) {
			return f
		}
	}
	return ""
}

// Describe asks the printer what it takes and how it stands.
func (p *Printer) Describe(ctx context.Context) (Description, error) {
	m, err := p.ask(ctx, goipp.OpGetPrinterAttributes, nil, goipp.MakeAttr("requested-attributes", goipp.TagKeyword, goipp.String("printer-make-and-model"), goipp.String("printer-state"),
		goipp.String("printer-state-reasons"), goipp.String("printer-is-accepting-jobs"), goipp.String("document-format-supported"), goipp.String("job-creation-attributes-supported")))
	if err != nil {
		return Description{}, err
	}
	all := m.Printer
	return Description{Model: text(all, "printer-make-and-model"), Standing: Standing(number(all, "printer-state")), Reasons: notable(words(all, "printer-state-reasons")),
		Accepting: text(all, "printer-is-accepting-jobs") == "true", Formats: words(all, "document-format-supported"), accepts: words(all, "job-creation-attributes-supported")}, nil
}

// Stage is how far a job is (job-state).
type Stage int

const (
	Pending     Stage = 3
	Held        Stage = 4
	Working     Stage = 5
	Interrupted Stage = 6 // the printer stopped: jam, no paper
	Cancelled   Stage = 7
	Aborted     Stage = 8
	Completed   Stage = 9
)

// Over reports whether the job is at its end.
func (s Stage) Over() bool { return s >= Cancelled }

// State is what a printer says of a job.
type State struct {
	Stage   Stage
	Reasons []string // of the job and of the printer, that matter
	Printed int      // impressions that it says are done; -1: it does not say
}

// Document is something to print.
type Document struct {
	Name   string // by which the job is found again; it tells nothing
	Format string // of Formats
	Bytes  []byte
}

// Print sends a document and gives the job's number. After an error with ErrUnsure in its chain, the job may be there.
func (p *Printer) Print(ctx context.Context, d Document) (job int, err error) {
	if len(d.Bytes) == 0 || len(d.Bytes) > MaxDocument {
		return 0, problem.New(problem.TooLarge, "要打印的内容超过 %d MiB，请分次打印", MaxDocument>>20)
	}
	about, err := p.Describe(ctx)
	switch {
	case err != nil:
		return 0, known(err)
	case !about.Accepting:
		return 0, problem.New(problem.Unavailable, "打印机暂停受理任务")
	case !slices.Contains(about.Formats, d.Format):
		return 0, problem.New(problem.Conflict, "打印机不接受这种文件格式")
	}
	attributes := []goipp.Attribute{named("requesting-user-name", "mijuan"), named("job-name", d.Name), goipp.MakeAttribute("ipp-attribute-fidelity", goipp.TagBoolean, goipp.Boolean(false)),
		goipp.MakeAttribute("document-format", goipp.TagMimeType, goipp.String(d.Format))}
	for name, value := range map[string]string{"sides": "one-sided", "media": "iso_a4_210x297mm", "print-scaling": "fit"} { // one sheet a page: sheets are counted
		if slices.Contains(about.accepts, name) {
			attributes = append(attributes, goipp.MakeAttribute(name, goipp.TagKeyword, goipp.String(value)))
		}
	}
	m, err := p.ask(ctx, goipp.OpPrintJob, d.Bytes, attributes...)
	if err != nil {
		return 0, err
	}
	if job = number(m.Job, "job-id"); job <= 0 {
		return 0, problem.New(problem.Unavailable, "打印机没有给出任务编号").Because(ErrUnsure)
	}
	return job, nil
}

// known drops the doubt from the error of a question that changes nothing.
func known(err error) error {
	var p *problem.Error
	if errors.Is(err, ErrUnsure) && errors.As(err, &p) {
		return problem.New(p.Kind, "%s", p.Public()).Because(errors.New(p.Cause.Error()))
	}
	return err
}

// Job asks how a job stands.
func (p *Printer) Job(ctx context.Context, job int) (State, error) {
	m, err := p.ask(ctx, goipp.OpGetJobAttributes, nil, goipp.MakeAttribute("job-id", goipp.TagInteger, goipp.Integer(job)), named("requesting-user-name", "mijuan"),
		goipp.MakeAttr("requested-attributes", goipp.TagKeyword, goipp.String("job-state"), goipp.String("job-state-reasons"), goipp.String("job-printer-state-reasons"), goipp.String("job-impressions-completed")))
	if err != nil {
		return State{}, err
	}
	s := State{Stage: Stage(number(m.Job, "job-state")), Reasons: notable(words(m.Job, "job-state-reasons")), Printed: -1}
	if text(m.Job, "job-impressions-completed") != "" {
		s.Printed = number(m.Job, "job-impressions-completed")
	}
	if s.Stage < Pending || s.Stage > Completed {
		return s, problem.New(problem.Unavailable, "打印机没有说明任务的状态").Because(fmt.Errorf("job-state %d", s.Stage))
	}
	if !s.Stage.Over() {
		if about, err := p.Describe(ctx); err == nil { // a jam is the printer's, not the job's
			for _, r := range about.Reasons {
				if !slices.Contains(s.Reasons, r) {
					s.Reasons = append(s.Reasons, r)
				}
			}
			if about.Standing == Stopped {
				s.Stage = Interrupted
			}
		}
	}
	return s, nil
}

// Find looks for a job by its name among those the printer knows, at work or over. 0 is none.
func (p *Printer) Find(ctx context.Context, name string) (job int, err error) {
	for _, which := range []string{"not-completed", "completed"} {
		m, err := p.ask(ctx, goipp.OpGetJobs, nil, named("requesting-user-name", "mijuan"), goipp.MakeAttribute("which-jobs", goipp.TagKeyword, goipp.String(which)),
			goipp.MakeAttr("requested-attributes", goipp.TagKeyword, goipp.String("job-id"), goipp.String("job-name")))
		if err != nil {
			return 0, err
		}
		for _, group := range m.Groups {
			if group.Tag == goipp.TagJobGroup && text(group.Attrs, "job-name") == name {
				return number(group.Attrs, "job-id"), nil
			}
		}
	}
	return 0, nil
}

// Cancel has the printer stop a job. A job that is over already is problem.Conflict or Absent.
func (p *Printer) Cancel(ctx context.Context, job int) error {
	_, err := p.ask(ctx, goipp.OpCancelJob, nil, goipp.MakeAttribute("job-id", goipp.TagInteger, goipp.Integer(job)), named("requesting-user-name", "mijuan"))
	return err
}

func named(name, value string) goipp.Attribute {
	return goipp.MakeAttribute(name, goipp.TagName, goipp.String(value))
}

// notable leaves out the reasons that are none.
func notable(reasons []string) []string {
	return slices.DeleteFunc(reasons, func(r string) bool {
		return r == "none" || r == "job-completed-successfully" || r == "job-printing" || r == "job-incoming"
	})
}

func values(all goipp.Attributes, name string) goipp.Values {
	for _, a := range all {
		if a.Name == name {
			return a.Values
		}
	}
	return nil
}

func words(all goipp.Attributes, name string) (out []string) {
	for _, v := range values(all, name) {
		out = append(out, v.V.String())
	}
	return out
}

func text(all goipp.Attributes, name string) string {
	if v := values(all, name); len(v) > 0 {
		return v[0].V.String()
	}
	return ""
}

func number(all goipp.Attributes, name string) int {
	if v := values(all, name); len(v) > 0 {
		if n, ok := v[0].V.(goipp.Integer); ok {
			return int(n)
		}
	}
	return 0
}
