package ledger

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// reader is somebody else's client: it has an address and a key.
type reader struct {
	t   *testing.T
	url string
	key note.Verifier
}

func newReader(t *testing.T, db *store.DB, l *Ledger) *reader {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/log", l.Handler(db, func(http.ResponseWriter, *http.Request) bool { return true })))
	t.Cleanup(server.Close)
	key, err := note.NewVerifier(l.Key())
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t, server.URL + "/log/", key}
}

func (r *reader) get(path string) []byte {
	r.t.Helper()
	status, _, body := r.ask(path)
	if status != http.StatusOK {
		r.t.Fatalf("%s: %d", path, status)
	}
	return body
}

func (r *reader) ask(path string, header ...string) (int, http.Header, []byte) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, r.url+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, body
}

// The methods of a tlog.TileReader; the spelling of paths is C2SP's.

func (r *reader) Height() int                     { return 8 }
func (r *reader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r *reader) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		data = append(data, r.get(strings.Replace(t.Path(), "tile/8/", "tile/", 1)))
	}
	return data, nil
}

// tree fetches and verifies the checkpoint.
func (r *reader) tree() tlog.Tree {
	r.t.Helper()
	n, err := note.Open(r.get("checkpoint"), note.VerifierList(r.key))
	if err != nil {
		r.t.Fatal(err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		r.t.Fatal(err)
	}
	return tlog.Tree{N: c.size, Hash: c.root}
}

// entries fetches all leaves and verifies each by the tiles.
func (r *reader) entries(tree tlog.Tree) [][]byte {
	r.t.Helper()
	var leaves [][]byte
	for _, t := range tilesOf(entryLevel, tree.N) {
		for bundle := r.get(t.path()); len(bundle) > 0; {
			leaf, rest, ok := cutBundled(bundle)
			if !ok {
				r.t.Fatal("a torn bundle")
			}
			leaves, bundle = append(leaves, leaf), rest
		}
	}
	var indexes []int64
	for i := range leaves {
		indexes = append(indexes, tlog.StoredHashIndex(0, int64(i)))
	}
	hashes, err := tlog.TileHashReader(tree, r).ReadHashes(indexes)
	if err != nil {
		r.t.Fatal(err)
	}
	for i, leaf := range leaves {
		if tlog.RecordHash(leaf) != hashes[i] {
			r.t.Fatalf("leaf %d is not in the tree", i)
		}
	}
	return leaves
}

func TestOthersReadTheTiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		r := newReader(t, db, l)
		if tree := r.tree(); tree.N != 0 || tree.Hash != emptyRoot {
			t.Errorf("the empty ledger is %+v", tree)
		}
		var trees []tlog.Tree
		for _, more := range []int{1, 1, 253, 1, 1, 255, 700} {
			fill(t, db, l, more)
			tree := r.tree()
			if got := len(r.entries(tree)); int64(got) != tree.N {
				t.Errorf("%d leaves in a tree of %d", got, tree.N)
			}
			trees = append(trees, tree)
		}
		last := trees[len(trees)-1]
		for _, tree := range trees {
			proof, err := tlog.ProveTree(last.N, tree.N, tlog.TileHashReader(last, r))
			if err == nil {
				err = tlog.CheckTree(proof, last.N, last.Hash, tree.N, tree.Hash)
			}
			if err != nil {
				t.Errorf("from %d to %d: %v", tree.N, last.N, err)
			}
		}
	})
}

func TestServedHeaders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 300)
		r := newReader(t, db, l)
		for path, want := range map[string][2]string{
			"checkpoint":            {"text/plain; charset=utf-8", "no-cache"},
			"tile/0/000":            {"application/octet-stream", "public, max-age=31536000, immutable"},
			"tile/0/001.p/44":       {"application/octet-stream", "public, max-age=31536000, immutable"},
			"tile/entries/001.p/44": {"application/octet-stream", "private, max-age=31536000, immutable"},
		} {
			status, header, _ := r.ask(path)
			if status != 200 || header.Get("Content-Type") != want[0] || header.Get("Cache-Control") != want[1] {
				t.Errorf("%s: %d %v", path, status, header)
			}
		}
		plain := r.get("tile/entries/000")
		_, header, packed := r.ask("tile/entries/000", "Accept-Encoding", "gzip")
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil || header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%v %v", err, header)
		}
		if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(plain, unpacked) {
			t.Errorf("unpacked %d bytes of %d: %v", len(unpacked), len(plain), err)
		}
		if resp, err := http.Post(r.url+"checkpoint", "text/plain", nil); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST: %v %v", resp, err)
		}
	})
}

func TestNoSuchTile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 300)
		r := newReader(t, db, l)
		for _, path := range []string{"tile/0/001", "tile/0/001.p/45", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/044", "tile/1/000",
			"tile/1/000.p/2", "tile/2/000.p/1", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/0", "tile/0/0000", "tile/0/x000/000",
			"tile/0/000/000", "tile/data/000", "tile/8/0/000", "tile/entries/x001", "tile/entries/002", "tile/0/000.p/1/2",
			"tile/63/000", "tile/0/" + strings.Repeat("x999/", 30) + "999", "tile/0/999", "tile", "tile/", "nothing", ""} {
			if status, _, body := r.ask(path); status != http.StatusNotFound {
				t.Errorf("%s: %d %.60q", path, status, body)
			}
		}
	})
}

func TestTilePathsReadBack(t *testing.T) {
	for _, want := range []tile{{0, 0, 256}, {0, 1, 7}, {63, 1234067, 255}, {entryLevel, 999999, 1}, {3, 1000, 256}} {
		if got, err := parseTile(want.path()); err != nil || got != want {
			t.Errorf("%s: %+v %v", want.path(), got, err)
		}
	}
	if got := (tile{0, 1234067, 8}).path(); got != "tile/0/x001/x234/067.p/8" {
		t.Error(got)
	}
}

// A leaf that was changed in the database is not served.
func TestChangedLeafIsNotServed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 20)
		update(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE ledger_entry SET actor = 'somebody-else' WHERE seq = 7`)
			return err
		})
		r := newReader(t, db, l)
		for w, want := range map[int]int{6: 200, 7: 500, 20: 500} {
			if status, _, _ := r.ask(fmt.Sprintf("tile/entries/000.p/%d", w)); status != want {
				t.Errorf("width %d: %d", w, status)
			}
		}
	})
}
