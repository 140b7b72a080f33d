package apptest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/cli"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/server"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestLeavingClosesEverywhere: of two processes one closes a leaving while the leaver works on the other without a pause. From the
// answer to the closing on, nothing of the leaver's is let through there.
func TestLeavingClosesEverywhere(t *testing.T) {
	s := housetest.Settings(t)
	s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, s3test.Start(t)
	o := housetest.Found(t, s)
	must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
	o.Hire("leaver", access.Logistics)
	o.HandOver("leaver")
	s.Data = t.TempDir()
	there, err := house.Open(t.Context(), s)
	must(t, err)
	defer there.Close()
	faces := func(h *house.House) http.Handler {
		return cli.Faces(h, func(*http.Request) string { return "127.0.0.1" })
	}
	o.Serve(faces(o.House))
	other := httptest.NewTLSServer(server.Harden(faces(there)))
	defer other.Close()
	ask := func(client *http.Client, method, url, token string) int {
		r, err := http.NewRequest(method, url, nil)
		must(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := client.Do(r)
		must(t, err)
		defer answer.Body.Close()
		return answer.StatusCode
	}

	var served, lastIn atomic.Int64 // how often it went well, and when the last request began that did
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			began := time.Now()
			if ask(other.Client(), http.MethodGet, other.URL+"/api/v1/matters", o.Tokens["leaver"]) != http.StatusOK {
				return
			}
			served.Add(1)
			lastIn.Store(began.UnixNano())
		}
	}()
	for served.Load() < 5 {
		time.Sleep(time.Millisecond)
	}
	if status := ask(o.Server.Client(), http.MethodPost, o.Server.URL+"/api/v1/persons/"+o.IDs["leaver"]+"/leaving/closing", o.Tokens["security"]); status != http.StatusOK {
		t.Fatalf("the closing: %d", status)
	}
	closed := time.Now()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the leaver is still in after five seconds")
	}
	if late := time.Unix(0, lastIn.Load()).Sub(closed); late > 0 {
		t.Errorf("a request that began %v after the closing was let through", late)
	}
}
