package ledger

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
)

// Verify checks an export, or a matter's statement, from its files alone: the checkpoint's signature, the tree over all
// entries, their numbers and times, and the details against their commitments. An error says that it could not verify; what
// it found wrong is in the report. Progress may be nil.
func Verify(dir string, progress func(done, total uint64), trust ...Trust) (Report, error) {
	in := inDir(dir)
	m, err := in.manifest()
	if err != nil {
		return Report{}, err
	}
	t := one(trust)
	heads, err := newHeads(cmp.Or(t.Key, m.Key), nil, t)
	if err != nil {
		return Report{}, err
	}
	v := &verification{in: in, manifest: m, heads: heads}
	v.report = Report{Origin: m.Origin, Key: cmp.Or(t.Key, m.Key), Trusted: t.Key != "", Cosigned: heads.cosigned}
	if err := v.open(); err != nil {
		return Report{}, err
	}
	if v.chain.first == nil {
		run := v.run
		if m.Format == statementFormat {
			run = v.statement
		}
		if err := run(progress); err != nil {
			return Report{}, fmt.Errorf("verify the ledger's files: %w", err)
		}
	}
	v.chain.end(&v.report)
	return v.report, nil
}

// inDir is where files are read.
type inDir string

func (d inDir) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(d), filepath.FromSlash(name)))
}

