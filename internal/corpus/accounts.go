package corpus

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"
)

// bankStatement is half a year of an account's movements, among them the payments of the matter's contract.
func (s *scene) bankStatement(f *excelize.File) {
	holder := s.matter.Client.Name
	number := account(chanceOf("account", holder))
	l := newSheet(f, "交易明细", "江澜通汇银行　账户交易明细", 13, 11, 14, 14, 16, 36, 24, 22)
	l.add("户名：" + holder)
	l.add("账号：" + number)
	l.head("交易日期", "时间", "借方（元）", "贷方（元）", "余额（元）", "对方户名", "对方账号", "摘要")
	payments := s.payments()
	from := payments[0].date.Add(-days(20))
	balance := fen(s.luck.between(180, 2600)) * 1000000
	first := l.row + 1
	var out, in fen
	next := 0
	for n := range s.luck.between(110, 190) {
		date := from.Add(time.Duration(n) * 31 * time.Hour)
		for ; next < len(payments) && payments[next].date.Before(date); next++ {
			p := payments[next]
			paid, received, other := fen(0), fen(p.fen), p.payer
			if p.payer == holder {
				paid, received, other = fen(p.fen), 0, p.payee
				balance = max(balance, paid+500000)
			}
			balance += received - paid
			in, out = in+received, out+paid
			l.add(p.date.Format("2006-01-02"), "10:12:33", paid, received, balance, other, account(chanceOf("account", other)), p.note)
		}
		paid, received := fen(0), fen(s.luck.between(800, 900000)*100)
		if s.luck.IntN(5) < 3 && received < balance {
			paid, received = received, 0
		}
		balance += received - paid
		in, out = in+received, out+paid
		other := s.luck.choose(counterparts)
		l.add(date.Format("2006-01-02"), date.Format("15:04:05"), paid, received, balance, other, account(chanceOf("account", other)), s.luck.choose("{货款|服务费|运费|税款|工资代发|往来款|报销|水电费|保证金|材料款|租金|利息}"))
	}
	l.total("合计", first, map[int]fen{3: out, 4: in})
	l.add("本明细由柜面打印，样例数据，均系虚构。")
}

const counterparts = "{江澜|云泊|栖梧}{沐川|衍石|拓澜|恒芮|青麓|嘉木|远汀|晴屿|砺锋|和畅}{商贸|物流|机电|材料|信息技术|建筑劳务|检测技术|包装}有限公司"

// balance is a balance sheet over three years; both sides agree to the fen.
func (s *scene) balance(f *excelize.File) {
	l := newSheet(f, "资产负债表", "资产负债表", 34, 18, 18, 18)
	l.add("编制单位：" + s.company().Name)
	l.add("单位：元")
	years := []any{"项目"}
	for i := range 3 {
		years = append(years, fmt.Sprintf("%d 年末", s.day.Year()-3+i))
	}
	l.head(years...)
	scale := fen(s.luck.between(400, 4000)) * 100000
	grow := []float64{0.78, 0.9, 1}
	assets := s.positions(l, "流动资产：,货币资金 9,应收票据 3,应收账款 21,预付款项 5,其他应收款 4,存货 17,非流动资产：,长期股权投资 6,固定资产 26,在建工程 8,无形资产 7,长期待摊费用 2,递延所得税资产 1", scale, grow)
	l.add("资产总计", assets[0], assets[1], assets[2])
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4})
	debts := s.positions(l, "流动负债：,短期借款 14,应付票据 4,应付账款 15,合同负债 4,应付职工薪酬 2,应交税费 1,其他应付款 5,非流动负债：,长期借款 11,租赁负债 2", scale, grow)
	l.add("负债合计", debts[0], debts[1], debts[2])
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4})
	capital := scale * 18
	l.add("实收资本", capital, capital, capital)
	l.add("资本公积", scale*4, scale*4, scale*4)
	rest := make([]any, 0, 4)
	rest = append(rest, "盈余公积及未分配利润")
	for i := range 3 {
		rest = append(rest, assets[i]-debts[i]-capital-scale*4)
	}
	l.add(rest...)
	l.add("负债和所有者权益总计", assets[0], assets[1], assets[2])
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4})
	l.add("注：未经审计的管理层报表，仅供尽职调查使用；样例数据，均系虚构。")
}

