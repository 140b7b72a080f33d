package render

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"mijuan/internal/filetype"
)

// The pipe between the pool and a worker carries frames: one byte that says what it is, the length in four bytes (big endian),
// the payload. The pool sends a request and answers the worker's reads until the worker's last frame; nothing else flows.
const (
	sendConfig  byte = 'c' // pool → worker, once: config as JSON
	sendRequest byte = 'q' // pool → worker: request as JSON
	sendData    byte = 'd' // pool → worker: the bytes that were asked for
	sendNothing byte = 'x' // pool → worker: they cannot be had

	tellReady   byte = 'r' // worker → pool, once: hello as JSON
	tellRead    byte = 'b' // worker → pool: offset (8 bytes) and length (4 bytes) that it wants
	tellText    byte = 't' // worker → pool: page (4 bytes) and its text
	tellInfo    byte = 'i' // worker → pool, last: Info as JSON
	tellImage   byte = 'p' // worker → pool, last: width and height (4 bytes each) and the JPEG
	tellNext    byte = 'n' // worker → pool, last: the page with which the text goes on (4 bytes), 0 after the last
	tellFailure byte = 'f' // worker → pool, last: failure as JSON
)

const (
	maxRead  = 1 << 20
	maxFrame = 64 << 20
)

type config struct {
	CacheDir    string
	MemoryLimit int64
}

type hello struct {
	Confined bool // the kernel keeps the worker from files, network and other programs
}

type act byte

const (
	actInspect act = iota + 1
	actText
	actPage
)

type request struct {
	Act  act
	Key  string
	Type string // filetype code
	Size int64
	Page int   // actPage: which; actText: from which on
	For  int64 // actText: milliseconds after which to pause
	Spec Spec
}

func (q request) filetype() filetype.Type { return filetype.ByCode(q.Type) }

// line is one end of the pipe.
type line struct {
	in  *bufio.Reader
	out *bufio.Writer
}

func newLine(in io.Reader, out io.Writer) *line {
	return &line{bufio.NewReaderSize(in, 128<<10), bufio.NewWriterSize(out, 128<<10)}
}

// send writes one frame, whose payload is the parts one after another, and flushes.
func (l *line) send(kind byte, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	head := [5]byte{kind}
	binary.BigEndian.PutUint32(head[1:], uint32(n))
	if _, err := l.out.Write(head[:]); err != nil {
		return fmt.Errorf("write to the pipe: %w", err)
	}
	for _, p := range parts {
		if _, err := l.out.Write(p); err != nil {
			return fmt.Errorf("write to the pipe: %w", err)
		}
	}
	if err := l.out.Flush(); err != nil {
		return fmt.Errorf("write to the pipe: %w", err)
	}
	return nil
}

func (l *line) sendJSON(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a frame: %w", err)
	}
	return l.send(kind, b)
}

// receive reads one frame. At the orderly end of the pipe it gives io.EOF.
func (l *line) receive() (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(l.in, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes", n)
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(l.in, payload); err != nil {
		return 0, nil, fmt.Errorf("read a frame: %w", err)
	}
	return head[0], payload, nil
}
