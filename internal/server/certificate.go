package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// ownName is the subject of the certificates that the program makes for itself.
const ownName = "mijuan"

// renewBefore is how long before its end a certificate of the program's own is made anew.
const renewBefore = 30 * 24 * time.Hour

// Certificate reads cert.pem and key.pem from the directory, or makes a self-signed pair for this machine when neither is
// there. A firm that has a certificate of its own puts it in their place; one that the program made is made anew when it is about to
// end or does not cover a host.
func Certificate(dir string, hosts []string, now time.Time) (tls.Certificate, error) {
	certPath, keyPath := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cert, err := tls.LoadX509KeyPair(certPath, keyPath)
	switch {
	case err == nil && !(own(cert.Leaf) && stale(cert.Leaf, hosts, now)):
		return cert, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist) && !ownAt(certPath): // the firm's own pair is the firm's to mend
		return cert, fmt.Errorf("read the certificate: %w", err)
	}
	certPEM, keyPEM, err := selfSigned(hosts, now)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return tls.Certificate{}, err
	}
	if err := errors.Join(os.WriteFile(keyPath, keyPEM, 0o600), os.WriteFile(certPath, certPEM, 0o644)); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

// own reports whether the program made a certificate.
func own(leaf *x509.Certificate) bool {
	name := pkix.Name{CommonName: ownName}.String()
	return leaf.Subject.String() == name && leaf.Issuer.String() == name
}

// ownAt is own of a file; a pair of two makings, which a crash may leave, is made again.
func ownAt(path string) bool {
	content, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return false
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	return err == nil && own(leaf)
}

// stale reports whether a certificate ends soon or does not cover a host.
func stale(leaf *x509.Certificate, hosts []string, now time.Time) bool {
	for _, h := range hosts {
		if h != "" && leaf.VerifyHostname(h) != nil {
			return true
		}
	}
	return now.Add(renewBefore).After(leaf.NotAfter)
}

func selfSigned(hosts []string, now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: ownName},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(2, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if h != "" {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}
