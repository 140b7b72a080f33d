package output_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/output"
	"mijuan/internal/printer"
	"mijuan/internal/printer/printertest"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t        *testing.T
	settings house.Settings
	clock    *housetest.Clock
	real     *printertest.Printer
	matter   string
	material string // 机密级, three pages
	printer  string // device
	copier   string
	scanner  string
	stumble  func(point string) error // around every durable step
}

func settings(t *testing.T, engine store.Engine) (house.Settings, *housetest.Clock) {
	s, clock := housetest.Settings(t), &housetest.Clock{}
	s.Now, s.Scans = clock.Now, t.TempDir()
	s.Printing = output.Patience{Poll: 100 * time.Millisecond, Silent: 1500 * time.Millisecond, Send: 20 * time.Second}
	s.Office = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	return s, clock
}

func open(t *testing.T, engine store.Engine) *office {
	s, clock := settings(t, engine)
	o := &office{t: t, settings: s, clock: clock, real: printertest.Start(t)}
	s.Fault = func(point string) error {
		if o.stumble != nil {
			return o.stumble(point)
		}
		return nil
	}
	o.Office = housetest.Found(t, s)
	for login, post := range map[string]access.Post{"clerk": access.Administration, "keeper": access.Custodian} {
		o.Hire(login, post)
	}
	o.matter = o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	o.material = o.Receive(o.matter, "memo.pdf", "代理意见", threePages(t), classification.Secret)
	o.Review(o.material, classification.Secret)
	o.printer = o.device("multi", "P1", classification.Secret, o.real.Address)
	o.copier = o.device("copier", "C1", classification.Secret, printer.Address{})
	o.scanner = o.device("scanner", "S1", classification.Secret, printer.Address{})
	return o
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) { f(t, open(t, engine)) })
	}
}

// threePages is a PDF whose pages can be told apart.
func threePages(t *testing.T) string {
	t.Helper()
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetFont("Helvetica", "", 60)
	for n := range 3 {
		pdf.AddPage()
		pdf.Text(40, 150, fmt.Sprintf("PAGE %d", n+1))
	}
	var b bytes.Buffer
	housetest.Must(t, pdf.Output(&b))
	return b.String()
}

func (o *office) firm(by string, act access.Act, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Firm, f)
}

func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

func (o *office) device(kind device.Kind, serial string, level classification.Level, a printer.Address) (id string) {
	o.t.Helper()
	o.must(o.firm("system", access.ManageDevices, func(g *guard.Grant) (err error) {
		id, err = o.House.Devices.Add(g, device.Entry{Kind: kind, Model: "设备", Serial: serial, Place: "文印室", Keeper: o.IDs["clerk"]})
		return err
	}))
	o.must(o.firm("security", access.ClearDevice, func(g *guard.Grant) error {
		if a.URI != "" {
			if err := o.House.Devices.Reach(g, id, a); err != nil {
				return err
			}
		}
		return o.House.Devices.Clear(g, id, level, "已检查")
	}))
	return id
}

func (o *office) ask(by string, a output.Application) (id, pin string, err error) {
	if a.Purpose == "" {
		a.Purpose = "court"
	}
	if a.Copies == 0 {
		a.Copies = 1
	}
	return o.House.Output.Ask(context.Background(), o.Who(by), a)
}

// asked asks for prints of the material as handling.
func (o *office) asked(copies int) (id string) {
	o.t.Helper()
	id, pin, err := o.ask("handling", output.Application{Kind: output.Print, Thing: o.material, Copies: copies, Device: o.printer})
	o.must(err)
	if pin != "" {
		o.t.Error("a release number without approval")
	}
	return id
}

func (o *office) order(id string) (got output.Order) {
	o.t.Helper()
	o.must(o.firm("lead", access.UseSystem, func(g *guard.Grant) (err error) { got, err = o.House.Output.Get(g, id); return err }))
	return got
}

func (o *office) decide(by, id string, d approval.Decision) error {
	return o.House.Door.Do(context.Background(), o.Who(by), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: o.order(id).Approval}, func(g *guard.Grant) error {
		return o.House.Approvals.Decide(g, d, "按需")
	})
}

func (o *office) begin(by, id string) (string, error) {
	return o.House.Output.Begin(context.Background(), o.Who(by), id)
}

func (o *office) release(by, id, pin string) error {
	return o.House.Output.Release(context.Background(), o.Who(by), id, pin)
}

// released is an order for copies that the clerk has released.
func (o *office) released(copies int) (id string) {
	o.t.Helper()
	id = o.asked(copies)
	o.must(o.decide("lead", id, approval.Yes))
	pin, err := o.begin("handling", id)
	o.must(err)
	o.must(o.release("clerk", id, pin))
	return id
}

// until waits for the order to be as wanted.
func (o *office) until(id, what string, ok func(output.Order) bool) (got output.Order) {
	o.t.Helper()
	for range 300 {
		if got = o.order(id); ok(got) {
			return got
		}
		time.Sleep(100 * time.Millisecond)
	}
	o.t.Fatalf("not %s: %+v", what, got)
	return got
}

func in(states ...output.CopyState) func(output.Order) bool {
	return func(o output.Order) bool {
		return len(o.Each) > 0 && !slices.ContainsFunc(o.Each, func(c output.One) bool { return !slices.Contains(states, c.State) })
	}
}

func (o *office) count(by, copy string, good, spoiled int, why string) error {
	return o.firm(by, access.OperateOutput, func(g *guard.Grant) error {
		return o.House.Output.Count(g, output.Count{Copy: copy, Good: good, Spoiled: spoiled, Why: why})
	})
}

func (o *office) collect(by, id string, copies ...string) error {
	return o.House.Door.Do(context.Background(), o.Who(by), access.CollectOutput, guard.Thing{Kind: access.Matter, ID: o.matter}, func(g *guard.Grant) error {
		return o.House.Output.Collect(g, id, copies, "本人文件柜")
	})
}

func (o *office) copies(by string) (all []carrier.Carrier) {
	o.t.Helper()
	o.must(o.House.Door.Do(context.Background(), o.Who(by), access.View, guard.Thing{Kind: access.Material, ID: o.material}, func(g *guard.Grant) (err error) {
		all, err = o.House.Carriers.Of(g)
		return err
	}))
	return all
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
