package parcel

import (
	"crypto/rand"
	"strings"
)

// A passphrase is 25 random digits in five groups: 83 bits, more than anybody can try even against the 1,000 rounds of a zip.
// Digits, because in Chinese they are said one by one and heard right in any dialect, and are typed alike on every keyboard.
const (
	groups      = 5
	groupDigits = 5
)

// NewPassphrase makes a passphrase; its hyphens belong to it.
func NewPassphrase() string {
	var b strings.Builder
	for n := range groups * groupDigits {
		if n > 0 && n%groupDigits == 0 {
			b.WriteByte('-')
		}
		b.WriteByte('0' + digit())
	}
	return b.String()
}

// digit is a random digit, each as likely as any other.
func digit() byte {
	for one := make([]byte, 1); ; {
		rand.Read(one)
		if one[0] < 250 {
			return one[0] % 10
		}
	}
}

// said is how digits are read out: one is yāo, so that it is not taken for seven.
var said = []string{"零", "幺", "二", "三", "四", "五", "六", "七", "八", "九"}

// Spoken is a passphrase as it is read out.
func Spoken(passphrase string) string {
	var b strings.Builder
	for _, c := range passphrase {
		if c >= '0' && c <= '9' {
			b.WriteString(said[c-'0'])
		} else {
			b.WriteString(" — ")
		}
	}
	return b.String()
}
