package ui_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"mijuan/internal/classification"
	"mijuan/internal/text"
	. "mijuan/internal/web/ui"
)

// now is the gallery's clock.
var now = time.Date(2026, 11, 23, 10, 30, 0, 0, time.FixedZone("UTC+8", 8*3600))

// with puts children into a component, as { … } does in a templ file.
func with(c templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

// raw is markup as a room would write it.
func raw(format string, args ...any) templ.Component {
	return templ.Raw(fmt.Sprintf(format, args...))
}

// shell is the page that encloses each piece of the gallery. The gallery's own words are Chinese only, as a client's are.
func shell(r *http.Request, current string) PageProps {
	p := PageProps{Lang: text.Parse(r.URL.Query().Get("lang")), Title: "Gallery", Theme: r.URL.Query().Get("theme"), Search: "/search",
		Person: Person{Name: "周慎行", Post: "主办律师", Initial: "周"}, Back: r.URL.Path}
	for _, room := range []Room{{Name: "工作台", Href: "/desk", Count: 6}, {Name: "案件", Href: "/material"}, {Name: "审批中心", Href: "/charts", Count: 3},
		{Name: "接收", Href: "/upload"}, {Name: "人员", Href: "/form", Group: "管理"}, {Name: "台账", Href: "/register", Group: "管理"}} {
		room.Current = room.Href == current
		p.Rooms = append(p.Rooms, room)
	}
	return p
}

// gallery is every component, page by page.
var gallery = map[string]func(r *http.Request) templ.Component{
	"/desk": desk, "/material": material, "/register": register, "/empty": empty, "/form": form, "/charts": charts, "/upload": upload, "/viewer": viewer,
	"/bare": bare,
}

func desk(r *http.Request) templ.Component {
	p := shell(r, "/desk")
	p.Flash = Flash{Tone: Good, Text: "已归还份号 02，登记在台账第 48 219 条"}
	p.Notice = Banner(Warn, "这是演示律所，数据都是编的")
	tasks := Tasks(p.Lang, []Task{
		{Level: classification.Secret, Title: "归还《股权回购补充协议》份号 02", Note: "逾期 1 天 · 2026-0147-0032-4", Tone: Late, Step: Link{Label: "归还", Href: "#"}},
		{Kind: "定密审核", Title: "3 份资料待你审核密级", Note: "何知远 提交 · 最早 2 小时前", Step: Link{Label: "审核", Href: "#"}, First: true},
		{Kind: "审批", Title: "何知远 申请打印庭审笔录 2 份", Note: "用途：庭前会议 · 明天 9:00 前", Step: Link{Label: "处理", Href: "#", Post: true}},
		{Kind: "培训", Title: "第四季度保密培训，还剩 5 天", Note: "约 25 分钟；逾期将暂停阅览，第六条（二）", Step: Link{Label: "开始", Href: "#"}}})
	aside := templ.Join(
		with(Sheet(SheetProps{Title: "我持有的"}), Facts(Fact{Label: "纸质件", Value: "4 份，", Node: State(Late, "1 份逾期")}, Fact{Label: "介质", Value: "1 件"}, Fact{Label: "外发中", Value: "2 条"})),
		with(Sheet(SheetProps{Title: "我的状态"}), Facts(Fact{Label: "培训", Value: "有效至 12-31", Tone: Good}, Fact{Label: "承诺书", Value: "第 3 版 已签", Tone: Good}, Fact{Label: "登录", Value: "本机，通行密钥"})))
	rows := []templ.Component{}
	for i, l := range []classification.Level{3, 2, 1} {
		rows = append(rows, raw("<tr><td>"), Level(p.Lang, l), raw(`</td><td><a href="#">%s</a></td><td class="mj-hide-s mj-dim">2026-民-0147</td><td class="mj-dim">`,
			[]string{"估值模型与谈判底线", "股权回购补充协议（签署版）", "证据目录（第二次提交）"}[i]), Time(p.Lang, now.Add(-time.Duration(i*i)*7*time.Hour), now), raw("</td></tr>"))
	}
	recent := with(Sheet(SheetProps{Title: "最近的资料"}), with(Plain("最近的资料", Column{Label: "密级"}, Column{Label: "资料"}, Column{Label: "案件", Narrow: true}, Column{Label: "更新"}), rows...))
	return with(Page(p), Head(HeadProps{Lang: p.Lang, Title: "周律师，今天有 6 件事等你", Note: "11 月 23 日 星期一"}),
		with(Columns(aside), with(Sheet(SheetProps{Title: "等我处理", Figure: "4"}), tasks), recent))
}

func material(r *http.Request) templ.Component {
	p := shell(r, "/material")
	p.Crumbs = []Crumb{{Name: "案件", Href: "#"}, {Name: "2026-民-0147", Href: "#"}, {Name: "资料"}}
	copies := []templ.Component{}
	for _, c := range [][6]string{{"01", "原件 · 12 页", "档案室 A-3-07（陈守拙）", "—", "—", "在库"}, {"02", "打印 · 12 页", "周慎行", "林主任 11-18", "昨天", "逾期 1 天"},
		{"03", "打印 · 12 页", "已交回档案室", "林主任 11-12", "11-15", "已还"}, {"04", "复印 · 3 页", "碎纸机 2 号，监销：陈、许", "林主任 11-12", "—", "已销毁"}, {"05", "加密链接", "对方律所 · 已签收 11-20 09:42", "林主任 11-19", "11-27 失效", "外发"}} {
		tone := map[string]Tone{"逾期 1 天": Late, "已还": Good}[c[5]]
		copies = append(copies, raw(`<tr><td class="mj-no">%s</td><td>%s</td><td>%s</td><td class="mj-hide-s">%s</td><td>%s</td><td>`, c[0], c[1], c[2], c[3], c[4]), State(tone, c[5]), raw("</td></tr>"))
	}
	aside := templ.Join(
		Deeds(p.Lang, []Deed{{Link: Link{Label: "阅览", Href: "/viewer"}, Primary: true, Key: "↵"}, {Link: Link{Label: "申请打印", Href: "#"}, Why: "需主任批准，指定打印机：三楼 2 号"},
			{Link: Link{Label: "归还份号 02", Href: "#", Post: true}}, {Link: Link{Label: "销毁份号 03"}, Opens: "destroy", Why: "要两位监销人在场"}}),
		with(Sheet(SheetProps{Title: "资料"}), Facts(Fact{Label: "种类", Value: "商业秘密、案件材料"}, Fact{Label: "来源", Value: "客户提交，11-10 签收"}, Fact{Label: "责任人", Value: "周慎行"},
			Fact{Label: "知悉范围", Value: "6 人", Href: "#"}, Fact{Label: "密文", Value: "age · X25519+ML-KEM"})))
	history := Timeline([]Event{{Time: When(p.Lang, now, now), Who: "周慎行", Text: "阅览第 1–4 页，办公网络，水印已印"},
		{Time: When(p.Lang, now.Add(-5*time.Minute), now), Who: "吴小满", Text: "被拒绝阅览：不在本案知悉范围", Clause: "第三条（一）", Tone: Late},
		{Time: When(p.Lang, now.Add(-25*time.Hour), now), Text: "对方律所 签收份号 05"}, {Time: "11-12 16:30", Who: "许明鉴", Text: "审核定密：秘密级 → 机密级，“含未公开估值”", Tone: Good}})
	return with(Page(p), PrintHead(PrintProps{Lang: p.Lang, Firm: "明澈律师事务所", Title: "资料去向", Span: "2026-11-23", By: "周慎行", At: Stamp(now), No: "2026-0147-0032-4", Mark: classification.Secret.Mark(p.Lang)}),
		with(Head(HeadProps{Lang: p.Lang, Level: classification.Secret, Title: "股权回购补充协议（签署版）", Number: "2026-0147-0032-4"}), Push(Button{Label: "编辑", Small: true, Look: Quiet, Href: "#"})),
		Refusal(RefusalProps{Lang: p.Lang, Title: "外带纸质件需要主任批准", Sentence: "机密级资料原则上不带出办公场所。说明用途、地点和归还时间后提交，主任或其授权人批准即可领取。", Clause: "第七条 · 一（三）", Step: Link{Label: "申请外带", Href: "#"}}),
		Tabs("资料的几个方面", []Tab{{Name: "概况", Href: "#", Current: true}, {Name: "知悉范围", Href: "#", Figure: "6"}, {Name: "经过", Href: "#"}}),
		with(Columns(aside), with(Sheet(SheetProps{Title: "副本去向", Note: "每一份都有持有人"}),
			with(Plain("副本去向", Column{Label: "份号"}, Column{Label: "形式"}, Column{Label: "持有人 / 位置"}, Column{Label: "批准", Narrow: true}, Column{Label: "应还"}, Column{Label: "状态"}), copies...)),
			with(Sheet(SheetProps{Title: "经过", Note: "本案第 1 207 条 ·", Link: Link{Label: "校验", Href: "#"}}), history)),
		Confirm(ConfirmProps{Lang: p.Lang, ID: "destroy", Title: "销毁份号 03", Sentence: "销毁之后不能恢复，登记会保留。", Word: "2026-0147-0032-4", Action: "/destroy", Button: "销毁"}),
		Signatures(p.Lang, "经手人", "批准人"))
}

func register(r *http.Request) templ.Component {
	p := shell(r, "/register")
	v := ReadView(r)
	t := Table{Lang: p.Lang, Name: "台账", View: v, Search: "编号、名称", Total: 1207, Per: 25, TooMany: v.Get("many") != "", Exports: []string{"xlsx", "pdf", "csv"},
		Columns: []Column{{Key: "seq", Label: "序号", Num: true, Down: true}, {Key: "time", Label: "时间"}, {Label: "人员"}, {Key: "act", Label: "行为"}, {Label: "密级", Narrow: true}, {Label: "资料", Narrow: true}, {Label: "结果"}, {Key: "pages", Label: "页数", Num: true, Narrow: true}},
		Filters: []Filter{{Name: "outcome", Label: "结果", Options: []Option{{Value: "allowed", Label: "允许"}, {Value: "refused", Label: "拒绝"}}},
			{Name: "act", Label: "行为", Options: []Option{{Value: "a", Label: "阅览"}, {Value: "b", Label: "接收"}, {Value: "c", Label: "定密"}, {Value: "d", Label: "审核"}, {Value: "e", Label: "改名"}}},
			{Name: "day", Label: "日期", Span: true}}}
	if v.Get("posted") != "" {
		t.SearchPost = "/register"
	}
	rows := []templ.Component{}
	for i := range 25 {
		l := classification.Levels[i%3]
		rows = append(rows, raw(`<tr><td class="mj-num mj-dim">%s</td><td class="mj-dim">%s</td><td>%s</td><td>%s</td><td class="mj-hide-s">`, Figure(int64(48213-i)), When(p.Lang, now.Add(-time.Duration(i*37)*time.Minute), now),
			[]string{"周慎行", "何知远", "许明鉴", "吴小满"}[i%4], []string{"阅览第 3 页", "审核定密", "接收资料"}[i%3]), Level(p.Lang, l), raw(`</td><td class="mj-hide-s mj-no">2026-0147-%04d-%d</td><td>`, 32+i, i%9),
			State([]Tone{Good, Good, Good, Late}[i%4], []string{"允许", "允许", "允许", "拒绝"}[i%4]), raw(`</td><td class="mj-num mj-hide-s">%d</td></tr>`, i*3+1))
	}
	return with(Page(p), PrintHead(PrintProps{Lang: p.Lang, Firm: "明澈律师事务所", Title: "台账", Span: "2026-01-01 至 2026-11-23", By: "周慎行", At: Stamp(now)}),
		with(Head(HeadProps{Lang: p.Lang, Title: "台账", Note: "48 213 条，已校验"}), Push(Button{Label: "校验", Href: "#"})), with(Sheet(SheetProps{}), with(Register(t), rows...)))
}

func empty(r *http.Request) templ.Component {
	p := shell(r, "/register")
	v := ReadView(r)
	t := Table{Lang: p.Lang, Name: "资料", View: v, Search: "编号、名称", SearchPost: "/empty", Exports: []string{"xlsx"}, Empty: EmptyProps{Title: "本案还没有资料", Sentence: "把客户交来的文件放进来，登记密级后才能阅览。", Step: Link{Label: "接收资料", Href: "/upload"}}}
	return with(Page(p), Head(HeadProps{Lang: p.Lang, Title: "资料"}), with(Sheet(SheetProps{}), Register(t)))
}

func form(r *http.Request) templ.Component {
	p := shell(r, "/form")
	l := p.Lang
	kinds := []Option{}
	for _, c := range classification.Categories {
		kinds = append(kinds, Option{Value: c.String(), Label: l.T(c.Name())})
	}
	reasons := []Option{{Value: "valuation", Label: "含未公开估值"}, {Value: "asked", Label: "客户要求"}}
	fields := with(Form(FormProps{Action: "/form", Failed: "还有 2 处要补充", Wide: true}),
		Input(Field{Lang: l, Name: "title", Label: "名称", Value: "股权回购补充协议（签署版）", Hint: "不写客户和当事人的名称", Required: true, Most: 80}),
		Input(Field{Lang: l, Name: "no", Label: "来文编号", Error: "编号里有身份证号码，请改写", Value: "11010119900307", Sample: "如 2026-12"}),
		Select(Field{Lang: l, Name: "matter", Label: "案件", Sample: "请选择", Required: true, Options: []Option{{Value: "1", Label: "2026-民-0147", Group: "诉讼"}, {Value: "2", Label: "2026-刑-0009", Group: "诉讼"}, {Value: "3", Label: "2026-非-0031", Group: "非诉"}}, Value: "3"}),
		Input(Field{Lang: l, Name: "day", Label: "签收日期", Type: "date", Value: "2026-11-23"}),
		Levels(Field{Lang: l, Name: "level", Label: "拟定密级", Value: "secret", Required: true}),
		Checks(Field{Lang: l, Name: "kinds", Label: "保密范围", Options: kinds, Values: []string{"trade_secret"}, Error: "请至少选择一类保密范围"}),
		Reason(Field{Lang: l, Name: "why", Label: "定密理由", Options: reasons, Value: "asked", Values: []string{"11 月 10 日邮件"}, Required: true, Remember: "level"}),
		Cards(Field{Lang: l, Name: "form", Label: "形式", Options: []Option{{Value: "e", Label: "电子", Hint: "加密保存，只能阅览"}, {Value: "p", Label: "纸质", Hint: "编号入柜"}}, Value: "e"}),
		Textarea(Field{Lang: l, Name: "note", Label: "备注", Rows: 3}),
		Check(Field{Lang: l, Name: "not_secret", Label: "我确认这不是国家秘密", Required: true}),
		Hidden("back", "/"),
		with(Row(), Push(Button{Label: "提交审核", Look: Primary}), Push(Button{Label: "取消", Href: "#"}), Push(Button{Label: "停用", Look: Danger, Opens: "stop"}), Push(Button{Label: "不可用", Disabled: true})))
	return with(Page(p), Head(HeadProps{Lang: l, Title: "登记资料"}), with(Sheet(SheetProps{Title: "资料", Pad: true}), fields))
}

func charts(r *http.Request) templ.Component {
	p := shell(r, "/charts")
	yes, no, wall := Cell{Sign: "●", Word: "可以知悉", Tone: Good}, Cell{Sign: "–", Word: "不在知悉范围"}, Cell{Sign: "×", Word: "隔离", Tone: Late}
	matrix := Matrix(MatrixProps{Lang: p.Lang, Name: "谁可以知悉哪些资料", Corner: "人员", Columns: []string{"补充协议", "估值模型与谈判底线", "证据目录", "庭审笔录", "身份证明", "往来函件"},
		Rows: []string{"周慎行", "何知远", "许明鉴", "吴小满"}, Cells: [][]Cell{{yes, yes, yes, yes, yes, yes}, {yes, no, yes, yes, no, yes}, {yes, yes, no, no, no, no}, {wall, wall, wall, wall, wall, wall}}, Legend: []Cell{yes, no, wall}})
	return with(Page(p), Head(HeadProps{Lang: p.Lang, Title: "监督检查"}),
		with(Stack(), with(Two(), with(Sheet(SheetProps{Title: "按密级"}), Bars("按密级", Bar{Label: "绝密级", Value: 12, Href: "#"}, Bar{Label: "机密级", Value: 131}, Bar{Label: "秘密级", Value: 1208})),
			with(Sheet(SheetProps{Title: "整改"}), Bars("整改", Bar{Label: "已整改", Value: 41, Figure: "41 / 44", Tone: Good}, Bar{Label: "逾期", Value: 3, Tone: Late}, Bar{Label: "未开始", Value: 0}))),
			with(Sheet(SheetProps{Title: "知悉范围"}), matrix),
			with(Sheet(SheetProps{Title: "校验", Pad: true}), Progress(p.Lang, "正在校验台账", 31000, 48213), Progress(p.Lang, "正在准备", 0, 0), Banner(Note, "可以离开这一页，结果会出现在工作台"), Banner(Late, "台账第 40 112 条对不上"), Chip("庭审笔录"), Number(p.Lang, "2026-0147-0032-4"))))
}

func upload(r *http.Request) templ.Component {
	p := shell(r, "/upload")
	declare := with(Form(FormProps{Action: "/upload", ID: "declare"}), Check(Field{Lang: p.Lang, Name: "not_state_secret", Label: "这些文件都不是国家秘密", Required: true}))
	return with(Page(p), Head(HeadProps{Lang: p.Lang, Title: "接收资料"}), with(Sheet(SheetProps{Title: "文件", Pad: true}), declare,
		Dropzone(DropProps{Lang: p.Lang, Endpoint: "/uploads", MetaFrom: "declare", MaxSize: 1 << 30, Hint: "单个文件最大 1 GB；断线或合上电脑后会接着传"})))
}

func viewer(r *http.Request) templ.Component {
	p := shell(r, "")
	return Viewer(p, ViewerProps{Lang: p.Lang, Base: "/m", Back: "/material", Title: "股权回购补充协议（签署版）", Number: "2026-0147-0032-4", Level: classification.Secret, Pages: 12, Blur: r.URL.Query().Get("blur") != ""})
}

func bare(r *http.Request) templ.Component {
	p := shell(r, "")
	l := p.Lang
	login := with(Form(FormProps{Action: "/login"}), Input(Field{Lang: l, Name: "login", Label: "账号", Complete: "username", Required: true}), Input(Field{Lang: l, Name: "password", Label: "密码", Type: "password", Complete: "current-password", Required: true, Error: "账号或密码不对"}),
		with(Row(), Push(Button{Label: "登录", Look: Primary})))
	return with(Bare(p), Refusal(RefusalProps{Lang: l, Title: "您还没有签署保密承诺书", Sentence: "上岗前要先签署承诺书，签完就能进入。", Clause: "第六条（一）", Step: Link{Label: "去签署", Href: "#", Post: true}, Sole: true}),
		with(Sheet(SheetProps{Title: "登录", Pad: true}), login))
}
