package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"

	"filippo.io/age"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// sizes are the plain sizes around every boundary.
var sizes = []int{0, 1, vault.ChunkSize - 1, vault.ChunkSize, vault.ChunkSize + 1, 2 * vault.ChunkSize, 8*vault.ChunkSize - 1, 8 * vault.ChunkSize,
	8*vault.ChunkSize + 1, 1<<20 + 1}

// noise is text of the size, the same in every run.
func noise(size int) []byte {
	p := make([]byte, size)
	source := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = source.Read(p)
	return p
}

// seal seals chunk by chunk.
func seal(o *vault.Object, plain []byte) []byte {
	payload := o.Prefix()
	for chunk := uint64(0); ; chunk++ {
		n := min(len(plain), vault.ChunkSize)
		last := n == len(plain)
		payload = o.Seal(payload, chunk, plain[:n], last)
		if plain = plain[n:]; last {
			return payload
		}
	}
}

// stock opens header and payload with the age library and an identity in text form, as a person with the age tool would.
func stock(t testing.TB, m *vault.MatterKey, header, payload []byte) ([]byte, error) {
	t.Helper()
	identities, err := age.ParseIdentities(bytes.NewReader([]byte(m.Identity())))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(io.MultiReader(bytes.NewReader(header), bytes.NewReader(payload)), identities...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestObjectsAreStandardAgeFiles(t *testing.T) {
	m := newMatterKey(t)
	for _, size := range sizes {
		o, err := m.NewObject()
		if err != nil {
			t.Fatal(err)
		}
		plain := noise(size)
		payload := seal(o, plain)
		if int64(len(payload)) != vault.PayloadSize(int64(size)) || vault.PlainSize(int64(len(payload))) != int64(size) {
			t.Errorf("%d bytes are sealed to %d, announced %d, counted back %d", size, len(payload), vault.PayloadSize(int64(size)), vault.PlainSize(int64(len(payload))))
		}
		if got, err := stock(t, m, o.Header, payload); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: age opens %d, %v", size, len(got), err)
		}
		again, err := m.OpenObject(o.Header)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(seal(again, plain), payload) {
			t.Errorf("%d bytes: sealing again with the header alone gives other bytes", size)
		}
	}
}

// TestObjectsOfStockAge opens what the age library sealed.
func TestObjectsOfStockAge(t *testing.T) {
	m := newMatterKey(t)
	identity, err := age.ParseHybridIdentity(m.Identity())
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		var file bytes.Buffer
		w, err := age.Encrypt(&file, identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		plain := noise(size)
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		header, err := age.ExtractHeader(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		o, err := m.OpenObject(header)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range readings(t, o, file.Bytes()[len(header):]) {
			if !bytes.Equal(got, plain) {
				t.Errorf("%d bytes, %s: %d bytes", size, name, len(got))
			}
		}
	}
}

// readings reads a whole payload in every way there is.
func readings(t testing.TB, o *vault.Object, payload []byte) map[string][]byte {
	t.Helper()
	got := map[string][]byte{}
	for name, source := range map[string]func(io.Reader) io.Reader{"at once": func(r io.Reader) io.Reader { return r }, "in halves": iotest.HalfReader,
		"with EOF": iotest.DataErrReader} {
		r, err := o.Reader(source(bytes.NewReader(payload)))
		if err != nil {
			t.Fatal(err)
		}
		if got[name], err = io.ReadAll(onlyReader{r}); err != nil {
			t.Fatal(err)
		}
		r, err = o.Reader(source(bytes.NewReader(payload)))
		if err != nil {
			t.Fatal(err)
		}
		var to bytes.Buffer
		if n, err := r.(io.WriterTo).WriteTo(&to); err != nil || n != int64(to.Len()) {
			t.Fatalf("%d of %d, %v", n, to.Len(), err)
		}
		got["to, "+name] = to.Bytes()
	}
	at, size, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload)))
	if err != nil {
		t.Fatal(err)
	}
	whole := make([]byte, size)
	if n, err := at.ReadAt(whole, 0); int64(n) != size || err != nil {
		t.Fatalf("%d of %d, %v", n, size, err)
	}
	got["at"] = whole
	if got["section"], err = io.ReadAll(io.NewSectionReader(at, 0, size)); err != nil {
		t.Fatal(err)
	}
	return got
}

// onlyReader hides that a reader is an io.WriterTo.
type onlyReader struct{ io.Reader }

