package carrier_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

var toCourt = carrier.Sending{Recipient: "周法官", Organisation: "市中级人民法院", Basis: "举证通知书，提交原件", Channel: carrier.ByCounter}

func (o *office) askSend(by, id string, s carrier.Sending) (leave string, err error) {
	err = o.House.Door.Ask(context.Background(), o.Who(by), access.SendCarrier, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) (err error) {
		leave, err = o.House.Carriers.AskSend(g, s)
		return err
	})
	return leave, err
}

func (o *office) send(by, id string, s carrier.Sending) error {
	return o.do(by, access.SendCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Send(g, s) })
}

func (o *office) sendings(by string, f carrier.SendingFilter) (all []carrier.Sending) {
	o.t.Helper()
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { all, _, err = o.House.Carriers.Sendings(g, f); return err }))
	return all
}

// TestSend: what leaves the firm for good wants the yes of its level to exactly that recipient, is used once, ends as sent, which the balance
// counts, and waits for its receipt; the register tells who keeps it by post no words.
func TestSend(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		two := deed
		two.Copies = 2
		ids, err := o.register("handling", two)
		o.must(err)
		id := ids[0]
		o.wants(problem.Refused, o.send("handling", id, toCourt))
		_, err = o.askSend("outsider", id, toCourt)
		o.wants(problem.Absent, err)
		_, err = o.askSend("trainee", id, toCourt)
		o.wants(problem.Absent, err)
		for _, wrong := range []carrier.Sending{{}, {Recipient: "周法官", Basis: "举证", Channel: "pigeon"}, {Recipient: "周法官", Channel: carrier.ByHand}} {
			_, err := o.askSend("handling", id, wrong)
			o.wants(problem.Invalid, err)
		}
		leave, err := o.askSend("handling", id, toCourt)
		o.must(err)
		_, err = o.askSend("handling", id, toCourt)
		o.wants(problem.Conflict, err)
		o.must(o.say("lead", leave, approval.Yes))
		o.wants(problem.Refused, o.send("handling", id, toCourt))
		o.must(o.say("director", leave, approval.Yes))
		elsewhere := toCourt
		elsewhere.Recipient = "别的收件人"
		o.must(o.send("handling", id, elsewhere)) // what was approved counts, not what is said now
		o.wants(problem.Refused, o.send("handling", ids[1], toCourt))
		it, moves, err := o.get("lead", id)
		o.must(err)
		if it.State != access.Ended || it.Fate != carrier.Sent || moves[len(moves)-1].Deed != carrier.SentOut {
			t.Errorf("after it was sent: %+v %+v", it, moves)
		}
		if b := o.balance(); !b.Even() || b.Sent != 1 || b.Held != 1 {
			t.Errorf("the balance: %+v", b)
		}
		all := o.sendings("lead", carrier.SendingFilter{Open: true})
		if len(all) != 1 || all[0].Recipient != "周法官" || all[0].Approval != leave || all[0].Title != deed.Title || !all[0].Receipted.IsZero() {
			t.Fatalf("the register: %+v", all)
		}
		for by, want := range map[string]int{"keeper": 1, "outsider": 0, "trainee": 0, "walled": 0, "director": 0} {
			all := o.sendings(by, carrier.SendingFilter{})
			if len(all) != want || want == 1 && all[0].Title+all[0].Recipient+all[0].Organisation+all[0].Basis != "" {
				t.Errorf("%s reads %+v", by, all)
			}
		}
		acknowledge := func(by, what string) error {
			return o.do(by, access.RegisterCarrier, access.Matter, o.matter, func(g *guard.Grant) error { return o.House.Carriers.Acknowledge(g, all[0].ID, what) })
		}
		o.wants(problem.Invalid, acknowledge("handling", " "))
		o.wants(problem.Absent, acknowledge("trainee", "签收"))
		o.must(acknowledge("handling", "立案庭 2026-12-02 签收"))
		o.wants(problem.Conflict, acknowledge("handling", "再签"))
		if all := o.sendings("lead", carrier.SendingFilter{Channel: carrier.ByCounter, Number: it.Number, Level: deed.Level}); len(all) != 1 || all[0].Receipt != "立案庭 2026-12-02 签收" {
			t.Errorf("with its receipt: %+v", all)
		}
		if n := len(o.sendings("lead", carrier.SendingFilter{Open: true})); n != 0 {
			t.Errorf("%d wait for a receipt", n)
		}

		// 秘密级: the lead's own needs nobody's yes. What is borrowed goes back first.
		low := deed
		low.Level = classification.Confidential
		ids, err = o.register("lead", low)
		o.must(err)
		o.must(o.offer("lead", ids[0], "handling", o.clock.Now().Add(24*time.Hour)))
		o.must(o.take("handling", ids[0]))
		o.wants(problem.Conflict, o.send("lead", ids[0], toCourt))
		o.must(o.takeBack("lead", ids[0], "完好，数量相符"))
		o.must(o.send("lead", ids[0], toCourt))
	})
}

// TestHoldKeeps: what is under legal hold is neither given back to the client nor sent out, whether the hold is on it or on its matter.
func TestHoldKeeps(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		low := deed
		low.Level = classification.Confidential
		ids, err := o.register("lead", low)
		o.must(err)
		for kind, id := range map[access.Kind]string{access.Carrier: ids[0], access.Matter: o.matter} {
			o.must(o.do("lead", access.SetHold, kind, id, func(g *guard.Grant) error { return o.House.Retention.SetHold(g, "另案保全") }))
			o.wants(problem.Refused, o.send("lead", ids[0], toCourt))
			o.wants(problem.Refused, o.giveBack("lead", ids[0], "客户经办人"))
			o.must(o.do("lead", access.LiftHold, kind, id, func(g *guard.Grant) error { return o.House.Retention.LiftHold(g, "保全解除") }))
		}
		o.must(o.giveBack("lead", ids[0], "客户经办人"))
	})
}
