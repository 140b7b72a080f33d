package house

import (
	"mijuan/internal/access"
	"mijuan/internal/store"
)

// Labels names things in the ledger by number or name.
func (h *House) Labels(tx *store.Tx, kind access.Kind, ids []string) (map[string]string, error) {
	switch kind {
	case access.Person:
		return h.People.Names(tx, ids)
	case access.Matter:
		return h.Matters.Numbers(tx, ids)
	case access.Material:
		return h.Shelf.Numbers(tx, ids)
	case access.Carrier:
		return h.Carriers.Numbers(tx, ids)
	case access.Destruction:
		return h.Retention.Numbers(tx, ids)
	case access.Approval:
		return h.Approvals.Numbers(tx, ids)
	case access.Medium:
		return h.Media.Numbers(tx, ids)
	case access.Export:
		return h.Media.ExportNumbers(tx, ids)
	case access.Incident:
		return h.Incidents.Numbers(tx, ids)
	case access.Danger:
		return h.Dangers.Numbers(tx, ids)
	case access.Firm, access.Ledger:
	}
	return nil, nil
}
