package store

import "errors"

// Lookup runs a query that gives one text for one id, for each distinct id, and leaves out those without a row. It serves the
// few dozen names on a page.
func Lookup(tx *Tx, query string, ids []string) (map[string]string, error) {
	found := make(map[string]string, len(ids))
	for _, id := range ids {
		if _, done := found[id]; done || id == "" {
			continue
		}
		text, err := Get(tx, func(r Row) (s string, err error) { return s, r.Scan(&s) }, query, id)
		if errors.Is(err, ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[id] = text
	}
	return found, nil
}
