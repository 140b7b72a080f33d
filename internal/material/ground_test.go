package material_test

import (
	"errors"
	"fmt"
	"slices"
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

// about files a proof of identity with what is said of personal information in it.
func (o *office) about(name string, d material.Ground) (string, error) {
	o.t.Helper()
	u, err := o.upload("lawyer", name, []byte(name))
	o.want(err, 0, "upload")
	return o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.Identity), Level: classification.Secret, Reason: "r", Reviewer: "lead", Ground: d})
}

func (o *office) record(person, id string, d material.Ground, why string) error {
	return o.door.Do(o.ctx, who(person), access.RecordBasis, o.thing(id), func(g *guard.Grant) error { return o.shelf.RecordBasis(g, d, why) })
}

func (o *office) changes(id string) (all []material.GroundChange) {
	o.t.Helper()
	o.want(o.door.Do(o.ctx, who("lead"), access.View, o.thing(id), func(g *guard.Grant) (err error) {
		all, err = o.shelf.GroundChanges(g)
		return err
	}), 0, "read the changes")
	return all
}

// TestGroundIsAskedAtReceipt: of identity and property it must be said whether there is personal information; what is said stands on the
// material, its note sealed; what is no answer, or lacks what the law wants written, is refused in its field.
func TestGroundIsAskedAtReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for i, c := range []struct {
			ground material.Ground
			field  string
		}{
			{material.Ground{}, "personal"},
			{material.Ground{Personal: 9}, "personal"},
			{material.Ground{Personal: classification.HasPersonal, Basis: "custom"}, "basis"},
			{material.Ground{Personal: classification.HasPersonal, Basis: classification.OtherLaw, Note: "  "}, "basis_note"},
			{material.Ground{Personal: classification.Sensitive, Basis: classification.Separate}, "basis_note"},
			{material.Ground{Personal: classification.HasPersonal, Basis: classification.Contract, Note: strings.Repeat("长", 501)}, "basis_note"},
			{material.Ground{Personal: classification.Sensitive, Basis: classification.Consent, Note: "核实身份"}, "basis"}, // article 29: the rule's own sentence
		} {
			_, err := o.about(fmt.Sprintf("%d.txt", i), c.ground)
			o.want(err, problem.Invalid, fmt.Sprint(c.ground))
			if got := fieldOf(err); got != c.field {
				t.Errorf("%v is refused at %q, want %q: %v", c.ground, got, c.field, err)
			}
		}
		said := material.Ground{Personal: classification.Sensitive, Basis: classification.Separate, Note: "核实法定代表人身份"}
		id, err := o.about("身份证.txt", said)
		o.want(err, 0, "file")
		if m, err := o.get("lead", id); err != nil || m.Ground != said {
			t.Errorf("on record is %+v, %v", m.Ground, err)
		}
		raw, err := sealedGround(o, id)
		if err != nil || len(raw) < 29 || strings.Contains(string(raw), "核实") {
			t.Errorf("the note lies as %q, %v", raw, err)
		}
		o.want(o.review("lead", id, classification.Secret), 0, "the review")

		// What holds none needs no basis: what the form remembers of an earlier one is not kept. Other kinds need not be asked.
		none, err := o.about("营业执照.txt", material.Ground{Personal: classification.NoPersonal, Basis: classification.Consent, Note: "旧"})
		o.want(err, 0, "file what holds none")
		paper := o.receive("代理词.txt", "代理词", []byte("代理词"), classification.Secret)
		for id, want := range map[string]material.Ground{none: {Personal: classification.NoPersonal}, paper: {}} {
			if m, err := o.get("lead", id); err != nil || m.Ground != want {
				t.Errorf("on record is %+v, %v", m.Ground, err)
			}
			o.want(o.review("lead", id, classification.Secret), 0, "the review")
		}
	})
}

func fieldOf(err error) string {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Field
	}
	return ""
}

func sealedGround(o *office, id string) (raw []byte, err error) {
	err = o.db.Read(o.ctx, func(tx *store.Tx) error {
		raw, err = store.Get(tx, func(r store.Row) (b []byte, err error) { err = r.Scan(&b); return b, err }, `SELECT sealed_ground FROM material WHERE id = $1`, id)
		return err
	})
	return raw, err
}

