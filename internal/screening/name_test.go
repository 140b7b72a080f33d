package screening

import (
	"fmt"
	"strings"
	"testing"

	"mijuan/internal/text"
)

// matter is what the names in these tests must not tell. All of it is invented.
var matter = []Term{
	{Name, "华衡重工股份有限公司"}, {Number, "91310000MA1FL4XK3T"},
	{Name, "北京市云岫信息技术有限责任公司"}, {Name, "青禾（上海）国际贸易有限公司"}, {Name, "中国建设银行股份有限公司"},
	{Name, "张三"}, {Name, "欧阳若水"}, {Name, "方正"}, {Name, "John Smith"}, {Name, "Lia"},
	{Number, "11010519491231002X"}, {Account, "0200 0012 0922 5500 371"}, {Phone, "+86 139-1234-5678"}, {Phone, "010-65551234"},
	{Number, "无"}, {Name, ""}, {Name, "甲"},
}

// complete gives identifiers with their right check characters.
func idCard(s17 string) string {
	for _, c := range "0123456789x" {
		if validID18(s17 + string(c)) {
			return strings.ToUpper(s17 + string(c))
		}
	}
	panic("no check digit fits " + s17)
}

func creditCode(s17 string) string {
	for _, c := range creditAlphabet {
		if validCreditCode(strings.ToLower(s17) + string(c)) {
			return strings.ToUpper(s17 + string(c))
		}
	}
	panic("no check character fits " + s17)
}

func card(s15 string) string {
	for c := range 10 {
		if n := fmt.Sprint(s15, c); validLuhn(n) {
			return n
		}
	}
	panic("no check digit fits " + s15)
}

// wrong gives the number with another check digit.
func wrong(s string) string {
	last := byte('1')
	if s[len(s)-1] == last {
		last = '2'
	}
	return s[:len(s)-1] + string(last)
}

