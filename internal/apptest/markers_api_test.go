package apptest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"mijuan/internal/access"
	"mijuan/internal/classification"
)

// operation is one of the API's, as its description tells.
type operation struct {
	id, method, path string
	params           []*openapi3.Parameter
	body             *openapi3.Schema
	stream           bool // the body is bytes
}

func (w *writer) operations() (all []operation) {
	w.T.Helper()
	answer, err := w.Server.Client().Get(w.Server.URL + "/api/v1/openapi.json")
	must(w.T, err)
	raw, err := io.ReadAll(answer.Body)
	must(w.T, err)
	must(w.T, answer.Body.Close())
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	must(w.T, err)
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			op := operation{id: o.OperationID, method: method, path: path}
			for _, p := range o.Parameters {
				op.params = append(op.params, p.Value)
			}
			if o.RequestBody != nil {
				if media := o.RequestBody.Value.Content.Get("application/json"); media != nil {
					op.body = media.Schema.Value
				} else {
					op.stream = true
				}
			}
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return all
}

// leaves are the paths of a schema's values that are no objects; "*" is the one element of a list.
func leaves(s *openapi3.Schema, at []string) (all [][]string) {
	at = slices.Clip(at)
	switch {
	case s.Type.Is("object") || len(s.Properties) > 0:
		for name, p := range s.Properties {
			if name != "$schema" {
				all = append(all, leaves(p.Value, append(at, name))...)
			}
		}
	case s.Items != nil:
		all = leaves(s.Items.Value, append(at, "*"))
	default:
		all = [][]string{at}
	}
	return all
}

// example builds a body that is taken, with a word at the one place, if it is named.
func (w *writer) example(op operation, s *openapi3.Schema, at []string, spot, word string) any {
	at = slices.Clip(at)
	switch {
	case spot != "" && strings.Join(at, ".") == spot:
		return word
	case s.Type.Is("object") || len(s.Properties) > 0:
		o := map[string]any{}
		for name, p := range s.Properties {
			if name != "$schema" && w.wanted(op, append(at, name)) {
				o[name] = w.example(op, p.Value, append(at, name), spot, word)
			}
		}
		return o
	case s.Items != nil:
		return []any{w.example(op, s.Items.Value, append(at, "*"), spot, word)}
	case s.Type.Is("boolean"):
		return true
	case s.Type.Is("integer") || s.Type.Is("number"):
		if at[len(at)-1] == "version" {
			return 0 // of what was never edited
		}
		return 1
	}
	return w.value(op, at, s)
}

// wanted leaves out what a new matter's client cannot have.
func (w *writer) wanted(op operation, at []string) bool {
	where := strings.Join(at, ".")
	if where == "archive" { // or the text
		return false
	}
	return !((op.id == "open-matter" || op.id == "edit-matter") && (where == "client.id" || where == "client.role" || where == "parties.*.id" || where == "parties.*.kind"))
}

// value is a text that the operation takes at a place: by its name, or by the schema's own list, or any.
func (w *writer) value(op operation, at []string, s *openapi3.Schema) any {
	name := at[len(at)-1]
	if name == "*" && len(at) > 1 {
		name = at[len(at)-2]
	}
	now := time.Now().UTC()
	if v, known := w.ofPeople(op, strings.Join(at, ".")); known {
		return v
	}
	switch op.id + " " + strings.Join(at, ".") {
	case "record-training kind":
		return "regular"
	case "record-pledge kind":
		return "yearly"
	case "open-matter walls.*.person":
		return w.IDs["walled"]
	case "open-matter team.*.duty":
		return "handling"
	case "assign-member person":
		return w.IDs["outsider"]
	case "propose-level level":
		return "confidential"
	case "choose-reviewer reviewer":
		return w.IDs["outsider"]
	}
	switch name {
	case "person":
		return w.IDs["handling"]
	case "reviewer":
		return w.IDs["lead"]
	case "upload":
		return w.Upload(w.matter, "a.txt", "甲")
	case "until":
		return now.Add(time.Hour).Format(time.RFC3339)
	case "at":
		return now.Add(-time.Minute).Format(time.RFC3339)
	case "duty":
		return "assisting"
	case "kinds":
		return "case_paper"
	case "posts":
		return "trainee"
	case "kind":
		if len(s.Enum) == 0 {
			return "civil"
		}
	case "role":
		return "被告"
	case "login":
		return fmt.Sprintf("new%d", time.Now().UnixNano())
	}
	if len(s.Enum) > 0 {
		return s.Enum[len(s.Enum)/2]
	}
	return "文字"
}

// place is what stands in the address for a path parameter.
func (w *writer) place(op operation, name string) string {
	if id, known := w.wherePeople(op, name); known {
		return id
	}
	switch {
	case name == "matter" && op.id == "edit-matter":
		return w.OpenMatter("合同纠纷", "云麓科技有限公司")
	case name == "matter":
		return w.matter
	case name == "material" && (op.id == "review-material" || op.id == "propose-level" || op.id == "choose-reviewer" || op.id == "record-basis"):
		id := w.Receive(w.matter, "b.txt", "证据", "甲", classification.Secret)
		if op.id == "propose-level" {
			w.Review(id, classification.Secret)
		}
		return id
	case name == "material":
		return w.material
	case name == "upload":
		return w.Upload(w.matter, "a.txt", "甲")
	case name == "person" && (op.method != "GET" && op.id != "remove-member"):
		login := fmt.Sprintf("temp%d", time.Now().UnixNano())
		w.Hire(login, access.Lawyer)
		return w.IDs[login]
	case name == "person":
		return w.IDs["outsider"]
	}
	return "1"
}

