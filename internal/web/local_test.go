package web

import "testing"

// TestALogInLeadsNowhereElse: what a link says to go on to is a page of this firm, whatever browsers make of an address.
func TestALogInLeadsNowhereElse(t *testing.T) {
	for address, want := range map[string]string{"/approvals/0198?x=1": "/approvals/0198?x=1", "": "/", "https://evil.example": "/", "//evil.example": "/", `/\evil.example`: "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", " //evil.example": "/", "/\x00/evil.example": "/", "javascript:alert(1)": "/"} {
		if got := local(address); got != want {
			t.Errorf("%q leads to %q", address, got)
		}
	}
	if got := onward("/login/second", "/approvals/1?a=b&c"); got != "/login/second?back=%2Fapprovals%2F1%3Fa%3Db%26c" {
		t.Errorf("the second step is %s", got)
	}
	if got := onward("/login/second", "//evil.example"); got != "/login/second" {
		t.Errorf("the second step is %s", got)
	}
}
