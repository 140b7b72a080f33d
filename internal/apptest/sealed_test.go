package apptest

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/continuing"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// reading is a page that reads sealed columns, and a page beside it of other rows.
type reading struct{ columns, login, path, byLogin, beside string }

// readings have every sealed column that a page reads. A page says what stands for ids as addresses of TestRooms do.
var readings = []reading{
	{"api_token.sealed_name session.sealed_addr session.sealed_agent", "lead", "/self", "auditor", "/self"},
	{"approval.sealed_measures approval.sealed_purpose approval.sealed_scope approval_seat.sealed_opinion", "handling", "/approvals/{approval}", "lead", "/approvals/{asked}"},
	{"carrier.sealed_from carrier.sealed_place carrier.sealed_reference carrier.sealed_title carrier.sealed_use carrier_move.sealed_note", "handling", "/carriers/{carrier}", "outsider", "/carriers/{own-carrier}"},
	{"take_out.sealed_found take_out.sealed_place take_out.sealed_purpose", "handling", "/carriers/{carrier}/slips/{slip}", "lead", "/carriers/{lent}"},
	{"carrier_gap.sealed_reason", "lead", "/matters/{matter}/carriers/balance", "outsider", "/matters/{own}/carriers/balance"},
	{"client.sealed_identity client.sealed_name matter.sealed_summary matter.sealed_title party.sealed_identity party.sealed_name", "lead", "/matters/{matter}/data", "outsider", "/matters/{own}/data"},
	{"wall.sealed_reason", "lead", "/matters/{matter}/team", "outsider", "/matters/{own}/team"},
	{"matter_change.sealed_what", "lead", "/matters/{matter}/data", "outsider", "/matters/{own}/data"},
	{"matter.sealed_key", "lead", "/materials/{material}/original", "lead", "/materials/{waiting}"},
	{"matter_closing.sealed_reason", "outsider", "/matters/{own}/keeping", "lead", "/matters/{matter}/keeping"},
	{"legal_hold.sealed_reason legal_hold.sealed_lift", "lead", "/matters/{matter}/keeping", "outsider", "/matters/{own}/keeping"},
	{"danger.sealed_demand danger.sealed_place danger.sealed_what danger_round.sealed_measures danger_round.sealed_opinion danger_round.sealed_statement", "security", "/dangers/{danger}", "security", "/devices"},
	{"delegation.sealed_reason", "director", "/delegations", "director", "/people/{person}/leaving"},
	{"departure.sealed_reason", "director", "/people/{person}/leaving", "security", "/people/{gone}/leaving"},
	{"departure.sealed_ended departure_item.sealed_reason", "security", "/people/{gone}/leaving", "director", "/people/{person}/leaving"},
	{"leaver_reminder.sealed_note", "security", "/people/{gone}/duty", "security", "/people/{gone}"},
	{"destruction.sealed_opinion destruction.sealed_place destruction.sealed_reason destruction_item.sealed_title", "director", "/destruction/{list}", "lead", "/carriers/{carrier}"},
	{"waste.sealed_note", "handling", "/destruction/waste", "handling", "/destruction"},
	{"device.sealed_model device.sealed_place device.sealed_serial device_event.sealed_detail", "security", "/devices/{device}", "security", "/incidents"},
	{"device_address.sealed_address", "security", "/devices/{device}", "security", "/media"},
	{"incident.sealed_containment incident.sealed_harm incident.sealed_manner incident.sealed_notices incident.sealed_opinion incident.sealed_others incident.sealed_place incident.sealed_remedies", "security", "/incidents/{incident}", "security", "/devices"},
	{"intake.sealed_absent intake.sealed_signer", "lead", "/matters/{matter}/intakes/{signed}", "lead", "/matters/{matter}/intakes/{batch}"},
	{"intake.sealed_ink", "handling", "/matters/{matter}/carriers/receipt?batch={signed}", "handling", "/matters/{matter}/carriers/receipt?batch={batch}"},
	{"ground_change.sealed_before ground_change.sealed_reason leveling.sealed_reason material.sealed_ground material.sealed_name material.sealed_title", "lead", "/materials/{material}", "lead", "/materials/{waiting}"},
	{"measure.sealed_facts measure.sealed_measures measure.sealed_reply measure.sealed_why measure_opinion.sealed_text", "director", "/people/{person}/measures", "director", "/people/{gone}/measures"},
	{"media_export.sealed_purpose", "handling", "/exports/{export}", "handling", "/materials/{material}"},
	{"medium.sealed_model medium.sealed_serial medium_event.sealed_detail medium_loan.sealed_device medium_loan.sealed_found medium_loan.sealed_purpose", "security", "/media/{medium}", "security", "/devices"},
	{"meeting.sealed_place meeting.sealed_title meeting_set.sealed_finding meeting_set.sealed_reason", "lead", "/matters/{matter}/meetings/{meeting}", "lead", "/matters/{matter}"},
	{"output.sealed_note output.sealed_title output_copy.sealed_why", "handling", "/output/{output}", "handling", "/materials/{material}"},
	{"person.sealed_department person.sealed_licence person.sealed_login person.sealed_mail person.sealed_name", "security", "/people/{person}", "security", "/people/{gone}"},
	{"pledge.sealed_particulars qualification.sealed_reason", "security", "/pledge/register", "security", "/people/{person}"},
	{"signed_document.sealed_pdf", "security", "/people/{gone}/duty/{reminder}", "security", "/pledge/{pledge}/document"},
	{"right_change.sealed_what right_request.sealed_opinion right_request.sealed_reason right_request.sealed_wanted", "director", "/rights/register", "director", "/leaving"},
	{"scan.sealed_name", "keeper", "/output/scans", "keeper", "/output"},
	{"sending.sealed_basis sending.sealed_organisation sending.sealed_receipt sending.sealed_recipient", "lead", "/sendings", "lead", "/carriers"},
	{"stock_item.sealed_seen_place stock_item.sealed_note stock_round.sealed_place", "auditor", "/stock/{counted}", "auditor", "/carriers"},
	{"team_review.sealed_reason", "security", "/team-reviews", "security", "/people"},
	{"training_campaign.sealed_title", "handling", "/training", "handling", "/people"},
	{"training_test.sealed_answers training_test.sealed_seed", "lead", "/training/results/{test}", "lead", "/people"},
	{"upload.sealed_advice upload.sealed_name", "handling", "/matters/{matter}/intake", "handling", "/materials/{material}"},
}

