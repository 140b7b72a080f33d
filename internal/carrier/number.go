package carrier

import "mijuan/internal/callnumber"

// ValidNumber reports whether s is spelt as a carrier's number is and its check digit is right.
func ValidNumber(s string) bool { return callnumber.ValidCarrier(s) }
