// Package scim is the face by which the firm's directory of people (Entra ID, Okta, any that speaks SCIM 2.0, RFC 7643 and 7644)
// keeps the roster up to date: /scim/v2. The caller shows an API token of a security administrator that is narrowed to
// syncRoster and readRoster; every request is an act of that person through the door. A directory can invite, rename, move and close; it
// neither makes nor moves directors, members of the committee and administrators, does not change the token's own person, and cannot close
// the last security administrator.
package scim

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/reply"
	"mijuan/internal/server"
)

// Prefix is where the face is mounted.
const Prefix = "/scim/v2"

// Limits of a request and of an answer.
const (
	bodyLimit = 256 << 10
	timeout   = 30 * time.Second
	usual     = 100
	most      = 200
)

// Parts are the rooms that the face opens.
type Parts struct {
	Door      *guard.Door
	People    *person.Roster
	Directory *directory.Room
	ClientIP  func(*http.Request) string
}

type face struct{ Parts }

// New builds the handler for everything under Prefix.
func New(p Parts) http.Handler {
	f := &face{p}
	route := func(method, path string, h func(http.ResponseWriter, *http.Request, guard.Who) error) server.Route[guard.Who] {
		return server.Route[guard.Who]{Method: method, Pattern: Prefix + path, Auth: server.Signed, Body: bodyLimit, Timeout: timeout, Handle: h}
	}
	mux := server.Mount(f, []server.Route[guard.Who]{
		route("GET", "/ServiceProviderConfig", fixed(providerConfig)),
		route("GET", "/ResourceTypes", fixed(listed(resourceType))),
		route("GET", "/ResourceTypes/User", fixed(resourceType)),
		route("GET", "/Schemas", fixed(listed(userSchema, enterpriseSchema))),
		route("GET", "/Schemas/"+userURN, fixed(userSchema)),
		route("GET", "/Schemas/"+enterpriseURN, fixed(enterpriseSchema)),
		route("GET", "/Users", f.list),
		route("POST", "/Users", f.create),
		route("GET", "/Users/{id}", f.get),
		route("PUT", "/Users/{id}", f.replace),
		route("PATCH", "/Users/{id}", f.patch),
		route("DELETE", "/Users/{id}", f.remove),
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.Fail(w, r, problem.New(problem.Absent, "没有找到，或者您无权知悉"))
	})
	return mux
}

// Admit establishes the caller by the token.
func (f *face) Admit(r *http.Request, _ server.Auth) (guard.Who, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return guard.Who{}, problem.New(problem.Unauthenticated, "请提供接口令牌")
	}
	return f.People.AuthenticateToken(r.Context(), token, f.ClientIP(r))
}

