package screening

import (
	"strings"
	"unicode/utf8"
)

// The shortest numbers that are looked for: shorter ones stand in names by chance.
const (
	minNumber = 6
	minPhone  = 7
)

var kindOfTerm = map[TermKind]Kind{Name: PartyName, Number: PartyNumber, Account: PartyAccount, Phone: PartyPhone}

func findTerms(name string, terms []Term, add func(Kind, int, int)) {
	tight := fold(name, telling)
	for _, t := range terms {
		kind, ok := kindOfTerm[t.Kind]
		if !ok {
			kind = PartyName
		}
		for _, v := range variants(t) {
			for _, at := range occurrences(tight.text, v) {
				end := at + len(v)
				if kind == PartyName && (splitsWord(tight.text, at, end) || splitsLatin(name, tight, at, end)) {
					continue
				}
				start, stop := tight.span(at, end)
				add(kind, start, stop)
			}
		}
	}
}

// variants are the forms in which a term may stand in a name, longest first, folded and without separators.
func variants(t Term) []string {
	tight := fold(t.Text, telling).text
	switch t.Kind {
	case Number, Account:
		if len(tight) >= minNumber {
			return []string{tight}
		}
		return nil
	case Phone:
		tight = strings.TrimPrefix(strings.TrimPrefix(tight, "00"), "86")
		if len(tight) >= minPhone {
			return []string{tight}
		}
		return nil
	}
	if utf8.RuneCountInString(tight) < 2 {
		return nil
	}
	return append([]string{tight}, shortNames(t.Text, tight)...)
}

func occurrences(s, term string) (all []int) {
	for from := 0; ; {
		i := strings.Index(s[from:], term)
		if i < 0 {
			return all
		}
		all = append(all, from+i)
		from += i + len(term)
	}
}

// wordsBefore are common words that end in a character which is also a surname: in 主张三倍赔偿 nobody is called 张三.
var wordsBefore = words(`主张 纸张 紧张 扩张 夸张 慌张 伸张 声张 嚣张 国王 人马 兵马 安全 健全 齐全 完全 保全 万元 千元 百元 亿元 美元 欧元 港元 单元 公元 和平 公平 水平
	高于 低于 由于 对于 属于 等于 位于 基于 至于 处于 鉴于 大于 小于 终于 用于 甲方 乙方 丙方 双方 各方 地方 官方 警方 资方 买方 卖方 本金 现金 资金 押金 定金 订金 租金 佣金 奖金 薪金 罚金 税金
	公章 印章 规章 文章 共和 工程 章程 议程 流程 过程 日程 行程 课程 里程 全程 提高 最高 楼房 住房 厂房 库房 商品房 水利 权利 专利 盈利 福利 红利 便利 收费 交费 缴费 付费 免费 运费 经费 消费 学费
	实施 措施 设施 工时 及时 同时 临时 平时 内容 意向 倾向`)

// splitsWord reports whether a hit of two characters starts within a common word; longer ones do not stand there by chance.
func splitsWord(s string, at, end int) bool {
	if utf8.RuneCountInString(s[at:end]) > 2 {
		return false
	}
	_, size := utf8.DecodeRuneInString(s[at:])
	for back, n := at, 0; back > 0 && n < 2; n++ {
		_, w := utf8.DecodeLastRuneInString(s[:back])
		back -= w
		if wordsBefore[s[back:at+size]] {
			return true
		}
	}
	return false
}

// splitsLatin reports whether a hit that begins or ends with a Latin letter is only a part of a longer Latin word.
func splitsLatin(name string, f folded, at, end int) bool {
	joined := func(i int) bool { // bytes i-1 and i of the folded text are neighbouring letters of the original too
		return i > 0 && i < len(f.text) && isLatin(f.text[i-1]) && isLatin(f.text[i]) && f.end[i-1] == f.at[i]
	}
	return joined(at) || joined(end)
}

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