func TestCheckName(t *testing.T) {
	id, code, bank := idCard("32010619880214123"), creditCode("91440300MA5DXRN2X"), card("622202100011223")
	for _, c := range []struct {
		name    string
		want    []Kind
		suggest string
	}{
		{"买卖合同.pdf", nil, "买卖合同.pdf"},
		{"起诉状（一审）.docx", nil, "起诉状（一审）.docx"},
		{"（2026）京0105民初1234号判决书.pdf", nil, "（2026）京0105民初1234号判决书.pdf"},
		{"(2025)最高法民申9876号.pdf", nil, "(2025)最高法民申9876号.pdf"},
		{"20260102_110101_扫描件.tif", nil, "20260102_110101_扫描件.tif"},
		{"主张三倍赔偿的计算表.xlsx", nil, "主张三倍赔偿的计算表.xlsx"},
		{"甲方正式回函.pdf", nil, "甲方正式回函.pdf"},
		{"建设工程施工合同.pdf", nil, "建设工程施工合同.pdf"},
		{"familia letter.txt", nil, "familia letter.txt"},
		{"IMG_20260102123456789.jpg", nil, "IMG_20260102123456789.jpg"},
		{"E20260102会议纪要.pdf", nil, "E20260102会议纪要.pdf"},
		{"001-20260102合同.pdf", nil, "001-20260102合同.pdf"},
		{"M-2026-0007-3.pdf", nil, "M-2026-0007-3.pdf"},
		{"甲公司合同.pdf", nil, "甲公司合同.pdf"},

		{"华衡重工股份有限公司营业执照.pdf", []Kind{PartyName}, "营业执照.pdf"},
		{"华衡重工与客户的买卖合同.pdf", []Kind{PartyName}, "客户的买卖合同.pdf"},
		{"华衡_审计报告.pdf", []Kind{PartyName}, "审计报告.pdf"},
		{"华 衡 重 工 合同.pdf", []Kind{PartyName}, "合同.pdf"},
		{"华·衡 会议纪要.docx", []Kind{PartyName}, "会议纪要.docx"},
		{"关于华衡的尽调报告.docx", []Kind{PartyName}, "关于尽调报告.docx"},
		{"云岫科技股权转让协议.pdf", []Kind{PartyName}, "科技股权转让协议.pdf"},
		{"云岫信息技术公司章程.pdf", []Kind{PartyName}, "公司章程.pdf"},
		{"北京市云岫章程.pdf", []Kind{PartyName}, "北京市章程.pdf"},
		{"青禾国际贸易发票.pdf", []Kind{PartyName}, "发票.pdf"},
		{"青禾发票（第 2 批）.pdf", []Kind{PartyName}, "发票（第 2 批）.pdf"},
		{"建设银行回单.pdf", []Kind{PartyName}, "回单.pdf"},
		{"张三起诉状.docx", []Kind{PartyName}, "起诉状.docx"},
		{"张 三 起诉状.docx", []Kind{PartyName}, "起诉状.docx"},
		{"被告一张三答辩状.docx", []Kind{PartyName}, "被告一答辩状.docx"},
		{"张三诉华衡重工民间借贷纠纷.pdf", []Kind{PartyName, PartyName}, "民间借贷纠纷.pdf"},
		{"张三先生与欧阳若水女士离婚协议.docx", []Kind{PartyName, PartyName}, "离婚协议.docx"},
		{"证据（张三）.pdf", []Kind{PartyName}, "证据.pdf"},
		{"张三.pdf", []Kind{PartyName}, "资料.pdf"},
		{"张三", []Kind{PartyName}, "资料"},
		{"合同.张三", []Kind{PartyName}, "合同"},
		{"方正的授权委托书.pdf", []Kind{PartyName}, "授权委托书.pdf"},
		{"letter to JOHN_SMITH.txt", []Kind{PartyName}, "letter to.txt"},
		{"Ｊｏｈｎ　Ｓｍｉｔｈ 护照.jpg", []Kind{PartyName}, "护照.jpg"},
		{"Lia 委托书.pdf", []Kind{PartyName}, "委托书.pdf"},
		{"张张三三借条.jpg", []Kind{PartyName}, "借条.jpg"},

		{"身份证11010519491231002X.jpg", []Kind{PartyNumber}, "身份证.jpg"},
		{"身份证 110105 19491231 002x 正面.jpg", []Kind{PartyNumber}, "身份证 正面.jpg"},
		{"执照91310000MA1FL4XK3T.pdf", []Kind{PartyNumber}, "执照.pdf"},
		{"流水0200001209225500371.xlsx", []Kind{PartyAccount}, "流水.xlsx"},
		{"流水 0200-0012-0922-5500-371.xlsx", []Kind{PartyAccount}, "流水.xlsx"},
		{"通话录音13912345678.amr", []Kind{PartyPhone}, "通话录音.amr"},
		{"来电 010 6555 1234.mp3", []Kind{PartyPhone}, "来电.mp3"},

		{"身份证" + id + ".jpg", []Kind{IDCard}, "身份证.jpg"},
		{"身份证" + wrong(id) + ".jpg", nil, "身份证" + wrong(id) + ".jpg"},
		{id[:6] + "-" + id[6:14] + "-" + id[14:] + " 正面.jpg", []Kind{IDCard}, "正面.jpg"},
		{"旧证320106880214123.jpg", []Kind{IDCard}, "旧证.jpg"},
		{"9" + id + "7.jpg", nil, "9" + id + "7.jpg"}, // within a longer number
		{"执照" + code + ".pdf", []Kind{CreditCode}, "执照.pdf"},
		{"执照" + strings.ToLower(code) + ".pdf", []Kind{CreditCode}, "执照.pdf"},
		{"执照" + wrong(code) + ".pdf", nil, "执照" + wrong(code) + ".pdf"},
		{"转账" + bank + ".pdf", []Kind{BankCard}, "转账.pdf"},
		{"转账 " + bank[:4] + " " + bank[4:8] + " " + bank[8:12] + " " + bank[12:] + ".pdf", []Kind{BankCard}, "转账.pdf"},
		{"转账" + bank + "-1.pdf", []Kind{BankCard}, "转账-1.pdf"},
		{"转账" + wrong(bank) + ".pdf", nil, "转账" + wrong(bank) + ".pdf"},
		{"li.si@example.com", []Kind{Email}, "资料"},
		{"短信18612349876.png", []Kind{PhoneNumber}, "短信.png"},
		{"短信１８６１２３４９８７６.png", []Kind{PhoneNumber}, "短信.png"},
		{"短信+86 186-1234-9876.png", []Kind{PhoneNumber}, "短信.png"},
		{"传真0755-86543210.pdf", []Kind{PhoneNumber}, "传真.pdf"},
		{"护照E12345678.jpg", []Kind{Passport}, "护照.jpg"},
		{"护照EA1234567.jpg", []Kind{Passport}, "护照.jpg"},
		{"往来邮件 li.si@example.com.cn.eml", []Kind{Email}, "往来邮件.eml"},
		{"13800138000_" + id + ".jpg", []Kind{PhoneNumber, IDCard}, "资料.jpg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := CheckName(c.name, matter)
			var kinds []Kind
			for _, f := range v.Findings {
				kinds = append(kinds, f.Kind)
				if f.Start < 0 || f.End > len(c.name) || f.Start >= f.End || f.Sentence == "" {
					t.Errorf("finding %+v", f)
				}
			}
			if fmt.Sprint(kinds) != fmt.Sprint(c.want) || v.OK != (len(c.want) == 0) || v.Suggestion != c.suggest {
				t.Errorf("found %v (OK %v), suggests %q; want %v, %q", kinds, v.OK, v.Suggestion, c.want, c.suggest)
			}
		})
	}
}

