package corpus

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
)

// Materials are the matter's documents in the order in which they were received. The matter must come from Firm.
func Materials(m Matter) []Document {
	var plans []plan
	counts := map[string]int{}
	names := strings.Fields(strings.Join(m.story.head["docs"], " "))
	for i, name := range names {
		counts[name]++
		plans = append(plans, newPlan(m, name, counts[name], float64(i+1)/float64(len(names)+1)))
	}
	docs := make([]Document, len(plans))
	for i, p := range plans {
		docs[i] = p.document()
	}
	slices.SortStableFunc(docs, func(a, b Document) int { return cmp.Compare(b.ReceivedAt, a.ReceivedAt) })
	return docs
}

// plan is a document before it is written: the form it follows and the scene it stands in.
type plan struct {
	form  *source
	name  string // of the form
	nth   int    // of this form in the matter, from 1
	scene *scene
}

func newPlan(m Matter, name string, nth int, share float64) plan {
	f, ok := forms()[name]
	if !ok {
		panic("corpus: " + m.story.name + " wants the form " + name)
	}
	s := &scene{matter: m, story: m.story, office: office(), nth: nth, luck: chanceOf(m.Number, name, strconv.Itoa(nth))}
	s.day = s.when(f.value("when"), share)
	s.local = s.locals()
	s.local["subject"] = s.mailSubject(nth)
	return plan{form: f, name: name, nth: nth, scene: s}
}

// when finds the day of a document: so many days from a day of the matter (立案-3), or its share of the time since the opening.
func (s *scene) when(rule string, share float64) time.Time {
	opened := Present.Add(-s.matter.OpenedAt)
	if i := strings.IndexAny(rule, "+-"); i > 0 {
		if t, ok := s.story.dates[rule[:i]]; ok {
			if t = s.atWork(t.Add(days(whole(rule[i:])))); t.Before(Present) {
				return t
			}
		}
	}
	return s.atWork(opened.Add(time.Duration(share * float64(s.matter.OpenedAt))))
}

// atWork is some minute of a day's office hours.
func (s *scene) atWork(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 9, s.luck.between(0, 560), 0, 0, beijing)
}

func (p plan) document() Document {
	s := p.scene
	d := Document{Name: clean(s.phrase(s.variant(p.form.value("name")))), Title: s.phrase(p.form.value("title")), Type: p.name,
		Reason: s.phrase(p.form.value("reason")), ClientAsked: s.luck.IntN(6) == 0, write: p.writer()}
	for code := range strings.SplitSeq(p.form.value("kinds"), ",") {
		d.Kinds = append(d.Kinds, kindOf(code))
	}
	d.Level = s.level(p.form.value("level"))
	d.Proposer, d.Reviewer = s.handlers(d.Level)
	received := s.atWork(s.day.Add(days(s.luck.between(0, 2))))
	if opened := Present.Add(-s.matter.OpenedAt); received.Before(opened) {
		received = s.atWork(opened.Add(days(s.luck.between(1, 5))))
	}
	d.ReceivedAt = max(time.Hour, Present.Sub(received))
	s.review(&d)
	return d
}

// variant picks one of several names that stand between bars outside braces.
func (s *scene) variant(names string) string {
	depth, start := 0, 0
	var all []string
	for i, r := range names {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case r == '|' && depth == 0:
			all = append(all, names[start:i])
			start = i + 1
		}
	}
	all = append(all, names[start:])
	return one(s.luck, all)
}

// clean drops what no file system takes in a name.
func clean(name string) string {
	return strings.NewReplacer("/", "_", ":", "_", "《", "", "》", "").Replace(name)
}

func kindOf(code string) classification.Category {
	set, err := classification.ParseSet([]string{code})
	if err != nil {
		panic("corpus: kind " + code)
	}
	return set.List()[0]
}

// level picks from "2" or "1-2"; a grave matter always takes the higher one, and may go one further.
func (s *scene) level(rule string) classification.Level {
	low, high, ok := strings.Cut(rule, "-")
	if !ok {
		high = low
	}
	level := s.luck.between(whole(low), whole(high))
	if s.story.value("grave") != "" {
		level = min(3, whole(high)+s.luck.IntN(2)*s.luck.IntN(2))
	}
	return min(classification.Level(level), s.ceiling())
}

