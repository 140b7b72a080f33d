package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"mijuan/internal/blob"
	"mijuan/internal/blob/s3test"
)

var places = map[string]func(b *testing.B) blob.Store{
	"dir": func(b *testing.B) blob.Store { return openDir(b, filepath.Join(b.TempDir(), "objects")) },
	"s3":  func(b *testing.B) blob.Store { return openS3(b, s3test.Start(b)) },
}

// BenchmarkSmall puts and opens objects of 20 KiB by eight at once; one operation is one object.
func BenchmarkSmall(b *testing.B) {
	content := bytes.Repeat([]byte("x"), 20<<10)
	for name, place := range places {
		s := place(b)
		var made atomic.Int64
		b.Run(name+"/put", func(b *testing.B) {
			byEight(b, func(int64) error {
				return s.Put(ctx, fmt.Sprintf("%08x", made.Add(1)*2654435761%(1<<32)), bytes.NewReader(content), int64(len(content)))
			})
		})
		b.Run(name+"/grow", func(b *testing.B) {
			byEight(b, func(int64) error {
				n := fmt.Sprintf("%08x", made.Add(1)*2654435761%(1<<32))
				state, err := s.Begin(ctx, n)
				if err == nil {
					state, _, err = s.Append(ctx, n, state, 0, int64(len(content)), bytes.NewReader(content))
				}
				if err == nil {
					err = s.Finish(ctx, n, state)
				}
				return err
			})
		})
		b.Run(name+"/open", func(b *testing.B) {
			byEight(b, func(i int64) error {
				o, err := s.Open(ctx, fmt.Sprintf("%08x", (i%made.Load()+1)*2654435761%(1<<32)))
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, io.NewSectionReader(o, 0, o.Size()))
				return errors.Join(err, o.Close())
			})
		})
	}
}

// byEight runs f b.N times by eight goroutines.
func byEight(b *testing.B, f func(i int64) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range 8 {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkLarge appends and reads an object of 1 GiB.
func BenchmarkLarge(b *testing.B) {
	const size = 1 << 30
	piece := bytes.Repeat([]byte("sealed bytes, 20"), 1<<16)
	for name, place := range places {
		s := place(b)
		b.Run(name+"/append", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				state, err := s.Begin(ctx, "large")
				if err == nil {
					state, _, err = s.Append(ctx, "large", state, 0, size, &repeated{piece: piece, left: size})
				}
				if err == nil {
					err = s.Finish(ctx, "large", state)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/read", func(b *testing.B) {
			b.SetBytes(size)
			buf := make([]byte, 512<<10)
			for b.Loop() {
				o, err := s.Open(ctx, "large")
				if err != nil {
					b.Fatal(err)
				}
				for at := int64(0); at < size; at += int64(len(buf)) {
					if _, err := o.ReadAt(buf, at); err != nil {
						b.Fatal(err)
					}
				}
				if err := o.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// repeated gives a piece again and again.
type repeated struct {
	piece []byte
	left  int64
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.piece)
	r.left -= int64(n)
	return n, nil
}
