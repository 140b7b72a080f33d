// Package main measures what mijuan is asked to reach and prints one table: each figure's median with the smallest and largest of its
// runs, what it should be, and what comparable systems reach. Everything runs as in a firm at work: acts go through the door, bytes
// through TLS, and what counts as done is on the disk. The large firm is made once, by the same acts, and kept for the next time.
//
//	go run ./internal/bench [-rows decision,list,…] [-runs 5] [-dir DIR] [-program FILE] [-profile FILE]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
)

// row is one figure of the table.
type row struct {
	name    string
	measure func(context.Context, *bench) ([]figure, error)
}

// figure is what a row found.
type figure struct {
	what    string
	unit    string
	runs    []float64
	aim     float64
	atMost  bool // the aim is not to be exceeded; otherwise it is to be reached
	compare string
}

// bench is where it runs.
type bench struct {
	dir     string // kept between runs
	program string // the built mijuan
	runs    int
	large   bool // the sizes of the table; otherwise small ones that only show that everything works
	firm    *firm
}

func rows() []row {
	return []row{{"decision", decisions}, {"list", lists}, {"acts", acts}, {"gigabyte", gigabyte}, {"files", files}, {"pages", pages},
		{"verify", verification}, {"start", starts}}
}

func main() {
	b := &bench{}
	var wanted string
	flag.StringVar(&wanted, "rows", "", "comma-separated rows; empty: all")
	flag.StringVar(&b.dir, "dir", ".cache/bench", "directory that is kept between runs")
	flag.StringVar(&b.program, "program", "bin/mijuan", "the built program")
	flag.IntVar(&b.runs, "runs", 5, "runs of each figure")
	profile := flag.String("profile", "", "file for a profile of where the processors' time goes")
	small := flag.Bool("small", false, "small sizes: shows that every row works, measures nothing")
	flag.Parse()
	b.large = !*small
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(worker())
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
	err := run(ctx, b, wanted)
	pprof.StopCPUProfile()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, b *bench, wanted string) error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	var found []figure
	for _, r := range rows() {
		if wanted != "" && !slices.Contains(strings.Split(wanted, ","), r.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring %s\n", r.name)
		figures, err := r.measure(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		found = append(found, figures...)
	}
	return errorsOf(table(found), b.close())
}

// table prints the figures.
func table(found []figure) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tmedian (least–most)\tto reach\t\tfor comparison")
	for _, f := range found {
		slices.Sort(f.runs)
		middle := f.runs[len(f.runs)/2]
		fmt.Fprintf(w, "%s\t%s (%s–%s) %s\t%s\t%s\t%s\n", f.what, number(middle), number(f.runs[0]), number(f.runs[len(f.runs)-1]), f.unit, f.target(), f.verdict(middle), f.compare)
	}
	return w.Flush()
}

func (f figure) target() string {
	switch {
	case f.aim == 0:
		return "–"
	case f.atMost:
		return "≤ " + number(f.aim)
	}
	return "≥ " + number(f.aim)
}

func (f figure) verdict(middle float64) string {
	switch {
	case f.aim == 0:
		return ""
	case f.atMost && middle <= f.aim, !f.atMost && middle >= f.aim:
		return "reached"
	}
	return fmt.Sprintf("missed (%.2f ×)", middle/f.aim)
}

// number shows three figures of small numbers and all of large ones.
func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
