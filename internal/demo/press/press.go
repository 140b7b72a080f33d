// Package press is the demonstration printer: a real IPP printer (RFC 8010 and 8011) over TLS on the loopback address, that takes
// the jobs a printer takes, counts their pages as they flow by, goes through their states at a printer's pace, and puts nothing on
// paper. It keeps nothing of a document. Only the demonstration firm has it.
package press

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"

	"mijuan/internal/printer"
)

// Name is what the printer calls itself, wherever it is shown.
const Name = "演示打印机（不出纸）"

// Limits of what it takes and remembers.
const (
	mostBytes = 512 << 20 // of one request
	mostJobs  = 200       // that it remembers; the oldest are forgotten
	openTerm  = time.Minute
	path      = "/ipp/print"
)

// Press is the printer, switched on. It is safe for concurrent use.
type Press struct {
	*queue
	cert   tls.Certificate
	port   int
	server *http.Server
	off    sync.Once
	work   sync.WaitGroup
}

// Start switches the printer on. Its certificate and its port are kept in dir, so that it is found where it was. Where something else
// has taken the port it chooses another. It prints a page in pace; without one a job is over before it is answered.
func Start(dir string, pace time.Duration) (*Press, error) {
	p := &Press{queue: &queue{pace: pace, began: time.Now(), jams: map[int]int{}, wake: make(chan struct{}, 1), ended: make(chan struct{})}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if p.cert, err = certificate(dir, p.began); err != nil {
		return nil, err
	}
	l, err := listen(filepath.Join(dir, "port"))
	if err != nil {
		return nil, fmt.Errorf("switch the demonstration printer on: %w", err)
	}
	p.port = l.Addr().(*net.TCPAddr).Port
	mux := http.NewServeMux()
	mux.Handle("POST "+path, p)
	mux.Handle("POST "+path+"/{job}", p)
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: time.Minute,
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // whoever does not trust its certificate hangs up
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{p.cert}, MinVersion: tls.VersionTLS12}}
	p.work.Go(func() { _ = p.server.ServeTLS(l, "", "") })
	p.work.Go(p.print)
	return p, nil
}

// listen takes the port that the file names, or a free one, whose number the file then holds.
func listen(file string) (net.Listener, error) {
	if kept, err := os.ReadFile(file); err == nil {
		port, err := strconv.ParseUint(strings.TrimSpace(string(kept)), 10, 16)
		if err == nil && port > 0 {
			if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
				return l, nil
			}
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, "%d\n", l.Addr().(*net.TCPAddr).Port), 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Address is where it answers, and the certificate it is known by.
func (p *Press) Address() printer.Address {
	sum := sha256.Sum256(p.cert.Certificate[0])
	return printer.Address{URI: p.uri(), Pin: hex.EncodeToString(sum[:])}
}

func (p *Press) uri() string { return fmt.Sprintf("ipps://127.0.0.1:%d%s", p.port, path) }

// Jam has the job that comes as the nth from now stop for good after so many pages, as paper that is stuck makes a printer do.
func (p *Press) Jam(nth, after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jams[p.last+nth] = after
}

// Close switches it off. It forgets its jobs. Closed again it does nothing.
func (p *Press) Close() (err error) {
	p.off.Do(func() {
		close(p.ended)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err = p.server.Shutdown(ctx); err != nil {
			err = p.server.Close()
		}
		p.work.Wait()
	})
	return err
}

// ServeHTTP answers one request.
func (p *Press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != goipp.ContentType {
		http.Error(w, "IPP only", http.StatusUnsupportedMediaType)
		return
	}
	body := http.MaxBytesReader(w, r.Body, mostBytes)
	asked := &goipp.Message{}
	if err := asked.Decode(body); err != nil {
		http.Error(w, "no IPP request", http.StatusBadRequest)
		return
	}
	raw, err := p.answer(asked, body).EncodeBytes()
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", goipp.ContentType)
	_, _ = w.Write(raw)
}
