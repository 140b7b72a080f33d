package apptest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mijuan/internal/blob/s3test"
	"mijuan/internal/cli"
	"mijuan/internal/house"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// served is a `mijuan serve` in a process of its own.
type served struct {
	*exec.Cmd
	base   string
	client *http.Client
}

// commandLine is what this program does as `mijuan`, where there is none beside it; the arguments stand one on a line in MIJUAN_COMMAND.
func commandLine() int {
	return cli.Main(strings.Split(os.Getenv("MIJUAN_COMMAND"), "\n"), os.Stdin, os.Stdout, os.Stderr)
}

// mijuan is the program's command line as a process of its own. It ends with the test.
func mijuan(args ...string) *exec.Cmd {
	c := exec.Command(rendertest.Program(), args...)
	c.Env = append(os.Environ(), "MIJUAN_COMMAND="+strings.Join(args, "\n"))
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// serve starts a `mijuan serve` on a firm and waits for its ready line.
func serve(t *testing.T, s house.Settings) *served {
	t.Helper()
	args := []string{"serve", "--data", s.Data, "--root-key", rootKey(s.Data), "--listen", "127.0.0.1:0"}
	if s.Database != "" {
		args = append(args, "--database", s.Database, "--bucket", s.Bucket)
	}
	return ready(t, mijuan(args...))
}

// ready starts a process and waits until it says where it listens.
func ready(t *testing.T, c *exec.Cmd) *served {
	t.Helper()
	out, err := c.StdoutPipe()
	must(t, err)
	var said bytes.Buffer
	c.Stderr = &said
	must(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if base, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			go io.Copy(io.Discard, out)
			return &served{c, base, &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
		}
	}
	t.Fatalf("no ready line; it said: %s", said.String())
	return nil
}

// ask sends a request to the API with a token.
func (s *served) ask(token, method, path string, body io.Reader, header ...string) answer {
	r, err := http.NewRequestWithContext(context.Background(), method, s.base+"/api/v1"+path, body)
	if err != nil {
		return answer{broken: err}
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := s.client.Do(r)
	if err != nil {
		return answer{broken: err}
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header, raw, err}
}

// TestServedByTwo: two `mijuan serve` on one PostgreSQL and one bucket are one firm, also for a file of which each gets a part, and
// after one of them was killed. Who leaves the team at one is out of it at the
// other.
func TestServedByTwo(t *testing.T) {
	s := settings(t, t.TempDir())
	s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, s3test.Start(t)
	o := found(t, s)
	matter := o.openMatter("股权纠纷", "云麓科技有限公司")
	o.server.Close()
	must(t, o.h.Close())
	second := settings(t, t.TempDir()) // a machine of its own: the keyring comes from the database
	second.Database, second.Bucket = s.Database, s.Bucket
	here, there := serve(t, s), serve(t, second)

	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MiB
	const tus, parts = "application/offset+octet-stream", 3 << 20
	begun := here.ask(o.tokens["handling"], "POST", "/matters/"+matter+"/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(content)),
		"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("a.bin"))+",not_state_secret "+base64.StdEncoding.EncodeToString([]byte("yes")))
	begun.done(t, "begin at the first", http.StatusCreated)
	upload := begun.place(t)
	half := here.ask(o.tokens["handling"], "PATCH", upload, bytes.NewReader(content[:parts]), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", tus)
	half.done(t, "the first part", http.StatusNoContent)
	must(t, here.Process.Kill())
	_ = here.Wait()
	at := there.ask(o.tokens["handling"], "HEAD", upload, nil, "Tus-Resumable", "1.0.0").header.Get("Upload-Offset")
	if at == "" || at == "0" {
		t.Fatalf("the second knows %q bytes of it", at)
	}
	n, err := strconv.Atoi(at)
	must(t, err)
	there.ask(o.tokens["handling"], "PATCH", upload, bytes.NewReader(content[n:]), "Tus-Resumable", "1.0.0", "Upload-Offset", at, "Content-Type", tus).
		done(t, "the rest", http.StatusNoContent)
	filing, err := json.Marshal([]object{{"upload": upload[strings.LastIndexByte(upload, '/')+1:], "title": "证据", "kinds": []string{"case_paper"}, "level": "secret", "reason": "含诉讼策略", "reviewer": o.ids["lead"]}})
	must(t, err)
	filed := there.ask(o.tokens["handling"], "POST", "/matters/"+matter+"/materials", bytes.NewReader(filing), "Content-Type", "application/json")
	filed.done(t, "filed at the second", http.StatusOK)
	var ids []string
	must(t, json.Unmarshal(filed.body, &ids))
	here = serve(t, s)
	here.ask(o.tokens["lead"], "POST", "/materials/"+ids[0]+"/review", strings.NewReader(`{"level":"secret","reason":"同意"}`), "Content-Type", "application/json").
		done(t, "reviewed at the first", http.StatusNoContent)
	if got := there.ask(o.tokens["lead"], "GET", "/materials/"+ids[0]+"/original", nil); got.status != http.StatusOK || !bytes.Equal(got.body, content) {
		t.Errorf("the original: %d, %d bytes", got.status, len(got.body))
	}

	there.ask(o.tokens["trainee"], "GET", "/matters/"+matter, nil).done(t, "a member of the team", http.StatusOK)
	here.ask(o.tokens["lead"], "POST", "/matters/"+matter+"/team/"+o.ids["trainee"]+"/removal", strings.NewReader(`{"reason": "done"}`)).done(t, "end the place in the team", http.StatusNoContent)
	if got := there.ask(o.tokens["trainee"], "GET", "/matters/"+matter, nil); got.status != http.StatusNotFound {
		t.Errorf("whose place in the team ended at the first still reads at the second: %d", got.status)
	}
	must(t, here.Process.Signal(syscall.SIGTERM))
	if err := here.Wait(); err != nil {
		t.Errorf("asked to end: %v", err)
	}
}
