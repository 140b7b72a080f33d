package apptest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mijuan/internal/house/housetest"
)

// named are the parameters of operations that are called otherwise than what stands for the things here.
var named = map[string][]string{"take_out": {"{slip}"}, "campaign": {"{plan}"}, "measure": {"{case}"}, "version": {"1"}}

// operations are the requests of the operations that have a parameter in their address, with a body that the description allows.
func operations(t *testing.T, o *office, ids map[string]string) (all []asked) {
	t.Helper()
	w := &writer{Office: &housetest.Office{T: t, House: o.h, Server: o.server, IDs: o.ids, Tokens: o.tokens}, p: newTrap(t), good: map[string]int{}, matter: ids["matter"], material: ids["material"]}
	for _, op := range w.operations() {
		paths := []string{"/api/v1" + op.path}
		for _, m := range placeholder.FindAllStringSubmatch(op.path, -1) {
			options := named[m[1]]
			if options == nil {
				options = standing[m[1]]
			}
			if options == nil {
				options = []string{m[0]}
			}
			var next []string
			for _, path := range paths {
				for _, option := range options {
					next = append(next, strings.Replace(path, m[0], option, 1))
				}
			}
			paths = next
		}
		if paths[0] == "/api/v1"+op.path && !strings.Contains(op.path, "{") {
			continue
		}
		a := asked{method: op.method, header: http.Header{"Content-Type": {"application/json"}}}
		if op.body != nil {
			raw, err := json.Marshal(w.example(op, op.body, nil, "", ""))
			must(t, err)
			a.json = raw
		}
		if strings.Contains(op.path, "/uploads") {
			for k, v := range tusHeaders("a.txt", 6) {
				a.header.Set(k, v)
			}
			if op.stream {
				a.json = []byte("内容")
			}
		}
		for _, a.path = range paths {
			all = append(all, a)
		}
	}
	if len(all) < 50 {
		t.Fatalf("only %d operations", len(all))
	}
	return all
}

// complete wants something that is there for everything that a request names.
func complete(t *testing.T, requests []asked, ids map[string]string) {
	t.Helper()
	var unknown []string
	for _, a := range requests {
		for _, m := range placeholder.FindAllStringSubmatch(a.path, -1) {
			if ids[m[1]] == "" && !slices.Contains(unknown, m[1]) {
				unknown = append(unknown, m[1])
				t.Errorf("%s: nothing stands for {%s}", a, m[1])
			}
		}
	}
}
