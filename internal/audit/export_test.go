package audit_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// TestExportLeavesNothingBehind: the ledger leaves as it is read, on a machine where no temporary file can be made.
func TestExportLeavesNothingBehind(t *testing.T) {
	o := housetest.Found(t, housetest.Settings(t))
	t.Setenv("TMPDIR", "/nowhere")
	var out bytes.Buffer
	housetest.Must(t, o.House.Audit.Export(t.Context(), o.Who("auditor"), &out))
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	housetest.Must(t, err)
	if _, err := z.Open("manifest.json"); err != nil {
		t.Error(err)
	}
}

// TestFiltersOfTheWholeHaveAnIndex: what is asked inside the writer must not cost what the ledger has grown to.
func TestFiltersOfTheWholeHaveAnIndex(t *testing.T) {
	o := housetest.Found(t, housetest.Settings(t))
	for column, value := range map[string]any{"outcome": int64(ledger.Refused), "act": string(access.ViewPage)} {
		var plan string
		housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			_, err := store.List(tx, func(r store.Row) (s string, err error) {
				var id, parent, unused int
				err = r.Scan(&id, &parent, &unused, &s)
				plan += s + "; "
				return s, err
			}, `EXPLAIN QUERY PLAN SELECT seq FROM ledger_entry WHERE `+column+` = $1 ORDER BY seq DESC LIMIT 50`, value)
			return err
		}))
		if want := fmt.Sprintf("ledger_entry_%s (%s=?)", column, column); !bytes.Contains([]byte(plan), []byte(want)) {
			t.Errorf("by %s: %s", column, plan)
		}
	}
}
