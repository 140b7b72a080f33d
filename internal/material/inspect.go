package material

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/blob"
	"mijuan/internal/filetype"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/prose"
	"mijuan/internal/render"
	"mijuan/internal/screening"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// errMarks stops the reading of a text at the first mark of a state secret.
var errMarks = errors.New("marks of a state secret")

// inspect looks through a whole upload: whether it is infected, what it is by content, how many pages, what its name tells, whether the matter has
// the same bytes already, and whether its text bears marks of a state secret. It gives the change of the upload's row that is
// written together with the passage's outcome. digest is the hash of the whole, or nil when it has to be read again.
func (s *Shelf) inspect(ctx context.Context, u *Upload, digest hash.Hash) (func(*store.Tx) error, error) {
	content, err := s.openUpload(ctx, u)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if digest == nil {
		digest = sha256.New()
		if _, err := io.Copy(digest, io.NewSectionReader(content, 0, content.Size())); err != nil {
			return nil, fmt.Errorf("read the upload again: %w", err)
		}
	}
	if err := s.disinfected(ctx, u, content); errors.Is(err, errVirus) {
		u.State = stopped
		return func(tx *store.Tx) error { return s.end(tx, u.ID, stopped) }, err
	} else if err != nil {
		return nil, err
	}
	token := s.digests.Token(string(digest.Sum(nil)))
	if u.Type, err = filetype.DetectAt(content, u.Size); err != nil {
		return nil, err
	}
	u.Advice.Mismatch = filetype.Mismatch(u.Name, u.Type)
	doc := render.Doc{Key: u.ID, Type: u.Type, Src: content, Size: u.Size}
	if err := s.readText(ctx, u, doc); errors.Is(err, errMarks) {
		u.State = stopped
		return func(tx *store.Tx) error { return s.end(tx, u.ID, stopped) },
			problem.New(problem.Refused, "文件里有国家秘密标志，本系统不能接收。内容已销毁，请按线下保密渠道移交").In("file")
	} else if err != nil {
		return nil, err
	}
	return func(tx *store.Tx) error { return s.ready(tx, u, token) }, nil
}

// errVirus is the cause when an upload is infected.
var errVirus = errors.New("a virus was found")

// disinfected is a problem unless the scanner, where there is one, calls the upload clean (clause 7.2.4). An infected one is refused for
// good; one of which nothing can be said is held: its sender comes back with the last piece.
func (s *Shelf) disinfected(ctx context.Context, u *Upload, content *Content) error {
	if s.scanner == nil {
		return nil
	}
	switch v := s.scanner.Scan(ctx, io.NewSectionReader(content, 0, content.Size())); {
	case v.Finding == antivirus.Clean:
		return nil
	case v.Finding == antivirus.Infected:
		slog.Warn("an upload was infected", "upload", u.ID, "virus", v.Name)
		return problem.New(problem.Refused, "文件带有病毒，没有收下，内容已销毁。请告知交来文件的人，并报告系统管理员").In("file").Because(errVirus)
	case errors.Is(v.Cause, antivirus.ErrTooLarge):
		return problem.New(problem.Unavailable, "文件超过查毒的上限（%d MiB），查毒之前不能收下。请系统管理员调高上限后再继续上传", s.scanner.Largest()>>20).In("file").Because(v.Cause)
	default:
		return problem.New(problem.Unavailable, "查毒没有得出结论，文件先不收下。请稍后继续上传，仍不行请告知系统管理员").In("file").Because(v.Cause)
	}
}

// unmarked is errMarks for a text that bears marks of a state secret.
func unmarked(text string) error {
	if len(screening.StateSecretMarks(text)) > 0 {
		return errMarks
	}
	return nil
}

// readText counts the pages and reads the text for marks. What cannot be read is said, not passed over.
func (s *Shelf) readText(ctx context.Context, u *Upload, doc render.Doc) error {
	if !u.Type.Viewable() {
		whole, err := prose.Text(u.Type, doc.Src, doc.Size, unmarked)
		u.Advice.Unreadable = !whole
		return err
	}
	info, err := s.pages.Inspect(ctx, doc)
	if err != nil {
		u.Advice.Unreadable = true
		return outage(ctx, err)
	}
	u.Pages = info.Pages
	legible := 0 // pages with text; a scanned page between them could bear a mark that only a person sees
	err = s.pages.Text(ctx, doc, func(_ int, text string) error {
		if strings.TrimSpace(text) != "" {
			legible++
		}
		return unmarked(text)
	})
	if errors.Is(err, errMarks) {
		return err
	}
	u.Advice.Unreadable = err != nil || legible < u.Pages
	return outage(ctx, err)
}

