package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"mijuan/internal/filetype"
	"mijuan/internal/font"
	"mijuan/internal/ledger"
	"mijuan/internal/render"
	"mijuan/internal/schema"
	"mijuan/internal/store"
)

// verification times the check of an export of a million entries, as `mijuan verify` does it.
func verification(ctx context.Context, b *bench) ([]figure, error) {
	n := 1_000_000
	if !b.large {
		n = 2000
	}
	dir := filepath.Join(b.dir, fmt.Sprintf("export-%d", n))
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := export(ctx, dir, n); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	out := figure{what: "verification of an export with 1,000,000 entries", unit: "s", aim: 15, atMost: true, compare: "building such a tree in memory 4.7 s; proof check 7 µs"}
	for range min(b.runs, 3) {
		if err := timed([]*figure{&out}, func() error {
			start := time.Now()
			report, err := ledger.Verify(dir, nil, ledger.Trust{})
			if err != nil || report.Wrong != nil || report.Size != uint64(n) {
				return fmt.Errorf("%+v %w", report, err)
			}
			out.runs = append(out.runs, time.Since(start).Seconds())
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return []figure{out}, nil
}

// export writes a ledger of n entries, with a sealed detail each, and exports it.
func export(ctx context.Context, dir string, n int) (err error) {
	temp, err := os.MkdirTemp(filepath.Dir(dir), "ledger-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(temp, "ledger.db"), Key: make([]byte, 32)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	same := func(_ string, b []byte) []byte { return b }
	l, err := ledger.New(db, ledger.Options{Origin: "bench", Seed: make([]byte, 32), Seal: same, Open: func(_ string, b []byte) ([]byte, error) { return b, nil }})
	if err == nil {
		err = db.Migrate(ctx, schema.FS)
	}
	if err != nil {
		return err
	}
	detail := bytes.Repeat([]byte("x"), 500)
	for i := 0; i < n; {
		if err := db.Update(ctx, func(tx *store.Tx) error {
			for range min(5000, n-i) {
				_, err := l.Append(tx, ledger.Entry{Matter: fmt.Sprintf("018f2f6e-7f43-7c33-a6f1-%012d", i*7919%5000), Actor: fmt.Sprintf("018f2f6e-7f43-7c33-a6f2-%012d", i%200),
					Act: "viewPage", Kind: "Material", Thing: fmt.Sprintf("018f2f6e-7f43-7c33-a6f3-%012d", i%100_000), Outcome: ledger.Allowed, Detail: detail})
				if err != nil {
					return err
				}
				i++
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return l.Export(ctx, dir, nil)
}

// pages counts marked page images of a contract at 130 dpi, by two callers a processor: of a document that is open, and of documents
// of 50 pages that no worker has seen.
func pages(ctx context.Context, b *bench) ([]figure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	pool, err := render.NewPool(render.Options{Command: []string{self, "render-worker"}, CacheDir: b.code})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	twenty, err := contract(20)
	if err != nil {
		return nil, err
	}
	fifty, err := contract(50)
	if err != nil {
		return nil, err
	}
	var seen atomic.Int64
	page := func(key string, content []byte, n int) error {
		mark := render.Mark{Level: "客户资料·机密级", Lines: []string{"何以安", "2026-0147-0032-4", "2026-11-23 10:26", "10.0.0.7"}, Code: fmt.Sprintf("%04X-%04X-%04X", seen.Add(1)&0xffff, n, 7)}
		_, err := pool.Page(ctx, render.Doc{Key: key, Type: filetype.PDF, Src: bytes.NewReader(content), Size: int64(len(content))}, n, render.Spec{DPI: 130, Mark: mark})
		return err
	}
	warm := figure{what: "marked pages at 130 dpi, warm", unit: "/s", aim: 100, compare: "pdfium rendering alone ≈ 90 a core; pdftoppm to JPEG 12–14; mutool grey without encoding 105"}
	cold := figure{what: "marked pages at 130 dpi, cold", unit: "/s", aim: 40, compare: "the same"}
	first := figure{what: "first page of a 50-page PDF, worker ready", unit: "ms", aim: 300, atMost: true}
	n := 400
	if !b.large {
		n = 8
	}
	for i := range 20 { // every page once
		if err := page("warm", twenty, i+1); err != nil {
			return nil, err
		}
	}
	for run := range b.runs {
		if err := warm.counted(n, func() error { return shared(4, n, func(i int) error { return page("warm", twenty, i%20+1) }) }); err != nil {
			return nil, err
		}
		if err := cold.counted(n/2, func() error {
			return shared(4, n/2, func(i int) error { return page(fmt.Sprintf("cold %d %d", run, i/50), fifty, i%50+1) })
		}); err != nil {
			return nil, err
		}
		if err := timed([]*figure{&first}, func() error {
			start := time.Now()
			err := page(fmt.Sprintf("first %d", run), fifty, 1)
			first.runs = append(first.runs, time.Since(start).Seconds()*1e3)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return []figure{warm, cold, first}, nil
}

// contract writes a PDF of so many pages of Chinese text with an embedded font and, on each second page, a red seal.
func contract(pages int) ([]byte, error) {
	p := fpdf.New("P", "mm", "A4", "")
	p.AddUTF8FontFromBytes("noto", "", font.NotoSansSC)
	for n := 1; n <= pages; n++ {
		p.AddPage()
		p.SetFont("noto", "", 12)
		for i := range 34 {
			p.SetXY(25, 25+float64(i)*7)
			p.Cell(0, 7, fmt.Sprintf("第%d条　甲方应当在签订之日起%d日内向乙方支付货款，逾期按日承担违约金%d元。", i+1, n+3, i*n*37))
		}
		if n%2 == 0 {
			p.SetDrawColor(200, 20, 30)
			p.Circle(150, 235, 20, "D")
		}
	}
	var b bytes.Buffer
	err := p.Output(&b)
	return b.Bytes(), err
}
