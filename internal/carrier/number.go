package carrier

import (
	"fmt"
	"strings"

	"mijuan/internal/material"
)

// number is a carrier's number: year and serial of its matter, serial of the title, copy number and a check digit, as in
// 2026-0147-0032-03-5. It has one part more than a material's, so that neither is taken for the other.
func number(year int, matter, serial int64, copy int) string {
	body := fmt.Sprintf("%d-%04d-%04d-%02d", year, matter, serial, copy)
	return fmt.Sprintf("%s-%d", body, material.CheckDigit(body))
}

// ValidNumber reports whether s has the form of a carrier's number and its check digit is right.
func ValidNumber(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 0 && len(s) == i+2 && strings.Count(s, "-") == 4 && s[i+1] == byte('0'+material.CheckDigit(s[:i]))
}
