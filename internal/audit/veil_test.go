package audit_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestOwnActsDoNotTellHiddenFromAbsent: whoever looks for a thing and is told that there is none reads no more of it in the record of
// having looked, on the page and in the file.
func TestOwnActsDoNotTellHiddenFromAbsent(t *testing.T) {
	o := housetest.Found(t, housetest.Settings(t))
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	secret := o.Receive(in, "a.txt", "代理词", "内容", classification.Secret)
	o.Review(secret, classification.Secret)
	carrier := o.RegisterCarriers(in, 1)[0]
	const none = "01990000-0000-7000-8000-000000000000"
	for _, login := range []string{"outsider", "walled"} {
		who := o.Who(login)
		for _, pair := range [][2]guard.Thing{
			{{Kind: access.Material, ID: secret}, {Kind: access.Material, ID: none}}, {{Kind: access.Matter, ID: in}, {Kind: access.Matter, ID: none}},
			{{Kind: access.Carrier, ID: carrier}, {Kind: access.Carrier, ID: none}},
		} {
			act := map[access.Kind]access.Act{access.Material: access.FetchOriginal, access.Matter: access.ViewMatter, access.Carrier: access.ViewCarrier}[pair[0].Kind]
			for _, thing := range pair {
				if err := o.House.Door.Do(t.Context(), who, act, thing, func(*guard.Grant) error { return nil }); err == nil {
					t.Fatalf("%s may %s", login, act)
				}
			}
			acts := read(t, o, login, login, 2)
			for i := range acts {
				acts[i].Seq, acts[i].At = 0, time.Time{}
			}
			if !reflect.DeepEqual(acts[0], acts[1]) {
				t.Errorf("%s tells a hidden from an absent %s by\n%+v\n%+v", login, pair[0].Kind, acts[0], acts[1])
			}
		}
		var file strings.Builder
		housetest.Must(t, o.House.Audit.TakePerson(t.Context(), who, who.Person, audit.Taking{Format: "csv",
			Start: func(uint64, time.Time) (func(audit.Line) error, error) {
				return func(l audit.Line) error { _, err := fmt.Fprintf(&file, "%+v\n", l); return err }, nil
			}, End: func() error { return nil }}))
		for _, word := range []string{in, secret, carrier, time.Now().Format("2006") + "-0001"} {
			if strings.Contains(file.String(), word) {
				t.Errorf("%s's own file tells of %s", login, word)
			}
		}
	}
	// Whom it concerns reads on as before, and so does the auditor; the security administrator reads no number.
	housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("handling"), access.View, guard.Thing{Kind: access.Material, ID: secret}, func(*guard.Grant) error { return nil }))
	for reader, knows := range map[string]bool{"handling": true, "auditor": true, "security": false} {
		if l := read(t, o, reader, "handling", 1)[0]; (l.Thing != "" && l.Matter != "" && l.ThingID == secret) != knows {
			t.Errorf("%s reads %+v", reader, l)
		}
	}
}

// read gives the newest acts of a person that are no reading of the record.
func read(t *testing.T, o *housetest.Office, reader, of string, n int) (lines []audit.Line) {
	t.Helper()
	housetest.Must(t, o.House.Door.Do(context.Background(), o.Who(reader), access.ReadPersonActs, guard.Thing{Kind: access.Person, ID: o.IDs[of]}, func(g *guard.Grant) error {
		page, err := o.House.Audit.Person(g, audit.Filter{})
		for _, l := range page.Lines {
			if l.Act != access.ReadPersonActs && l.Act != access.ExportRoster && len(lines) < n {
				lines = append(lines, l)
			}
		}
		return err
	}))
	return lines
}
