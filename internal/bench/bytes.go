package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"

	"mijuan/internal/house"
)

// intake is a small firm with one matter, served, whose materials come in and go out.
type intake struct {
	*firm
	*caller
}

func (b *bench) intake(ctx context.Context) (v *intake, err error) {
	data, err := os.MkdirTemp(b.dir, "intake-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(data))
		}
	}()
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
	if err := errors.Join(f.take(ctx, 0), f.House.Close()); err != nil {
		return nil, err
	}
	c, err := launch(ctx, b.program, s)
	return &intake{f, c}, err
}

func (v *intake) stop() error { return errors.Join(v.caller.stop(), os.RemoveAll(v.Settings.Data)) }

// lead and second are the tokens of the matter's first two.
func (v *intake) lead() string   { return v.tokens[v.matters[0].Team[0]] }
func (v *intake) second() string { return v.tokens[v.matters[0].Team[1]] }

// upload sends a file in one request, as tus allows, and gives the upload's id.
func (v *intake) upload(ctx context.Context, size int64, content io.Reader) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+"/matters/"+v.matters[0].ID+"/uploads", content)
	if err != nil {
		return "", err
	}
	word := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for k, value := range map[string]string{"Authorization": "Bearer " + v.second(), "Tus-Resumable": "1.0.0", "Upload-Length": fmt.Sprint(size),
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
func (v *intake) file(ctx context.Context, uploads []string) (ids []string, err error) {
	for len(uploads) > 0 {
		part := uploads[:min(200, len(uploads))]
		uploads = uploads[len(part):]
		var filings []map[string]any
		for _, u := range part {
			filings = append(filings, map[string]any{"upload": u, "title": "往来材料", "kinds": []string{"case_paper"}, "level": "confidential", "reason": "一般案件材料",
				"reviewer": v.people[v.matters[0].Team[0]]})
		}
		var more []string
		if err := v.post(ctx, "/matters/"+v.matters[0].ID+"/materials", v.second(), filings, &more); err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, atOnce(len(ids), func(i int) error {
		return v.post(ctx, "/materials/"+ids[i]+"/review", v.lead(), map[string]any{"level": "confidential", "reason": "同意"}, nil)
	})
}

// fetch takes an original out, as the lead lawyer may, and checks that all of it came.
func (v *intake) fetch(ctx context.Context, material string, size int64) error {
	n := &counted{}
	if err := v.get(ctx, "/materials/"+material+"/original", v.lead(), n); err != nil {
		return err
	}
	if n.bytes != size {
		return fmt.Errorf("of %d bytes came %d", size, n.bytes)
	}
	return nil
}

// counted is a writer that counts.
type counted struct{ bytes int64 }

func (c *counted) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}

// gigabyte sends 1 GiB through https and takes it out again.
func gigabyte(ctx context.Context, b *bench) (_ []figure, err error) {
	v, err := b.intake(ctx)
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
	most := figure{what: "memory of the server meanwhile", unit: "MiB", aim: 200, atMost: true, compare: "MinIO 354; SFTPGo 42"}
	disk := figure{what: "1 GiB written in the clear and synced: the disk alone", unit: "MiB/s"}
	for range min(b.runs, 3) {
		if err := disk.counted(int(size>>20), func() error { return plainly(b.dir, &repeated{block: block, left: size}) }); err != nil {
			return nil, err
		}
		var u string
		if err := in.counted(int(size>>20), func() (err error) {
			u, err = v.upload(ctx, size, &repeated{block: block, left: size})
			return err
		}); err != nil {
			return nil, err
		}
		ids, err := v.file(ctx, []string{u})
		if err != nil {
			return nil, err
		}
		if err := out.counted(int(size>>20), func() error { return v.fetch(ctx, ids[0], size) }); err != nil {
			return nil, err
		}
		m, err := memory(v.process.Process.Pid)
		if err != nil {
			return nil, err
		}
		most.runs = append(most.runs, m)
	}
	return []figure{in, out, most, disk}, nil
}

// plainly writes what r gives to a file, durably: no server on this disk takes it in faster.
func plainly(dir string, r io.Reader) error {
	f, err := os.CreateTemp(dir, "plain-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, r, make([]byte, 1<<20))
	return errors.Join(err, f.Sync(), f.Close())
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

// files sends 10,000 files of 20 KiB by eight clients, makes materials of them and takes them out again.
func files(ctx context.Context, b *bench) (_ []figure, err error) {
	v, err := b.intake(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	n, size := 10_000, 20<<10
	if !b.large {
		n = 50
	}
	in := figure{what: "files of 20 KiB in, 8 clients, sealed, recorded, fsync'd", unit: "/s", aim: 1200, compare: "MinIO with encryption 1,173 (the only peer that syncs); SFTPGo 3,800 without"}
	filing := figure{what: "files made materials and reviewed", unit: "/s"}
	out := figure{what: "files of 20 KiB out, 8 clients, recorded", unit: "/s", aim: 3500, compare: "MinIO with encryption 3,351; SFTPGo 4,700"}
	for run := range min(b.runs, 3) {
		uploads := make([]string, n)
		if err := in.counted(n, func() error {
			return shared(eight, n, func(i int) (err error) {
				content := make([]byte, size)
				_, _ = rand.NewChaCha8([32]byte{byte(i), byte(i >> 8), byte(run)}).Read(content)
				uploads[i], err = v.upload(ctx, int64(size), bytes.NewReader(content))
				return err
			})
		}); err != nil {
			return nil, err
		}
		var ids []string
		if err := filing.counted(n, func() (err error) { ids, err = v.file(ctx, uploads); return err }); err != nil {
			return nil, err
		}
		if err := out.counted(n, func() error {
			return shared(eight, n, func(i int) error { return v.fetch(ctx, ids[i], int64(size)) })
		}); err != nil {
			return nil, err
		}
	}
	return []figure{in, filing, out}, nil
}

// shared has so many callers share n calls, each its own part.
func shared(callers, n int, f func(i int) error) error {
	return atOnce(callers, func(c int) error {
		for i := c; i < n; i += callers {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	})
}
