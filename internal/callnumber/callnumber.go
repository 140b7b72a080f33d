// Package callnumber spells and reads the numbers of carriers and materials, which people say aloud, type and scan: year and serial of the
// matter, serial within it, a carrier's copy number, and a check digit.
package callnumber

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"mijuan/internal/problem"
)

// Carrier is a carrier's number, as in 2026-0147-0032-03-5. It has one part more than a material's, so that neither is taken for the other.
func Carrier(year int, matter, serial int64, copy int) string {
	body := fmt.Sprintf("%d-%04d-%04d-%02d", year, matter, serial, copy)
	return fmt.Sprintf("%s-%d", body, CheckDigit(body))
}

// ValidCarrier reports whether s is spelt as a carrier's number is and its check digit is right.
func ValidCarrier(s string) bool { return valid(s, 4) }

// Material is a material's number, as in 2026-0147-0032-4. People say it aloud, so it is digits only and a wrong or swapped digit shows.
func Material(year int, matter, serial int64) string {
	body := fmt.Sprintf("%d-%04d-%04d", year, matter, serial)
	return fmt.Sprintf("%s-%d", body, CheckDigit(body))
}

// ValidMaterial reports whether s has the form of a material's number and its check digit is right.
func ValidMaterial(s string) bool { return valid(s, 3) }

func valid(s string, dashes int) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 0 && len(s) == i+2 && strings.Count(s, "-") == dashes && s[i+1] == byte('0'+CheckDigit(s[:i]))
}

// CheckDigit is ISO 7064 MOD 11,10 over the digits of s, which finds every single wrong digit and nearly every swap.
func CheckDigit(s string) int {
	p := 10
	for _, r := range s {
		if r < '0' || r > '9' {
			continue
		}
		p = (p + int(r-'0')) % 10
		if p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (11 - p) % 10
}

// Compact is a carrier's number without its dashes, where they can be told from the digits alone; else the number. Bars say it.
func Compact(number string) string {
	if short := strings.ReplaceAll(number, "-", ""); len(spellings(short)) == 1 {
		return short
	}
	return number
}

// widths are the least digits of a number's parts.
var widths = [5]int{4, 4, 4, 2, 1}

const longestTyped = 400 // bytes of what is scanned or typed

// Read gives the carrier's number that somebody scanned or typed, spelt as on the label. It forgives wide characters, O for 0 and l for 1, blanks, dashes
// that are missing or another sort, missing zeros, and whatever stands around it: the address of a page, a word before it. A wrong check
// digit, a number that may be read in two ways and a code that is none of ours are problem.Invalid, each with what to do.
func Read(typed string) (string, error) {
	found := spellings(typed)
	switch {
	case strings.TrimSpace(typed) == "":
		return "", problem.New(problem.Invalid, "请扫描标签，或者输入编号").In("number")
	case len(found) > 1:
		return "", problem.New(problem.Invalid, "这个编号有几种读法：请照标签带短横输入，如 2026-0147-0032-03-5").In("number")
	case len(found) == 0 && ValidMaterial(strings.TrimSpace(norm.NFKC.String(typed))):
		return "", problem.New(problem.Invalid, "这是资料的编号，不是载体的编号：载体编号多一段份号，印在标签上").In("number")
	case len(found) == 0:
		return "", problem.New(problem.Invalid, "这不是本所的载体编号：请扫本所标签上的码，或者照标签输入，如 2026-0147-0032-03-5").In("number")
	case !ValidCarrier(found[0]):
		return "", problem.New(problem.Invalid, "编号 %s 的校验码不对，有一位读错或输错了：请重新扫描，或者照标签逐位核对", found[0]).In("number")
	}
	return found[0], nil
}

// Resembles reports whether what was typed is meant as a carrier's whole number, right or wrong.
func Resembles(typed string) bool { return len(spellings(typed)) > 0 }

// spellings are the numbers that a text can be read as, without a look at the check digit.
func spellings(typed string) (all []string) {
	if len(typed) > longestTyped {
		return nil
	}
	if strings.HasPrefix(typed, "]") && len(typed) > 3 { // a hand scanner's word on the kind of code, as ]C1
		typed = typed[3:]
	}
	if plain, err := url.PathUnescape(typed); err == nil {
		typed = plain
	}
	for _, token := range tokens(typed) {
		for _, s := range spelt(token) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// tokens are the runs of digits and single dashes between marks, words and line ends. A run with a letter in it is none.
func tokens(typed string) (all []string) {
	var run strings.Builder
	clean := true
	end := func() {
		if s := strings.Trim(run.String(), "-"); s != "" && clean {
			all = append(all, s)
		}
		run.Reset()
		clean = true
	}
	for _, r := range norm.NFKC.String(typed) {
		switch {
		case r >= '0' && r <= '9':
			run.WriteRune(r)
		case strings.ContainsRune("Oo〇○", r):
			run.WriteByte('0')
		case strings.ContainsRune("Il|", r):
			run.WriteByte('1')
		case unicode.Is(unicode.Pd, r), strings.ContainsRune("−ー_", r):
			if !strings.HasSuffix(run.String(), "-") {
				run.WriteByte('-')
			}
		case r == ' ' || r == '\t' || unicode.Is(unicode.Cf, r): // within a number, nothing
		case r < unicode.MaxASCII && unicode.IsLetter(r):
			clean = false
		default:
			end()
		}
	}
	end()
	return all
}

// spelt are the numbers that a token can be: its own parts with the zeros that they lack, or, without all of its dashes, every way of
// cutting it in which no part is longer than it must be.
func spelt(token string) (all []string) {
	if parts := strings.Split(token, "-"); len(parts) == len(widths) {
		for i, part := range parts {
			part = strings.TrimLeft(part, "0")
			parts[i] = strings.Repeat("0", max(widths[i]-len(part), 0)) + part
		}
		if fits(parts) {
			return []string{strings.Join(parts, "-")}
		}
		return nil
	}
	digits := strings.ReplaceAll(token, "-", "")
	spare := len(digits) - 15
	for a := 0; a <= spare; a++ {
		for b := 0; a+b <= spare; b++ {
			second, third := 4+4+a, 4+4+a+4+b
			parts := []string{digits[:4], digits[4:second], digits[second:third], digits[third : len(digits)-1], digits[len(digits)-1:]}
			if fits(parts) {
				all = append(all, strings.Join(parts, "-"))
			}
		}
	}
	return all
}

// fits reports whether parts are spelt as Carrier spells them, in a year of this century or the next.
func fits(parts []string) bool {
	for i, part := range parts {
		if len(part) < widths[i] || len(part) > widths[i] && part[0] == '0' || len(part) > 9 {
			return false
		}
	}
	return len(parts[0]) == 4 && (parts[0][:2] == "20" || parts[0][:2] == "21") && len(parts[4]) == 1
}
