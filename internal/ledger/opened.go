package ledger

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"mijuan/internal/problem"
)

// openedName is the file of an export that holds details in the clear.
const openedName = "details.jsonl"

// openedDetail is a line of details.jsonl. Salt and detail together are what the entry's opening commits to.
type openedDetail struct {
	Seq    uint64          `json:"seq"`
	Salt   string          `json:"salt"`             // hex
	Detail json.RawMessage `json:"detail,omitempty"` // the very bytes, when they are JSON on one line
	Raw    []byte          `json:"raw,omitempty"`    // otherwise
}

// bytes are the detail's.
func (d openedDetail) bytes() []byte {
	if d.Raw != nil {
		return d.Raw
	}
	return d.Detail
}

// openedFile writes details.jsonl. A nil one writes nothing.
type openedFile struct {
	l      *Ledger
	file   *os.File
	buffer *bufio.Writer
	wanted func(Entry) bool
	lines  uint64
}

func (l *Ledger) openFile(out outDir, wanted func(Entry) bool) (*openedFile, error) {
	if wanted == nil {
		return nil, nil
	}
	f, err := out.create(openedName)
	if err != nil {
		return nil, err
	}
	return &openedFile{l: l, file: f, buffer: bufio.NewWriter(f), wanted: wanted}, nil
}

// add writes a record's detail, if it is wanted and there.
func (o *openedFile) add(r *record) error {
	if o == nil || r.sealed == nil || !o.wanted(r.Entry) {
		return nil
	}
	salt, detail, err := o.l.unseal(r)
	if err != nil {
		return err
	}
	o.lines++
	_, err = o.buffer.Write(openedLine(r.Seq, salt, detail))
	return err
}

// openedLine keeps the detail's bytes as they are; encoding/json would rewrite them.
func openedLine(seq uint64, salt, detail []byte) []byte {
	line := fmt.Appendf(nil, `{"seq":%d,"salt":"%x",`, seq, salt)
	if json.Valid(detail) && bytes.Equal(detail, bytes.TrimSpace(detail)) && !bytes.ContainsAny(detail, "\r\n") {
		return append(append(append(line, `"detail":`...), detail...), "}\n"...)
	}
	raw, _ := json.Marshal(detail) // of bytes; cannot fail
	return append(append(append(line, `"raw":`...), raw...), "}\n"...)
}

// finish says how many lines there are.
func (o *openedFile) finish() (uint64, error) {
	if o == nil {
		return 0, nil
	}
	return o.lines, errors.Join(o.buffer.Flush(), o.file.Close())
}

// close ends an export that broke off.
func (o *openedFile) close() {
	if o != nil {
		_ = o.file.Close() // closed already when all went well
	}
}

// checkOpened checks a line of details.jsonl against the commitments of the entries.
func checkOpened(line []byte, openings []byte) (seq uint64, err *problem.Error) {
	var d openedDetail
	if json.Unmarshal(line, &d) != nil || d.Seq == 0 || d.Seq > uint64(len(openings)/openingSize) {
		return 0, problem.New(problem.Damaged, "明细文件中有一行不是明细")
	}
	salt, bad := hex.DecodeString(d.Salt)
	want := openings[(d.Seq-1)*openingSize:][:openingSize]
	if bad != nil || len(salt) != saltSize || !bytes.Equal(openingOf(salt, d.bytes()), want) {
		return d.Seq, damagedDetail(d.Seq)
	}
	return d.Seq, nil
}

// details checks details.jsonl, in batches on all processors.
func (v *verification) details() error {
	text, err := v.in.readSome(openedName)
	if err != nil || text == nil && v.manifest.Opened == 0 {
		return err
	}
	var mu sync.Mutex
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for len(text) > 0 {
		var batch [][]byte
		batch, text = lines(text, 1024)
		work.Go(func() error {
			for _, line := range batch {
				seq, bad := checkOpened(line, v.openings)
				if bad == nil {
					continue
				}
				mu.Lock()
				defer mu.Unlock()
				v.detailFault(seq, bad)
				break
			}
			return nil
		})
		v.report.Opened += uint64(len(batch))
	}
	_ = work.Wait() // none of them fails
	if v.report.Opened != v.manifest.Opened {
		v.chain.fault(0, "内容清单有 %d 条明细，文件中有 %d 条", v.manifest.Opened, v.report.Opened)
	}
	return nil
}

func (v *verification) detailFault(seq uint64, bad *problem.Error) {
	if v.chain.first == nil || seq != 0 && seq < v.chain.first.Seq {
		v.chain.first = &Fault{seq, bad, 1}
	}
}
