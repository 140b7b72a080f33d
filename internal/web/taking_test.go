package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
)

// table reads an exported workbook: the head's lines, and the rows below the columns' names.
func table(t *testing.T, a answer) (head []string, rows [][]string) {
	t.Helper()
	if a.status != http.StatusOK || !strings.Contains(a.header.Get("Content-Type"), "spreadsheetml") {
		t.Fatalf("no workbook: %d %s %.300s", a.status, a.header.Get("Content-Type"), a.body)
	}
	f, err := excelize.OpenReader(strings.NewReader(a.body))
	must(t, err)
	defer f.Close()
	all, err := f.GetRows(f.GetSheetName(0))
	must(t, err)
	for _, r := range all[:4] {
		head = append(head, strings.Join(r, ""))
	}
	return head, all[5:]
}

// paper reads an exported PDF without its white space.
func paper(t *testing.T, a answer) string {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/pdf" {
		t.Fatalf("no PDF: %d %.300s", a.status, a.body)
	}
	path := filepath.Join(t.TempDir(), "register.pdf")
	must(t, os.WriteFile(path, []byte(a.body), 0o600))
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	must(t, err)
	return strings.Join(strings.Fields(string(out)), "")
}

// TestMaterialsLeaveMarked exports the materials that one person may see: those and no others, under a head that says who
// fetched what, with a record of its own in the firm's and the matter's ledger.
func TestMaterialsLeaveMarked(t *testing.T) {
	o := found(t)
	secret := o.Receive(o.matter, "a.txt", "=代理词", "争议焦点", classification.Secret)
	o.Review(secret, classification.Secret)
	plain := o.Receive(o.matter, "b.txt", "证据目录", "目录", classification.Confidential)
	o.Review(plain, classification.Confidential)

	for _, path := range []string{"/materials", "/matters/" + o.matter} {
		a := o.loggedIn("lead").get(path + "?format=xlsx")
		head, rows := table(t, a)
		e := o.entries("exportRegister", 10)
		intent := e[len(e)-1]
		for _, x := range e { // the act's own entry is the first of this export
			if x.Kind == map[bool]string{true: "Firm", false: "Matter"}[path == "/materials"] && x.Outcome == ledger.Allowed {
				intent = x
				break
			}
		}
		no := strconv.FormatUint(intent.Seq, 10)
		if len(rows) != 2 || head[0] != firmName || head[1] != "资料登记簿" || head[2] != "客户资料·机密级" || !strings.Contains(head[3], "测试lead（lead）") || !strings.Contains(head[3], "第 "+no+" 条") {
			t.Errorf("%s: head %q, %d rows", path, head, len(rows))
		}
		if want := fmt.Sprintf(`attachment; filename="materials-%s.xlsx"`, no); a.header.Get("Content-Disposition") != want {
			t.Errorf("%s: %s, want %s", path, a.header.Get("Content-Disposition"), want)
		}
		if e[0].Outcome != ledger.Completed {
			t.Errorf("%s: the outcome is not on record: %v", path, e[0].Outcome)
		}
		inMatter := false
		for _, x := range e {
			inMatter = inMatter || x.Matter == o.matter
		}
		if !inMatter {
			t.Errorf("%s: the matter's ledger does not tell of the export", path)
		}
	}
	text := paper(t, o.loggedIn("lead").get("/matters/"+o.matter+"?format=pdf"))
	for _, want := range []string{firmName, "资料登记簿", "客户资料·机密级", "=代理词", "测试lead（lead）", "第1页，共1页"} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF lacks %q: %s", want, text)
		}
	}
	// The trainee may know 秘密级 only.
	head, rows := table(t, o.loggedIn("trainee").get("/materials?format=xlsx"))
	if len(rows) != 1 || rows[0][1] != "证据目录" || head[2] != "客户资料·秘密级" {
		t.Errorf("the trainee gets %q marked %s", rows, head[2])
	}
	if _, rows := table(t, o.loggedIn("lead").get("/materials?format=xlsx&level=confidential")); len(rows) != 1 {
		t.Errorf("narrowed to a level: %q", rows)
	}
	if _, rows := table(t, o.loggedIn("lead").post("/materials/search?format=xlsx", url.Values{"q": {"证据"}})); len(rows) != 1 {
		t.Errorf("narrowed by a posted search: %q", rows)
	}
}

