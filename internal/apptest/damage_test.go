package apptest

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/blob/s3test"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/vault"
)

// damaged is a firm after a day's work, to turn bits in.
type damaged struct {
	*office
	matter, material string
	content          []byte
	objects          string // the directory below which the objects lie, also those of the bucket
}

// longText is a text of several sealed chunks, no two lines of it alike.
func longText() []byte {
	var b bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&b, "第 %d 条　甲方应当在签订之日起 %d 日内付款，逾期按日承担违约金。\n", i+1, i%97)
	}
	return b.Bytes()
}

// TestFlippedBits turns single bits of what a firm has stored, one at a time, and reads on: what cannot be trusted is refused in a
// sentence and told in the ledger; what is given is right.
func TestFlippedBits(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := onEngine(t, engine)
			objects := filepath.Join(s.Data, "objects")
			if engine == store.PostgreSQL {
				bucket := s3test.Run(t)
				s.Bucket, objects = bucket.URL, bucket.Bucket
			}
			d := &damaged{office: found(t, s), content: longText(), objects: objects}
			d.matter = d.openMatter("股权转让纠纷", "澜川重工股份有限公司")
			d.material = d.receive(d.matter, "代理词.txt", "代理词", d.content, "secret")
			d.review(d.material, "secret")
			upload, status := d.upload("handling", d.matter, "b.txt", []byte("证据目录"))
			if status != http.StatusCreated {
				t.Fatal(status)
			}
			t.Run("object", d.object)
			t.Run("rows", func(t *testing.T) { d.rows(t, upload) })
			t.Run("ledger", d.ledger)
			d.sound(t)
			d.original(t, "lead", d.material, d.content)
			d.page(t, "handling", d.material, 1)
		})
	}
}

// object turns bits of the sealed object: before the first chunk, at the head, in the middle and at the tail of chunks.
func (d *damaged) object(t *testing.T) {
	path := d.file(t)
	last := (len(d.content) - 1) / vault.ChunkSize
	if last < 2 {
		t.Fatalf("%d chunks", last+1)
	}
	begin := func(chunk int) int { return vault.PrefixSize + chunk*vault.SealedChunkSize }
	raw, err := os.ReadFile(path)
	must(t, err)
	for i, at := range []int{0, vault.PrefixSize - 1, begin(0), begin(0) + 30_000, begin(1) - 1, begin(1), begin(1) + 30_000, begin(2) - 1, begin(last), len(raw) - 20, len(raw) - 1} {
		t.Run(fmt.Sprintf("byte %d", at), func(t *testing.T) {
			turned := bytes.Clone(raw)
			turned[at] ^= 1 << (i % 8)
			must(t, os.WriteFile(path, turned, 0o600))
			defer func() { must(t, os.WriteFile(path, raw, 0o600)) }()
			d.fetchDamaged(t, at < begin(1) || at >= begin(last))
			for _, page := range []int{1, one[int](t, d.h, `SELECT pages FROM version WHERE material = $1`, d.material)} {
				look := fmt.Sprintf("/materials/%s/pages/%d?width=160", d.material, page)
				d.ask("handling", "GET", look, nil).refused(t, look, http.StatusInternalServerError, "没有显示任何内容")
			}
		})
	}
}

// fetchDamaged fetches the original of which a bit was turned. Where the bit is seen before the first byte has left, there is an answer;
// else the connection breaks behind bytes that are right.
func (d *damaged) fetchDamaged(t *testing.T, atOnce bool) {
	t.Helper()
	a := d.ask("lead", "GET", "/materials/"+d.material+"/original", nil)
	if atOnce {
		a.refused(t, "original", http.StatusInternalServerError, "没有显示任何内容")
	} else if a.status != http.StatusOK || a.broken == nil || len(a.body) == len(d.content) || !bytes.HasPrefix(d.content, a.body) {
		t.Errorf("original: %d, %d bytes, right so far: %v, %v", a.status, len(a.body), bytes.HasPrefix(d.content, a.body), a.broken)
	}
	if l := d.history(t, d.material)[0]; l.Act != "fetchOriginal" || l.Outcome != "broken-off" {
		t.Errorf("the ledger's last word on it is %+v", l)
	}
}

// file is where the material's object lies.
func (d *damaged) file(t *testing.T) (path string) {
	t.Helper()
	name := one[string](t, d.h, `SELECT blob FROM version WHERE material = $1`, d.material)
	must(t, filepath.WalkDir(d.objects, func(p string, e fs.DirEntry, err error) error {
		if e.Name() == name {
			path = p
		}
		return err
	}))
	if path == "" {
		t.Fatal("the object is not there")
	}
	return path
}

// wound is a value in the database of which bits are turned, and who reads it.
type wound struct {
	column, table, where string
	key                  any
	says                 string // in the refusal
	readers              []func() answer
}

