package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Object identifiers of CMS (RFC 5652), ESS (RFC 5035) and time stamps (RFC 3161).
var (
	oidData           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCert    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStampToken = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidTSTInfo        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSHA256         = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidRSA            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates rawSet       `asn1:"optional,tag:0"`
	Revocations  rawSet       `asn1:"optional,tag:1"`
	Signers      []signerInfo `asn1:"set"`
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

// rawSet is a set of things as they were read, tag and length included.
type rawSet struct{ Raw asn1.RawContent }

type signerInfo struct {
	Version   int
	Signer    issuerAndSerial
	Digest    pkix.AlgorithmIdentifier
	Signed    rawSet `asn1:"optional,tag:0"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  rawSet `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// signingCertificateV2 names the signer's certificate by its SHA-256, the default that the encoding leaves out.
type signingCertificateV2 struct{ Certs []essCertIDv2 }

type essCertIDv2 struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

// signature is a CMS signature that is being made: what is signed, and then the value.
type signature struct {
	certs    []*x509.Certificate // the signer's first, then its issuers
	signed   []byte              // the signed attributes as a SET, which is what is signed
	value    []byte
	unsigned []byte // attributes that are added later, as a SET; may be nil
}

// newSignature gathers the signed attributes of PAdES baseline for content with the digest: no signing time is among them, as
// that stands in the PDF (ETSI EN 319 142-1, table 1).
func newSignature(digest [sha256.Size]byte, certs ...*x509.Certificate) (*signature, error) {
	own := sha256.Sum256(certs[0].Raw)
	// In the order of their encodings, as DER has it for a set.
	signed, err := attributes(
		named{oidContentType, oidData},
		named{oidMessageDigest, digest[:]},
		named{oidSigningCertV2, signingCertificateV2{[]essCertIDv2{{Hash: own[:]}}}},
	)
	return &signature{certs: certs, signed: signed}, err
}

type named struct {
	name  asn1.ObjectIdentifier
	value any
}

// attributes encodes attributes of one value each as a SET OF.
func attributes(all ...named) ([]byte, error) {
	var list []attribute
	for _, a := range all {
		value, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, fmt.Errorf("encode attribute %v: %w", a.name, err)
		}
		list = append(list, attribute{a.name, []asn1.RawValue{{FullBytes: value}}})
	}
	raw, err := asn1.MarshalWithParams(list, "set")
	if err != nil {
		return nil, fmt.Errorf("encode attributes: %w", err)
	}
	return raw, nil
}

// der encodes the whole: ContentInfo with SignedData, the content left out.
func (s *signature) der() ([]byte, error) {
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	info := signerInfo{
		Version: 1, Signer: issuerAndSerial{asn1.RawValue{FullBytes: s.certs[0].RawIssuer}, s.certs[0].SerialNumber},
		Digest: sha, Signed: rawSet{implicit(s.signed, 0)},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}, Signature: s.value,
	}
	if s.unsigned != nil {
		info.Unsigned = rawSet{implicit(s.unsigned, 1)}
	}
	var bag []byte
	for _, c := range s.certs {
		bag = append(bag, c.Raw...)
	}
	bagged, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: bag})
	if err != nil {
		return nil, fmt.Errorf("encode certificates: %w", err)
	}
	data, err := asn1.Marshal(signedData{Version: 1, Digests: []pkix.AlgorithmIdentifier{sha}, Content: encapsulated{Type: oidData},
		Certificates: rawSet{bagged}, Signers: []signerInfo{info}})
	if err != nil {
		return nil, fmt.Errorf("encode signed data: %w", err)
	}
	whole, err := asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: data}})
	if err != nil {
		return nil, fmt.Errorf("encode a signature: %w", err)
	}
	return whole, nil
}

// implicit is an encoded SET under a context tag.
func implicit(set []byte, tag byte) []byte {
	out := bytes.Clone(set)
	out[0] = 0xa0 | tag
	return out
}
