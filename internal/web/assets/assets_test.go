package assets_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/web/assets"
)

func get(method, address string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, nil)
	if len(header) == 2 {
		r.Header.Set(header[0], header[1])
	}
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, r)
	return w
}

func TestServedForGood(t *testing.T) {
	for name, kind := range map[string]string{"mijuan.css": "text/css; charset=utf-8", "mijuan.js": "text/javascript; charset=utf-8", "mijuan.svg": "image/svg+xml"} {
		address := assets.URL(name)
		if !regexp.MustCompile(`^/assets/[0-9a-f]{16}/` + regexp.QuoteMeta(name) + `$`).MatchString(address) {
			t.Errorf("%s is at %s", name, address)
		}
		w := get("GET", address)
		want, err := os.ReadFile(filepath.Join("static", name))
		if err != nil || w.Code != http.StatusOK || w.Body.String() != string(want) || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d %s, %v", name, w.Code, w.Header().Get("Content-Type"), err)
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s", name, w.Header().Get("Cache-Control"))
		}
		if again := get("GET", address, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s again: %d", name, again.Code)
		}
		if head := get("HEAD", address); head.Code != http.StatusOK || head.Body.Len() != 0 {
			t.Errorf("%s: HEAD gives %d and %d bytes", name, head.Code, head.Body.Len())
		}
	}
}

func TestNothingElse(t *testing.T) {
	dir := strings.TrimSuffix(assets.URL("mijuan.css"), "mijuan.css")
	for _, address := range []string{"/assets/", dir, dir + "nothing.js", dir + "../assets.go", "/assets/0000000000000000/mijuan.css", "/assets/mijuan.css"} {
		if w := get("GET", address); w.Code != http.StatusNotFound {
			t.Errorf("%s gives %d", address, w.Code)
		}
	}
	if w := get("POST", dir+"mijuan.css"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST gives %d", w.Code)
	}
	defer func() {
		if recover() == nil {
			t.Error("a name that is not there has an address")
		}
	}()
	assets.URL("nothing.css")
}

// TestScriptsFindEachOther reads what the scripts import and what the styles fetch: all of it must be in the set.
func TestScriptsFindEachOther(t *testing.T) {
	imports := regexp.MustCompile(`(?m)^import .*"\./([^"]+)";`)
	files, err := filepath.Glob("static/*")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range imports.FindAllStringSubmatch(string(raw), -1) {
			assets.URL(m[1])
		}
		if strings.HasSuffix(path, ".css") && regexp.MustCompile(`url\(|@import`).Match(raw) {
			t.Errorf("%s fetches something", path)
		}
	}
}

// TestLicences wants the licence of every file that others wrote inside of the program.
func TestLicences(t *testing.T) {
	for _, name := range []string{"htmx.org-2.0.11.txt", "tus-js-client-4.3.1.txt", "zxing-library-0.23.0.txt"} {
		if w := get("GET", assets.URL("LICENSES/"+name)); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "ermission") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}