// ceiling is the highest level that two lawyers of the team may know, so that one can propose it and the other review it.
func (s *scene) ceiling() classification.Level {
	for level := classification.TopSecret; level > classification.Confidential; level-- {
		if _, lawyers := s.cleared(level); len(lawyers) > 1 {
			return level
		}
	}
	return classification.Confidential
}

// cleared are the members of the team who may know a level, the lead first, and the lawyers among them.
func (s *scene) cleared(level classification.Level) (all, lawyers []string) {
	for _, m := range s.matter.Team {
		if m.Clearance < level || level == classification.TopSecret && !m.Listed {
			continue
		}
		all = append(all, m.Login)
		if slices.Contains(s.office.person(m.Login).Posts, access.Lawyer) {
			lawyers = append(lawyers, m.Login)
		}
	}
	return all, lawyers
}

// handlers picks who proposes the level and who reviews it: two different people of the team who may know it, the reviewer a lawyer.
func (s *scene) handlers(level classification.Level) (proposer, reviewer string) {
	may, lawyers := s.cleared(level)
	proposer = one(s.luck, may[1:])
	if s.luck.IntN(9) == 0 {
		proposer = may[0]
	}
	for _, l := range lawyers {
		if l != proposer {
			return proposer, l
		}
	}
	panic("corpus: " + s.story.name + " has too few lawyers for its levels")
}

// review decides what became of the proposal. What came in during the last days still waits.
func (s *scene) review(d *Document) {
	d.State, d.Final = Filed, d.Level
	pool := "review-filed"
	switch roll := s.luck.IntN(100); {
	case d.ReceivedAt < days(12) || roll < 7:
		d.State = Proposed
		return
	case roll < 15 && d.Level < classification.Secret:
		d.State, d.Final, pool = Raised, d.Level+1, "review-raised"
	case roll < 23 && d.Level > classification.Confidential:
		d.State, d.Final, pool = Lowered, d.Level-1, "review-lowered"
	}
	d.Review = s.pool(pool, 1)[0]
}

// writer gives the function that makes the file. Each call starts from the same luck, so each makes the same bytes.
func (p plan) writer() func() []byte {
	return func() []byte {
		s := *p.scene
		s.local = maps.Clone(s.local)
		s.luck = chanceOf("body", s.matter.Number, p.name, strconv.Itoa(p.nth))
		return p.write(&s)
	}
}

func (p plan) write(s *scene) []byte {
	title := s.phrase(s.story.value("cause"))
	switch kind := p.form.value("type"); kind {
	case "pdf":
		return pdf(title, s.day, s.pages(p.form))
	case "scan":
		return scanPDF(title, s.day, s.pages(p.form), s.luck)
	case "fax":
		return fax(s.pages(p.form), s.day.Format("2006-01-02 15:04")+"  FROM "+landline(s.luck), s.luck)
	case "txt":
		return plainText(s.script(p.form))
	case "eml":
		return s.mail(p.nth)
	default:
		w, ok := makers[kind]
		if !ok {
			panic("corpus: form " + p.name + " has the type " + kind)
		}
		return w(s, p.form.value("make"))
	}
}

var looks = map[string]look{"pleading": pleading, "contract": contract, "report": report, "record": record}

func (s *scene) pages(f *source) []page {
	l, ok := looks[f.value("look")]
	if !ok {
		panic("corpus: form " + f.name + " has the look " + f.value("look"))
	}
	l.header = f.value("header")
	return compose(s.script(f), l, s.photo)
}

// plainText turns the markup into what somebody types into an editor, with the line ends of Windows.
func plainText(text string) []byte {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		head, rest, _ := strings.Cut(line, " ")
		switch head {
		case "#":
			line = rest + "\r\n" + strings.Repeat("=", 2*len([]rune(rest)))
		case "##":
			line = "\r\n【" + rest + "】"
		case "###", ":", ">", "=":
			line = rest
		case "***":
			line = strings.Repeat("-", 40)
		}
		b.WriteString(line + "\r\n")
	}
	return []byte(b.String())
}
