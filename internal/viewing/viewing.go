// Package viewing shows material as page images (阅览). A page is rendered and marked with who looks at it, when and from where
// in one step outside this process's reach of the browser: there is no way to a clean page. Every image is an act of its own
// with a record, and carries a random 48-bit code that leads back to that record (clauses 3.2, 5.1, 8.5).
package viewing

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/text"
)

// Room is where people look at pages.
type Room struct {
	door  *guard.Door
	shelf *material.Shelf
	pages *render.Pool
}

// New makes the room.
func New(door *guard.Door, shelf *material.Shelf, pages *render.Pool) *Room {
	return &Room{door: door, shelf: shelf, pages: pages}
}

// Viewer is how the person who looks is named on the page.
type Viewer struct {
	Name  string
	Login string
}

// Widths are the image widths that may be asked for, in pixels: thumbnail, narrow, reading, close. Others are brought to the
// next one, so that what is rendered can be kept warm.
var Widths = []int{160, 720, 1075, 1612, 2150}

// Sight is one look at one page.
type Sight struct {
	Material string
	Page     int // from 1
	Width    int // pixels
}

// Page lets the person see one page and gives the marked image to show. The record of the intent is written before the image
// is made, the outcome after show has returned.
func (r *Room) Page(ctx context.Context, who guard.Who, viewer Viewer, s Sight, show func(render.Image) error) error {
	code, err := NewCode()
	if err != nil {
		return err
	}
	var key *material.Key
	var at time.Time
	p, err := r.door.Open(ctx, who, access.ViewPage, guard.Thing{Kind: access.Material, ID: s.Material}, func(g *guard.Grant) error {
		if key, err = r.shelf.Unseal(g); err != nil {
			return err
		}
		at = g.Tx().Now
		return admit(g, key.Material, s, code)
	})
	if err != nil {
		return err
	}
	image, err := r.draw(ctx, key, s, mark(key.Material, viewer, who.Addr, at, code))
	shown := int64(0)
	if err == nil {
		if err = show(image); err == nil {
			shown = 1
		}
	}
	if closing := p.Close(ctx, shown, err); err == nil {
		err = closing
	}
	return err
}

func admit(g *guard.Grant, m material.Material, s Sight, code uint64) error {
	if !m.Version.Viewable() {
		return problem.New(problem.Invalid, "这种文件还不能在阅览器里显示")
	}
	if s.Page < 1 || s.Page > max(1, m.Version.Pages) { // of a file that has none, the renderer says why
		return problem.New(problem.Invalid, "没有这一页，全文共 %d 页", m.Version.Pages).In("page")
	}
	g.Note("page", s.Page)
	g.Note("code", CodeText(code))
	tx, person := g.Tx(), g.Who().Person
	g.OnRecord(func(seq uint64) error {
		_, err := tx.Exec(`INSERT INTO page_image (code, seq, material, version, page, person, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			int64(code), int64(seq), m.ID, m.Version.N, s.Page, person, tx.Now.UnixMilli())
		return err
	})
	return nil
}

func (r *Room) draw(ctx context.Context, key *material.Key, s Sight, mark render.Mark) (render.Image, error) {
	content, err := r.shelf.Open(ctx, key)
	if err != nil {
		return render.Image{}, err
	}
	defer content.Close()
	v := key.Material.Version
	return r.pages.Page(ctx, render.Doc{Key: v.ID, Type: v.Type, Src: content, Size: v.Size}, s.Page, render.Spec{Width: width(s.Width), Mark: mark})
}

// width brings a wanted width to one of Widths.
func width(wanted int) int {
	for _, w := range Widths {
		if wanted <= w {
			return w
		}
	}
	return Widths[len(Widths)-1]
}

func mark(m material.Material, v Viewer, addr string, at time.Time, code uint64) render.Mark {
	return render.Mark{
		Level: m.Level.Mark(text.ZH),
		Lines: []string{v.Name + " " + v.Login, m.Number, at.In(matter.Beijing).Format("2006-01-02 15:04:05"), addr},
		Code:  CodeText(code),
	}
}

// NewCode draws 48 random bits.
func NewCode() (uint64, error) {
	var b [8]byte
	if _, err := rand.Read(b[2:]); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b[:]), nil
}

// CodeText writes a code as people read it aloud: three groups of four hexadecimal digits.
func CodeText(code uint64) string {
	return fmt.Sprintf("%04X-%04X-%04X", code>>32&0xffff, code>>16&0xffff, code&0xffff)
}

// ReadCode reads a code as people type it: with or without its dashes, in any case.
func ReadCode(s string) (code uint64, ok bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "-", "")
	if len(s) != 12 {
		return 0, false
	}
	code, err := strconv.ParseUint(s, 16, 64)
	return code, err == nil
}
