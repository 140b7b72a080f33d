package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of the processors' times under /proc.
const tick = 10 * time.Millisecond

// effort is processor time: what this program used with all that it started, and what the whole machine did. Where there is no
// /proc it stays zero.
type effort struct{ own, machine time.Duration }

// spent is the effort so far.
func spent() effort {
	e := effort{own: tree()[os.Getpid()]}
	raw, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, field := range strings.Fields(line) {
		if ticks, err := strconv.ParseInt(field, 10, 64); err == nil && i != 4 && i != 5 && i < 9 { // idle, waiting for the disk, guests
			e.machine += time.Duration(ticks) * tick
		}
	}
	return e
}

func (e effort) since(before effort) effort {
	return effort{e.own - before.own, e.machine - before.machine}
}

// share is which part of the processors others had in the time that passed.
func (e effort) share(passed time.Duration) float64 {
	others := max(e.machine-e.own, 0).Seconds() / (passed.Seconds() * float64(runtime.NumCPU()))
	return min(others, 1)
}

// tree gives the processor time of each process with all its descendants.
func tree() map[int]time.Duration {
	own, parent := map[int]time.Duration{}, map[int]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		raw, err := os.ReadFile(name)
		_, rest, ok := strings.Cut(string(raw), ") ") // the program's name stands in parentheses
		f := strings.Fields(rest)
		if err != nil || !ok || len(f) < 15 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		parent[pid], _ = strconv.Atoi(f[1])
		for _, field := range f[11:15] { // its own time and that of children which have ended, as user and in the kernel
			ticks, _ := strconv.ParseInt(field, 10, 64)
			own[pid] += time.Duration(ticks) * tick
		}
	}
	sum := map[int]time.Duration{}
	for pid, used := range own {
		for p := pid; p > 1; p = parent[p] {
			sum[p] += used
		}
	}
	return sum
}

// threadTime is the processor time of this thread so far.
func threadTime() time.Duration {
	const thisThread = 1 // RUSAGE_THREAD of Linux, which package syscall lacks
	var u syscall.Rusage
	if syscall.Getrusage(thisThread, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory is the most memory that a process has had, in MiB.
func memory(pid int) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d tells no VmHWM", pid)
}
