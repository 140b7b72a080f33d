package apptest

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
)

// dangers are three: one that was sent back to handling, one that waits for its check, and one that nobody is to mend yet.
func (o *office) dangers(t *testing.T) (ids []string) {
	t.Helper()
	for _, f := range []danger.Finding{{Place: "三楼文印间，靠窗的多功能一体机旁边", What: "打印出来的文件没有人取，整晚放在出纸口；保洁员进出不登记。", Severity: danger.General},
		{Place: "前台", What: "显示器朝向来访者，可以看到日程和姓名。", Severity: danger.General}, {Place: "二楼会议室", What: "白板没有擦，写着案件安排。", Severity: danger.Major}} {
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["outsider"]), access.RegisterDanger, guard.Firm, func(g *guard.Grant) error {
			f.Found = g.Tx().Now.AddDate(0, 0, -1)
			id, err := o.h.Dangers.Register(g, f)
			ids = append(ids, id)
			return err
		}))
	}
	for n, id := range ids[:2] {
		thing := guard.Thing{Kind: access.Danger, ID: id}
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["security"]), access.AssignDanger, thing, func(g *guard.Grant) error {
			return o.h.Dangers.Assign(g, danger.Order{Responsible: o.ids["handling"], Due: g.Tx().Now.AddDate(0, 0, 5), Severity: danger.General, Demand: "设取件码，下班前清空出纸口"})
		}))
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.MendDanger, thing, func(g *guard.Grant) error {
			return o.h.Dangers.Mend(g, "已设取件码，出纸口旁贴了提示", "连续三天下班前检查，没有遗留文件")
		}))
		if n == 0 {
			must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.CheckDanger, thing, func(g *guard.Grant) error {
				return o.h.Dangers.Check(g, false, "昨晚仍有两份文件留在出纸口")
			}))
		}
	}
	return ids
}
