package apptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mijuan/internal/blob"
	"mijuan/internal/blob/s3test"
)

// pausing is a body that stands still in its middle until it is told to go on.
type pausing struct {
	io.Reader
	reached, goOn chan struct{}
	once          sync.Once
}

func pausingAt(content []byte, at int) *pausing {
	p := &pausing{reached: make(chan struct{}), goOn: make(chan struct{})}
	p.Reader = io.MultiReader(bytes.NewReader(content[:at]), readerFunc(p.pause), bytes.NewReader(content[at:]))
	return p
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func (p *pausing) pause([]byte) (int, error) {
	p.once.Do(func() { close(p.reached) })
	<-p.goOn
	return 0, io.EOF
}

// offset is how far an upload is.
func (o *office) offset(t testing.TB, upload string) int {
	t.Helper()
	a := o.ask("handling", "HEAD", upload, nil, "Tus-Resumable", "1.0.0")
	a.done(t, "how far the upload is", http.StatusOK)
	n, err := strconv.Atoi(a.header.Get("Upload-Offset"))
	must(t, err)
	return n
}

// resume sends the rest of an upload.
func (o *office) resume(upload string, at int, rest io.Reader) answer {
	return o.ask("handling", "PATCH", upload, rest, "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(at), "Content-Type", "application/offset+octet-stream")
}

// place is an upload's path below the API's prefix.
func (a answer) place(t testing.TB) string {
	t.Helper()
	path, ok := strings.CutPrefix(a.header.Get("Location"), "/api/v1")
	if !ok {
		t.Fatalf("no upload was begun: %d %s %v", a.status, a.body, a.broken)
	}
	return path
}

// file files an upload that is whole, has it reviewed and gives the material.
func (o *office) file(t testing.TB, matter, upload string) string {
	t.Helper()
	a := o.tell("handling", "POST", "/matters/"+matter+"/materials", []object{{"upload": upload[strings.LastIndexByte(upload, '/')+1:], "kinds": []string{"case_paper"}, "level": "secret",
		"reason": "含诉讼策略", "reviewer": o.ids["lead"]}})
	a.done(t, "filing", http.StatusOK)
	var ids []string
	must(t, json.Unmarshal(a.body, &ids))
	o.review(ids[0], "secret")
	return ids[0]
}

// objects counts what lies in the object store.
func (o *office) objects(t testing.TB) (n int) {
	t.Helper()
	must(t, o.h.Blobs.List(t.Context(), func(string, int64) error { n++; return nil }))
	return n
}

// largeFile is bytes of which no part is like another.
func largeFile(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%015d\n", i)
	}
	return b.Bytes()[:size]
}

const bucketAway = "文件存储暂时不可用"

// TestBucketGone stops the S3 server in the middle of an upload and of an original, and starts it again.
func TestBucketGone(t *testing.T) {
	bucket := s3test.Run(t)
	s := settings(t, t.TempDir())
	s.Bucket = bucket.URL
	o := found(t, s)
	matter := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	text, large := longText(), largeFile(12<<20)
	kept := o.receive(matter, "代理词.txt", "代理词", text, "secret")
	o.review(kept, "secret")

	body := pausingAt(large, 7<<20)
	begun := make(chan answer, 1)
	go func() { begun <- o.begin("handling", matter, "a.bin", int64(len(large)), body) }()
	<-body.reached
	awaitPart(t, bucket)
	bucket.Kill()
	close(body.goOn)
	a := <-begun
	a.refused(t, "an upload whose bucket goes", http.StatusServiceUnavailable, bucketAway)
	upload := a.place(t)

	at := o.offset(t, upload)
	if at == 0 || at > 7<<20 {
		t.Errorf("the upload stands at %d", at)
	}
	small := o.whileAway(t, matter, kept, upload, at, large)
	if now := o.offset(t, upload); now != at {
		t.Errorf("the upload stood at %d and stands at %d", at, now)
	}

	bucket.Restart()
	if n := o.objects(t); n != 1 {
		t.Errorf("%d objects for one material", n)
	}
	o.resume(upload, at, bytes.NewReader(large[at:])).done(t, "going on", http.StatusNoContent)
	o.resume(small, 0, strings.NewReader("证据目录")).done(t, "the small one", http.StatusNoContent)
	received, listed := o.file(t, matter, upload), o.file(t, matter, small)

	o.goneWhileRead(t, bucket, received, large)
	bucket.Restart()
	for id, content := range map[string][]byte{kept: text, received: large, listed: []byte("证据目录")} {
		o.original(t, "lead", id, content)
	}
	o.page(t, "handling", kept, 1)
	if n := o.objects(t); n != 3 {
		t.Errorf("%d objects for three materials", n)
	}
	o.sound(t)
}

// whileAway has people at work while there is no bucket, and gives a small upload that was begun then.
func (o *office) whileAway(t *testing.T, matter, kept, upload string, at int, large []byte) string {
	o.ask("lead", "GET", "/materials/"+kept, nil).done(t, "what the database knows", http.StatusOK)
	b := o.loggedIn("handling")
	answers := atTheSameTime(5, func(i int) answer {
		switch i {
		case 0:
			return o.begin("handling", matter, "b.txt", int64(len("证据目录")), strings.NewReader("证据目录"))
		case 1:
			return o.ask("handling", "GET", "/materials/"+kept+"/pages/1?width=160", nil)
		case 2:
			return o.ask("lead", "GET", "/materials/"+kept+"/original", nil)
		case 3:
			return o.resume(upload, at, bytes.NewReader(large[at:]))
		default:
			if status, page := b.get("/materials/" + kept + "/page/1"); status != http.StatusServiceUnavailable || !strings.Contains(page, bucketAway) {
				t.Errorf("a page in the browser: %d %.300s", status, page)
			}
			return o.ask("lead", "GET", "/materials/"+kept+"/pages/1", nil)
		}
	})
	for i, a := range answers {
		a.refused(t, fmt.Sprintf("attempt %d", i), http.StatusServiceUnavailable, bucketAway)
	}
	return answers[0].place(t)
}

// awaitPart waits until the first part of a large object lies on the server's disk.
func awaitPart(t *testing.T, bucket *s3test.Server) {
	t.Helper()
	await(t, "the first part", func() (there bool) {
		_ = filepath.WalkDir(filepath.Dir(bucket.Bucket), func(_ string, e fs.DirEntry, err error) error { // the server moves files meanwhile
			if err != nil || e.IsDir() {
				return nil
			}
			info, err := e.Info()
			there = there || err == nil && info.Size() == blob.First+blob.PartSize
			return nil
		})
		return there
	})
}

// goneWhileRead stops the server while an original leaves: what came is right, the connection tells that it is not all, and so does
// the ledger.
func (o *office) goneWhileRead(t *testing.T, bucket *s3test.Server, material string, content []byte) {
	r, err := http.NewRequest("GET", o.server.URL+"/api/v1/materials/"+material+"/original", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+o.tokens["lead"])
	got, err := o.server.Client().Do(r)
	must(t, err)
	defer got.Body.Close()
	first := make([]byte, 64<<10)
	_, err = io.ReadFull(got.Body, first)
	must(t, err)
	bucket.Kill()
	rest, err := io.ReadAll(got.Body)
	if came := append(first, rest...); err == nil || len(came) == len(content) || !bytes.HasPrefix(content, came) {
		t.Errorf("%d of %d bytes came, right: %v, %v", len(came), len(content), bytes.HasPrefix(content, came), err)
	}
	if l := o.history(t, material)[0]; l.Act != "fetchOriginal" || l.Outcome != "broken-off" {
		t.Errorf("the ledger's last word on it is %+v", l)
	}
}
