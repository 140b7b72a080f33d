package screening

import (
	"regexp"
	"strings"
)

// Where the parts of an official document's head stand (GB/T 9704-2012): the copy number is the first line of the page, the
// issuer's name with 文件 and the document's number follow within a few lines.
const (
	copyNumberWithin = 12
	headerWithin     = 8
)

var (
	namedCopy = regexp.MustCompile(`^(?:份号|份数序号)[:：]?(?:no\.?)?\d{6}$`)
	bareCopy  = regexp.MustCompile(`^(?:no\.?)?00\d{4}$`) // a copy number below 10,000; no postcode begins so
	masthead  = regexp.MustCompile(`^\p{Han}{3,40}文件$`)
	reference = regexp.MustCompile(`\p{Han}{1,12}[〔\[(（【]20\d\d[〕\])）】]第?\d{1,5}号`)
	heading   = regexp.MustCompile(`(特急|加急|特提|平急|签发人)`)
)

// redHeaders finds the head of an official document that bears a copy number: only secret ones do.
func redHeaders(s string, add func(MarkKind, int, int)) {
	lines, at := strings.Split(s, "\n"), 0
	filled := 0
	for i, line := range lines {
		if line != "" {
			filled++
		}
		if filled > copyNumberWithin {
			return
		}
		if named := namedCopy.MatchString(line); named || bareCopy.MatchString(line) {
			if officialHead(lines[i+1:], named) {
				add(RedHeader, at, at+len(line))
			}
		}
		at += len(line) + 1
	}
}

// officialHead reports whether the next lines are those of an official document: after a named copy number the masthead or the
// document's number is enough, after a bare one both are needed, or one of them with a degree of urgency.
func officialHead(lines []string, named bool) bool {
	mast, ref, urgent, filled := false, false, false, 0
	for _, line := range lines {
		if line == "" {
			continue
		}
		if filled++; filled > headerWithin {
			break
		}
		mast = mast || masthead.MatchString(line)
		ref = ref || reference.MatchString(line)
		urgent = urgent || heading.MatchString(line)
	}
	if named {
		return mast || ref
	}
	return mast && ref || (mast || ref) && urgent
}
