// Package assets holds the few files that every page needs: the stylesheet, the scripts, the mark of the house, and the licences
// of what others wrote. They are compiled into the program and served under an address that carries a hash of them all, so a browser keeps them for good and
// a new release is seen at once. One hash for the set lets the scripts import one another by relative names.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed static LICENSES
var embedded embed.FS

const root = "/assets/"

var set = load()

type bundle struct {
	hash  string
	files map[string]file
}

type file struct {
	body []byte
	kind string
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

func load() bundle {
	b := bundle{files: map[string]file{}}
	sum := sha256.New()
	err := fs.WalkDir(embedded, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, "static/")
		kind, known := kinds[name[strings.LastIndexByte(name, '.'):]]
		if !known {
			return fmt.Errorf("no content type for %s", name)
		}
		b.files[name] = file{body, kind}
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
		return nil
	})
	if err != nil {
		panic("assets: " + err.Error()) // what is compiled in does not change at run time
	}
	b.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return b
}

// URL is the address of a file, as /assets/<hash>/<name>. A name that is not there is a mistake in the program and panics.
func URL(name string) string {
	if _, ok := set.files[name]; !ok {
		panic("assets: there is no " + name)
	}
	return root + set.hash + "/" + name
}

// Handler serves what URL names. Any other address below /assets/ is not found, also one of an older release: a page that is
// newer than its scripts would break in ways that are hard to see.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ours := strings.CutPrefix(r.URL.Path, root+set.hash+"/")
		f, known := set.files[name]
		if !ours || !known {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+set.hash+`"`)
		h.Set("X-Content-Type-Options", "nosniff")
		if strings.Contains(r.Header.Get("If-None-Match"), `"`+set.hash+`"`) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Length", fmt.Sprint(len(f.body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(f.body) // a browser that went away needs no answer
		}
	})
}
