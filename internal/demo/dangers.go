package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
)

// dangers are five: one that was sent back once and then confirmed, one confirmed at once, one that is overdue, one that waits for its check and
// one that nobody is to mend yet.
func (b *builder) dangers(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * hour
	security, director, auditor := b.holder(access.SecurityAdmin), b.holder(access.Director), b.holder(access.Auditor)
	assistant, trainee, keeper, lawyer := b.holder(access.Assistant), b.holder(access.Trainee), b.holder(access.Custodian), b.holder(access.Lawyer)
	for _, d := range []struct {
		before              time.Duration
		finder, responsible string // nobody yet: empty
		term                int    // days
		finding             danger.Finding
		demand              string
		measures, statement string // empty: not mended yet
		back                string // why it was sent back first; empty: it was not
		checker, opinion    string // empty: not checked yet
	}{
		{40 * day, trainee, assistant, 7, danger.Finding{Place: "三楼文印间", What: "打印出来的文件没有人取，整晚放在出纸口；保洁员进出不登记。", Severity: danger.General}, "下班前清空出纸口，谁打印谁取走",
			"文印间加贴提示，下班前由值班助理清空出纸口并记录", "连续一周检查没有遗留文件", "昨晚仍有两份留在出纸口，记录表没有填写", director, "抽查三次，均已清空"},
		{26 * day, lawyer, assistant, 10, danger.Finding{Place: "一楼前台", What: "前台显示器朝向来访者座椅，可以看到当天的来访安排。", Severity: danger.General}, "", "调转显示器方向，加装防窥膜",
			"从来访者座椅看不到屏幕", "", auditor, "现场看过"},
		{13 * day, assistant, keeper, 7, danger.Finding{Place: "三楼档案室", What: "北侧窗户的插销损坏，从外面可以推开，窗下就是密集架。", Severity: danger.Major}, "先用挂锁固定，再换插销；整改前每天离开时检查", "", "", "", "", ""},
		{5 * day, keeper, lawyer, 10, danger.Finding{Place: "二楼小会议室", What: "白板和废纸篓在会后没有清理，留有手写的讨论提纲。", Severity: danger.General}, "会后由召集人清理", "白板笔旁放提示牌，会议室增设碎纸箱，召集人离开前清理",
			"两次会后检查均已清理", "", "", ""},
		{20 * hour, trainee, "", 0, danger.Finding{Place: "地下车库通往办公区的防火门", What: "门常被垫住不关，没有门禁记录就能上到三楼。", Severity: danger.Major}, "", "", "", "", "", ""},
	} {
		var id string
		act := func(by string, a access.Act, f func(*guard.Grant) error) error {
			return b.h.Door.Do(b.ctx, b.who(by), a, guard.Thing{Kind: access.Danger, ID: id}, f)
		}
		mend := func() error {
			return act(d.responsible, access.MendDanger, func(g *guard.Grant) error { return b.h.Dangers.Mend(g, d.measures, d.statement) })
		}
		add(d.before, "find a danger", func() error {
			return b.h.Door.Do(b.ctx, b.who(d.finder), access.RegisterDanger, guard.Firm, func(g *guard.Grant) (err error) {
				d.finding.Found = g.Tx().Now
				id, err = b.h.Dangers.Register(g, d.finding)
				return err
			})
		})
		if d.responsible == "" {
			continue
		}
		at := d.before - 5*hour
		add(at, "assign a danger", func() error {
			return act(security, access.AssignDanger, func(g *guard.Grant) error {
				return b.h.Dangers.Assign(g, danger.Order{Responsible: b.ids[d.responsible], Due: g.Tx().Now.AddDate(0, 0, d.term), Severity: d.finding.Severity, Demand: d.demand})
			})
		})
		if d.measures == "" {
			continue
		}
		at -= 2 * day
		add(at, "mend a danger", mend)
		if d.back != "" {
			at -= day
			add(at, "send a danger back", func() error {
				return act(d.checker, access.CheckDanger, func(g *guard.Grant) error { return b.h.Dangers.Check(g, false, d.back) })
			})
			at -= 2 * day
			add(at, "mend it again", mend)
		}
		if d.checker == "" {
			continue
		}
		add(at-day, "confirm that it is mended", func() error {
			return act(d.checker, access.CheckDanger, func(g *guard.Grant) error { return b.h.Dangers.Check(g, true, d.opinion) })
		})
	}
}