func TestFindingsSpan(t *testing.T) {
	name := "合同（华　衡重工）１３９１２３４５６７８.pdf"
	for i, want := range []string{"华　衡重工", "１３９１２３４５６７８"} {
		f := CheckName(name, matter).Findings[i]
		if got := name[f.Start:f.End]; got != want {
			t.Errorf("finding %d is %q, not %q", i, got, want)
		}
	}
}

func TestShortNames(t *testing.T) {
	for full, want := range map[string]string{
		"华衡重工股份有限公司":          "[华衡重工 华衡]",
		"北京市云岫信息技术有限责任公司":     "[北京市云岫信息技术 云岫信息技术 云岫]",
		"青禾（上海）国际贸易有限公司":      "[青禾国际贸易有限公司 青禾国际贸易 青禾]",
		"广东省深圳市蓝鲸置业集团有限公司":    "[广东省深圳市蓝鲸置业 蓝鲸置业 蓝鲸]",
		"中国建设银行股份有限公司":        "[中国建设银行 建设银行]",
		"观澜律师事务所":             "[观澜]",
		"苏州市第一人民医院":           "[第一人民医院 第一人民]",
		"张三":                  "[]",
		"上海市浦东新区某某投资中心（有限合伙）": "[上海市浦东新区某某投资中心 上海市浦东新区某某投资 某某投资 某某]",
	} {
		if got := fmt.Sprint(shortNames(full, fold(full, telling).text)); got != want {
			t.Errorf("%s: %s; want %s", full, got, want)
		}
	}
}

// TestSentences: each has its English, and none repeats what was found.
func TestSentences(t *testing.T) {
	for k := PartyName; k <= Email; k++ {
		if s := sentences[k]; s == "" || !text.Known(s) || strings.Contains(s, "%") {
			t.Errorf("kind %d says %q", k, s)
		}
	}
	for k := StarMark; k <= RedHeader; k++ {
		if s := (Mark{Kind: k}).Sentence(); s == "" || !text.Known(s) {
			t.Errorf("mark %d says %q", k, s)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"张三诉华衡.pdf", "１３９１２３４５６７８", "a\x00b", "\xff张\xfe三", "（）（）张三", "11010519491231002X@x.cn"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		v := CheckName(name, matter)
		if v.OK != (len(v.Findings) == 0) || v.OK && v.Suggestion != name {
			t.Errorf("verdict %+v", v)
		}
		if !v.OK {
			if again := CheckName(v.Suggestion, matter); !again.OK {
				t.Errorf("the suggestion %q for %q tells something itself: %+v", v.Suggestion, name, again.Findings)
			}
			if _, err := CleanName(v.Suggestion); err != nil {
				t.Errorf("the suggestion %q for %q: %v", v.Suggestion, name, err)
			}
		}
		if clean, err := CleanName(name); err == nil {
			if again, err := CleanName(clean); err != nil || again != clean {
				t.Errorf("%q is cleaned to %q and that to %q, %v", name, clean, again, err)
			}
		}
		StateSecretMarks(name)
	})
}
