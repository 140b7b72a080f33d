package demo

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/corpus"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/media"
	"mijuan/internal/output"
	"mijuan/internal/printer"
	"mijuan/internal/store"
)

// papers are what the rooms of paper and copies show: how many there are at least.
var papers = map[string]int64{
	// a print that was approved, made, released and collected: each copy a carrier that bears the copy's number
	`SELECT COUNT(*) FROM output_copy c JOIN output o ON o.id = c.output JOIN carrier k ON k.id = c.carrier WHERE o.kind = 'print' AND o.state = 'done' AND o.approvers <> '' AND o.operator <> '' AND o.operator <> o.requester
		AND c.state = 'collected' AND c.code <> 0 AND k.form = 'printed' AND k.number = c.number`: 2,
	// one that is half printed: a copy waits to be collected, one is void, one is still to come
	`SELECT COUNT(*) FROM output o WHERE o.kind = 'print' AND o.state = 'working' AND EXISTS (SELECT 1 FROM output_copy c WHERE c.output = o.id AND c.state = 'out')
		AND EXISTS (SELECT 1 FROM output_copy c WHERE c.output = o.id AND c.state = 'void' AND c.spoiled > 0) AND EXISTS (SELECT 1 FROM output_copy c WHERE c.output = o.id AND c.state = 'queued')`: 1,
	`SELECT COUNT(*) FROM output WHERE kind = 'print' AND state = 'ready' AND approvers <> ''`: 1,
	// a photocopy: what was spoiled was made again
	`SELECT COUNT(*) FROM output o WHERE o.kind = 'copy' AND o.state = 'done' AND EXISTS (SELECT 1 FROM output_copy c JOIN carrier k ON k.id = c.carrier WHERE c.output = o.id AND k.form = 'copy')
		AND EXISTS (SELECT 1 FROM output_copy c WHERE c.output = o.id AND c.state = 'void')`: 1,
	// scans that landed on their requests, one reviewed and one not yet
	`SELECT COUNT(*) FROM scan s JOIN output o ON o.id = s.output JOIN material m ON m.id = s.material WHERE s.state = 'done' AND o.kind = 'scan' AND o.state = 'done' AND m.state = 'filed'`:    1,
	`SELECT COUNT(*) FROM scan s JOIN output o ON o.id = s.output JOIN material m ON m.id = s.material WHERE s.state = 'done' AND o.kind = 'scan' AND o.state = 'done' AND m.state = 'proposed'`: 1,
	// 绝密级 outside: two together, locked, by leave of a director; back and checked by somebody else, and outside now
	`SELECT COUNT(*) FROM take_out t JOIN carrier k ON k.id = t.carrier JOIN approval_seat s ON s.approval = t.approval WHERE k.level = 3 AND t.companion <> '' AND t.measures LIKE '%locked%' AND t.measures LIKE '%two_together%'
		AND s.decision = 'yes' AND t.back_at > t.left_at AND t.pages_back = t.pages AND t.checked_by NOT IN (t.applicant, t.companion, '')`: 1,
	`SELECT COUNT(*) FROM take_out t JOIN carrier k ON k.id = t.carrier WHERE k.level = 3 AND k.state = 'out' AND t.companion <> '' AND t.measures LIKE '%locked%' AND t.left_at > 0 AND t.back_at = 0`: 1,
	`SELECT COUNT(*) FROM media_export WHERE state = 'draft'`: 1,
}

// shown checks that the rooms of paper and copies show something, and that what was given a number is somewhere.
func shown(t *testing.T, h *house.House) {
	t.Helper()
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) error {
		for query, least := range papers {
			if n := count(t, tx, query); n < least {
				t.Errorf("%s: %d, want %d", query, n, least)
			}
		}
		if n := count(t, tx, `SELECT COUNT(*) FROM media_export WHERE state IN ('issued', 'written')`); n != 0 {
			t.Errorf("%d exports were granted, and there was no scanner", n)
		}
		return nil
	}))
	var all carrier.AccountPage
	var total carrier.Account
	must(t, h.Door.Do(t.Context(), post(t, h, access.Custodian), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		if all, err = h.Carriers.Accounts(g, carrier.AccountFilter{Limit: -1}); err == nil {
			total, err = h.Carriers.Total(g)
		}
		return err
	}))
	for _, a := range all.Accounts {
		if !a.Even() {
			t.Errorf("the balance of %s: %+v", a.Number, a)
		}
	}
	if len(all.Accounts) < 8 || total.Registered < 30 || !total.Even() {
		t.Errorf("%d balances, in all %+v", len(all.Accounts), total)
	}
	left, err := filepath.Glob(filepath.Join(h.Settings.Data, scansDir, "SB-*", "*"))
	if folders, _ := filepath.Glob(filepath.Join(h.Settings.Data, scansDir, "SB-*")); err != nil || len(folders) < 2 || len(left) > 0 {
		t.Errorf("scanners' folders %v with %v in them", folders, left)
	}
}

