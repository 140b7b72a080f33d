package web_test

import (
	"net/http"
	"strings"
	"testing"

	"mijuan/internal/classification"
)

// TestRefusalsLeadOn: who may not know a material at its level is led to the form that asks for it, with the matter filled in; who comes
// before the review, back to the matter. Nobody is told a matter's number by the form.
func TestRefusalsLeadOn(t *testing.T) {
	o := found(t)
	secret := o.Receive(o.matter, "a.txt", "谈判底线", "内容", classification.Secret)
	o.Review(secret, classification.Secret)
	waiting := o.Receive(o.matter, "b.txt", "证据目录", "目录", classification.Confidential)
	trainee := o.loggedIn("trainee")
	ask := "/rights?matter=" + o.matter
	if a := trainee.get("/materials/" + secret); a.status != http.StatusForbidden || !strings.Contains(a.body, `href="`+ask+`"`) {
		t.Errorf("above the level: %d, no way to ask", a.status)
	}
	if a := trainee.get("/materials/" + waiting); a.status != http.StatusForbidden || !strings.Contains(a.body, `href="/matters/`+o.matter+`"`) {
		t.Errorf("before the review: %d, no way on", a.status)
	}
	if a := trainee.get(ask); a.status != http.StatusOK || !strings.Contains(a.body, `-0001"`) {
		t.Errorf("the form: %d, without the matter's number", a.status)
	}
	if a := o.loggedIn("outsider").get(ask); a.status != http.StatusNotFound {
		t.Errorf("a stranger to the matter: %d", a.status)
	}
}
