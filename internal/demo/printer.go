package demo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/demo/press"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/printer"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

const (
	pressDir   = "demo-printer" // in the data directory: the demonstration printer's certificate and port
	deviceFile = "device"       // in pressDir: its id in the register of devices
	ownAddress = "ipps://127.0.0.1:"
)

// pace is how long the demonstration printer takes for a page while people look.
const pace = 900 * time.Millisecond

// SwitchOn runs the demonstration printer of an open demonstration firm, and gives its address and what switches it off. Where it cannot
// answer at the address that is registered, since something else has taken the port, the security administrator registers the one it has
// got. No address is no printer: the firm was made before there was one, another process has switched it on, or the device is out of use.
func SwitchOn(ctx context.Context, h *house.House) (address string, off func(), err error) {
	off = func() {}
	dir := filepath.Join(h.Settings.Data, pressDir)
	raw, err := os.ReadFile(filepath.Join(dir, deviceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", off, nil
	}
	if err != nil {
		return "", off, err
	}
	id := strings.TrimSpace(string(raw))
	var registered printer.Address
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) { registered, err = h.Devices.Address(tx, id); return err }); err != nil {
		return "", off, err
	}
	if answers(ctx, registered) {
		return "", off, nil
	}
	p, err := press.Start(dir, pace)
	if err != nil {
		return "", off, err
	}
	is := p.Address()
	if is != registered && strings.HasPrefix(registered.URI, ownAddress) { // else somebody took the address away, or gave it a real printer's
		err = moved(ctx, h, id, is)
	}
	switch {
	case err == nil:
		return is.URI, func() { _ = p.Close() }, nil
	case problem.KindOf(err) != 0: // in repair, scrapped, or nobody is left to register it
		return "", off, p.Close()
	}
	return "", off, errors.Join(err, p.Close())
}

// answers reports whether the printer is on already.
func answers(ctx context.Context, a printer.Address) bool {
	p, err := printer.Open(a)
	if err != nil {
		return false
	}
	defer p.Close()
	about, err := p.Describe(ctx)
	return err == nil && about.Model == press.Name
}

// moved has a security administrator register where the printer answers by now.
func moved(ctx context.Context, h *house.House, id string, is printer.Address) error {
	var officers []string
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		officers, err = h.People.Working(tx, []access.Post{access.SecurityAdmin})
		return err
	})
	if err == nil && len(officers) == 0 {
		err = problem.New(problem.Conflict, "没有安全管理员")
	}
	if err != nil {
		return err
	}
	who := guard.Who{Person: officers[0], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	return h.Door.Do(ctx, who, access.ClearDevice, guard.Firm, func(g *guard.Grant) error { return h.Devices.Reach(g, id, is) })
}

// reachPrinter has the demonstration printer's address registered, and keeps by which device it is known.
func (b *builder) reachPrinter(id string) error {
	b.printer = id
	if err := b.h.Door.Do(b.ctx, b.who(b.holder(access.SecurityAdmin)), access.ClearDevice, guard.Firm, func(g *guard.Grant) error {
		return b.h.Devices.Reach(g, id, b.press.Address())
	}); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.h.Settings.Data, pressDir, deviceFile), []byte(id+"\n"), 0o600)
}
