package usbpolicy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"mijuan/internal/usbpolicy"
)

// hostile are serial numbers that would like to be more than that.
var hostile = []string{"E0D55EA573F0", "with blank", `a" allow id *:* "`, `back\slash`, `a\`, `\x22`, "line\nallow id *:*", "cr\r\nallow", "nul\x00x", "卷宗", "\xff\xfe", "'", "}", "{ }", "#", "$(reboot)", "%s%n", "\u202eabc", strings.Repeat("9", 300)}

func media() (all []usbpolicy.Medium) {
	for i, s := range hostile {
		all = append(all, usbpolicy.Medium{Label: "JZ-" + strconv.Itoa(i), Vendor: "0951", Product: "16Ab", Serial: s})
	}
	return all
}

var allowed = regexp.MustCompile(`^OUTPUT: allow id 0951:16ab serial "((?:[^"\\]|\\.)*)" with-interface (?:08:06:50|\{ 08:06:50 08:06:62 \})$`) // equals is what the parser leaves out

// TestUSBGuardReadsIt has USBGuard's own parser read the rules: each hostile serial number stays one string within its own rule.
func TestUSBGuardReadsIt(t *testing.T) {
	parser, err := exec.LookPath("usbguard-rule-parser")
	if err != nil {
		t.Fatal("usbguard is not installed; scripts/tools installs it")
	}
	rules, left := usbpolicy.USBGuard(append(media(), usbpolicy.Medium{Label: "disc"}, usbpolicy.Medium{Label: "x\nallow", Vendor: "0951", Product: "zzzz", Serial: "1"}))
	if len(left) != 2 {
		t.Errorf("%d media are left out, want 2", len(left))
	}
	path := filepath.Join(t.TempDir(), "rules.conf")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(parser, "-f", path).CombinedOutput()
	if err != nil {
		t.Fatalf("the parser: %v\n%s", err, out)
	}
	var serials, blocks []string
	for line := range strings.SplitSeq(string(out), "\n") {
		if m := allowed.FindStringSubmatch(line); m != nil {
			serials = append(serials, unescaped(t, m[1]))
		} else if strings.HasPrefix(line, "OUTPUT: ") && line != "OUTPUT: " {
			blocks = append(blocks, line)
		}
	}
	if len(serials) != 2*len(hostile) || len(blocks) != 1 || blocks[0] != "OUTPUT: block with-interface one-of { 08:*:* }" {
		t.Fatalf("%d rules allow, besides %q", len(serials), blocks)
	}
	for i, s := range serials {
		if s != hostile[i/2] {
			t.Errorf("%q is read as %q", hostile[i/2], s)
		}
	}
}

func unescaped(t *testing.T, s string) string {
	t.Helper()
	return regexp.MustCompile(`\\(x[0-9a-f]{2}|.)`).ReplaceAllStringFunc(s, func(x string) string {
		if len(x) == 2 {
			return x[1:]
		}
		n, err := strconv.ParseUint(x[2:], 16, 8)
		if err != nil {
			t.Error(err)
		}
		return string([]byte{byte(n)})
	})
}

// TestWindows reads the registry file as its grammar has it: every line is one that was meant.
func TestWindows(t *testing.T) {
	raw, left := usbpolicy.Windows(media())
	if raw[0] != 0xff || raw[1] != 0xfe {
		t.Fatal("no byte order mark")
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 2; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])|uint16(raw[i+1])<<8)
	}
	grammar := regexp.MustCompile(`^(|Windows Registry Editor Version 5\.00|\[-?HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\DeviceInstall\\Restrictions(\\(Allow|Deny)(InstanceIDs|DeviceIDs))?\]|; JZ-\d+|"[A-Za-z0-9]+"=(dword:0000000[01]|"(?:[^"\\\r\n]|\\["\\])*"))$`)
	var ids []string
	for line := range strings.SplitSeq(string(utf16.Decode(units)), "\r\n") {
		if !grammar.MatchString(line) {
			t.Errorf("a line of its own: %q", line)
		}
		if _, id, ok := strings.Cut(line, `"USB\\VID_0951&PID_16AB\\`); ok {
			ids = append(ids, strings.TrimSuffix(id, `"`))
		}
	}
	if len(ids)+len(left) != len(hostile) || len(ids) != 7 || ids[0] != "E0D55EA573F0" {
		t.Errorf("allowed %q, left out %d", ids, len(left))
	}
	text := string(utf16.Decode(units))
	for _, must := range []string{`"AllowDenyLayered"=dword:00000001`, `"DenyDeviceIDs"=dword:00000001`, `"1"="USB\\Class_08"`, `"AllowInstanceIDs"=dword:00000001`} {
		if !strings.Contains(text, must) {
			t.Errorf("the file lacks %s", must)
		}
	}
}
