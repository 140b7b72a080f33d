package viewing_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/store"
	"mijuan/internal/viewing"
)

func TestMain(m *testing.M) { housetest.Main(m) }

var must = housetest.Must

// office is a firm with one nearly blank material of three pages.
type office struct {
	*housetest.Office
	material string
}

const pages = 3

func found(t testing.TB) *office {
	t.Helper()
	o := &office{Office: housetest.Found(t, housetest.Settings(t))}
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	o.material = o.Receive(matter, "a.txt", "空白", strings.Repeat("\n", 100)+"。", classification.Secret)
	o.Review(o.material, classification.Secret)
	return o
}

func (o *office) look(login string, page, width int) (render.Image, error) {
	var got render.Image
	err := o.House.Viewing.Page(context.Background(), o.Who(login), viewing.Viewer{Name: "测试" + login, Login: login}, viewing.Sight{Material: o.material, Page: page, Width: width},
		func(i render.Image) error { got = i; return nil })
	return got, err
}

// luma is the image's brightness, row by row.
func luma(t testing.TB, raw []byte) (pixels []byte, w, h int) {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(raw))
	must(t, err)
	b := img.Bounds()
	switch plain := img.(type) { // as JPEG decodes
	case *image.Gray:
		for y := range b.Dy() {
			pixels = append(pixels, plain.Pix[y*plain.Stride:][:b.Dx()]...)
		}
		return pixels, b.Dx(), b.Dy()
	case *image.YCbCr:
		for y := range b.Dy() {
			pixels = append(pixels, plain.Y[y*plain.YStride:][:b.Dx()]...)
		}
		return pixels, b.Dx(), b.Dy()
	}
	t.Fatalf("an image of another kind: %T", img)
	return nil, 0, 0
}

// wantMarked divides two images of one page into cells: in each both are marked, and differently.
func wantMarked(t testing.TB, what string, one, two []byte) (width int) {
	t.Helper()
	a, w, h := luma(t, one)
	b, w2, h2 := luma(t, two)
	if w != w2 || h != h2 {
		t.Fatalf("%s: %d×%d and %d×%d", what, w, h, w2, h2)
	}
	n := max(2, min(12, w/80))
	for cell := range n * n {
		marked, differs := 0, 0
		for y := h * (cell / n) / n; y < h*(cell/n+1)/n; y++ {
			for x := w * (cell % n) / n; x < w*(cell%n+1)/n; x++ {
				i := y*w + x
				if a[i] < 250 {
					marked++
				}
				if d := int(a[i]) - int(b[i]); d > 4 || d < -4 {
					differs++
				}
			}
		}
		if marked < 20 || differs < 10 {
			t.Errorf("%s: cell %d of %d×%d at width %d: %d pixels marked, %d tell the two apart", what, cell, n, n, w, marked, differs)
		}
	}
	return w
}

// TestNothingIsClean looks at a nearly blank page at every width anybody may ask for: each image is marked all over, no two alike.
func TestNothingIsClean(t *testing.T) {
	o := found(t)
	for _, wanted := range []int{-5, 0, 1, 100, 160, 161, 500, 720, 1000, 1075, 1612, 2000, 2150, 4000, 1 << 40} {
		one, err := o.look("lead", 1, wanted)
		must(t, err)
		two, err := o.look("handling", 1, wanted)
		must(t, err)
		if w := wantMarked(t, fmt.Sprint(wanted), one.Bytes, two.Bytes); w != one.W || !slices.Contains(viewing.Widths, w) {
			t.Errorf("asked for %d: %d pixels wide, said %d", wanted, w, one.W)
		}
		again, err := o.look("lead", 1, wanted)
		must(t, err)
		if bytes.Equal(again.Bytes, one.Bytes) {
			t.Errorf("%d: two looks of one person are the same image", wanted)
		}
	}
}

// TestPagesThatAreNot: only pages of the material are shown, and a look at another leaves a record and no image.
func TestPagesThatAreNot(t *testing.T) {
	o := found(t)
	for _, page := range []int{0, -1, -1 << 63, pages + 1, 1<<63 - 1} {
		if i, err := o.look("lead", page, 720); !problem.Is(err, problem.Invalid) || len(i.Bytes) > 0 {
			t.Errorf("page %d: %v, %d bytes", page, err, len(i.Bytes))
		}
	}
	for page := 1; page <= pages; page++ {
		if _, err := o.look("lead", page, 160); err != nil {
			t.Errorf("page %d: %v", page, err)
		}
	}
	if got := len(o.images()); got != pages {
		t.Errorf("%d images are recorded", got)
	}
}

