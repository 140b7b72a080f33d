package apptest

import (
	"os"
	"path/filepath"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/pledge"
)

// secrets is a furnished firm with one thing more of each kind that has an id, and a matter that outsider leads.
func secrets(t *testing.T) (*office, map[string]string) {
	t.Helper()
	o, ids := furnished(t)
	matter := ids["matter"]
	ids["top"] = o.receive(matter, "和解方案.txt", "和解方案", []byte("和解方案的底线"), "top_secret")
	o.review(ids["top"], "top_secret")
	ids["waiting"] = o.receive(matter, "答辩状.txt", "答辩状", []byte("答辩状"), "confidential")
	ids["upload"], _ = o.upload("handling", matter, "补充证据.txt", []byte("补充证据"))
	ids["sending"] = o.sent(t, matter)
	ids["scan"] = o.scanned(t)
	must(t, o.h.Door.Ask(t.Context(), worker(o.ids["handling"]), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: ids["material"]}, func(g *guard.Grant) (err error) {
		ids["asked"], err = o.h.Approvals.Request(g, approval.Ask{Purpose: "立案递交", Scope: "第 1 版"})
		return err
	}))
	ids["pledge"] = o.pledged(t)
	for name, query := range map[string]string{
		"slip":     `SELECT MIN(id) FROM take_out`,
		"reminder": `SELECT MIN(id) FROM leaver_reminder`,
		"request":  `SELECT MIN(id) FROM right_request WHERE kind = 'place' AND matter <> '' AND decision = ''`,
		"case":     `SELECT MIN(id) FROM measure`,
		"warning":  `SELECT MAX(id) FROM measure`,
		"set":      `SELECT MIN(id) FROM meeting_set`,
		"copy":     `SELECT MIN(id) FROM output_copy`,
	} {
		ids[name] = one[string](t, o.h, query)
	}
	var own struct{ ID string }
	o.call("outsider", "POST", "/matters", object{"kind": "civil", "title": "买卖合同纠纷", "client": object{"name": "云麓科技有限公司", "kind": "company"},
		"team": []object{{"person": o.ids["outsider"], "duty": "lead", "clearance": "top_secret", "listed": true}}}, &own)
	ids["own"], ids["colleague"] = own.ID, o.ids["lead"]
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["outsider"]), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: own.ID}, func(g *guard.Grant) error {
		batch, err := o.h.Carriers.Register(g, carrier.Registration{Title: "买卖合同", Form: carrier.Paper, Origin: carrier.Client, Level: classification.Confidential, Pages: 3, Copies: 1, From: "客户", Place: "二楼"})
		if err == nil {
			ids["own-carrier"], err = o.h.Carriers.FirstOf(g, batch)
		}
		return err
	}))
	return o, ids
}

// sent is a paper of the lead's that has left the firm for good.
func (o *office) sent(t *testing.T, matter string) (id string) {
	t.Helper()
	lead, paper := worker(o.ids["lead"]), ""
	must(t, o.h.Door.Do(t.Context(), lead, access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error {
		batch, err := o.h.Carriers.Register(g, carrier.Registration{Title: "证据副本", Form: carrier.Paper, Origin: carrier.Made, Level: classification.Confidential, Pages: 4, Copies: 1, Place: "三楼"})
		if err == nil {
			paper, err = o.h.Carriers.FirstOf(g, batch)
		}
		return err
	}))
	must(t, o.h.Door.Do(t.Context(), lead, access.SendCarrier, guard.Thing{Kind: access.Carrier, ID: paper}, func(g *guard.Grant) error {
		return o.h.Carriers.Send(g, carrier.Sending{Recipient: "周法官", Organisation: "市中级人民法院", Channel: carrier.ByCounter, Basis: "提交证据副本"})
	}))
	return one[string](t, o.h, `SELECT id FROM sending WHERE carrier = $1`, paper)
}

// scanned is a file that a scanner left and that waits for somebody to say on which order it lands.
func (o *office) scanned(t *testing.T) string {
	t.Helper()
	firm := func(by string, act access.Act, f func(*guard.Grant) error) {
		t.Helper()
		must(t, o.h.Door.Do(t.Context(), worker(o.ids[by]), act, guard.Firm, f))
	}
	var scanner device.Device
	firm("system", access.ManageDevices, func(g *guard.Grant) (err error) {
		scanner.ID, err = o.h.Devices.Add(g, device.Entry{Kind: "scanner", Model: "高速文档扫描仪", Serial: "SC1-2207-00031", Place: "三楼文印室", Keeper: o.ids["keeper"]})
		return err
	})
	firm("security", access.ClearDevice, func(g *guard.Grant) error {
		return o.h.Devices.Clear(g, scanner.ID, classification.Secret, "已检查")
	})
	firm("auditor", access.ReadDevices, func(g *guard.Grant) (err error) { scanner, err = o.h.Devices.One(g, scanner.ID); return err })
	folder := o.h.Output.Folder(scanner.Label())
	must(t, os.MkdirAll(folder, 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "scan0001.txt"), []byte("扫描件"), 0o600))
	for range 4 { // until it looks complete
		must(t, o.h.Output.Sweep(t.Context()))
	}
	return one[string](t, o.h, `SELECT MIN(id) FROM scan`)
}

// pledged is a pledge that the keeper signs.
func (o *office) pledged(t *testing.T) string {
	t.Helper()
	var due []pledge.Due
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["keeper"]), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { due, err = o.h.Pledges.Asked(g); return err }))
	d := due[len(due)-1]
	p, err := o.h.Pledges.Sign(t.Context(), worker(o.ids["keeper"]), pledge.Signing{Kind: d.Kind, Version: d.Version, Digest: pledge.Digest(d.Text), Consent: o.consent(t, "keeper")})
	must(t, err)
	return p.ID
}
