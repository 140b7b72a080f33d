package render

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/filetype"
)

// view is the n-th view of something: its mark's code differs from all others.
func view(n int64) Mark {
	m := some()
	m.Code = fmt.Sprintf("%04X-%04X-%04X", n*7919&0xffff, n*104729&0xffff, n&0xffff)
	return m
}

// benchPages makes pages from four goroutines and reports how many a second.
func benchPages(b *testing.B, p *Pool, next func(n int64) (Doc, int)) {
	var n atomic.Int64
	b.SetParallelism(2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			d, page := next(i)
			if _, err := p.Page(b.Context(), d, page, Spec{DPI: 130, Mark: view(i)}); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

// BenchmarkWarm: marked pages at 130 dpi of a document that is open and whose pages have been made before.
func BenchmarkWarm(b *testing.B) {
	p := realPool(b)
	d := docOf("bench warm", filetype.PDF, contract(b, 20))
	for range 3 {
		benchPages(b, p, func(n int64) (Doc, int) { return d, int(n%20) + 1 })
	}
}

// BenchmarkCold: pages of documents of 50 pages that no worker has seen.
func BenchmarkCold(b *testing.B) {
	p := realPool(b)
	body := contract(b, 50)
	benchPages(b, p, func(n int64) (Doc, int) {
		return docOf(fmt.Sprintf("bench cold %p %d %d", b, b.N, n/50), filetype.PDF, body), int(n%50) + 1
	})
}

// BenchmarkFirstPage: from nothing to the marked first page of a 50-page PDF, in a pool that is ready.
func BenchmarkFirstPage(b *testing.B) {
	p := realPool(b)
	body := contract(b, 50)
	n := int64(0)
	for b.Loop() {
		n++
		if _, err := p.Page(b.Context(), docOf(fmt.Sprintf("bench first %d %d", time.Now().UnixNano(), n), filetype.PDF, body), 1, Spec{DPI: 130, Mark: view(n)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart: from nothing to a worker that answers, with a filled cache.
func BenchmarkStart(b *testing.B) {
	realPool(b)
	for b.Loop() {
		p, err := NewPool(Options{Command: []string{program(), "render-worker"}, CacheDir: codeCache(), Workers: 1})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Ready(b.Context()); err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
}

// BenchmarkText: the text of a contract's page.
func BenchmarkText(b *testing.B) {
	p := realPool(b)
	d := docOf("bench text", filetype.PDF, contract(b, 50))
	for b.Loop() {
		if err := p.Text(b.Context(), d, func(int, string) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(50*b.N)/b.Elapsed().Seconds(), "pages/s")
}
