package store_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// cable is the network between the program and its server: it can be cut and mended.
type cable struct {
	listener net.Listener
	server   func() (net.Conn, error)
	mu       sync.Mutex
	cut      bool
	ends     []net.Conn
}

// throughCable gives the options of a database that is reached through a cable.
func throughCable(t *testing.T) (*cable, store.Options) {
	t.Helper()
	o := storetest.Options(t, store.PostgreSQL)
	u, err := url.Parse(o.URL)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	if socket := u.Query().Get("host"); socket != "" {
		network, address = "unix", filepath.Join(socket, ".s.PGSQL.5432")
	}
	c := &cable{server: func() (net.Conn, error) { return net.Dial(network, address) }}
	if c.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.listener.Close(); c.set(true) })
	go c.serve()
	q := u.Query()
	q.Del("host")
	u.Host, u.RawQuery = c.listener.Addr().String(), q.Encode()
	return c, store.Options{URL: u.String()}
}

func (c *cable) serve() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := c.server()
		if err != nil || !c.join(client, server) {
			client.Close()
			continue
		}
		go func() { io.Copy(server, client); server.Close() }()
		go func() { io.Copy(client, server); client.Close() }()
	}
}

func (c *cable) join(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		for _, end := range ends {
			end.Close()
		}
		return false
	}
	c.ends = append(c.ends, ends...)
	return true
}

// set cuts or mends the cable; cutting breaks what runs over it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		for _, end := range c.ends {
			end.Close()
		}
		c.ends = nil
	}
}

func needPostgres(t *testing.T) bool {
	t.Helper()
	engines := storetest.Engines()
	return engines[len(engines)-1] == store.PostgreSQL
}

func TestServerGoneAndBack(t *testing.T) {
	if !needPostgres(t) {
		return
	}
	c, o := throughCable(t)
	db := storetest.Reopen(t, o)
	if err := db.Migrate(ctx, notes); err != nil {
		t.Fatal(err)
	}
	insert(t, db, "a", 1)
	wantIDs(t, db, "a")

	c.set(true)
	if err := db.Update(ctx, adding("b", 2)); !problem.Is(err, problem.Unavailable) {
		t.Errorf("update without a server: %v", err)
	}
	if err := db.Ping(ctx); !problem.Is(err, problem.Unavailable) {
		t.Errorf("read without a server: %v", err)
	}
	c.set(false)
	insert(t, db, "c", 3)
	wantIDs(t, db, "a", "c")

	// A server that went and came back while nobody asked has left dead connections behind; nobody notices.
	c.set(true)
	c.set(false)
	insert(t, db, "d", 4)
	c.set(true)
	c.set(false)
	wantIDs(t, db, "a", "c", "d")
}

func TestServerGoneInTheMiddle(t *testing.T) {
	if !needPostgres(t) {
		return
	}
	c, o := throughCable(t)
	db := storetest.Reopen(t, o)
	if err := db.Migrate(ctx, notes); err != nil {
		t.Fatal(err)
	}
	err := db.Update(ctx, func(tx *store.Tx) error {
		if err := add(tx, "a", 1); err != nil {
			return err
		}
		c.set(true)
		return nil
	})
	if !problem.Is(err, problem.Unavailable) {
		t.Errorf("cut before the commit: %v", err)
	}
	c.set(false)
	err = db.Update(ctx, func(tx *store.Tx) error {
		c.set(true)
		return add(tx, "b", 2)
	})
	if !problem.Is(err, problem.Unavailable) {
		t.Errorf("cut before a statement: %v", err)
	}
	c.set(false)
	if err := db.Read(ctx, func(tx *store.Tx) error {
		c.set(true)
		_, err := store.List(tx, text, `SELECT id FROM note`)
		return err
	}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("cut before a read: %v", err)
	}
	c.set(false)
	insert(t, db, "c", 3)
	wantIDs(t, db, "c")
}

func TestUnreachableServerIsSaid(t *testing.T) {
	brief, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, address := range []string{"postgres://127.0.0.1:1/none", "postgres:///none?host=" + t.TempDir()} {
		if _, err := store.Open(brief, store.Options{URL: address}); !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
