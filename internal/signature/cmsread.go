package signature

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // what crypto.Hash needs to know
	_ "crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"
)

// message is a CMS SignedData with one signer, as it was read. Nothing of it is trusted before verify.
type message struct {
	content  []byte // inside; nil when it stands elsewhere
	kind     asn1.ObjectIdentifier
	certs    []*x509.Certificate
	signer   *x509.Certificate
	info     signerInfo
	signed   map[string][]byte // signed attributes: the encoding of their one value
	unsigned map[string][]byte
}

// most is how many certificates or attributes one message may hold.
const most = 32

// errCMS says what of a message cannot be read.
func errCMS(what string) error { return errors.New("read a signature: " + what) }

// readMessage reads a message in DER. Bytes behind it, or inside it and without a meaning, are errors.
func readMessage(der []byte) (*message, error) {
	var outer contentInfo
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 || !outer.Type.Equal(oidSignedData) {
		return nil, errCMS("it is no signed data in DER")
	}
	var data signedData
	if rest, err := asn1.Unmarshal(outer.Content.Bytes, &data); err != nil || len(rest) > 0 {
		return nil, errCMS("the signed data are no DER")
	}
	if len(data.Signers) != 1 || len(data.Digests) != 1 || !data.Digests[0].Algorithm.Equal(data.Signers[0].Digest.Algorithm) {
		return nil, errCMS("it has not just one signer with one digest")
	}
	m := &message{kind: data.Content.Type, info: data.Signers[0]}
	if !m.spelled(data) {
		return nil, errCMS("a version or an algorithm's parameters are of a kind not known here")
	}
	if err := m.read(data); err != nil {
		return nil, err
	}
	for _, c := range m.certs {
		if bytes.Equal(c.RawIssuer, m.info.Signer.Issuer.FullBytes) && c.SerialNumber.Cmp(m.info.Signer.Serial) == 0 {
			m.signer = c
		}
	}
	if m.signer == nil {
		return nil, errCMS("the signer's certificate is missing")
	}
	return m, nil
}

// spelled sees the numbers and parameters that change nothing and could be changed therefore: the versions as RFC 5652 (5.1, 5.3)
// wants them, and parameters that are absent or NULL.
func (m *message) spelled(data signedData) bool {
	version := 3
	if m.kind.Equal(oidData) {
		version = 1
	}
	for _, a := range []pkix.AlgorithmIdentifier{data.Digests[0], m.info.Digest, m.info.Algorithm} {
		if p := a.Parameters.FullBytes; len(p) > 0 && !bytes.Equal(p, asn1.NullBytes) {
			return false
		}
	}
	return data.Version == version && m.info.Version == 1
}

func (m *message) read(data signedData) (err error) {
	if len(data.Content.Content.Bytes) > 0 {
		if rest, err := asn1.Unmarshal(data.Content.Content.Bytes, &m.content); err != nil || len(rest) > 0 {
			return errCMS("the content is no octet string")
		}
	}
	if m.certs, err = readBag(data.Certificates.Raw); err != nil {
		return err
	}
	if m.signed, err = readAttributes(m.info.Signed.Raw); err != nil {
		return err
	}
	m.unsigned, err = readAttributes(m.info.Unsigned.Raw)
	return err
}

// canonical reports whether the message is spelled as this package spells it, so that no byte of it is without a meaning.
func canonical(der []byte, m *message) bool {
	s := &signature{certs: m.certs, value: m.info.Signature}
	if len(m.certs) == 0 || m.certs[0] != m.signer || len(m.info.Signed.Raw) == 0 {
		return false
	}
	s.signed = retagged(m.info.Signed.Raw)
	if len(m.info.Unsigned.Raw) > 0 {
		s.unsigned = retagged(m.info.Unsigned.Raw)
	}
	again, err := s.der()
	return err == nil && bytes.Equal(again, der)
}

// retagged is a set under a context tag as the SET that is signed.
func retagged(raw []byte) []byte {
	out := bytes.Clone(raw)
	out[0] = 0x31
	return out
}

func readBag(raw []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	err := each(raw, func(element []byte) error {
		c, err := x509.ParseCertificate(element)
		certs = append(certs, c)
		return err
	})
	return certs, err
}

func readAttributes(raw []byte) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := each(raw, func(element []byte) error {
		var a attribute
		if rest, err := asn1.Unmarshal(element, &a); err != nil || len(rest) > 0 || len(a.Values) != 1 {
			return errors.New("an attribute is no DER or has not just one value")
		}
		if _, twice := all[a.Type.String()]; twice {
			return errors.New("an attribute is there twice")
		}
		all[a.Type.String()] = a.Values[0].FullBytes
		return nil
	})
	return all, err
}

