// Package job is work queued in the transaction that asks for it.
package job

import (
	"time"

	"mijuan/internal/store"
)

// Queue asks for work of the kind at the time; payload is sealed by the caller.
func Queue(tx *store.Tx, kind string, payload []byte, at time.Time) (id string, err error) {
	panic("skeleton")
}
