package material

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/blob"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/filetype"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Content is one version in the clear, readable while it is open. It exists in memory only.
type Content struct {
	io.ReaderAt
	size   int64
	object *vault.Object
	sealed blob.Object
}

// Size is the number of plaintext bytes.
func (c *Content) Size() int64 { return c.size }

// Close lets go of the sealed object.
func (c *Content) Close() error { return c.sealed.Close() }

// WriteTo decrypts the whole into w, in order; it is the fast way through a large file.
func (c *Content) WriteTo(w io.Writer) (int64, error) {
	plain, err := c.object.Reader(blob.Stream(c.sealed))
	if err != nil {
		return 0, err
	}
	n, err := flow(w, plain, c.size)
	if err == nil && n != c.size {
		return n, damaged(n, c.size)
	}
	return n, err
}

// flow is io.Copy; of what is large the next chunk is opened while one is on its way.
func flow(w io.Writer, plain io.Reader, size int64) (int64, error) {
	if size <= batch*chunk {
		return io.Copy(w, plain)
	}
	r, opened := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := io.Copy(opened, plain)
		opened.CloseWithError(err)
	}()
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, r, make([]byte, chunk))
	r.CloseWithError(err)
	<-done
	return n, err
}

func damaged(is, said int64) error {
	return problem.New(problem.Damaged, "存储的内容已损坏，没有显示任何内容").Because(fmt.Errorf("%d bytes instead of %d", is, said))
}

// begin opens the first chunk. What is wrong there can still be answered; what is found later breaks off what was begun.
func (c *Content) begin() error {
	_, err := c.ReadAt(make([]byte, 1), 0)
	return err
}

// Key is what a grant lets out of its transaction: the authority to read one version of one material, once.
type Key struct {
	Material Material
	matter   *vault.MatterKey
	used     bool
}

// Unseal takes the newest version's key out of the vault, under a grant to look at pages or to fetch the original.
func (s *Shelf) Unseal(g *guard.Grant) (*Key, error) {
	tx, id := g.Tx(access.ViewPage, access.FetchOriginal), g.Only(access.Material)
	m, err := s.get(tx, id)
	if err != nil {
		return nil, err
	}
	key, err := s.book.Key(tx, m.Matter)
	if err != nil {
		return nil, err
	}
	if err := s.opened(g, m); err != nil {
		return nil, err
	}
	g.Note("version", m.Version.N)
	return &Key{Material: m, matter: key}, nil
}

// UnsealFor is Unseal for a room that shows a material on paper under an act of its own, and has asked the rules whether the person for
// whom it does so may see it.
func (s *Shelf) UnsealFor(g *guard.Grant, id string) (*Key, error) {
	tx := g.Tx(access.OperateOutput)
	m, err := s.get(tx, id)
	if err != nil {
		return nil, err
	}
	key, err := s.book.Key(tx, m.Matter)
	if err != nil {
		return nil, err
	}
	return &Key{Material: m, matter: key}, nil
}

// Open opens the content the key was given for. A key opens once.
func (s *Shelf) Open(ctx context.Context, k *Key) (*Content, error) {
	if k.used {
		return nil, errors.New("material: a key opens once")
	}
	k.used = true
	object, err := k.matter.OpenObject(k.Material.Version.header) // here and not in the act: others wait for its transaction
	if err != nil {
		return nil, err
	}
	content, err := s.openObject(ctx, object, k.Material.Version.blob)
	if err != nil {
		return nil, err
	}
	if said := k.Material.Version.Size; content.size != said { // whoever is told a smaller size takes a part for the whole
		return nil, errors.Join(damaged(content.size, said), content.Close())
	}
	return content, nil
}

// Original is an opened original on its way to the one who was granted it.
type Original struct {
	Material Material
	Copy     string // number of the copy that it is from then on (份号); its holder says when it is deleted
	content  *Content
	passage  *guard.Passage
	copies   *carrier.Cabinet
	fetching carrier.Fetching
}

// Fetch decides and records that an original leaves, counts it as a copy that the caller holds, and opens it. The caller sends it with SendTo.
func (s *Shelf) Fetch(ctx context.Context, who guard.Who, id string) (*Original, error) {
	var key *Key
	var f carrier.Fetching
	p, err := s.door.Open(ctx, who, access.FetchOriginal, guard.Thing{Kind: access.Material, ID: id}, func(g *guard.Grant) (err error) {
		if key, err = s.Unseal(g); err != nil {
			return err
		}
		f, err = s.copies.Fetch(g, carrier.Original{Material: id, Matter: key.Material.Matter, Title: key.Material.Title, Level: key.Material.Level})
		g.Note("copy", f.Number)
		return err
	})
	if err != nil {
		return nil, err
	}
	content, err := s.Open(ctx, key)
	if err == nil {
		if err = content.begin(); err != nil {
			err = errors.Join(err, content.Close())
		}
	}
	if err != nil {
		return nil, errors.Join(err, p.Close(ctx, 0, err, func(tx *store.Tx) error { return s.copies.NotFetched(tx, f) }))
	}
	return &Original{Material: key.Material, Copy: f.Number, copies: s.copies, fetching: f, content: content, passage: p}, nil
}