// damagedElsewhere are the sealed columns that no page reads, with the test that damages them where they are used.
var damagedElsewhere = map[string]string{
	"person.sealed_password": "internal/person TestDamagedSecrets", "person.sealed_totp": "internal/person TestDamagedSecrets", "session.sealed_pending": "internal/person TestDamagedSecrets",
	"passkey.sealed_credential": "internal/person TestDamagedPasskeys", "passkey.sealed_label": "internal/person TestDamagedPasskeys", "ceremony.sealed_state": "internal/person TestDamagedPasskeys",
	"errand.sealed_state": "internal/person TestDamagedErrands", "identity.sealed_subject": "internal/person TestDamagedErrands",
	"media_export.sealed_passphrase": "internal/media TestDamagedExport", "media_export_item.sealed_name": "internal/media TestDamagedExport",
	"directory_list.sealed_list": "internal/directory TestDamagedList", "directory_entry.sealed_external": "internal/directory TestDamagedList",
	"signing_key.sealed_key": "internal/apptest TestDamagedHands", "signing_authority.sealed_key": "internal/apptest TestDamagedHands", "training_course.sealed_text": "internal/apptest TestDamagedHands",
}

// unread are columns that are written for the record and that no part of the product reads back.
var unread = []string{"release.sealed_reason"}