// TestNothingIsFiledWithoutItsBasis: the basis may come after the receipt; until it does the review is refused by 3.5, whoever is asked to
// review. Who proposed it, who answers for it and the lead give it; each change is kept with its reason, and is in the ledger without a text.
func TestNothingIsFiledWithoutItsBasis(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id, err := o.about("户口簿.txt", material.Ground{Personal: classification.Sensitive, Note: "办理继承"})
		o.want(err, 0, "file on no basis yet")
		o.want(o.review("lead", id, classification.Secret), problem.Refused, "review on no basis")
		if d, ok := guard.AsRefusal(o.review("lead", id, classification.Secret)); !ok || len(d.Reasons) != 1 || d.Reasons[0].Clause != "3.5" || d.Reasons[0].Step != "state-basis" {
			t.Errorf("the refusal is %+v", d)
		}
		o.want(o.chooseReviewer("lawyer", id, "outsider"), 0, "another reviewer while the basis is to come")
		o.want(o.review("outsider", id, classification.Secret), problem.Refused, "the other one's review")
		if n := o.baseless("lawyer"); n != 1 {
			t.Errorf("%d of the proposer's own wait for a basis", n)
		}
		if n := o.baseless("lead"); n != 0 {
			t.Errorf("%d wait for somebody who proposed none", n)
		}

		guardian := material.Ground{Personal: classification.Sensitive, Basis: classification.Guardian, Note: "办理继承"}
		o.want(o.record("outsider", id, guardian, "r"), problem.Absent, "the reviewer says it")
		o.want(o.record("trainee", id, guardian, "r"), problem.Refused, "another of the team says it")
		o.want(o.record("lawyer", id, guardian, " "), problem.Invalid, "for no reason")
		o.want(o.record("lawyer", id, material.Ground{}, "r"), problem.Invalid, "unsaying it")
		o.want(o.record("lawyer", id, material.Ground{Personal: classification.Sensitive, Basis: classification.Consent, Note: "办理继承"}, "r"), problem.Invalid, "a basis that is not enough")
		o.want(o.record("lawyer", id, guardian, "取得了监护人同意"), 0, "the proposer says it")
		o.want(o.record("lawyer", id, guardian, "再来一次"), problem.Invalid, "the same again")
		o.want(o.review("outsider", id, classification.Secret), 0, "the review with a basis")
		if n := o.baseless("lawyer"); n != 0 {
			t.Errorf("%d still wait", n)
		}

		law := material.Ground{Personal: classification.HasPersonal, Basis: classification.OtherLaw, Note: "律师法第三十五条"}
		o.want(o.record("lead", id, law, "原来的说明有误"), 0, "the lead says otherwise")
		all := o.changes(id)
		if len(all) != 2 || all[0].Before.Basis != "" || all[0].Before.Note != "办理继承" || all[0].Changed.Basis != classification.Guardian || all[0].Person != "lawyer" || all[0].Reason != "取得了监护人同意" ||
			all[1].Before != guardian || all[1].Changed.Personal != classification.HasPersonal || all[1].At.Before(all[0].At) {
			t.Errorf("the changes are %+v", all)
		}
		if m, err := o.get("lead", id); err != nil || m.Ground != law {
			t.Errorf("on record is %+v, %v", m.Ground, err)
		}
		notes := o.notes(access.RecordBasis, id)
		if len(notes) < 2 || strings.Contains(strings.Join(notes, " "), "律师法") || !strings.Contains(strings.Join(notes, " "), `"basis":"guardian_consent"`) {
			t.Errorf("the ledger has %q", notes)
		}
	})
}

func (o *office) chooseReviewer(person, id, reviewer string) error {
	return o.door.Do(o.ctx, who(person), access.Propose, o.thing(id), func(g *guard.Grant) error { return o.shelf.ChooseReviewer(g, "外出", reviewer) })
}

