// Package main measures what mijuan is asked to reach and prints one table: each figure's median with the smallest and largest of its
// runs, what it should be, what it cost in processor time, how much of the machine others had meanwhile, and what comparable systems
// reach. Everything runs as in a firm at work: acts go through the door, bytes through TLS, and what counts as done is on the disk.
// The large firm is made once and kept for the next time (seed.go tells how). docs/benchmarks.md tells about the rows.
//
//	go run ./internal/bench [-rows decision,list,…] [-runs 5] [-dir DIR] [-program FILE] [-profile FILE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"

	"mijuan/internal/cli"
	"mijuan/internal/store"
)

// row is one of the names that -rows takes.
type row struct {
	name    string
	measure func(context.Context, *bench) ([]figure, error)
}

func rows() []row {
	return []row{{"decision", decisions}, {"list", lists}, {"acts", acts}, {"postgres", actsOnPostgres}, {"gigabyte", gigabyte}, {"limit", limit}, {"files", files},
		{"pages", pages}, {"verify", verification}, {"leaving", leavers}, {"carriers", carriers}, {"registers", registers}, {"labels", labels}, {"approvals", approvals}, {"closing", closing}, {"import", newcomers}, {"start", starts}}
}

// bench is where it runs.
type bench struct {
	dir      string // kept between runs
	code     string // directory of the renderer's compiled code
	program  string // the built mijuan
	runs     int
	large    bool // the sizes of the table; otherwise small ones that only show that everything works
	firms    map[store.Engine]*firm
	postgres func(ctx context.Context, fresh bool) (server, error) // a running PostgreSQL that keeps what it acknowledges
	beside   string                                                // where the data directory of the firm on PostgreSQL is
}

func main() {
	if len(os.Args) > 1 && (os.Args[1] == "render-worker" || os.Args[1] == "serve") { // the program's own processes
		os.Exit(served(os.Args[1:]))
	}
	b := &bench{postgres: ownPostgres, beside: postgresDir}
	wanted := flag.String("rows", "", "comma-separated rows; empty: all")
	flag.StringVar(&b.dir, "dir", ".cache/bench", "directory that is kept between runs")
	flag.StringVar(&b.program, "program", "bin/mijuan", "the built program; \"self\": this one, which -profile then looks into too")
	flag.IntVar(&b.runs, "runs", 5, "runs of each figure")
	profile := flag.String("profile", "", "file for a profile of where the processors' time goes; the served program's is FILE.serve")
	small := flag.Bool("small", false, "small sizes: shows that every row works, measures nothing")
	flag.Parse()
	b.large = !*small
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, b, *wanted, *profile)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profileEnv names the file for the profile of a served program.
const profileEnv = "MIJUAN_BENCH_PROFILE"

// served is the product's own command, profiled when asked.
func served(args []string) int {
	if name := os.Getenv(profileEnv); name != "" && args[0] == "serve" {
		end, err := profiling(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			return 1
		}
		defer end()
	}
	return cli.Main(args, os.Stdin, os.Stdout, os.Stderr)
}

func profiling(name string) (end func(), err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(f)
}

func run(ctx context.Context, b *bench, wanted, profile string) (err error) {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	b.code = filepath.Join(b.dir, "code")
	if b.program == "self" {
		if b.program, err = os.Executable(); err != nil {
			return err
		}
	}
	if profile != "" {
		if err := os.Setenv(profileEnv, profile+".serve"); err != nil {
			return err
		}
		end, err := profiling(profile)
		if err != nil {
			return err
		}
		defer end()
	}
	defer func() { err = errors.Join(err, b.close()) }()
	var found []figure
	for _, r := range rows() {
		if wanted != "" && !slices.Contains(strings.Split(wanted, ","), r.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring %s\n", r.name)
		figures, err := r.measure(ctx, b)
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", r.name, err), table(os.Stdout, found))
		}
		found = append(found, figures...)
	}
	return table(os.Stdout, found)
}
