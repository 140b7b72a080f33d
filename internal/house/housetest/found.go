package housetest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"sync"
	"testing"
	"time"

	"mijuan/internal/house"
	"mijuan/internal/storetest"
)

// model is a firm with its staff that was made once in this process and is closed; tests work in copies.
type model struct {
	data, database string // database: its address on PostgreSQL, empty on SQLite
	made           time.Time
	ids, tokens    map[string]string
	drop           func()
}

var (
	modelLock sync.Mutex
	models    = map[bool]*model{} // by whether it stands on PostgreSQL
)

// Found gives the firm with its staff, open; it closes with the test. Firms are copies of one, unless the settings would have made another.
func Found(t testing.TB, s house.Settings) *Office {
	t.Helper()
	m := modelFor(t, s)
	if m == nil {
		return found(t, s)
	}
	Must(t, os.CopyFS(s.Data, os.DirFS(m.data)))
	if s.Database != "" {
		storetest.Refill(t, s.Database, m.database)
	}
	h, err := house.Open(context.Background(), s)
	Must(t, err)
	t.Cleanup(func() { h.Close() })
	return &Office{T: t, House: h, IDs: maps.Clone(m.ids), Tokens: maps.Clone(m.tokens)}
}

// found makes the firm with its staff.
func found(t testing.TB, s house.Settings) *Office {
	t.Helper()
	h, err := house.Create(context.Background(), s)
	Must(t, err)
	o := &Office{T: t, House: h, IDs: map[string]string{}, Tokens: map[string]string{}}
	t.Cleanup(func() { h.Close() })
	for login, posts := range Staff {
		o.Hire(login, posts...)
	}
	return o
}

// modelFor is the firm to copy for these settings, or nil: where they put something else on record from the first hour, and where the clock
// stands before the model was made.
func modelFor(t testing.TB, s house.Settings) *model {
	t.Helper()
	if s.Origin != "" || s.Witnesses != nil || s.TSA != "" || s.Fault != nil {
		return nil
	}
	modelLock.Lock()
	defer modelLock.Unlock()
	m := models[s.Database != ""]
	if m != nil {
		if _, err := os.Stat(m.data); err != nil { // it was made while a test had a temporary directory of its own
			m = nil
		}
	}
	if m == nil {
		m = makeModel(t, s)
		models[s.Database != ""] = m
	}
	if s.Now != nil && s.Now().Before(m.made) {
		return nil
	}
	return m
}

func makeModel(t testing.TB, s house.Settings) *model {
	t.Helper()
	var err error
	m := &model{}
	m.data, err = os.MkdirTemp("", fmt.Sprintf("mijuan-test-firm-%d-", os.Getpid()))
	Must(t, err)
	of := house.Settings{Data: m.data, Root: s.Root, Worker: s.Worker, Workers: 1, Cache: s.Cache, Hashing: s.Hashing, Office: s.Office, Bucket: s.Bucket}
	m.drop = func() { _ = os.RemoveAll(m.data) }
	if s.Database != "" {
		var drop func() error
		m.database, drop, err = storetest.Lasting()
		Must(t, err)
		of.Database, m.drop = m.database, func() { _, _ = drop(), os.RemoveAll(m.data) }
	}
	o := found(t, of)
	Must(t, o.House.Close())
	m.ids, m.tokens, m.made = o.IDs, o.Tokens, time.Now()
	return m
}

// DropModels removes what the tests have made copies of. Main does; a package with a TestMain of its own calls it at the end.
func DropModels() {
	for _, m := range models {
		m.drop()
	}
}
