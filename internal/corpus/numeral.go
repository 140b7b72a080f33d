package corpus

import (
	"fmt"
	"strings"
	"time"
)

var digitNames = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}

// ordinal is n in Chinese, for headings: 一, 十二, 一百零三.
func ordinal(n int) string {
	switch {
	case n < 10:
		return digitNames[n]
	case n < 20:
		return "十" + strings.TrimPrefix(digitNames[n%10], "零")
	case n < 100:
		return digitNames[n/10] + "十" + strings.TrimPrefix(digitNames[n%10], "零")
	case n%100 == 0:
		return digitNames[n/100] + "百"
	case n%100 < 10:
		return digitNames[n/100] + "百零" + digitNames[n%10]
	default:
		return digitNames[n/100] + "百" + strings.Replace(digitNames[n%100/10]+"十"+strings.TrimPrefix(digitNames[n%10], "零"), "零", "", 1)
	}
}

// grouped is a sum of fen as people write it: 12,860,000.00.
func grouped(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	whole := fmt.Sprint(fen / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("%s%s.%02d", sign, whole, fen%100)
}

// tenThousands is a sum of fen in 万元, without needless decimals: 1,286 万元.
func tenThousands(fen int64) string {
	s := grouped(fen / 10000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + " 万元"
}

// capitals is a sum of fen in the characters used on cheques and contracts: 壹仟贰佰捌拾陆万元整.
func capitals(fen int64) string {
	whole, rest := fen/100, fen%100
	s := capitalWhole(whole) + "元"
	switch {
	case rest == 0:
		return s + "整"
	case rest%10 == 0:
		return s + capitalDigits[rest/10] + "角"
	case rest < 10:
		return s + "零" + capitalDigits[rest] + "分"
	default:
		return s + capitalDigits[rest/10] + "角" + capitalDigits[rest%10] + "分"
	}
}

var capitalDigits = []string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}

func capitalWhole(n int64) string {
	if n == 0 {
		return "零"
	}
	var out string
	gap := false
	for _, unit := range []struct {
		size int64
		name string
	}{{1e8, "亿"}, {1e4, "万"}, {1, ""}} {
		part := n / unit.size % 10000
		if unit.size == 1e8 {
			part = n / unit.size
		}
		if part == 0 {
			gap = out != ""
			continue
		}
		if gap || out != "" && part < 1000 {
			out += "零"
		}
		out += capitalThousands(part) + unit.name
		gap = false
	}
	return out
}

func capitalThousands(n int64) string {
	var out string
	gap := false
	for _, unit := range []struct {
		size int64
		name string
	}{{1000, "仟"}, {100, "佰"}, {10, "拾"}, {1, ""}} {
		d := n / unit.size % 10
		if d == 0 {
			gap = out != ""
			continue
		}
		if gap {
			out += "零"
		}
		out += capitalDigits[d] + unit.name
		gap = false
	}
	return out
}

// day writes a date out: 2026年3月18日.
func day(t time.Time) string {
	return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day())
}
