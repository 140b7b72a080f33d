package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is what a row found.
type figure struct {
	what    string
	unit    string
	runs    []float64
	aim     float64 // 0: none is set
	atMost  bool    // the aim is not to be exceeded; otherwise it is to be reached
	compare string

	each   []float64 // processor time of one of what is counted, in µs, of all programs that took part
	others []float64 // share of the processors that the machine's other programs had
}

// counted runs f, which does n of what the figure counts, and adds the rate and the effort.
func (f *figure) counted(n int, run func() error) error {
	before, start := spent(), time.Now()
	err := run()
	passed := time.Since(start)
	if err != nil {
		return err
	}
	e := spent().since(before)
	f.runs = append(f.runs, float64(n)/passed.Seconds())
	f.each = append(f.each, e.own.Seconds()*1e6/float64(n))
	f.others = append(f.others, e.share(passed))
	return nil
}

// timed runs f and has it add what it found; the figure gets the others' share.
func timed(figures []*figure, run func() error) error {
	before, start := spent(), time.Now()
	err := run()
	share := spent().since(before).share(time.Since(start))
	for _, f := range figures {
		f.others = append(f.others, share)
	}
	return err
}

func middle(runs []float64) float64 {
	slices.Sort(runs)
	return runs[len(runs)/2]
}

// table prints the figures.
func table(out io.Writer, found []figure) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "what\tmedian (least–most)\tto reach\t\tprocessor time each\t%d processors allow\tothers had\tfor comparison\n", runtime.NumCPU())
	for _, f := range found {
		m := middle(f.runs)
		fmt.Fprintf(w, "%s\t%s (%s–%s) %s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.what, number(m), number(f.runs[0]), number(f.runs[len(f.runs)-1]), f.unit,
			f.target(), f.verdict(m), f.time(), f.bound(), f.disturbance(), f.compare)
	}
	return w.Flush()
}

func (f *figure) target() string {
	switch {
	case f.aim == 0:
		return "–"
	case f.atMost:
		return "≤ " + number(f.aim)
	}
	return "≥ " + number(f.aim)
}

func (f *figure) verdict(m float64) string {
	switch {
	case f.aim == 0:
		return ""
	case f.atMost && m <= f.aim, !f.atMost && m >= f.aim:
		return "reached"
	case f.atMost:
		return "missed by " + number(m-f.aim)
	}
	return "missed by " + number(f.aim-m)
}

// time is the processor time of one of what is counted.
func (f *figure) time() string {
	if len(f.each) == 0 {
		return ""
	}
	return number(middle(f.each)) + " µs"
}

// bound is the rate at which the processors would have nothing else to do: what the measured rate would be near on a machine that
// is quiet and never waits for its disk.
func (f *figure) bound() string {
	if len(f.each) == 0 || middle(f.each) == 0 || !strings.HasSuffix(f.unit, "/s") {
		return ""
	}
	return number(float64(runtime.NumCPU())*1e6/middle(f.each)) + " " + f.unit
}

func (f *figure) disturbance() string {
	if len(f.others) == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*middle(f.others))
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
