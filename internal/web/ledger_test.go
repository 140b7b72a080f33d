package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"mijuan/internal/store"
)

// TestVerificationIsSeen: the page tells what a verification found, and the desks of those who verify do.
func TestVerificationIsSeen(t *testing.T) {
	o := found(t)
	must(t, o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE ledger_entry SET actor = 'nobody' WHERE seq = 7`)
		return err
	}))
	if a := o.loggedIn("security").post("/ledger/verify", url.Values{}); a.path != "/ledger" {
		t.Errorf("%d %s", a.status, a.path)
	}
	page := ""
	for range 100 {
		if page = o.loggedIn("security").get("/ledger").body; !strings.Contains(page, "正在校验") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !strings.Contains(page, "第 7 条") || !strings.Contains(page, "共 1 条记录与树上的不符") {
		t.Errorf("the page: %.3000s", page)
	}
	for login, want := range map[string]bool{"auditor": true, "security": true, "lead": false} {
		if got := strings.Contains(o.loggedIn(login).get("/").body, "台账校验发现记录被改动"); got != want {
			t.Errorf("the desk of %s tells: %v", login, got)
		}
	}
	if a := o.loggedIn("lead").post("/ledger/verify", url.Values{}); !strings.Contains(a.body, "台账由审计员或安全管理员校验") {
		t.Errorf("somebody without the duty: %d %.300s", a.status, a.body)
	}
}
