package press

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/OpenPrinting/goipp"

	"mijuan/internal/printer"
)

// talk is a request that is being answered.
type talk struct {
	*Press
	asked *goipp.Message
	body  io.Reader // the document behind the request
	reply goipp.Groups
}

// operations are what the printer does.
var operations = []goipp.Op{goipp.OpPrintJob, goipp.OpValidateJob, goipp.OpCreateJob, goipp.OpSendDocument, goipp.OpCancelJob, goipp.OpGetJobAttributes, goipp.OpGetJobs, goipp.OpGetPrinterAttributes}

// versions are those of the protocol that it speaks.
var versions = []goipp.Version{goipp.MakeVersion(1, 1), goipp.MakeVersion(2, 0)}

// answer does what is asked.
func (p *Press) answer(asked *goipp.Message, body io.Reader) *goipp.Message {
	t := &talk{Press: p, asked: asked, body: body}
	version := asked.Version
	if !slices.Contains(versions, version) {
		version = versions[0]
	}
	status := t.do()
	language := goipp.Attributes{goipp.MakeAttribute("attributes-charset", goipp.TagCharset, goipp.String("utf-8")), goipp.MakeAttribute("attributes-natural-language", goipp.TagLanguage, goipp.String("zh-cn"))}
	groups := append(goipp.Groups{{Tag: goipp.TagOperationGroup, Attrs: language}}, t.reply...)
	return goipp.NewMessageWithGroups(version, goipp.Code(status), asked.RequestID, groups)
}

func (t *talk) do() goipp.Status {
	head := t.asked.Operation
	switch {
	case !slices.Contains(versions, t.asked.Version):
		return goipp.StatusErrorVersionNotSupported
	case t.asked.RequestID == 0 || len(head) < 2 || head[0].Name != "attributes-charset" || head[1].Name != "attributes-natural-language":
		return goipp.StatusErrorBadRequest
	case text(head, "attributes-charset") != "utf-8" && text(head, "attributes-charset") != "us-ascii":
		return goipp.StatusErrorCharset
	case !slices.Contains(operations, goipp.Op(t.asked.Code)):
		return goipp.StatusErrorOperationNotSupported
	case text(head, "printer-uri") == "" && text(head, "job-uri") == "":
		return goipp.StatusErrorBadRequest
	}
	switch goipp.Op(t.asked.Code) {
	case goipp.OpPrintJob:
		return t.printJob()
	case goipp.OpValidateJob:
		return t.fits()
	case goipp.OpCreateJob:
		return t.createJob()
	case goipp.OpSendDocument:
		return t.sendDocument()
	case goipp.OpCancelJob:
		return t.cancelJob()
	case goipp.OpGetJobAttributes:
		return t.getJob()
	case goipp.OpGetJobs:
		return t.getJobs()
	}
	return t.getPrinter()
}

// fits is the status of an order to print: whether the document is of a kind that is taken.
func (t *talk) fits() goipp.Status {
	head := t.asked.Operation
	switch format, packed := text(head, "document-format"), text(head, "compression"); {
	case text(head, "printer-uri") == "":
		return goipp.StatusErrorBadRequest
	case format != "" && format != "application/pdf":
		return goipp.StatusErrorDocumentFormatNotSupported
	case packed != "" && packed != "none":
		return goipp.StatusErrorCompressionNotSupported
	}
	return goipp.StatusOk
}

func (t *talk) printJob() goipp.Status {
	if s := t.fits(); s != goipp.StatusOk {
		return s
	}
	pages, status := t.count()
	if status != goipp.StatusOk {
		return status
	}
	t.tell(t.take(t.naming(), text(t.asked.Operation, "requesting-user-name"), pages), nil)
	return goipp.StatusOk
}

func (t *talk) createJob() goipp.Status {
	if s := t.fits(); s != goipp.StatusOk {
		return s
	}
	t.tell(t.take(t.naming(), text(t.asked.Operation, "requesting-user-name"), 0), nil)
	return goipp.StatusOk
}

// sendDocument takes the one document of a job that createJob made.
func (t *talk) sendDocument() goipp.Status {
	j, status := t.target()
	switch format := text(t.asked.Operation, "document-format"); {
	case status != goipp.StatusOk:
		return status
	case text(t.asked.Operation, "last-document") == "":
		return goipp.StatusErrorBadRequest
	case format != "" && format != "application/pdf":
		return goipp.StatusErrorDocumentFormatNotSupported
	}
	pages, status := t.count()
	if status != goipp.StatusOk {
		return status
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case j.stage.Over():
		return goipp.StatusErrorNotPossible
	case j.pages > 0:
		return goipp.StatusErrorMultipleJobsNotSupported
	}
	t.fed(j, pages)
	t.add(goipp.TagJobGroup, t.describe(j), nil)
	return goipp.StatusOk
}

// count lets the document flow by. What is no PDF whose pages can be counted is not taken.
func (t *talk) count() (pages int, status goipp.Status) {
	s := &sheets{}
	_, err := io.Copy(s, t.body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return 0, goipp.StatusErrorRequestEntity
	case err != nil:
		return 0, goipp.StatusErrorBadRequest
	case !s.isPDF() || s.n == 0:
		return 0, goipp.StatusErrorDocumentFormatError
	}
	if copies := number(t.asked.Job, "copies"); copies > 1 {
		s.n *= min(copies, mostCopies)
	}
	return s.n, goipp.StatusOk
}

func (t *talk) naming() string {
	if name := text(t.asked.Operation, "job-name"); name != "" {
		return name
	}
	return "untitled"
}

func (t *talk) cancelJob() goipp.Status {
	j, status := t.target()
	if status != goipp.StatusOk {
		return status
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if j.stage.Over() {
		return goipp.StatusErrorNotPossible
	}
	t.end(j, printer.Cancelled, "job-canceled-by-user")
	return goipp.StatusOk
}

// target is the job that a request names, by its address or by its number at the printer's.
func (t *talk) target() (*job, goipp.Status) {
	id := number(t.asked.Operation, "job-id")
	if at := text(t.asked.Operation, "job-uri"); at != "" {
		u, err := url.Parse(at)
		if err != nil {
			return nil, goipp.StatusErrorBadRequest
		}
		id, _ = strconv.Atoi(strings.TrimPrefix(u.Path, path+"/"))
	} else if id == 0 {
		return nil, goipp.StatusErrorBadRequest
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if j := t.find(id); j != nil {
		return j, goipp.StatusOk
	}
	return nil, goipp.StatusErrorNotFound
}

func (t *talk) getJob() goipp.Status {
	j, status := t.target()
	if status == goipp.StatusOk {
		t.tell(j, t.wanted("all"))
	}
	return status
}

func (t *talk) getJobs() goipp.Status {
	over, head := false, t.asked.Operation
	switch text(head, "which-jobs") {
	case "", "not-completed":
	case "completed":
		over = true
	default:
		return goipp.StatusErrorAttributesOrValues
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var some []*job
	for _, j := range t.jobs {
		if j.stage.Over() == over && (text(head, "my-jobs") != "true" || j.user == text(head, "requesting-user-name")) {
			some = append(some, j)
		}
	}
	if over { // the last first
		slices.Reverse(some)
	}
	if most := number(head, "limit"); most > 0 && len(some) > most {
		some = some[:most]
	}
	for _, j := range some {
		t.add(goipp.TagJobGroup, t.describe(j), t.wanted("job-id", "job-uri"))
	}
	return goipp.StatusOk
}

func (t *talk) getPrinter() goipp.Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(goipp.TagPrinterGroup, t.about(), t.wanted("all"))
	return goipp.StatusOk
}
