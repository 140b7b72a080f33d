package store

import (
	"strconv"
	"strings"
	"time"
)

// PageEnd is where a page of rows ends that stand in the order of a time, and of what follows it among those of one millisecond: an id, or
// several parts. The next page begins behind it, however many rows were added meanwhile.
func PageEnd(at time.Time, parts ...string) string {
	return strconv.FormatInt(at.UnixMilli(), 36) + "." + strings.Join(parts, ".")
}

// ReadPageEnd reads what PageEnd gave: the time in milliseconds and the parts, still joined. Anything else is not ok, and means the first page.
func ReadPageEnd(end string) (ms int64, parts string, ok bool) {
	at, parts, ok := strings.Cut(end, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	return ms, parts, ok && err == nil
}

// Containing is the pattern of texts that hold s, for LIKE … ESCAPE '!'.
func Containing(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
}