func (o *office) baseless(person string) (n int) {
	o.t.Helper()
	o.want(o.door.Do(o.ctx, who(person), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		n, err = o.shelf.Baseless(g)
		return err
	}), 0, "count")
	return n
}

// notes are the details of what the ledger has of the act on a material.
func (o *office) notes(act access.Act, id string) (all []string) {
	o.t.Helper()
	o.want(o.db.Read(o.ctx, func(tx *store.Tx) error {
		entries, err := o.ledger.Query(tx, ledger.Query{Act: string(act), Thing: id, Limit: 20, Detail: true})
		for _, e := range entries {
			all = append(all, string(e.Detail))
		}
		return err
	}), 0, "read the ledger")
	return all
}

// TestWhatCameBeforeTheQuestion: a material of before was not asked. It is read, its review goes on, and it is completed when somebody
// comes to it; a list finds it.
func TestWhatCameBeforeTheQuestion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		old, err := o.about("旧身份证.txt", material.Ground{Personal: classification.NoPersonal})
		o.want(err, 0, "file")
		o.want(db.Update(o.ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE material SET personal = 0 WHERE id = $1`, old)
			return err
		}), 0, "make it one of before")
		if m, err := o.get("lead", old); err != nil || m.Ground != (material.Ground{}) {
			t.Errorf("it is %+v, %v", m.Ground, err)
		}
		o.want(o.review("lead", old, classification.Secret), 0, "its review")
		personal, err := o.about("名册.txt", material.Ground{Personal: classification.HasPersonal, Basis: classification.Contract})
		o.want(err, 0, "file")
		sensitive, err := o.about("病历.txt", material.Ground{Personal: classification.Sensitive})
		o.want(err, 0, "file")
		for filter, want := range map[string][]string{"unasked": {old}, "none": nil, "personal": {personal}, "sensitive": {sensitive}, "baseless": {sensitive}, "": {sensitive, personal, old}} {
			got, _ := o.page(material.Filter{Ground: filter})
			if !slices.Equal(got, want) {
				t.Errorf("narrowed to %q: %v, want %v", filter, got, want)
			}
		}
		o.want(o.door.Do(o.ctx, who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
			_, err := o.shelf.List(g, material.Filter{Ground: "secret"})
			return err
		}), problem.Invalid, "a filter that there is not")
		// Who may not view it does not find it by what it holds either.
		o.want(o.door.Do(o.ctx, who("outsider"), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
			page, err := o.shelf.List(g, material.Filter{Ground: "sensitive"})
			if len(page.Rows) > 0 || page.More {
				t.Errorf("an outsider finds %+v", page)
			}
			return err
		}), 0, "an outsider's list")
		o.want(o.record("lead", old, material.Ground{Personal: classification.HasPersonal, Basis: classification.LegalDuty}, "收件时没有询问，补填"), 0, "complete it")
		if all := o.changes(old); len(all) != 1 || all[0].Before != (material.Ground{}) {
			t.Errorf("the changes are %+v", all)
		}
	})
}

// TestProposalsKeepTheirBasis: a change of level of what holds personal information on no basis waits for the basis like a new one.
func TestProposalsKeepTheirBasis(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id, err := o.about("名册.txt", material.Ground{Personal: classification.HasPersonal, Basis: classification.Published})
		o.want(err, 0, "file")
		o.want(o.review("lead", id, classification.Secret), 0, "the review")
		o.want(o.record("lawyer", id, material.Ground{Personal: classification.Sensitive}, "原来的说明有误"), 0, "it was no basis")
		thing := o.thing(id)
		thing.Level = classification.Confidential
		o.want(o.door.Do(o.ctx, who("lawyer"), access.Propose, thing, func(g *guard.Grant) error { return o.shelf.Propose(g, "已公开", "lead") }), 0, "propose another level")
		o.want(o.review("lead", id, classification.Confidential), problem.Refused, "the review on no basis")
		o.want(o.record("lead", id, material.Ground{Personal: classification.Sensitive, Basis: classification.Separate, Note: "核实身份"}, "已经取得同意"), 0, "the lead gives it")
		o.want(o.review("lead", id, classification.Confidential), 0, "the review")
	})
}
