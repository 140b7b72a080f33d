package blob_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mijuan/internal/blob"
)

// childDir is set in the process that TestKilledDir starts and kills.
const childDir = "MIJUAN_TEST_BLOB_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

const (
	pieceSize = 300_000
	grownSize = 40 * pieceSize
)

func objectName(i int) string { return fmt.Sprintf("0190-%04x", i) }

func objectContent(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 10_000+i) }

func grownContent() []byte {
	content := make([]byte, grownSize)
	for i := range content {
		content[i] = byte(i * i >> 8)
	}
	return content
}

// child puts objects and grows one, and says what was acknowledged, until it is killed.
func child(dir string) {
	d, err := blob.OpenDir(dir)
	if err != nil {
		panic(err)
	}
	lines := make(chan string)
	go func() {
		for i := 0; ; i++ {
			content := objectContent(i)
			if err := d.Put(ctx, objectName(i), bytes.NewReader(content), int64(len(content))); err != nil {
				panic(err)
			}
			lines <- fmt.Sprintln("put", i, "-")
		}
	}()
	go func() {
		content := grownContent()
		for round := 0; ; round++ {
			name := fmt.Sprintf("grown-%d", round)
			state, err := d.Begin(ctx, name)
			if err != nil {
				panic(err)
			}
			for at := int64(0); at < grownSize; {
				if state, at, err = d.Append(ctx, name, state, at, grownSize, bytes.NewReader(content[at:at+pieceSize])); err != nil {
					panic(err)
				}
				lines <- fmt.Sprintln("grown", round, at)
			}
			if err := d.Finish(ctx, name, state); err != nil {
				panic(err)
			}
			lines <- fmt.Sprintln("finished", round, "-")
		}
	}()
	for line := range lines {
		fmt.Print(line)
	}
}

// TestKilledDir kills a process that puts and grows objects, after various numbers of acknowledgements: what was acknowledged
// is there, nothing visible is in pieces, and growing goes on.
func TestKilledDir(t *testing.T) {
	for _, after := range []int{1, 2, 3, 7, 20, 45, 83, 130} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "objects")
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childDir+"="+dir)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			puts, rounds, grown := 0, 0, int64(0)
			scanner := bufio.NewScanner(out)
			for lines := 0; scanner.Scan(); lines++ {
				if lines == after {
					_ = cmd.Process.Kill()
				}
				var what, number, at string
				if _, err := fmt.Sscan(scanner.Text(), &what, &number, &at); err != nil {
					t.Fatalf("%q: %v", scanner.Text(), err)
				}
				switch what {
				case "put":
					puts++
				case "grown":
					_, _ = fmt.Sscan(at, &grown)
				case "finished":
					rounds, grown = rounds+1, 0
				}
			}
			_ = cmd.Wait()
			if puts+rounds+int(grown) == 0 {
				t.Fatal("the process did nothing")
			}
			checkKilled(t, openDir(t, dir), puts, rounds, grown)
		})
	}
}

func checkKilled(t *testing.T, d *blob.Dir, puts, rounds int, grown int64) {
	t.Helper()
	for i := range puts {
		if !bytes.Equal(readAll(t, d, objectName(i), int64(len(objectContent(i)))), objectContent(i)) {
			t.Errorf("object %d is another", i)
		}
	}
	content := grownContent()
	visible := 0
	if err := d.List(ctx, func(name string, size int64) error {
		i := 0
		if n, _ := fmt.Sscanf(name, "0190-%04x", &i); n == 1 && size != int64(len(objectContent(i))) || n == 0 && size != grownSize {
			t.Errorf("%s is visible with %d bytes", name, size)
		}
		visible++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if visible < puts+rounds || visible > puts+rounds+2 {
		t.Errorf("%d objects are visible, %d were acknowledged", visible, puts+rounds)
	}
	if grown == 0 {
		return
	}
	name := fmt.Sprintf("grown-%d", rounds)
	state, end, err := d.Append(ctx, name, "file", grown, grownSize, bytes.NewReader(content[grown:]))
	if grown == grownSize && err != nil { // it may have been finished, without an answer
		state, end, err = fmt.Sprintf("file %d", grownSize), grownSize, nil
	}
	if err != nil || end != grownSize {
		t.Fatalf("going on at %d: end %d, %v", grown, end, err)
	}
	if err := d.Finish(ctx, name, state); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readAll(t, d, name, grownSize), content) {
		t.Error("the grown object is another")
	}
}
