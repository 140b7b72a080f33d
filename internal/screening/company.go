package screening

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// legalForms end organisations' names, longer ones before those they end with.
var legalForms = strings.Fields(`合伙企业有限合伙 合伙企业普通合伙 合伙企业 股份有限公司 有限责任公司 集团有限公司 控股有限公司 有限公司 股份公司 总公司 分公司 子公司 集团公司 公司
	控股集团 企业集团 集团 控股 律师事务所 会计师事务所 事务所 基金会 研究院 研究所 研究中心 中心 设计院 委员会 管理局 协会 学会 商会 工作室 合作社 经营部 营业部 门市部
	支行 分行 工厂 个体工商户`)

// industries are words that say what an organisation does rather than which one it is.
var industries = strings.Fields(`建筑工程 建设工程 装饰工程 工程建设 房地产开发 房地产 置业 置地 地产 物业管理 物业服务 物业 信息技术 网络科技 信息科技 生物科技 电子科技 智能科技 科技发展 科技
	技术服务 技术开发 技术 国际贸易 进出口贸易 进出口 贸易 商贸 商务 实业发展 实业 工贸 投资管理 资产管理 股权投资 创业投资 投资 资本 融资租赁 融资担保 小额贷款 担保 保险经纪 保险 证券 期货 信托 基金管理 基金
	银行 农村商业银行 村镇银行 金融 重型机械 机械制造 机械设备 机械 重工 装备制造 装备 制造 设备 仪器 电子 电器 电气 电力 电缆 能源科技 新能源 能源 石油化工 石化 化工 化学 材料 新材料 钢铁 冶金 矿业 煤业 有色金属
	汽车销售 汽车贸易 汽车 航空 航运 海运 船舶 物流 运输 供应链管理 供应链 快递 仓储 医药 药业 制药 生物医药 生物 医疗器械 医疗 健康 医院 食品 饮料 酒业 餐饮管理 餐饮 酒店管理 酒店 旅游 农业 农牧 林业 渔业 粮油
	纺织 服装 服饰 家具 家居 建材 水泥 玻璃 陶瓷 塑料 橡胶 包装 印刷 文化传媒 文化传播 文化 传媒 影视 广告 出版 教育科技 教育咨询 教育 培训 学校 咨询服务 管理咨询 咨询 顾问 人力资源 劳务派遣 劳务 软件 网络 数据 信息 通信 通讯 智能
	环保 环境 水务 燃气 热力 市政 园林 建筑 建设 工程 设计 装饰 装修 安装 检测 租赁 拍卖 典当 百货 超市 连锁 零售 批发 销售 服务 管理 发展 开发 经贸 国际 企业 产业 工业 商业 产品 用品 制品`)

var regions = strings.Fields(`中国 中华 北京 天津 上海 重庆 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾
	石家庄 太原 呼和浩特 沈阳 大连 长春 哈尔滨 南京 苏州 无锡 常州 南通 徐州 杭州 宁波 温州 嘉兴 绍兴 合肥 福州 厦门 泉州 南昌 济南 青岛 烟台 郑州 洛阳 武汉 长沙 广州 深圳 珠海 佛山 东莞 中山 惠州 南宁 海口 三亚 成都 绵阳 贵阳 昆明
	拉萨 西安 兰州 西宁 银川 乌鲁木齐 雄安 浦东`)

// commonWords are what is left of many names and tells of nobody.
var commonWords = words(`人民 国际 全国 中央 法院 合同 律师 公司 集团 工商 农业 交通 邮政 发展 建设 招商 商业 第一 第二 第三 第四 第五 股份 有限 责任 市政 城市 城乡 农村 东部 西部 南部 北部 中部 华东 华南 华北 华中 总部 项目 控股
	联合 综合 公共 国有 民营 个人 客户 材料 文件 资料 证据 起诉 判决`)

var (
	brackets  = regexp.MustCompile(`[（(【\[][^）)】\]]*[）)】\]]`)
	district  = regexp.MustCompile(`^\p{Han}{2,4}?(省|自治区|特别行政区|市|自治州|自治县|县|区)`)
	everyForm = regexp.MustCompile(`(公司|集团|企业|事务所|银行|厂|店|中心|院|所|会|社|学校|大学|合伙|局|处)$`)
)

func init() {
	longest := func(a, b string) int { return len(b) - len(a) }
	slices.SortStableFunc(legalForms, longest)
	slices.SortStableFunc(industries, longest)
}

// shortNames are the forms in which people shorten an organisation's name: without its legal form, its place, its trade. Each has
// two characters or more and is no common word. A person's name has none.
func shortNames(text, tight string) (short []string) {
	if !everyForm.MatchString(tight) {
		return nil
	}
	name := fold(brackets.ReplaceAllString(text, ""), telling).text
	offer := func(s string) {
		if utf8.RuneCountInString(s) >= 2 && s != tight && !generic(s) && !slices.Contains(short, s) {
			short = append(short, s)
		}
	}
	offer(name)
	name = trimSuffixes(name, legalForms)
	offer(name)
	local := trimPlace(name)
	offer(local)
	offer(trimSuffixes(local, industries))
	return short
}

// trimSuffixes takes off the listed endings, again and again, as long as two characters stay.
func trimSuffixes(s string, list []string) string {
	for again := true; again; {
		again = false
		for _, e := range list {
			if rest, ok := strings.CutSuffix(s, e); ok && utf8.RuneCountInString(rest) >= 2 {
				s, again = rest, true
				break
			}
		}
	}
	return s
}

func trimPlace(s string) string {
	for {
		rest := s
		for _, r := range regions {
			if cut, ok := strings.CutPrefix(rest, r); ok {
				rest = cut
				for _, unit := range []string{"自治区", "新区", "省", "市"} {
					rest = strings.TrimPrefix(rest, unit)
				}
				break
			}
		}
		if rest == s {
			rest = district.ReplaceAllString(s, "")
		}
		if rest == s || utf8.RuneCountInString(rest) < 2 {
			return s
		}
		s = rest
	}
}

func generic(s string) bool {
	return commonWords[s] || slices.Contains(industries, s) || slices.Contains(regions, s) || slices.Contains(legalForms, s)
}
