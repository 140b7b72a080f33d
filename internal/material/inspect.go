package material

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"mijuan/internal/filetype"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/screening"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// errMarks stops the reading of a text at the first mark of a state secret.
var errMarks = errors.New("marks of a state secret")

// inspect looks through a whole upload: what it is by content, how many pages, what its name tells, whether the matter has
// the same bytes already, and whether its text bears marks of a state secret. It gives the change of the upload's row that is
// written together with the passage's outcome. digest is the hash of the whole, or nil when it has to be read again.
func (s *Shelf) inspect(ctx context.Context, u *Upload, digest hash.Hash) (func(*store.Tx) error, error) {
	content, err := s.openObject(ctx, u.object, u.blob)
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

// readText counts the pages and reads the text for marks. What cannot be read is said, not passed over.
func (s *Shelf) readText(ctx context.Context, u *Upload, doc render.Doc) error {
	if !u.Type.Viewable() {
		u.Advice.Unreadable = true
		return nil
	}
	info, err := s.pages.Inspect(ctx, doc)
	if err != nil {
		u.Advice.Unreadable = true
		return outage(err)
	}
	u.Pages = info.Pages
	legible := 0 // pages with text; a scanned page between them could bear a mark that only a person sees
	err = s.pages.Text(ctx, doc, func(_ int, text string) error {
		if strings.TrimSpace(text) != "" {
			legible++
		}
		if len(screening.StateSecretMarks(text)) > 0 {
			return errMarks
		}
		return nil
	})
	if errors.Is(err, errMarks) {
		return err
	}
	u.Advice.Unreadable = err != nil || legible < u.Pages
	return outage(err)
}

// outage passes on what is not the file's fault: a check that could not run holds the upload back, a broken file does not.
func outage(err error) error {
	if problem.Is(err, problem.Unavailable) {
		return err
	}
	return nil
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
	same, err := store.List(tx, func(r store.Row) (n string, err error) { err = r.Scan(&n); return n, err },
		`SELECT m.number FROM version v JOIN material m ON m.id = v.material WHERE v.digest_token = $1 AND m.matter = $2
		 AND (m.proposer = $3 OR m.state <> 'proposed') ORDER BY m.received LIMIT 1`, digest, u.Matter, u.person)
	if err != nil {
		return err
	}
	if len(same) > 0 {
		u.Advice.SameAs = same[0]
	}
	advice, err := json.Marshal(u.Advice)
	if err != nil {
		return err
	}
	u.State = Ready
	n, err := tx.Exec(`UPDATE upload SET state = $2, received = size, blob_state = $3, busy_until = 0, digest_token = $4, type = $5, pages = $6, sealed_advice = $7, touched = $8
		WHERE id = $1 AND state = $9`, u.ID, Ready, u.blobState, digest, u.Type.Code, u.Pages, s.fields.advice.Seal(u.ID, advice), tx.Now.UnixMilli(), Growing)
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "这个文件已经处理过了")
	}
	return err
}

const selectUpload = `SELECT id, matter, person, sealed_name, size, received, state, header, blob, blob_state, type, pages, sealed_advice, created FROM upload`

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
	if err := r.Scan(&u.ID, &u.Matter, &u.person, &name, &u.Size, &u.Received, &u.State, &u.header, &u.blob, &u.blobState, &typ, &pages, &advice, &created); err != nil {
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

// openObject opens a sealed object for reading.
func (s *Shelf) openObject(ctx context.Context, object *vault.Object, name string) (*Content, error) {
	sealed, err := s.blobs.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	plain, size, err := object.ReaderAt(sealed, sealed.Size())
	if err != nil {
		return nil, errors.Join(err, sealed.Close())
	}
	return &Content{ReaderAt: plain, size: size, object: object, sealed: sealed}, nil
}