// exportedWithScanner lets the firm's past have its export, now that there is a scanner for viruses.
func exportedWithScanner(t *testing.T, h *house.House, ids map[string]string) {
	t.Helper()
	b := &builder{ctx: t.Context(), h: h, firm: corpus.Firm(), ids: ids, matters: map[string]string{}}
	m, medium := b.firm.Matters[0], ""
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		one := func(r store.Row) (id string, err error) { return id, r.Scan(&id) }
		if b.matters[m.Number], err = store.Get(tx, one, `SELECT matter FROM media_export WHERE state = 'draft'`); err == nil {
			medium, err = store.Get(tx, one, `SELECT id FROM medium WHERE form = 'disk'`)
		}
		return err
	}))
	must(t, h.Door.Do(t.Context(), post(t, h, access.Custodian), access.ManageMedia, guard.Firm, func(g *guard.Grant) error {
		return h.Media.Lend(g, medium, media.Lending{Person: ids[m.Team[1].Login], Purpose: "核对电子数据", Device: "SB-0006", Due: g.Tx().Now.Add(48 * time.Hour)})
	}))
	must(t, b.exported(medium, m.Team[1].Login, m.Lead(), m.Number))
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) error {
		if n := count(t, tx, `SELECT COUNT(*) FROM media_export e JOIN carrier k ON k.id = e.carrier WHERE e.state = 'written' AND e.bytes > 0 AND e.approval <> '' AND k.state = 'held'
			AND NOT EXISTS (SELECT 1 FROM media_export_item i WHERE i.export = e.id AND i.finding <> 'clean')`); n != 1 {
			t.Errorf("%d exports were written", n)
		}
		return nil
	}))
}

// post is somebody at the office who holds a post.
func post(t *testing.T, h *house.House, p access.Post) guard.Who {
	t.Helper()
	var ids []string
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) (err error) { ids, err = h.People.Working(tx, []access.Post{p}); return err }))
	return guard.Who{Person: ids[0], Via: guard.Web, Addr: "192.168.8.10", Strong: true}
}

// registered is the demonstration printer's address in the register.
func registered(t *testing.T, h *house.House) (a printer.Address) {
	t.Helper()
	id := machine(t, h)
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) (err error) { a, err = h.Devices.Address(tx, id); return err }))
	return a
}

// says asks the printer at an address what it is.
func says(t *testing.T, a printer.Address) string {
	t.Helper()
	p, err := printer.Open(a)
	must(t, err)
	defer p.Close()
	about, err := p.Describe(t.Context())
	if err != nil {
		return err.Error()
	}
	return about.Model
}

