package material_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestNamesRuleIsOnRecord: the ledger tells what the rule of 7.2.2 found in a file's name and a title, and whether its suggestion was taken,
// also where a new title was not; it tells no name.
func TestNamesRuleIsOnRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		receive := func(name, title, content string) string {
			u, err := o.upload("lawyer", name, []byte(content))
			if err != nil {
				t.Fatal(err)
			}
			if title == "suggested" {
				title = u.Advice.Title
			}
			id, err := o.file("lawyer", material.Filing{Upload: u.ID, Title: title, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Secret, Reason: "含诉讼策略", Reviewer: "lead"})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		none, phone := []any{}, []any{"phone"}
		id := ""
		for i, c := range []struct {
			name, title string
			want        map[string]any
		}{
			{"证据目录.txt", "证据目录", map[string]any{"file": none, "title": none, "taken": "name"}},
			{"联系13912345678.txt", "suggested", map[string]any{"file": phone, "title": none, "taken": "suggestion"}},
			{"联系13912345678.txt", "联系13912345678", map[string]any{"file": phone, "title": phone, "taken": "number"}},
			{"联系13912345678.txt", "代理词", map[string]any{"file": phone, "title": none, "taken": "own"}},
		} {
			id = receive(c.name, c.title, strings.Repeat("内容", i+1))
			if got, raw := o.names(access.ReceiveMaterial, id); !reflect.DeepEqual(got, c.want) || strings.Contains(raw, "139") || strings.Contains(raw, "证据") {
				t.Errorf("%s as %s: %v in %s", c.name, c.title, got, raw)
			}
		}
		if err := o.review("lead", id, classification.Secret); err != nil {
			t.Fatal(err)
		}
		rename := func(title string) error {
			return o.door.Do(o.ctx, guard.Who{Person: "lead", Via: guard.Web, Addr: "10.0.0.1", Strong: true}, access.RenameMaterial, o.thing(id), func(g *guard.Grant) error { return o.shelf.Rename(g, title) })
		}
		if err := rename("补充意见"); err != nil {
			t.Fatal(err)
		}
		if got, _ := o.names(access.RenameMaterial, id); !reflect.DeepEqual(got, map[string]any{"title": none}) {
			t.Errorf("renamed: %v", got)
		}
		o.want(rename("联系13912345678"), problem.Invalid, "a title that tells")
		if got, raw := o.names(access.RenameMaterial, id); !reflect.DeepEqual(got, map[string]any{"title": phone}) || strings.Contains(raw, "139") || !strings.Contains(raw, "failed") {
			t.Errorf("not renamed: %v in %s", got, raw)
		}
	})
}

// names is what the newest entry of the act on the material tells of names, and its whole detail.
func (o *office) names(act access.Act, id string) (map[string]any, string) {
	o.t.Helper()
	var all []ledger.Entry
	if err := o.db.Read(o.ctx, func(tx *store.Tx) (err error) {
		all, err = o.ledger.Query(tx, ledger.Query{Act: string(act), Thing: id, Limit: 1, Detail: true})
		return err
	}); err != nil || len(all) != 1 {
		o.t.Fatal(len(all), err)
	}
	var d struct {
		Notes struct{ Names map[string]any }
	}
	if err := json.Unmarshal(all[0].Detail, &d); err != nil {
		o.t.Fatal(err)
	}
	return d.Notes.Names, string(all[0].Detail)
}
