package demo

import (
	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/viewing"
)

// receipt is a document on its way through the firm.
type receipt struct {
	matter   corpus.Matter
	document corpus.Document
	id       string
	pages    int
}

func (b *builder) receive(r *receipt) error {
	d, matterID := r.document, b.matters[r.matter.Number]
	content, size := reader(d)
	u, p, err := b.h.Shelf.Begin(b.ctx, b.who(d.Proposer), matterID, material.Declaration{Name: d.Name, Size: size, NotStateSecret: true})
	if err != nil {
		return err
	}
	if _, err := b.h.Shelf.Pour(b.ctx, p, u, content, nil); err != nil {
		return err
	}
	r.pages = u.Pages
	filing := material.Filing{Upload: u.ID, Title: d.Title, Kinds: classification.SetOf(d.Kinds...), ClientAsked: d.ClientAsked, Level: d.Level,
		Reason: d.Reason, Reviewer: b.ids[d.Reviewer], Ground: groundOf(d)}
	thing := guard.Thing{Kind: access.Matter, ID: matterID}
	return b.h.Door.Do(b.ctx, b.who(d.Proposer), access.ReceiveMaterial, thing, func(g *guard.Grant) error {
		ids, err := b.h.Shelf.File(g, []material.Filing{filing})
		if err == nil {
			r.id = ids[0]
		}
		return err
	})
}

func (b *builder) review(r *receipt) error {
	thing := guard.Thing{Kind: access.Material, ID: r.id, Level: r.document.Final}
	return b.h.Door.Do(b.ctx, b.who(r.document.Reviewer), access.Review, thing, func(g *guard.Grant) error {
		return b.h.Shelf.Review(g, r.document.Review)
	})
}

// look lets the lead lawyer read a page, and an outsider try.
func (b *builder) look(r *receipt) error {
	outsider := b.firm.Persons[len(b.firm.Persons)-2].Login
	thing := guard.Thing{Kind: access.Material, ID: r.id}
	err := b.h.Door.Do(b.ctx, b.who(outsider), access.View, thing, func(*guard.Grant) error { return nil })
	if err != nil && problem.KindOf(err) == 0 {
		return err
	}
	if r.pages == 0 {
		return nil
	}
	lead := r.matter.Lead()
	return b.h.Viewing.Page(b.ctx, b.who(lead), viewing.Viewer{Name: lead, Login: lead}, viewing.Sight{Material: r.id, Page: 1, Width: 720},
		func(render.Image) error { return nil })
}
