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
	"net/url"
	"strconv"
	"strings"
)

// limit sends the largest file that the product takes, breaks the line once and goes on, and takes the file out again, compared byte for byte.
func limit(ctx context.Context, b *bench) (_ []figure, err error) {
	v, err := b.intake(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	size := int64(20 << 30)
	if !b.large {
		size = 24 << 20
	}
	block := make([]byte, 8<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(block)
	in := figure{what: "20 GiB in through https, sealed, the line broken off once", unit: "MiB/s"}
	out := figure{what: "20 GiB out through https, every byte compared", unit: "MiB/s"}
	most := figure{what: "memory of the server meanwhile", unit: "MiB", aim: 200, atMost: true}
	var upload string
	if err := in.counted(int(size>>20), func() (err error) { upload, err = v.inTwo(ctx, size, block); return err }); err != nil {
		return nil, err
	}
	ids, err := v.file(ctx, []string{upload})
	if err != nil {
		return nil, err
	}
	if err := out.counted(int(size>>20), func() error {
		same := &compared{want: &repeated{block: block, left: size}}
		if err := v.get(ctx, "/materials/"+ids[0]+"/original", v.lead(), same); err != nil {
			return err
		}
		if same.want.left > 0 {
			return fmt.Errorf("%d bytes did not come", same.want.left)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	m, err := memory(v.process.Process.Pid)
	most.runs = append(most.runs, m)
	return []figure{in, out, most}, err
}

// inTwo sends a file of a repeated block, breaks the line off after half of it, asks how much has come and sends the rest. It gives the upload's id.
func (v *intake) inTwo(ctx context.Context, size int64, block []byte) (string, error) {
	word := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	made, err := v.tus(ctx, http.MethodPost, v.base+"/matters/"+v.matters[0].ID+"/uploads", nil, 0, map[string]string{"Upload-Length": fmt.Sprint(size),
		"Upload-Metadata": "filename " + word("录像.bin") + ",not_state_secret " + word("yes")})
	if err != nil {
		return "", err
	}
	where, err := url.Parse(made.Get("Location"))
	if err != nil {
		return "", err
	}
	base, err := url.Parse(v.base)
	if err != nil {
		return "", err
	}
	at := base.ResolveReference(where).String()
	send := func(from int64, content io.Reader) error {
		_, err := v.tus(ctx, http.MethodPatch, at, content, size-from, map[string]string{"Content-Type": "application/offset+octet-stream", "Upload-Offset": fmt.Sprint(from)})
		return err
	}
	if err := send(0, io.MultiReader(&repeated{block: block, left: size / 2}, brokenLine{})); !errors.Is(err, errBroken) {
		return "", fmt.Errorf("the line was to break, and %w", err)
	}
	told, err := v.tus(ctx, http.MethodHead, at, nil, 0, nil)
	if err != nil {
		return "", err
	}
	from, err := strconv.ParseInt(told.Get("Upload-Offset"), 10, 64)
	if err != nil || from == 0 || from >= size {
		return "", fmt.Errorf("after half, %q has come: %w", told.Get("Upload-Offset"), err)
	}
	return at[strings.LastIndexByte(at, '/')+1:], send(from, &repeated{block: block, left: size - from, at: int(from % int64(len(block)))})
}

// tus asks one thing of the upload protocol and gives the answer's header.
func (v *intake) tus(ctx context.Context, method, address string, content io.Reader, length int64, header map[string]string) (http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+v.second())
	r.Header.Set("Tus-Resumable", "1.0.0")
	for k, value := range header {
		r.Header.Set(k, value)
	}
	r.ContentLength = length
	answer, err := v.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode >= 300 {
		return nil, fmt.Errorf("%s: %s %s", method, answer.Status, said)
	}
	return answer.Header, nil
}

// compared is a writer of which each byte has to be what want reads.
type compared struct {
	want *repeated
	next []byte
}

func (c *compared) Write(p []byte) (int, error) {
	if len(c.next) < len(p) {
		c.next = make([]byte, len(p))
	}
	if _, err := io.ReadFull(c.want, c.next[:len(p)]); err != nil {
		return 0, fmt.Errorf("more came than was sent: %w", err)
	}
	if !bytes.Equal(c.next[:len(p)], p) {
		return 0, errors.New("other bytes came than were sent")
	}
	return len(p), nil
}

var errBroken = errors.New("the line broke")

type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, errBroken }
