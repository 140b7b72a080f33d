package matter

import (
	"sync"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Key unwraps the matter's age identity. The caller's grant has decided that the matter's bytes may be touched.
func (b *Book) Key(tx *store.Tx, id string) (*vault.MatterKey, error) {
	sealed, err := store.Get(tx, func(r store.Row) (s []byte, err error) { err = r.Scan(&s); return s, err },
		`SELECT sealed_key FROM matter WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 {
		return nil, problem.New(problem.Absent, "本案的资料已经全部销毁，密钥不复存在")
	}
	return b.opened.key(id, string(sealed), func() (*vault.MatterKey, error) { return b.keys.MatterKey(id, sealed) })
}

// mostOpened bounds the matter keys that are kept open.
const mostOpened = 1000

// opened keeps the keys of matters that are being worked on: opening one costs a key generation, in the middle of a transaction.
// A key counts only beside the sealed one that it was opened from, so that one destroyed in the database opens nothing more.
type opened struct {
	mu   sync.Mutex
	keys map[string]openedKey
}

type openedKey struct {
	sealed string
	key    *vault.MatterKey
}

func (o *opened) key(id, sealed string, open func() (*vault.MatterKey, error)) (*vault.MatterKey, error) {
	o.mu.Lock()
	known, ok := o.keys[id]
	o.mu.Unlock()
	if ok && known.sealed == sealed {
		return known.key, nil
	}
	key, err := open()
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.keys) >= mostOpened || o.keys == nil {
		o.keys = map[string]openedKey{}
	}
	o.keys[id] = openedKey{sealed, key}
	return key, nil
}
