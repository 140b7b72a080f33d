package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/house"
)

// served is the program serving a firm as a process of its own, and a client beside it.
type served struct {
	*firm
	process *exec.Cmd
	base    string
	client  *http.Client
}

// launch starts the program on a firm's data and waits for its ready line. out takes the rest of what it says.
func launch(ctx context.Context, program, data string) (*exec.Cmd, string, time.Duration, error) {
	key := filepath.Join(data, "root.key")
	if err := os.WriteFile(key, []byte(rootKey+"\n"), 0o600); err != nil {
		return nil, "", 0, err
	}
	c := exec.CommandContext(ctx, program, "serve", "--data", data, "--root-key", key, "--listen", "127.0.0.1:0")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, "", 0, err
	}
	start := time.Now()
	if err := c.Start(); err != nil {
		return nil, "", 0, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	took := time.Since(start)
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		return nil, "", 0, errors.Join(fmt.Errorf("%s did not get ready: %q %w", program, line, err), c.Process.Kill(), c.Wait())
	}
	return c, address, took, nil
}

// stop ends a process as its operator does.
func stop(c *exec.Cmd) error {
	if err := c.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return c.Wait()
}

// serve makes a small firm with one matter and serves it.
func (b *bench) serve(ctx context.Context) (*served, error) {
	data, err := os.MkdirTemp(b.dir, "served-")
	if err != nil {
		return nil, err
	}
	s, err := settings(data)
	if err != nil {
		return nil, err
	}
	f := &firm{people: make([]string, 3), tokens: make([]string, 3), matters: make([]made, 1)}
	if f.House, err = house.Create(ctx, s); err != nil {
		return nil, err
	}
	for i := range f.people {
		if err := f.hire(ctx, i); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(f.take(ctx, 0), f.Close()); err != nil {
		return nil, err
	}
	v := &served{firm: f}
	v.process, v.base, _, err = launch(ctx, b.program, data)
	v.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: callers, WriteBufferSize: 256 << 10, ReadBufferSize: 256 << 10}}
	return v, err
}

func (v *served) stop() error {
	return errors.Join(stop(v.process), os.RemoveAll(v.Settings.Data))
}

// memory is the most memory that the process has had, in MiB.
func (v *served) memory() (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.process.Process.Pid))
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, errors.Join(err, errors.New("no VmHWM"))
}

// upload sends a file in one request, as tus allows, and gives the upload's id.
func (v *served) upload(ctx context.Context, size int64, content io.Reader) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+"/api/v1/matters/"+v.matters[0].ID+"/uploads", content)
	if err != nil {
		return "", err
	}
	word := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for k, value := range map[string]string{"Authorization": "Bearer " + v.tokens[v.matters[0].Team[1]], "Tus-Resumable": "1.0.0", "Upload-Length": fmt.Sprint(size),
		"Content-Type": "application/offset+octet-stream", "Upload-Metadata": "filename " + word("材料.bin") + ",not_state_secret " + word("yes")} {
		r.Header.Set(k, value)
	}
	r.ContentLength = size
	answer, err := v.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("upload: %s %s", answer.Status, said)
	}
	where := answer.Header.Get("Location")
	return where[strings.LastIndexByte(where, '/')+1:], nil
}

// file makes materials of uploads and has them reviewed; gives their ids.
func (v *served) file(ctx context.Context, uploads []string) (ids []string, err error) {
	team := v.matters[0].Team
	for len(uploads) > 0 {
		part := uploads[:min(200, len(uploads))]
		uploads = uploads[len(part):]
		var filings []map[string]any
		for _, u := range part {
			filings = append(filings, map[string]any{"upload": u, "title": "往来材料", "kinds": []string{"case_paper"}, "level": "confidential", "reason": "一般案件材料", "reviewer": v.people[team[0]]})
		}
		var more []string
		if err := v.post(ctx, team[1], "/matters/"+v.matters[0].ID+"/materials", filings, &more); err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, atOnce(len(ids), func(i int) error {
		return v.post(ctx, team[0], "/materials/"+ids[i]+"/review", map[string]any{"level": "confidential", "reason": "同意"}, nil)
	})
}

func (v *served) post(ctx context.Context, person int, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+"/api/v1"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+v.tokens[person])
	r.Header.Set("Content-Type", "application/json")
	var said bytes.Buffer
	if err := answered(v.client, r, &said); err != nil || out == nil {
		return err
	}
	return json.Unmarshal(said.Bytes(), out)
}

