package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mijuan/internal/blob/s3test"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestRecoverFromDumpAndBucket: a database restored from pg_dump, a copy of the bucket, the root key and an empty data directory are all that
// is needed; the last document is opened by hand, as the printed words say.
func TestRecoverFromDumpAndBucket(t *testing.T) {
	s, bucket := housetest.Settings(t), s3test.Run(t)
	s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, bucket.URL
	o := housetest.Found(t, s)
	want := numbers(t, o, papers(o))

	dump, err := exec.CommandContext(t.Context(), program(t, "pg_dump"), "--clean", "--if-exists", s.Database).Output()
	housetest.Must(t, err)
	other := s3test.Run(t)
	copyObjects(t, bucket.Bucket, other.Bucket)
	restored := house.Settings{Data: t.TempDir(), Root: s.Root, Database: storetest.Options(t, store.PostgreSQL).URL, Bucket: other.URL, Worker: s.Worker, Workers: 1, Cache: s.Cache, Hashing: s.Hashing}
	psql := exec.CommandContext(t.Context(), program(t, "psql"), "--quiet", "--set", "ON_ERROR_STOP=1", restored.Database)
	psql.Stdin = strings.NewReader(string(dump))
	if out, err := psql.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	housetest.Must(t, o.House.Close())
	bucket.Kill()

	h, err := house.OpenToRecover(t.Context(), restored)
	housetest.Must(t, err)
	defer h.Close()
	out, report, got := recovered(t, h)
	if len(report.Failed) > 0 || report.Recovered != len(want) || report.Unrecorded != nil {
		t.Errorf("%+v", report)
	}
	for n, content := range want {
		if got[n] != content {
			t.Errorf("%s came back as %d bytes, want %d", n, len(got[n]), len(content))
		}
	}
	byHand(t, out, other.Bucket, want)
}

func copyObjects(t *testing.T, from, to string) {
	t.Helper()
	if raw, err := exec.CommandContext(t.Context(), "cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
}

// byHand runs the line that ByHand prints, for the list's last row.
func byHand(t *testing.T, out, objects string, want map[string]string) {
	t.Helper()
	rows := list(t, out)
	row := rows[len(rows)-1]
	lines := strings.Split(house.ByHand, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "| age --decrypt") })
	if i < 0 {
		t.Fatalf("no command in %s", house.ByHand)
	}
	_, command, _ := strings.Cut(strings.TrimSpace(lines[i]), " ")
	command = strings.NewReplacer("OBJECT", row[7], "PAYLOAD", payload(t, objects, row[7]), "MATTER", row[3], "> 文件", "> by-hand", "age ", ageTool(t)+" ").Replace(command)
	sh := exec.CommandContext(t.Context(), "sh", "-c", command)
	sh.Dir = out
	if raw, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, raw)
	}
	if plain, err := os.ReadFile(filepath.Join(out, "by-hand")); err != nil || string(plain) != want[row[0]] {
		t.Errorf("%s gives %d bytes of %d: %v", command, len(plain), len(want[row[0]]), err)
	}
}

// payload is the file of an object below the directory.
func payload(t *testing.T, objects, name string) (path string) {
	t.Helper()
	housetest.Must(t, filepath.WalkDir(objects, func(p string, e os.DirEntry, err error) error {
		if err == nil && e.Name() == name && !e.IsDir() {
			path = p
		}
		return err
	}))
	if path == "" {
		t.Fatalf("no object %s", name)
	}
	return path
}

// program is one of PostgreSQL's, which Debian keeps beside the path.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	housetest.Must(t, err)
	if len(found) == 0 {
		t.Fatalf("%s is not installed", name)
	}
	return found[len(found)-1]
}
