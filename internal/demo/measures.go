package demo

import (
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/guard"
)

// measures are three: a reminder that was decided after the person replied, praise, and a warning that waits for a reply.
func (b *builder) measures(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * time.Hour
	director, security := b.holder(access.Director), b.holder(access.SecurityAdmin)
	id := ""
	act := func(by, on string, a access.Act, f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(by), a, b.personThing(on), f)
	}
	begin := func(by, on string, m accountability.Measure, facts string) error {
		return act(by, on, access.OpenMeasure, func(g *guard.Grant) (err error) {
			id, err = b.h.Measures.Begin(g, accountability.Opening{Measure: m, Facts: facts, Happened: g.Tx().Now.Add(-2 * day)})
			return err
		})
	}
	assistant, lawyer, trainee := b.holder(access.Assistant), b.holder(access.Lawyer), b.holder(access.Trainee)
	add(45*day, "a measure", func() error {
		return begin(security, assistant, accountability.Warning, "下班后把一份已打印的证据目录留在公共会议室桌上，次日清晨由保洁员交回，没有外人进入。")
	})
	add(43*day, "a reply", func() error {
		return errors.Join(
			act(assistant, assistant, access.ReplyMeasure, func(g *guard.Grant) error {
				return b.h.Measures.Reply(g, id, "当晚赶去法院送材料，疏忽了。以后离开前先清点。")
			}),
			act(security, assistant, access.OpenMeasure, func(g *guard.Grant) error {
				return b.h.Measures.Opine(g, id, "没有造成后果，本人态度诚恳，建议批评教育。")
			}))
	})
	add(41*day, "a decision", func() error {
		return act(director, assistant, access.DecideMeasure, func(g *guard.Grant) error {
			return b.h.Measures.Decide(g, id, accountability.Reminder, "首次发生，未造成后果；在部门会议上提醒一次。")
		})
	})
	add(20*day, "a reward", func() error {
		return errors.Join(begin(security, lawyer, accountability.Praise, "收到冒充当事人索要材料的来电，没有答复，并立即报告安全管理员。"),
			act(director, lawyer, access.DecideMeasure, func(g *guard.Grant) error {
				return b.h.Measures.Decide(g, id, accountability.Praise, "处置得当，全所通报表扬。")
			}))
	})
	add(2*day, "a measure that waits", func() error {
		return begin(security, trainee, accountability.Warning, "经提醒仍使用个人微信向同事转发案件日程截图，截图含案号，不含当事人姓名。")
	})
}