// TestDamagedHands: what is read once and kept in memory is damaged for a process that starts: the course is not taught. With a signing key, or the authority's, that has lost a bit nothing is signed; no new one takes its place unsaid.
func TestDamagedHands(t *testing.T) {
	clock, set := &housetest.Clock{}, settings(t, t.TempDir())
	set.Now = clock.Now
	o := found(t, set)
	o.askAgain(t)
	o.hire("leaver", access.Logistics)
	o.gone(t, "leaver") // security signs a reminder: there are keys
	send := func() error {
		return o.h.Duty.Send(t.Context(), worker(o.ids["security"]), o.ids["leaver"], continuing.Sending{Manner: continuing.ByPost, Note: "滨江路 8 号", Months: 12}, o.consent(t, "security"), "江澜衡砚律师事务所")
	}
	mend := storetest.Damage(t, o.h.DB, "signing_key", "sealed_key")
	if err := send(); problem.KindOf(err) != problem.Damaged {
		t.Errorf("the key: %v", err)
	}
	mend()
	must(t, o.h.Close())
	h, err := house.Open(t.Context(), o.h.Settings)
	must(t, err)
	t.Cleanup(func() { h.Close() })
	o.h = h
	mend = storetest.Damage(t, o.h.DB, "signing_authority", "sealed_key")
	if err := send(); problem.KindOf(err) != problem.Damaged {
		t.Errorf("the authority's key: %v", err)
	}
	mend()
	clock.Forward(time.Minute) // the same letter is not signed twice in a second
	must(t, send())

	must(t, o.h.Door.Do(t.Context(), worker(o.ids["lead"]), access.Study, guard.Thing{Kind: access.Person, ID: o.ids["lead"]}, func(g *guard.Grant) error { _, err := o.h.Training.Mine(g); return err }))
	storetest.Damage(t, o.h.DB, "training_course", "sealed_text")
	must(t, o.h.Close())
	h, err = house.Open(t.Context(), o.h.Settings)
	must(t, err)
	t.Cleanup(func() { h.Close() })
	if err := h.Door.Do(t.Context(), worker(o.ids["lead"]), access.Study, guard.Thing{Kind: access.Person, ID: o.ids["lead"]}, func(g *guard.Grant) error { _, err := h.Training.Mine(g); return err }); problem.KindOf(err) != problem.Damaged {
		t.Errorf("the course: %v", err)
	}
}

// sealedColumns are all that the schema has, as table.column.
func sealedColumns(t *testing.T, o *office) (all []string) {
	t.Helper()
	must(t, o.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.List(tx, func(r store.Row) (s string, err error) { err = r.Scan(&s); return s, err }, `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND c.name LIKE 'sealed\_%' ESCAPE '\' ORDER BY 1`)
		return err
	}))
	return all
}

// TestEverySealedColumn turns a bit in one row of every sealed column that the schema has: who reads it is refused in a sentence, and never
// shown a wrong text or none in its place; other rows stay readable, and so does this one when it is whole again.
func TestEverySealedColumn(t *testing.T) {
	o, ids := secrets(t)
	o.written(t, ids)
	columns := sealedColumns(t, o)
	if len(columns) < 100 {
		t.Fatalf("only %d columns: %v", len(columns), columns)
	}
	d := &damaged{office: o}
	probers := map[string]*prober{}
	look := func(login, path string) (int, string) {
		if probers[login] == nil {
			probers[login] = o.prober(login)
		}
		return probers[login].answer(asked{method: "GET", path: path}, ids)
	}
	for _, r := range readings {
		for _, name := range strings.Fields(r.columns) {
			i := slices.Index(columns, name)
			if i < 0 {
				t.Errorf("there is no column %s", name)
				continue
			}
			columns = slices.Delete(columns, i, i+1)
			t.Run(name, func(t *testing.T) {
				table, column, _ := strings.Cut(name, ".")
				if !d.refused(t, table, column, func() (int, string) { return look(r.login, r.path) }, func() (int, string) { return look(r.byLogin, r.beside) }) {
					t.Errorf("no row of it is missed by %s at %s alone", r.login, r.path)
				}
				if status, page := look(r.login, r.path); status != http.StatusOK {
					t.Errorf("whole again: %d %.300s", status, page)
				}
			})
		}
	}
	for _, name := range columns {
		if slices.Contains(unread, name) {
			continue
		}
		dir, test, _ := strings.Cut(damagedElsewhere[name], " ")
		files, err := filepath.Glob("../../" + dir + "/*_test.go")
		must(t, err)
		if dir == "" || !slices.ContainsFunc(files, func(path string) bool {
			raw, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(raw), "func "+test+"(")
		}) {
			t.Errorf("nobody reads %s damaged", name)
		}
	}
}

// refused turns a bit in one row after the other, until one is missed by the one page and not by the other.
func (d *damaged) refused(t *testing.T, table, column string, look, beside func() (int, string)) (found bool) {
	t.Helper()
	for _, row := range d.rowsOf(t, table, column) {
		w := wound{column: column, table: table, where: "rowid = $1", key: row}
		d.turn(t, w, 1)
		status, page := look()
		other, _ := beside()
		d.turn(t, w, 1)
		if status == http.StatusOK {
			continue // it shows another row
		}
		if status != http.StatusInternalServerError || !strings.Contains(page, "没有显示任何内容") {
			t.Errorf("row %d damaged: %d %.400s", row, status, page)
		}
		if other == http.StatusOK {
			found = true
			break
		}
	}
	return found
}

