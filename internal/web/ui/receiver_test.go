package ui_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// receiver speaks as much of tus 1.0.0 as the script needs and can break a connection in the middle, which the real one
// cannot be told to do.
type receiver struct {
	mu       sync.Mutex
	files    map[string]*arriving
	breaks   int // connections to break after half of their bytes
	requests []string
}

type arriving struct {
	name string
	meta string
	size int64
	body []byte
}

func (s *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method)
	s.mu.Unlock()
	w.Header().Set("Tus-Resumable", "1.0.0")
	if r.Method == http.MethodPost {
		s.create(w, r)
		return
	}
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if f == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	switch r.Method {
	case http.MethodHead:
		s.mu.Lock()
		w.Header().Set("Upload-Offset", strconv.Itoa(len(f.body)))
		w.Header().Set("Upload-Length", strconv.FormatInt(f.size, 10))
		s.mu.Unlock()
	case http.MethodPatch:
		s.patch(w, r, f)
	case http.MethodDelete:
		s.mu.Lock()
		delete(s.files, r.PathValue("id"))
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *receiver) create(w http.ResponseWriter, r *http.Request) {
	f := &arriving{meta: r.Header.Get("Upload-Metadata")}
	for pair := range strings.SplitSeq(f.meta, ",") {
		if key, value, _ := strings.Cut(pair, " "); key == "filename" {
			name, _ := base64.StdEncoding.DecodeString(value)
			f.name = string(name)
		}
	}
	if strings.HasPrefix(f.name, "refused") {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"status":403,"detail":"您不能向本案交资料","clause":"3.1"}`)
		return
	}
	f.size, _ = strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	s.mu.Lock()
	id := strconv.Itoa(len(s.files) + 1)
	s.files[id] = f
	s.mu.Unlock()
	w.Header().Set("Location", "/uploads/"+id)
	w.WriteHeader(http.StatusCreated)
}

func (s *receiver) patch(w http.ResponseWriter, r *http.Request, f *arriving) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || r.Header.Get("Upload-Offset") != strconv.Itoa(len(f.body)) {
		w.WriteHeader(http.StatusConflict)
		return
	}
	if s.breaks > 0 {
		s.breaks--
		f.body = append(f.body, body[:len(body)/2]...)
		panic(http.ErrAbortHandler)
	}
	f.body = append(f.body, body...)
	w.Header().Set("Upload-Offset", strconv.Itoa(len(f.body)))
	w.WriteHeader(http.StatusNoContent)
}

// asked lists the methods of the requests so far.
func (s *receiver) asked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.requests, " ")
}

// named finds what arrived under a name.
func (s *receiver) named(name string) *arriving {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.name == name {
			return &arriving{name: f.name, meta: f.meta, size: f.size, body: append([]byte(nil), f.body...)}
		}
	}
	return nil
}
