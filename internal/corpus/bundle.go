package corpus

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// bundle is a bound volume of evidence: behind a title each piece is reproduced as the kind of paper it is.
func bundle(s *scene, _ string) (out []string) {
	for i, line := range s.section("evidence") {
		f := strings.Split(line, "|")
		out = append(out, "---", fmt.Sprintf("= 证据 %d", i+1), "# "+f[0])
		out = append(out, ": 证明内容："+f[1]+"。", ": 来源："+f[2], "***")
		out = append(out, s.exhibit(f[0])...)
	}
	return out
}

// exhibit chooses the paper by the words in the evidence's name.
func (s *scene) exhibit(name string) []string {
	for _, e := range []struct {
		words string
		write func(*scene, string) []string
	}{
		{"回单 流水 转账 付款 收款", slips}, {"记录 报告 台账 日志", measurements}, {"微信 聊天", chat}, {"函", letterCopy},
		{"单 清单 签收 发票", receipts}, {"合同 协议 章程", contractCopy}, {"照片 现场 视频", photographs},
	} {
		for w := range strings.FieldsSeq(e.words) {
			if strings.Contains(name, w) {
				return e.write(s, name)
			}
		}
	}
	return statement(s, name)
}

// contractCopy is the matter's contract; of another one only a description was bound in.
func contractCopy(s *scene, name string) []string {
	if s.story.value("contract") == "" || !strings.Contains(name, s.story.words["合同"]) {
		return statement(s, name)
	}
	return append([]string{"---"}, include(s, "合同")...)
}

// slips are copies of bank receipts, one a payment; together they make the sum paid.
func slips(s *scene, _ string) (out []string) {
	for i, p := range s.payments() {
		if i > 0 {
			out = append(out, "---")
		}
		out = append(out, "## 江澜通汇银行　电子回单", ": 回单编号："+fmt.Sprintf("9900%08d", s.luck.IntN(1e8))+"　　交易日期："+day(p.date),
			"|:3:7", "|项目|内容", "|付款人户名|"+p.payer, "|付款人账号|"+account(chanceOf("account", p.payer)), "|付款人开户行|云泊农商储备银行东屿支行",
			"|收款人户名|"+p.payee, "|收款人账号|"+account(chanceOf("account", p.payee)), "|收款人开户行|江澜通汇银行营业部",
			"|金额（大写）|人民币"+capitals(p.fen), "|金额（小写）|"+grouped(p.fen), "|摘要|"+p.note, "|验证码|"+fmt.Sprintf("%04X-%04X-%04X", s.luck.IntN(65536), s.luck.IntN(65536), s.luck.IntN(65536)),
			": 本回单仅供核对，重复打印无效。加盖电子回单专用章后有效。")
	}
	return out
}

type payment struct {
	date         time.Time
	payer, payee string
	fen          int64
	note         string
}

// payments splits what has been paid into instalments between the contract and the demand.
func (s *scene) payments() (out []payment) {
	payer, payee := s.story.parties["B"].Name, s.story.parties["A"].Name
	if s.story.value("payer") == "A" {
		payer, payee = payee, payer
	}
	left := s.story.amounts["已付"]
	if left == 0 {
		left = 186000000
	}
	c := chanceOf("payments", s.matter.Number)
	date := s.story.dates["签约"]
	if date.IsZero() {
		date = Present.Add(-s.matter.OpenedAt - days(420))
	}
	notes := []string{"首期款", "第二期款", "进度款", "第三期部分款项", "往来款", "补付款项", "尾数结清"}
	n := c.between(5, 7)
	for i := range n {
		date = date.Add(days(c.between(6, 65)))
		sum := left / int64(n-i)
		if i < n-1 {
			sum = sum * int64(c.between(60, 135)) / 100 / 1000000 * 1000000
		}
		left -= sum
		out = append(out, payment{date, payer, payee, sum, notes[i]})
	}
	return out
}

// measurements are the daily sheets of a log; a matter about no thing that can be measured has none.
func measurements(s *scene, name string) (out []string) {
	if s.story.value("measure") == "none" {
		return statement(s, name)
	}
	date := s.story.dates["签约"].Add(days(s.luck.between(60, 120)))
	remarks := s.pool("record", 30)
	for i := range s.luck.between(4, 9) {
		if i > 0 {
			out = append(out, "---")
		}
		date = date.Add(days(s.luck.between(1, 5)))
		out = append(out, fmt.Sprintf("= 第 %d 份　%s　记录编号 9%d-%03d", i+1, day(date), date.Year(), i*7+s.luck.between(1, 6)),
			"|:1.2:3:2:2:2:4", "|序号|项目|标准值|实测值|结论|备注")
		for n, item := range s.pool(cmp.Or(s.story.value("measure"), "measure"), s.luck.between(10, 16)) {
			standard := float64(s.luck.between(50, 900)) / 10
			off := (s.luck.Float64() - 0.45) * standard * 0.06
			verdict := "符合"
			if off > standard*0.03 {
				verdict = "偏差"
			}
			out = append(out, fmt.Sprintf("|%d|%s|%.1f|%.2f|%s|%s", n+1, item, standard, standard+off, verdict, s.phrase("{—|—|见附图|双方复核|当日闭环}")))
		}
		out = append(out, "情况说明："+remarks[i%len(remarks)], ": 记录人：________　　复核人：________　　对方签字：________")
	}
	return out
}

func letterCopy(s *scene, _ string) []string {
	out := append([]string{": 致：" + s.local["致函对象"]}, s.section("letter")...)
	return append(out, s.phrase("请贵方{于收到本函之日起七日内|于本月月底前}予以书面答复并妥善处理，逾期我方将采取法律措施。"), "^", "> "+s.matter.Client.Name, "> "+day(s.story.dates["催告"]))
}

func receipts(s *scene, name string) (out []string) {
	date := s.story.dates["签约"]
	for i := range s.luck.between(2, 4) {
		date = date.Add(days(s.luck.between(10, 70)))
		out = append(out, fmt.Sprintf("## 第 %d 张　单号 99-%05d　日期 %s", i+1, s.luck.IntN(99999), day(date)), "|:1:4:2:1.4:3", "|序号|名称|规格|数量|外观及随附资料")
		for n, item := range s.pool("goods", s.luck.between(5, 9)) {
			out = append(out, fmt.Sprintf("|%d|%s|9%c-%d|%d|%s", n+1, item, 'A'+rune(s.luck.IntN(20)), s.luck.between(100, 980), s.luck.between(1, 24), s.phrase("{完好，合格证齐全|完好|包装轻微破损，内件完好|完好，附检测报告}")))
		}
		out = append(out, ": 送交人：________　　接收人：________　　接收日期："+day(date))
	}
	return out
}

func photographs(s *scene, _ string) []string {
	return []string{"@picture " + one(s.luck, photoNames) + "|110", "= 照片拍摄于" + day(s.day.Add(-days(40))) + "，原始数据存于拍摄设备。"}
}

// statement stands for a piece of which only a description was bound in.
func statement(s *scene, _ string) []string {
	return append(s.pool("exhibit", 2), ": （原件已核对，由提交人保管；复印件与原件一致。）", "@picture "+one(s.luck, photoNames)+"|95")
}
