package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"runtime"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
)

// piece is what one tile's files hold, checked as far as they can be by themselves.
type piece struct {
	tile    tile
	records []record // one a leaf; Seq 0 when the leaf is no entry
	hashes  []tlog.Hash
	root    tlog.Hash // of a full tile
	missing []uint64  // entries whose detail is not there
	details uint64    // details that agree
	torn    int       // index of the first leaf that the tile of hashes does not have; -1
	short   bool      // leaves are missing at the end
	fault   *Fault
	err     error
}

// pieces checks all tiles on all processors and gives them in order. Stop ends the work early.
func (v *verification) pieces() (ordered <-chan chan *piece, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	workers := runtime.GOMAXPROCS(0)
	out := make(chan chan *piece, 4*workers)
	free := make(chan struct{}, workers)
	go func() {
		defer close(out)
		for _, t := range tilesOf(entryLevel, v.head.size) {
			result := make(chan *piece, 1)
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return
			}
			go func() { result <- v.piece(t); <-free }()
			select {
			case out <- result:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, cancel
}

func (v *verification) piece(t tile) *piece {
	p := &piece{tile: t, torn: -1, records: make([]record, 0, t.w), hashes: make([]tlog.Hash, 0, t.w)}
	bundle, err := v.in.readSome(t.path())
	if err != nil {
		p.err = err
		return p
	}
	p.leaves(bundle)
	if len(p.hashes) == tileWidth {
		p.root = tileRoot(p.hashes)
	}
	hashes, err := v.in.readSome(tile{0, t.n, t.w}.path())
	if err != nil {
		p.err = err
		return p
	}
	p.torn = differs(hashes, p.hashes)
	if v.manifest.Sealed && !p.short {
		sealed, err := v.in.readSome(tile{sealedLevel, t.n, t.w}.path())
		p.err = err
		p.sealed(sealed)
	}
	return p
}

// seq is the number that the i-th entry must have.
func (p *piece) seq(i int) uint64 { return uint64(p.tile.n)*tileWidth + uint64(i) + 1 }

// wrong notes the fault of the i-th entry unless one before has one.
func (p *piece) wrong(i int, format string, args ...any) {
	if p.fault == nil || p.fault.Seq > p.seq(i) {
		p.fault = &Fault{p.seq(i), problem.New(problem.Damaged, format, args...), 1}
	}
}

// leaves reads an entry bundle.
func (p *piece) leaves(bundle []byte) {
	for i := range p.tile.w {
		leaf, rest, ok := cutBundled(bundle)
		if !ok {
			p.short = true
			p.wrong(i, "第 %d 条记录缺失", p.seq(i))
			return
		}
		bundle = rest
		r, err := parseLeaf(leaf)
		if err != nil {
			r = record{}
			p.wrong(i, "第 %d 条记录已被改动，无法解读", p.seq(i))
		}
		p.records = append(p.records, r)
		p.hashes = append(p.hashes, tlog.RecordHash(leaf))
	}
	if len(bundle) > 0 {
		p.wrong(p.tile.w-1, "第 %d 条记录之后有多余的内容", p.seq(p.tile.w-1))
	}
}

// sealed compares sealed details with the entries' commitments.
func (p *piece) sealed(file []byte) {
	for i := range p.records {
		detail, rest, ok := cutSealed(file)
		if !ok {
			p.wrong(i, "封存明细的文件在第 %d 条记录处残缺", p.seq(i))
			return
		}
		file = rest
		r := &p.records[i]
		switch r.sealed = detail; {
		case len(detail) == 0 && r.digest != nil:
			p.missing = append(p.missing, p.seq(i))
		case len(detail) > 0 && r.checkSealed() != nil:
			p.wrong(i, "第 %d 条记录的明细已被改动", p.seq(i))
		case len(detail) > 0:
			p.details++
		}
		r.sealed = nil
	}
	if len(file) > 0 {
		p.wrong(len(p.records)-1, "第 %d 条记录之后有多余的内容", p.seq(len(p.records)-1))
	}
}

// appendSealed appends a detail to a bundle of sealed details.
func appendSealed(bundle, detail []byte) []byte {
	return append(binary.BigEndian.AppendUint32(bundle, uint32(len(detail))), detail...)
}

// cutSealed takes the first detail off a bundle of sealed details.
func cutSealed(bundle []byte) (detail, rest []byte, ok bool) {
	if len(bundle) < 4 {
		return nil, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(bundle))
	if uint64(len(bundle)-4) < n {
		return nil, nil, false
	}
	return bundle[4 : 4+n], bundle[4+n:], true
}

// lines cuts a batch of whole lines off the front of text.
func lines(text []byte, most int) (batch [][]byte, rest []byte) {
	for len(batch) < most && len(text) > 0 {
		line, after, _ := bytes.Cut(text, []byte("\n"))
		batch, text = append(batch, line), after
	}
	return batch, text
}
