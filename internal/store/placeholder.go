package store

import "strings"

// numbered rewrites PostgreSQL's $n to SQLite's ?n. SQLite would read $n as a name and number names by first appearance, so
// that `$2 … $1` would swap its arguments. What stands in quotes or comments is left alone.
func numbered(query string) string {
	var b strings.Builder
	b.Grow(len(query))
	for i := 0; i < len(query); {
		end := i + skip(query[i:])
		if end == i {
			end = i + 1
			if query[i] == '$' && end < len(query) && '0' <= query[end] && query[end] <= '9' {
				b.WriteByte('?')
				i = end
				continue
			}
		}
		b.WriteString(query[i:end])
		i = end
	}
	return b.String()
}

// skip is the length of the quoted text or comment that s begins with, or 0.
func skip(s string) int {
	closing := ""
	switch {
	case s[0] == '\'' || s[0] == '"':
		closing = s[:1] // a doubled quote reads as two texts side by side, which comes to the same
	case strings.HasPrefix(s, "--"):
		closing = "\n"
	case strings.HasPrefix(s, "/*"):
		closing = "*/"
	default:
		return 0
	}
	open := min(len(s), max(1, len(closing)))
	if n := strings.Index(s[open:], closing); n >= 0 {
		return open + n + len(closing)
	}
	return len(s)
}
