package apptest

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// BenchmarkActs is how many acts a firm of 3,000 materials decides and records durably, by 32 callers at once: each looks at some
// material's page.
func BenchmarkActs(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			f := busyFirm(b, engine)
			b.Run("process", func(b *testing.B) { f.run(b, f.look) })
			b.Run("https", func(b *testing.B) { f.run(b, f.call) })
		})
	}
}

// firm is an office full of material.
type firm struct {
	*office
	materials []string
	next      atomic.Int64
}

func busyFirm(b *testing.B, engine store.Engine) *firm {
	s := settings(b, b.TempDir())
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(b, engine).URL
	}
	f := &firm{office: found(b, s), materials: make([]string, 3000)}
	matters := make([]string, 30)
	for i := range matters {
		matters[i] = f.openMatter(fmt.Sprintf("合同纠纷 %d", i), fmt.Sprintf("沧浪环保有限公司 %d", i))
	}
	who := guard.Who{Person: f.ids["handling"], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	atOnce(b, len(f.materials), func(i int) (err error) {
		f.materials[i], err = receive(f.h, who, matters[i%len(matters)], f.ids["lead"], fmt.Sprintf("第 %d 份", i))
		return err
	})
	f.server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = callers
	return f
}

// callers act at once.
const callers = 32

// atOnce runs f for each number below n, as many at a time as there are callers.
func atOnce(b *testing.B, n int, f func(i int) error) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
}

func (f *firm) run(b *testing.B, act func(material string) error) {
	before := processorTime()
	b.ResetTimer()
	atOnce(b, b.N, func(int) error { return act(f.materials[f.next.Add(1)*7919%int64(len(f.materials))]) })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
	b.ReportMetric(float64((processorTime()-before).Microseconds())/float64(b.N), "cpu-µs/act") // the same on a busy machine
}

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (f *firm) look(material string) error {
	who := guard.Who{Person: f.ids["lead"], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	return f.h.Door.Do(f.t.Context(), who, access.View, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) error {
		_, err := f.h.Shelf.Get(g)
		return err
	})
}

func (f *firm) call(material string) error {
	if status := f.office.call("lead", http.MethodGet, "/materials/"+material, nil, nil); status != http.StatusOK {
		return fmt.Errorf("a material by the API: %d", status)
	}
	return nil
}
