package render

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"
)

// startWithin is how long a worker may take until it is ready; without a cache it compiles PDFium first.
const startWithin = 2 * time.Minute

// process is one worker as the pool sees it. Between calls nobody uses it; during a call one goroutine does.
type process struct {
	cmd      *exec.Cmd
	line     *line
	stdin    io.Closer
	said     tail // what it wrote to its standard error, for the operator
	confined bool
	keys     *recent[struct{}] // documents that are probably open in it
	dead     bool
}

// errDied says that a worker ended or was ended in the middle of a request; errTimeout, that it was ended for its slowness.
var (
	errDied    = errors.New("the worker ended")
	errTimeout = errors.New("the worker took too long and was ended")
)

// starter starts processes from one thread that lives as long as the pool: the kernel ends a worker when the thread that started
// it ends, so no worker survives this program, however it ends.
type starter struct {
	ctx   context.Context
	tasks chan func()
}

func newStarter(ctx context.Context) *starter {
	s := &starter{ctx, make(chan func())}
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		for {
			select {
			case f := <-s.tasks:
				f()
			case <-ctx.Done():
				return
			}
		}
	}()
	return s
}

func (s *starter) start(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	select {
	case s.tasks <- func() { done <- cmd.Start() }:
		return <-done
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// startProcess starts a worker and waits until it is ready.
func startProcess(s *starter, o Options) (*process, error) {
	p := &process{cmd: exec.Command(o.Command[0], o.Command[1:]...), keys: newRecent(maxOpen, func(struct{}) {})}
	p.cmd.Env = []string{"GOTRACEBACK=none"}
	p.cmd.Stderr = &p.said
	endWithParent(p.cmd)
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	p.line, p.stdin = newLine(out, in), in
	if err := s.start(p.cmd); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	if err := p.greet(o); err != nil {
		return nil, fmt.Errorf("start a worker: %w", p.end(err))
	}
	return p, nil
}

func (p *process) greet(o Options) error {
	late := time.AfterFunc(startWithin, p.kill)
	defer late.Stop()
	if err := p.line.sendJSON(sendConfig, config{CacheDir: o.CacheDir, MemoryLimit: o.MemoryLimit}); err != nil {
		return err
	}
	kind, payload, err := p.line.receive()
	if err != nil {
		return err
	}
	var h hello
	if err := json.Unmarshal(payload, &h); err != nil || kind != tellReady {
		return fmt.Errorf("frame %q instead of a greeting: %w", kind, err)
	}
	p.confined = h.Confined
	return nil
}

func (p *process) kill() { _ = p.cmd.Process.Kill() } // the only error is that it has ended already

// end makes sure that the process is gone and says why it was.
func (p *process) end(cause error) error {
	p.dead = true
	p.kill()
	_ = p.stdin.Close()
	state := p.cmd.Wait()
	return fmt.Errorf("%w (%v; %v) %s", errDied, cause, state, p.said.String())
}

// retire lets a worker that is not busy go.
func (p *process) retire() {
	p.dead = true
	_ = p.stdin.Close()
	go func() { _ = p.cmd.Wait() }()
}

// answer is what came back for a request.
type answer struct {
	info  Info
	image Image
	texts []pageText
	next  int // the page with which the text goes on, 0 after the last
}

type pageText struct {
	page int
	text string
}

// ask sends a request and serves the worker until it has answered. limit bounds the worker's own time. The error is the worker's
// *failure, the source's own error, errTimeout or errDied.
func (p *process) ask(q request, src *lease, limit time.Duration) (a answer, err error) {
	watch := newWatch(limit, p.kill)
	defer watch.stop()
	if err := p.line.sendJSON(sendRequest, q); err != nil {
		return a, p.broken(watch, err)
	}
	for {
		kind, payload, err := p.line.receive()
		if err != nil {
			return a, p.broken(watch, err)
		}
		if kind == tellRead {
			watch.pause()
			if err := p.serve(payload, q.Size, src); err != nil {
				return a, p.broken(watch, err)
			}
			watch.resume()
			continue
		}
		done, err := a.take(kind, payload)
		var f *failure
		switch {
		case errors.As(err, &f) && f.Why == unread:
			return a, src.failure()
		case errors.As(err, &f):
			return a, err
		case err != nil:
			return a, p.broken(watch, err)
		case done:
			return a, nil
		}
	}
}

func (p *process) broken(w *watch, cause error) error {
	if err := p.end(cause); !w.fired() {
		return err
	}
	return errTimeout
}

// serve answers a read. A worker that asks for what is not there is broken.
func (p *process) serve(ask []byte, size int64, src *lease) error {
	if len(ask) != 12 {
		return errors.New("a malformed read")
	}
	off, n := int64(binary.BigEndian.Uint64(ask)), int64(binary.BigEndian.Uint32(ask[8:]))
	if off < 0 || n < 1 || n > maxRead || off > size-n {
		return fmt.Errorf("a read of %d bytes at %d of %d", n, off, size)
	}
	b := make([]byte, n)
	if err := src.read(b, off); err != nil {
		return p.line.send(sendNothing)
	}
	return p.line.send(sendData, b)
}

// take reads a frame of the answer; done says that it was the last.
func (a *answer) take(kind byte, payload []byte) (done bool, err error) {
	word := func(at int) int { return int(binary.BigEndian.Uint32(payload[at:])) }
	switch {
	case kind == tellText && len(payload) >= 4:
		a.texts = append(a.texts, pageText{word(0), string(payload[4:])})
		return false, nil
	case kind == tellNext && len(payload) == 4:
		a.next = word(0)
		return true, nil
	case kind == tellImage && len(payload) > 8:
		a.image = Image{Bytes: payload[8:], ContentType: "image/jpeg", W: word(0), H: word(4)}
		return true, nil
	case kind == tellInfo:
		return true, json.Unmarshal(payload, &a.info)
	case kind == tellFailure:
		f := &failure{}
		if err := json.Unmarshal(payload, f); err != nil {
			return true, err
		}
		return true, f
	}
	return true, fmt.Errorf("an unexpected frame %q of %d bytes", kind, len(payload))
}
