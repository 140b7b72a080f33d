package material

import "mijuan/internal/callnumber"

// ValidNumber reports whether s has the form of a material's number and its check digit is right.
func ValidNumber(s string) bool { return callnumber.ValidMaterial(s) }
