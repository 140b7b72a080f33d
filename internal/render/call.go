package render

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/problem"
)

// textSlice is for how long a worker reads text before it serves others.
const textSlice = 400 * time.Millisecond

// Inspect tells how many pages a document has and what is known of it. A document that cannot be shown is a problem; one that
// needs a password is not: Info says so.
func (p *Pool) Inspect(ctx context.Context, d Doc) (Info, error) {
	a, err := p.call(ctx, d, request{Act: actInspect})
	if err != nil {
		return Info{}, err
	}
	a.info.Type = d.Type
	return a.info, nil
}

// Text gives the text of each page in order, from 1 on, "" for pages without. A page's text may run into the next a little, so
// that what stands on the border is found. f's error ends it and is returned.
func (p *Pool) Text(ctx context.Context, d Doc, f func(page int, text string) error) error {
	for next := 1; next != 0; {
		a, err := p.call(ctx, d, request{Act: actText, Page: next, For: textSlice.Milliseconds()})
		if err != nil {
			return err
		}
		for _, t := range a.texts {
			if err := f(t.page, t.text); err != nil {
				return err
			}
		}
		if a.next != 0 && a.next <= next {
			return fmt.Errorf("render: the text goes on at page %d after %d", a.next, next)
		}
		next = a.next
	}
	return nil
}

// Page makes the image of page n, counted from 1, with its mark.
func (p *Pool) Page(ctx context.Context, d Doc, n int, s Spec) (Image, error) {
	if s.Mark.Level == "" || s.Mark.Code == "" || len(s.Mark.fields()) < 2 {
		return Image{}, errors.New("render: a page needs a mark with a level, a line and a code")
	}
	if s.Width <= 0 && s.DPI <= 0 {
		return Image{}, errors.New("render: a page needs a width or a resolution")
	}
	a, err := p.call(ctx, d, request{Act: actPage, Page: n, Spec: s})
	return a.image, err
}

// Thumb makes a small image of page n, which is marked like any other.
func (p *Pool) Thumb(ctx context.Context, d Doc, n int, m Mark) (Image, error) {
	return p.Page(ctx, d, n, Spec{Width: ThumbWidth, Mark: m})
}

// Ready waits until there is a worker and tells whether the kernel confines it.
func (p *Pool) Ready(ctx context.Context) (confined bool, err error) {
	w, err := p.acquire(ctx, "")
	if err != nil {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveBack(w)
	return w.confined, nil
}

// call has a worker do what is asked. The error is a problem, the source's own, or the context's. A worker that died may have died
// of something else, so a second one gets to try.
func (p *Pool) call(ctx context.Context, d Doc, q request) (answer, error) {
	switch {
	case d.Size == 0:
		return answer{}, fail(emptyFile, nil).problem()
	case d.Size < 0 || d.Src == nil:
		return answer{}, errors.New("render: a document without bytes")
	case !d.Type.Viewable():
		return answer{}, fail(notViewable, nil).problem()
	}
	q.Key, q.Type, q.Size = d.Key, d.Type.Code, d.Size
	a, err := p.once(ctx, d, q)
	if errors.Is(err, errDied) {
		a, err = p.once(ctx, d, q)
		if errors.Is(err, errDied) {
			p.blame(q.Key)
		}
	}
	var f *failure
	switch {
	case errors.Is(err, errDied), errors.Is(err, errTimeout):
		return a, fail(overLimit, err).problem()
	case errors.As(err, &f) && problem.KindOf(err) == 0:
		return a, f.problem()
	}
	return a, err
}

// once asks one worker. When the context ends first, the worker finishes by itself, without another look at the document.
func (p *Pool) once(ctx context.Context, d Doc, q request) (answer, error) {
	w, err := p.acquire(ctx, q.Key)
	if err != nil {
		return answer{}, err
	}
	src := &lease{src: d.Src}
	defer src.end()
	type result struct {
		answer
		error
	}
	done := make(chan result, 1)
	go func() {
		a, err := w.ask(q, src, p.options.Timeout)
		p.settle(w, q.Key, err)
		done <- result{a, err}
	}()
	select {
	case r := <-done:
		return r.answer, r.error
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// settle returns a worker and draws the conclusions about the document.
func (p *Pool) settle(w *process, key string, err error) {
	if errors.Is(err, errTimeout) {
		p.blame(key)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		if _, ok := p.proven.get(key); !ok {
			p.proven.put(key, struct{}{}, 1)
		}
	}
	if _, ok := w.keys.get(key); !ok {
		w.keys.put(key, struct{}{}, 1)
	}
	p.giveBack(w)
}

// blame keeps a document from breaking more workers, and ends those that are at it.
func (p *Pool) blame(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.blamed.drop(key)
	p.blamed.put(key, time.Now().Add(blameFor), 1)
	for w, k := range p.queue.busy {
		if k == key {
			w.kill()
		}
	}
}
