package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/store"
)

// closing times how long somebody is let in after the firm's directory closed them: two programs serve one firm on PostgreSQL, the
// directory tells one of them, and the leaver works on the other without a pause. A machine without PostgreSQL has no such row.
func closing(ctx context.Context, b *bench) (_ []figure, err error) {
	f, err := b.open(ctx, store.PostgreSQL)
	if errors.Is(err, errNone) {
		fmt.Fprintln(os.Stderr, err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names := fmt.Sprintf("closing-%d", time.Now().UnixNano())
	_, directory, err := f.takeOn(ctx, names, "目录同步", access.SecurityAdmin)
	leavers, tokens := make([]string, b.runs), make([]string, b.runs)
	for i := 0; err == nil && i < b.runs; i++ {
		leavers[i], tokens[i], err = f.takeOn(ctx, fmt.Sprintf("%s-%d", names, i), "离岗者", access.Lawyer)
	}
	if err != nil {
		return nil, err
	}
	if err := b.leave(store.PostgreSQL); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.database.end()) }()
	here, err := launch(ctx, b.program, f.Settings)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, here.stop()) }()
	beside := f.Settings
	if beside.Data, err = os.MkdirTemp(b.dir, "second-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(beside.Data)
	there, err := launch(ctx, b.program, beside)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, there.stop()) }()

	took := figure{what: "closed at one of two programs: to the first refusal at the other", unit: "ms", aim: 1000, atMost: true}
	for i := range b.runs {
		if err := timed([]*figure{&took}, func() error {
			d, err := closeOne(ctx, here, there, directory, leavers[i], tokens[i])
			took.runs = append(took.runs, float64(d)/float64(time.Millisecond))
			return err
		}); err != nil {
			return nil, err
		}
	}
	return []figure{took}, nil
}

// closeOne closes somebody at one program while they read at the other. The time runs from when the directory began to tell it.
func closeOne(ctx context.Context, here, there *caller, directory, leaver, token string) (time.Duration, error) {
	var served atomic.Int64
	refused := make(chan time.Time)
	go func() {
		for there.get(ctx, "/matters", token, io.Discard) == nil {
			served.Add(1)
		}
		refused <- time.Now()
	}()
	for served.Load() < 5 {
		select {
		case <-refused:
			return 0, errors.New("who is to be closed is not let in before")
		case <-time.After(time.Millisecond):
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPatch, strings.TrimSuffix(here.base, "/api/v1")+"/scim/v2/Users/"+leaver,
		strings.NewReader(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}`))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+directory)
	r.Header.Set("Content-Type", "application/scim+json")
	begun := time.Now()
	if err := here.answered(r, io.Discard); err != nil {
		return 0, err
	}
	select {
	case at := <-refused:
		return at.Sub(begun), nil
	case <-time.After(30 * time.Second):
		return 0, errors.New("who was closed is let in after half a minute")
	}
}
