package apptest

import (
	"testing"

	"github.com/chromedp/chromedp"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/store"
)

// joinsByPasskey takes an account with a passkey and nothing else for a second factor.
func (p tab) joinsByPasskey(link string) {
	p.t.Helper()
	p.authenticator()
	p.do(screen(360))
	p.open(link)
	p.fill("password", password, "again", password+"\r")
	p.reads("或者改用通行密钥")
	p.fill("label", "办公室电脑\r")
	p.reads("请保存恢复码")
}

// TestWriteOffByPasskey: a director who has a passkey and no authenticator shows it with the password, and signs what is let go.
func TestWriteOffByPasskey(t *testing.T) {
	s := newStreet(t)
	must(t, s.h.SetName(t.Context(), "江澜衡砚律师事务所"))
	director, witness := s.invite("mixun", "宓洵", access.Director), s.invite("wenren", "闻人语", access.Lawyer)
	s.invite("leaver", "须离岗", access.Lawyer)
	p := tab{t, chromium(t), s}
	p.beside().joinsByPasskey(witness)
	p.joinsByPasskey(director)
	var ids []string
	must(t, s.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		ids, err = store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err }, `SELECT id FROM person ORDER BY id`)
		return err
	}))
	must(t, s.h.Door.Do(t.Context(), worker(ids[0]), access.BeginLeaving, guard.Thing{Kind: access.Person, ID: ids[2]}, func(g *guard.Grant) error {
		return s.h.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.AddDate(0, 0, 9), Reason: "本人辞职", Witness: ids[1]})
	}))
	p.open("/people/" + ids[2] + "/leaving")
	p.sound(360)
	p.do(chromedp.Click(`input[name="forgive"]`))
	p.fill("reason", "已经失联", "password", password+"\r")
	p.reads("核销：已经失联")
	if n := signedDocuments(t, s.h); n != 1 {
		t.Fatalf("%d documents were signed", n)
	}
}
