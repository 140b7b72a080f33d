package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

var diligenceTexts = sync.OnceValue(func() *source { return read("diligence.txt") })

// chapter is one part of a due diligence report: so many items, each a heading, a paragraph of fact and one of appraisal.
type chapter struct {
	title, intro string
	items        int
	fact, risk   string // sections of diligence.txt
	heading      string // of an item; empty: items run on
}

var chapters = []chapter{
	{"设立与历史沿革", "本所核查了公司自设立以来的全部登记档案，重要变动如下：", 7, "capital", "capital-risk", "变动"},
	{"不动产与租赁", "公司提供了权属证书、租赁合同和登记机构的查询结果，逐项情况如下：", 6, "property", "", ""},
	{"知识产权", "下列权利以登记机关的公示信息与权利证书核对：", 14, "ip", "", ""},
	{"重大合同", "本所按照金额和重要性抽取了下列合同，重点审阅期限、排他、控制权变更和违约条款：", 26, "contract", "contract-clause", "合同"},
	{"借款、融资租赁与对外担保", "本所核对了企业信用报告、借款合同和内部决议：", 8, "loan", "", ""},
	{"劳动人事", "人员情况依据花名册、社会保险缴纳明细和抽样的劳动合同：", 9, "labour", "", ""},
	{"税务", "税务事项以申报表、完税证明和检查文书为依据，不包括税额的计算：", 5, "tax", "", ""},
	{"个人信息与数据", "本部分依据个人信息保护法、网络安全法及相关规定审查：", 6, "data", "", ""},
	{"诉讼、仲裁与行政处罚", "诉讼信息以公开查询和公司说明相互核对：", 8, "suit", "", ""},
}

// diligence writes the report. Its length follows the size of the target: the matter's head "chapters" multiplies the items.
func diligence(s *scene, _ string) []string {
	t := diligenceTexts()
	target := s.party0(cmp.Or(s.story.value("target"), "C"))
	s.local["目标"], s.local["委托方"] = target.Name, s.matter.Client.Name
	out := s.expand(t.sections["head"])
	for i, c := range chapters {
		out = append(out, fmt.Sprintf("## 第%s部分　%s", ordinal(i+1), c.title), c.intro)
		if i == 0 {
			out = append(out, profile(s, target)...)
		}
		out = append(out, s.items(t, c)...)
	}
	out = append(append(out, "---"), s.expand(t.sections["tail"])...)
	return append(out, s.annexes()...)
}

// rights are kinds of intellectual property and what they are called, as two cells.
var rights = []string{
	"发明|一种{复合|高导热|可降解|低应力|自校准}{膜|涂层|结构|装置}及其{制备方法|应用|检测方法}", "实用新型|{夹持|输送|定位|检测|密封|分切|收卷}{机构|装置|组件}",
	"外观设计|{包装盒|显示界面|机壳|提手}", "软件著作权|{调度|排产|质检|结算|追溯}管理系统 V{1.0|2.1|3.0}",
}

// annexes list the contracts and the rights that the chapters sampled.
func (s *scene) annexes() []string {
	n := 30
	if factor := s.story.value("chapters"); factor != "" {
		n = 30 * whole(factor) / 100
	}
	out := []string{"---", "## 附件一　重大合同一览", "|:1.4:1.8:5:3.6:2.6:2.2", "|序号|编号|相对方|合同名称|金额|签订日期"}
	for i := range n {
		s.fill(i + 1)
		past := s.day.AddDate(-s.luck.between(0, 4), -s.luck.between(0, 11), 0)
		out = append(out, fmt.Sprintf("|%d|%s|%s|%s|%s|%s", i+1, s.local["编号"], s.local["对方"], s.phrase("{采购框架合同|销售合同|委托加工合同|仓储保管合同|技术服务合同|运输合同|租赁合同|维保合同}"), s.local["金额"], past.Format("2006-01")))
	}
	out = append(out, "## 附件二　知识产权清单", "|:1.4:2.6:6:3:2.4:2.8", "|序号|类别|名称|登记号|申请日期|状态")
	for i := range n * 3 / 4 {
		past := s.day.AddDate(-s.luck.between(1, 9), -s.luck.between(0, 11), 0)
		out = append(out, fmt.Sprintf("|%d|%s|99-%07d|%s|%s", i+1, s.phrase(one(s.luck, rights)), s.luck.IntN(1e7), past.Format("2006-01"), s.phrase("{有效|有效|有效|实质审查中|年费待缴}")))
	}
	return out
}

