package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/demo/press"
	"mijuan/internal/device"
	"mijuan/internal/guard"
)

// machines are what stands in the firm's rooms; serial numbers are invented.
var machines = []struct {
	kind          device.Kind
	model, serial string
	place         string
	level         classification.Level
	fate          string // repair, back, scrapped
}{
	{"multi", "彩色多功能一体机 A3", "MF3-2208-00417", "三楼文印室", classification.TopSecret, ""},
	{"multi", "黑白多功能一体机 A4", "MF4-2301-01182", "四楼公共区", classification.Confidential, "back"},
	{"scanner", "高速文档扫描仪", "SC7-2211-00093", "三楼档案室", classification.TopSecret, ""},
	{"printer", "黑白激光打印机", "LP2-1906-03350", "二楼接待区", 0, "scrapped"},
	{"desktop", "台式计算机（归档专用）", "PC5-2404-00021", "三楼档案室", classification.Secret, ""},
	{"laptop", "便携式计算机（出庭用一）", "NB6-2402-00310", "行政部保管柜", classification.Confidential, ""},
	{"laptop", "便携式计算机（出庭用二）", "NB6-2402-00311", "行政部保管柜", classification.Confidential, "repair"},
	{"storage", "移动硬盘（备份轮换一）", "HD9-2405-00007", "财务室保险柜", classification.TopSecret, ""},
	{"printer", press.Name, "DEMO-0001", "本机演示位（只走打印流程，什么也不印）", classification.TopSecret, ""},
}

// devices are registered, cleared, repaired and scrapped.
func (b *builder) devices(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * time.Hour
	system, security, witness, keeper := b.holder(access.SystemAdmin), b.holder(access.SecurityAdmin), b.holder(access.Custodian), b.holder(access.Administration)
	act := func(by string, a access.Act, f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(by), a, guard.Firm, f)
	}
	for i, m := range machines {
		id, at := "", time.Duration(200-i)*day
		add(at, "register "+m.model, func() error {
			return act(system, access.ManageDevices, func(g *guard.Grant) (err error) {
				id, err = b.h.Devices.Add(g, device.Entry{Kind: m.kind, Model: m.model, Serial: m.serial, Place: m.place, Keeper: b.ids[keeper]})
				return err
			})
		})
		if m.level != 0 {
			why := "已检查：硬盘加密、密码和固件符合要求"
			if m.model == press.Name {
				why = "演示用：只在本机，连接加密，不保留内容"
			}
			add(at-day, "clear "+m.model, func() error {
				return act(security, access.ClearDevice, func(g *guard.Grant) error { return b.h.Devices.Clear(g, id, m.level, why) })
			})
			add(at-day-hour, "install "+m.model, func() error { return b.install(m.kind, m.model, id) })
		}
		send := func() error {
			return act(system, access.ManageDevices, func(g *guard.Grant) error {
				return b.h.Devices.Send(g, id, device.Repair{Vendor: "朔宁办公设备维修部", Witness: b.ids[witness], Reason: "走纸异响，上门维修，全程陪同"})
			})
		}
		switch m.fate {
		case "repair":
			add(3*day, "repair "+m.model, send)
		case "back":
			add(60*day, "repair "+m.model, send)
			add(59*day, "back "+m.model, func() error {
				return act(system, access.ManageDevices, func(g *guard.Grant) error {
					return b.h.Devices.Return(g, id, "更换搓纸轮，未接触存储部件")
				})
			})
			add(58*day, "clear again "+m.model, func() error {
				return act(security, access.ClearDevice, func(g *guard.Grant) error { return b.h.Devices.Clear(g, id, m.level, "维修后复查，符合要求") })
			})
		case "scrapped":
			add(30*day, "scrap "+m.model, func() error {
				return act(system, access.ManageDevices, func(g *guard.Grant) error {
					return b.h.Devices.Scrap(g, id, "crush", b.ids[witness], "使用年限已满")
				})
			})
		}
	}
}

// install puts a device to its use: the first that copies and the first that only scans are those of the firm's past, and what scans has a folder.
func (b *builder) install(kind device.Kind, model, id string) error {
	if b.copier == "" && kind.Does(device.Copies) {
		b.copier = id
	}
	if kind == "scanner" {
		b.scanner = id
	}
	switch {
	case model == press.Name:
		return b.reachPrinter(id)
	case kind.Does(device.Scans):
		_, err := b.scanFolder(id)
		return err
	}
	return nil
}
