package api_test

import (
	"bytes"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// strangers may not know that the matter and what is in it exist.
var strangers = []string{"outsider", "walled", "director", "system", "security"}

// TestHiddenIsAbsent: to a stranger every operation on a thing that is there and on one that is not gives the same status, headers
// and bytes.
func TestHiddenIsAbsent(t *testing.T) {
	w := newWork(t)
	looked := map[string]bool{}
	for _, k := range w.successes() {
		there, absent := k, k
		absent.path = w.away(k.path)
		if absent.path == there.path {
			continue
		}
		for _, login := range strangers {
			if (strings.Contains(k.path, "/walls/") || strings.HasPrefix(k.path, "/matters/"+w.matter+"/hold")) && (login == "director" || login == "security") {
				continue // who raises walls or sets holds is told that there is something to keep people from (clause 16)
			}
			there.login, absent.login = login, login
			a, b := w.o.send(there), w.o.send(absent)
			a.header.Del("Date")
			b.header.Del("Date")
			if a.status != http.StatusNotFound || b.status != a.status || !bytes.Equal(a.body, b.body) || !reflect.DeepEqual(a.header, b.header) {
				t.Errorf("%s %s as %s:\n%d %v %s\n%d %v %s", k.method, k.path, login, a.status, a.header, a.body, b.status, b.header, b.body)
			}
		}
		looked[k.method+" "+strings.SplitN(k.path, "?", 2)[0]] = true
	}
	if len(looked) < 18 {
		t.Errorf("looked at %d operations only: %v", len(looked), looked)
	}
}

// away puts the id of nothing in the place of those of the matter, its materials and uploads.
func (w *work) away(path string) string {
	return strings.NewReplacer(w.matter, nowhere, w.material, nowhere, w.waiting, nowhere, w.upload, nowhere, w.second, nowhere, w.leaves[0], nowhere, w.leaves[1], nowhere).Replace(path)
}

// TestForeignUploadIsAbsent: within a matter that one may know, somebody else's unfiled upload and none are the same.
func TestForeignUploadIsAbsent(t *testing.T) {
	w := newWork(t)
	for _, method := range []string{"GET", "HEAD", "DELETE"} {
		there := call{login: "lead", method: method, path: "/matters/" + w.matter + "/uploads/" + w.upload, header: map[string]string{"Tus-Resumable": "1.0.0"}}
		absent := there
		absent.path = strings.Replace(there.path, w.upload, nowhere, 1)
		a, b := w.o.send(there), w.o.send(absent)
		if a.status != http.StatusNotFound || b.status != a.status || !bytes.Equal(a.body, b.body) {
			t.Errorf("%s: %d %s\n%d %s", method, a.status, a.body, b.status, b.body)
		}
	}
}

// TestHiddenTakesAsLong compares medians of many calls, taken in turns. Noise can only make them differ, so one even round of a few
// is enough.
func TestHiddenTakesAsLong(t *testing.T) {
	w := newWork(t)
	for _, k := range []call{
		{login: "outsider", method: "GET", path: "/materials/" + w.material},
		{login: "outsider", method: "GET", path: "/matters/" + w.matter},
		{login: "walled", method: "GET", path: "/materials/" + w.material + "/pages/1"},
		{login: "director", method: "POST", path: "/materials/" + w.waiting + "/review", body: object{"level": "secret", "reason": "同意"}},
		{login: "system", method: "GET", path: "/materials/" + w.material + "/original"},
	} {
		absent := k
		absent.path = w.away(k.path)
		var ratios []float64
		for range 6 {
			a, b := w.medians(k, absent)
			ratio := float64(a) / float64(b)
			ratios = append(ratios, ratio)
			if ratio > 0.8 && ratio < 1.25 {
				break
			}
		}
		last := ratios[len(ratios)-1]
		if last <= 0.8 || last >= 1.25 {
			t.Errorf("%s %s: what is hidden takes %.2f times as long as what is absent", k.method, k.path, ratios)
		}
	}
}

func (w *work) medians(a, b call) (time.Duration, time.Duration) {
	const rounds = 61
	var times [2][]time.Duration
	for range rounds {
		for i, k := range []call{a, b} {
			r := w.o.request(k)
			begun := time.Now()
			w.o.deliver(r)
			times[i] = append(times[i], time.Since(begun))
		}
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	return times[0][rounds/2], times[1][rounds/2]
}
