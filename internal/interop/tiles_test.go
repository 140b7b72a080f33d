package interop

import (
	"bytes"
	"fmt"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/storetest"
)

// log is the served ledger as a stranger's program sees it.
type log struct {
	t      testing.TB
	tiles  *torchwood.TileFetcher
	client *torchwood.Client
	policy torchwood.Policy
}

func (o *office) log(token string, cosigners ...note.Verifier) *log {
	o.t.Helper()
	tiles, err := torchwood.NewTileFetcher(o.server.URL+"/ledger/log", torchwood.WithHTTPClient(o.client(token)))
	must(o.t, err)
	client, err := torchwood.NewClient(tiles)
	must(o.t, err)
	key, err := note.NewVerifier(o.h.Ledger.Key())
	must(o.t, err)
	all := []torchwood.Policy{torchwood.OriginPolicy(key.Name()), torchwood.SingleVerifierPolicy(key)}
	for _, c := range cosigners {
		all = append(all, torchwood.SingleVerifierPolicy(c))
	}
	return &log{o.t, tiles, client, torchwood.ThresholdPolicy(len(all), all...)}
}

// head fetches and verifies the checkpoint.
func (l *log) head() (torchwood.Checkpoint, []byte, error) {
	l.t.Helper()
	signed, err := l.tiles.ReadEndpoint(l.t.Context(), "checkpoint")
	must(l.t, err)
	c, _, err := torchwood.VerifyCheckpoint(signed, l.policy)
	return c, signed, err
}

func (l *log) hashes(tree tlog.Tree) tlog.HashReader {
	return torchwood.TileHashReaderWithContext(l.t.Context(), tree, l.tiles)
}

// TestOthersReadTheLedger: a C2SP client verifies the checkpoint, every entry, proofs that single entries are in, and that the
// tree only grew.
func TestOthersReadTheLedger(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := open(t, engine)
			l := o.log(o.token)
			var before torchwood.Checkpoint
			for _, more := range []int{0, 1, 300, 400} { // partial tiles, then full ones
				o.work(more)
				now, signed, err := l.head()
				must(t, err)
				if now.N < before.N+int64(more) {
					t.Fatalf("%d entries after %d and %d", now.N, before.N, more)
				}
				if before.N > 0 {
					proof, err := tlog.ProveTree(now.N, before.N, l.hashes(now.Tree))
					must(t, err)
					must(t, tlog.CheckTree(proof, now.N, now.Hash, before.N, before.Hash))
				}
				wantEntries(t, l, now, signed)
				before = now
			}
			if before.N < 700 {
				t.Fatalf("only %d entries", before.N)
			}
		})
	}
}

func wantEntries(t *testing.T, l *log, c torchwood.Checkpoint, signed []byte) {
	t.Helper()
	n := int64(0)
	for i, entry := range l.client.AllEntries(t.Context(), c.Tree, 0) {
		if want := fmt.Sprintf("\nseq %d\n", i+1); !bytes.Contains(entry, []byte(want)) {
			t.Fatalf("entry %d does not tell its number:\n%s", i, entry)
		}
		n++
	}
	must(t, l.client.Err())
	if n != c.N {
		t.Fatalf("%d entries of %d", n, c.N)
	}
	for _, i := range []int64{0, c.N / 2, c.N - 1} {
		entry, proof, err := l.client.Entry(t.Context(), c.Tree, i)
		must(t, err)
		must(t, tlog.CheckRecord(proof, c.N, c.Hash, i, tlog.RecordHash(entry)))
		spicy := torchwood.FormatProof(i, proof, signed)
		must(t, torchwood.VerifyProof(l.policy, tlog.RecordHash(entry), spicy))
		if torchwood.VerifyProof(l.policy, tlog.RecordHash(append(entry, '!')), spicy) == nil {
			t.Fatal("a changed entry was proved")
		}
	}
}

// TestStrangersReadHashesOnly: who has no token can follow the tree and prove that it only grew, and reads no entry.
func TestStrangersReadHashesOnly(t *testing.T) {
	o := open(t, storetest.Engines()[0])
	l := o.log("")
	before, _, err := l.head()
	must(t, err)
	o.work(300)
	now, _, err := l.head()
	must(t, err)
	proof, err := tlog.ProveTree(now.N, before.N, l.hashes(now.Tree))
	must(t, err)
	must(t, tlog.CheckTree(proof, now.N, now.Hash, before.N, before.Hash))
	for range l.client.AllEntries(t.Context(), now.Tree, 0) {
		t.Fatal("an entry without a token")
	}
	if l.client.Err() == nil {
		t.Error("no entries and no error")
	}
}
