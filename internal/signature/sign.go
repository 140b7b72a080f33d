package signature

import (
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/problem"
)

// Options is what a signature says beside who signed.
type Options struct {
	Name   string    // shown by readers; the certificate's name where it is empty
	Reason string    // such as 签署保密承诺书
	Place  string    // may be empty
	Time   time.Time // when it was signed, by the firm's clock; kept to the second, in its zone
	TSA    *TSA      // asked for a time stamp if there is one
}

const (
	maxClaim  = 200     // characters of a text in a signature
	tokenRoom = 8 << 10 // bytes kept for a stamp; one that needs more is asked for again
)

// Sign adds a signature to a PDF of package letter, or to one that was signed here before: what stands in it keeps its bytes. A
// PDF whose signatures do not hold is problem.Damaged, one of another make problem.Invalid; when a time stamp was asked for and
// cannot be had, it is problem.Unavailable and nothing is signed.
func Sign(ctx context.Context, pdf []byte, signer *Signer, o Options) ([]byte, error) {
	c, err := o.claim(signer)
	if err != nil {
		return nil, err
	}
	if err := signable(pdf); err != nil {
		return nil, err
	}
	room, err := signer.room()
	if err != nil {
		return nil, err
	}
	for reserve := o.reserve(); ; {
		c.room = room + reserve
		signed, short, err := attempt(ctx, pdf, signer, c, o.TSA)
		if err != nil {
			return nil, err
		}
		if short == 0 {
			return signed, holds(signed, signer)
		}
		if reserve += short + 512; reserve > stampMost {
			return nil, problem.New(problem.Unavailable, "时间戳服务没有给出有效的时间戳，请稍后再试").Because(errors.New("its stamps grow"))
		}
	}
}

func (o Options) claim(signer *Signer) (claim, error) {
	c := claim{name: o.Name, reason: o.Reason, place: o.Place, at: o.Time.Truncate(time.Second)}
	if c.name == "" {
		c.name = signer.cert.Subject.CommonName
	}
	for _, part := range []string{c.name, c.reason, c.place} {
		if len([]rune(part)) > maxClaim {
			return c, problem.New(problem.TooLarge, "签名的姓名、事由和地点各不超过 %d 个字", maxClaim)
		}
	}
	if at := c.at; at.Before(signer.cert.NotBefore) || at.After(signer.cert.NotAfter) {
		return c, problem.New(problem.Refused, "签名证书不在有效期内，请重新领取证书")
	}
	return c, nil
}

func (o Options) reserve() int {
	if o.TSA == nil {
		return 0
	}
	return tokenRoom
}

// signable sees that what is there already holds.
func signable(pdf []byte) error {
	d, err := load(pdf)
	if err != nil {
		return problem.New(problem.Invalid, "这个 PDF 不是本系统生成的文书，不能签名").Because(err)
	}
	if signed, _ := d.fields(); len(signed) == 0 {
		return nil
	}
	report, err := Verify(pdf)
	if err != nil {
		return err
	}
	if !report.Intact() {
		return problem.New(problem.Damaged, "文书签名后被改动过，不能再签")
	}
	return nil
}

// room is how many bytes the signer's CMS takes without a stamp: always the same.
func (s *Signer) room() (int, error) {
	made, err := newSignature([sha256.Size]byte{}, s.cert, s.issuer)
	if err != nil {
		return 0, err
	}
	made.value = make([]byte, keyBits/8)
	der, err := made.der()
	return len(der), err
}

// attempt signs with the room that the claim gives; short is by how much that was too little.
func attempt(ctx context.Context, pdf []byte, signer *Signer, c claim, tsa *TSA) (signed []byte, short int, err error) {
	u, err := extend(pdf, c)
	if err != nil {
		return nil, 0, problem.New(problem.Invalid, "这个 PDF 不是本系统生成的文书，不能签名").Because(err)
	}
	h := sha256.New()
	h.Write(u.pdf[:u.from])
	h.Write(u.pdf[u.to:])
	made, err := newSignature([sha256.Size]byte(h.Sum(nil)), signer.cert, signer.issuer)
	if err != nil {
		return nil, 0, err
	}
	if made.value, err = signer.sign(made.signed); err != nil {
		return nil, 0, err
	}
	if tsa != nil {
		token, err := tsa.stamp(ctx, made.value, c.at)
		if err != nil {
			return nil, 0, err
		}
		if made.unsigned, err = attributes(named{oidTimeStampToken, asn1.RawValue{FullBytes: token}}); err != nil {
			return nil, 0, err
		}
	}
	der, err := made.der()
	if err != nil {
		return nil, 0, err
	}
	if len(der) > c.room {
		return nil, len(der) - c.room, nil
	}
	hex.Encode(u.pdf[u.from+1:u.to-1], der)
	return u.pdf, 0, nil
}

// holds reads what was just signed as anybody will.
func holds(signed []byte, signer *Signer) error {
	report, err := Verify(signed)
	if err != nil {
		return fmt.Errorf("read what was signed: %w", err)
	}
	last := report.Signatures[len(report.Signatures)-1]
	if !report.Intact() || Fingerprint(last.Signer) != Fingerprint(signer.cert) {
		return fmt.Errorf("read what was signed: it does not hold: %v", report.Faults())
	}
	return nil
}
