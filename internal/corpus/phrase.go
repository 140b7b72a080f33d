package corpus

import (
	"fmt"
	"strings"
	"time"
)

// scene is one document being written: its matter, its day and its luck.
type scene struct {
	matter Matter
	story  *story
	office *Office
	day    time.Time
	luck   chance
	nth    int               // of its form in the matter
	local  map[string]string // names that hold in this document alone
}

// phrase fills in the [names] of a text and then makes its {choices|of words}.
func (s *scene) phrase(t string) string {
	for {
		end := strings.IndexByte(t, ']')
		if end < 0 {
			return s.luck.choose(t)
		}
		start := strings.LastIndexByte(t[:end], '[')
		if start < 0 {
			panic("corpus: unbalanced bracket in " + t)
		}
		value, ok := s.name(t[start+1 : end])
		if !ok {
			panic(fmt.Sprintf("corpus: %s knows no [%s] in %q", s.story.name, t[start+1:end], t))
		}
		t = t[:start] + value + t[end+1:]
	}
}

// name resolves what stands between brackets: a sum (¥ 万 大), a date (日), a party (A, a, A.id …), a person, a word.
func (s *scene) name(n string) (string, bool) {
	if v, ok := s.local[n]; ok {
		return v, true
	}
	if v, ok := s.story.words[n]; ok {
		return v, true
	}
	for prefix, write := range map[string]func(int64) string{"¥": yuan, "万": tenThousands, "大": func(fen int64) string { return "人民币" + capitals(fen) }} {
		if key, ok := strings.CutPrefix(n, prefix); ok {
			v, ok := s.story.amounts[key]
			return write(v), ok
		}
	}
	if key, ok := strings.CutPrefix(n, "日"); ok {
		v, ok := s.story.dates[key]
		return day(v), ok
	}
	if v, ok := s.party(n); ok {
		return v, true
	}
	return s.builtin(n)
}

func yuan(fen int64) string { return "人民币 " + grouped(fen) + " 元" }

func (s *scene) party(n string) (string, bool) {
	key, field, _ := strings.Cut(n, ".")
	p, ok := s.story.parties[strings.ToUpper(key)]
	switch {
	case !ok:
		return "", false
	case field == "" && key == strings.ToLower(key):
		return p.Short, true
	case field == "":
		return p.Name, true
	case field == "id":
		return p.Identity, true
	case field == "rep":
		return p.Representative, true
	case field == "addr":
		return p.Address, true
	case field == "role":
		return p.Role, true
	case field == "bank":
		return account(chanceOf("account", p.Name)), true
	case field == "phone":
		return mobile(chanceOf("phone", p.Name)), true
	}
	return "", false
}

func (s *scene) builtin(n string) (string, bool) {
	team := s.matter.Team
	switch n {
	case "firm":
		return s.office.Name, true
	case "firm.addr":
		return s.office.Address, true
	case "firm.phone":
		return s.office.Phone, true
	case "today":
		return day(s.day), true
	case "year":
		return fmt.Sprint(s.day.Year()), true
	case "cause":
		return s.matter.Cause, true
	case "client":
		return s.matter.Client.Name, true
	case "client.short":
		return s.matter.Client.Short, true
	case "court", "case", "contract":
		v := s.story.value(n)
		return v, v != ""
	case "lead":
		return s.office.person(team[0].Login).Name, true
	case "lead.licence":
		return s.office.person(team[0].Login).Licence, true
	case "second":
		return s.office.person(team[1].Login).Name, true
	case "second.licence":
		return s.office.person(team[1].Login).Licence, true
	case "clerk":
		return s.office.person(team[len(team)-1].Login).Name, true
	}
	return "", false
}
