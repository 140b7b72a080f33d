package scim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"mijuan/internal/directory"
	"mijuan/internal/mail"
)

// The names of RFC 7643 and 7644.
const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	listURN       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	patchURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	errorURN      = "urn:ietf:params:scim:api:messages:2.0:Error"
)

func location(r *http.Request, id string) string {
	return "https://" + r.Host + Prefix + "/Users/" + id
}

// resource is a person as SCIM shows one.
func resource(r *http.Request, m directory.Member) map[string]any {
	meta := map[string]any{"resourceType": "User", "location": location(r, m.ID)}
	if !m.Modified.IsZero() {
		meta["lastModified"] = m.Modified.Format(time.RFC3339)
	}
	user := map[string]any{"schemas": []string{userURN, enterpriseURN}, "id": m.ID, "userName": m.Login, "displayName": m.Name, "name": map[string]any{"formatted": m.Name},
		"title": m.Title, "active": m.Active, enterpriseURN: map[string]any{"department": m.Department}, "meta": meta}
	if m.Mail != "" {
		user["emails"] = []any{map[string]any{"value": m.Mail, "type": "work", "primary": true}}
	}
	if m.External != "" {
		user["externalId"] = m.External
	}
	return user
}

// values are attributes by their path in lower case, as name.formatted; nil takes one away. What the roster does not keep is
// left out, as RFC 7643 allows.
type values map[string]any

// put flattens an attribute.
func (v values) put(path string, value any) {
	path = strings.ToLower(path)
	path = strings.TrimPrefix(path, strings.ToLower(userURN)+":")
	path = strings.TrimPrefix(path, strings.ToLower(enterpriseURN)+":")
	if parts, ok := value.(map[string]any); ok {
		for name, part := range parts {
			if path != "" && path != strings.ToLower(enterpriseURN) && path != strings.ToLower(userURN) {
				name = path + "." + name
			}
			v.put(name, part)
		}
		return
	}
	v[path] = value
}

// body reads a JSON body into v.
func body(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	if err := d.Decode(v); err != nil {
		return invalid("invalidSyntax", "请求不是有效的 JSON")
	}
	return nil
}

func userOf(r *http.Request) (values, error) {
	var raw map[string]any
	if err := body(r, &raw); err != nil {
		return nil, err
	}
	v := values{}
	v.put("", raw)
	return v, nil
}

// operationsOf reads a PATCH: with paths (as Entra ID writes it) or without (as Okta does).
func operationsOf(r *http.Request) (all []values, err error) {
	var patch struct {
		Schemas    []string
		Operations []struct {
			Op    string
			Path  string
			Value any
		}
	}
	if err := body(r, &patch); err != nil {
		return nil, err
	}
	if len(patch.Operations) == 0 || len(patch.Schemas) != 1 || patch.Schemas[0] != patchURN {
		return nil, invalid("invalidSyntax", "这不是 PatchOp 请求")
	}
	for _, o := range patch.Operations {
		v := values{}
		switch strings.ToLower(o.Op) {
		case "add", "replace":
			if _, whole := o.Value.(map[string]any); o.Path == "" && !whole {
				return nil, invalid("invalidPath", "没有路径的操作应带有属性")
			}
			v.put(o.Path, o.Value)
		case "remove":
			if o.Path == "" {
				return nil, invalid("noTarget", "remove 操作应带有路径")
			}
			v.put(o.Path, nil)
		default:
			return nil, invalid("invalidSyntax", "不支持的操作：%s", o.Op)
		}
		all = append(all, v)
	}
	return all, nil
}

// text is an attribute's text. There is none where it is not named.
func (v values) text(path string) (s string, named bool, err error) {
	value, named := v[path]
	switch s := value.(type) {
	case nil:
		return "", named, nil
	case string:
		return strings.TrimSpace(s), true, nil
	}
	return "", false, invalid("invalidValue", "%s 应为文本", path)
}

// closes reports whether a request takes an open account away.
func closes(m directory.Member, said []values) bool {
	open := m.Active
	for _, v := range said {
		if is, named, err := v.active(); named && err == nil {
			open = is
		}
	}
	return m.Active && !open
}

// apply gives the person as the values say.
func (v values) apply(m directory.Member) (directory.Member, error) {
	if login, named, err := v.text("username"); err != nil {
		return m, err
	} else if named && !strings.EqualFold(login, m.Login) {
		return m, invalid("mutability", "登录名不能由目录变更")
	}
	for path, into := range map[string]*string{"department": &m.Department, "externalid": &m.External, "title": &m.Title} {
		s, named, err := v.text(path)
		if err != nil {
			return m, err
		}
		if named && (s != "" || path != "title") {
			*into = s
		}
	}
	v.mail(&m)
	if err := v.name(&m); err != nil {
		return m, err
	}
	is, named, err := v.active()
	if named && err == nil {
		m.Active = is
	}
	return m, err
}

// active is whether the account should be open, where the values say so.
func (v values) active() (is, named bool, err error) {
	value, named := v["active"]
	switch a := value.(type) {
	case bool:
		return a, named, nil
	case string: // as Entra ID writes it
		if is = strings.EqualFold(a, "true"); is || strings.EqualFold(a, "false") {
			return is, named, nil
		}
	}
	if named {
		err = invalid("invalidValue", "active 应为 true 或 false")
	}
	return false, named, err
}

// name takes the first of the ways to give a name.
func (v values) name(m *directory.Member) error {
	var given []string
	for _, path := range []string{"displayname", "name.formatted", "name.familyname", "name.givenname"} {
		s, _, err := v.text(path)
		if err != nil {
			return err
		}
		given = append(given, s)
	}
	whole := given[2] + given[3]
	if whole != "" && strings.Trim(whole, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'-. ") == "" {
		whole = strings.TrimSpace(given[3] + " " + given[2])
	}
	if given[2] == "" || given[3] == "" {
		whole = "" // half a name says nothing of the other half
	}
	for _, s := range []string{given[0], given[1], whole} {
		if s != "" {
			m.Name = s
			return nil
		}
	}
	return nil
}

// mail takes the address for notices: of several the first one that is named primary, or for work, or the first. Whatever is no address of
// one person is left out, and leaves what there is: a directory's run is not to fail by it.
func (v values) mail(m *directory.Member) {
	for path, value := range v {
		switch {
		case path == "emails" && none(value):
			m.Mail = ""
		case path == "emails":
			m.Mail = cmp.Or(address(foremost(value)), m.Mail)
		case strings.HasPrefix(path, "emails[") && strings.HasSuffix(path, "].value"):
			m.Mail = cmp.Or(address(value), m.Mail)
		}
	}
}

// none reports whether a value takes all addresses away.
func none(value any) bool {
	all, list := value.([]any)
	return value == nil || list && len(all) == 0
}

func address(value any) string {
	s, _ := value.(string)
	a, err := mail.Address(s)
	if err != nil {
		return ""
	}
	return a
}

// foremost is the value of the address that counts.
func foremost(value any) any {
	all, _ := value.([]any)
	rank := func(x any) int {
		e, _ := x.(map[string]any)
		switch {
		case e["primary"] == true:
			return 0
		case e["type"] == "work":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b any) int { return rank(a) - rank(b) })
	if len(all) == 0 {
		return nil
	}
	e, _ := all[0].(map[string]any)
	return e["value"]
}
