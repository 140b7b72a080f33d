package render

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"mijuan/internal/filetype"
)

const (
	maxOpen = 6  // documents that stay open in a worker
	quality = 76 // of the JPEGs: the letters of a 130 dpi page show no halo

	textAtOnce  = 4 << 20  // bytes of text in one answer, about
	textOfAPage = 16 << 20 // more is no text that people wrote
)

// opener makes a document of its bytes.
type opener func(q request, src *source) (document, error)

// worker is the state of a worker process. It does one thing at a time.
type worker struct {
	line    *line
	open    opener
	face    *typeface
	encoder *encoder
	docs    *recent[opened]
	rasters *recent[*raster]
	scratch raster
}

type opened struct {
	document
	src *source
}

// WorkerMain is a worker's whole life, from the settings that come first on in until in ends; the program that the pool's
// Command names calls it with its standard input and output and exits with what it gives. It confines itself to what it then
// still needs: memory and these two pipes.
func WorkerMain(in io.Reader, out io.Writer) int { return work(in, out, nil) }

// work is WorkerMain with, in tests, documents of another kind.
func work(in io.Reader, out io.Writer, open opener) int {
	w, err := newWorker(newLine(in, out), open)
	if err == nil {
		err = w.serve()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, "render worker:", err)
		return 1
	}
	return 0
}

func newWorker(l *line, open opener) (*worker, error) {
	kind, payload, err := l.receive()
	if err != nil {
		return nil, err
	}
	var c config
	if err := json.Unmarshal(payload, &c); err != nil || kind != sendConfig {
		return nil, fmt.Errorf("read the settings (frame %q): %w", kind, err)
	}
	debug.SetMemoryLimit(c.MemoryLimit * 3 / 4)
	w := &worker{line: l, open: open, encoder: newEncoder(quality),
		docs: newRecent(maxOpen, func(o opened) { o.close() }), rasters: newRecent(c.MemoryLimit/8, func(*raster) {})}
	if w.face, err = newTypeface(); err != nil {
		return nil, err
	}
	if w.open == nil {
		engine, err := newEngine(c.CacheDir, c.MemoryLimit/2)
		if err != nil {
			return nil, err
		}
		w.open = w.opener(engine)
		debug.FreeOSMemory() // what compiling took
	}
	return w, l.sendJSON(tellReady, hello{Confined: confine(c.MemoryLimit)})
}

func (w *worker) opener(e *engine) opener {
	return func(q request, src *source) (document, error) {
		switch t := q.filetype(); t {
		case filetype.PDF:
			return e.open(src)
		case filetype.JPEG, filetype.PNG:
			return openPicture(src, t)
		case filetype.TIFF:
			return openAlbum(src)
		case filetype.Text:
			return openPlain(src, w.face)
		}
		return nil, fail(notViewable, nil)
	}
}

func (w *worker) serve() error {
	for {
		kind, payload, err := w.line.receive()
		if err != nil {
			return err
		}
		var q request
		if err := json.Unmarshal(payload, &q); err != nil || kind != sendRequest {
			return fmt.Errorf("read a request (frame %q): %w", kind, err)
		}
		if err := w.answer(q); err != nil {
			return err
		}
	}
}

// answer does what is asked and sends the last frame. Its error means that the pipe is broken.
func (w *worker) answer(q request) error {
	err := w.try(q)
	var broken *brokenPipe
	if err == nil || errors.As(err, &broken) {
		return err
	}
	w.docs.drop(q.name()) // what failed once may have left half-read state behind
	return w.line.sendJSON(tellFailure, asFailure(err))
}

// brokenPipe is an error of the pipe itself.
type brokenPipe struct{ error }

func asFailure(err error) *failure {
	var known *failure
	switch {
	case errors.Is(err, errSource):
		return fail(unread, nil)
	case errors.As(err, &known):
		if known.Why == broken && strings.Contains(known.Cause, "wasm error") { // PDFium gave up: memory, mostly
			known.Why = overLimit
		}
		return known
	}
	return fail(broken, err)
}

func (w *worker) try(q request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fail(broken, fmt.Errorf("a decoder panicked: %v", p))
		}
	}()
	d, err := w.document(q)
	if err != nil {
		return inspectEncrypted(w, q, err)
	}
	switch q.Act {
	case actInspect:
		info := Info{Pages: d.pages()}
		if d.src.failed {
			return errSource
		}
		return w.tellJSON(tellInfo, info)
	case actText:
		return w.text(q, d)
	case actPage:
		return w.page(q, d)
	}
	return fmt.Errorf("act %d", q.Act)
}