// rowsOf are the rows in which something is sealed.
func (d *damaged) rowsOf(t *testing.T, table, column string) (all []int64) {
	t.Helper()
	must(t, d.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.List(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err },
			fmt.Sprintf(`SELECT rowid FROM %s WHERE LENGTH(%s) > 28 ORDER BY rowid`, table, column))
		return err
	}))
	if len(all) == 0 {
		t.Error("nothing is sealed in it: the firm of this test needs a row")
	}
	return all
}

// written does, by the pages, what leaves the sealed words that a furnished firm has not yet.
func (o *office) written(t *testing.T, ids map[string]string) {
	t.Helper()
	for name, on := range map[string][3]string{
		"skipped": {"keeper", "/matters/{matter}/carriers/balance", `name="number" value="([^"]+)"`},
		"place":   {"lead", "/matters/{matter}/review", `name="(place-[^"]+)"`},
		"missing": {"keeper", "/stock/{counted}", `name="carrier" value="([^"]+)"`},
	} {
		_, page := o.loggedIn(on[0]).get(filled(ids).Replace(on[1]))
		all := regexp.MustCompile(on[2]).FindAllStringSubmatch(page, -1)
		if all == nil {
			t.Fatalf("%s has no %s", on[1], on[2])
		}
		ids[name] = all[len(all)-1][1]
	}
	o.tell("lead", "PUT", "/matters/"+ids["matter"], object{"version": 0, "kind": "arbitration", "title": "股权回购仲裁", "summary": "概要", "client": object{"name": "沧浪环保有限公司", "kind": "company"},
		"parties": []object{{"role": "被申请人", "name": "北岭咨询有限公司", "identity": "2"}}}).done(t, "an edit", http.StatusNoContent)
	for _, a := range []struct {
		login, path string
		form        url.Values
	}{
		{"lead", "/matters/{matter}/keeping/hold", url.Values{"reason": {"法院保全裁定"}}},
		{"director", "/matters/{matter}/keeping/lift", url.Values{"reason": {"裁定已经解除"}}},
		{"lead", "/matters/{matter}/keeping/hold", url.Values{"reason": {"法院再次裁定"}}},
		{"outsider", "/matters/{own}/keeping/close", url.Values{"reason": {"已经和解"}}},
		{"lead", "/materials/{material}/basis", url.Values{"personal": {"sensitive"}, "basis": {"separate_consent"}, "ground_more": {"核实身份"}, "why_more": {"补填"}}},
		{"lead", "/materials/{material}/basis", url.Values{"personal": {"personal"}, "basis": {"law"}, "ground_more": {"律师法第三十五条"}, "why_more": {"说明有误"}}},
		{"lead", "/materials/{material}/release", url.Values{"person": {"{person}"}, "days": {"2"}, "cause": {"出庭"}}},
		{"handling", "/people/{person}/measures/reply", url.Values{"case": {"{warning}"}, "reply": {"会后已经取回"}}},
		{"director", "/people/{person}/measures/decide", url.Values{"case": {"{warning}"}, "measure": {"none"}, "why": {"已经改正"}}},
		{"handling", "/destruction/waste", url.Values{"pages": {"3"}, "level": {"secret"}, "method": {"pulp"}, "note": {"草稿"}}},
		{"keeper", "/matters/{matter}/carriers/balance", url.Values{"number": {"{skipped}"}, "reason": {"登记时误取号，没有实物"}}},
		{"lead", "/matters/{matter}/review", url.Values{"{place}": {"remove"}, "reason": {"不再办理"}}},
		{"keeper", "/stock/{counted}/settle", url.Values{"carrier": {"{missing}"}, "note": {"已在找"}}},
		{"security", "/people/{person}/mail", url.Values{"mail": {"handling@firm.example"}, "reason": {"新址"}}},
		{"security", "/devices/{device}/reach", url.Values{"address": {"ipp://192.0.2.7/ipp/print"}}},
	} {
		p := o.prober(a.login)
		if status, page := p.answer(asked{method: "POST", path: a.path, form: a.form}, ids); status != http.StatusSeeOther {
			_, said, _ := strings.Cut(page, "<main")
			t.Errorf("%s %s: %d %.1500s", a.login, a.path, status, said)
		}
	}
}
