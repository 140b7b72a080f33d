package demo

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
)

// errands for which 绝密级 papers leave the premises.
var errands = []struct {
	title, place, purpose string
	pages                 int
	left                  time.Duration // before the present; it comes back after a day unless it is outside now
	back                  bool
}{
	{"交易底价授权书原件", "客户总部会议室", "谈判前与客户法定代表人逐条核对", 5, 18 * 24 * hour, true},
	{"核心技术参数密封件", "鉴定机构保密室", "当面交鉴定人核对，随即带回", 12, 5 * hour, false},
}

// takeTopSecretOut has leads take 绝密级 papers along, two together and in a locked case, by leave of the director: one came back whole and was
// checked by the custodian, one is outside.
func (b *builder) takeTopSecretOut(add func(before time.Duration, what string, do func() error)) {
	kinds := [][]string{{"merger", "investment"}, {"property"}}
	for n, e := range errands {
		i := slices.IndexFunc(b.firm.Matters, func(m corpus.Matter) bool {
			return slices.Contains(kinds[n], m.Kind) && !m.Closed && companion(m) != ""
		})
		if i < 0 {
			continue
		}
		m, id, leave := b.firm.Matters[i], "", ""
		act := func(by string, a access.Act, f func(*guard.Grant) error) error {
			return b.h.Door.Do(b.ctx, b.who(by), a, guard.Thing{Kind: access.Carrier, ID: id}, f)
		}
		add(e.left+26*hour, "register "+e.title, func() (err error) {
			id, err = b.original(m, carrier.Registration{Title: e.title, Form: carrier.Paper, Origin: carrier.Client, Level: classification.TopSecret, Pages: e.pages, Copies: 1, From: "客户法定代表人，当面交付",
				Place: "主办律师保险柜"}, "孟北辰")
			return err
		})
		add(e.left+5*hour, "ask to take it along", func() error {
			return b.h.Door.Ask(b.ctx, b.who(m.Lead()), access.TakeOut, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) (err error) {
				leave, err = b.h.Carriers.AskOut(g, carrier.Slip{Place: e.place, Purpose: e.purpose, Companion: b.ids[companion(m)], Measures: carrier.MeasuresFor(classification.TopSecret), Due: g.Tx().Now.Add(36 * hour)})
				return err
			})
		})
		add(e.left+2*hour, "let it be taken along", func() error {
			return b.h.Door.Do(b.ctx, b.who(b.holder(access.Director)), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: leave}, func(g *guard.Grant) error {
				return b.h.Approvals.Decide(g, approval.Yes, "两人同行，装带锁公文箱，当日带回")
			})
		})
		add(e.left, "take it along", func() error {
			return act(m.Lead(), access.TakeOut, func(g *guard.Grant) error { return b.h.Carriers.GoOut(g, true) })
		})
		if e.back {
			add(e.left-9*hour, "bring it back", func() error {
				return act(b.holder(access.Custodian), access.CheckBack, func(g *guard.Grant) error {
					return b.h.Carriers.ComeBack(g, carrier.Tally{Pages: e.pages, Found: "锁具完好，逐页核对无缺"})
				})
			})
		}
	}
}

// companion is who may go along with a matter's lead: another of the team who is on the list for 绝密级.
func companion(m corpus.Matter) string {
	for _, t := range m.Team[1:] {
		if t.Listed && t.Clearance == classification.TopSecret && m.Team[0].Listed {
			return t.Login
		}
	}
	return ""
}
