package carrier_test

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/retention"
)

// destroy carries some of the carriers through a whole destruction, as the people of the firm would, and gives how many it ended. What cannot be
// destroyed as it stands (out, lent, on its way, ended) is left out by who asks.
func (o *office) destroy(ids []string) int {
	o.t.Helper()
	ctx, room := context.Background(), o.House.Retention
	var items []retention.Ref
	for _, id := range ids {
		if it, _, err := o.get("lead", id); err == nil && it.Destroyable() == nil && len(items) < 3 {
			items = append(items, retention.Ref{Kind: access.Carrier, ID: id})
		}
	}
	list := ""
	if o.do("lead", access.RequestDestruction, access.Matter, o.matter, func(g *guard.Grant) (err error) {
		list, err = room.Request(g, retention.Asking{Items: items, Reason: "客户要求", Appraiser: o.IDs["member"], Destroyer: o.IDs["keeper"]})
		return err
	}) != nil {
		return 0
	}
	step := func(by string, act access.Act, f func(*guard.Grant) error) {
		o.t.Helper()
		o.must(o.do(by, act, access.Destruction, list, f))
	}
	step("member", access.AppraiseDestruction, func(g *guard.Grant) error {
		var all []retention.Judgement
		for _, ref := range items {
			all = append(all, retention.Judgement{Ref: ref, Verdict: retention.ToDestroy})
		}
		return room.Appraise(g, all, "同意销毁")
	})
	step("keeper", access.ArrangeDestruction, func(g *guard.Grant) error {
		return room.Arrange(g, retention.Arrangement{Method: "shred-p7", Place: "碎纸间", Witnesses: [2]string{o.IDs["clerk"], o.IDs["porter"]}})
	})
	o.must(room.Ask(ctx, o.Who("keeper"), list))
	var asked []approval.Request
	var digest string
	step("keeper", access.ViewDestruction, func(g *guard.Grant) (err error) {
		c, err := room.Certificate(g)
		if err != nil {
			return err
		}
		digest = c.Digest()
		asked, err = room.Asked(g)
		return err
	})
	for _, by := range []string{"lead", "director"} {
		o.must(o.do(by, access.DecideApproval, access.Approval, asked[0].ID, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, approval.Yes, "") }))
	}
	watch := func(login string) retention.Standby {
		return retention.Standby{Login: login, Password: housetest.Password}
	}
	o.must(room.Execute(ctx, o.Who("keeper"), list, retention.Execution{Digest: digest, Consent: o.Consent("keeper"), Firm: "江澜衡砚律师事务所", Witnesses: [2]retention.Standby{watch("clerk"), watch("porter")}}))
	return len(items)
}