// rows turns bits of sealed columns, of wrapped keys, and of what leads to an object.
func (d *damaged) rows(t *testing.T, upload string) {
	get := func(login, path string) func() answer {
		return func() answer { return d.ask(login, "GET", path, nil) }
	}
	m, x := "/materials/"+d.material, "/matters/"+d.matter
	contents := []func() answer{get("lead", m+"/original"), get("handling", m+"/pages/1?width=160")}
	receive := func() answer { return d.begin("handling", d.matter, "c.txt", 4, strings.NewReader("text")) }
	const nothing = "没有显示任何内容"
	for _, w := range []wound{
		{"sealed_title", "material", "id = $1", d.material, nothing, []func() answer{get("lead", m), get("lead", "/materials")}},
		{"sealed_name", "material", "id = $1", d.material, nothing, []func() answer{get("lead", m)}},
		{"header", "version", "material = $1", d.material, nothing, contents},
		{"blob", "version", "material = $1", d.material, "密文不在存储中", contents},
		{"size", "version", "material = $1", d.material, nothing, contents},
		{"sealed_key", "matter", "id = $1", d.matter, nothing, append(contents, receive)},
		{"sealed_title", "matter", "id = $1", d.matter, nothing, []func() answer{get("lead", x), get("lead", "/matters")}},
		{"sealed_name", "upload", "id = $1", upload, nothing, []func() answer{get("handling", x+"/intake"), get("handling", x+"/uploads/"+upload)}},
		{"sealed_name", "person", "id = $1", d.ids["trainee"], nothing, []func() answer{get("trainee", "/me"), get("security", "/persons")}},
	} {
		t.Run(w.table+"."+w.column, func(t *testing.T) {
			for part := range 3 {
				d.turn(t, w, part)
				for i, read := range w.readers {
					read().refused(t, fmt.Sprintf("reader %d, part %d", i, part), http.StatusInternalServerError, w.says)
				}
				d.turn(t, w, part)
			}
			for i, read := range w.readers {
				if a := read(); a.broken != nil || a.status >= 300 {
					t.Errorf("reader %d of what is whole again: %d %.200s %v", i, a.status, a.body, a.broken)
				}
			}
		})
	}
	d.web(t)
}

// web reads a damaged reason as a page.
func (d *damaged) web(t *testing.T) {
	w := wound{column: "sealed_reason", table: "leveling", where: "material = $1 AND kind = 'review'", key: d.material}
	b := d.loggedIn("lead")
	d.turn(t, w, 1)
	if status, page := b.get("/materials/" + d.material); status != http.StatusInternalServerError || !strings.Contains(page, "没有显示任何内容") {
		t.Errorf("the material's page: %d %.300s", status, page)
	}
	d.turn(t, w, 1)
	if status, _ := b.get("/materials/" + d.material); status != http.StatusOK {
		t.Errorf("the material's page is whole again: %d", status)
	}
}

// turn turns one bit of a value, behind the firm's back: at its head, in its middle, or at its tail. Turned twice it is as it was.
func (d *damaged) turn(t *testing.T, w wound, part int) {
	t.Helper()
	at := func(n int) int { return (n - 1) * part / 2 }
	must(t, d.h.DB.Update(context.Background(), func(tx *store.Tx) error {
		value, err := store.Get(tx, func(r store.Row) (v any, err error) { err = r.Scan(&v); return v, err }, "SELECT "+w.column+" FROM "+w.table+" WHERE "+w.where, w.key)
		if err != nil {
			return err
		}
		switch v := value.(type) {
		case []byte:
			v = bytes.Clone(v)
			v[at(len(v))] ^= 1 << (3 * part)
			value = v
		case string:
			b := []byte(v)
			b[at(len(b))] ^= 1
			value = string(b)
		case int64:
			value = v ^ 1<<(3*part)
		}
		_, err = tx.Exec("UPDATE "+w.table+" SET "+w.column+" = $2 WHERE "+w.where, w.key, value)
		return err
	}))
}

// ledger turns bits of an entry's row, of the tree and of its head.
func (d *damaged) ledger(t *testing.T) {
	seq := one[int64](t, d.h, `SELECT seq FROM ledger_entry WHERE thing = $1 AND act = 'review'`, d.material)
	for _, column := range []string{"time", "matter", "matter_seq", "actor", "act", "kind", "thing", "outcome", "rules", "digest", "opening", "detail"} {
		t.Run(column, func(t *testing.T) {
			w := wound{column: column, table: "ledger_entry", where: "seq = $1", key: seq}
			for part := range 3 {
				d.turn(t, w, part)
				if v := d.verify(t); v.OK || v.Seq != uint64(seq) || !strings.Contains(v.Cause, fmt.Sprint(seq)) {
					t.Errorf("part %d: entry %d was changed, found is %+v", part, seq, v)
				}
				view, says := fmt.Sprintf("/materials/%s/history?limit=1&before=%d", d.material, seq+1), fmt.Sprintf("第 %d 条", seq)
				switch column { // the entry is gone from where it stood, and its matter's numbers tell
				case "matter":
					view, says = "/matters/"+d.matter+"/ledger?limit=500", "案件的第"
				case "thing":
					view = "/matters/" + d.matter + "/ledger?limit=500"
				}
				d.ask("lead", "GET", view, nil).refused(t, view, http.StatusInternalServerError, says)
				d.turn(t, w, part)
			}
		})
	}
	t.Run("tree", func(t *testing.T) {
		w := wound{column: "hashes", table: "ledger_node", where: "first = $1", key: one[int64](t, d.h, `SELECT MIN(first) FROM ledger_node`)}
		d.turn(t, w, 1)
		if v := d.verify(t); v.OK || v.Cause == "" {
			t.Errorf("a hash of the tree was changed, found is %+v", v)
		}
		d.turn(t, w, 1)
	})
	t.Run("head", func(t *testing.T) { // nothing more is recorded upon it, and so nothing done
		w := wound{column: "checkpoint", table: "ledger_head", where: "id = $1", key: int64(1)}
		d.turn(t, w, 1)
		d.ask("lead", "GET", "/materials/"+d.material, nil).refused(t, "an act", http.StatusInternalServerError, "台账已损坏")
		d.turn(t, w, 1)
		d.ask("lead", "GET", "/materials/"+d.material, nil).done(t, "an act", http.StatusOK)
	})
}
