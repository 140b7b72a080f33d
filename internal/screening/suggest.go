package screening

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	gap      = "\x00" // stands where something was taken out; no clean name holds it
	fallback = "资料"
)

var (
	// what links or addresses somebody has nothing left to link when that one is gone
	aroundGap  = regexp.MustCompile(`(?:诉|与|和|及|以及|等|对|向|致|给|的|、|，|,|&|\+|vs\.?|v\.)*` + gap + `(?:先生|女士|小姐|老师|之间|与|和|及|以及|诉|等人|等|的|之|、|，|,|&|\+|vs\.?|v\.)*`)
	emptyPair  = regexp.MustCompile(`[（(【\[《〈「『“"]\s*[）)】\]》〉」』”"]`)
	separators = regexp.MustCompile(`[\s_.\-—–·•~]*[\s_\-—–·•~][\s_.\-—–·•~]*`)
	ending     = regexp.MustCompile(`^\.[A-Za-z][A-Za-z0-9]{0,7}$`)
)

// suggest takes the findings out of a name and tidies what is left. What cannot be made neutral becomes 资料.
func suggest(name string, terms []Term, found []Finding) string {
	found = slices.Clone(found)
	stem, ext := splitEnding(name, &found[len(found)-1])
	for range 4 { // taking something out can bring two halves of something else together
		stem = tidy(takeOut(stem, found))
		if found = findings(stem+ext, terms); len(found) == 0 {
			break
		}
		if found[len(found)-1].End > len(stem) {
			break
		}
	}
	if _, err := CleanName(stem + ext); len(found) > 0 || err != nil || utf8.RuneCountInString(stem) < 2 {
		stem = fallback
	}
	if len(findings(stem+ext, terms)) > 0 {
		return fallback
	}
	return stem + ext
}

// splitEnding takes off the ending that names a type, unless the last finding runs into it; of an e-mail address only a last label
// that the address can spare is an ending.
func splitEnding(name string, last *Finding) (stem, ext string) {
	ext = path.Ext(name)
	stem = strings.TrimSuffix(name, ext)
	switch {
	case !ending.MatchString(ext):
		return name, ""
	case last.End <= len(stem):
		return stem, ext
	case last.Kind == Email && strings.Contains(stem[strings.LastIndexByte(stem, '@')+1:], "."):
		last.End = len(stem)
		return stem, ext
	}
	return name, ""
}

func takeOut(s string, found []Finding) string {
	var b strings.Builder
	from := 0
	for _, f := range found {
		b.WriteString(s[from:f.Start] + gap)
		from = f.End
	}
	return b.String() + s[from:]
}

func tidy(s string) string {
	for {
		t := aroundGap.ReplaceAllString(s, gap)
		t = strings.ReplaceAll(t, gap+gap, gap)
		if t == s {
			break
		}
		s = t
	}
	s = strings.ReplaceAll(s, gap, "")
	s = emptyPair.ReplaceAllString(s, "")
	s = separators.ReplaceAllStringFunc(s, func(run string) string {
		for _, c := range []string{"_", "-", "—", "·"} {
			if strings.Contains(run, c) {
				return c
			}
		}
		return " "
	})
	return strings.Trim(s, " _-—–·•~.,，、+&")
}