// TestWhoMayNotLookSeesNothing: a refused look calls nobody and leaves no image.
func TestWhoMayNotLookSeesNothing(t *testing.T) {
	o := found(t)
	for login, want := range map[string]problem.Kind{"trainee": problem.Refused, "outsider": problem.Absent, "walled": problem.Absent, "director": problem.Absent, "system": problem.Absent,
		"security": problem.Absent} {
		if i, err := o.look(login, 1, 720); !problem.Is(err, want) || len(i.Bytes) > 0 {
			t.Errorf("%s: %v, %d bytes", login, err, len(i.Bytes))
		}
	}
	if got := o.images(); len(got) != 0 {
		t.Errorf("images are recorded: %+v", got)
	}
}

// record is a row of page_image with the ledger's entry.
type record struct {
	code, seq, page int64
	person          string
	entry           ledger.Entry
}

func (o *office) images() []record {
	o.T.Helper()
	var all []record
	must(o.T, o.House.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		all, err = store.List(tx, func(r store.Row) (i record, err error) {
			return i, r.Scan(&i.code, &i.seq, &i.page, &i.person)
		}, `SELECT code, seq, page, person FROM page_image ORDER BY seq`)
		if err != nil {
			return err
		}
		for i := range all {
			found, err := o.House.Ledger.Query(tx, ledger.Query{Before: uint64(all[i].seq) + 1, Limit: 1})
			if err != nil {
				return err
			}
			all[i].entry = found[0]
		}
		return nil
	}))
	return all
}

// TestManyLookAtOnce: images made at the same time are each their own person's, each with its own record and code.
func TestManyLookAtOnce(t *testing.T) {
	o := found(t)
	const looks = 6
	var all sync.WaitGroup
	var mu sync.Mutex
	images := map[string][][]byte{}
	for _, login := range []string{"lead", "handling"} {
		for n := range looks {
			all.Go(func() {
				i, err := o.look(login, 1+n%2, 720)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				images[login+fmt.Sprint(1+n%2)] = append(images[login+fmt.Sprint(1+n%2)], i.Bytes)
			})
		}
	}
	all.Wait()
	for _, page := range []string{"1", "2"} {
		for n := range looks / 2 {
			wantMarked(t, "page "+page, images["lead"+page][n], images["handling"+page][n])
		}
	}
	codes, byPerson := map[int64]bool{}, map[string]int{}
	for _, i := range o.images() {
		if codes[i.code] || i.entry.Actor != i.person || i.entry.Act != string(access.ViewPage) || i.entry.Thing != o.material || i.entry.Outcome != ledger.Allowed {
			t.Errorf("%+v", i)
		}
		codes[i.code] = true
		byPerson[i.person]++
	}
	if byPerson[o.IDs["lead"]] != looks || byPerson[o.IDs["handling"]] != looks {
		t.Errorf("%v", byPerson)
	}
}

// TestALookThatBreaksOff is recorded as such: its intent stands, and that the image did not arrive.
func TestALookThatBreaksOff(t *testing.T) {
	o := found(t)
	err := o.House.Viewing.Page(t.Context(), o.Who("lead"), viewing.Viewer{Name: "x", Login: "x"}, viewing.Sight{Material: o.material, Page: 1, Width: 720},
		func(render.Image) error { return io.ErrClosedPipe })
	if err == nil {
		t.Error("no error")
	}
	var entries []ledger.Entry
	must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		entries, err = o.House.Ledger.Query(tx, ledger.Query{Thing: o.material, Limit: 2})
		return err
	}))
	if entries[0].Outcome != ledger.BrokenOff || entries[1].Outcome != ledger.Allowed {
		t.Errorf("%+v", entries)
	}
}

