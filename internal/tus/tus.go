// Package tus lets files come in by the tus resumable upload protocol 1.0.0 (https://tus.io/protocols/resumable-upload) with
// the extensions creation, creation-with-upload, checksum (sha256) and termination. It only translates: deciding, sealing and
// checking are package material's. Pages and the API mount the same table under their own prefix.
package tus

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/server"
)

const (
	version    = "1.0.0"
	extensions = "creation,creation-with-upload,checksum,termination"
	streamType = "application/offset+octet-stream"
	// statusChecksumMismatch is the protocol's own status.
	statusChecksumMismatch = 460
)

// desk takes uploads from callers C.
type desk[C any] struct {
	prefix string
	door   *guard.Door
	shelf  *material.Shelf
	who    func(C) guard.Who
}

// Routes is the table for a face: prefix + /{matter}/uploads and what hangs below it.
func Routes[C any](prefix string, door *guard.Door, shelf *material.Shelf, who func(C) guard.Who) []server.Route[C] {
	d := &desk[C]{prefix: prefix, door: door, shelf: shelf, who: who}
	all, one := prefix+"/{matter}/uploads", prefix+"/{matter}/uploads/{upload}"
	return []server.Route[C]{
		{Method: "OPTIONS", Pattern: all, Auth: server.Public, Timeout: time.Second, Handle: d.options},
		{Method: "POST", Pattern: all, Auth: server.Signed, Body: -1, Timeout: server.Stream, Handle: d.create},
		{Method: "HEAD", Pattern: one, Auth: server.Signed, Timeout: 10 * time.Second, Handle: d.head},
		{Method: "GET", Pattern: one, Auth: server.Signed, Timeout: 10 * time.Second, Handle: d.tell},
		{Method: "PATCH", Pattern: one, Auth: server.Signed, Body: -1, Timeout: server.Stream, Handle: d.patch},
		{Method: "DELETE", Pattern: one, Auth: server.Signed, Timeout: 10 * time.Second, Handle: d.remove},
	}
}

