package media

import "mijuan/internal/store"

// WrittenTo are the carriers, by id, to which a material was ever exported. Whether the reader may know, the caller's act decides.
func WrittenTo(tx *store.Tx, material string) ([]string, error) {
	return store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) },
		`SELECT DISTINCT e.carrier FROM media_export e JOIN media_export_item i ON i.export = e.id WHERE i.material = $1 AND e.issued > 0 AND e.carrier <> '' ORDER BY e.carrier`, material)
}
