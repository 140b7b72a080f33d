package carrier_test

import (
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
	"mijuan/internal/problem"
)

func (o *office) incidents(by string, f incident.Filter) (all []incident.Incident) {
	o.t.Helper()
	o.must(o.do(by, access.ReadIncidents, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { all, _, err = o.House.Incidents.List(g, f); return err }))
	return all
}

func (o *office) settle(by, id string, f func(*guard.Grant) error) error {
	return o.do(by, access.SettleIncident, access.Incident, id, f)
}

// TestIncidents: pages that did not come back and a carrier that is written off make a draft of an incident in the same act, which only
// the security officer settles, and few read.
func TestIncidents(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := deed
		r.Copies = 2
		ids, err := o.register("handling", r)
		o.must(err)
		o.must(o.askOut("handling", ids[0], nil))
		o.must(o.decideOut("director", ids[0], true, ""))
		o.must(o.goOut("handling", ids[0]))
		o.must(o.comeBack("lead", ids[0], carrier.Tally{Pages: 11, Missing: "7", Found: "股权转让协议第 7 页可能落在法庭"}))
		o.must(o.writeOff("director", ids[1]))
		all := o.incidents("security", incident.Filter{Oldest: true})
		if len(all) != 2 || all[0].Cause != incident.Missing || all[1].Cause != incident.Lost || all[0].Number() == all[1].Number() {
			t.Fatalf("the register: %+v", all)
		}
		var paged []string
		for f, n := (incident.Filter{Limit: 1}), 0; n < 4; n++ {
			o.must(o.do("lead", access.ReadIncidents, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
				page, next, err := o.House.Incidents.List(g, f)
				for _, i := range page {
					paged = append(paged, i.ID)
				}
				f.After = next
				return err
			}))
			if f.After == "" {
				break
			}
		}
		if len(paged) != 2 || paged[0] != all[1].ID || paged[1] != all[0].ID {
			t.Errorf("page after page: %v", paged)
		}
		for number, n := range map[string]int{all[0].Number(): 1, all[0].Number()[:4]: 2, all[0].Subject: 1, "%": 0, "_": 0} {
			if found := o.incidents("director", incident.Filter{Number: number}); len(found) != n {
				t.Errorf("%q finds %d", number, len(found))
			}
		}
		short := all[0]
		if short.FoundBy != o.IDs["lead"] || short.Owner != o.IDs["handling"] || short.Carrier != ids[0] || !strings.Contains(short.Manner, "缺第 7 页") || short.State != incident.Draft || short.Harm != "" {
			t.Errorf("the draft: %+v", short)
		}
		if strings.Contains(short.Manner+short.Containment, "股权") || strings.Contains(all[1].Manner, "股权") {
			t.Errorf("a draft tells a title: %+v", all)
		}
		for by, want := range map[string]int{"director": 2, "lead": 2, "outsider": 0, "handling": 0} {
			if n := len(o.incidents(by, incident.Filter{})); n != want {
				t.Errorf("%s reads %d incidents, not %d", by, n, want)
			}
		}
		o.wants(problem.Refused, o.do("auditor", access.ReadIncidents, access.Firm, guard.Firm.ID, func(*guard.Grant) error { return nil }))
		o.wants(problem.Absent, o.do("handling", access.ViewIncident, access.Incident, short.ID, func(*guard.Grant) error { return nil }))
		o.wants(problem.Refused, o.settle("director", short.ID, func(g *guard.Grant) error { return o.House.Incidents.Close(g, "结案") }))
		o.wants(problem.Conflict, o.settle("security", short.ID, func(g *guard.Grant) error { return o.House.Incidents.Close(g, "结案") })) // nothing is said of the harm
		a := short.Account
		a.Harm, a.Containment = "一页在法庭，法官助理已取回", "当日取回，核对无缺"
		o.must(o.settle("security", short.ID, func(g *guard.Grant) error { return o.House.Incidents.Revise(g, a) }))
		o.wants(problem.Invalid, o.settle("security", short.ID, func(g *guard.Grant) error {
			a.Harm = strings.Repeat("长", 1001)
			return o.House.Incidents.Revise(g, a)
		}))
		o.wants(problem.Invalid, o.settle("security", short.ID, func(g *guard.Grant) error { return o.House.Incidents.Close(g, " ") }))
		o.must(o.settle("security", short.ID, func(g *guard.Grant) error { return o.House.Incidents.Close(g, "没有扩散，提醒当事人") }))
		o.wants(problem.Refused, o.settle("security", short.ID, func(g *guard.Grant) error { return o.House.Incidents.Revise(g, a) }))
		o.must(o.settle("security", all[1].ID, func(g *guard.Grant) error {
			return o.House.Incidents.Dismiss(g, "已在碎纸记录里找到，登记漏写")
		}))
		if left := o.incidents("security", incident.Filter{State: incident.Draft}); len(left) != 0 {
			t.Errorf("drafts are left: %+v", left)
		}
		closed := o.incidents("lead", incident.Filter{Number: short.Number()})
		if len(closed) != 1 || closed[0].Opinion != "没有扩散，提醒当事人" || closed[0].SettledBy != o.IDs["security"] || closed[0].RevisedBy != o.IDs["security"] {
			t.Errorf("closed: %+v", closed)
		}
	})
}