// outage passes on what is not the file's fault: a check that could not run, or whose sender has gone, holds the upload back; a broken
// file does not.
func outage(ctx context.Context, err error) error {
	if problem.Is(err, problem.Unavailable) {
		return err
	}
	return ctx.Err()
}

// ready writes what the checks found.
func (s *Shelf) ready(tx *store.Tx, u *Upload, digest []byte) error {
	terms, err := s.book.Terms(tx, u.Matter)
	if err != nil {
		return err
	}
	verdict := screening.CheckName(u.Name, terms)
	u.Advice.Title = verdict.Suggestion
	for _, f := range verdict.Findings {
		u.Advice.Findings = append(u.Advice.Findings, f.Sentence)
	}
	if u.Advice.SameAs, err = s.same(tx, u, digest); err != nil {
		return err
	}
	advice, err := json.Marshal(u.Advice)
	if err != nil {
		return err
	}
	u.State = Ready
	n, err := tx.Exec(`UPDATE upload SET state = $2, received = size, blob_state = $3, busy_until = 0, hold = '', digest_token = $4, type = $5, pages = $6, sealed_advice = $7, touched = $8
		WHERE id = $1 AND state = $9 AND hold = $10`, u.ID, Ready, u.blobState, digest, u.Type.Code, u.Pages, s.fields.advice.Seal(u.ID, advice), tx.Now.UnixMilli(), Growing, u.hold)
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "这个文件已经处理过了")
	}
	return err
}

// same is the number of the first material of the matter with the same bytes that the sender may know.
func (s *Shelf) same(tx *store.Tx, u *Upload, digest []byte) (string, error) {
	found, err := store.List(tx, func(r store.Row) (m [2]string, err error) { err = r.Scan(&m[0], &m[1]); return m, err },
		`SELECT m.id, m.number FROM version v JOIN material m ON m.id = v.material WHERE v.digest_token = $1 AND m.matter = $2 ORDER BY m.received, m.id`, digest, u.Matter)
	for _, m := range found {
		if known, err := s.door.Knows(tx, u.who, access.View, guard.Thing{Kind: access.Material, ID: m[0]}); err != nil || known {
			return m[1], err
		}
	}
	return "", err
}

const selectUpload = `SELECT id, matter, person, sealed_name, size, received, state, header, blob, blob_state, hold, type, pages, sealed_advice, created FROM upload`

func (s *Shelf) upload(tx *store.Tx, matterID, id, person string) (*Upload, error) {
	u, err := store.Get(tx, s.scanUpload, selectUpload+` WHERE id = $1 AND matter = $2 AND person = $3`, id, matterID, person)
	if errors.Is(err, store.ErrNone) || err == nil && u.State != Growing && u.State != Ready {
		return nil, problem.New(problem.Absent, "没有这次上传，或者已经处理过了")
	}
	return u, err
}

func (s *Shelf) scanUpload(r store.Row) (*Upload, error) {
	u := &Upload{}
	var name, advice []byte
	var typ string
	var pages, created int64
	if err := r.Scan(&u.ID, &u.Matter, &u.person, &name, &u.Size, &u.Received, &u.State, &u.header, &u.blob, &u.blobState, &u.hold, &typ, &pages, &advice, &created); err != nil {
		return nil, err
	}
	u.Type, u.Pages, u.Created = filetype.ByCode(typ), int(pages), instant(created)
	if len(name) == 0 { // ended: nothing of it may be known any more
		return u, nil
	}
	var err error
	if u.Name, err = s.fields.uploadName.OpenText(u.ID, name); err != nil || len(advice) == 0 {
		return u, err
	}
	plain, err := s.fields.advice.Open(u.ID, advice)
	if err != nil {
		return u, err
	}
	return u, json.Unmarshal(plain, &u.Advice)
}

// openUpload opens what came whole: from memory, if it is small and not stored yet.
func (s *Shelf) openUpload(ctx context.Context, u *Upload) (*Content, error) {
	if u.sealed != nil {
		return opened(u.object, memory{bytes.NewReader(u.sealed)})
	}
	return s.openObject(ctx, u.object, u.blob)
}

// memory is a sealed object that is not stored yet.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// openObject opens a sealed object for reading.
func (s *Shelf) openObject(ctx context.Context, object *vault.Object, name string) (*Content, error) {
	sealed, err := s.blobs.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return opened(object, sealed)
}

func opened(object *vault.Object, sealed blob.Object) (*Content, error) {
	plain, size, err := object.ReaderAt(sealed, sealed.Size())
	if err != nil {
		return nil, errors.Join(err, sealed.Close())
	}
	return &Content{ReaderAt: plain, size: size, object: object, sealed: sealed}, nil
}