// fetch takes an original out, as the lead lawyer may.
func (v *served) fetch(ctx context.Context, material string, into io.Writer) error {
	return get(ctx, v.client, v.base+"/api/v1/materials/"+material+"/original", v.tokens[v.matters[0].Team[0]], into)
}

// gigabyte sends 1 GiB through https and takes it out again.
func gigabyte(ctx context.Context, b *bench) (_ []figure, err error) {
	v, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	size := int64(1 << 30)
	if !b.large {
		size = 8 << 20
	}
	block := make([]byte, 8<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(block)
	in := figure{what: "1 GiB in through https, sealed", unit: "MiB/s", aim: 600, compare: "MinIO with encryption 606; SFTPGo encrypted 430; nginx in the clear 1,500"}
	out := figure{what: "1 GiB out through https, unsealed", unit: "MiB/s", aim: 850, compare: "MinIO with encryption 840; SFTPGo encrypted 660; nginx in the clear 1,400"}
	memory := figure{what: "memory of the server meanwhile", unit: "MiB", aim: 200, atMost: true, compare: "MinIO 354; SFTPGo 42"}
	for range min(b.runs, 3) {
		start := time.Now()
		u, err := v.upload(ctx, size, &repeated{block: block, left: size})
		if err != nil {
			return nil, err
		}
		in.runs = append(in.runs, float64(size)/(1<<20)/time.Since(start).Seconds())
		ids, err := v.file(ctx, []string{u})
		if err != nil {
			return nil, err
		}
		start = time.Now()
		if err := v.fetch(ctx, ids[0], io.Discard); err != nil {
			return nil, err
		}
		out.runs = append(out.runs, float64(size)/(1<<20)/time.Since(start).Seconds())
		most, err := v.memory()
		if err != nil {
			return nil, err
		}
		memory.runs = append(memory.runs, most)
	}
	return []figure{in, out, memory}, nil
}

// repeated reads a block over and over.
type repeated struct {
	block []byte
	left  int64
	at    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	r.left -= int64(n)
	return n, nil
}

// eight is how many clients send files at once.
const eight = 8

// files sends 10,000 files of 20 KiB by eight clients and takes them out again.
func files(ctx context.Context, b *bench) (_ []figure, err error) {
	v, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	n, size := 10_000, 20<<10
	if !b.large {
		n = 50
	}
	in := figure{what: "files of 20 KiB in, 8 clients, sealed, recorded, fsync'd", unit: "/s", aim: 1200, compare: "MinIO with encryption 1,173 (the only peer that syncs); SFTPGo 3,800 without"}
	out := figure{what: "files of 20 KiB out, 8 clients, recorded", unit: "/s", aim: 3500, compare: "MinIO with encryption 3,351; SFTPGo 4,700"}
	for range min(b.runs, 3) {
		uploads := make([]string, n)
		start := time.Now()
		err := byEight(n, func(i int) (err error) {
			content := make([]byte, size)
			_, _ = rand.NewChaCha8([32]byte{byte(i), byte(i >> 8)}).Read(content)
			uploads[i], err = v.upload(ctx, int64(size), bytes.NewReader(content))
			return err
		})
		if err != nil {
			return nil, err
		}
		in.runs = append(in.runs, float64(n)/time.Since(start).Seconds())
		ids, err := v.file(ctx, uploads)
		if err != nil {
			return nil, err
		}
		start = time.Now()
		if err := byEight(n, func(i int) error { return v.fetch(ctx, ids[i], io.Discard) }); err != nil {
			return nil, err
		}
		out.runs = append(out.runs, float64(n)/time.Since(start).Seconds())
	}
	return []figure{in, out}, nil
}

// byEight runs f for each number below n, each client its own share.
func byEight(n int, f func(i int) error) error {
	return atOnce(eight, func(c int) error {
		for i := c; i < n; i += eight {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	})
}

// starts times the program from its start until it answers, on the large firm.
func starts(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	data := f.Settings.Data
	if err := b.close(); err != nil {
		return nil, err
	}
	ready := figure{what: "start to ready with 100,000 materials", unit: "s", aim: 1, atMost: true}
	for range b.runs {
		c, _, took, err := launch(ctx, b.program, data)
		if err != nil {
			return nil, err
		}
		if err := stop(c); err != nil {
			return nil, err
		}
		ready.runs = append(ready.runs, took.Seconds())
	}
	info, err := os.Stat(b.program)
	if err != nil {
		return nil, err
	}
	return []figure{ready, {what: "the program", unit: "MB", runs: []float64{float64(info.Size()) / 1e6}, aim: 80, atMost: true}}, nil
}
