package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"mijuan/internal/hand"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
)

// runVerify checks an exported ledger, or a signed document: alone, or against the ledger that must tell of it.
func runVerify(_ context.Context, t terminal, args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return errUsage
	}
	info, err := os.Stat(args[0])
	switch {
	case err == nil && info.Mode().IsRegular():
		return t.verifyDocument(args[0], args[1:])
	case len(args) != 1:
		return errUsage
	}
	return t.verifyLedger(args[0])
}

func (t terminal) verifyLedger(dir string) error {
	report, err := ledger.Verify(dir, t.progress("verify"))
	if err != nil {
		return err
	}
	if w := report.Wrong; w != nil {
		fmt.Fprintf(t.out, "台账不符：第 %d 条起。%s\n", w.Seq, w.Problem.Public())
		return errNotSo
	}
	fmt.Fprintf(t.out, "台账完整：%d 条，根 %s，密钥 %s\n", report.Size, report.Root, report.Key)
	return nil
}

// longestDocument is more than any document of record.
const longestDocument = 64 << 20

// china is the zone in which the times of documents are told.
var china = time.FixedZone("UTC+8", 8*60*60)

func told(at time.Time) string { return at.In(china).Format("2006-01-02 15:04:05 -07:00") }

// verifyDocument says in words whether a PDF is whole, who signed it and when, who stamped the time, and, with an export, whether
// the ledger tells of it.
func (t terminal) verifyDocument(path string, export []string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > longestDocument {
		return problem.New(problem.TooLarge, "文件太大，不是本系统签署的文书")
	}
	pdf, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(pdf)
	digest := hex.EncodeToString(sum[:])
	report, err := signature.Verify(pdf)
	if err != nil {
		return err
	}
	if report.Intact() {
		fmt.Fprintln(t.out, "文书完整：签署之后一个字节也没有改动")
	} else {
		fmt.Fprintln(t.out, "文书不可信：")
		for _, f := range report.Faults() {
			fmt.Fprintf(t.out, "  %s\n", f.Public())
		}
	}
	for _, s := range report.Signatures {
		t.tellSignature(s)
	}
	fmt.Fprintf(t.out, "文书摘要：SHA-256 %s\n", digest)
	if !report.Intact() {
		return errNotSo
	}
	if len(export) == 0 {
		fmt.Fprintln(t.out, "台账：没有核对；加上台账导出件的目录，就能核对这份文书是否登记在册")
		return nil
	}
	return t.findDocument(export[0], digest, report)
}

func (t terminal) tellSignature(s signature.Signed) {
	fmt.Fprintf(t.out, "签署人：%s，%s\n", s.Name, s.Reason)
	fmt.Fprintf(t.out, "签署时间：%s\n", told(s.Claimed))
	if s.Signer != nil {
		fmt.Fprintf(t.out, "签名证书：%s（%s），指纹 %s\n", s.Signer.Subject.CommonName, s.Signer.Subject.SerialNumber, signature.Fingerprint(s.Signer))
	}
	if s.CA != nil {
		fmt.Fprintf(t.out, "签发机构：%s，指纹 %s\n", s.CA.Subject.CommonName, signature.Fingerprint(s.CA))
	}
	if s.Stamp == nil {
		fmt.Fprintln(t.out, "时间戳：没有")
		return
	}
	fmt.Fprintf(t.out, "时间戳：%s，由 %s 加盖，指纹 %s\n", told(s.Stamp.Time), s.Stamp.Authority.Subject.CommonName, signature.Fingerprint(s.Stamp.Authority))
}

// findDocument looks for a whole document in an exported ledger, which must be whole itself.
func (t terminal) findDocument(dir, digest string, report signature.Report) error {
	if err := t.verifyLedger(dir); err != nil {
		return err
	}
	entries, err := ledger.Find(dir, string(hand.Document), digest)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		fmt.Fprintln(t.out, "台账：没有登记这份文书")
		return errNotSo
	}
	fmt.Fprintf(t.out, "台账：第 %d 条登记了这份文书（%s）\n", entries[0].Seq, told(time.UnixMilli(entries[0].Time)))
	for _, s := range report.Signatures {
		for what, fingerprint := range map[string]string{"签名证书": signature.Fingerprint(s.Signer), "签发机构": signature.Fingerprint(s.CA)} {
			issued, err := ledger.Find(dir, string(hand.Certificate), fingerprint)
			if err != nil {
				return err
			}
			if len(issued) == 0 {
				fmt.Fprintf(t.out, "%s：台账里没有它的签发记录\n", what)
				return errNotSo
			}
		}
	}
	fmt.Fprintln(t.out, "签名证书和签发机构都有签发记录")
	return nil
}
