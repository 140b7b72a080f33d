package pledge_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"crypto/sha256"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
	"mijuan/internal/store"
)

// TestJoining: a newcomer can do nothing until the pledge is signed, and everything of the post afterwards.
func TestJoining(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.join("new", access.Lawyer)
		o.wants(o.works("new"), problem.Refused, "work before the pledge")
		if d, _ := guard.AsRefusal(o.works("new")); len(d.Reasons) != 1 || d.Reasons[0].Step != "pledge" {
			t.Fatalf("refused by %+v", d.Reasons)
		}
		due := o.asked("new")
		if len(due) != 1 || due[0].Kind != pledge.Joining || due[0].Version != 1 || !due[0].By.IsZero() || !strings.Contains(due[0].Text, "第三十八条") {
			t.Fatalf("asked for %+v", due)
		}
		s := o.signing("new")
		s.Drawing = drawing(t)
		p, err := o.room.Sign(t.Context(), o.who("new"), s)
		o.must(err)
		o.must(o.works("new"))
		if due := o.asked("new"); len(due) != 0 {
			t.Errorf("still asked for %+v", due)
		}
		pdf, err := o.fetch("new", p.ID)
		o.must(err)
		o.holds(pdf, p)
		text := words(t, pdf)
		for _, want := range []string{"入职保密承诺书", firmName, "欧阳new", "律师", "争议解决部", "13101201010123456", "第1版", "证书指纹"} {
			if !strings.Contains(text, want) {
				t.Errorf("the PDF lacks %q", want)
			}
		}
		if !bytes.Contains(pdf, []byte("/Image")) {
			t.Error("the drawn signature is not in the PDF")
		}
		if _, err := o.room.Sign(t.Context(), o.who("new"), s); !problem.Is(err, problem.Conflict) {
			t.Errorf("signed twice: %v", err)
		}
	})
}

// holds reads a signed PDF as anybody does, and looks for it in the ledger.
func (o *office) holds(pdf []byte, p pledge.Pledge) {
	o.t.Helper()
	report, err := signature.Verify(pdf)
	o.must(err)
	root, err := o.h.Hand.Authority(o.t.Context())
	o.must(err)
	one := report.Signatures[0]
	if !report.Intact() || one.Name != p.Name || signature.Fingerprint(one.Signer) != p.Certificate || signature.Fingerprint(one.CA) != signature.Fingerprint(root) {
		o.t.Fatalf("%+v %v", one, report.Faults())
	}
	sum := sha256.Sum256(pdf)
	if p.Document != hex.EncodeToString(sum[:]) {
		o.t.Errorf("the document is %s", p.Document)
	}
	for kind, id := range map[access.Kind]string{hand.Document: p.Document, hand.Certificate: p.Certificate} {
		e := o.entries(ledger.Query{Thing: id})
		if len(e) != 1 || e[0].Kind != string(kind) || e[0].Act != string(access.SignPledge) || e[0].Actor != p.Person {
			o.t.Errorf("the ledger says %+v of the %s", e, kind)
		}
	}
}

// drawing is a line as from a drawing field.
func drawing(t *testing.T) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for x := 20; x < 280; x++ {
		p.Set(x, 50+x%7, color.Black)
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, p))
	return b.Bytes()
}

// TestWhoMayRead: the signer, the security administrator and the auditor; to others a pledge is not there.
func TestWhoMayRead(t *testing.T) {
	one(t, func(t *testing.T, o *office) {
		o.join("new", access.Trainee)
		p := o.sign("new")
		for _, login := range []string{"security", "auditor"} {
			if pdf, err := o.fetch(login, p.ID); err != nil || len(pdf) < 1000 {
				t.Errorf("%s: %v", login, err)
			}
			if page := o.list(login, pledge.Filter{}); page.Total != 4 {
				t.Errorf("%s sees %d pledges", login, page.Total)
			}
		}
		_, hidden := o.fetch("lawyer", p.ID)
		_, absent := o.fetch("lawyer", "01999999-9999-7999-8999-999999999999")
		if !problem.Is(hidden, problem.Absent) || hidden.Error() != absent.Error() {
			t.Errorf("a colleague: %v; what is not there: %v", hidden, absent)
		}
		weak := o.who("auditor")
		weak.Strong = false
		if _, err := o.room.Fetch(t.Context(), weak, p.ID); !problem.Is(err, problem.Refused) {
			t.Errorf("an auditor without a second factor: %v", err)
		}
		if page := o.list("lawyer", pledge.Filter{}); page.Total != 1 || page.Pledges[0].Person != o.ids["lawyer"] || page.Pledges[0].Document != "" {
			t.Errorf("a colleague sees %+v", page.Pledges)
		}
		o.must(o.do(guard.Who{Via: guard.CLI}, access.Appoint, thing(o.ids["new"]), func(g *guard.Grant) error {
			return o.h.People.ChangeDetails(g, person.Details{Name: "欧阳青"}, "更名")
		}))
		if page := o.list("auditor", pledge.Filter{Text: "欧阳new"}); page.Total != 1 || page.Pledges[0].Name != "欧阳new" {
			t.Errorf("the register follows a change of name: %+v", page)
		}
	})
}

