package press

import (
	"bytes"
	"regexp"
)

// sheets counts the pages of a PDF that flows by. Of what flowed it keeps only so many bytes as a page's mark may be cut in two by.
// A PDF that hides its page tree in compressed objects has none that can be counted.
type sheets struct {
	n    int
	size int64
	head []byte
	tail []byte
}

// keep is longer than any mark of a page that is counted.
const keep = 64

var pageMark = regexp.MustCompile(`/Type[ \t\r\n]{0,16}/Page[^a-zA-Z]`)

// Write takes the next bytes. It never fails.
func (s *sheets) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	if missing := len(magic) - len(s.head); missing > 0 {
		s.head = append(s.head, b[:min(missing, len(b))]...)
	}
	all := append(s.tail, b...)
	for _, m := range pageMark.FindAllIndex(all, -1) {
		if m[1] > len(s.tail) { // else it was counted before
			s.n++
		}
	}
	s.tail = bytes.Clone(all[max(0, len(all)-keep):])
	return len(b), nil
}

const magic = "%PDF-"

// isPDF reports whether what flowed by began as a PDF does.
func (s *sheets) isPDF() bool { return string(s.head) == magic }
