package material

import (
	"fmt"
	"strings"
)

// number is a material's number: year, matter serial, material serial and a check digit, as in 2026-0147-0032-4. People say it
// aloud, so it is digits only and a wrong or swapped digit shows.
func number(year int, matter, serial int64) string {
	body := fmt.Sprintf("%d-%04d-%04d", year, matter, serial)
	return fmt.Sprintf("%s-%d", body, CheckDigit(body))
}

// ValidNumber reports whether s has the form of a number and its check digit is right.
func ValidNumber(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 0 && len(s) == i+2 && strings.Count(s, "-") == 3 && s[i+1] == byte('0'+CheckDigit(s[:i]))
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
