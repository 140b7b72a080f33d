package signature

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // older stamping authorities name their certificate by it, beside a signature that does not rest on it
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"time"

	"mijuan/internal/problem"
)

// TSA is a time-stamping authority that is asked over HTTP (RFC 3161, 3.4).
type TSA struct {
	URL    string
	Client *http.Client // nil for one that waits stampWait and follows no redirection
}

const (
	stampWait = 20 * time.Second
	stampMost = 256 << 10 // bytes of an answer
)

type stampRequest struct {
	Version int
	Imprint imprint
	Nonce   *big.Int
	CertReq bool
}

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

type stampAnswer struct {
	Status stampStatus
	Token  asn1.RawValue `asn1:"optional"`
}

type stampStatus struct {
	Status int
	Text   asn1.RawValue  `asn1:"optional"`
	Fault  asn1.BitString `asn1:"optional"`
}

// tstInfo is what a token says (RFC 3161, 2.4.2).
type tstInfo struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    imprint
	Serial     *big.Int
	Time       time.Time `asn1:"generalized"`
	Accuracy   accuracy  `asn1:"optional"`
	Ordering   bool      `asn1:"optional"`
	Nonce      *big.Int  `asn1:"optional"`
	Name       rawSet    `asn1:"optional,tag:0"`
	Extensions rawSet    `asn1:"optional,tag:1"`
}

type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

// Stamp is a time stamp: a third party's word that a signature was there at a time.
type Stamp struct {
	Time      time.Time
	Authority *x509.Certificate // who stamped
	Root      *x509.Certificate // the last certificate of its chain that came along: compare it with one that is trusted
}

// stamp asks for a stamp over a signature's value, made at a time by the firm's clock, and gives the token, checked. An
// authority that is away, says no, answers something else, or whose clock is behind the firm's, is problem.Unavailable.
func (t *TSA) stamp(ctx context.Context, value []byte, at time.Time) ([]byte, error) {
	token, stamp, err := t.ask(ctx, value)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "时间戳服务没有给出有效的时间戳，请稍后再试").Because(err)
	}
	if stamp.Time.Before(at.Add(-skew)) {
		return nil, problem.New(problem.Unavailable, "服务器时钟比时间戳服务快了 %s，请先校准时钟再签署", at.Sub(stamp.Time).Round(time.Second))
	}
	return token, nil
}

func (t *TSA) ask(ctx context.Context, value []byte) ([]byte, *Stamp, error) {
	sum := sha256.Sum256(value)
	nonce := stampNonce()
	body, err := asn1.Marshal(stampRequest{1, imprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, sum[:]}, nonce, true})
	if err != nil {
		return nil, nil, fmt.Errorf("encode a time stamp request: %w", err)
	}
	raw, err := t.post(ctx, body)
	if err != nil {
		return nil, nil, err
	}
	var answer stampAnswer
	if rest, err := asn1.Unmarshal(raw, &answer); err != nil || len(rest) > 0 {
		return nil, nil, errors.New("the time stamp answer is no DER")
	}
	if answer.Status.Status < 0 || answer.Status.Status > 1 || len(answer.Token.FullBytes) == 0 {
		return nil, nil, fmt.Errorf("the time stamp was not granted: status %d, %q", answer.Status.Status, answer.Status.Text.Bytes)
	}
	stamp, info, err := readStamp(answer.Token.FullBytes, value)
	if err != nil {
		return nil, nil, err
	}
	if info.Nonce == nil || info.Nonce.Cmp(nonce) != 0 {
		return nil, nil, errors.New("the time stamp answers another request")
	}
	return answer.Token.FullBytes, stamp, nil
}

// stampNonce is a random positive number of 63 bits or less.
func stampNonce() *big.Int {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails: the program stops first
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

func (t *TSA) post(ctx context.Context, body []byte) ([]byte, error) {
	client := t.Client
	if client == nil {
		client = &http.Client{Timeout: stampWait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	request.Header.Set("Accept", "application/timestamp-reply")
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for a time stamp: %s", response.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, stampMost+1))
	if err != nil {
		return nil, fmt.Errorf("read a time stamp: %w", err)
	}
	if len(raw) > stampMost {
		return nil, fmt.Errorf("read a time stamp: it is longer than %d bytes", stampMost)
	}
	return raw, nil
}

// readStamp reads a token over value and checks all of it but who may be trusted to stamp.
func readStamp(token, value []byte) (*Stamp, *tstInfo, error) {
	m, err := readMessage(token)
	if err != nil {
		return nil, nil, fmt.Errorf("read a time stamp: %w", err)
	}
	if err := m.verify(oidTSTInfo, m.content); err != nil {
		return nil, nil, fmt.Errorf("check a time stamp: %w", err)
	}
	var info tstInfo
	if rest, err := asn1.Unmarshal(m.content, &info); err != nil || len(rest) > 0 || info.Version != 1 {
		return nil, nil, errors.New("read a time stamp: it says nothing in DER")
	}
	if hash, known := digests[info.Imprint.Algorithm.Algorithm.String()]; !known || !matches(hash, value, info.Imprint.Hash) {
		return nil, nil, errors.New("check a time stamp: it is another signature's")
	}
	if !slices.Contains(m.signer.ExtKeyUsage, x509.ExtKeyUsageTimeStamping) {
		return nil, nil, errors.New("check a time stamp: its certificate is not for stamping")
	}
	root, _, err := m.chain(info.Time)
	if err != nil {
		return nil, nil, fmt.Errorf("check a time stamp: %w", err)
	}
	return &Stamp{Time: info.Time, Authority: m.signer, Root: root}, &info, nil
}

func matches(hash crypto.Hash, value, sum []byte) bool {
	h := hash.New()
	h.Write(value)
	return subtle.ConstantTimeCompare(h.Sum(nil), sum) == 1
}

// signingCertificate names a certificate by its SHA-1 (RFC 2634, 5.4).
type signingCertificate struct{ Certs []essCertID }

type essCertID struct {
	Hash   []byte
	Issuer asn1.RawValue `asn1:"optional"`
}

// names reports whether the signed attributes name the certificate as the signer's.
func (m *message) names(cert *x509.Certificate) bool {
	var v2 signingCertificateV2
	if raw := m.signed[oidSigningCertV2.String()]; raw != nil {
		rest, err := asn1.Unmarshal(raw, &v2)
		if err != nil || len(rest) > 0 || len(v2.Certs) == 0 {
			return false
		}
		hash, known := crypto.SHA256, true
		if name := v2.Certs[0].Algorithm.Algorithm; len(name) > 0 {
			hash, known = digests[name.String()]
		}
		return known && matches(hash, cert.Raw, v2.Certs[0].Hash)
	}
	var v1 signingCertificate
	rest, err := asn1.Unmarshal(m.signed[oidSigningCert.String()], &v1)
	if err != nil || len(rest) > 0 || len(v1.Certs) == 0 || !m.kind.Equal(oidTSTInfo) {
		return false
	}
	sum := sha1.Sum(cert.Raw) //nolint:gosec // see the import
	return subtle.ConstantTimeCompare(sum[:], v1.Certs[0].Hash) == 1
}
