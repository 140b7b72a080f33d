package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mijuan/internal/schema"
	"mijuan/internal/store"
)

// server is the address of the server's maintenance database, found or started once a process.
var server = sync.OnceValues(func() (string, error) {
	if address := os.Getenv("MIJUAN_TEST_POSTGRES"); address != "" {
		return address, nil
	}
	return joinCluster()
})

// template is the name of the migrated database that fresh ones are copied from.
var template = sync.OnceValues(func() (string, error) {
	address, err := server()
	if err != nil {
		return "", err
	}
	return makeTemplate(address)
})

// freshPostgres makes a database for one test and gives its address.
func freshPostgres(t testing.TB) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatalf("PostgreSQL for tests (set MIJUAN_TEST_POSTGRES, or MIJUAN_TEST_NO_POSTGRES=1 to do without): %v", err)
	}
	return copied(t, from)
}

// Copy makes a second database with what is in the one at a PostgreSQL address, which nobody has open, and gives its address.
func Copy(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return copied(t, strings.TrimPrefix(u.Path, "/"))
}

// Refill puts what is in the database at a PostgreSQL address, which nobody has open, in place of what is at another one.
func Refill(t testing.TB, address, from string) {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	of, err := url.Parse(from)
	if err != nil {
		t.Fatal(err)
	}
	maintenance, _ := server()
	name := strings.TrimPrefix(at.Path, "/")
	if err := command(maintenance, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
		t.Fatal(err)
	}
	if err := duplicate(maintenance, name, strings.TrimPrefix(of.Path, "/")); err != nil {
		t.Fatal(err)
	}
}

// Lasting makes a migrated PostgreSQL database that outlives the test, and gives its address and how to drop it.
func Lasting() (address string, drop func() error, err error) {
	from, err := template()
	if err != nil {
		return "", nil, err
	}
	maintenance, _ := server()
	name := newName()
	drop = func() error { return command(maintenance, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)) }
	return sibling(maintenance, name), drop, duplicate(maintenance, name, from)
}

func newName() string { return "mijuan_test_" + strings.ToLower(rand.Text()[:16]) }

func duplicate(maintenance, name, from string) error {
	create := func() error { return command(maintenance, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, from)) }
	err := create()
	for tries := 0; err != nil && strings.Contains(err.Error(), "55006") && tries < 50; tries++ { // a session that has just ended is still seen
		time.Sleep(100 * time.Millisecond)
		err = create()
	}
	return err
}

func copied(t testing.TB, from string) string {
	t.Helper()
	address, _ := server()
	name := newName()
	if err := duplicate(address, name, from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command(address, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Error(err)
		}
	})
	return sibling(address, name)
}

// command runs one statement on the maintenance database.
func command(address string, statements ...string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, s := range statements {
		if _, err := c.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// sibling is the address of another database on the same server.
func sibling(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // pgx has read it before
	}
	u.Path = "/" + name
	return u.String()
}

// makeTemplate migrates a database for this state of the schema, unless another process has. Its name carries the schema's
// hash; it is renamed to it when it is whole.
func makeTemplate(address string) (string, error) {
	name := "mijuan_template_" + schemaHash()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock(77)"); err != nil {
		return "", err
	}
	var there bool
	if err := c.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	draft := name + "_draft"
	if err := command(address, "DROP DATABASE IF EXISTS "+draft+" WITH (FORCE)", "CREATE DATABASE "+draft+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"); err != nil {
		return "", err
	}
	if err := migrate(store.Options{URL: sibling(address, draft)}); err != nil {
		return "", err
	}
	return name, command(address, "ALTER DATABASE "+draft+" RENAME TO "+name)
}

func schemaHash() string {
	h := sha256.New()
	err := fs.WalkDir(schema.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := schema.FS.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		panic(err) // an embedded file
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
