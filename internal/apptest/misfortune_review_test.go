package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"mijuan/internal/house"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

const rivals = 18

// atTheSameTime makes the same attempt for many and gives their answers.
func atTheSameTime(n int, attempt func(i int) answer) []answer {
	var all sync.WaitGroup
	answers, start := make([]answer, n), make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			answers[i] = attempt(i)
		})
	}
	close(start)
	all.Wait()
	return answers
}

// winner wants just one answer of success and the others refused in one of the sentences, and gives who won.
func winner(t *testing.T, answers []answer, losers ...string) (won int) {
	t.Helper()
	won = -1
	for i, a := range answers {
		switch said := a.sentence(); {
		case a.broken == nil && a.status < 300 && won < 0:
			won = i
		case a.broken == nil && a.status < 300:
			t.Errorf("%d and %d both succeed", won, i)
		case a.broken != nil || a.status != http.StatusConflict && a.status != http.StatusForbidden && a.status != http.StatusNotFound || !containsAny(said, losers):
			t.Errorf("%d loses with %d %q %v", i, a.status, said, a.broken)
		}
	}
	if won < 0 {
		t.Fatal("nobody succeeds")
	}
	return won
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// TestReviewersAtOnce has one upload filed, one proposal reviewed and one level doubted by many at the same moment, through two
// processes where there can be two: each time one wins, the others are told why not, and the ledger tells of one.
func TestReviewersAtOnce(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := onEngine(t, engine)
			o := found(t, s)
			doors := []*office{o}
			if engine == store.PostgreSQL {
				h, err := house.Open(context.Background(), s)
				must(t, err)
				t.Cleanup(func() { h.Close() })
				doors = append(doors, &office{t: t, h: h, server: open(t, h), ids: o.ids, tokens: o.tokens})
			}
			matter := o.openMatter("合同纠纷", "云麓科技有限公司")
			for round := range 3 {
				rivalry{o, doors, matter}.run(t, round)
			}
			o.sound(t)
		})
	}
}

type rivalry struct {
	o      *office
	doors  []*office
	matter string
}

func (r rivalry) run(t *testing.T, round int) {
	upload, status := r.o.upload("handling", r.matter, "a.txt", fmt.Appendf(nil, "第 %d 份", round))
	if status != http.StatusCreated {
		t.Fatal(status)
	}
	answers := atTheSameTime(rivals, func(i int) answer {
		return r.door(i).tell("handling", "POST", "/matters/"+r.matter+"/materials", []object{{"upload": upload, "kinds": []string{"case_paper"}, "level": "secret", "reason": "含诉讼策略", "reviewer": r.o.ids["lead"]}})
	})
	var filed []string
	must(t, json.Unmarshal(answers[winner(t, answers, "没有这次上传", "已经处理过")].body, &filed))
	id := filed[0]

	levels := []string{"confidential", "secret", "top_secret"}
	answers = atTheSameTime(rivals, func(i int) answer {
		return r.door(i).tell("lead", "POST", "/materials/"+id+"/review", object{"level": levels[i%3], "reason": fmt.Sprintf("第 %d 人认为如此", i)})
	})
	level := levels[winner(t, answers, "没有待审核的定密", "已由别人审核")%3]
	r.holds(t, id, "filed", level)
	r.recorded(t, id, "review", level)

	other := map[string]string{"confidential": "secret", "secret": "confidential", "top_secret": "secret"}[level]
	answers = atTheSameTime(rivals, func(i int) answer {
		return r.door(i).tell("lead", "POST", "/materials/"+id+"/proposals", object{"level": other, "reason": "情况有变", "reviewer": r.o.ids["outsider"]})
	})
	winner(t, answers, "有一项密级审核尚未完成")
	if n := one[int](t, r.o.h, `SELECT COUNT(*) FROM leveling WHERE material = $1 AND kind = 'propose'`, id); n != 2 {
		t.Errorf("%d proposals stand in the register, one at the filing and one since", n)
	}
}

func (r rivalry) door(i int) *office { return r.doors[i%len(r.doors)] }

// holds wants the material as the one that won has left it.
func (r rivalry) holds(t *testing.T, id, state, level string) {
	t.Helper()
	var m struct{ State, Level string }
	if r.o.call("lead", "GET", "/materials/"+id, nil, &m); m.State != state || m.Level != level {
		t.Errorf("it is %s at %s, not %s at %s", m.State, m.Level, state, level)
	}
}

// recorded wants one allowed act in the ledger and in the register, with the level of the one that won, and the refusals of the others.
func (r rivalry) recorded(t *testing.T, id, act, level string) {
	t.Helper()
	outcomes := map[string]int{}
	for _, l := range r.o.history(t, id) {
		if l.Act != act {
			continue
		}
		outcomes[l.Outcome]++
		if l.Outcome == "allowed" && l.Notes["final"] != level {
			t.Errorf("the ledger tells of %v, it is %s", l.Notes["final"], level)
		}
	}
	if outcomes["allowed"] != 1 || outcomes["refused"]+outcomes["failed"] != rivals-1 {
		t.Errorf("the ledger tells of %v", outcomes)
	}
	if n := one[int](t, r.o.h, `SELECT COUNT(*) FROM leveling WHERE material = $1 AND kind = $2`, id, act); n != 1 {
		t.Errorf("%d rows stand in the register", n)
	}
}
