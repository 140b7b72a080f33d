package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Tiles are 256 hashes wide (c2sp.org/tlog-tiles), which is eight levels of the tree.
const (
	tileWidth  = 256
	tileHeight = 8
)

// Levels of the bundles that hold no hashes, beside the levels 0 to 63 that do.
const (
	entryLevel  = -1 // the leaves themselves
	sealedLevel = -2 // the sealed details; only in exports
)

// tile names a tile: hashes n·256 to n·256+w−1 of its level.
type tile struct {
	level int
	n     int64
	w     int // 1 to 256; less than 256 is a partial tile
}

// path is where C2SP tlog-tiles has the tile.
func (t tile) path() string {
	name := fmt.Sprintf("%03d", t.n%1000)
	for n := t.n / 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if t.w < tileWidth {
		name += ".p/" + strconv.Itoa(t.w)
	}
	switch t.level {
	case entryLevel:
		return "tile/entries/" + name
	case sealedLevel:
		return "sealed/" + name
	}
	return "tile/" + strconv.Itoa(t.level) + "/" + name
}

var errTilePath = errors.New("ledger: no such tile")

// parseTile reads a path below tile/. It accepts exactly what path writes.
func parseTile(path string) (tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	level, name, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || len(path) > 64 {
		return tile{}, errTilePath
	}
	t := tile{w: tileWidth, level: entryLevel}
	if level != "entries" {
		var err error
		if t.level, err = strconv.Atoi(level); err != nil || t.level < 0 || t.level > 63 {
			return tile{}, errTilePath
		}
	}
	if base, width, partial := strings.Cut(name, ".p/"); partial {
		var err error
		if t.w, err = strconv.Atoi(width); err != nil || t.w < 1 || t.w >= tileWidth {
			return tile{}, errTilePath
		}
		name = base
	}
	for part := range strings.SplitSeq(name, "/") {
		n, err := strconv.ParseUint(strings.TrimPrefix(part, "x"), 10, 10)
		if err != nil || n > 999 || t.n > 1<<50 {
			return tile{}, errTilePath
		}
		t.n = t.n*1000 + int64(n)
	}
	if t.path() != path {
		return tile{}, errTilePath
	}
	return t, nil
}

// exists reports whether a tree of the size has the tile.
func (t tile) exists(size int64) bool {
	count := size >> (max(t.level, 0) * tileHeight)
	return t.level < 8 && t.n <= count/tileWidth && t.n*tileWidth+int64(t.w) <= count
}

// tilesOf are the tiles of a level in a tree of the size, the last one partial unless it happens to be full.
func tilesOf(level int, size int64) []tile {
	count := size >> (max(level, 0) * tileHeight)
	var tiles []tile
	for n := int64(0); n*tileWidth < count; n++ {
		tiles = append(tiles, tile{level, n, int(min(tileWidth, count-n*tileWidth))})
	}
	return tiles
}

// readTile reads a tile's hashes from the stored tree.
func readTile(tx *store.Tx, t tile) ([]tlog.Hash, error) {
	first := t.n * tileWidth
	indexes := make([]int64, t.w)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(t.level*tileHeight, first+int64(i))
	}
	if t.level > 0 {
		return (&nodes{tx: tx}).ReadHashes(indexes)
	}
	lo := indexes[0]
	all, err := readNodes(tx, lo, indexes[t.w-1]+1)
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, t.w)
	for i, index := range indexes {
		hashes[i] = all[index-lo]
	}
	return hashes, nil
}

// readBundle reads the leaves of a tile of level 0 in the form of C2SP entry bundles. A leaf that the tree does not hold is
// not given out.
func readBundle(tx *store.Tx, t tile) ([]byte, error) {
	first := t.n * tileWidth
	records, err := listRecords(tx, uint64(first)+1, uint64(first)+uint64(t.w), false)
	if err != nil {
		return nil, err
	}
	hashes, err := readTile(tx, tile{0, t.n, t.w})
	if err != nil {
		return nil, err
	}
	var bundle []byte
	for i := range hashes {
		var leaf []byte
		if i < len(records) {
			leaf, err = records[i].leaf()
		}
		if err != nil || leaf == nil || tlog.RecordHash(leaf) != hashes[i] {
			return nil, damagedEntry(uint64(first) + uint64(i) + 1).Because(err)
		}
		bundle = appendBundled(bundle, leaf)
	}
	return bundle, nil
}

func damagedEntry(seq uint64) *problem.Error {
	return problem.New(problem.Damaged, "第 %d 条记录与树不符，已被改动", seq)
}

// appendBundled appends a leaf to an entry bundle.
func appendBundled(bundle, leaf []byte) []byte {
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(leaf))), leaf...)
}

// cutBundled takes the first leaf off an entry bundle.
func cutBundled(bundle []byte) (leaf, rest []byte, ok bool) {
	if len(bundle) < 2 {
		return nil, nil, false
	}
	n := 2 + int(binary.BigEndian.Uint16(bundle))
	if len(bundle) < n {
		return nil, nil, false
	}
	return bundle[2:n], bundle[n:], true
}

// tileRoot is the root of the subtree over hashes, whose number is a power of two.
func tileRoot(hashes []tlog.Hash) tlog.Hash {
	var e edge
	for _, h := range hashes {
		e.add(h, nil)
	}
	return e.root()
}
