package vault_test

import (
	"bytes"
	"io"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// checkDamaged reads a changed payload in every way. What is given must be a beginning of plain, or lie where it says, and the
// end must be problem.Damaged.
func checkDamaged(t *testing.T, what string, o *vault.Object, payload, plain []byte) {
	t.Helper()
	r, err := o.Reader(bytes.NewReader(payload))
	var got []byte
	if err == nil {
		got, err = io.ReadAll(onlyReader{r})
	}
	if !problem.Is(err, problem.Damaged) || !bytes.HasPrefix(plain, got) {
		t.Fatalf("%s, Reader: %d bytes, %v", what, len(got), err)
	}
	if r, err = o.Reader(bytes.NewReader(payload)); err == nil {
		var to bytes.Buffer
		_, err = io.Copy(&to, r)
		got = to.Bytes()
	}
	if !problem.Is(err, problem.Damaged) || !bytes.HasPrefix(plain, got) {
		t.Fatalf("%s, WriteTo: %d bytes, %v", what, len(got), err)
	}
	at, size, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload)))
	if err == nil {
		p := make([]byte, size)
		var n int
		n, err = at.ReadAt(p, 0)
		if n > len(plain) || !bytes.Equal(p[:n], plain[:n]) {
			t.Fatalf("%s, ReaderAt: wrong bytes", what)
		}
		for off := int64(0); off < size; off += 1000 { // small parts go another way
			var b [1]byte
			if n, err := at.ReadAt(b[:], off); n == 1 && b[0] != plain[off] || n == 0 && !problem.Is(err, problem.Damaged) {
				t.Fatalf("%s, ReaderAt %d: %d bytes, %v", what, off, n, err)
			}
		}
	}
	if !problem.Is(err, problem.Damaged) {
		t.Fatalf("%s, ReaderAt: %v", what, err)
	}
}

func TestPayloadFlippedBits(t *testing.T) {
	o := newObject(t)
	for _, size := range []int{0, 1, 100} {
		plain := noise(size)
		payload := seal(o, plain)
		for bit := range len(payload) * 8 {
			changed := bytes.Clone(payload)
			changed[bit/8] ^= 1 << (bit % 8)
			checkDamaged(t, "a flipped bit", o, changed, plain)
		}
	}
	plain := noise(2*vault.ChunkSize + 100)
	payload := seal(o, plain)
	for _, at := range []int{0, 15, 16, 16 + vault.ChunkSize - 1, 16 + vault.ChunkSize, 15 + vault.SealedChunkSize, 16 + vault.SealedChunkSize, 50_000, 100_000, len(payload) - 1} {
		changed := bytes.Clone(payload)
		changed[at] ^= 0x10
		checkDamaged(t, "a flipped bit", o, changed, plain)
	}
}

func TestPayloadCutAndExtended(t *testing.T) {
	o, plain := newObject(t), noise(2*vault.ChunkSize+100)
	payload := seal(o, plain)
	for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 16 + vault.SealedChunkSize - 1, 16 + vault.SealedChunkSize, 17 + vault.SealedChunkSize, 32 + vault.SealedChunkSize,
		16 + 2*vault.SealedChunkSize, 32 + 2*vault.SealedChunkSize, 33 + 2*vault.SealedChunkSize, len(payload) - 1} {
		checkDamaged(t, "cut", o, payload[:n], plain)
	}
	for _, more := range [][]byte{{0}, make([]byte, 16), make([]byte, vault.SealedChunkSize), payload[16:]} {
		checkDamaged(t, "extended", o, append(bytes.Clone(payload), more...), plain)
	}
	short := seal(o, noise(100))
	for n := range short {
		checkDamaged(t, "cut", o, short[:n], noise(100))
	}
}

// TestPayloadShorterThanSaid reads a payload that is shorter than the store says, from the beginning or later on.
func TestPayloadShorterThanSaid(t *testing.T) {
	o, plain := newObject(t), noise(2*vault.ChunkSize+100)
	payload := seal(o, plain)
	for _, n := range []int{0, 10, 16, 1000, len(payload) - 1} {
		if _, _, err := o.ReaderAt(bytes.NewReader(payload[:n]), int64(len(payload))); !problem.Is(err, problem.Damaged) {
			t.Errorf("%d of %d bytes: %v", n, len(payload), err)
		}
	}
	source := &shrinking{Reader: bytes.NewReader(payload)}
	at, _, err := o.ReaderAt(source, int64(len(payload)))
	if err != nil {
		t.Fatal(err)
	}
	source.Reader = bytes.NewReader(payload[:1000])
	for _, size := range []int{1, vault.ChunkSize, len(plain)} {
		if n, err := at.ReadAt(make([]byte, size), 0); n != 0 || !problem.Is(err, problem.Damaged) {
			t.Errorf("%d bytes of a payload that shrank: %d, %v", size, n, err)
		}
	}
}

type shrinking struct{ *bytes.Reader }

// TestChunksMovedAbout exchanges, repeats and leaves out chunks, and marks another one as the last.
func TestChunksMovedAbout(t *testing.T) {
	o, plain := newObject(t), noise(4*vault.ChunkSize)
	payload := seal(o, plain)
	chunk := func(i int) []byte {
		return payload[vault.PrefixSize+i*vault.SealedChunkSize:][:vault.SealedChunkSize]
	}
	for name, order := range map[string][]int{"exchanged": {1, 0, 2, 3}, "repeated": {0, 0, 1, 2, 3}, "left out": {0, 2, 3}, "end left out": {0, 1, 2}, "begins late": {1, 2, 3}} {
		changed := o.Prefix()
		for _, i := range order {
			changed = append(changed, chunk(i)...)
		}
		checkDamaged(t, name, o, changed, plain)
	}
	other := newObject(t)
	foreign := append(o.Prefix(), seal(other, plain)[vault.PrefixSize:]...)
	checkDamaged(t, "of another object", o, foreign, plain)
	checkDamaged(t, "whole of another object", o, seal(other, plain), plain)
}

func TestHeaderFlippedBits(t *testing.T) {
	m := newMatterKey(t)
	o, err := m.NewObject()
	if err != nil {
		t.Fatal(err)
	}
	for bit := 0; bit < len(o.Header)*8; bit += 7 { // every byte, and every bit of one in eight
		changed := bytes.Clone(o.Header)
		changed[bit/8] ^= 1 << (bit % 8)
		if got, err := m.OpenObject(changed); !problem.Is(err, problem.Damaged) || got != nil {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
}
