// Package antivirus asks a ClamAV daemon (clamd) about a stream of bytes (clauses 7.2.4, 8.1). There are three answers, and only one
// lets bytes through: clean. Infected is refused. Whatever else may happen (the daemon is away, slow, reports an error, or the stream
// is larger than it looks through) is unknown, and what is unknown is held; it is never taken for clean.
package antivirus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
	"unicode"

	"mijuan/internal/problem"
)

// Finding is the kind of a verdict. The zero value is no verdict and lets nothing through.
type Finding uint8

const (
	Clean    Finding = iota + 1
	Infected         // by Verdict.Name
	Unknown          // no verdict came about; Verdict.Cause says why
)

// Verdict is what the daemon says of one stream.
type Verdict struct {
	Finding Finding
	Name    string // of what was found
	Cause   error  // of Unknown, for the operator
}

// ErrTooLarge is the cause when a stream is larger than the daemon looks through.
var ErrTooLarge = errors.New("larger than is scanned")

// Largest is how large a stream may be unless the firm says otherwise: what clamd looks through as it is delivered. Of a longer one it
// would look at a part only and say OK.
const Largest = 100 << 20

// patience is how long the daemon may be silent: while it takes bytes, and while it thinks.
const patience = 2 * time.Minute

// Scanner is a daemon. It is safe for concurrent use.
type Scanner struct {
	network, address string
	largest          int64
	patience         time.Duration
}

// New makes a scanner from unix:PATH or tcp:HOST:PORT. largest is the number of bytes that the daemon looks through; 0 is Largest.
func New(where string, largest int64) (*Scanner, error) {
	network, address, _ := strings.Cut(where, ":")
	wrong := network != "unix" && network != "tcp" || address == "" || largest < 0
	if network == "tcp" && !wrong {
		_, _, err := net.SplitHostPort(address)
		wrong = err != nil
	}
	if wrong {
		return nil, problem.New(problem.Invalid, "查毒服务的地址不对：%s（应为 unix:路径 或 tcp:主机:端口）", where)
	}
	if largest == 0 {
		largest = Largest
	}
	return &Scanner{network: network, address: address, largest: largest, patience: patience}, nil
}

// Largest is how many bytes of one stream are looked through.
func (s *Scanner) Largest() int64 { return s.largest }

// piece is how many bytes are sent at a time.
const piece = 64 << 10

// Scan streams all of r through the daemon. An error in reading r is unknown too: half of a file proves nothing.
func (s *Scanner) Scan(ctx context.Context, r io.Reader) Verdict {
	reply, err := s.ask(ctx, "zINSTREAM\x00", func(c io.Writer) error { return s.send(c, r) })
	if err != nil && reply == "" {
		return Verdict{Finding: Unknown, Cause: err}
	}
	return judge(reply)
}

// send gives the stream in pieces, each after its length, and an empty one at the end.
func (s *Scanner) send(c io.Writer, r io.Reader) error {
	buf, sent := make([]byte, 4+piece), int64(0)
	for {
		n, err := io.ReadFull(r, buf[4:])
		if sent += int64(n); sent > s.largest {
			return ErrTooLarge
		}
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n))
			if _, err := c.Write(buf[:4+n]); err != nil {
				return &refused{err}
			}
		}
		switch {
		case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
			_, err := c.Write([]byte{0, 0, 0, 0})
			return err
		case err != nil:
			return fmt.Errorf("read what is to be scanned: %w", err)
		}
	}
}

// refused is a write that the daemon did not take. It may have said why before it hung up.
type refused struct{ error }

// judge reads the daemon's reply. "OK" alone is clean: an answer that is not understood is unknown.
func judge(reply string) Verdict {
	said, ours := strings.CutPrefix(reply, "stream: ")
	name, found := strings.CutSuffix(said, " FOUND")
	switch {
	case strings.ContainsFunc(reply, unicode.IsControl) || len(reply) > 300:
		// not one line of text: no daemon of the kind we know
	case ours && said == "OK":
		return Verdict{Finding: Clean}
	case ours && found && !strings.HasPrefix(name, "Heuristics.Limits.Exceeded"):
		return Verdict{Finding: Infected, Name: name}
	case ours && found || strings.Contains(reply, "size limit exceeded"):
		return Verdict{Finding: Unknown, Cause: fmt.Errorf("%w: %.200q", ErrTooLarge, reply)}
	}
	return Verdict{Finding: Unknown, Cause: fmt.Errorf("clamd answered %.200q", reply)}
}

// ask sends a command and what follows it, and gives the reply.
func (s *Scanner) ask(ctx context.Context, command string, more func(io.Writer) error) (string, error) {
	c, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", fmt.Errorf("reach clamd: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	w := &patient{c, s.patience}
	if _, err := io.WriteString(w, command); err != nil {
		return "", fmt.Errorf("ask clamd: %w", err)
	}
	if more != nil {
		var hungUp *refused
		if err := more(w); err != nil && !errors.As(err, &hungUp) {
			return "", err
		}
	}
	reply, err := io.ReadAll(io.LimitReader(w, 4096))
	if len(reply) == 0 && err == nil {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = fmt.Errorf("hear clamd: %w", err)
	}
	return string(bytes.TrimRight(reply, "\x00\n")), err
}

// patient is a connection that gives up when the other side is silent for too long.
type patient struct {
	net.Conn
	patience time.Duration
}

func (p *patient) Write(b []byte) (int, error) { return p.wait(b, p.Conn.Write) }
func (p *patient) Read(b []byte) (int, error)  { return p.wait(b, p.Conn.Read) }

func (p *patient) wait(b []byte, f func([]byte) (int, error)) (int, error) {
	if err := p.SetDeadline(time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	n, err := f(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("silent for %v: %w", p.patience, err)
	}
	return n, err
}

// harmless is the EICAR test file, which every scanner must find. It stands in two pieces lest one finds it here.
var harmless = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// Check proves that the daemon is there and finds what every scanner must find, and gives its version with that of its signatures.
func (s *Scanner) Check(ctx context.Context) (version string, err error) {
	if version, err = s.ask(ctx, "zVERSION\x00", nil); err != nil {
		return "", err
	}
	if v := s.Scan(ctx, strings.NewReader(harmless)); v.Finding != Infected {
		return version, fmt.Errorf("clamd does not find the EICAR test file: %w", errors.Join(v.Cause, errors.New("its signatures are missing")))
	}
	return version, nil
}
