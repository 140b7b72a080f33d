package signature

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // an identifier of a key, as RFC 5280 has it; nothing rests on it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// keyBits is the size of every key here: RSA, since every reader of PDFs verifies it (docs/decisions tell more), of the length
// that NIST SP 800-57 gives for use beyond 2030.
const keyBits = 3072

const (
	authorityYears = 30
	personYears    = 10
	// early is by how much a certificate is valid before it is made, since a stamping authority's clock may be behind ours.
	early = 10 * time.Minute
)

const (
	authorityPurpose = "signature.authority"
	authorityRow     = "1"
	personPurpose    = "signature.person"
)

// Authority is the firm's own certification authority, opened: it issues people's certificates and unlocks their keys. It is
// safe for concurrent use.
type Authority struct {
	mute
	cert *x509.Certificate
	key  secret // PKCS #8
	seal *vault.Field
	cost Cost
}

// Found makes the firm's authority. The caller keeps both: the sealed key, which opens under the keyring alone, and the
// certificate, which is public.
func Found(keys *vault.Keyring, firm string, now time.Time) (sealed, certificate []byte, err error) {
	if firm == "" {
		return nil, nil, problem.New(problem.Invalid, "请先设置本所名称，再建立签名证书")
	}
	key, der, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	defer clear(der)
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Country: []string{"CN"}, Organization: []string{firm}, CommonName: firm + "签名证书颁发机构"},
		NotBefore:    now.Add(-early).UTC(), NotAfter: now.AddDate(authorityYears, 0, 0).UTC(),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		SubjectKeyId: keyID(&key.PublicKey), AuthorityKeyId: keyID(&key.PublicKey), SignatureAlgorithm: x509.SHA256WithRSA,
	}
	if certificate, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key); err != nil {
		return nil, nil, fmt.Errorf("issue the authority's certificate: %w", err)
	}
	return keys.Field(authorityPurpose).Seal(authorityRow, der), certificate, nil
}

// OpenAuthority opens what Found made. The keys that it will issue are sealed at the cost. A changed byte in either part, or parts of
// two authorities, is problem.Damaged.
func OpenAuthority(keys *vault.Keyring, sealed, certificate []byte, cost Cost) (*Authority, error) {
	if cost.Time == 0 || cost.Time > mostTime || cost.Memory == 0 || cost.Memory > mostMemory || cost.Lanes == 0 {
		return nil, fmt.Errorf("open the authority: argon2id at t=%d, m=%d KiB, p=%d is not allowed", cost.Time, cost.Memory, cost.Lanes)
	}
	der, err := keys.Field(authorityPurpose).Open(authorityRow, sealed)
	if err != nil {
		return nil, fmt.Errorf("open the authority: %w", err)
	}
	cert, err := pair(der, certificate)
	if err != nil {
		return nil, damaged(fmt.Errorf("open the authority: %w", err))
	}
	if err := cert.CheckSignatureFrom(cert); err != nil {
		return nil, damaged(fmt.Errorf("open the authority: %w", err))
	}
	return &Authority{cert: cert, key: veil(der), seal: keys.Field(personPurpose), cost: cost}, nil
}

// Certificate is the authority's certificate, which outsiders import to trust the firm's signatures.
func (a *Authority) Certificate() *x509.Certificate { return a.cert }

// Person is who a certificate names. Posts and departments change and are left to the documents.
type Person struct {
	ID   string // the roster's id, which tells people of one name apart
	Name string
}

// Extended key usages: document signing (RFC 9336) is what it is; e-mail protection is what older readers ask for.
var oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}

// Issue makes a key pair and a certificate for a person and seals the private key under their password and the firm's keyring.
// The sealed bytes hold the certificate too. Whoever issues again, after a password was lost, drops the old sealed bytes: their
// key is gone with them, and what was signed with it still verifies.
func (a *Authority) Issue(p Person, password []byte, now time.Time) (sealed, certificate []byte, err error) {
	if p.ID == "" || p.Name == "" || len(password) == 0 {
		return nil, nil, problem.New(problem.Invalid, "签名证书要有姓名和签名口令")
	}
	key, der, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	defer clear(der)
	end := now.AddDate(personYears, 0, 0).UTC()
	if end.After(a.cert.NotAfter) {
		end = a.cert.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject: pkix.Name{Country: []string{"CN"}, Organization: a.cert.Subject.Organization, CommonName: p.Name,
			SerialNumber: p.ID},
		NotBefore: now.Add(-early).UTC(), NotAfter: end,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidDocumentSigning},
		BasicConstraintsValid: true, SubjectKeyId: keyID(&key.PublicKey), SignatureAlgorithm: x509.SHA256WithRSA,
	}
	own, err := x509.ParsePKCS8PrivateKey(a.key())
	if err != nil {
		return nil, nil, errors.New("issue a certificate: the authority's key is unreadable")
	}
	if certificate, err = x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, own); err != nil {
		return nil, nil, fmt.Errorf("issue a certificate: %w", err)
	}
	return a.sealFor(p.ID, der, certificate, password), certificate, nil
}

// newKey makes a key pair; der is its PKCS #8, which the caller wipes.
func newKey() (key *rsa.PrivateKey, der []byte, err error) {
	if key, err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
		return nil, nil, fmt.Errorf("make a key pair: %w", err)
	}
	if der, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, nil, fmt.Errorf("encode a key pair: %w", err)
	}
	return key, der, nil
}

// pair reads a certificate and sees that it belongs to the key.
func pair(der, certificate []byte) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the key is unreadable") // the library's error might quote it
	}
	signer, ok := key.(crypto.Signer)
	if !ok || !signer.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(cert.PublicKey) {
		return nil, errors.New("key and certificate do not belong together")
	}
	return cert, nil
}

// serial is a random positive number of 127 bits or less (RFC 5280, 4.1.2.2).
func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: the program stops first
	b[0] &= 0x7f
	b[15] |= 1
	return new(big.Int).SetBytes(bytes.TrimLeft(b, "\x00"))
}

// keyID is method 1 of RFC 5280, 4.2.1.2.
func keyID(key *rsa.PublicKey) []byte {
	sum := sha1.Sum(x509.MarshalPKCS1PublicKey(key)) //nolint:gosec // see the import
	return sum[:]
}
