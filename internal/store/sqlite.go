package store

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"
	sqlite "github.com/ncruces/go-sqlite3/driver"
)

// keySize is Adiantum's.
const keySize = 32

// pragmas hold on every connection of the pool. Temporary data stays in memory; what is deleted is overwritten, so that a
// deleted object header is gone; commits survive the loss of power.
const pragmas = `
	PRAGMA journal_mode = WAL;
	PRAGMA synchronous = FULL;
	PRAGMA foreign_keys = ON;
	PRAGMA temp_store = MEMORY;
	PRAGMA secure_delete = ON;
	PRAGMA trusted_schema = OFF;
	PRAGMA cache_size = -8192;
	PRAGMA cache_spill = OFF;
	PRAGMA wal_autocheckpoint = 8000;
	PRAGMA journal_size_limit = 67108864`

func poolSQLite(path string, key []byte) (*sql.DB, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("the database key has %d bytes, not %d", len(key), keySize)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, away(err)
	}
	// Any _timefmt but the default keeps the driver from reading text that looks like a time as one.
	address := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"vfs": {sealedVFS}, "modeof": {path}, "_timefmt": {"sqlite"}}.Encode()}
	secret := "PRAGMA hexkey = '" + hex.EncodeToString(key) + "'"
	return sqlite.Open(address.String(), func(c *sqlite3.Conn) error { return unlock(c, secret) })
}

// unlock makes a new connection ready.
func unlock(c *sqlite3.Conn, secret string) error {
	if err := c.Exec(secret + "; PRAGMA busy_timeout = 10000"); err != nil {
		return errors.New("the database key was not taken") // the cause would quote the key
	}
	pages, err := pragma(c, "page_count") // the first look at the file, which a wrong key turns to noise
	if err == nil && pages == 0 {
		err = c.EnableChecksums("main")
	}
	if err == nil {
		err = verifyPages(c)
	}
	if err == nil {
		err = c.Exec(pragmas)
	}
	return explain(err)
}

var errNoChecksums = errors.New("the file's pages carry no checksums")

// verifyPages turns the checksums on. They lie inside the encryption, so that a changed bit anywhere in a page is an error
// and never content. The layer that keeps them learns of them from the head of the file alone, which the engine does not
// read while the head's newer version stands in the log; and a checkpoint may be writing it right now. One that the power left in the
// middle of that is done again: it writes the head first.
func verifyPages(c *sqlite3.Conn) error {
	handle, err := c.FileControl("main", sqlite3.FCNTL_FILE_POINTER)
	if err != nil {
		return err
	}
	file, ok := handle.(io.ReaderAt)
	for range 20 {
		if ok {
			_, err = file.ReadAt(make([]byte, 100), 0)
		}
		if on, err := pragma(c, "checksum_verification"); err != nil || on == 1 {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	_, _, again := c.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	if again == nil {
		if on, err := pragma(c, "checksum_verification"); err != nil || on == 1 {
			return err
		}
	}
	return errors.Join(errNoChecksums, err, again)
}

func pragma(c *sqlite3.Conn, name string) (int, error) {
	s, _, err := c.Prepare(`PRAGMA ` + name)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	s.Step()
	return s.ColumnInt(0), s.Err()
}

// create makes an empty file that only its owner reads, if there is none.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