// printedByVisitors walks two orders to their ends at the demonstration printer, as visitors do: the one that waits for its release number,
// and the one that is half printed. Then something else takes the printer's port.
func printedByVisitors(t *testing.T, h *house.House) {
	t.Helper()
	at, off, err := SwitchOn(t.Context(), h)
	must(t, err)
	if a := registered(t, h); at == "" || a.URI != at || !strings.Contains(says(t, a), "演示打印机") {
		t.Errorf("it answers at %q, registered is %+v", at, a)
	}
	if again, _, err := SwitchOn(t.Context(), h); again != "" || err != nil {
		t.Errorf("switched on twice: %q, %v", again, err)
	}
	operator := post(t, h, access.Administration)
	for state, release := range map[string]func(o output.Order) error{
		"ready": func(o output.Order) error {
			pin := ""
			if err := h.Door.Do(t.Context(), requester(o), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { pin, err = h.Output.Draw(g, o.ID); return err }); err != nil {
				return err
			}
			return h.Output.Release(t.Context(), operator, o.ID, pin)
		},
		"working": func(o output.Order) error { return h.Output.Go(t.Context(), operator, o.ID) },
	} {
		o := find(t, h, state)
		must(t, release(o))
		for o = until(t, h, operator, o.ID); o.Waits() < o.Copies; o = until(t, h, operator, o.ID) {
			if !slices.ContainsFunc(o.Each, func(c output.One) bool { return c.State == output.Printed }) {
				t.Fatalf("not everything comes out: %+v", o.Each)
			}
			for _, c := range o.Each {
				if c.State == output.Printed {
					must(t, h.Door.Do(t.Context(), operator, access.OperateOutput, guard.Firm, func(g *guard.Grant) error { return h.Output.Count(g, output.Count{Copy: c.ID, Good: o.Sheets}) }))
				}
			}
		}
		var ids []string
		for _, c := range o.Each {
			ids = append(ids, c.ID)
		}
		must(t, h.Door.Do(t.Context(), requester(o), access.CollectOutput, guard.Thing{Kind: access.Matter, ID: o.Matter}, func(g *guard.Grant) error { return h.Output.Collect(g, o.ID, ids, "本人办公室") }))
		if o := order(t, h, operator, o.ID); o.State != output.Done {
			t.Errorf("it ends as %s", o.State)
		}
	}
	off()
	take(t, at)
	moved, off, err := SwitchOn(t.Context(), h)
	must(t, err)
	if a := registered(t, h); moved == "" || moved == at || a.URI != moved || !strings.Contains(says(t, a), "演示打印机") {
		t.Errorf("another has its port: it answers at %q, registered is %+v", moved, a)
	}
	off()
	take(t, moved)
	must(t, h.Door.Do(t.Context(), post(t, h, access.SystemAdmin), access.ManageDevices, guard.Firm, func(g *guard.Grant) error {
		return h.Devices.Send(g, machine(t, h), device.Repair{Vendor: "朔宁办公设备维修部", Witness: post(t, h, access.Custodian).Person, Reason: "演示送修"})
	}))
	if at, _, err := SwitchOn(t.Context(), h); at != "" || err != nil {
		t.Errorf("in repair it answers at %q, %v", at, err)
	}
}

// take listens where the printer was.
func take(t *testing.T, at string) {
	t.Helper()
	l, err := net.Listen("tcp", strings.TrimSuffix(strings.TrimPrefix(at, "ipps://"), "/ipp/print"))
	must(t, err)
	t.Cleanup(func() { l.Close() })
}

// machine is the demonstration printer's id.
func machine(t *testing.T, h *house.House) string {
	t.Helper()
	id, err := os.ReadFile(filepath.Join(h.Settings.Data, pressDir, deviceFile))
	must(t, err)
	return strings.TrimSpace(string(id))
}

func requester(o output.Order) guard.Who {
	return guard.Who{Person: o.Requester, Via: guard.Web, Addr: "192.168.8.11", Strong: true}
}

// find is the print that stands in a state.
func find(t *testing.T, h *house.House, state string) output.Order {
	t.Helper()
	id := ""
	must(t, h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		id, err = store.Get(tx, func(r store.Row) (s string, err error) { return s, r.Scan(&s) }, `SELECT id FROM output WHERE kind = 'print' AND state = $1`, state)
		return err
	}))
	return order(t, h, post(t, h, access.Administration), id)
}

func order(t *testing.T, h *house.House, who guard.Who, id string) (o output.Order) {
	t.Helper()
	must(t, h.Door.Do(t.Context(), who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { o, err = h.Output.Get(g, id); return err }))
	return o
}

// until waits for a copy that is to be counted, or for none that is on its way.
func until(t *testing.T, h *house.House, who guard.Who, id string) output.Order {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		o, underway := order(t, h, who, id), 0
		for _, c := range o.Each {
			switch c.State {
			case output.Printed:
				return o
			case output.Queued, output.Making, output.Sending, output.Sent:
				underway++
			}
		}
		if underway == 0 {
			return o
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the print stays %+v", o)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
