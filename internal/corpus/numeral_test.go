package corpus

import "testing"

func TestCapitals(t *testing.T) {
	for fen, want := range map[int64]string{
		1286000000:   "壹仟贰佰捌拾陆万元整",
		100:          "壹元整",
		10000500:     "壹拾万零伍元整",
		1005030:      "壹万零伍拾元叁角",
		100000000000: "壹拾亿元整",
		30000000005:  "叁亿元零伍分",
		12345678901:  "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分",
		10000010000:  "壹亿零壹佰元整",
		20400:        "贰佰零肆元整",
	} {
		if got := capitals(fen); got != want {
			t.Errorf("capitals(%d) = %s, want %s", fen, got, want)
		}
	}
}

func TestNumerals(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 12: "十二", 20: "二十", 35: "三十五", 100: "一百", 103: "一百零三", 110: "一百一十", 121: "一百二十一"} {
		if got := ordinal(n); got != want {
			t.Errorf("ordinal(%d) = %s, want %s", n, got, want)
		}
	}
	if got := grouped(-128600005); got != "-1,286,000.05" {
		t.Errorf("grouped = %s", got)
	}
	for fen, want := range map[int64]string{1286000000: "1,286 万元", 1286500000: "1,286.5 万元", 50000000: "50 万元"} {
		if got := tenThousands(fen); got != want {
			t.Errorf("tenThousands(%d) = %s, want %s", fen, got, want)
		}
	}
}
