package corpus

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// weighted goes through "name weight" pairs between commas; a name without weight has the weight 0.
func weighted(lines string) func(func(string, int) bool) {
	return func(yield func(string, int) bool) {
		for part := range strings.SplitSeq(lines, ",") {
			name, w, ok := strings.Cut(part, " ")
			n := 0
			if ok {
				n = whole(w)
			}
			if !yield(name, n) {
				return
			}
		}
	}
}

const staff = "{祁|谌|鲍|桑|阮|荆|蒲|芮|靳|牧|甄|邬|闵|喻|欧阳|东方|令狐|皇甫}{望|知|屿|听|沐|予|书|见|星|未}{禾|川|澜|遥|砚|舟|溪|白|岚|木}"

// payroll is a year of wages and attendance.
func (s *scene) payroll(f *excelize.File) {
	l := newSheet(f, "工资与考勤", s.company().Name+"　工资与考勤汇总", 8, 14, 16, 12, 12, 12, 12, 14, 20)
	l.head("序号", "姓名", "岗位", "月份", "出勤（天）", "加班（时）", "基本工资", "实发（元）", "备注")
	first := l.row + 1
	var base, paid fen
	n := 0
	for range 8 {
		name, job := s.luck.choose(staff), s.luck.choose("{装配技工|质检员|销售代表|注册专员|研发工程师|仓储主管|行政专员}")
		wage := fen(s.luck.between(58, 210)) * 10000
		for month := range 12 {
			n++
			extra := s.luck.between(0, 36)
			net := wage*86/100 + fen(extra)*wage/17400*15/10
			base, paid = base+wage, paid+net
			l.add(n, name, job, fmt.Sprintf("%d-%02d", s.day.Year()-1, month+1), s.luck.between(18, 23), extra, wage, net, s.luck.choose("{||||含年终奖预发|事假 1 天|补发上月差额}"))
		}
	}
	l.total("合计", first, map[int]fen{7: base, 8: paid})
}

// claims is the register of claims that creditors have filed.
func (s *scene) claims(f *excelize.File) {
	l := newSheet(f, "债权登记", "债权申报登记与审查表", 8, 40, 16, 18, 18, 18, 12, 34)
	l.head("编号", "债权人", "申报日期", "申报金额", "审查确认", "暂缓确认", "性质", "审查意见")
	first := l.row + 1
	var filed, admitted, held fen
	from := Present.Add(-s.matter.OpenedAt + days(20))
	for n := range s.luck.between(86, 118) {
		sum := fen(s.luck.between(6, 9800)) * 137900
		share, note := fen(100), s.luck.choose("{合同、送货单、对账单齐备，予以确认|生效裁判文书确认，予以确认|本金确认，利息计至裁定受理之日}")
		waiting := fen(0)
		switch s.luck.IntN(6) {
		case 0:
			share, note = 0, "缺少原始凭证，已通知补充"
			waiting = sum
		case 1:
			share, note = 78, "违约金过高部分不予确认，已书面说明理由"
		}
		filed, admitted, held = filed+sum, admitted+sum*share/100, held+waiting
		l.add(n+1, s.luck.choose(counterparts), from.Add(time.Duration(n)*9*time.Hour).Format("2006-01-02"), sum, sum*share/100, waiting,
			s.luck.choose("{普通债权|普通债权|普通债权|有财产担保债权|职工债权|税收债权}"), note)
	}
	l.total("合计", first, map[int]fen{4: filed, 5: admitted, 6: held})
}

// expenses is what an inquiry found in the expense accounts.
func (s *scene) expenses(f *excelize.File) {
	l := newSheet(f, "费用核查", "费用报销核查明细", 8, 13, 14, 18, 14, 40, 14, 32)
	l.head("序号", "日期", "报销人", "科目", "金额", "收款单位", "审批人", "核查发现")
	first := l.row + 1
	var sum fen
	for n := range s.luck.between(120, 170) {
		v := fen(s.luck.between(90, 48800)) * 100
		sum += v
		l.add(n+1, Present.Add(-s.matter.OpenedAt-days(600)+time.Duration(n)*70*time.Hour).Format("2006-01-02"), s.luck.choose(staff),
			s.luck.choose("{业务招待费|差旅费|会务费|咨询服务费|市场推广费|样品费}"), v, s.luck.choose(counterparts), s.luck.choose(staff),
			s.luck.choose("{无异常|无异常|无异常|发票连号|会议签到表笔迹相同|收款单位成立不足三个月|与访谈陈述不一致，待核实|行程与出勤记录冲突}"))
	}
	l.total("合计", first, map[int]fen{5: sum})
}

// assets lists what the matter's sections name under "assets": name|value in yuan|note.
func (s *scene) assets(f *excelize.File) {
	l := newSheet(f, "财产清单", "财产清单", 8, 46, 18, 50)
	l.head("序号", "财产", "估值（元）", "状况与证据")
	first := l.row + 1
	var sum fen
	for i, line := range s.section("assets") {
		cells := strings.Split(line, "|")
		v, err := strconv.ParseInt(cells[1], 10, 64)
		must(err)
		sum += fen(v * 100)
		l.add(i+1, cells[0], fen(v*100), cells[2])
	}
	l.total("合计", first, map[int]fen{3: sum})
	l.style(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4})
}
