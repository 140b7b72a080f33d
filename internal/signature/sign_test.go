package signature

import (
	"os"
	"strings"
	"testing"
)

func TestOneSignature(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{Place: "上海"})
	if dir := os.Getenv("SIGNED_OUT"); dir != "" {
		_ = os.WriteFile(dir+"/signed.pdf", signed, 0o600)
	}
	report, err := Verify(signed)
	if err != nil || !report.Intact() {
		t.Fatal(err, report.Faults())
	}
	out := pdfsig(t, nss(t), signed)
	t.Log(out)
	for _, want := range []string{"Signature is Valid.", "Certificate is Trusted.", "Total document signed", "ETSI.CAdES.detached", "欧阳静"} {
		if !strings.Contains(out, want) {
			t.Errorf("pdfsig does not say %q:\n%s", want, out)
		}
	}
}
