package signature

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// FuzzVerify looks for a file that makes the reader panic or hang, or that holds although it is not the one that was signed.
func FuzzVerify(f *testing.F) {
	first := sign(f, paper(f), theFirm().signer, Options{})
	both := sign(f, first, theFirm().witness, Options{})
	for _, seed := range [][]byte{first, both, paper(f), both[len(first):], []byte("%PDF-1.7\nxref\n0 1\ntrailer\n<</Root 1 0 R/Size 1/Prev 9>>\nstartxref\n9\n%%EOF"), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pdf []byte) {
		report, err := Verify(pdf)
		if err == nil && report.Intact() && !bytes.Equal(pdf, first) && !bytes.Equal(pdf, both) {
			t.Errorf("a file that nobody signed holds")
		}
		_, _ = extend(pdf, claim{name: "甲", at: now, room: 8})
	})
}

// TestMangledFilesAreTold mangles a signed file in ways that a fuzzer takes long to find.
func TestMangledFilesAreTold(t *testing.T) {
	signed := sign(t, sign(t, paper(t), theFirm().signer, Options{}), theFirm().witness, Options{})
	random := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		bad := bytes.Clone(signed)
		switch at, n := random.IntN(len(bad)), 1+random.IntN(300); random.IntN(5) {
		case 0:
			bad = bad[:at]
		case 1:
			bad = append(bad[:at:at], bad[min(at+n, len(bad)):]...)
		case 2:
			copy(bad[at:], signed[random.IntN(len(signed)):])
		case 3:
			bad = append(bad[:at:at], append(bytes.Repeat([]byte("["), n), bad[at:]...)...)
		case 4:
			bad = bytes.ReplaceAll(bad, []byte("Prev "), []byte("Prev 9"))
			bad[at] ^= 1
		}
		if report, err := Verify(bad); err == nil && report.Intact() && !bytes.Equal(bad, signed) && len(report.Signatures) > 1 {
			t.Error("a mangled file holds")
		}
	}
}

// FuzzMessage looks for a CMS that makes the reader panic.
func FuzzMessage(f *testing.F) {
	value, _ := parts(f, sign(f, paper(f), theFirm().signer, Options{}))
	f.Add(value)
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(_ *testing.T, der []byte) {
		if m, err := readMessage(der); err == nil {
			canonical(der, m)
			_ = m.verify(oidData, der)
			_, _, _ = m.chain(now)
		}
		_, _, _ = readStamp(der, der)
	})
}
