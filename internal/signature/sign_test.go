package signature

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"mijuan/internal/problem"
)

func verified(t *testing.T, pdf []byte) Report {
	t.Helper()
	report, err := Verify(pdf)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestReportSaysWhoAndWhen(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{Place: "上海"})
	report := verified(t, signed)
	if !report.Intact() || len(report.Signatures) != 1 {
		t.Fatal(report.Faults())
	}
	s := report.Signatures[0]
	if s.Name != "欧阳静" || s.Reason != "签署保密承诺书" || s.Place != "上海" || !s.Claimed.Equal(now) || !s.Whole || s.Covers != len(signed) || s.Since != Nothing || s.Stamp != nil {
		t.Errorf("%+v", s)
	}
	if Fingerprint(s.Signer) != Fingerprint(theFirm().signer.Certificate()) || Fingerprint(s.CA) != Fingerprint(theFirm().authority.Certificate()) {
		t.Error("the report names other certificates")
	}
	if again := sign(t, paper(t), theFirm().signer, Options{Place: "上海"}); !bytes.Equal(again, signed) {
		t.Error("the same signature on the same document is not the same bytes")
	}
}

func TestWitnessSignsToo(t *testing.T) {
	first := sign(t, paper(t), theFirm().signer, Options{})
	both := sign(t, first, theFirm().witness, Options{Reason: "监督签署", Time: now.Add(time.Hour)})
	if !bytes.HasPrefix(both, first) {
		t.Fatal("the second signature moved bytes of the first")
	}
	report := verified(t, both)
	if !report.Intact() || len(report.Signatures) != 2 {
		t.Fatal(report.Faults())
	}
	a, b := report.Signatures[0], report.Signatures[1]
	if a.Whole || a.Covers != len(first) || a.Since != Signatures || !b.Whole || b.Since != Nothing || b.Name != "周启明" {
		t.Errorf("%+v\n%+v", a, b)
	}
	third := sign(t, both, theFirm().signer, Options{Reason: "归档", Time: now.Add(2 * time.Hour)})
	if report := verified(t, third); !report.Intact() || report.Signatures[0].Since != Signatures || report.Signatures[1].Since != Signatures {
		t.Error(report.Faults())
	}
	// Of two signatures only: NSS 3.87 may call a certificate that it sees twice in one file reused, valid as the signature is.
	if out := pdfsig(t, nss(t), both); !accepted(out, 2) {
		t.Errorf("pdfsig does not accept two signatures:\n%s", out)
	}
	outsider(t, "qpdf", "--check", saved(t, "third.pdf", third))
}

// TestWhatComesLaterIsTold adds to a signed document what is not a signature.
func TestWhatComesLaterIsTold(t *testing.T) {
	first := sign(t, paper(t), theFirm().signer, Options{})
	both := sign(t, first, theFirm().witness, Options{})
	for name, pdf := range map[string][]byte{
		"an update that changes the page": repainted(t, first),
		"an update behind two":            repainted(t, both),
		"a signature over a changed page": secretly(t, repainted(t, first)),
	} {
		report := verified(t, pdf)
		if report.Intact() || report.Signatures[0].Since != Changes {
			t.Errorf("%s: %+v", name, report.Signatures[0])
		}
		if _, err := Sign(context.Background(), pdf, theFirm().signer, Options{Time: now}); !problem.Is(err, problem.Damaged) {
			t.Errorf("%s can be signed: %v", name, err)
		}
	}
	if report := verified(t, first); report.Signatures[0].Since != Nothing {
		t.Error("a document without additions has some")
	}
	for name, pdf := range map[string][]byte{"bytes behind the end": append(bytes.Clone(first), "\n%"...), "a cut end": first[:len(first)-3], "no signature": paper(t)} {
		if report, err := Verify(pdf); err == nil && report.Intact() {
			t.Errorf("%s is not told", name)
		}
	}
	if report, err := Verify(first[:bytes.Index(first, []byte("%%EOF"))+6]); err == nil && report.Intact() {
		t.Error("a signature that was taken off is not told")
	}
}

// repainted appends an update that empties the first page, as an editor would.
func repainted(t *testing.T, pdf []byte) []byte {
	t.Helper()
	d, err := load(pdf)
	if err != nil {
		t.Fatal(err)
	}
	page, err := d.firstPage()
	if err != nil {
		t.Fatal(err)
	}
	u := &writer{d: d, b: bytes.NewBuffer(bytes.Clone(pdf)), offsets: map[int]int{}}
	u.object(page.number, d.with(d.resolve(page), "Contents", "[]"))
	u.trailer(claim{})
	return u.b.Bytes()
}

// secretly signs without looking at what is there.
func secretly(t *testing.T, pdf []byte) []byte {
	t.Helper()
	room, err := theFirm().witness.room()
	if err != nil {
		t.Fatal(err)
	}
	signed, short, err := attempt(context.Background(), pdf, theFirm().witness, claim{name: "周启明", at: now, room: room}, nil)
	if err != nil || short != 0 {
		t.Fatal(err, short)
	}
	return signed
}

func TestWhatIsNotSigned(t *testing.T) {
	ctx, signer := context.Background(), theFirm().signer
	for _, pdf := range []string{"", "%PDF-1.7", "no PDF", strings.Replace(string(paper(t)), "/Type /Pages", "/Type /Paged", 1)[:500]} {
		if _, err := Sign(ctx, []byte(pdf), signer, Options{Time: now}); !problem.Is(err, problem.Invalid) {
			t.Errorf("%.20q: %v", pdf, err)
		}
	}
	if _, err := Sign(ctx, paper(t), signer, Options{Time: now.AddDate(11, 0, 0)}); !problem.Is(err, problem.Refused) {
		t.Errorf("a certificate that has ended signs: %v", err)
	}
	if _, err := Sign(ctx, paper(t), signer, Options{Time: now.AddDate(0, 0, -1)}); !problem.Is(err, problem.Refused) {
		t.Errorf("a certificate signs before it begins: %v", err)
	}
	if _, err := Sign(ctx, paper(t), signer, Options{Time: now, Reason: strings.Repeat("由", maxClaim+1)}); !problem.Is(err, problem.TooLarge) {
		t.Errorf("a long reason: %v", err)
	}
}

// TestForeignAuthority shows that a signature by somebody else's authority of the same name leads to another root.
func TestForeignAuthority(t *testing.T) {
	f := theFirm()
	sealed, cert, err := Found(f.keys, "明衡律师事务所", now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := OpenAuthority(f.keys, sealed, cert, quick)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenAuthority(f.keys, sealed, f.certCA, quick); !problem.Is(err, problem.Damaged) {
		t.Errorf("a key opens under another certificate: %v", err)
	}
	if _, err := other.Unlock("0190-a", f.sealed, password); !problem.Is(err, problem.Damaged) {
		t.Errorf("another authority unlocks: %v", err)
	}
	forged := &Signer{cert: f.signer.cert, issuer: other.cert, key: f.signer.key}
	if _, err := Sign(context.Background(), paper(t), forged, Options{Time: now}); err == nil {
		t.Error("a certificate signs under a root that did not issue it")
	}
}
