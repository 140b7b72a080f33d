package web

import (
	"net/http"
	"net/url"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/printer"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) deviceRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/devices", server.Signed, f.devices),
		get("/devices/new", server.Signed, f.newDevice),
		post("/devices/new", server.Signed, f.addDevice),
		get("/devices/{device}", server.Signed, f.device),
		post("/devices/{device}/{deed}", server.Signed, f.deviceDeed),
	}
}

// devices is the register 设备.
func (f *face) devices(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := device.Filter{Text: view.Search(), Kind: device.Kind(view.Get("kind")), State: device.State(view.Get("state")), Uncleared: view.Get("level") == "none"}
	filter.Level, _ = classification.ParseLevel(view.Get("level")) // none: every level
	filter.Sort, filter.Down = view.Sort("number", "kind", "place", "keeper", "level")
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadDevices, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			all, _, err := f.Devices.List(g, filter)
			var rows [][]string
			for _, d := range all {
				rows = append(rows, deviceCells(v.Lang, d))
			}
			return rowsOf{registerFile{"devices", "设备登记簿", narrowing(v.Lang, deviceTable(v.Lang, view, 0)), inside(v.Lang), deviceColumns(v.Lang)}, rows}, err
		})
	}
	filter.Offset, filter.Limit = (view.Page()-1)*perPage, perPage
	total := 0
	all, err := do(r.Context(), f.Door, v.Who, access.ReadDevices, guard.Firm, func(g *guard.Grant) (all []device.Device, err error) {
		all, total, err = f.Devices.List(g, filter)
		return all, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.ManageDevices)
	if err != nil {
		return err
	}
	return send(w, r, devicesPage(f.shell(r, v, "设备"), v, deviceTable(v.Lang, view, total), all, can[access.ManageDevices].Outcome == access.Permit))
}

func deviceTable(lang text.Lang, view ui.View, total int) ui.Table {
	var kinds []ui.Option
	for _, k := range device.Kinds {
		kinds = append(kinds, ui.Option{Value: string(k), Label: lang.T(k.Name())})
	}
	var states []ui.Option
	for _, s := range []device.State{device.InUse, device.InRepair, device.Scrapped} {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	return ui.Table{Lang: lang, Name: lang.T("设备"), View: view, Search: lang.T("编号、型号、序列号、地点、责任人"), Total: int64(total), Per: perPage, Exports: paperFormats,
		Columns: []ui.Column{{Key: "number", Label: lang.T("编号")}, {Key: "kind", Label: lang.T("类别")}, {Label: lang.T("型号"), Narrow: true}, {Label: lang.T("序列号"), Narrow: true}, {Key: "place", Label: lang.T("放置地点"), Narrow: true}, {Key: "keeper", Label: lang.T("责任人"), Narrow: true}, {Key: "level", Label: lang.T("可处理密级"), Down: true}, {Label: lang.T("状态")}},
		Filters: []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: states}, {Name: "kind", Label: lang.T("类别"), Options: kinds}, {Name: "level", Label: lang.T("可处理密级"), Options: append([]ui.Option{{Value: "none", Label: lang.T("未核定")}}, levelOptions(lang)...)}},
		Empty:   ui.EmptyProps{Title: lang.T("还没有设备"), Sentence: lang.T("打印机、复印机、扫描仪和计算机由系统管理员或后勤人员登记，安全管理员核定可以处理的密级。")}}
}

func deviceColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("编号"), Width: 5}, {Label: lang.T("类别"), Width: 6}, {Label: lang.T("型号"), Width: 10}, {Label: lang.T("序列号"), Width: 9}, {Label: lang.T("放置地点"), Width: 9},
		{Label: lang.T("可处理密级"), Width: 5}, {Label: lang.T("责任人"), Width: 5}, {Label: lang.T("状态"), Width: 4}, {Label: lang.T("维修与报废"), Width: 22}}
}

func deviceCells(lang text.Lang, d device.Device) []string {
	var events []string
	for _, e := range d.Events {
		if e.What == device.Sent || e.What == device.Watched || e.What == device.Returned || e.What == device.Wiped {
			events = append(events, ui.Date(e.At)+" "+eventWords(lang, e))
		}
	}
	return []string{d.Label(), lang.T(d.Kind.Name()), d.Model, d.Serial, d.Place, clearedFor(lang, d), d.KeeperName, lang.T(d.State.Name()), strings.Join(events, "；")}
}

// clearedFor says what may pass a device.
func clearedFor(lang text.Lang, d device.Device) string {
	if d.Level == 0 {
		return lang.T("未核定")
	}
	return lang.T("%s以下", lang.T(d.Level.Name()))
}

// eventWords is a step of a device's life in a line.
func eventWords(lang text.Lang, e device.Event) string {
	said := []string{}
	add := func(label, value string) {
		if value != "" {
			said = append(said, lang.T(label)+" "+value)
		}
	}
	add("地点", e.Place)
	add("责任人", e.Keeper)
	if e.What == device.Cleared {
		if e.Level == 0 {
			said = append(said, lang.T("不再处理客户资料"))
		} else {
			said = append(said, lang.T("%s以下", lang.T(e.Level.Name())))
		}
	}
	if e.What == device.Reached && e.Address == "" {
		said = append(said, lang.T("撤销"))
	}
	add("打印地址", e.Address)
	add("证书指纹", e.Pin)
	add("维修单位", e.Vendor)
	if e.Wipe != "" {
		add("清除方式", lang.T(e.Wipe.Name()))
	}
	add(map[bool]string{true: "见证人", false: "监督人"}[e.What == device.Wiped], e.Witness)
	if e.Reason != "" {
		said = append(said, e.Reason)
	}
	words := lang.T(e.What.Name())
	if len(said) > 0 {
		words += lang.T("：") + strings.Join(said, lang.T("，"))
	}
	return words
}

