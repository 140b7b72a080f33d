package server

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestOwnCertificate is made once, made anew when it must be, and mended when a crash left two halves; a firm's own stays.
func TestOwnCertificate(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "tls"), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	certificate := func(at time.Time, hosts ...string) []byte {
		t.Helper()
		c, err := Certificate(dir, hosts, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hosts {
			if err := c.Leaf.VerifyHostname(h); err != nil {
				t.Error(err)
			}
		}
		return c.Certificate[0]
	}
	first := certificate(now, "localhost", "127.0.0.1")
	if !bytes.Equal(first, certificate(now.AddDate(1, 10, 0), "localhost")) {
		t.Error("a good certificate was made anew")
	}
	if bytes.Equal(first, certificate(now, "mijuan.example")) {
		t.Error("a certificate without the host stays")
	}
	second := certificate(now, "mijuan.example")
	later := now.AddDate(1, 11, 10)
	third := certificate(later, "mijuan.example")
	if bytes.Equal(second, third) {
		t.Error("a certificate that ends soon stays")
	}
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(third, certificate(later, "mijuan.example")) {
		t.Error("a torn pair stays")
	}
	_, key, err := selfSigned([]string{"firm.example"}, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"cert.pem": []byte("-----BEGIN CERTIFICATE-----\n"), "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Certificate(dir, []string{"firm.example"}, now); err == nil {
		t.Error("a pair that is not the program's was replaced or used")
	}
}
