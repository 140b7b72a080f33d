package carrier_test

import (
	"os/exec"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
)

// text is what a PDF says, without spaces.
func (o *office) text(pdf []byte) string {
	o.t.Helper()
	read := exec.Command("pdftotext", "-layout", "-", "-")
	read.Stdin = strings.NewReader(string(pdf))
	out, err := read.Output()
	o.must(err)
	return strings.Join(strings.Fields(string(out)), "")
}

// TestSlipForm: the slip prints as the paper form has it, before and after the check, and the page that is missing is marked.
func TestSlipForm(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		o.must(o.askOut("handling", ids[0], nil))
		o.must(o.decideOut("director", ids[0], true, "注意安全"))
		o.must(o.goOut("handling", ids[0]))
		print := func(by string) (s carrier.Slip, said string) {
			t.Helper()
			o.must(o.do(by, access.ViewCarrier, access.Carrier, ids[0], func(g *guard.Grant) error {
				all, err := o.House.Carriers.SlipsOf(g)
				if err != nil {
					return err
				}
				it, _, err := o.House.Carriers.Get(g)
				if err != nil {
					return err
				}
				s = all[0]
				names, err := o.House.People.Names(g.Tx(), s.People())
				if err != nil {
					return err
				}
				pdf, err := s.Form(carrier.Paperwork{Firm: "江澜衡砚律师事务所", Matter: "2026-0001", Names: names, Made: g.Tx().Now}, it)
				said = o.text(pdf)
				return err
			}))
			return s, said
		}
		s, out := print("lead")
		for _, word := range []string{"外带审批单", "江澜衡砚律师事务所", s.Number, deed.Title, "机密级", "12页", "市中级人民法院", "庭前证据交换", "由本人随身携带", "注意安全", "主任", "本人承诺", "逐页核对", "1-10", "11-12", "□", "客户资料·机密级", "审批人测试director"} {
			if !strings.Contains(out, word) {
				t.Errorf("the form does not say %q:\n%s", word, out)
			}
		}
		o.must(o.comeBack("lead", ids[0], carrier.Tally{Pages: 11, Missing: "7"}))
		if _, back := print("lead"); !strings.Contains(back, "缺第7页") || !strings.Contains(back, "1-10√√√√√√缺√√√") || !strings.Contains(back, "11-12√√") {
			t.Errorf("after the check:\n%s", back)
		}
		if _, kept := print("auditor"); strings.Contains(kept, deed.Title) || strings.Contains(kept, "中级人民法院") || strings.Contains(kept, "注意安全") || !strings.Contains(kept, s.Number) {
			t.Errorf("the auditor prints:\n%s", kept)
		}
		many := carrier.Slip{Pages: 1234, PagesBack: 1234 - 3, Missing: "3-5", State: carrier.SlipBack, Back: s.Left, Asked: s.Asked}
		pdf, err := many.Form(carrier.Paperwork{Firm: "甲", Made: s.Asked}, carrier.Carrier{Form: carrier.Paper})
		o.must(err)
		if said := o.text(pdf); !strings.Contains(said, "1201-1234") || strings.Contains(said, "〔U+") {
			t.Errorf("of many pages:\n%s", said)
		}
	})
}