func TestMattersAndRosterLeave(t *testing.T) {
	o := found(t)
	head, rows := table(t, o.loggedIn("handling").get("/matters?format=xlsx"))
	if len(rows) != 1 || rows[0][3] != clientName || head[1] != "案件登记簿" || head[2] != "客户资料·秘密级" {
		t.Errorf("matters: %q %q", head, rows)
	}
	if _, rows := table(t, o.loggedIn("outsider").get("/matters?format=xlsx")); len(rows) != 0 {
		t.Errorf("an outsider gets %q", rows)
	}
	head, rows = table(t, o.loggedIn("security").get("/people?format=xlsx&status=active"))
	if len(rows) != 9 || head[1] != "人员登记簿" || head[2] != "内部资料，不得外传" || !strings.Contains(head[3], "状态 在岗") {
		t.Errorf("roster: %q, %d rows", head, len(rows))
	}
	if e := o.entries("exportRoster", 2); len(e) != 2 || e[1].Outcome != ledger.Allowed || e[0].Outcome != ledger.Completed {
		t.Errorf("the export of the roster is not on record: %v", e)
	}
}

func TestExportsAreRefused(t *testing.T) {
	o := found(t)
	for _, k := range []struct {
		login, path string
		status      int
	}{
		{"outsider", "/matters/" + o.matter + "?format=xlsx", 404}, {"walled", "/matters/" + o.matter + "?format=pdf", 404}, {"director", "/matters/" + o.matter + "?format=pdf", 404},
		{"auditor", "/materials?format=xlsx", 403}, {"security", "/matters?format=xlsx", 403}, {"lead", "/ledger?format=csv", 403}, {"security", "/ledger?format=csv", 403},
		{"outsider", "/matters/" + o.matter + "/ledger?format=csv", 404}, {"director", "/people/" + o.IDs["lead"] + "/acts?format=pdf", 403}, {"lead", "/materials?format=csv", 422},
		{"lead", "/materials?format=docx", 422}, {"auditor", "/ledger?format=docx", 422},
	} {
		if a := o.loggedIn(k.login).get(k.path); a.status != k.status || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s at %s: %d, want %d", k.login, k.path, a.status, k.status)
		}
	}
}

// TestLedgerLeavesWhole exports more entries than one read holds.
func TestLedgerLeavesWhole(t *testing.T) {
	o := found(t)
	const many = 1_300
	for range many {
		must(t, o.House.Door.Do(t.Context(), o.Who("trainee"), access.UseSystem, guard.Firm, func(*guard.Grant) error { return nil }))
	}
	a := o.loggedIn("auditor").get("/ledger?format=csv")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("%d %s %.300s", a.status, a.header.Get("Content-Type"), a.body)
	}
	rows, err := csv.NewReader(bytes.NewReader([]byte(strings.TrimPrefix(a.body, "\ufeff")))).ReadAll()
	must(t, err)
	intent := o.entries("exportLedger", 2)[1]
	if rows[0][0] != "seq" || uint64(len(rows)-1) < many || strings.Contains(a.body, clientName) {
		t.Fatalf("%d rows, head %q", len(rows), rows[0])
	}
	first, err := strconv.ParseUint(rows[1][0], 10, 64)
	must(t, err)
	for i, r := range rows[1:] {
		if n, err := strconv.ParseUint(r[0], 10, 64); err != nil || n != first+uint64(i) {
			t.Fatalf("row %d is entry %s", i, r[0])
		}
	}
	if last, _ := strconv.ParseUint(rows[len(rows)-1][0], 10, 64); last != intent.Seq-1 {
		t.Errorf("the last entry is %d, the export is %d", last, intent.Seq)
	}
	head, narrowed := table(t, o.loggedIn("auditor").get("/ledger?format=xlsx&act=openMatter"))
	if len(narrowed) != 2 || head[1] != "台账" || !strings.Contains(head[3], "事项 立案") {
		t.Errorf("narrowed to openings: %q %d", head, len(narrowed))
	}
}

func TestRecordsLeave(t *testing.T) {
	o := found(t)
	if text := paper(t, o.loggedIn("lead").get("/matters/"+o.matter+"/ledger?format=pdf")); !strings.Contains(text, "本案台账") || !strings.Contains(text, "立案") {
		t.Errorf("the matter's ledger: %s", text)
	}
	if _, rows := table(t, o.loggedIn("auditor").get("/matters/"+o.matter+"/ledger?format=xlsx")); len(rows) == 0 {
		t.Error("the auditor gets no rows of the matter's ledger")
	}
	told := false
	for _, e := range o.entries("exportLedger", 3) {
		told = told || e.Matter == o.matter
	}
	if !told {
		t.Error("the matter's ledger does not tell that the auditor exported it")
	}
	if _, rows := table(t, o.loggedIn("lead").get("/people/"+o.IDs["lead"]+"/acts?format=xlsx")); len(rows) == 0 {
		t.Error("one's own acts have no rows")
	}
}