// TestEscalation: of what is out too long the taker hears at once, the lead after a day, the security officer after three, and after seven
// the program makes one draft of it.
func TestEscalation(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		o.must(o.askOut("handling", ids[0], nil)) // for 48 hours
		o.must(o.decideOut("director", ids[0], true, ""))
		o.must(o.goOut("handling", ids[0]))
		told := func() (who string) {
			for _, by := range []string{"handling", "lead", "security", "outsider", "trainee"} {
				if _, late := o.pending(by); len(late) > 0 {
					who += by + " "
					if by == "security" && (late[0].Place != "" || late[0].Purpose != "" || late[0].Number == "") {
						t.Errorf("the officer reads %+v", late[0])
					}
				}
			}
			return who
		}
		for _, step := range []struct {
			forward time.Duration
			want    string
			drafts  int
		}{{47 * time.Hour, "", 0}, {2 * time.Hour, "handling ", 0}, {carrier.TellLead, "handling lead ", 0}, {carrier.TellOfficer - carrier.TellLead, "handling lead security ", 0},
			{carrier.DraftAfter - carrier.TellOfficer, "handling lead security ", 1}, {time.Hour, "handling lead security ", 0}} {
			o.clock.Forward(step.forward)
			if who := told(); who != step.want {
				t.Errorf("%s later %q hear, not %q", step.forward, who, step.want)
			}
			n, err := o.House.Escalate(t.Context())
			if o.must(err); n != step.drafts {
				t.Errorf("%s later %d drafts are made, not %d", step.forward, n, step.drafts)
			}
		}
		all := o.incidents("security", incident.Filter{})
		if len(all) != 1 || all[0].Cause != incident.Overdue || all[0].FoundBy != "" || !strings.Contains(all[0].Containment, "提醒主办律师") || all[0].Owner != o.IDs["handling"] {
			t.Errorf("the draft: %+v", all)
		}
		dismiss := func() error {
			return o.settle("security", all[0].ID, func(g *guard.Grant) error { return o.House.Incidents.Dismiss(g, "记错了日期") })
		}
		o.wants(problem.Conflict, dismiss()) // it is still outside
		o.must(o.comeBack("lead", ids[0], carrier.Tally{Pages: 12}))
		o.must(dismiss())
		if who := told(); who != "" {
			t.Errorf("%q hear of what is back", who)
		}
	})
}

// TestShortLoan: what comes back from a loan with something missing is a draft, each time anew; what was typed stays with the carrier. A
// borrower cannot end it as returned to the client, the lead can.
func TestShortLoan(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		id := ids[0]
		o.must(o.offer("handling", id, "keeper", time.Time{}))
		o.must(o.take("keeper", id))
		for n, condition := range []string{carrier.Shortage + "：股权转让协议第 3 页", "完好，数量相符", carrier.Shortage} {
			o.lend("keeper", id, "handling", 30)
			o.wants(problem.Conflict, o.giveBack("handling", id, "张三"))
			o.must(o.takeBack("keeper", id, condition))
			all := o.incidents("security", incident.Filter{})
			if want := []int{1, 1, 2}[n]; len(all) != want || all[0].Cause != incident.Missing || all[0].Owner != o.IDs["handling"] || strings.Contains(all[0].Manner, "股权") {
				t.Fatalf("after %q: %+v", condition, all)
			}
		}
		o.lend("keeper", id, "handling", 30)
		o.must(o.offer("lead", id, "lead", time.Time{}))
		o.must(o.take("lead", id))
		if last := o.loans("keeper", carrier.LoanFilter{})[0]; !last.Passed || last.Over.IsZero() || o.loans("keeper", carrier.LoanFilter{})[1].Passed {
			t.Errorf("what the lead took over is not told of: %+v", last)
		}
		o.lend("lead", id, "handling", 30)
		o.must(o.giveBack("lead", id, "客户经办人"))
	})
}