// TestWrongProof: who cannot show who they are signs nothing, and what is shown counts towards the lock.
func TestWrongProof(t *testing.T) {
	one(t, func(t *testing.T, o *office) {
		o.join("new", access.Lawyer)
		a, err := o.h.People.BeginTOTP(t.Context(), o.in["new"], password, desk)
		o.must(err)
		_, err = o.h.People.ConfirmTOTP(t.Context(), o.in["new"], code(t, a.Secret, o.clock.Now()), desk)
		o.must(err)
		try := func(password, code, session string) error {
			s := o.signing("new")
			s.Password, s.Code, s.Session = password, code, session
			_, err := o.room.Sign(t.Context(), o.who("new"), s)
			return err
		}
		o.clock.Forward(time.Minute) // the code that set it up is used up
		o.wants(try("Wrong-7-harbour", code(t, a.Secret, o.clock.Now()), o.in["new"]), problem.Unauthenticated, "a wrong password")
		o.wants(try(password, "", o.in["new"]), problem.Unauthenticated, "no code")
		o.wants(try(password, code(t, a.Secret, o.clock.Now().Add(time.Hour)), o.in["new"]), problem.Unauthenticated, "a wrong code")
		o.wants(try(password, code(t, a.Secret, o.clock.Now()), o.in["lawyer"]), problem.Unauthenticated, "another's session")
		o.wants(o.works("new"), problem.Refused, "work")
		if n := o.count(`SELECT COUNT(*) FROM signed_document`) + o.count(`SELECT COUNT(*) FROM signing_key`); n != 0 {
			t.Errorf("%d rows were written", n)
		}
		o.must(try(password, code(t, a.Secret, o.clock.Now()), o.in["new"]))
		o.must(o.works("new"))
		_, err = o.publish(24 * time.Hour)
		o.must(err)
		o.clock.Forward(16 * time.Minute) // another lock's worth, in a new session
		for range 5 {
			o.enterWith("new", a.Secret)
			o.wants(try("Wrong-7-harbour", "", o.in["new"]), problem.Unauthenticated, "a wrong password")
			if o.count(`SELECT COUNT(*) FROM login_attempt WHERE locked_until > 0`) > 0 {
				break
			}
		}
	})
}

// TestChangedMeanwhile: what changes while the document is being signed leaves nothing written.
func TestChangedMeanwhile(t *testing.T) {
	one(t, func(t *testing.T, o *office) {
		o.join("new", access.Lawyer)
		change := func(what func()) error {
			once := what
			desk := hand.New(o.h.DB, o.h.Door, o.h.Keys, o.h.People, func(context.Context) (string, error) {
				if once != nil {
					once()
					once = nil
				}
				return firmName, nil
			}, "")
			_, err := pledge.New(o.h.DB, o.h.Door, o.h.Keys, o.h.People, desk, o.h.Name).Sign(t.Context(), o.who("new"), o.signing("new"))
			o.must(o.h.DB.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(`DELETE FROM signing_authority`); return err }))
			return err
		}
		o.wants(change(func() {
			o.must(o.do(guard.Who{Via: guard.CLI}, access.Appoint, thing(o.ids["new"]), func(g *guard.Grant) error {
				return o.h.People.ChangePosts(g, []access.Post{access.Assistant}, "调岗")
			}))
		}), problem.Conflict, "another post")
		o.wants(change(func() { _, err := o.publish(time.Hour); o.must(err) }), problem.Conflict, "another edition")
		o.wants(change(func() { o.clock.Forward(6 * time.Minute) }), problem.Conflict, "too long")
		o.wants(change(func() {
			o.must(o.do(guard.Who{Via: guard.CLI}, access.Appoint, thing(o.ids["new"]), func(g *guard.Grant) error { return o.h.People.Suspend(g, "停用") }))
		}), problem.Refused, "a closed account")
		if n := o.count(`SELECT COUNT(*) FROM signed_document`) + o.count(`SELECT COUNT(*) FROM signing_key`) + o.count(`SELECT COUNT(*) FROM pledge`); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	})
}

// TestStampingAuthorityAway: without the stamp that the firm asks for nothing is signed.
func TestStampingAuthorityAway(t *testing.T) {
	server := httptest.NewServer(stamps(503))
	defer server.Close()
	o := found(t, store.SQLite, server.URL)
	o.join("new", access.Lawyer)
	_, err := o.room.Sign(t.Context(), o.who("new"), o.signing("new"))
	o.wants(err, problem.Unavailable, "a stamping authority that is away")
	if n := o.count(`SELECT COUNT(*) FROM signed_document`); n != 0 {
		t.Errorf("%d documents", n)
	}
}

// TestBadDrawing: a drawing is a picture with strokes, or it is refused before anything else is asked.
func TestBadDrawing(t *testing.T) {
	o := found(t, store.SQLite, "")
	o.join("new", access.Lawyer)
	for name, bad := range map[string][]byte{"text": []byte("<svg/>"), "large": bytes.Repeat([]byte{1}, 600<<10)} {
		s := o.signing("new")
		s.Drawing = bad
		if _, err := o.room.Sign(t.Context(), o.who("new"), s); err == nil || problem.KindOf(err) != problem.Invalid && problem.KindOf(err) != problem.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
}
