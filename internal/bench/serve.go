package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"mijuan/internal/house"
	"mijuan/internal/store"
)

// caller is the program serving a firm as a process of its own, and a client with connections that stay.
type caller struct {
	process *exec.Cmd
	ready   time.Duration // from the start to the ready line
	base    string
	client  *http.Client
}

// launch starts the program on a firm and waits for its ready line.
func launch(ctx context.Context, program string, s house.Settings) (*caller, error) {
	key := filepath.Join(s.Data, "root.key")
	if err := os.WriteFile(key, []byte(rootKey+"\n"), 0o600); err != nil {
		return nil, err
	}
	args := []string{"serve", "--data", s.Data, "--root-key", key, "--listen", "127.0.0.1:0"}
	if s.Database != "" {
		args = append(args, "--database", s.Database)
	}
	c := &caller{process: exec.CommandContext(ctx, program, args...)}
	c.process.Cancel = func() error { return c.process.Process.Signal(os.Interrupt) }
	c.process.Stderr = os.Stderr
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	c.ready = time.Since(start)
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("%s did not get ready: %q %w", program, line, err), c.process.Process.Kill(), c.process.Wait())
	}
	c.base = address + "/api/v1"
	c.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the program's own certificate
		MaxIdleConnsPerHost: callers, WriteBufferSize: 256 << 10, ReadBufferSize: 256 << 10}}
	return c, nil
}

// stop ends a process as its operator does.
func stop(c *exec.Cmd) error {
	if err := c.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return c.Wait()
}

func (c *caller) stop() error {
	c.client.CloseIdleConnections()
	return stop(c.process)
}

// get reads an address as the bearer of a token.
func (c *caller) get(ctx context.Context, path, token string, into io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return c.answered(r, into)
}

// post sends JSON as the bearer of a token.
func (c *caller) post(ctx context.Context, path, token string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	var said bytes.Buffer
	if err := c.answered(r, &said); err != nil || out == nil {
		return err
	}
	return json.Unmarshal(said.Bytes(), out)
}

// answered sends a request and takes the answer's body.
func (c *caller) answered(r *http.Request, into io.Writer) error {
	answer, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return fmt.Errorf("%s %s: %s %s", r.Method, r.URL.Path, answer.Status, said)
	}
	_, err = io.Copy(into, answer.Body)
	return err
}

// starts times the program from its start until it answers, on the large firm.
func starts(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	if err := b.leave(store.SQLite); err != nil {
		return nil, err
	}
	ready := figure{what: "start to ready with 100,000 materials", unit: "s", aim: 1, atMost: true}
	for range b.runs {
		if err := timed([]*figure{&ready}, func() error {
			c, err := launch(ctx, b.program, f.Settings)
			if err != nil {
				return err
			}
			ready.runs = append(ready.runs, c.ready.Seconds())
			return c.stop()
		}); err != nil {
			return nil, err
		}
	}
	info, err := os.Stat(b.program)
	if err != nil {
		return nil, err
	}
	return []figure{ready, {what: "the program", unit: "MB", runs: []float64{float64(info.Size()) / 1e6}, aim: 80, atMost: true}}, nil
}
