// Package usbpolicy writes the list of approved removable media as rules for the firm's computers, so that other sticks do not work at
// all (clause 7.2.4): for USBGuard on Linux, and as a registry file for the device installation policy of Windows. A serial number is
// whatever somebody's stick says it is: none can break out of the rule that it stands in.
package usbpolicy

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// Medium is one approved medium, as computers see it.
type Medium struct {
	Label           string // number in the firm's register
	Vendor, Product string // USB ids, four hexadecimal digits each
	Serial          string
}

// usb reports whether rules can speak of the medium.
func (m Medium) usb() bool { return isID(m.Vendor) && isID(m.Product) && m.Serial != "" }

func isID(s string) bool { return len(s) == 4 && strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// USBGuard writes rules for USBGuard (usbguard.github.io): the approved media are allowed while they are storage devices and
// nothing else; whatever else brings mass storage, or brings it beside a keyboard, is blocked. Devices without storage are left to the rules
// that the computer already has.
func USBGuard(all []Medium) (rules string, left []Medium) {
	var b strings.Builder
	for _, m := range all {
		if !m.usb() {
			left = append(left, m)
			continue
		}
		fmt.Fprintf(&b, "# %s\n", plain(m.Label))
		for _, interfaces := range []string{"08:06:50", "08:06:50 08:06:62"} { // bulk-only; and with UAS
			fmt.Fprintf(&b, "allow id %s:%s serial %s with-interface equals { %s }\n", strings.ToLower(m.Vendor), strings.ToLower(m.Product), quoted(m.Serial), interfaces)
		}
	}
	b.WriteString("# every other storage device\nblock with-interface one-of { 08:*:* }\n")
	return b.String(), left
}

// quoted is a string of USBGuard's rule language: letters, digits and a few signs stand for themselves, every other byte as \xNN.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if c := s[i]; tame(c) || c == ' ' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func tame(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_' || c == '.'
}

// plain is a label that can stand in a comment.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && tame(byte(r)) {
			return r
		}
		return '?'
	}, s)
}

// restrictions is where Windows keeps the policy (Administrative Templates, System, Device Installation Restrictions).
const restrictions = `HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\DeviceInstall\Restrictions`

// denied are the compatible ids of what is not to work: mass storage, and phones and cameras that offer files.
var denied = []string{`USB\Class_08`, `USB\Class_06`, `USB\MS_COMP_MTP`}

// Windows writes a registry file for Windows 10 21H2 and newer: all mass storage and file-offering devices are denied, also those that
// were installed before, except the approved media by their instance ids. The layered order of evaluation, which it turns on, lets an
// instance id win over a class. DenyRemovableDevices stays off: it would stop keyboards and mice, too. Media whose serial number
// Windows does not take into the instance id are left out.
func Windows(all []Medium) (file []byte, left []Medium) {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("Windows Registry Editor Version 5.00\r\n")
	line("[-%s]\r\n", restrictions)
	line("[%s]", restrictions)
	for _, name := range []string{"AllowDenyLayered", "AllowInstanceIDs", "DenyDeviceIDs", "DenyDeviceIDsRetroactive"} {
		line(`"%s"=dword:00000001`, name)
	}
	line(`"DenyRemovableDevices"=dword:00000000`)
	line("\r\n[%s\\DenyDeviceIDs]", restrictions)
	for i, id := range denied {
		line(`"%d"=%s`, i+1, registryString(id))
	}
	line("\r\n[%s\\AllowInstanceIDs]", restrictions)
	n := 0
	for _, m := range all {
		if !m.usb() || !windowsSerial(m.Serial) {
			left = append(left, m)
			continue
		}
		n++
		line("; %s", plain(m.Label))
		line(`"%d"=%s`, n, registryString(fmt.Sprintf(`USB\VID_%s&PID_%s\%s`, strings.ToUpper(m.Vendor), strings.ToUpper(m.Product), strings.ToUpper(m.Serial))))
	}
	return utf16LE(b.String()), left
}

// windowsSerial reports whether Windows takes a serial number into the instance id: printable ASCII without blank at the end, comma, or
// backslash. For others it makes an id of its own, which changes with the port.
func windowsSerial(s string) bool {
	for i := range len(s) {
		if s[i] <= 0x20 || s[i] >= 0x7f || s[i] == ',' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// registryString is a value of a registry file.
func registryString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// utf16LE is the encoding of registry files, with its byte order mark.
func utf16LE(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}
