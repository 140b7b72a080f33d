package screening

import (
	"regexp"
	"strings"
	"time"
)

// identifier is a pattern of numbers that identify somebody, with what tells it from other numbers.
type identifier struct {
	kind    Kind
	pattern *regexp.Regexp
	beside  func(byte) bool         // what may not stand directly before or after it
	check   func(tight string) bool // of its letters and digits; nil: the pattern says enough
}

var identifiers = []identifier{
	{IDCard, regexp.MustCompile(`\d{6}[ _-]?\d{8}[ _-]?\d{3}[\dx]`), isDigit, validID18},
	{CreditCode, regexp.MustCompile(`[0-9a-hj-npqrtuwxy]{18}`), isAlnum, validCreditCode},
	{BankCard, regexp.MustCompile(`[4569]\d{15,18}`), isDigit, validLuhn},
	{BankCard, regexp.MustCompile(`[4569]\d{3}(?:[ _-]\d{4}){3}(?:[ _-]\d{1,3})?`), isDigit, validLuhn},
	{IDCard, regexp.MustCompile(`\d{15}`), isDigit, validID15},
	{PhoneNumber, regexp.MustCompile(`(?:\+?86[ -]?)?1[3-9]\d[ _-]?\d{4}[ _-]?\d{4}`), isDigit, nil},
	{PhoneNumber, regexp.MustCompile(`\(?0(?:10|2\d|[3-9]\d\d)[) -]{1,2}[2-8]\d{6,7}`), isDigit, validFixed},
	{Passport, regexp.MustCompile(`[dgpshcmt]\d{8}|e[a-z\d]\d{7}`), isAlnum, notDate},
	{Email, regexp.MustCompile(`[a-z\d._%+-]+@[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}`), isLatin, nil},
}

func findIdentifiers(name string, add func(Kind, int, int)) {
	f := fold(name, anything)
	for _, id := range identifiers {
		for from := 0; from < len(f.text); {
			m := id.pattern.FindStringIndex(f.text[from:])
			if m == nil {
				break
			}
			start, end := from+m[0], from+m[1]
			if from = start + 1; id.stands(f.text, start, end) {
				first, last := f.span(start, end)
				add(id.kind, first, last)
				from = end
			}
		}
	}
}

func (id identifier) stands(s string, start, end int) bool {
	if start > 0 && id.beside(s[start-1]) || end < len(s) && id.beside(s[end]) {
		return false
	}
	return id.check == nil || id.check(fold(s[start:end], telling).text)
}

func isAlnum(b byte) bool { return isDigit(b) || isLatin(b) }

// validFixed tells a fixed telephone number from a running number before a date, such as 021-20260102.
func validFixed(s string) bool { return len(s) < 8 || !validDate(s[len(s)-8:]) }

// validID18 checks an 18-digit identity number (GB 11643-1999): place, date of birth, check digit (ISO 7064 mod 11-2).
func validID18(s string) bool {
	if len(s) != 18 || !validProvince(s) || !validDate(s[6:14]) {
		return false
	}
	sum := 0
	for i := range 17 {
		sum += int(s[i]-'0') * (1 << (17 - i) % 11)
	}
	return "10x98765432"[sum%11] == s[17]
}

// validID15 checks what can be checked of an old identity number (GB 11643-1989).
func validID15(s string) bool {
	return len(s) == 15 && validProvince(s) && validDate("19"+s[6:12])
}

func validProvince(s string) bool {
	return strings.Contains("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83", s[:2])
}

func validDate(s string) bool {
	t, err := time.Parse("20060102", s)
	return err == nil && t.Year() >= 1880 && t.Year() <= 2100
}

const creditAlphabet = "0123456789abcdefghjklmnpqrtuwxy"

// validCreditCode checks a unified social credit code (GB 32100-2015): the registering department and the check character
// (mod 31, weights 3^i).
func validCreditCode(s string) bool {
	if len(s) != 18 || !strings.ContainsRune("159any", rune(s[0])) {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(creditAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31] == s[17]
}

// validLuhn checks a card number (ISO/IEC 7812-1) of 16 to 19 digits that are not all the same.
func validLuhn(s string) bool {
	sum, same := 0, true
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if same = same && s[i] == s[0]; i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return len(s) >= 16 && len(s) <= 19 && !same && sum%10 == 0
}

// notDate tells a document number from a letter before a date, such as E20260102.
func notDate(s string) bool { return !validDate(s[1:]) || s[1] != '1' && s[1] != '2' }