// readSome is read, but a file that is not there is nil.
func (d inDir) readSome(name string) ([]byte, error) {
	b, err := d.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (d inDir) manifest() (m manifest, err error) {
	raw, err := d.read("manifest.json")
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err == nil && m.Format != exportFormat && m.Format != statementFormat {
		err = fmt.Errorf("format %.80q", m.Format)
	}
	if err != nil {
		return m, problem.New(problem.Invalid, "这个目录不是台账的导出件，或者不完整").Because(err)
	}
	return m, nil
}

// verification is a verification of files.
type verification struct {
	in       inDir
	manifest manifest
	heads    *heads
	head     checkpoint
	chain    *chain
	report   Report
	openings []byte      // the entries' commitments to their details, one after the other; kept when details were opened
	roots    []tlog.Hash // of the full tiles of level 0, recomputed from the entries
	torn     *tornTile   // the first tile that does not agree with the entries
}

// tornTile is a tile file that does not agree with the entries. Whether it or an entry is wrong, the checkpoint tells.
type tornTile struct {
	name  string
	fault *Fault
}

// open verifies the checkpoints.
func (v *verification) open() error {
	signed, err := v.in.readSome("checkpoint")
	if err != nil {
		return err
	}
	cosigned, err := v.in.readSome("checkpoint.cosigned")
	if err != nil {
		return err
	}
	var bad error
	if v.head, _, bad = v.heads.add(signed); bad == nil && cosigned != nil {
		_, _, bad = v.heads.add(cosigned)
	}
	v.report.Size, v.report.Root = uint64(v.head.size), v.head.root.String()
	if v.manifest.Format == statementFormat {
		v.chain = newChain(nil)
	} else {
		v.chain = newChain(v.heads.all)
	}
	switch absent := v.heads.absent(); {
	case bad != nil:
		v.chain.fault(0, "检查点已被改动，或者不是这个台账的：签名不符")
		v.chain.pending = nil
	case v.manifest.Size != v.report.Size || v.manifest.Root != v.report.Root || v.manifest.Origin != v.head.origin:
		v.chain.fault(0, "内容清单与检查点不符")
	case absent != "":
		v.chain.fault(0, "见证方 %s 没有联署", absent)
	}
	return nil
}

// run verifies a whole ledger.
func (v *verification) run(progress func(done, total uint64)) error {
	whole, err := v.entries(progress)
	if err != nil || !whole {
		return err
	}
	if err := v.upperTiles(); err != nil {
		return err
	}
	if v.torn != nil && v.chain.first == v.torn.fault && !v.chain.disagree {
		v.chain.first.Problem = problem.New(problem.Damaged, "文件 %s 已损坏（第 %d 条记录处）；记录本身与检查点相符", v.torn.name, v.torn.fault.Seq)
	}
	return v.details()
}

// entries verifies the entries tile by tile and reports whether all of them are there.
func (v *verification) entries(progress func(done, total uint64)) (whole bool, err error) {
	pieces, stop := v.pieces()
	defer stop()
	for p := range pieces {
		piece := <-p
		if piece.err != nil {
			return false, piece.err
		}
		v.take(piece)
		if piece.short {
			return false, nil
		}
		if progress != nil {
			progress(v.chain.seq, uint64(v.head.size))
		}
	}
	return true, nil
}

// take puts the next piece in its place.
func (v *verification) take(p *piece) {
	first := v.chain.seq + 1
	for i := range p.records {
		r := &p.records[i]
		if r.Seq == 0 {
			v.chain.seq++ // it is none; p.fault says so
		} else {
			v.chain.next(r)
		}
		if v.manifest.Opened > 0 {
			v.openings = append(v.openings, bytes.Repeat([]byte{0}, openingSize-len(r.opening))...)
			v.openings = append(v.openings, r.opening...)
		}
	}
	v.chain.missing = append(v.chain.missing, p.missing...)
	v.report.Details += p.details
	if p.fault != nil {
		v.chain.precise(p.fault.Seq, p.fault.Problem)
	}
	if p.torn >= 0 {
		v.chain.precise(first+uint64(p.torn), damagedEntry(first+uint64(p.torn)))
		v.tear(tile{0, p.tile.n, p.tile.w}, first+uint64(p.torn))
	}
	v.growBy(p)
}

// growBy takes a piece's leaves into the tree.
func (v *verification) growBy(p *piece) {
	if len(p.hashes) < tileWidth || v.chain.apart(tileWidth) {
		for _, h := range p.hashes {
			v.chain.grow(h, nil)
		}
	} else {
		v.chain.tree.addSubtree(tileHeight, p.root, nil)
		v.chain.compare()
	}
	if len(p.hashes) == tileWidth {
		v.roots = append(v.roots, p.root)
	}
}

// tear remembers a tile that does not agree, if the fault noted is of it.
func (v *verification) tear(t tile, seq uint64) {
	if v.chain.first.Seq == seq {
		v.torn = &tornTile{t.path(), v.chain.first}
	}
}

// upperTiles compares the tiles above level 0 with the recomputed tree.
func (v *verification) upperTiles() error {
	below := v.roots
	for level := 1; len(below) > 0; level++ {
		var roots []tlog.Hash
		for _, t := range tilesOf(level, v.head.size) {
			want := below[t.n*tileWidth:][:t.w]
			if t.w == tileWidth {
				roots = append(roots, tileRoot(want))
			}
			got, err := v.in.readSome(t.path())
			if err != nil {
				return err
			}
			if i := differs(got, want); i >= 0 {
				v.upperFault(t, i)
			}
		}
		below = roots
	}
	return nil
}

// upperFault notes that hash i of a tile is not that of the entries below it.
func (v *verification) upperFault(t tile, i int) {
	span := uint64(1) << (t.level * tileHeight)
	first := uint64(t.n*tileWidth+int64(i))*span + 1
	if v.chain.within(first, first+span-1, "第 %d 至 %d 条之间有记录被改动") {
		v.tear(t, first)
	}
}

// differs is the index of the first hash in which a tile file is not want, or -1.
func differs(file []byte, want []tlog.Hash) int {
	for i := range want {
		if len(file) < (i+1)*tlog.HashSize || tlog.Hash(file[i*tlog.HashSize:][:tlog.HashSize]) != want[i] {
			return i
		}
	}
	if len(file) > len(want)*tlog.HashSize {
		return len(want) - 1
	}
	return -1
}
