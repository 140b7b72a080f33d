package corpus

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed text
var texts embed.FS

// source is a text file of the corpus: keys of its head, which may repeat, and named sections of lines.
type source struct {
	name     string
	head     map[string][]string
	sections map[string][]string
}

func (s *source) value(key string) string {
	if v := s.head[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (s *source) number(key string) int {
	n, err := strconv.Atoi(s.value(key))
	if err != nil {
		panic(fmt.Sprintf("corpus: %s: %s: %v", s.name, key, err))
	}
	return n
}

// read parses a text file: "key: value" lines, then sections that begin with "== name".
func read(name string) *source {
	s := &source{name: name, head: map[string][]string{}, sections: map[string][]string{}}
	section := ""
	for line := range strings.Lines(file(name)) {
		line = strings.TrimRight(line, "\n")
		if title, ok := strings.CutPrefix(line, "=="); ok {
			section = strings.TrimSpace(title)
			s.sections[section] = []string{}
			continue
		}
		if lines, ok := s.sections[section]; ok {
			s.sections[section] = append(lines, line)
		} else if key, value, ok := strings.Cut(line, ": "); ok {
			s.head[key] = append(s.head[key], value)
		}
	}
	return s
}

func file(name string) string {
	raw, err := fs.ReadFile(texts, "text/"+name)
	if err != nil {
		panic(fmt.Sprintf("corpus: %v", err))
	}
	return string(raw)
}

// rows are the lines of a file, cut at the bars.
func rows(name string) (out [][]string) {
	for line := range strings.Lines(file(name)) {
		out = append(out, strings.Split(strings.TrimSpace(line), "|"))
	}
	return out
}

// library holds every file of a folder by its name without the ending.
func library(folder string) func() map[string]*source {
	return sync.OnceValue(func() map[string]*source {
		found, err := fs.ReadDir(texts, "text/"+folder)
		if err != nil {
			panic(fmt.Sprintf("corpus: %v", err))
		}
		all := map[string]*source{}
		for _, f := range found {
			all[strings.TrimSuffix(f.Name(), ".txt")] = read(folder + "/" + f.Name())
		}
		return all
	})
}

var (
	forms   = library("form")
	stories = library("matter")
)

// story is what is behind a matter: its facts, sums, dates and the texts that only it has.
type story struct {
	*source
	amounts map[string]int64 // fen
	dates   map[string]time.Time
	words   map[string]string
	parties map[string]Party
}

func newStory(s *source, parties map[string]Party) *story {
	st := &story{source: s, amounts: map[string]int64{}, dates: map[string]time.Time{}, words: map[string]string{}, parties: parties}
	each(s, "amount", func(k, v string) {
		yuan, err := strconv.ParseFloat(v, 64)
		st.check(k, err)
		st.amounts[k] = int64(yuan*100 + 0.5)
	})
	each(s, "date", func(k, v string) {
		t, err := time.ParseInLocation("2006-01-02", v, beijing)
		st.check(k, err)
		st.dates[k] = t
	})
	each(s, "word", func(k, v string) { st.words[k] = v })
	return st
}

func (s *story) check(key string, err error) {
	if err != nil {
		panic(fmt.Sprintf("corpus: %s: %s: %v", s.name, key, err))
	}
}

func each(s *source, key string, f func(k, v string)) {
	for _, pair := range s.head[key] {
		k, v, ok := strings.Cut(pair, "=")
		if !ok {
			panic(fmt.Sprintf("corpus: %s: %s: %s", s.name, key, pair))
		}
		f(k, v)
	}
}
