package material_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"codeberg.org/go-pdf/fpdf"

	"mijuan/internal/access"
	"mijuan/internal/blob"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func (o *office) upload(person, name string, content []byte) (*material.Upload, error) {
	u, p, err := o.shelf.Begin(o.ctx, who(person), o.matter, material.Declaration{Name: name, Size: int64(len(content)), NotStateSecret: true})
	if err != nil {
		return nil, err
	}
	_, err = o.shelf.Pour(o.ctx, p, u, bytes.NewReader(content), nil)
	return u, err
}

func (o *office) file(person string, f material.Filing) (id string, err error) {
	err = o.door.Do(o.ctx, who(person), access.ReceiveMaterial, o.mat(), func(g *guard.Grant) error {
		ids, err := o.shelf.File(g, []material.Filing{f})
		if err == nil {
			id = ids[0]
		}
		return err
	})
	return id, err
}

// receive files content at the level, proposed by lawyer, to be reviewed by lead.
func (o *office) receive(name, title string, content []byte, level classification.Level) string {
	o.t.Helper()
	u, err := o.upload("lawyer", name, content)
	o.want(err, 0, "upload")
	id, err := o.file("lawyer", material.Filing{Upload: u.ID, Title: title, Kinds: classification.SetOf(classification.CasePaper), Level: level, Reason: "含诉讼策略", Reviewer: "lead"})
	o.want(err, 0, "file")
	return id
}

func (o *office) review(person, id string, level classification.Level) error {
	thing := guard.Thing{Kind: access.Material, ID: id, Level: level}
	return o.door.Do(o.ctx, who(person), access.Review, thing, func(g *guard.Grant) error { return o.shelf.Review(g, "同意") })
}

func (o *office) get(person, id string) (m material.Material, err error) {
	err = o.door.Do(o.ctx, who(person), access.View, o.thing(id), func(g *guard.Grant) error {
		m, err = o.shelf.Get(g)
		return err
	})
	return m, err
}

func (o *office) read(id string) ([]byte, error) {
	var key *material.Key
	p, err := o.door.Open(o.ctx, who("lead"), access.ViewPage, o.thing(id), func(g *guard.Grant) (err error) {
		key, err = o.shelf.Unseal(g)
		return err
	})
	if err != nil {
		return nil, err
	}
	c, err := o.shelf.Open(o.ctx, key)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out bytes.Buffer
	n, err := c.WriteTo(&out)
	return out.Bytes(), errors.Join(err, p.Close(o.ctx, n, err))
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestFromReceiptToView(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		text := []byte("代理词\n第一，本案的争议焦点在于回购条件是否成就。\n")
		id := o.receive("代理词（第二稿）.txt", "代理词第二稿", text, classification.Secret)

		// 5.2: until reviewed, only the proposer, the lead and the reviewer reach it.
		_, err := o.get("lawyer", id)
		o.want(err, 0, "the proposer looks")
		_, err = o.get("trainee", id)
		o.want(err, problem.Refused, "a team member looks before the review")
		o.want(o.review("lawyer", id, classification.Secret), problem.Refused, "reviewing one's own proposal")
		o.want(o.review("lead", id, classification.TopSecret), 0, "the reviewer raises the level")
		o.want(o.review("lead", id, classification.Secret), problem.Refused, "a second review")

		m, err := o.get("lead", id)
		o.want(err, 0, "the lead looks")
		if m.Level != classification.TopSecret || m.State != material.Filed || m.Title != "代理词第二稿" || m.Name != "代理词（第二稿）.txt" || !material.ValidNumber(m.Number) {
			t.Errorf("the material is %+v", m)
		}
		// 10: not on the list for top secret; 16: walled; 3.1: not in the team. To each of them it does not exist.
		absent, err := o.get("lead", "0199-not-there")
		_ = absent
		for _, person := range []string{"lawyer", "walled", "outsider", "director", "auditor", "security"} {
			_, hidden := o.get(person, id)
			if hidden == nil || hidden.Error() != err.Error() {
				t.Errorf("%s is told %v, of an absent one %v", person, hidden, err)
			}
		}
		got, err := o.read(id)
		o.want(err, 0, "read")
		if !bytes.Equal(got, text) {
			t.Errorf("came back as %q", got)
		}
		report, err := o.ledger.VerifyLive(o.ctx, nil)
		if err != nil || report.Wrong != nil {
			t.Errorf("the ledger: %v, %+v", err, report.Wrong)
		}
	})
}

func TestListsShowWhatViewWould(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		open := o.receive("a.txt", "证据目录", []byte("一"), classification.Confidential)
		secret := o.receive("b.txt", "谈判底线", []byte("二"), classification.Secret)
		waiting := o.receive("c.txt", "估值模型", []byte("三"), classification.Secret)
		o.want(o.review("lead", open, classification.Confidential), 0, "review")
		o.want(o.review("lead", secret, classification.Secret), 0, "review")
		all := []string{open, secret, waiting}
		for _, person := range []string{"lead", "lawyer", "trainee", "walled", "outsider", "director"} {
			var page material.Page
			err := o.door.Do(o.ctx, who(person), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
				page, err = o.shelf.List(g, material.Filter{})
				return err
			})
			o.want(err, 0, person+" lists")
			listed := map[string]bool{}
			for _, r := range page.Rows {
				listed[r.ID] = true
			}
			for _, id := range all {
				if _, err := o.get(person, id); (err == nil) != listed[id] {
					t.Errorf("%s: material %s: listed %v, view answers %v", person, id, listed[id], err)
				}
			}
		}
	})
}

