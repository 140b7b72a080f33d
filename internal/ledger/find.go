package ledger

import (
	"slices"

	"mijuan/internal/problem"
)

// Find gives the entries of an exported ledger about things of a kind, oldest first. It checks nothing: Verify the export first.
func Find(dir, kind string, things ...string) (found []Entry, err error) {
	in := inDir(dir)
	m, err := in.manifest()
	if err != nil {
		return nil, err
	}
	if m.Format != exportFormat {
		return nil, problem.New(problem.Invalid, "这是一个案件的台账摘录，不是全所台账的导出件")
	}
	for _, t := range tilesOf(entryLevel, int64(m.Size)) {
		bundle, err := in.read(t.path())
		if err != nil {
			return nil, err
		}
		for len(bundle) > 0 {
			leaf, rest, ok := cutBundled(bundle)
			if !ok {
				return nil, problem.New(problem.Damaged, "导出件已损坏：%s", t.path())
			}
			bundle = rest
			r, err := parseLeaf(leaf)
			if err != nil {
				return nil, problem.New(problem.Damaged, "导出件已损坏：%s", t.path()).Because(err)
			}
			if r.Kind == kind && slices.Contains(things, r.Thing) {
				found = append(found, r.Entry)
			}
		}
	}
	return found, nil
}
