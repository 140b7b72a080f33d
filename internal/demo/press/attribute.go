package press

import (
	"fmt"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"mijuan/internal/printer"
)

const mostCopies = 99

// wanted are the names of the attributes that a request asks for, or those that are given where it asks for none.
func (t *talk) wanted(instead ...string) []string {
	var names []string
	for _, a := range t.asked.Operation {
		if a.Name == "requested-attributes" {
			for _, v := range a.Values {
				names = append(names, v.V.String())
			}
		}
	}
	if len(names) == 0 {
		return instead
	}
	return names
}

// groups are the names under which a request asks for many attributes at once.
var groups = []string{"all", "printer-description", "job-description"}

// add answers with those of the attributes that are wanted; nil: all.
func (t *talk) add(tag goipp.Tag, all goipp.Attributes, wanted []string) {
	named := func(a goipp.Attribute) bool {
		template := strings.HasSuffix(a.Name, "-default") || slices.ContainsFunc(templates, func(name string) bool { return strings.HasPrefix(a.Name, name+"-") })
		return slices.Contains(wanted, a.Name) || template && slices.Contains(wanted, "job-template") || !template && slices.ContainsFunc(groups[1:], func(g string) bool { return slices.Contains(wanted, g) })
	}
	if wanted != nil && !slices.Contains(wanted, groups[0]) {
		all = slices.DeleteFunc(all, func(a goipp.Attribute) bool { return !named(a) })
	}
	t.reply = append(t.reply, goipp.Group{Tag: tag, Attrs: all})
}

// tell answers with a job.
func (t *talk) tell(j *job, wanted []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(goipp.TagJobGroup, t.describe(j), wanted)
}

// templates are the job template attributes that the printer knows.
var templates = []string{"copies", "sides", "media", "print-scaling"}

// about is what the printer says of itself. The caller holds the lock.
func (p *Press) about() goipp.Attributes {
	n, working := p.queued()
	state := printer.Idle
	if working {
		state = printer.Processing
	}
	var does []goipp.Value
	for _, op := range operations {
		does = append(does, goipp.Integer(op))
	}
	return goipp.Attributes{
		keyword("printer-state-reasons", "none"), enum("printer-state", int(state)), goipp.MakeAttribute("printer-is-accepting-jobs", goipp.TagBoolean, goipp.Boolean(true)),
		spoken("printer-name", goipp.TagName, Name), spoken("printer-info", goipp.TagText, Name), spoken("printer-make-and-model", goipp.TagText, Name),
		spoken("printer-location", goipp.TagText, "本机，只走打印流程，什么也不印"),
		goipp.MakeAttribute("printer-uri-supported", goipp.TagURI, goipp.String(p.uri())), keyword("uri-security-supported", "tls"), keyword("uri-authentication-supported", "none"),
		goipp.MakeAttr("operations-supported", goipp.TagEnum, does[0], does[1:]...), keyword("ipp-versions-supported", "1.1", "2.0"),
		goipp.MakeAttribute("charset-configured", goipp.TagCharset, goipp.String("utf-8")), goipp.MakeAttr("charset-supported", goipp.TagCharset, goipp.String("utf-8"), goipp.String("us-ascii")),
		goipp.MakeAttribute("natural-language-configured", goipp.TagLanguage, goipp.String("zh-cn")), goipp.MakeAttribute("generated-natural-language-supported", goipp.TagLanguage, goipp.String("zh-cn")),
		goipp.MakeAttribute("document-format-default", goipp.TagMimeType, goipp.String("application/pdf")), goipp.MakeAttribute("document-format-supported", goipp.TagMimeType, goipp.String("application/pdf")),
		keyword("compression-supported", "none"), keyword("pdl-override-supported", "not-attempted"), keyword("which-jobs-supported", "completed", "not-completed"),
		goipp.MakeAttribute("multiple-document-jobs-supported", goipp.TagBoolean, goipp.Boolean(false)), integer("multiple-operation-time-out", int(openTerm.Seconds())),
		integer("queued-job-count", n), integer("printer-up-time", p.uptime()), goipp.MakeAttribute("color-supported", goipp.TagBoolean, goipp.Boolean(true)),
		keyword("job-creation-attributes-supported", append([]string{"job-name", "document-format", "document-name", "compression", "ipp-attribute-fidelity", "requesting-user-name"}, templates...)...),
		integer("copies-default", 1), goipp.MakeAttribute("copies-supported", goipp.TagRange, goipp.Range{Lower: 1, Upper: mostCopies}),
		keyword("sides-default", "one-sided"), keyword("sides-supported", "one-sided"), keyword("media-default", "iso_a4_210x297mm"), keyword("media-supported", "iso_a4_210x297mm"),
		keyword("media-ready", "iso_a4_210x297mm"), keyword("print-scaling-default", "fit"), keyword("print-scaling-supported", "fit"),
	}
}

// describe is what the printer says of a job. The caller holds the lock.
func (p *Press) describe(j *job) goipp.Attributes {
	since := func(name string, at int) goipp.Attribute {
		if at == 0 {
			return goipp.MakeAttribute(name, goipp.TagNoValue, goipp.Void{})
		}
		return integer(name, at)
	}
	documents := 0
	if j.pages > 0 {
		documents = 1
	}
	return goipp.Attributes{
		integer("job-id", j.id), goipp.MakeAttribute("job-uri", goipp.TagURI, goipp.String(fmt.Sprintf("%s/%d", p.uri(), j.id))), enum("job-state", int(j.stage)), keyword("job-state-reasons", j.why),
		spoken("job-name", goipp.TagName, j.name), spoken("job-originating-user-name", goipp.TagName, j.user), goipp.MakeAttribute("job-printer-uri", goipp.TagURI, goipp.String(p.uri())),
		integer("number-of-documents", documents), integer("job-impressions", j.pages), integer("job-impressions-completed", j.printed),
		integer("time-at-creation", j.created), since("time-at-processing", j.begun), since("time-at-completed", j.over), integer("job-printer-up-time", p.uptime()),
	}
}

func keyword(name string, all ...string) goipp.Attribute {
	a := goipp.Attribute{Name: name}
	for _, s := range all {
		a.Values.Add(goipp.TagKeyword, goipp.String(s))
	}
	return a
}

func integer(name string, n int) goipp.Attribute {
	return goipp.MakeAttribute(name, goipp.TagInteger, goipp.Integer(n))
}

func enum(name string, n int) goipp.Attribute {
	return goipp.MakeAttribute(name, goipp.TagEnum, goipp.Integer(n))
}

func spoken(name string, tag goipp.Tag, s string) goipp.Attribute {
	return goipp.MakeAttribute(name, tag, goipp.String(s))
}

// text is the first value of an attribute in words; empty: it is not there.
func text(all goipp.Attributes, name string) string {
	for _, a := range all {
		if a.Name == name && len(a.Values) > 0 {
			return a.Values[0].V.String()
		}
	}
	return ""
}

// number is the first value of an attribute that is a number, else 0.
func number(all goipp.Attributes, name string) int {
	for _, a := range all {
		if a.Name == name && len(a.Values) > 0 {
			if n, ok := a.Values[0].V.(goipp.Integer); ok {
				return int(n)
			}
		}
	}
	return 0
}
