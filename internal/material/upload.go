package material

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/filetype"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/screening"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// MaxSize is the largest file that is received, in bytes.
const MaxSize = 20 << 30

// States of an upload.
const (
	Growing = "growing" // bytes are still to come
	Ready   = "ready"   // whole, checked, waiting for its form
	stopped = "stopped" // infected, or bore marks of a state secret; key and bytes are gone
	filed   = "filed"   // became a material
	expired = "expired" // left alone for too long; key and bytes are gone
)

// Declaration is what the receiving person says before the first byte leaves the own machine.
type Declaration struct {
	Name           string
	Size           int64 // bytes
	NotStateSecret bool  // the answer to the intake's question
}

// Upload is a file on its way in. It belongs to the person who began it; nobody else reaches it.
type Upload struct {
	ID       string
	Matter   string
	Name     string
	Size     int64
	Received int64 // plaintext bytes that are safe
	State    string
	Type     filetype.Type
	Pages    int
	Advice   Advice
	Created  time.Time

	person    string
	who       guard.Who
	hold      string    // of the request that pours
	stale     [2]string // name and state of what an earlier request left under another name
	object    *vault.Object
	sealed    []byte // a small file that came whole, before it is stored
	header    []byte
	blob      string
	blobState string
}

// Advice is what the checks found, for the form that files the upload.
type Advice struct {
	Title      string   `json:"title"`                // a title that says nothing sensitive; empty: use the number
	Findings   []string `json:"findings,omitempty"`   // what in the name tells something, as Chinese sentences
	Mismatch   bool     `json:"mismatch,omitempty"`   // the name's ending is not what the content is
	Unreadable bool     `json:"unreadable,omitempty"` // the text could not be looked through for marks of state secrets
	SameAs     string   `json:"same_as,omitempty"`    // number of a material of this matter with the same bytes
}

// Begin registers an upload into a matter and opens the passage through which its first bytes may come.
func (s *Shelf) Begin(ctx context.Context, who guard.Who, matterID string, d Declaration) (*Upload, *guard.Passage, error) {
	name, err := screening.CleanName(d.Name)
	if err != nil {
		return nil, nil, err
	}
	if err := d.check(); err != nil {
		return nil, nil, err
	}
	var u *Upload
	p, err := s.door.Open(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: matterID}, func(g *guard.Grant) error {
		u, err = s.begin(g, name, d.Size)
		return err
	})
	return u, p, err
}

func (d Declaration) check() error {
	switch {
	case !d.NotStateSecret:
		return problem.New(problem.Refused, "本系统不接收国家秘密。请先确认资料不属于国家秘密").In("not_state_secret")
	case d.Size <= 0:
		return problem.New(problem.Invalid, "这是一个空文件").In("file")
	case d.Size > MaxSize:
		return problem.New(problem.TooLarge, "文件超过 %d GiB", MaxSize>>30).In("file")
	}
	return nil
}

func (s *Shelf) begin(g *guard.Grant, name string, size int64) (*Upload, error) {
	tx, matterID := g.Tx(access.ReceiveMaterial), g.Only(access.Matter)
	if len(screening.StateSecretMarks(name)) > 0 {
		return nil, problem.New(problem.Refused, "文件名里有国家秘密标志，本系统不能接收，请按线下保密渠道移交").In("file")
	}
	key, err := s.book.Key(tx, matterID)
	if err != nil {
		return nil, fmt.Errorf("open the matter's key: %w", err)
	}
	object, err := key.NewObject()
	if err != nil {
		return nil, fmt.Errorf("make the object's key: %w", err)
	}
	id := tx.NewID()
	u := &Upload{ID: id, Matter: matterID, Name: name, Size: size, State: Growing, Created: tx.Now, person: g.Who().Person, who: g.Who(), hold: tx.NewID(),
		object: object, header: object.Header, blob: tx.NewID()}
	g.Note("upload", id)
	g.Note("size", size)
	now := tx.Now.UnixMilli()
	_, err = tx.Exec(`INSERT INTO upload (id, matter, person, sealed_name, size, received, state, header, blob, blob_state, busy_until, hold, type, pages, created, touched)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, '', $9, $11, '', 0, $10, $10)`, id, matterID, u.person, s.fields.uploadName.SealText(id, name),
		size, Growing, u.header, u.blob, tx.Now.Add(busyFor).UnixMilli(), now, u.hold)
	return u, err
}

// errHeld is the cause when another request pours.
var errHeld = errors.New("another request pours into the upload")

