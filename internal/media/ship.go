package media

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/parcel"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// ScanExport has every original of an export scanned. The verdicts are written together with the outcome; originals of which nothing could be
// said are unknown, and hold the export back like infected ones. It gives the worst of them.
func (r *Room) ScanExport(ctx context.Context, who guard.Who, id string) (Finding, error) {
	if r.Scanner == nil {
		return Unknown, problem.New(problem.Unavailable, "本所没有设置查毒服务，资料不能导出到移动介质。请系统管理员设置 clamd")
	}
	var e Export
	var keys []*material.Key
	p, err := r.Door.Open(ctx, who, access.ScanExport, guard.Thing{Kind: access.Export, ID: id}, func(g *guard.Grant) (err error) {
		if e, err = r.export(g.Tx(access.ScanExport), id); err != nil {
			return err
		}
		keys, err = r.Shelf.UnsealAll(g, e.ids(), e.versions())
		return err
	})
	if err != nil {
		return Unknown, err
	}
	var scanned int64
	worst := Clean
	for i, k := range keys {
		e.Items[i].Finding, e.Items[i].Virus = r.scanOne(ctx, k, &scanned)
		if f := e.Items[i].Finding; f == Infected || f == Unknown && worst == Clean {
			worst = f
		}
	}
	err = p.Close(ctx, scanned, ctx.Err(), func(tx *store.Tx) error { return r.found(tx, e) })
	return worst, errors.Join(err, ctx.Err())
}

// scanOne is the verdict on one original. Why none came about is the operator's to read.
func (r *Room) scanOne(ctx context.Context, k *material.Key, scanned *int64) (Finding, string) {
	content, err := r.Shelf.Open(ctx, k)
	if err != nil {
		slog.Error("open an original to scan it", "material", k.Material.ID, "error", err)
		return Unknown, ""
	}
	defer content.Close()
	v := r.Scanner.Scan(ctx, io.NewSectionReader(content, 0, content.Size()))
	*scanned += content.Size()
	if v.Cause != nil {
		slog.Warn("an original could not be scanned", "material", k.Material.ID, "error", v.Cause)
	}
	return findingOf(v), v.Name
}

// found writes what the scan found.
func (r *Room) found(tx *store.Tx, e Export) error {
	for i, it := range e.Items {
		if _, err := tx.Exec(`UPDATE media_export_item SET scanned = $3, finding = $4, sealed_name = $5 WHERE export = $1 AND position = $2`, e.ID, int64(i+1), tx.Now.UnixMilli(), string(it.Finding), r.virus.SealText(e.ID, it.Virus)); err != nil {
			return err
		}
	}
	return nil
}

// Shipment is a container on its way to the one who was granted it.
type Shipment struct {
	Export  Export
	room    *Room
	medium  string // its label
	secret  string
	keys    []*material.Key
	passage *guard.Passage
	made    parcel.Manifest
}

// warning is what the recipient is bound to.
const warning = "本包资料属客户秘密，仅供办理本案使用。不得转存、转发；用毕归还或者销毁。口令另行告知，不得与本包放在一起。"

// Fetch decides and records that a container leaves. The caller sends it with SendTo.
func (r *Room) Fetch(ctx context.Context, who guard.Who, id string) (*Shipment, error) {
	s := &Shipment{room: r}
	p, err := r.Door.Open(ctx, who, access.FetchExport, guard.Thing{Kind: access.Export, ID: id}, func(g *guard.Grant) (err error) {
		tx := g.Tx(access.FetchExport)
		if s.Export, err = r.export(tx, id); err != nil {
			return err
		}
		m, err := r.one(tx, s.Export.Medium)
		if err != nil {
			return err
		}
		s.medium = m.Label()
		if s.secret, err = r.passphrase.OpenText(id, s.Export.sealed); err != nil {
			return err
		}
		s.made = parcel.Manifest{Parcel: s.Export.Number(), Medium: s.medium, Made: tx.Now.In(matter.Beijing), Warning: warning}
		for _, of := range s.Export.ids() {
			g.Step(access.FetchExport, guard.Thing{Kind: access.Material, ID: of}, s.Export.Matter, map[string]any{"export": s.Export.Number(), "medium": s.medium})
		}
		s.keys, err = r.Shelf.UnsealAll(g, s.Export.ids(), s.Export.versions())
		return err
	})
	s.passage = p
	return s, err
}

// Name is the container's file name.
func (s *Shipment) Name() string { return s.Export.Number() + s.Export.Format.Extension() }

// SendTo packs the container into w and records how that ended. After an error what w got is not the whole, and the caller must see to it
// that nobody takes it for it.
func (s *Shipment) SendTo(ctx context.Context, w io.Writer) error {
	out := &counted{Writer: w}
	err := s.pack(ctx, out)
	return errors.Join(err, s.passage.Close(ctx, out.n, err, func(tx *store.Tx) error { return s.left(tx, out.n, err == nil) }))
}

func (s *Shipment) pack(ctx context.Context, w io.Writer) error {
	p, err := parcel.New(w, s.Export.Format, s.secret, s.made)
	if err != nil {
		return err
	}
	for _, k := range s.keys {
		if err := s.add(ctx, p, k); err != nil {
			return err
		}
	}
	return p.Close()
}

func (s *Shipment) add(ctx context.Context, p *parcel.Writer, k *material.Key) error {
	content, err := s.room.Shelf.Open(ctx, k)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = p.Add(fileOf(k.Material), io.NewSectionReader(content, 0, content.Size()))
	return err
}

// left writes how far the container came. One that left whole is not given again, and its passphrase is forgotten.
func (s *Shipment) left(tx *store.Tx, n int64, whole bool) error {
	if !whole {
		_, err := tx.Exec(`UPDATE media_export SET bytes = $2 WHERE id = $1 AND state = 'issued'`, s.Export.ID, n)
		return err
	}
	_, err := tx.Exec(`UPDATE media_export SET state = 'written', written = $2, bytes = $3, sealed_passphrase = $4 WHERE id = $1 AND state = 'issued'`, s.Export.ID, tx.Now.UnixMilli(), n, []byte{})
	return err
}

// counted counts what was written.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}