// spots are the places of an operation that take a word.
func (op operation) spots() (all []string) {
	if op.body != nil {
		for _, leaf := range leaves(op.body, nil) {
			all = append(all, "body "+strings.Join(leaf, "."))
		}
	}
	if op.stream {
		all = append(all, "stream content")
	}
	for _, p := range op.params {
		all = append(all, p.In+" "+p.Name)
	}
	if slices.Contains([]string{"me", "open-matter", "get-material", "begin-upload", "fetch-original"}, op.id) { // one of each sort: what programs send is read in one place
		for _, h := range commonHeaders {
			all = append(all, "header "+h)
		}
	}
	return append(all, "query nobody-asked")
}

// commonHeaders are what programs and proxies send, whatever is called.
var commonHeaders = []string{"User-Agent", "Referer", "Cookie", "X-Forwarded-For", "Accept-Language", "X-Request-Id", "Content-Type", "Authorization", "Forwarded"}

// ask makes the operation's request, with a word at the one spot; "" is none.
func (w *writer) ask(op operation, login, spot, word string) *http.Request {
	w.T.Helper()
	where, name, _ := strings.Cut(spot, " ")
	path, query := op.path, url.Values{}
	header := http.Header{"Authorization": {"Bearer " + w.Tokens[login]}, "Content-Type": {"application/json"}}
	for _, p := range op.params {
		value := word
		if where != p.In || name != p.Name {
			value = ""
		}
		switch p.In {
		case "path":
			if value == "" {
				value = w.place(op, p.Name)
			}
			path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(value), 1)
		case "query":
			if value == "" && p.Required {
				value = "文字"
			}
			if value != "" {
				query.Set(p.Name, value)
			}
		}
	}
	var body io.Reader
	if op.body != nil {
		field := ""
		if where == "body" {
			field = name
		}
		raw, err := json.Marshal(w.example(op, op.body, nil, field, word))
		must(w.T, err)
		body = bytes.NewReader(raw)
	}
	if strings.HasSuffix(op.path, "/uploads") || strings.HasSuffix(op.path, "/uploads/{upload}") {
		content := "内容"
		if where == "stream" {
			content = word
		}
		for k, v := range tusHeaders("a.txt", len(content)) {
			header.Set(k, v)
		}
		if op.stream {
			body = strings.NewReader(content)
		}
	}
	switch where {
	case "header":
		header.Set(name, word)
		if name == "Authorization" {
			header.Set(name, "Bearer "+word)
		}
	case "query":
		query.Set(name, word)
	}
	r, err := http.NewRequest(op.method, w.Server.URL+"/api/v1"+path+"?"+query.Encode(), body)
	must(w.T, err)
	r.Header = header
	return r
}

func tusHeaders(name string, size int) map[string]string {
	encoded := base64.StdEncoding.EncodeToString([]byte(name))
	return map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": fmt.Sprint(size), "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
		"Upload-Metadata": "filename " + encoded + ",filetype " + encoded + ",name " + encoded + ",not_state_secret eWVz"}
}

func (w *writer) send(client *http.Client, r *http.Request) (status int, page []byte) {
	w.T.Helper()
	answer, err := client.Do(r)
	must(w.T, err)
	defer answer.Body.Close()
	page, err = io.ReadAll(answer.Body)
	must(w.T, err)
	if answer.StatusCode >= 500 {
		w.T.Errorf("%s %s: %d %s", r.Method, r.URL.Path, answer.StatusCode, page)
	}
	return answer.StatusCode, page
}

// writeAPI writes a word at every spot of every operation, as somebody whom the operation obeys and as somebody whom it does not.
func (w *writer) writeAPI() {
	w.T.Helper()
	obeyed := 0
	for _, op := range w.operations() {
		master := ""
		for _, login := range []string{"lead", "handling", "security", "auditor", "director"} {
			if status, _ := w.send(w.Server.Client(), w.ask(op, login, "", "")); status < 300 {
				master = login
				obeyed++
				break
			}
		}
		if master == "" && !slices.Contains([]string{"remove-member", "lift-wall", "unlock-person", "restore-person", "append-upload"}, op.id) {
			status, said := w.send(w.Server.Client(), w.ask(op, "security", "", ""))
			w.T.Errorf("nobody may %s: its words are not kept (%d %s)", op.id, status, said)
		}
		for _, spot := range op.spots() {
			for _, login := range []string{cmp.Or(master, "handling"), "outsider"} {
				where := op.id + " " + spot
				if status, _ := w.send(w.Server.Client(), w.ask(op, login, spot, w.p.word("API "+where))); status < 300 {
					w.good["API "+where]++
				}
			}
		}
	}
	if obeyed < 30 {
		w.T.Errorf("only %d operations were carried out", obeyed)
	}
	for _, must := range []string{"open-matter body title", "open-matter body summary", "open-matter body client.name", "open-matter body client.identity", "open-matter body parties.*.name", "open-matter body parties.*.identity",
		"open-matter body walls.*.reason", "edit-matter body title", "edit-matter body summary", "edit-matter body client.name", "edit-matter body parties.*.name", "file-materials body *.title", "file-materials body *.reason", "file-materials body *.basis_note", "record-basis body basis_note", "record-basis body reason", "review-material body reason", "propose-level body reason", "rename-material body title",
		"release-original body reason", "set-wall body reason", "list-materials query q", "list-matters query q", "invite-person body name", "invite-person body department",
		"suspend-person body reason", "begin-leaving body reason", "begin-campaign body title", "withdraw-campaign body reason", "begin-upload stream content"} {
		if w.good["API "+must] == 0 {
			w.T.Errorf("%s took no word: it is not tested", must)
		}
	}
}
