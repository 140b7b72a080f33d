package ledger

import (
	"cmp"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
)

// Trust is what whoever verifies knows from elsewhere than the thing verified.
type Trust struct {
	Key         string   // the ledger's verifier key; "": the one that the files name, or the ledger's own
	Checkpoints [][]byte // signed checkpoints remembered from earlier; the tree must still contain each of their trees
	Witnesses   []string // verifier keys of witnesses; each must have cosigned
}

// Fault is the first thing found wrong.
type Fault struct {
	Seq     uint64         // the first wrong or missing entry; 0 when the fault is of no one entry
	Problem *problem.Error // of kind Damaged, with the sentence for people
	span    uint64         // the wrong entry is one of so many from Seq on
}

// Report is what a verification found.
type Report struct {
	Origin  string
	Key     string // the verifier key that the checkpoint was checked by
	Trusted bool   // whether Key came from the caller
	Size    uint64 // the number of entries that the checkpoint speaks of
	Root    string // the root hash of the checkpoint, base64
	Time    int64  // Unix ms of the last entry
	Matters uint64 // matters with entries
	Details uint64 // sealed details that agree with their entries
	Opened  uint64 // opened details that agree with their entries
	Erased  uint64 // details that were erased, each with the entry that says so
	// Cosigned names the witnesses whose signatures were checked, with the size of the tree that each has signed.
	Cosigned map[string]uint64
	Wrong    *Fault // nil: everything is as it was written
	Bad      uint64 // entries that are missing or wrong by themselves, as far as the stored tree tells; VerifyLive only
}

// chain checks entries one after the other: that none is missing, firm-wide and in each matter, that times do not decrease,
// and that the tree over them is the one that checkpoints speak of.
type chain struct {
	seq      uint64
	time     int64
	matters  map[string]uint64
	tree     edge
	missing  []uint64        // entries whose detail is gone, in order
	erased   map[uint64]bool // entries whose erasure is recorded
	pending  []checkpoint    // checkpoints still to come, smaller trees first
	agreed   uint64          // size of the last checkpoint that agreed
	disagree bool            // one after it did not
	first    *Fault
}

func newChain(checkpoints []checkpoint) *chain {
	c := &chain{matters: map[string]uint64{}, erased: map[uint64]bool{}, pending: slices.Clone(checkpoints)}
	slices.SortFunc(c.pending, func(a, b checkpoint) int { return cmp.Compare(a.size, b.size) })
	c.compare()
	return c
}

// fault notes a fault unless one was found before.
func (c *chain) fault(seq uint64, format string, args ...any) {
	if c.first == nil {
		c.first = &Fault{seq, problem.New(problem.Damaged, format, args...), 1}
	}
}

// precise notes a fault in just this entry. It goes before one found already that is later or less exact.
func (c *chain) precise(seq uint64, what *problem.Error) {
	if c.first == nil || c.first.span > 1 || c.first.Seq >= seq {
		c.first = &Fault{seq, what, 1}
	}
}

// within notes that one of the entries from first to last is wrong. It goes before one found already that is later or less
// exact, and reports whether it did.
func (c *chain) within(first, last uint64, format string) bool {
	span := last - first + 1
	if c.first != nil && c.first.span <= span && c.first.Seq <= last {
		return false
	}
	c.first = &Fault{first, problem.New(problem.Damaged, format, first, last), span}
	return true
}

// next checks the record that follows.
func (c *chain) next(r *record) {
	c.seq++
	switch want := c.matters[r.Matter] + 1; {
	case r.Seq != c.seq:
		c.fault(c.seq, "第 %d 条记录缺失：它的位置上是第 %d 条", c.seq, r.Seq)
	case r.Time < c.time:
		c.fault(c.seq, "第 %d 条记录的时间早于前一条", c.seq)
	case r.Matter != "" && r.MatterSeq != want:
		c.fault(c.seq, "第 %d 条记录在其案件中的序号是 %d，应当是 %d", c.seq, r.MatterSeq, want)
	}
	c.time = max(c.time, r.Time)
	if r.Matter != "" {
		c.matters[r.Matter] = r.MatterSeq
	}
	if seq, ok := r.erases(); ok {
		c.erased[seq] = true
	}
}

// erases is the entry of which the record says that its detail was erased.
func (r *record) erases() (seq uint64, ok bool) {
	if r.Act == EraseDetail && r.Kind == "Ledger" && (r.Outcome == Allowed || r.Outcome == Completed) {
		seq, err := strconv.ParseUint(r.Thing, 10, 64)
		return seq, err == nil
	}
	return 0, false
}

// grow takes a leaf into the tree and compares with the checkpoints of that size.
func (c *chain) grow(h tlog.Hash, out []tlog.Hash) []tlog.Hash {
	out = c.tree.add(h, out)
	c.compare()
	return out
}

// compare checks the checkpoints that speak of a tree of the present size.
func (c *chain) compare() {
	for len(c.pending) > 0 && c.pending[0].size == c.tree.size {
		p := c.pending[0]
		c.pending = c.pending[1:]
		if p.root == c.tree.root() {
			c.agreed = uint64(p.size)
			continue
		}
		if !c.disagree {
			c.disagree = true
			c.within(c.agreed+1, uint64(p.size), "第 %d 至 %d 条之间有记录被改动：重算的树与签名的检查点不符")
		}
	}
}

// apart reports whether a checkpoint speaks of a tree that ends within the next n leaves, before their last.
func (c *chain) apart(n int64) bool {
	return len(c.pending) > 0 && c.pending[0].size < c.tree.size+n
}

// end checks what only the whole tells.
func (c *chain) end(report *Report) {
	if len(c.pending) > 0 {
		c.fault(c.seq+1, "检查点有 %d 条记录，这里只有 %d 条：第 %d 条起缺失", c.pending[0].size, c.seq, c.seq+1)
	}
	for _, seq := range c.missing {
		if !c.erased[seq] {
			c.fault(seq, "第 %d 条记录的明细缺失，而没有销毁它的记录", seq)
			continue
		}
		report.Erased++
	}
	report.Matters = uint64(len(c.matters))
	report.Time = c.time
	report.Wrong = c.first
}

// one is the only value of an optional parameter, or its zero.
func one[T any](values []T) (v T) {
	if len(values) > 0 {
		v = values[0]
	}
	return v
}
