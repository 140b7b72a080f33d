package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// TestBrokenOffDownloads fetches the ledger as a register and as an archive while an entry in its middle is damaged: what left before it is
// no whole file to the browser, and the ledger tells that it broke off.
func TestBrokenOffDownloads(t *testing.T) {
	o := found(t)
	b := o.loggedIn("auditor")
	for range 1200 {
		must(t, o.House.Door.Do(t.Context(), o.Who("auditor"), access.ReadLedger, guard.Thing{Kind: access.Ledger, ID: "ledger"}, func(*guard.Grant) error { return nil }))
	}
	must(t, o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE ledger_entry SET detail = $1, outcome = 99 WHERE seq = 1100`, []byte("damaged"))
		return err
	}))
	for path, method := range map[string]string{"/ledger/file?format=csv": http.MethodGet, "/ledger/export": http.MethodPost} {
		r, err := http.NewRequest(method, o.Server.URL+path, strings.NewReader(""))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		resp, err := b.client.Do(r)
		must(t, err)
		raw, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil || resp.StatusCode != http.StatusOK || len(raw) == 0 || strings.Contains(string(raw), "<html") {
			t.Errorf("%s: %d, %d bytes, %v", path, resp.StatusCode, len(raw), err)
		}
		if e := o.entries("exportLedger", 1); e[0].Outcome != ledger.BrokenOff {
			t.Errorf("%s: on record as %v", path, e[0].Outcome)
		}
	}
}