func (s *scene) party0(key string) Party {
	p, ok := s.story.parties[key]
	if !ok {
		panic("corpus: " + s.story.name + " has no party " + key)
	}
	return p
}

// expand fills in lines among which calls may stand.
func (s *scene) expand(lines []string) []string {
	text := s.script(&source{name: "diligence", sections: map[string][]string{"": lines}})
	return strings.Split(strings.TrimRight(text, "\n"), "\n")
}

func profile(s *scene, p Party) []string {
	return []string{"|:2:6", "|项目|内容", "|名称|" + p.Name, "|统一社会信用代码|" + p.Identity, "|法定代表人|" + p.Representative,
		"|住所|" + p.Address, s.phrase("|登记状态|存续（在营）"), s.phrase("|主要股东|{创始股东及员工持股平台|控股股东及两名财务投资人}，见章程与股东名册")}
}

// items writes a chapter's items. Facts and appraisals are dealt so that neighbours differ; what varies inside them varies each time.
func (s *scene) items(t *source, c chapter) (out []string) {
	n := c.items
	if factor := s.story.value("chapters"); factor != "" && c.fact != "capital" {
		n = n * whole(factor) / 100
	}
	facts, risks := s.cycle(t.sections[c.fact]), s.cycle(t.sections[c.risk])
	seen := map[string]bool{}
	for i := range n {
		s.fill(i + 1)
		if c.fact == "capital" {
			s.capital(i, n)
		}
		if c.heading != "" {
			out = append(out, fmt.Sprintf("### %s %d", c.heading, i+1))
		}
		for _, draw := range []func() string{facts, risks} {
			if line := s.phrase(draw()); line != "" && !seen[line] {
				seen[line] = true
				out = append(out, line)
			}
		}
	}
	return out
}

// capital sets the day of the i-th of n changes and the registered capital before and after it: both only grow.
func (s *scene) capital(i, n int) {
	s.local["日期"] = day(s.day.AddDate(-15, 0, 0).Add(days(i*5000/n + s.luck.between(0, 5000/n-9))))
	s.local["原资本"], s.local["资本"] = fmt.Sprintf("%d 万元", 500+i*650), fmt.Sprintf("%d 万元", 500+(i+1)*650)
}

// cycle draws lines in an order that is dealt anew each time all have been drawn.
func (s *scene) cycle(lines []string) func() string {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == "" })
	var hand []string
	return func() string {
		if len(lines) == 0 {
			return ""
		}
		if len(hand) == 0 {
			hand = deal(s.luck, lines)
		}
		line := hand[0]
		hand = hand[1:]
		return line
	}
}

// fill sets the names that an item uses.
func (s *scene) fill(n int) {
	past := s.day.AddDate(-s.luck.between(0, 9), -s.luck.between(1, 11), -s.luck.between(0, 27))
	ahead := s.day.Add(time.Duration(s.luck.between(90, 2600)) * 24 * time.Hour)
	s.local["序"] = fmt.Sprint(n)
	s.local["日期"], s.local["期限"] = day(past), day(ahead)
	s.local["金额"] = tenThousands(int64(s.luck.between(12, 3600)) * 1000000)
	s.local["编号"] = fmt.Sprintf("%d-%02d", s.luck.between(1, 12), s.luck.between(1, 88))
	s.local["对方"], s.local["人名"] = s.luck.choose(counterparts), s.luck.choose(staff)
}
