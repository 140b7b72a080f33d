package material_test

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func (o *office) choose(person, id, reviewer string) error {
	return o.door.Do(o.ctx, who(person), access.Propose, o.thing(id), func(g *guard.Grant) error { return o.shelf.ChooseReviewer(g, "审核人外出", reviewer) })
}

// TestNobodyWaitsForWhoCannotReview: a reviewer is one whom the rules let review, when the form is sent and when another level is proposed.
func TestNobodyWaitsForWhoCannotReview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		u, err := o.upload("lawyer", "a.txt", []byte("甲"))
		o.want(err, 0, "upload")
		filed := o.receive("b.txt", "证据目录", []byte("乙"), classification.Confidential)
		o.want(o.review("lead", filed, classification.Confidential), 0, "review")
		propose := func(reviewer string) error {
			thing := guard.Thing{Kind: access.Material, ID: filed, Level: classification.Secret}
			return o.door.Do(o.ctx, who("lead"), access.Propose, thing, func(g *guard.Grant) error { return o.shelf.Propose(g, "含诉讼策略", reviewer) })
		}
		for _, unfit := range []string{"director", "auditor", "walled", "untrained", "stranger"} {
			_, err := o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Secret, Reason: "r", Reviewer: unfit})
			o.want(err, problem.Invalid, unfit+" is to review what comes in")
			o.want(propose(unfit), problem.Invalid, unfit+" is to review another level")
		}
		o.want(propose("lawyer"), 0, "somebody fit")
	})
}

// TestAnotherReviewer: what waits for somebody who is away is given to another by its proposer or the lead, and by nobody else.
func TestAnotherReviewer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.receive("a.txt", "代理词", []byte("内容"), classification.Secret)
		o.want(o.choose("lead", id, "lawyer"), problem.Invalid, "the proposer reviews")
		o.want(o.choose("lawyer", id, "lead"), problem.Invalid, "the same again")
		o.want(o.choose("lawyer", id, "walled"), problem.Invalid, "somebody behind the wall")
		o.want(o.choose("trainee", id, "outsider"), problem.Refused, "a member chooses")
		o.want(o.choose("lawyer", id, "outsider"), 0, "the proposer chooses")
		o.want(o.choose("outsider", id, "lead"), problem.Absent, "a reviewer from outside passes it on")
		o.want(o.review("lead", id, classification.Secret), problem.Refused, "the one before reviews")
		o.want(o.choose("lead", id, "trainee"), 0, "the lead chooses")
		o.want(o.choose("trainee", id, "outsider"), problem.Refused, "the reviewer passes it on")
		_, err := o.get("outsider", id)
		o.want(err, problem.Absent, "who does not review any more looks")
		o.want(o.review("trainee", id, classification.Secret), 0, "the last one reviews")
		o.want(o.choose("lead", id, "outsider"), problem.Conflict, "after the review")
		var levels []material.Leveling
		o.want(o.door.Do(o.ctx, who("lead"), access.View, o.thing(id), func(g *guard.Grant) (err error) {
			levels, err = o.shelf.Levels(g)
			return err
		}), 0, "read the register")
		var kinds string
		for _, l := range levels {
			kinds += l.Kind + ":" + l.Reviewer + " "
		}
		if kinds != "propose:lead reviewer:outsider reviewer:trainee review:trainee " {
			t.Errorf("the register tells %s", kinds)
		}
	})
}