// each calls f with each element of a set under a context tag; of an absent set, with none.
func each(raw []byte, f func(element []byte) error) error {
	if len(raw) == 0 {
		return nil
	}
	var set asn1.RawValue
	if rest, err := asn1.Unmarshal(raw, &set); err != nil || len(rest) > 0 {
		return errCMS("a set is no DER")
	}
	rest := set.Bytes
	for n := 0; len(rest) > 0; n++ {
		var one asn1.RawValue
		after, err := asn1.Unmarshal(rest, &one)
		if err != nil || n == most {
			return errCMS("a set holds no DER, or too much")
		}
		if err := f(one.FullBytes); err != nil {
			return fmt.Errorf("read a signature: %w", err)
		}
		rest = after
	}
	return nil
}

// digests are the hashes that count.
var digests = map[string]crypto.Hash{
	oidSHA256.String():       crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// digest is the message's hash of what it signs.
func (m *message) digest(content ...[]byte) ([]byte, bool) {
	hash, known := digests[m.info.Digest.Algorithm.String()]
	if !known {
		return nil, false
	}
	h := hash.New()
	for _, part := range content {
		h.Write(part)
	}
	return h.Sum(nil), true
}

// What verify may find wrong, apart from what is not readable.
var (
	errContent   = errors.New("the content is not what was signed")
	errValue     = errors.New("the signature is not the certificate's")
	errAlgorithm = errors.New("the algorithm is not known")
	errNamed     = errors.New("the certificate is not the one that the signature names")
)

// verify checks the signature over content, which is of the kind, and that it names the certificate it was made with.
func (m *message) verify(kind asn1.ObjectIdentifier, content ...[]byte) error {
	sum, known := m.digest(content...)
	if !known {
		return errAlgorithm
	}
	var signedKind asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(m.signed[oidContentType.String()], &signedKind); err != nil || !signedKind.Equal(kind) || !m.kind.Equal(kind) {
		return errContent
	}
	var signedSum []byte
	if _, err := asn1.Unmarshal(m.signed[oidMessageDigest.String()], &signedSum); err != nil || subtle.ConstantTimeCompare(signedSum, sum) != 1 {
		return errContent
	}
	if !m.names(m.signer) {
		return errNamed
	}
	algorithm := m.algorithm()
	if algorithm == x509.UnknownSignatureAlgorithm {
		return errAlgorithm
	}
	if m.signer.CheckSignature(algorithm, retagged(m.info.Signed.Raw), m.info.Signature) != nil {
		return errValue
	}
	return nil
}

// algorithm is the signature's, of those that count: RSA (RFC 8017, PKCS1-v1_5) and ECDSA with SHA-2.
func (m *message) algorithm() x509.SignatureAlgorithm {
	byHash := func(a, b, c x509.SignatureAlgorithm) x509.SignatureAlgorithm {
		switch digests[m.info.Digest.Algorithm.String()] {
		case crypto.SHA256:
			return a
		case crypto.SHA384:
			return b
		case crypto.SHA512:
			return c
		}
		return x509.UnknownSignatureAlgorithm
	}
	switch m.info.Algorithm.Algorithm.String() {
	case oidRSA.String():
		return byHash(x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA)
	case "1.2.840.113549.1.1.11":
		return byHash(x509.SHA256WithRSA, 0, 0)
	case "1.2.840.113549.1.1.12":
		return byHash(0, x509.SHA384WithRSA, 0)
	case "1.2.840.113549.1.1.13":
		return byHash(0, 0, x509.SHA512WithRSA)
	case "1.2.840.10045.4.3.2":
		return byHash(x509.ECDSAWithSHA256, 0, 0)
	case "1.2.840.10045.4.3.3":
		return byHash(0, x509.ECDSAWithSHA384, 0)
	case "1.2.840.10045.4.3.4":
		return byHash(0, 0, x509.ECDSAWithSHA512)
	}
	return x509.UnknownSignatureAlgorithm
}

// chain leads from a certificate through those of the message to the last that is there. whole tells whether that one is a root,
// and all that came along belongs to the chain. A link that does not hold, or that does not hold at the time, is an error.
func (m *message) chain(at time.Time) (end *x509.Certificate, whole bool, err error) {
	end = m.signer
	used := 1
	for ; ; used++ {
		if at.Before(end.NotBefore) || at.After(end.NotAfter) {
			return end, false, errors.New("a certificate is not valid at the time")
		}
		if bytes.Equal(end.RawIssuer, end.RawSubject) {
			if err := end.CheckSignatureFrom(end); err != nil {
				return end, false, fmt.Errorf("check a root: %w", err)
			}
			return end, used == len(m.certs), nil
		}
		issuer := m.issuer(end)
		if issuer == nil || used > len(m.certs) {
			return end, false, nil
		}
		if err := end.CheckSignatureFrom(issuer); err != nil {
			return end, false, fmt.Errorf("check a link: %w", err)
		}
		end = issuer
	}
}

func (m *message) issuer(of *x509.Certificate) *x509.Certificate {
	for _, c := range m.certs {
		if bytes.Equal(c.RawSubject, of.RawIssuer) {
			return c
		}
	}
	return nil
}
