package house_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/blob"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// each runs a test with a firm in a directory, and with one in PostgreSQL and a bucket.
func each(t *testing.T, test func(t *testing.T, o *housetest.Office)) {
	t.Run("directory", func(t *testing.T) { test(t, housetest.Found(t, housetest.Settings(t))) })
	t.Run("postgres and s3", func(t *testing.T) {
		s := housetest.Settings(t)
		s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, s3test.Start(t)
		test(t, housetest.Found(t, s))
	})
}

// papers are two documents of one matter, one of them of several parts of an object, and one of another.
func papers(o *housetest.Office) map[string]string {
	long := strings.Repeat("第一条　甲方将其持有的目标公司股权转让给乙方。\n", 120_000)
	first, second := o.OpenMatter("股权转让纠纷", "沧浪环保有限公司"), o.OpenMatter("劳动争议", "云麓科技有限公司")
	return map[string]string{o.Receive(first, "a.txt", "代理词", "第一份的内容", classification.Secret): "第一份的内容",
		o.Receive(first, "b.txt", "转让协议", long, classification.Secret): long, o.Receive(second, "c.txt", "起诉状", "另一案的内容", classification.Secret): "另一案的内容"}
}

func reopened(t *testing.T, o *housetest.Office) *house.House {
	t.Helper()
	h, err := house.OpenToRecover(t.Context(), o.House.Settings)
	housetest.Must(t, err)
	t.Cleanup(func() { h.Close() })
	return h
}

// recovered gives what came back by the documents' numbers.
func recovered(t *testing.T, h *house.House) (out string, report house.Recovery, files map[string]string) {
	t.Helper()
	out, files = t.TempDir(), map[string]string{}
	report, err := h.Recover(t.Context(), out, func(uint64, uint64) {})
	housetest.Must(t, err)
	for _, row := range list(t, out) {
		if row[6] != "" {
			raw, err := os.ReadFile(filepath.Join(out, row[6]))
			housetest.Must(t, err)
			files[row[0]] = string(raw)
		}
	}
	return out, report, files
}

func list(t *testing.T, out string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(out, "list.csv"))
	housetest.Must(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	housetest.Must(t, err)
	return rows[1:]
}

func numbers(t *testing.T, o *housetest.Office, ids map[string]string) map[string]string {
	t.Helper()
	byNumber := map[string]string{}
	housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
		for id, content := range ids {
			n, err := o.House.Shelf.Numbers(tx, []string{id})
			if err != nil {
				return err
			}
			byNumber[n[id]] = content
		}
		return nil
	}))
	return byNumber
}

// TestRecoverWholeFirm gets every document back byte for byte, although the firm's own rules are broken; the ledger tells of it; and the
// stock age tool opens one from what was put beside it.
func TestRecoverWholeFirm(t *testing.T) {
	each(t, func(t *testing.T, o *housetest.Office) {
		want := numbers(t, o, papers(o))
		own := filepath.Join(o.House.Settings.Data, "policy")
		housetest.Must(t, os.MkdirAll(own, 0o700))
		housetest.Must(t, os.WriteFile(filepath.Join(own, "1-scope.cedar"), []byte("no rule at all"), 0o600))
		if h, err := house.Open(t.Context(), o.House.Settings); err == nil {
			h.Close()
			t.Fatal("a firm with broken rules opens for work")
		}
		h := reopened(t, o)
		out, report, got := recovered(t, h)
		if len(report.Failed) > 0 || report.Recovered != len(want) || report.Unrecorded != nil {
			t.Errorf("%+v", report)
		}
		for n, content := range want {
			if got[n] != content {
				t.Errorf("%s came back as %d bytes, want %d", n, len(got[n]), len(content))
			}
		}
		byAge(t, h, out, want)
		housetest.Must(t, os.RemoveAll(own))
		told := false
		housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("auditor"), access.ReadLedger, guard.Thing{Kind: access.Ledger, ID: "ledger"}, func(g *guard.Grant) error {
			page, err := o.House.Audit.All(g, audit.Filter{Act: access.ManageSystem})
			for _, l := range page.Lines {
				told = told || l.Notes["recovery"] == true
			}
			return err
		}))
		if !told {
			t.Error("the ledger does not tell of the recovery")
		}
	})
}

// byAge opens one document with the age tool, as ByHand says.
func byAge(t *testing.T, h *house.House, out string, want map[string]string) {
	t.Helper()
	row := list(t, out)[0]
	header, err := os.ReadFile(filepath.Join(out, "headers", row[7]))
	housetest.Must(t, err)
	payload, err := h.Blobs.Open(t.Context(), row[7])
	housetest.Must(t, err)
	defer payload.Close()
	age := exec.CommandContext(t.Context(), ageTool(t), "--decrypt", "-i", filepath.Join(out, "keys", row[3]+".age-identity"))
	age.Stdin = io.MultiReader(bytes.NewReader(header), blob.Stream(payload))
	plain, err := age.Output()
	if err != nil || string(plain) != want[row[0]] {
		t.Errorf("age gives %d bytes of %d: %v", len(plain), len(want[row[0]]), err)
	}
}

// ageTool is the one that scripts/tools put beside the other tools; what a system brings may be too old.
func ageTool(t *testing.T) string {
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		path := filepath.Join(dir, ".cache", "bin", "age")
		if _, err := os.Stat(path); err == nil {
			path, err = filepath.Abs(path)
			housetest.Must(t, err)
			return path
		}
		if abs, err := filepath.Abs(dir); err != nil || abs == "/" {
			break
		}
	}
	path, err := exec.LookPath("age")
	housetest.Must(t, err)
	return path
}

// TestRecoverPassesDamageOver: a title, a name, a matter's key and an object that do not open cost themselves and nothing else.
func TestRecoverPassesDamageOver(t *testing.T) {
	wreck := func(column, table, where string) func(*testing.T, *housetest.Office, string) {
		return func(t *testing.T, o *housetest.Office, id string) {
			housetest.Must(t, o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(`UPDATE `+table+` SET `+column+` = $2 WHERE id = `+where, id, []byte("damaged"))
				return err
			}))
		}
	}
	for what, c := range map[string]struct {
		damage func(*testing.T, *housetest.Office, string)
		whole  bool // the content comes back all the same
	}{
		"title": {wreck("sealed_title", "material", "$1"), true}, "name": {wreck("sealed_name", "material", "$1"), true},
		"key":    {wreck("sealed_key", "matter", "(SELECT matter FROM material WHERE id = $1)"), false},
		"header": {wreck("header", "version", "(SELECT id FROM version WHERE material = $1)"), false},
	} {
		t.Run(what, func(t *testing.T) {
			o := housetest.Found(t, housetest.Settings(t))
			first := o.Receive(o.OpenMatter("股权转让纠纷", "沧浪环保有限公司"), "a.txt", "代理词", "第一份", classification.Secret)
			other := o.Receive(o.OpenMatter("劳动争议", "云麓科技有限公司"), "b.txt", "起诉状", "第二份", classification.Secret)
			want := numbers(t, o, map[string]string{first: "第一份", other: "第二份"})
			hit := numbers(t, o, map[string]string{first: ""})
			c.damage(t, o, first)
			_, report, got := recovered(t, reopened(t, o))
			for n, content := range want {
				if _, damaged := hit[n]; (!damaged || c.whole) && got[n] != content {
					t.Errorf("%s came back as %q", n, got[n])
				}
			}
			told := false
			for _, l := range report.Failed {
				if _, ok := hit[l.What]; ok {
					told = l.Cause != ""
				}
			}
			if !told {
				t.Errorf("the damage is not told: %+v", report)
			}
		})
	}
}