// inspectEncrypted makes the answer to Inspect of a document that needs a password, since that is known of it.
func inspectEncrypted(w *worker, q request, err error) error {
	var f *failure
	if q.Act == actInspect && errors.As(err, &f) && f.Why == encrypted {
		return w.tellJSON(tellInfo, Info{Encrypted: true})
	}
	return err
}

func (w *worker) tellJSON(kind byte, v any) error {
	if err := w.line.sendJSON(kind, v); err != nil {
		return &brokenPipe{err}
	}
	return nil
}

func (w *worker) tell(kind byte, parts ...[]byte) error {
	if err := w.line.send(kind, parts...); err != nil {
		return &brokenPipe{err}
	}
	return nil
}

// name is under what an open document is kept: the same key with another type or size is another document.
func (q request) name() string { return fmt.Sprintf("%s %s %d", q.Key, q.Type, q.Size) }

func (w *worker) document(q request) (opened, error) {
	if o, ok := w.docs.get(q.name()); ok {
		return o, nil
	}
	if q.Size == 0 {
		return opened{}, fail(emptyFile, nil)
	}
	src := newSource(q.Size, w.fetch)
	d, err := w.open(q, src)
	if err == nil && src.failed {
		d.close()
		err = errSource
	}
	if err != nil {
		return opened{}, err
	}
	o := opened{d, src}
	w.docs.put(q.name(), o, 1)
	return o, nil
}

// fetch asks the pool for bytes of the document at hand.
func (w *worker) fetch(off int64, n int) ([]byte, error) {
	var ask [12]byte
	binary.BigEndian.PutUint64(ask[:], uint64(off))
	binary.BigEndian.PutUint32(ask[8:], uint32(n))
	if err := w.tell(tellRead, ask[:]); err != nil {
		return nil, err
	}
	kind, payload, err := w.line.receive()
	switch {
	case err != nil:
		return nil, &brokenPipe{err}
	case kind == sendData:
		return payload, nil
	}
	return nil, errSource
}

// text sends pages' texts until the time is up, at least one.
func (w *worker) text(q request, d opened) error {
	start, sent := time.Now(), 0
	n := max(q.Page, 1)
	for ; n <= d.pages(); n++ {
		s, err := d.text(n - 1)
		switch {
		case err != nil:
			return err
		case d.src.failed:
			return errSource
		case len(s) > textOfAPage:
			return fail(overLimit, nil)
		}
		if err := w.tell(tellText, binary.BigEndian.AppendUint32(nil, uint32(n)), []byte(s)); err != nil {
			return err
		}
		if sent += len(s); sent >= textAtOnce || time.Since(start).Milliseconds() >= q.For {
			n++
			break
		}
	}
	if n > d.pages() {
		n = 0
	}
	return w.tell(tellNext, binary.BigEndian.AppendUint32(nil, uint32(n)))
}

func (w *worker) page(q request, d opened) error {
	if q.Page < 1 || q.Page > d.pages() {
		return &failure{Why: noSuchPage, A: d.pages()}
	}
	pw, ph, err := d.size(q.Page - 1)
	if err != nil {
		return err
	}
	wanted := q.Spec.Width
	if wanted == 0 {
		wanted = int(pw*float64(q.Spec.DPI)/72 + 0.5)
	}
	width, height := fit(wanted, pw, ph)
	clean, err := w.clean(q, d, width, height)
	if err != nil {
		return err
	}
	w.scratch.copyOf(clean)
	w.face.burn(&w.scratch, q.Spec.Mark)
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	return w.tell(tellImage, size, w.encoder.encode(&w.scratch))
}

// clean is a page without a mark; it is kept in this process's memory and goes nowhere.
func (w *worker) clean(q request, d opened, width, height int) (*raster, error) {
	name := fmt.Sprintf("%s/%d/%dx%d", q.name(), q.Page, width, height)
	if r, ok := w.rasters.get(name); ok {
		return r, nil
	}
	r, err := d.draw(q.Page-1, width, height)
	if err == nil && d.src.failed {
		err = errSource
	}
	if err != nil {
		return nil, err
	}
	w.rasters.put(name, r, int64(r.bytes()))
	return r, nil
}
