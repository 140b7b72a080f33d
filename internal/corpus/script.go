package corpus

import (
	"fmt"
	"strconv"
	"strings"
)

// script writes the text of a form for a scene: [names] and {choices} filled in, and each << >> replaced by what it calls:
//
//	<<facts>>     a section of the matter        <<1 claims>>  the same, numbered 1. 2. 3.  (also 一 and （)
//	<<ours>> <<theirs>>  the argument of either side        <<~diary 6>>  six lines of a pool
//	<<!parties>>  something computed             <<!include 证据目录>>  another form
func (s *scene) script(form *source) string {
	var b strings.Builder
	for _, line := range form.sections[""] {
		call, ok := strings.CutPrefix(line, "<<")
		if !ok {
			b.WriteString(s.phrase(line) + "\n")
			continue
		}
		for _, l := range s.call(strings.TrimSuffix(call, ">>")) {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

func (s *scene) call(what string) []string {
	name, rest, _ := strings.Cut(what, " ")
	switch {
	case strings.HasPrefix(name, "!"):
		f, ok := blocks[name[1:]]
		if !ok {
			panic("corpus: no block " + name)
		}
		return f(s, rest)
	case strings.HasPrefix(name, "~"):
		n, err := strconv.Atoi(rest)
		if err != nil {
			panic("corpus: " + what)
		}
		return s.pool(name[1:], n)
	case rest != "":
		return numbered(s.section(rest), name)
	default:
		return s.section(name)
	}
}

// section is a section of the matter, filled in.
func (s *scene) section(name string) []string {
	side := s.story.value("side")
	switch {
	case name == "ours":
		name = side
	case name == "theirs" && side == "plaintiff":
		name = "defendant"
	case name == "theirs":
		name = "plaintiff"
	}
	first, second, _ := strings.Cut(name, "|")
	lines, ok := s.story.sections[first]
	if !ok {
		lines, ok = s.story.sections[second]
	}
	if !ok {
		panic(fmt.Sprintf("corpus: %s has no section %s", s.story.name, name))
	}
	return s.phrases(lines)
}

func (s *scene) phrases(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		if l != "" {
			out = append(out, s.phrase(l))
		}
	}
	return out
}

// pool deals n different lines of a pool.
func (s *scene) pool(name string, n int) []string {
	lines := strings.Split(strings.TrimSpace(file("pool/"+name+".txt")), "\n")
	dealt := deal(s.luck, lines)
	return s.phrases(dealt[:min(n, len(dealt))])
}

// numbered puts running numbers before lines: "1" gives 1. 2. 3., "一" gives 一、二、 and "（" gives （一）（二）.
func numbered(lines []string, style string) []string {
	for i, l := range lines {
		switch style {
		case "1":
			lines[i] = fmt.Sprintf("%d. %s", i+1, l)
		case "一":
			lines[i] = ordinal(i+1) + "、" + l
		case "（":
			lines[i] = "（" + ordinal(i+1) + "）" + l
		default:
			panic("corpus: no numbering " + style)
		}
	}
	return lines
}
