package apptest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestWrongChecksum: bytes that are not those of their checksum are answered 460 and not kept, at the creation and later; the right ones
// go on from where the upload stood.
func TestWrongChecksum(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	matter := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	content := "证据目录：一、合同；二、往来函件。"
	sum := func(of string) string {
		s := sha256.Sum256([]byte(of))
		return "sha256 " + base64.StdEncoding.EncodeToString(s[:])
	}
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte("a.txt")) + ",not_state_secret " + base64.StdEncoding.EncodeToString([]byte("yes"))
	a := o.ask("handling", "POST", "/matters/"+matter+"/uploads", strings.NewReader(content), "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(content)),
		"Content-Type", "application/offset+octet-stream", "Upload-Metadata", meta, "Upload-Checksum", sum("other bytes"))
	where := a.header.Get("Location")
	if a.status != 460 || where == "" {
		t.Fatalf("created with a wrong checksum: %d %s %.200s", a.status, where, a.body)
	}
	where = strings.TrimPrefix(where, "/api/v1")
	offset := func() string {
		return o.ask("handling", "HEAD", where, nil, "Tus-Resumable", "1.0.0").header.Get("Upload-Offset")
	}
	patch := func(checksum string) int {
		return o.ask("handling", "PATCH", where, strings.NewReader(content), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream", "Upload-Checksum", checksum).status
	}
	if offset() != "0" {
		t.Errorf("kept up to %s", offset())
	}
	if status := patch(sum("other bytes")); status != 460 || offset() != "0" {
		t.Errorf("gone on with a wrong checksum: %d, kept up to %s", status, offset())
	}
	if status := patch("md5 AAAA"); status < 400 || status == 460 || offset() != "0" {
		t.Errorf("a checksum of another kind: %d", status)
	}
	if status := patch(sum(content)); status != http.StatusNoContent || offset() != fmt.Sprint(len(content)) {
		t.Errorf("with the right one: %d, kept up to %s", status, offset())
	}
}
