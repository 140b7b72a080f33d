package api

import (
	"net/http"

	"mijuan/internal/reply"
)

// routed answers addresses and methods that nobody registered as problems, like every other error of this face.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		answer := &overheard{header: http.Header{}}
		h.ServeHTTP(answer, r)
		switch answer.status {
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", answer.header.Get("Allow"))
			reply.Write(w, reply.About(answer.status, "这个地址不接受这种请求"))
		default:
			reply.Write(w, reply.About(http.StatusNotFound, "没有这个地址"))
		}
	})
}

// overheard is an answer that goes nowhere: what the mux would have said.
type overheard struct {
	header http.Header
	status int
}

func (o *overheard) Header() http.Header         { return o.header }
func (o *overheard) WriteHeader(status int)      { o.status = status }
func (o *overheard) Write(p []byte) (int, error) { return len(p), nil }
