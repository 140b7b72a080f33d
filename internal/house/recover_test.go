package house_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/classification"
	"mijuan/internal/house/housetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestRecoverGivesSignedPapers: what people signed comes back byte for byte, beside the documents, with a list of who signed what.
func TestRecoverGivesSignedPapers(t *testing.T) {
	o := housetest.Found(t, housetest.Settings(t))
	o.Sign("outsider")
	o.Receive(o.OpenMatter("股权转让纠纷", "沧浪环保有限公司"), "a.txt", "代理词", "内容", classification.Secret)
	out := t.TempDir()
	report, err := o.House.Recover(t.Context(), out, func(uint64, uint64) {})
	housetest.Must(t, err)
	if report.Papers != 1 || report.Recovered != 1 || len(report.Failed) > 0 {
		t.Fatalf("got back: %+v", report)
	}
	files, err := filepath.Glob(filepath.Join(out, "signed", "*.pdf"))
	housetest.Must(t, err)
	raw, err := os.ReadFile(files[0])
	housetest.Must(t, err)
	list, err := os.ReadFile(filepath.Join(out, "signed", "list.csv"))
	housetest.Must(t, err)
	sum := sha256.Sum256(raw)
	if got := string(list); !strings.Contains(got, hex.EncodeToString(sum[:])) || !strings.Contains(got, "测试outsider") || !strings.Contains(got, filepath.Base(files[0])) {
		t.Errorf("the list does not name the paper: %s", got)
	}
}
