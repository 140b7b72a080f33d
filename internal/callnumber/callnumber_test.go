package callnumber

import (
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/problem"
)

// TestRead: what a hand scanner sends and what people type leads to the number on the label.
func TestRead(t *testing.T) {
	n := Carrier(2026, 147, 32, 3)
	check := n[len(n)-1:]
	for _, typed := range []string{
		n, " " + n + "\r\n", wide(n), strings.ReplaceAll(n, "-", ""), strings.ReplaceAll(n, "-", " "), strings.ReplaceAll(n, "-", "—"), strings.ReplaceAll(n, "-", "－"),
		strings.ReplaceAll(n, "0", "O"), strings.ReplaceAll(n, "0", "o"), strings.ReplaceAll(n, "1", "l"), strings.Replace(n, "-", "", 1), strings.Replace(n, "-", "--", 1), "2026-147-32-3-" + check, "2026-00147-0032-003-" + check,
		"编号：" + n, "载体编号 " + n + "。", "https://10.0.0.1:8443/carriers?q=" + n, "https://mijuan.example/c/" + n + "?x=1", "HTTPS://MIJUAN.EXAMPLE/" + n + "/", "https://mijuan.example/carriers?q=" + url.QueryEscape(wide(n)),
		"\u200b" + n + "\ufeff", "]C1" + strings.ReplaceAll(n, "-", ""),
	} {
		if got, err := Read(typed); got != n || err != nil {
			t.Errorf("%q is read as %q: %v", typed, got, err)
		}
	}
	wrong := n[:len(n)-1] + string('0'+(check[0]-'0'+1)%10)
	for typed, says := range map[string]string{
		"": "请扫描标签", " \n": "请扫描标签", wrong: "编号 " + wrong + " 的校验码不对", strings.ReplaceAll(wrong, "-", ""): "校验码不对", strings.Replace(n, "0147", "0174", 1): "校验码不对",
		"6901234567892": "不是本所", "356938035643809": "不是本所", "https://example.com/": "不是本所", n[:len(n)-2]: "不是本所", n + "-1": "不是本所", "SN" + strings.ReplaceAll(n, "-", ""): "不是本所", "2026-民-0147": "不是本所", strings.Repeat(n, 30): "不是本所",
		"2026-0147-0032-" + digit("2026-0147-0032"): "这是资料的编号", "2026147000321035": "几种读法", n + "、" + Carrier(2026, 147, 32, 4): "几种读法",
	} {
		if got, err := Read(typed); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is read as %q: %v, not %s", typed, got, err, says)
		}
	}
}

// TestCompact: the bars leave the dashes out where they can be told, also with more than ninety-nine copies.
func TestCompact(t *testing.T) {
	for n, short := range map[string]bool{Carrier(2026, 147, 32, 3): true, Carrier(2026, 147, 32, 103): true, Carrier(2026, 1470, 321, 103): false, Carrier(2026, 14700, 32, 10): false} {
		if got := Compact(n); strings.Contains(got, "-") == short {
			t.Errorf("%s: the bars say %s", n, got)
		}
		if got, err := Read(Compact(n)); got != n || err != nil {
			t.Errorf("%s: the bars are read as %s: %v", n, got, err)
		}
	}
}

func digit(body string) string { return string(rune('0' + CheckDigit(body))) }

// wide are the full-width forms of a text.
func wide(s string) string {
	return strings.Map(func(r rune) rune { return r + 0xfee0 }, s)
}

// FuzzRead: whatever comes, what is read is a number that reads as itself, and every carrier's number is found in whatever people make of it.
func FuzzRead(f *testing.F) {
	f.Add("2026-0147-0032-03-5", uint16(147), uint16(32), uint8(3))
	f.Add("https://10.0.0.1:8443/carriers?q=２０２６－０１４７", uint16(9999), uint16(65535), uint8(200))
	f.Add("2026147000321035%", uint16(1470), uint16(321), uint8(103))
	f.Fuzz(func(t *testing.T, typed string, matter, serial uint16, copy uint8) {
		if got, err := Read(typed); err == nil {
			if again, err := Read(got); !ValidCarrier(got) || again != got || err != nil {
				t.Errorf("%q is read as %q and that as %q: %v", typed, got, again, err)
			}
		} else if !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", typed, err)
		}
		n := Carrier(2026, int64(matter), int64(serial), int(copy))
		for _, made := range []string{n, wide(n), strings.ToLower(strings.ReplaceAll(n, "0", "O")), " " + strings.ReplaceAll(n, "-", " - ") + "\r\n", "https://x.example/carriers?q=" + n, Compact(n)} {
			if got, err := Read(made); got != n || err != nil {
				t.Errorf("%q is read as %q: %v", made, got, err)
			}
		}
	})
}