// Resume opens the passage for further bytes of an upload that must stand at the offset. A request of the same person that still pours
// is ended first.
func (s *Shelf) Resume(ctx context.Context, who guard.Who, matterID, id string, offset int64) (*Upload, *guard.Passage, error) {
	u, p, err := s.resume(ctx, who, matterID, id, offset)
	if errors.Is(err, errHeld) && s.Halt(ctx, who, id) {
		return s.resume(ctx, who, matterID, id, offset)
	}
	return u, p, err
}

func (s *Shelf) resume(ctx context.Context, who guard.Who, matterID, id string, offset int64) (*Upload, *guard.Passage, error) {
	var u *Upload
	p, err := s.door.Open(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: matterID}, func(g *guard.Grant) (err error) {
		tx := g.Tx(access.ReceiveMaterial)
		if u, err = s.upload(tx, matterID, id, g.Who().Person); err != nil {
			return err
		}
		if u.State != Growing || u.Received != offset {
			return problem.New(problem.Conflict, "上传进度已变化，请从新的位置继续")
		}
		left := u.hold
		if err := u.claim(tx); err != nil {
			return err
		}
		key, err := s.book.Key(tx, matterID)
		if err != nil {
			return err
		}
		u.who = g.Who()
		g.Note("upload", id)
		g.Note("from", offset)
		if offset == 0 {
			return u.rekey(tx, key, left != "")
		}
		u.object, err = key.OpenObject(u.header)
		return err
	})
	return u, p, err
}

// claim makes this request the one that pours.
func (u *Upload) claim(tx *store.Tx) error {
	now, hold := tx.Now.UnixMilli(), tx.NewID()
	n, err := tx.Exec(`UPDATE upload SET busy_until = $2, touched = $3, hold = $5 WHERE id = $1 AND state = $4 AND busy_until <= $3`,
		u.ID, tx.Now.Add(busyFor).UnixMilli(), now, Growing, hold)
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "这个文件正在另一处上传，请稍候").Because(errHeld)
	}
	u.hold = hold
	return err
}

// rekey gives an upload that starts over a fresh key, so that no two plaintexts are ever sealed under one key and nonce; and, where the
// request before it never ended, an object of its own, which that one does not write to.
func (u *Upload) rekey(tx *store.Tx, key *vault.MatterKey, renamed bool) (err error) {
	if u.object, err = key.NewObject(); err != nil {
		return err
	}
	u.header = u.object.Header
	if renamed {
		u.stale = [2]string{u.blob, u.blobState}
		u.blob, u.blobState = tx.NewID(), ""
	}
	_, err = tx.Exec(`UPDATE upload SET header = $2, blob = $3, blob_state = $4 WHERE id = $1`, u.ID, u.header, u.blob, u.blobState)
	return err
}

// Upload tells how far an upload has come.
func (s *Shelf) Upload(g *guard.Grant, id string) (*Upload, error) {
	return s.upload(g.Tx(access.ReceiveMaterial), g.Only(access.Matter), id, g.Who().Person)
}

// Uploads lists the caller's uploads into the matter that wait for bytes or for their form, oldest first.
func (s *Shelf) Uploads(g *guard.Grant) ([]*Upload, error) {
	return store.List(g.Tx(access.ReceiveMaterial), s.scanUpload, selectUpload+` WHERE matter = $1 AND person = $2 AND state IN ('growing', 'ready') ORDER BY created, id`,
		g.Only(access.Matter), g.Who().Person)
}

// Withdraw gives up an upload. Its key is destroyed with the row's header; the payload is deleted by the caller of Discard.
func (s *Shelf) Withdraw(ctx context.Context, who guard.Who, matterID, id string) error {
	var u *Upload
	err := s.door.Do(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: matterID}, func(g *guard.Grant) (err error) {
		tx := g.Tx(access.ReceiveMaterial)
		if u, err = s.upload(tx, matterID, id, g.Who().Person); err != nil {
			return err
		}
		g.Note("upload", id)
		g.Note("withdrawn", true)
		return s.end(tx, id, expired)
	})
	if err != nil {
		return err
	}
	return s.discard(ctx, u.blob, u.blobState)
}

// end destroys an upload's key and what its row tells.
func (s *Shelf) end(tx *store.Tx, id, state string) error {
	n, err := tx.Exec(`UPDATE upload SET state = $2, header = NULL, sealed_name = $3, sealed_advice = NULL, digest_token = NULL, touched = $4
		WHERE id = $1 AND state IN ('growing', 'ready')`, id, state, []byte{}, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "这个文件已经处理过了")
	}
	return err
}

// discard removes sealed bytes whose key is gone; what it misses, Sweep finds.
func (s *Shelf) discard(ctx context.Context, name, state string) error {
	ctx = context.WithoutCancel(ctx)
	return errors.Join(s.blobs.Abort(ctx, name, state), s.blobs.Delete(ctx, name))
}