// Size is the number of plaintext bytes.
func (o *Original) Size() int64 { return o.content.Size() }

// SendTo writes the whole to w, records how that ended and closes. After an error what w got is not the whole, and the caller
// must see to it that nobody takes it for it.
func (o *Original) SendTo(ctx context.Context, w io.Writer) error {
	n, err := o.content.WriteTo(w)
	var nothing []func(*store.Tx) error
	if err != nil && n == 0 {
		nothing = append(nothing, func(tx *store.Tx) error { return o.copies.NotFetched(tx, o.fetching) })
	}
	return errors.Join(err, o.passage.Close(ctx, n, err, nothing...), o.content.Close())
}

// Leave is permission to fetch an original for a while.
type Leave struct {
	Person string
	Until  time.Time
	Reason string
}

// longest is the longest leave that is given at once.
const longest = 7 * 24 * time.Hour

// Release lets a member of the team fetch the original (clause 7.2.1), in every capacity in which the rules may ask the caller for it:
// a director who leads the matter consents as lead and, for 绝密级, approves as director. That keeps two persons in every fetching,
// since nobody gives leave to themselves.
func (s *Shelf) Release(g *guard.Grant, l Leave) (err error) {
	tx, id := g.Tx(access.Release), g.Only(access.Material)
	if l.Reason, err = reason(l.Reason); err != nil {
		return err
	}
	switch {
	case l.Person == "" || l.Person == g.Who().Person:
		return problem.New(problem.Invalid, "请选择另一位团队成员").In("person")
	case !l.Until.After(tx.Now) || l.Until.Sub(tx.Now) > longest:
		return problem.New(problem.Invalid, "期限须在今后 %d 天之内", int(longest.Hours())/24).In("until")
	}
	if err := g.Staff(l.Person, "person"); err != nil {
		return err
	}
	capacities := capacities(g.Facts())
	if len(capacities) == 0 {
		return problem.New(problem.Conflict, "您的准许不是取用这份原件所需的批准")
	}
	g.Note("person", l.Person)
	g.Note("until", l.Until.UnixMilli())
	g.Note("capacities", capacities)
	for _, capacity := range capacities {
		row := tx.NewID()
		if _, err = tx.Exec(`INSERT INTO release (id, material, person, given_by, capacity, sealed_reason, given, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			row, id, l.Person, g.Who().Person, capacity, s.fields.releaseReason.SealText(row, l.Reason), tx.Now.UnixMilli(), l.Until.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// capacities are those in which the caller's leave to fetch the original counts: "lead", and "director" for 绝密级.
func capacities(facts access.Request) (all []string) {
	if facts.Where.Lead {
		all = append(all, "lead")
	}
	if facts.Thing.Level == classification.TopSecret && (slices.Contains(facts.Who.Posts, access.Director) || facts.Delegated()) {
		all = append(all, "director")
	}
	return all
}

// Holding is a version as the recovery tool sees it.
type Holding struct {
	Number, Title, Name, Matter string
	Level                       classification.Level
	Type                        filetype.Type
	Size                        int64
	Object                      string // name in the blob store
	Header                      []byte
	Damage                      error // what of its row does not open; the content may all the same
	key                         *vault.MatterKey
}

// Inventory lists every version that was not destroyed with its key, for recovery by the holder of the root key. What is damaged of one keeps nobody from the
// others. It stands outside the door: no face reaches it.
func (s *Shelf) Inventory(tx *store.Tx) ([]Holding, error) {
	holdings, err := store.List(tx, func(r store.Row) (Holding, error) {
		m, err := s.scan(r)
		if m.ID == "" {
			return Holding{}, err
		}
		return Holding{Number: m.Number, Title: m.Title, Name: m.Name, Matter: m.Matter, Level: m.Level, Type: m.Version.Type,
			Size: m.Version.Size, Object: m.Version.blob, Header: m.Version.header, Damage: err}, nil
	}, selectMaterial+` WHERE m.state <> 'ended' ORDER BY m.number`)
	if err != nil {
		return nil, err
	}
	for i := range holdings {
		h := &holdings[i]
		if h.key, err = s.book.Key(tx, h.Matter); err != nil {
			h.Damage = errors.Join(h.Damage, err)
		}
	}
	return holdings, nil
}

// OpenHolding opens what Inventory listed.
func (s *Shelf) OpenHolding(ctx context.Context, h Holding) (*Content, error) {
	if h.key == nil {
		return nil, h.Damage
	}
	object, err := h.key.OpenObject(h.Header)
	if err != nil {
		return nil, err
	}
	return s.openObject(ctx, object, h.Object)
}