// positions writes lines like "存货 17", the figure being a weight, and gives each year's sum.
func (s *scene) positions(l *ledgerSheet, lines string, scale fen, grow []float64) (sums [3]fen) {
	for name, weight := range weighted(lines) {
		if weight == 0 {
			l.add(name)
			l.style(&excelize.Style{Font: &excelize.Font{Bold: true}})
			continue
		}
		row := []any{"　" + name}
		for i, g := range grow {
			v := fen(float64(scale) * float64(weight) * g * (0.85 + s.luck.Float64()*0.3))
			sums[i] += v
			row = append(row, v)
		}
		l.add(row...)
	}
	return sums
}

// valuation is a model of discounted cash flows with its assumptions, and multiples beside it.
func (s *scene) valuation(f *excelize.File) {
	l := newSheet(f, "假设", "估值模型：关键假设", 30, 14, 40)
	l.head("项目", "取值", "说明")
	wacc, perpetual := 0.10+float64(s.luck.between(2, 28))/1000, 0.02
	for _, row := range [][]any{{"加权平均资本成本", wacc, "可比公司资本结构，无风险利率取十年期国债"}, {"永续增长率", perpetual, "低于长期通胀与名义增长"},
		{"所得税率", 0.25, "法定税率，优惠到期后不考虑延续"}, {"营运资金占收入", 0.14, "近三年均值"}, {"资本开支占收入", 0.06, "含二期产线"}} {
		l.add(row...)
	}
	m := newSheet(f, "现金流", "自由现金流预测（元）", 22, 18, 18, 18, 18, 18)
	head := []any{"项目"}
	for i := range 5 {
		head = append(head, fmt.Sprintf("%d 年预测", s.day.Year()+i))
	}
	m.head(head...)
	revenue := float64(s.luck.between(9000, 42000)) * 1000000
	lines := map[string][]any{}
	order := []string{"营业收入", "息税前利润", "所得税", "资本开支", "营运资金增加", "自由现金流", "折现系数", "折现值"}
	value, factor, before := 0.0, 1.0, revenue
	var free float64
	for i := range 5 {
		revenue *= 1.08 + s.luck.Float64()*0.12 - float64(i)*0.012
		factor /= 1 + wacc
		margin := revenue * (0.13 + s.luck.Float64()*0.03)
		capital, working := revenue*0.06, (revenue-before)*0.14
		free, before = margin*0.75-capital*0.4-working, revenue
		value += free * factor
		for k, v := range map[string]float64{"营业收入": revenue, "息税前利润": margin, "所得税": margin * 0.25, "资本开支": capital, "营运资金增加": working, "自由现金流": free, "折现值": free * factor} {
			lines[k] = append(lines[k], fen(v))
		}
		lines["折现系数"] = append(lines["折现系数"], float64(int(factor*10000))/10000)
	}
	for _, k := range order {
		m.add(append([]any{k}, lines[k]...)...)
	}
	terminal := free * (1 + perpetual) / (wacc - perpetual) * factor
	m.add("终值折现", fen(terminal))
	m.add("企业价值", fen(value+terminal))
	m.style(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4})
	s.sensitivity(f, wacc, perpetual, free, factor, value)
}

func (s *scene) sensitivity(f *excelize.File, wacc, perpetual, free, factor, value float64) {
	l := newSheet(f, "敏感性", "企业价值对折现率与永续增长率的敏感性（元）", 18, 18, 18, 18, 18, 18)
	head := []any{"折现率＼增长率"}
	for i := range 5 {
		head = append(head, fmt.Sprintf("%.1f%%", (perpetual+float64(i-2)*0.005)*100))
	}
	l.head(head...)
	for r := range 5 {
		w := wacc + float64(r-2)*0.005
		row := []any{fmt.Sprintf("%.1f%%", w*100)}
		for i := range 5 {
			g := perpetual + float64(i-2)*0.005
			row = append(row, fen(value*(1-float64(r-2)*0.018)+free*(1+g)/(w-g)*factor))
		}
		l.add(row...)
	}
}