func TestUploadGoesOnAfterABreak(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		content := noise(5<<20 + 12345)
		u, p, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "录音.bin", Size: int64(len(content)), NotStateSecret: true})
		o.want(err, 0, "begin")
		broken := io.MultiReader(bytes.NewReader(content[:2<<20+777]), iotest.ErrReader(io.ErrUnexpectedEOF))
		offset, err := o.shelf.Pour(o.ctx, p, u, broken, nil)
		if err != nil || offset != 2<<20 {
			t.Fatalf("after the break: %d, %v; want 2 MiB", offset, err)
		}
		_, _, err = o.shelf.Resume(o.ctx, who("lead"), o.matter, u.ID, offset)
		o.want(err, problem.Absent, "another person goes on")
		_, _, err = o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, offset+1)
		o.want(err, problem.Conflict, "going on elsewhere")
		u2, p2, err := o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, offset)
		o.want(err, 0, "resume")
		_, _, err = o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, offset)
		o.want(err, problem.Conflict, "two at once")
		offset, err = o.shelf.Pour(o.ctx, p2, u2, bytes.NewReader(content[offset:]), nil)
		if err != nil || offset != int64(len(content)) || u2.State != material.Ready {
			t.Fatalf("to the end: %d, %v, %s", offset, err, u2.State)
		}
		id, err := o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential, Reason: "r", Reviewer: "lead"})
		o.want(err, 0, "file")
		got, err := o.read(id)
		o.want(err, 0, "read")
		if !bytes.Equal(got, content) {
			t.Error("other bytes came back")
		}
	})
}

func TestBadInput(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		begin := func(name string, size int64, asked bool) error {
			_, _, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: name, Size: size, NotStateSecret: asked})
			return err
		}
		o.want(begin("a.txt", 0, true), problem.Invalid, "an empty file")
		o.want(begin("a.txt", material.MaxSize+1, true), problem.TooLarge, "a huge file")
		o.want(begin("a.txt", 1, false), problem.Refused, "the question about state secrets not answered")
		for _, name := range []string{"", "a/../b.txt", "a\x00b", "报告\u202etxt.exe", strings.Repeat("长", 10000)} {
			o.want(begin(name, 1, true), problem.Invalid, fmt.Sprintf("the name %.20q", name))
		}
		u, p, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "a.txt", Size: 3, NotStateSecret: true})
		o.want(err, 0, "begin")
		offset, err := o.shelf.Pour(o.ctx, p, u, strings.NewReader("abd"), func() error { return material.ErrChecksum })
		if !errors.Is(err, material.ErrChecksum) || offset != 0 {
			t.Errorf("a wrong checksum: offset %d, %v", offset, err)
		}
		_, err = o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: 1, Reason: "r", Reviewer: "lead"})
		o.want(err, problem.Conflict, "filing what has not arrived")
		ready, err := o.upload("lawyer", "b.txt", []byte("b"))
		o.want(err, 0, "upload")
		for what, f := range map[string]material.Filing{
			"no kind":         {Level: 1, Reason: "r", Reviewer: "lead"},
			"no level":        {Kinds: classification.SetOf(classification.CasePaper), Reason: "r", Reviewer: "lead"},
			"no reason":       {Kinds: classification.SetOf(classification.CasePaper), Level: 1, Reviewer: "lead"},
			"no reviewer":     {Kinds: classification.SetOf(classification.CasePaper), Level: 1, Reason: "r"},
			"oneself reviews": {Kinds: classification.SetOf(classification.CasePaper), Level: 1, Reason: "r", Reviewer: "lawyer"},
		} {
			f.Upload = ready.ID
			_, err := o.file("lawyer", f)
			o.want(err, problem.Invalid, what)
		}
	})
}

func TestStateSecretIsDestroyed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		_, err := o.upload("lawyer", "通知.txt", []byte("机密★20年\n关于某项工作的通知\n"))
		o.want(err, problem.Refused, "a file that bears a mark")
		var kept int
		err = filepath.WalkDir(o.dir, func(_ string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				kept++
			}
			return err
		})
		if err != nil || kept != 0 {
			t.Errorf("%d objects are left, %v", kept, err)
		}
		headers, err := readCount(o, `SELECT COUNT(*) FROM upload WHERE header IS NOT NULL OR length(sealed_name) > 0`)
		if err != nil || headers != 0 {
			t.Errorf("%d keys or names are left, %v", headers, err)
		}
	})
}

func readCount(o *office, query string) (n int64, err error) {
	err = o.db.Read(o.ctx, func(tx *store.Tx) error {
		n, err = store.Get(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err }, query)
		return err
	})
	return n, err
}

func TestFlippedBitIsNeverShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.receive("a.bin", "", noise(200_000), classification.Confidential)
		err := filepath.WalkDir(o.dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, at := range []int{0, 20, 70_000, len(raw) - 1} {
				raw[at] ^= 1
				if err := os.WriteFile(path, raw, 0o600); err != nil {
					return err
				}
				if _, err := o.read(id); !problem.Is(err, problem.Damaged) {
					t.Errorf("bit flipped at %d: %v", at, err)
				}
				raw[at] ^= 1
			}
			if err := os.WriteFile(path, raw[:len(raw)-30], 0o600); err != nil {
				return err
			}
			if _, err := o.read(id); !problem.Is(err, problem.Damaged) {
				t.Errorf("cut short: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestRefusedBytesNeverBecomeTheObject: a last request whose checksum fails leaves nothing of its bytes behind.
func TestRefusedBytesNeverBecomeTheObject(t *testing.T) {
	for _, first := range []int{0, 64 << 10} { // refused from the start, and after a good first half
		o := newOffice(t, storetest.Open(t, store.SQLite))
		content := noise(128 << 10)
		u, p, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "a.bin", Size: int64(len(content)), NotStateSecret: true})
		o.want(err, 0, "begin")
		if first > 0 {
			offset, err := o.shelf.Pour(o.ctx, p, u, bytes.NewReader(content[:first]), nil)
			if err != nil || offset != int64(first) {
				t.Fatalf("the first half: %d, %v", offset, err)
			}
			u, p, err = o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, offset)
			o.want(err, 0, "resume")
		}
		wrong := noise(128<<10 + 1)[first : 128<<10]
		offset, err := o.shelf.Pour(o.ctx, p, u, bytes.NewReader(wrong), func() error { return material.ErrChecksum })
		if !errors.Is(err, material.ErrChecksum) || offset != int64(first) {
			t.Fatalf("refused bytes: offset %d, %v; want %d", offset, err, first)
		}
		u, p, err = o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, offset)
		o.want(err, 0, "resume after the refusal")
		_, err = o.shelf.Pour(o.ctx, p, u, bytes.NewReader(content[first:]), nil)
		o.want(err, 0, "the right bytes")
		id, err := o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Confidential, Reason: "r", Reviewer: "lead"})
		o.want(err, 0, "file")
		if got, err := o.read(id); err != nil || !bytes.Equal(got, content) {
			t.Errorf("after a refusal at %d other bytes came back, %v", first, err)
		}
	}
}

// TestScannedPagesAreSaid: a file is not called looked through while a page of it has no text.
func TestScannedPagesAreSaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for name, pages := range map[string][]string{"whole": {"first", "second"}, "mixed": {"first", "", "third"}, "scan": {"", ""}} {
			doc := fpdf.New("P", "mm", "A4", "")
			doc.SetFont("Helvetica", "", 12)
			for _, text := range pages {
				doc.AddPage()
				doc.Text(20, 20, text)
			}
			var out bytes.Buffer
			o.want(doc.Output(&out), 0, "print")
			u, err := o.upload("lawyer", name+".pdf", out.Bytes())
			o.want(err, 0, "upload")
			if u.Pages != len(pages) || u.Advice.Unreadable != (name != "whole") {
				t.Errorf("%s: %d pages, %+v", name, u.Pages, u.Advice)
			}
		}
	})
}

// TestLookedThroughLater: a file that came whole while nothing could be looked through is not lost. Its sender comes back with the
// last piece, and then it is.
func TestLookedThroughLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		blobs, err := blob.OpenDir(o.dir)
		o.want(err, 0, "open the objects")
		gone, err := render.NewPool(render.Options{Command: rendertest.Worker(), Workers: 1})
		o.want(err, 0, "start a pool")
		o.want(gone.Close(), 0, "end it")
		blind := material.New(o.door, o.book, o.keys, blobs, gone, nil)
		for _, size := range []int{40_000, 200_000, 6 << 20} {
			content := bytes.Repeat([]byte("一份文件。\n"), size/16+1)[:size/16*16]
			u, p, err := blind.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "a.txt", Size: int64(len(content)), NotStateSecret: true})
			o.want(err, 0, "begin")
			at, err := blind.Pour(o.ctx, p, u, bytes.NewReader(content), nil)
			o.want(err, problem.Unavailable, "pour where nothing can be looked through")
			if at >= int64(len(content)) || at < int64(len(content))-64<<10 {
				t.Fatalf("the offset of %d bytes is %d", len(content), at)
			}
			if u, p, err = o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, at); err != nil {
				t.Fatal(err)
			}
			_, err = o.shelf.Pour(o.ctx, p, u, bytes.NewReader(content[at:]), nil)
			o.want(err, 0, "pour the rest")
			id, err := o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Secret, Reason: "含诉讼策略", Reviewer: "lead"})
			o.want(err, 0, "file")
			if got, err := o.read(id); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d of %d bytes came back, %v", len(got), len(content), err)
			}
		}
	})
}
