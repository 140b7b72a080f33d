package signature

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"mijuan/internal/problem"
)

// Report is what Verify found.
type Report struct{ Signatures []Signed }

// Signed is one signature of a PDF, in the order of signing, with all that is wrong about it.
type Signed struct {
	Name, Reason, Place string            // as the signature says
	Claimed             time.Time         // when it was made, as it says
	Signer              *x509.Certificate // nil when it cannot be read
	CA                  *x509.Certificate // the root to which the signer's certificate leads: compare it with the firm's own
	Stamp               *Stamp            // nil without a time stamp, or with a false one
	Covers              int               // it was made over this many bytes from the beginning, but for its own value
	Whole               bool              // that is the whole file
	Since               Since
	Faults              []*problem.Error
}

// Since is what came to a file after a signature.
type Since uint8

const (
	Nothing    Since = iota + 1
	Signatures       // further signatures, and not one byte besides
	Changes          // something else
)

// Intact reports whether the PDF is signed, every signature holds, and nothing was done to it besides signing.
func (r Report) Intact() bool { return len(r.Signatures) > 0 && len(r.Faults()) == 0 }

// Faults is all that is wrong, signature by signature.
func (r Report) Faults() (all []*problem.Error) {
	for _, s := range r.Signatures {
		all = append(all, s.Faults...)
	}
	return all
}

func (s *Signed) fault(what *problem.Error, cause error) {
	s.Faults = append(s.Faults, what.Because(cause))
}

// Verify reads the signatures of a PDF and says of each who signed, when, what is covered, what came since, and what is wrong.
// It trusts no authority by itself: whether CA is the firm's, and whether a stamp's authority is one to be believed, is for the
// caller. A file that cannot be read, or that bears no signature, is problem.Damaged.
func Verify(pdf []byte) (Report, error) {
	d, err := load(pdf)
	if err != nil {
		return Report{}, problem.New(problem.Damaged, "文件无法读取：不是本系统签署的文书，或者已经损坏").Because(err)
	}
	dictionaries, _ := d.fields()
	if len(dictionaries) == 0 {
		return Report{}, problem.New(problem.Damaged, "文件里没有签名：从未签署，或者签名已被去掉")
	}
	var found []*finding
	for _, o := range dictionaries {
		found = append(found, find(pdf, o))
	}
	slices.SortStableFunc(found, func(a, b *finding) int { return cmp.Compare(a.Covers, b.Covers) })
	var report Report
	for i, f := range found {
		f.since(pdf, found[i+1:])
		report.Signatures = append(report.Signatures, f.Signed)
	}
	return report, nil
}

// finding is a signature while it is looked into.
type finding struct {
	Signed
	claim    claim
	from, to int // of Contents
}

// find looks into one signature's dictionary.
func find(pdf []byte, o object) *finding {
	f := &finding{}
	f.says(o)
	if !f.window(pdf, o) {
		f.fault(problem.New(problem.Damaged, "签名的覆盖范围不对"), errors.New("the byte range does not leave out just the signature's value"))
		return f
	}
	contents := o.get("Contents").text
	der, ok := unpadded(contents)
	if !ok || string(pdf[f.from+1:f.to-1]) != hex.EncodeToString(contents) {
		f.fault(problem.New(problem.Damaged, "签名数据无法读取"), errors.New("the value is padded, or spelled, in another way than here"))
		return f
	}
	f.claim.room = len(contents)
	m, err := readMessage(der)
	if err != nil {
		f.fault(problem.New(problem.Damaged, "签名数据无法读取"), err)
		return f
	}
	f.Signer = m.signer
	if !canonical(der, m) {
		f.fault(problem.New(problem.Damaged, "签名数据无法读取"), errors.New("the value is spelled in another way than here"))
	}
	f.check(m, pdf)
	return f
}

// says reads what the dictionary says.
func (f *finding) says(o object) {
	f.Name, f.Reason, f.Place = o.get("Name").string(), o.get("Reason").string(), o.get("Location").string()
	at, err := readTime(string(o.get("M").text))
	if err != nil {
		f.fault(problem.New(problem.Damaged, "签名时间无法读取"), err)
	}
	f.Claimed = at
	f.claim = claim{name: f.Name, reason: f.Reason, place: f.Place, at: at}
	if kind := string(o.get("SubFilter").text); kind != "ETSI.CAdES.detached" {
		f.fault(problem.New(problem.Damaged, "签名数据无法读取"), errors.New("the signature is of kind "+kind))
	}
}