// failure is an error in SCIM's form.
type failure struct {
	status int
	kind   string // scimType
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func invalid(kind, format string, args ...any) error {
	return &failure{http.StatusBadRequest, kind, problem.New(problem.Invalid, format, args...)}
}

// Fail answers an error in SCIM's form.
func (f *face) Fail(w http.ResponseWriter, _ *http.Request, err error) {
	p := reply.Describe(err)
	status, kind := p.Status, ""
	var own *failure
	switch {
	case errors.As(err, &own):
		status, kind = own.status, own.kind
	case problem.Is(err, problem.Invalid):
		status, kind = http.StatusBadRequest, "invalidValue"
	case problem.Is(err, problem.Conflict) && (p.Field == "login" || p.Field == "externalId"):
		kind = "uniqueness"
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="mijuan"`)
	}
	body := map[string]any{"schemas": []string{errorURN}, "status": strconv.Itoa(status), "detail": p.Detail}
	if kind != "" {
		body["scimType"] = kind
	}
	_ = answer(w, status, body) // the caller is gone if this fails
}

func answer(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(body)
}

func fixed(body any) func(http.ResponseWriter, *http.Request, guard.Who) error {
	return func(w http.ResponseWriter, _ *http.Request, _ guard.Who) error { return answer(w, http.StatusOK, body) }
}

// filterForm is what a filter may be: one attribute by which a person is known.
var filterForm = regexp.MustCompile(`(?i)^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?(userName|externalId)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$`)

func (f *face) list(w http.ResponseWriter, r *http.Request, who guard.Who) error {
	q := r.URL.Query()
	find, start := directory.Find{Limit: usual}, 1
	for name, into := range map[string]*int{"startIndex": &start, "count": &find.Limit} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return invalid("invalidValue", "%s 应为整数", name)
			}
			*into = n
		}
	}
	start = max(start, 1)
	find.Offset, find.Limit = start-1, min(max(find.Limit, 0), most)
	if filter := q.Get("filter"); filter != "" {
		m := filterForm.FindStringSubmatch(filter)
		value := ""
		if m == nil || json.Unmarshal([]byte(m[2]), &value) != nil || value == "" {
			return invalid("invalidFilter", "筛选只支持 userName eq 和 externalId eq")
		}
		if strings.EqualFold(m[1], "userName") {
			find.Login = value
		} else {
			find.External = value
		}
	}
	var found []directory.Member
	var total int
	if err := f.Door.Do(r.Context(), who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
		found, total, err = f.Directory.Members(g, find)
		return err
	}); err != nil {
		return err
	}
	users := make([]any, len(found))
	for i, m := range found {
		users[i] = resource(r, m)
	}
	return answer(w, http.StatusOK, map[string]any{"schemas": []string{listURN}, "totalResults": total, "startIndex": start, "itemsPerPage": len(users), "Resources": users})
}

func (f *face) get(w http.ResponseWriter, r *http.Request, who guard.Who) error {
	var m directory.Member
	if err := f.Door.Do(r.Context(), who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
		m, err = f.Directory.Member(g, r.PathValue("id"))
		return err
	}); err != nil {
		return err
	}
	return answer(w, http.StatusOK, resource(r, m))
}

func (f *face) create(w http.ResponseWriter, r *http.Request, who guard.Who) error {
	values, err := userOf(r)
	if err != nil {
		return err
	}
	m := directory.Member{Active: true}
	if login, ok := values["username"].(string); ok {
		m.Login = strings.TrimSpace(login)
	}
	if m, err = values.apply(m); err != nil {
		return err
	}
	if err := f.Door.Do(r.Context(), who, access.SyncRoster, guard.Firm, func(g *guard.Grant) (err error) {
		m, err = f.Directory.Add(g, m)
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Location", location(r, m.ID))
	return answer(w, http.StatusCreated, resource(r, m))
}

// change is an act on the person of the address. A request that closes the account does that and nothing else: nothing that it says
// besides can be in the way.
func (f *face) change(r *http.Request, who guard.Who, said []values, to func(directory.Member) (directory.Member, error)) (m directory.Member, err error) {
	thing := guard.Thing{Kind: access.Person, ID: r.PathValue("id")}
	err = f.Door.Do(r.Context(), who, access.SyncRoster, thing, func(g *guard.Grant) (err error) {
		m, err = f.Directory.Change(g, func(m directory.Member) (directory.Member, error) {
			if closes(m, said) {
				m.Active = false
				return m, nil
			}
			return to(m)
		})
		return err
	})
	return m, err
}

// replace is PUT: a department or an id that is not named any more is taken away; posts and state stay.
func (f *face) replace(w http.ResponseWriter, r *http.Request, who guard.Who) error {
	said, err := userOf(r)
	if err != nil {
		return err
	}
	m, err := f.change(r, who, []values{said}, func(m directory.Member) (directory.Member, error) {
		m.Department, m.External = "", ""
		return said.apply(m)
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, resource(r, m))
}

func (f *face) patch(w http.ResponseWriter, r *http.Request, who guard.Who) error {
	operations, err := operationsOf(r)
	if err != nil {
		return err
	}
	m, err := f.change(r, who, operations, func(m directory.Member) (directory.Member, error) {
		for _, values := range operations {
			if m, err = values.apply(m); err != nil {
				return m, err
			}
		}
		return m, nil
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, resource(r, m))
}

// remove closes the account; a person stays in the records.
func (f *face) remove(w http.ResponseWriter, r *http.Request, who guard.Who) error {
	if _, err := f.change(r, who, []values{{"active": false}}, func(m directory.Member) (directory.Member, error) { return m, nil }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