func (d *desk[C]) options(w http.ResponseWriter, _ *http.Request, _ C) error {
	h := w.Header()
	h.Set("Tus-Resumable", version)
	h.Set("Tus-Version", version)
	h.Set("Tus-Extension", extensions)
	h.Set("Tus-Checksum-Algorithm", "sha256")
	h.Set("Tus-Max-Size", strconv.FormatInt(material.MaxSize, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// speaks checks that the client means this version, and says so in the answer.
func speaks(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Tus-Resumable", version)
	if r.Header.Get("Tus-Resumable") == version {
		return true
	}
	w.Header().Set("Tus-Version", version)
	w.WriteHeader(http.StatusPreconditionFailed)
	return false
}

func (d *desk[C]) create(w http.ResponseWriter, r *http.Request, c C) error {
	if !speaks(w, r) {
		return nil
	}
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		return problem.New(problem.Invalid, "缺少文件大小").In("Upload-Length")
	}
	meta, err := metadata(r.Header.Get("Upload-Metadata"))
	if err != nil {
		return err
	}
	name := meta["filename"]
	if name == "" {
		name = meta["name"]
	}
	var body io.Reader = http.NoBody
	if r.Header.Get("Content-Type") == streamType {
		body = r.Body
	}
	body, check, err := checked(r.Header.Get("Upload-Checksum"), body)
	if err != nil {
		return err // before the upload is there, and held
	}
	u, p, err := d.shelf.Begin(r.Context(), d.who(c), r.PathValue("matter"),
		material.Declaration{Name: name, Size: size, NotStateSecret: meta["not_state_secret"] == "yes"})
	if err != nil {
		return err
	}
	w.Header().Set("Location", d.prefix+"/"+u.Matter+"/uploads/"+u.ID)
	return d.pour(w, r, p, u, sending{body, r.Body}, check, http.StatusCreated)
}

func (d *desk[C]) patch(w http.ResponseWriter, r *http.Request, c C) error {
	if !speaks(w, r) {
		return nil
	}
	if r.Header.Get("Content-Type") != streamType {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return nil
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return problem.New(problem.Invalid, "缺少上传位置").In("Upload-Offset")
	}
	body, check, err := checked(r.Header.Get("Upload-Checksum"), r.Body)
	if err != nil {
		return err
	}
	u, p, err := d.shelf.Resume(r.Context(), d.who(c), r.PathValue("matter"), r.PathValue("upload"), offset)
	if err != nil {
		return err
	}
	return d.pour(w, r, p, u, sending{body, r.Body}, check, http.StatusNoContent)
}

func (d *desk[C]) pour(w http.ResponseWriter, r *http.Request, p *guard.Passage, u *material.Upload, body sending, check func() error, status int) error {
	offset, err := d.shelf.Pour(r.Context(), p, u, body, check)
	w.Header().Set("Upload-Offset", strconv.FormatInt(offset, 10))
	if errors.Is(err, material.ErrChecksum) {
		w.WriteHeader(statusChecksumMismatch)
		return nil
	}
	if err != nil {
		return err
	}
	w.WriteHeader(status)
	return nil
}

// sending is a request's body on its way in, that a later request for the same upload ends.
type sending struct {
	io.Reader
	body io.Reader
}

func (s sending) Interrupt() { server.Interrupt(s.body) }

// checked wraps the body so that its bytes can be held against the checksum sent with them.
func checked(header string, body io.Reader) (io.Reader, func() error, error) {
	if header == "" {
		return body, nil, nil
	}
	algorithm, value, _ := strings.Cut(header, " ")
	want, err := base64.StdEncoding.DecodeString(value)
	if algorithm != "sha256" || err != nil || len(want) != sha256.Size {
		return nil, nil, problem.New(problem.Invalid, "只支持 sha256 校验").In("Upload-Checksum")
	}
	sum := sha256.New()
	return io.TeeReader(body, sum), func() error {
		if !bytes.Equal(sum.Sum(nil), want) {
			return material.ErrChecksum
		}
		return nil
	}, nil
}

func (d *desk[C]) find(r *http.Request, c C) (u *material.Upload, err error) {
	thing := guard.Thing{Kind: access.Matter, ID: r.PathValue("matter")}
	err = d.door.Do(r.Context(), d.who(c), access.ReceiveMaterial, thing, func(g *guard.Grant) error {
		u, err = d.shelf.Upload(g, r.PathValue("upload"))
		return err
	})
	return u, err
}

func (d *desk[C]) head(w http.ResponseWriter, r *http.Request, c C) error {
	if !speaks(w, r) {
		return nil
	}
	u, err := d.find(r, c)
	if err == nil && d.shelf.Halt(r.Context(), d.who(c), u.ID) { // who asks how far it came has lost the line by which it came
		u, err = d.find(r, c)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	w.WriteHeader(http.StatusOK)
	return nil
}

// tell is not of the protocol: what the checks found, for the form that follows.
func (d *desk[C]) tell(w http.ResponseWriter, r *http.Request, c C) error {
	u, err := d.find(r, c)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"id": u.ID, "name": u.Name, "size": u.Size, "received": u.Received,
		"state": u.State, "type": u.Type.Code, "pages": u.Pages, "advice": u.Advice})
}

func (d *desk[C]) remove(w http.ResponseWriter, r *http.Request, c C) error {
	if !speaks(w, r) {
		return nil
	}
	if err := d.shelf.Withdraw(r.Context(), d.who(c), r.PathValue("matter"), r.PathValue("upload")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// metadata reads Upload-Metadata: comma-separated "key base64" pairs.
func metadata(header string) (map[string]string, error) {
	meta := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if key == "" {
			continue
		}
		plain, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return nil, problem.New(problem.Invalid, "文件信息的格式不对").In("Upload-Metadata")
		}
		meta[key] = string(plain)
	}
	return meta, nil
}
