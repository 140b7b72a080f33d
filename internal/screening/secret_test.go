package screening

import (
	"fmt"
	"strings"
	"testing"
)

const redHead = "000012\n机密\n特急\n\n某 某 省 人 民 政 府 文 件\n\n某政发〔2024〕17号\n\n关于某项工作的通知\n"

func TestStateSecretMarks(t *testing.T) {
	for _, c := range []struct {
		text string
		want []MarkKind
	}{
		{"绝密★30年", []MarkKind{StarMark}},
		{"机密★20年\n关于某事的请示", []MarkKind{StarMark}},
		{"秘密★长期", []MarkKind{StarMark}},
		{"绝密★", []MarkKind{StarMark}},
		{"绝密★启用前", []MarkKind{StarMark}},
		{"机 密 ★ 1 0 年", []MarkKind{StarMark}},
		{"机　密　★　５年", []MarkKind{StarMark}},
		{"机\u00a0密\u200b★6个月", []MarkKind{StarMark}},
		{"机密☆10年", []MarkKind{StarMark}},
		{"秘密*5年", []MarkKind{StarMark}},
		{"秘密＊五年", []MarkKind{StarMark}},
		{"秘密∗长期", []MarkKind{StarMark}},
		{"绝密⭐️30年", []MarkKind{StarMark}},
		{"绝密🌟", []MarkKind{StarMark}},
		{"机密\n★20年", []MarkKind{StarMark}},
		{"抬头\n机密*\n正文", []MarkKind{StarMark}},
		{"機密★", []MarkKind{StarMark}},
		{"密级：机密★ 保密期限：十年", []MarkKind{StarMark}},
		{"第 1 页 机密★10年 共 9 页", []MarkKind{StarMark}},
		{"机密 20年\n某某文件", []MarkKind{StarMark}},
		{"绝密★30年……绝密★30年", []MarkKind{StarMark, StarMark}},

		{"本文件属于国家秘密，请妥善保管。", []MarkKind{Statement}},
		{"本材料涉及国家秘密，严禁复制。", []MarkKind{Statement}},
		{"本 件 系 机 密 级 国 家 秘 密", []MarkKind{Statement}},
		{"情况如下：本报告为国家秘密。", []MarkKind{Statement}},
		{"抬头\n国家秘密\n正文", []MarkKind{Statement}},
		{"【国家秘密】", []MarkKind{Statement}},
		{"国家秘密·机密", []MarkKind{Statement}},
		{"国家秘密 严禁翻印", []MarkKind{Statement}},
		{"密级：国家秘密（机密）", []MarkKind{Statement}},

		{redHead, []MarkKind{RedHeader}},
		{"份号：000003\n某市委办公室文件\n", []MarkKind{RedHeader}},
		{"份号 123456\n\n某办发〔2023〕5号", []MarkKind{RedHeader}},
		{"0 0 0 1 0 8\n特急\n某某委员会文件", []MarkKind{RedHeader}},
		{"机密★1年\n" + redHead, []MarkKind{RedHeader, StarMark}},

		{"本合同不涉及国家秘密。", nil},
		{"本文件不属于国家秘密。", nil},
		{"客户资料·绝密级", nil},
		{"客户资料·机密级 M-2026-0007", nil},
		{"客户资料·绝密级★", nil},
		{"商业秘密", nil},
		{"商业秘密★长期", nil},
		{"核心商密★10年　普通商密★5年", nil},
		{"技术秘密*，指……", nil},
		{"第九条 保密：双方应对在履行本合同过程中知悉的对方商业秘密予以保密，保密期限为五年。", nil},
		{"如本文件涉及国家秘密，乙方应按有关规定处理。", nil},
		{"本资料属于国家秘密的，乙方应当立即退还。", nil},
		{"若本材料含有国家秘密", nil},
		{"本案涉及国家秘密，依法不公开审理。", nil},
		{"律师应当保守在执业活动中知悉的国家秘密、商业秘密，不得泄露当事人的隐私。", nil},
		{"该信息是否属于国家秘密，由保密行政管理部门确定。", nil},
		{"《中华人民共和国保守国家秘密法》", nil},
		{"国家秘密的密级分为绝密、机密、秘密三级。", nil},
		{"标志为“绝密★30年”的文件不得带入。", nil},
		{"不得出现「机密★」字样", nil},
		{"机密", nil},
		{"密级：机密", nil},
		{"**秘密** 的含义", nil},
		{"*秘密*：见附件", nil},
		{"论商业秘密*的保护", nil},
		{"秘密花园 ★★★★★", nil},
		{"秘密★★★★☆", nil},
		{"随机密码 ★ 必填", nil},
		{"机密级 20年", nil},
		{"100020\n北京市某区某路1号\n某律师事务所文件\n某律发〔2024〕12号", nil},
		{"010055\n某某公司文件\n某司发〔2024〕3号", nil},
		{"某某公司文件\n某司发〔2024〕3号\n关于印发制度的通知", nil},
		{"（2024）京01民终123号", nil},
		{"份号 3　绝密级　借阅人", nil},
		{"000012\n发票号码", nil},
		{strings.Repeat("正文。\n", 20) + redHead, nil},
		{"", nil},
	} {
		t.Run(fmt.Sprintf("%.24q", c.text), func(t *testing.T) {
			got := map[MarkKind]int{}
			for _, m := range StateSecretMarks(c.text) {
				got[m.Kind]++
				if m.Start < 0 || m.End > len(c.text) || m.Start >= m.End {
					t.Errorf("mark %+v lies outside the text", m)
				}
			}
			want := map[MarkKind]int{}
			for _, k := range c.want {
				want[k]++
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("found %v, want %v", got, want)
			}
		})
	}
}

func TestMarkSpan(t *testing.T) {
	page := "某某文件\n机 密 ★ 20 年\n正文"
	m := StateSecretMarks(page)
	if len(m) != 1 || page[m[0].Start:m[0].End] != "机 密 ★ 20 年" {
		t.Errorf("marks %+v", m)
	}
}

func BenchmarkStateSecretMarks(b *testing.B) {
	page := strings.Repeat("甲方应当对在合同履行过程中知悉的乙方商业秘密承担保密义务。\n", 40)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		StateSecretMarks(page)
	}
}
