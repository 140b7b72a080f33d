// Package api is the JSON face (/api/v1): the same acts as the pages, described by OpenAPI 3.1 at /api/v1/openapi.json. Callers
// show a bearer token that is bound to a person and narrowed to some acts; there are no cookies here. Errors are RFC 9457
// problems that carry the clause key.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/approval"
	"mijuan/internal/audit"
	"mijuan/internal/carrier"
	"mijuan/internal/criteria"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/media"
	"mijuan/internal/output"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/reply"
	"mijuan/internal/retention"
	"mijuan/internal/rights"
	"mijuan/internal/server"
	"mijuan/internal/training"
	"mijuan/internal/viewing"
)

// Prefix is where the face is mounted.
const Prefix = "/api/v1"

// Parts are the rooms that the face opens.
type Parts struct {
	Door      *guard.Door
	People    *person.Roster
	Matters   *matter.Book
	Shelf     *material.Shelf
	Carriers  *carrier.Cabinet
	Approvals *approval.Room
	Dangers   *danger.Room
	Devices   *device.Register
	Output    *output.Room
	Media     *media.Room
	Retention *retention.Room
	Rights    *rights.Room
	Directory *directory.Room
	Viewing   *viewing.Room
	Training  *training.School
	Pledges   *pledge.Room
	Criteria  *criteria.Room
	Leaving   *leaving.Room
	Measures  *accountability.Room
	Audit     *audit.Reader
	Version   string
	ClientIP  func(*http.Request) string
}

// face holds the parts; its methods are the operations.
type face struct{ Parts }

// New builds the handler for everything under Prefix.
func New(p Parts) http.Handler {
	f := &face{p}
	mux := http.NewServeMux()
	speakProblems()
	config := huma.DefaultConfig("mijuan 密卷", p.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/openapi", "", "/schemas"
	config.Info.Description = description
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer",
		Description: "An API token of a person, made on the page 我的, narrowed to the acts it names."}}
	api := humago.NewWithPrefix(mux, Prefix, config)
	api.UseMiddleware(f.authenticate(api))
	f.registerMatters(api)
	f.registerMaterials(api)
	f.registerContent(api)
	f.registerLedger(api)
	f.registerPeople(api)
	f.registerTraining(api)
	f.registerPledges(api)
	f.registerLeaving(api)
	f.registerMeasures(api)
	f.registerCarriers(api)
	f.registerApprovals(api)
	f.registerTakeOuts(api)
	f.registerDangers(api)
	f.registerOutput(api)
	f.registerMedia(api)
	f.registerRetention(api)

	describeUploads(api)
	uploads := routed(f.uploads())
	mux.Handle(Prefix+allUploads, uploads)
	mux.Handle(Prefix+oneUpload, uploads)
	return routed(mux)
}

const description = `Everything the pages do, for programs. Every call is an act of the token's person: decided by the firm's rules and recorded.

Files come in by the tus protocol 1.0.0 at /matters/{matter}/uploads (metadata: filename, and not_state_secret=yes as the answer to
the intake's question); an upload becomes a material by POST /matters/{matter}/materials. Times are RFC 3339 in UTC, sizes are bytes.
What you may not know of answers 404, like what is not there.`

// whoKey carries the caller from the middleware to the operation; huma's handlers have no other way.
type whoKey struct{}

// caller is who makes the request. An operation outside the middleware has nobody, who may do nothing.
func caller(ctx context.Context) guard.Who {
	who, _ := ctx.Value(whoKey{}).(guard.Who)
	return who
}

// authenticate admits bearers of a live token; every operation needs one.
func (f *face) authenticate(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humago.Unwrap(ctx)
		who, err := f.bearer(r)
		if err != nil {
			p := reply.Describe(err)
			if werr := huma.WriteErr(api, ctx, p.Status, p.Detail, p); werr != nil {
				slog.Debug("answer a caller without a token", "error", werr)
			}
			return
		}
		next(huma.WithValue(ctx, whoKey{}, who))
	}
}

func (f *face) bearer(r *http.Request) (guard.Who, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return guard.Who{}, problem.New(problem.Unauthenticated, "请提供接口令牌")
	}
	return f.People.AuthenticateToken(r.Context(), token, f.ClientIP(r))
}

// operation is the frame that all operations share.
func operation(id, method, path, summary string, tags ...string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: tags,
		Security: []map[string][]string{{"token": {}}}, MaxBodyBytes: 1 << 20,
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
			http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}}
}

// callTimeout is how long an operation may take; long ones are given longTimeout. Those whose bytes flow after they have returned
// are given server.Stream: what they opened lives by their context.
const (
	callTimeout = 30 * time.Second
	longTimeout = 10 * time.Minute
)

// register adds an operation. The caller is handed over as a parameter, and every error leaves as a problem.
func register[I, O any](api huma.API, op huma.Operation, run func(context.Context, guard.Who, *I) (*O, error)) {
	registerFor(api, op, callTimeout, run)
}

func registerFor[I, O any](api huma.API, op huma.Operation, limit time.Duration, run func(context.Context, guard.Who, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		if limit != server.Stream {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, limit)
			defer cancel()
		}
		out, err := unharmed(op.OperationID, func() (*O, error) { return run(ctx, caller(ctx), in) })
		if err != nil {
			return nil, reply.Describe(err)
		}
		return out, nil
	})
}

// unharmed turns an operation's panic into its failure.
func unharmed[O any](operation string, run func() (*O, error)) (out *O, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			slog.Error("an operation panicked", "operation", operation, "panic", fmt.Sprint(cause))
			out, err = nil, errors.New("panic")
		}
	}()
	return run()
}

// do passes the door for an operation whose answer f makes.
func do[O any](ctx context.Context, d *guard.Door, who guard.Who, act access.Act, thing guard.Thing, f func(*guard.Grant) (O, error)) (out O, err error) {
	err = d.Do(ctx, who, act, thing, func(g *guard.Grant) (err error) {
		out, err = f(g)
		return err
	})
	return out, err
}

// body is an answer with a JSON body.
type body[T any] struct{ Body T }

// page is a list with the offset of what follows.
type page[T any] struct {
	Items []T  `json:"items"`
	Next  *int `json:"next,omitempty" doc:"Offset of the next page; absent on the last"`
}

func pageOf[T any](items []T, offset, limit int, more bool) page[T] {
	p := page[T]{Items: items}
	if p.Items == nil {
		p.Items = []T{}
	}
	if more {
		next := offset + limit
		p.Next = &next
	}
	return p
}

// Paging is how lists are paged.
type Paging struct {
	Offset int `query:"offset" minimum:"0" maximum:"1000000"`
	Limit  int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}