// ask calls an address as somebody: with a browser's session, or with the API's token.
func (o *office) ask(client *http.Client, path, token string, header ...string) (int, http.Header, []byte) {
	o.T.Helper()
	r, err := http.NewRequest("GET", o.Server.URL+path, nil)
	must(o.T, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := client.Do(r)
	must(o.T, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	must(o.T, err)
	return answer.StatusCode, answer.Header, raw
}

func (o *office) browser(login string) *http.Client {
	o.T.Helper()
	jar, _ := cookiejar.New(nil)
	c := *o.Server.Client()
	c.Jar = jar
	answer, err := c.PostForm(o.Server.URL+"/login", url.Values{"login": {login}, "password": {housetest.Password}})
	must(o.T, err)
	must(o.T, answer.Body.Close())
	return &c
}

// TestNoCacheServesAnImage: neither pages nor API give images a name, an age or a way to ask "is it still the same", and whoever asks
// all the same gets an image of their own.
func TestNoCacheServesAnImage(t *testing.T) {
	o := found(t)
	o.Serve(cli.Faces(o.House, func(*http.Request) string { return "127.0.0.1" }))
	plain := o.Server.Client()
	for _, way := range []struct {
		name, path string
		one, two   *http.Client
		tokens     [2]string
	}{
		{"pages", "/materials/" + o.material + "/page/1?w=720", o.browser("lead"), o.browser("handling"), [2]string{}},
		{"API", "/api/v1/materials/" + o.material + "/pages/1?width=720", plain, plain, [2]string{o.Tokens["lead"], o.Tokens["handling"]}},
	} {
		status, head, one := o.ask(way.one, way.path, way.tokens[0])
		if status != http.StatusOK || head.Get("Cache-Control") != "no-store" || head.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: %d %v", way.name, status, head)
		}
		for _, h := range []string{"ETag", "Last-Modified", "Expires", "Age", "Accept-Ranges"} {
			if head.Get(h) != "" {
				t.Errorf("%s: the image bears %s: %s", way.name, h, head.Get(h))
			}
		}
		for _, ask := range [][]string{{"If-None-Match", "*"}, {"If-None-Match", `"x"`}, {"If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"}, {"Range", "bytes=0-99"}, {"If-Range", `"x"`},
			{"Accept", "image/webp"}, {"Accept-Encoding", "gzip"}} {
			status, _, two := o.ask(way.two, way.path, way.tokens[1], ask...)
			if status != http.StatusOK {
				t.Errorf("%s: %v: %d", way.name, ask, status)
				continue
			}
			wantMarked(t, way.name, one, two)
		}
	}
	records := o.images()
	if len(records) != 16 {
		t.Errorf("%d images are recorded, 16 left", len(records))
	}
}

// TestOddAddressesShowNoPage tries what people type into addresses.
func TestOddAddressesShowNoPage(t *testing.T) {
	o := found(t)
	o.Serve(cli.Faces(o.House, func(*http.Request) string { return "127.0.0.1" }))
	b := o.browser("lead")
	for _, tail := range []string{"/page/0", "/page/-1", "/page/4", "/page/NaN", "/page/1e0", "/page/0x1", "/page/%2B1x", "/page/", "/page", "/page/1/", "/page/1.jpg", "/page/99999999999999999999", "/pages/1",
		"/thumb/1", "/view/1", "/page/1/clean", "/raw", "/page/٣"} {
		status, head, body := o.ask(b, "/materials/"+o.material+tail, "")
		if status < 400 || status >= 500 || strings.HasPrefix(head.Get("Content-Type"), "image/") || bytes.HasPrefix(body, []byte("\xff\xd8")) {
			t.Errorf("%s: %d %s", tail, status, head.Get("Content-Type"))
		}
	}
	for _, query := range []string{"?w=NaN", "?w=-1", "?w=0", "?w=99999999999999999999", "?w=160&w=99999", "?w=&clean=1&mark=0", "?mark=none", "?format=png", "?W=1"} {
		status, _, one := o.ask(b, "/materials/"+o.material+"/page/1"+query, "")
		_, _, two := o.ask(b, "/materials/"+o.material+"/page/1"+query, "")
		if status != http.StatusOK {
			t.Errorf("%s: %d", query, status)
			continue
		}
		wantMarked(t, query, one, two)
	}
	if status, _, page := o.ask(b, "/materials/"+o.material+"/view", ""); status != http.StatusOK || strings.Contains(string(page), "data:image/jpeg") {
		t.Errorf("the viewer's frame: %d", status)
	}
	var who guard.Who
	if err := o.House.Viewing.Page(t.Context(), who, viewing.Viewer{}, viewing.Sight{Material: o.material, Page: 1, Width: 720}, func(render.Image) error {
		t.Error("nobody was shown a page")
		return nil
	}); err == nil {
		t.Error("nobody may look")
	}
}
