package material_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"mijuan/internal/antivirus"
	"mijuan/internal/antivirus/clamtest"
	"mijuan/internal/classification"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestVirusesAreNotReceived asks a real clamd about uploads: an infected one leaves nothing behind, one of which nothing can be said is
// held until something can, and only a clean one becomes a material.
func TestVirusesAreNotReceived(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		address, stop := clamtest.Run(t)
		defer stop()
		with := func(most int64) {
			s, err := antivirus.New(address, most)
			o.want(err, 0, "find the scanner")
			o.shelf.ScanWith(s)
		}
		with(0)
		for _, size := range []int{0, 100_000} { // one piece, and several
			_, err := o.upload("lawyer", "a.txt", append(bytes.Repeat([]byte("x"), size), clamtest.Virus...))
			o.want(err, problem.Refused, "an infected file")
		}
		if n := objects(t, o.dir); n != 0 {
			t.Errorf("%d objects are left of infected files", n)
		}
		if n, err := readCount(o, `SELECT COUNT(*) FROM upload WHERE header IS NOT NULL OR length(sealed_name) > 0`); err != nil || n != 0 {
			t.Errorf("%d keys or names of infected files are left, %v", n, err)
		}
		o.receive("b.txt", "", []byte("股权转让协议"), classification.Confidential)

		held := func(content []byte, most int64, what string) (*material.Upload, int64) {
			t.Helper()
			with(most)
			u, p, err := o.shelf.Begin(o.ctx, who("lawyer"), o.matter, material.Declaration{Name: "c.txt", Size: int64(len(content)), NotStateSecret: true})
			o.want(err, 0, "begin")
			at, err := o.shelf.Pour(o.ctx, p, u, bytes.NewReader(content), nil)
			o.want(err, problem.Unavailable, what)
			if at >= int64(len(content)) {
				t.Errorf("%s: all %d bytes were taken", what, at)
			}
			return u, at
		}
		content := bytes.Repeat([]byte("一份文件。\n"), 9000)
		u, at := held(content, 1000, "a file larger than is scanned")
		with(0)
		resumed, p, err := o.shelf.Resume(o.ctx, who("lawyer"), o.matter, u.ID, at)
		o.want(err, 0, "resume")
		_, err = o.shelf.Pour(o.ctx, p, resumed, bytes.NewReader(content[at:]), nil)
		o.want(err, 0, "the rest, once the limit is raised")
		_, err = o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Secret, Reason: "含诉讼策略", Reviewer: "lead"})
		o.want(err, 0, "file it")

		stop()
		u, _ = held(content, 0, "no scanner to be reached")
		_, err = o.file("lawyer", material.Filing{Upload: u.ID, Kinds: classification.SetOf(classification.CasePaper), Level: classification.Secret, Reason: "含诉讼策略", Reviewer: "lead"})
		o.want(err, problem.Conflict, "file what is held")
	})
}

func objects(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
