package retention

import (
	"context"
	"fmt"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Ask asks for leave to carry a list out, once it is arranged: the rules say whose. The caller is the destroyer; the rules refuse others.
func (r *Room) Ask(ctx context.Context, who guard.Who, id string) error {
	return r.Door.Ask(ctx, who, access.Destroy, guard.Thing{Kind: access.Destruction, ID: id}, func(g *guard.Grant) error {
		l, err := r.one(g.Tx(access.RequestApproval), id)
		if err != nil {
			return err
		}
		if l.Arranged.IsZero() {
			return problem.New(problem.Conflict, "还没有安排销毁方法、地点和监销人")
		}
		asked, err := r.Approvals.Of(g.Tx(), access.Destroy, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(asked, func(q approval.Request) bool {
			return q.State == approval.Pending || q.State == approval.Approved
		}) {
			return problem.New(problem.Conflict, "已经申请过批准，正在办理或者可以使用")
		}
		materials, carriers := 0, 0
		for _, i := range l.ToDestroy() {
			if i.Kind == access.Material {
				materials++
			} else {
				carriers++
			}
		}
		_, err = r.Approvals.Request(g, approval.Ask{Purpose: "销毁清册 " + l.Number, Scope: fmt.Sprintf("电子资料 %d 份，载体 %d 份", materials, carriers), Measures: MethodOf(l.Method).Name + MethodOf(l.Digital).Name})
		return err
	})
}

// Asked are the requests for leave to carry out a list, the last first. The act is viewDestruction.
func (r *Room) Asked(g *guard.Grant) ([]approval.Request, error) {
	return r.Approvals.Of(g.Tx(access.ViewDestruction), access.Destroy, g.Only(access.Destruction))
}

// permit is the leave that a caller can use now, with who gave it.
func (r *Room) permit(tx *store.Tx, who guard.Who, thing guard.Thing) (id string, approvers []string, err error) {
	p, err := r.Approvals.Find(tx, who, access.Destroy, thing)
	if err == nil && p.ID == "" {
		err = problem.New(problem.Conflict, "没有可以使用的批准：还没有批准，或者已经过期")
	}
	if err != nil {
		return "", nil, err
	}
	approvers, err = r.deciders(tx, thing.ID, p.ID)
	return p.ID, approvers, err
}

// deciders are who said yes to a request, without repeating.
func (r *Room) deciders(tx *store.Tx, list, permit string) (all []string, err error) {
	asked, err := r.Approvals.Of(tx, access.Destroy, list)
	for _, q := range asked {
		for _, s := range q.Seats {
			if q.ID == permit && s.Decision == approval.Yes && !slices.Contains(all, s.DecidedBy) {
				all = append(all, s.DecidedBy)
			}
		}
	}
	return all, err
}
