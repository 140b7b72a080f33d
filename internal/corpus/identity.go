package corpus

import (
	"fmt"
	"strings"
	"time"
)

// Region 99 has never been given out (GB/T 2260 ends at 82, 83 for residence permits), so no number below belongs to anyone.
const region = "990100"

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// personID makes a citizen's number after GB 11643 for a birthday; odd sequence numbers are men's.
func personID(c chance, born time.Time, male bool) string {
	seq := c.between(1, 499) * 2
	if male {
		seq--
	}
	return citizen(fmt.Sprintf("%s%s%03d", region, born.Format("20060102"), seq))
}

// citizen appends the check digit to the first seventeen digits.
func citizen(body string) string {
	weight, sum := 1, 0
	for i := len(body) - 1; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(body[i]-'0') * weight
	}
	return body + string("10X98765432"[sum%11])
}

// creditCode makes a company's unified social credit code after GB 32100, with an organisation code after GB 11714 inside.
func creditCode(c chance) string {
	const digits = "0123456789"
	var b strings.Builder
	b.WriteString("MA")
	for range 6 {
		b.WriteByte(creditAlphabet[c.IntN(len(digits)+8)])
	}
	return credit("91" + region + organisation(b.String()))
}

// organisation appends the check character to eight characters.
func organisation(body string) string {
	sum := 0
	for i, w := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", body[i]) * w
	}
	return body + string("0123456789X0"[11-sum%11])
}

// credit appends the check character to seventeen characters.
func credit(body string) string {
	weight, sum := 1, 0
	for i := range len(body) {
		sum += strings.IndexByte(creditAlphabet, body[i]) * weight
		weight = weight * 3 % 31
	}
	return body + string(creditAlphabet[(31-sum%31)%31])
}

// mobile makes a number in 1700000xxxx, landline one in 0990-0000xxxx: neither block reaches a subscriber.
func mobile(c chance) string { return fmt.Sprintf("1700000%04d", c.between(100, 9989)) }

func landline(c chance) string { return fmt.Sprintf("0990-0000%04d", c.between(1000, 9989)) }

// account makes a bank account that no bank could have issued: it begins with the unassigned 0990.
func account(c chance) string {
	return fmt.Sprintf("0990 %04d %04d %04d %03d", c.between(1000, 9999), c.between(0, 9999), c.between(0, 9999), c.between(0, 999))
}

// licence makes a number of a practising certificate with 17 digits in region 99.
func licence(c chance, year int, male bool) string {
	sex := 1
	if male {
		sex = 0
	}
	return fmt.Sprintf("19901%d1%d%06d", year, sex, c.between(100, 899999))
}
