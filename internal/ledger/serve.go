package ledger

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"mijuan/internal/store"
)

// Handler serves the ledger as a C2SP tiled transparency log at the root of its own path: /checkpoint, /tile/<L>/<N>[.p/<W>]
// and /tile/entries/<N>[.p/<W>]. Entry bundles hold the leaves: who did what when by their ids, and of the details only
// commitments. admit is asked before each bundle, however its address is spelt, and answers those whom it turns away.
func (l *Ledger) Handler(db *store.DB, admit func(http.ResponseWriter, *http.Request) bool) http.Handler {
	mux := http.NewServeMux()
	serve := func(get func(*http.Request, *store.Tx) (asset, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if t, err := askedTile(r); err == nil && t.level == entryLevel && !admit(w, r) {
				return
			}
			var a asset
			err := db.Read(r.Context(), func(tx *store.Tx) (err error) {
				a, err = get(r, tx)
				return err
			})
			switch {
			case errors.Is(err, errTilePath):
				http.Error(w, "no such tile", http.StatusNotFound)
			case err != nil:
				if !errors.Is(err, context.Canceled) {
					slog.ErrorContext(r.Context(), "serve the ledger", "path", r.URL.Path, "error", err)
				}
				http.Error(w, "the ledger cannot be read", http.StatusInternalServerError)
			default:
				a.write(w, r)
			}
		}
	}
	mux.HandleFunc("GET /checkpoint", serve(l.serveCheckpoint))
	mux.HandleFunc("GET /tile/", serve(l.serveTile))
	return mux
}

// asset is an answer in full.
type asset struct {
	body     []byte
	kind     string
	cache    string
	compress bool
}

func (a asset) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", a.cache)
	h.Set("X-Content-Type-Options", "nosniff")
	if a.compress {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			a.body = gzipped(a.body)
		}
	}
	_, _ = w.Write(a.body) // the client has gone; there is nobody left to tell
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, _ = z.Write(b) // writes to memory do not fail
	_ = z.Close()
	return buf.Bytes()
}

func (l *Ledger) serveCheckpoint(_ *http.Request, tx *store.Tx) (asset, error) {
	msg, err := l.Published(tx)
	return asset{body: msg, kind: "text/plain; charset=utf-8", cache: "no-cache"}, err
}

func askedTile(r *http.Request) (tile, error) { return parseTile(strings.TrimPrefix(r.URL.Path, "/")) }

// serveTile gives what never changes. Hashes tell nothing and may lie in any cache; leaves only in the asker's own.
func (l *Ledger) serveTile(r *http.Request, tx *store.Tx) (asset, error) {
	t, err := askedTile(r)
	if err != nil {
		return asset{}, err
	}
	h, err := readHead(tx)
	if err != nil {
		return asset{}, err
	}
	if !t.exists(int64(h.size)) {
		return asset{}, errTilePath
	}
	const kind = "application/octet-stream"
	if t.level == entryLevel {
		body, err := readBundle(tx, t)
		return asset{body: body, kind: kind, cache: "private, max-age=31536000, immutable", compress: true}, err
	}
	hashes, err := readTile(tx, t)
	return asset{body: joinHashes(hashes), kind: kind, cache: "public, max-age=31536000, immutable"}, err
}