func TestReaderAtGivesEveryPart(t *testing.T) {
	o := newObject(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range sizes {
		plain := noise(size)
		payload := seal(o, plain)
		at, n, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload)))
		if err != nil || n != int64(size) {
			t.Fatalf("%d bytes: %d, %v", size, n, err)
		}
		edges := []int{0, 1, vault.ChunkSize - 1, vault.ChunkSize, vault.ChunkSize + 1, size - vault.ChunkSize, size - 1, size, size + 1, size + vault.ChunkSize}
		for range 20 {
			edges = append(edges, random.IntN(size+1))
		}
		for _, from := range edges {
			for _, to := range edges {
				if from < 0 || to < from {
					continue
				}
				p := make([]byte, to-from, to-from+8)
				n, err := at.ReadAt(p, int64(from))
				want := plain[min(from, size):min(to, size)]
				if !bytes.Equal(p[:n], want) || (err == io.EOF) != (len(want) < len(p)) || err != nil && err != io.EOF {
					t.Fatalf("%d bytes, [%d:%d]: %d bytes, %v", size, from, to, n, err)
				}
				if !bytes.Equal(p[n:cap(p)], make([]byte, cap(p)-n)) {
					t.Fatalf("%d bytes, [%d:%d]: wrote behind the %d bytes", size, from, to, n)
				}
			}
		}
		if _, err := at.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
			t.Errorf("a negative offset: %v", err)
		}
	}
}

func TestReaderAtConcurrently(t *testing.T) {
	o, plain := newObject(t), noise(1<<20+1)
	payload := seal(o, plain)
	at, _, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for i := range 8 {
		go func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			for range 100 {
				from := random.IntN(len(plain))
				p := make([]byte, random.IntN(min(200_000, len(plain)-from)+1))
				if n, err := at.ReadAt(p, int64(from)); err != nil || !bytes.Equal(p, plain[from:from+n]) {
					done <- fmt.Errorf("[%d:%d]: %d bytes, %w", from, from+len(p), n, err)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestSizes(t *testing.T) {
	possible := map[int64]int64{}
	for plain := range int64(3*vault.ChunkSize + 2) {
		possible[vault.PayloadSize(plain)] = plain
	}
	for payload := int64(-1); payload <= vault.PayloadSize(3*vault.ChunkSize); payload++ {
		want, ok := possible[payload]
		if !ok {
			want = -1
		}
		if got := vault.PlainSize(payload); got != want {
			t.Fatalf("a payload of %d holds %d bytes, want %d", payload, got, want)
		}
	}
	for _, plain := range []int64{20 << 30, 1 << 50} {
		if got := vault.PlainSize(vault.PayloadSize(plain)); got != plain {
			t.Errorf("%d becomes %d", plain, got)
		}
	}
}

func TestSealRefusesWhatAgeCannotRead(t *testing.T) {
	o := newObject(t)
	for name, seal := range map[string]func(){
		"a short chunk in the middle": func() { o.Seal(nil, 0, make([]byte, 10), false) },
		"a long chunk":                func() { o.Seal(nil, 0, make([]byte, vault.ChunkSize+1), true) },
		"an empty last chunk":         func() { o.Seal(nil, 1, nil, true) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("sealed %s", name)
				}
			}()
			seal()
		}()
	}
}

func TestHeadersOfOthers(t *testing.T) {
	m, o := newMatterKey(t), newObject(t)
	if _, err := m.OpenObject(o.Header); !problem.Is(err, problem.Damaged) {
		t.Errorf("a header of another matter: %v", err)
	}
	own, err := m.NewObject()
	if err != nil {
		t.Fatal(err)
	}
	for n := range own.Header {
		if got, err := m.OpenObject(own.Header[:n]); !problem.Is(err, problem.Damaged) || got != nil {
			t.Fatalf("a header cut to %d bytes: %v", n, err)
		}
	}
	for name, header := range map[string][]byte{"empty": {}, "with payload": append(slices.Clone(own.Header), own.Prefix()...), "cut": own.Header[:len(own.Header)-1]} {
		if _, err := m.OpenObject(header); !problem.Is(err, problem.Damaged) {
			t.Errorf("a header that is %s: %v", name, err)
		}
	}
}

func TestErrorsOfTheSourceStayWhatTheyAre(t *testing.T) {
	o := newObject(t)
	payload := seal(o, noise(3*vault.ChunkSize))
	away := problem.New(problem.Unavailable, "away")
	for _, after := range []int{0, 5, 16, 100, vault.SealedChunkSize + 16, len(payload) - 1, len(payload)} {
		r, err := o.Reader(io.MultiReader(bytes.NewReader(payload[:after]), iotest.ErrReader(away)))
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, away) {
			t.Errorf("away after %d bytes: %v", after, err)
		}
	}
	for _, fails := range []int64{0, 16, 2*vault.SealedChunkSize + 16} {
		_, _, err := o.ReaderAt(failingAt{bytes.NewReader(payload), fails, away}, int64(len(payload)))
		if (fails == 0 || fails > 16) != errors.Is(err, away) {
			t.Errorf("away at %d: %v", fails, err)
		}
	}
}

// failingAt fails reads at an offset.
type failingAt struct {
	io.ReaderAt
	at  int64
	err error
}

func (f failingAt) ReadAt(p []byte, off int64) (int, error) {
	if off == f.at {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, off)
}
