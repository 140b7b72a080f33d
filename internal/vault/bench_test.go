package vault_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"mijuan/internal/vault"
)

var benchSizes = []int{20 << 10, 1 << 20, 64 << 20}

func BenchmarkSeal(b *testing.B) {
	o := newObject(b)
	plain, out := noise(vault.ChunkSize), make([]byte, 0, vault.SealedChunkSize)
	b.SetBytes(vault.ChunkSize)
	for b.Loop() {
		out = o.Seal(out[:0], 7, plain, false)
	}
}

func BenchmarkWriter(b *testing.B) {
	o, piece := newObject(b), noise(1<<20)
	for _, size := range benchSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				w := o.Writer(io.Discard, 0)
				for left := size; left > 0; left -= len(piece) {
					if _, err := w.Write(piece[:min(left, len(piece))]); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReader(b *testing.B) {
	o := newObject(b)
	for _, size := range benchSizes {
		payload := seal(o, noise(size))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				r, err := o.Reader(bytes.NewReader(payload))
				if err != nil {
					b.Fatal(err)
				}
				if n, err := r.(io.WriterTo).WriteTo(io.Discard); err != nil || n != int64(size) {
					b.Fatal(n, err)
				}
			}
		})
	}
}

func BenchmarkReaderAt(b *testing.B) {
	const size = 64 << 20
	o := newObject(b)
	payload := seal(o, noise(size))
	for _, part := range []int{512, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(part), func(b *testing.B) {
			at, _, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload)))
			if err != nil {
				b.Fatal(err)
			}
			p, off := make([]byte, part), int64(0)
			b.SetBytes(int64(part))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := at.ReadAt(p, off); err != nil {
					b.Fatal(err)
				}
				off = (off + int64(part)) % size
			}
		})
	}
}

func BenchmarkHeader(b *testing.B) {
	m := newMatterKey(b)
	o, err := m.NewObject()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.NewObject(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.OpenObject(o.Header); err != nil {
				b.Fatal(err)
			}
		}
	})
	k := newKeyring(b)
	sealed, _, err := k.NewMatterKey("m")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("matter", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.MatterKey("m", sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkField(b *testing.B) {
	f := newKeyring(b).Field("p")
	sealed := f.SealText("018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a1", "某某（上海）有限公司")
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			f.SealText("018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a1", "某某（上海）有限公司")
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := f.OpenText("018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a1", sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	i := newKeyring(b).Index("p")
	b.Run("token", func(b *testing.B) {
		for b.Loop() {
			i.Token("某某（上海）有限公司")
		}
	})
	b.Run("bigrams", func(b *testing.B) {
		for b.Loop() {
			i.Bigrams("关于某某（上海）有限公司股权转让纠纷一案")
		}
	})
}

func BenchmarkPassphrase(b *testing.B) {
	root := vault.RootFromPassphrase([]byte("correct horse battery"))
	_, sealed, err := vault.NewKeyring(root)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := vault.OpenKeyring(root, sealed); err != nil {
			b.Fatal(err)
		}
	}
}
