package material

import (
	"errors"
	"fmt"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// ForExport gives materials of one matter that the caller may export: each filed, and within what the caller may know. One that is not is
// problem.Conflict, or problem.Absent where the caller may not know it. The act is prepareExport, or one on the export.
func (s *Shelf) ForExport(g *guard.Grant, ids []string) ([]Material, error) {
	tx, in := g.Tx(access.PrepareExport, access.ScanExport, access.ExportToMedium, access.FetchExport), g.Facts().Thing.Matter
	all := make([]Material, 0, len(ids))
	for _, id := range ids {
		m, err := s.get(tx, id)
		if err != nil && !errors.Is(err, store.ErrNone) {
			return nil, err
		}
		if known, err := s.known(g, m); err != nil {
			return nil, err
		} else if !known || m.Matter != in {
			return nil, problem.New(problem.Absent, "没有找到，或者您无权知悉")
		}
		if m.State != Filed {
			return nil, problem.New(problem.Conflict, "资料 %s 尚未定密或者限制使用，不能导出", m.Number)
		}
		all = append(all, m)
	}
	return all, nil
}

// known reports whether the caller may view a material now.
func (s *Shelf) known(g *guard.Grant, m Material) (bool, error) {
	if m.ID == "" {
		return false, nil
	}
	where, err := matter.Relation(g.Tx(), m.Matter, g.Who().Person)
	thing := access.Resource{Kind: access.Material, ID: m.ID, Matter: m.Matter, Level: m.Level, State: m.State, Proposer: m.Proposer, Reviewer: m.Reviewer, Owner: m.Owner, Kindless: m.Kinds == 0, Exists: true}
	return err == nil && g.May(access.View, thing, where), err
}

// Exported tells of the materials of an export those that the reader may know. The act is viewExport.
func (s *Shelf) Exported(g *guard.Grant, ids []string) (map[string]Material, error) {
	tx, all := g.Tx(access.ViewExport), map[string]Material{}
	for _, id := range ids {
		m, err := s.get(tx, id)
		if errors.Is(err, store.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		known, err := s.known(g, m)
		if err != nil {
			return nil, err
		}
		if known {
			all[id] = m
		}
	}
	return all, nil
}

// UnsealAll takes the keys of an export's materials out of the vault, to scan them or to pack them. The versions are those that were
// chosen: another is problem.Conflict.
func (s *Shelf) UnsealAll(g *guard.Grant, ids, versions []string) ([]*Key, error) {
	all, err := s.ForExport(g, ids)
	if err != nil {
		return nil, err
	}
	key, err := s.book.Key(g.Tx(access.ScanExport, access.FetchExport), g.Facts().Thing.Matter)
	if err != nil {
		return nil, fmt.Errorf("open the matter's key: %w", err)
	}
	keys := make([]*Key, len(all))
	for i, m := range all {
		if m.Version.ID != versions[i] {
			return nil, problem.New(problem.Conflict, "资料 %s 已经换了版本，请重新拟定导出", m.Number)
		}
		keys[i] = &Key{Material: m, matter: key}
	}
	return keys, nil
}