// window reads what is covered: from the beginning to the value, and from there on.
func (f *finding) window(pdf []byte, o object) bool {
	r, c := o.get("ByteRange"), o.get("Contents")
	if len(r.items) != 4 || c.thing != hexText {
		return false
	}
	for _, n := range r.items {
		if n.thing != integer || n.number < 0 || n.number > len(pdf) {
			return false
		}
	}
	f.from, f.to = r.items[1].number, r.items[2].number
	f.Covers = f.to + r.items[3].number
	f.Whole = f.Covers == len(pdf)
	return r.items[0].number == 0 && f.from == c.from && f.to == c.to && f.Covers <= len(pdf)
}

// unpadded is the DER at the beginning of a value, behind which nothing but zeros may stand.
func unpadded(contents []byte) ([]byte, bool) {
	var value asn1.RawValue
	rest, err := asn1.Unmarshal(contents, &value)
	return value.FullBytes, err == nil && len(bytes.Trim(rest, "\x00")) == 0
}

// check checks the value: what it signs, by whose certificate, and when.
func (f *finding) check(m *message, pdf []byte) {
	switch err := m.verify(oidData, pdf[:f.from], pdf[f.to:f.Covers]); {
	case errors.Is(err, errContent):
		f.fault(problem.New(problem.Damaged, "文件内容在签名之后被改动"), err)
	case errors.Is(err, errAlgorithm):
		f.fault(problem.New(problem.Damaged, "签名所用的算法不认识"), err)
	case err != nil:
		f.fault(problem.New(problem.Damaged, "签名与证书对不上"), err)
	}
	at := f.Claimed
	if token := m.unsigned[oidTimeStampToken.String()]; token != nil {
		at = f.stamped(token, m.info.Signature)
	}
	if len(m.unsigned) > 1 || len(m.unsigned) == 1 && m.unsigned[oidTimeStampToken.String()] == nil {
		f.fault(problem.New(problem.Damaged, "签名数据无法读取"), errors.New("unsigned attributes are there that nobody here writes"))
	}
	root, whole, err := m.chain(at)
	switch {
	case err != nil:
		f.fault(problem.New(problem.Damaged, "证书或证书链在签名时无效"), err)
	case !whole:
		f.fault(problem.New(problem.Damaged, "证书链不完整"), errors.New("the certificates do not lead to a root, or do not belong to the chain"))
	default:
		f.CA = root
	}
}

// skew is by how much a stamp may lie before the time that the signature says.
const skew = 5 * time.Minute

// stamped reads the time stamp and gives the time that counts.
func (f *finding) stamped(token, value []byte) time.Time {
	stamp, _, err := readStamp(token, value)
	if err != nil {
		f.fault(problem.New(problem.Damaged, "时间戳无效"), err)
		return f.Claimed
	}
	f.Stamp = stamp
	if stamp.Time.Before(f.Claimed.Add(-skew)) {
		f.fault(problem.New(problem.Damaged, "签名写明的时间晚于时间戳"), errors.New("the stamp is older than the time claimed"))
	}
	return stamp.Time
}

// since finds what came to the file after the signature. The only thing that may come is an update that extend writes for the
// next signature, byte for byte.
func (f *finding) since(pdf []byte, later []*finding) {
	f.Since = Nothing
	end := f.Covers
	for _, next := range later {
		if next.Covers == end || !onlySigns(pdf[:min(end, len(pdf))], pdf[:min(next.Covers, len(pdf))], next) {
			break
		}
		f.Since, end = Signatures, next.Covers
	}
	if end != len(pdf) {
		f.Since = Changes
		f.fault(problem.New(problem.Damaged, "签名之后文件里又加入了签名以外的内容"), errors.New("the file goes on behind what was signed"))
	}
}

// onlySigns reports whether whole is prev with the next signature and nothing besides.
func onlySigns(prev, whole []byte, next *finding) bool {
	if next.claim.room == 0 {
		return false
	}
	u, err := extend(prev, next.claim)
	return err == nil && len(u.pdf) == len(whole) && u.from == next.from && u.to == next.to &&
		bytes.Equal(u.pdf[:u.from], whole[:u.from]) && bytes.Equal(u.pdf[u.to:], whole[u.to:])
}