func (f *face) newDevice(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showNewDevice(w, r, v, nil)
}

func (f *face) showNewDevice(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	if failed == nil { // whoever may not add a device is told so before the form is filled in
		if err := f.Door.Do(r.Context(), v.Who, access.ManageDevices, guard.Firm, func(*guard.Grant) error { return nil }); err != nil {
			return err
		}
	}
	people, err := f.roster(r, v)
	if err != nil {
		return err
	}
	return send(w, r, newDevicePage(f.shell(r, v, "登记设备", ui.Crumb{Name: v.Lang.T("设备"), Href: "/devices"}), v, keepers(v.Lang, people), form(r), failed))
}

func keepers(lang text.Lang, people []person.Person) []ui.Option {
	return personOptions(lang, people, func(p person.Person) bool { return p.Status == person.Active })
}

func (f *face) addDevice(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	id, err := do(r.Context(), f.Door, v.Who, access.ManageDevices, guard.Firm, func(g *guard.Grant) (string, error) {
		return f.Devices.Add(g, device.Entry{Kind: device.Kind(form.Get("kind")), Model: form.Get("model"), Serial: form.Get("serial"), Place: form.Get("place"), Keeper: form.Get("keeper")})
	})
	if err != nil && correctable(err) {
		return f.showNewDevice(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/devices/"+id)
}

// machine is the page of one device.
type machine struct {
	device device.Device
	can    map[access.Act]bool
	people []ui.Option
	answer printer.Address // where it answers, for who may set it
	deed   string
	failed error
	form   url.Values
}

func (m machine) wrong(lang text.Lang, deed, field string) string {
	if m.deed != deed {
		return ""
	}
	return fieldError(lang, m.failed, field)
}

// typed is what was typed into the form that came back, or what it begins with.
func (m machine) typed(deed, field, otherwise string) string {
	if m.deed != deed {
		return otherwise
	}
	return m.form.Get(field)
}

func (f *face) device(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showDevice(w, r, v, "", nil)
}

func (f *face) showDevice(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	m := machine{can: map[access.Act]bool{}, deed: deed, failed: failed, form: form(r)}
	var err error
	if m.device, err = do(r.Context(), f.Door, v.Who, access.ReadDevices, guard.Firm, func(g *guard.Grant) (d device.Device, err error) {
		if m.answer, err = f.Devices.Address(g.Tx(), r.PathValue("device")); err != nil {
			return d, err
		}
		return f.Devices.One(g, r.PathValue("device"))
	}); err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.ManageDevices, access.ClearDevice)
	if err != nil {
		return err
	}
	for act, d := range can {
		m.can[act] = d.Outcome == access.Permit && m.device.State != device.Scrapped
	}
	if m.can[access.ManageDevices] {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		m.people = keepers(v.Lang, people)
	}
	return send(w, r, devicePage(f.shell(r, v, "设备", ui.Crumb{Name: v.Lang.T("设备"), Href: "/devices"}), v, m))
}

func (f *face) deviceDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("device"), r.PathValue("deed"), form(r)
	act := access.ManageDevices
	if deed == "clear" || deed == "reach" {
		act = access.ClearDevice
	}
	deeds := map[string]func(*guard.Grant) error{
		"move": func(g *guard.Grant) error { return f.Devices.Move(g, id, form.Get("place"), form.Get("keeper")) },
		"clear": func(g *guard.Grant) error {
			level, _ := classification.ParseLevel(form.Get("level")) // none is none
			return f.Devices.Clear(g, id, level, form.Get("reason"))
		},
		"reach": func(g *guard.Grant) error {
			return f.Devices.Reach(g, id, printer.Address{URI: form.Get("address"), Pin: form.Get("pin")})
		},
		"repair": func(g *guard.Grant) error {
			return f.Devices.Send(g, id, device.Repair{Vendor: form.Get("vendor"), Witness: form.Get("witness"), Reason: form.Get("reason")})
		},
		"back": func(g *guard.Grant) error { return f.Devices.Return(g, id, form.Get("reason")) },
		"scrap": func(g *guard.Grant) error {
			return f.Devices.Scrap(g, id, device.Wipe(form.Get("wipe")), form.Get("witness"), form.Get("reason"))
		},
	}
	if deeds[deed] == nil {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, act, guard.Firm, deeds[deed])
	if err != nil && correctable(err) {
		return f.showDevice(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/devices/"+id)
}

// repairTasks are the repairs that the visitor watches; who has nothing to do with the register is led to what they hold.
func repairTasks(v *Visitor, all []device.Device) (tasks []ui.Task) {
	for _, d := range all {
		step := ui.Link{Label: v.Lang.T("去查看"), Href: "/self"}
		if v.keepsDevices() {
			step.Href = "/devices/" + d.ID
		}
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("设备"), Title: v.Lang.T("请监督 %s 的维修", d.Label()), Note: v.Lang.T("全程在场，存储部件不离开视线；不能到场的请登记人另派"), Tone: ui.Warn, Step: step})
	}
	return tasks
}
