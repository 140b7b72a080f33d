package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/mail"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// serverSetting is the mail server in the table of settings.
const serverSetting = "mail.server"

func (r *Room) settings(tx *store.Tx) (set mail.Settings, err error) {
	sealed, err := store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err }, `SELECT sealed FROM setting WHERE name = $1`, serverSetting)
	if err != nil {
		return set, err
	}
	raw, err := r.setting.Open(serverSetting, sealed)
	if err == nil {
		err = json.Unmarshal(raw, &set)
	}
	return set, err
}

// SetServer says where mails go. Without a secret the one that is kept stays, but only for the same account at the same server with the same
// certificates: it is shown to nobody, and goes nowhere else. The act is setMail.
func (r *Room) SetServer(g *guard.Grant, set mail.Settings) error {
	tx := g.Tx(access.SetMail)
	if set.Secret == "" && set.User != "" {
		if before, err := r.settings(tx); err == nil { // one that is none, or is damaged, gives way
			set.Secret = before.Secret
			if server, err := mail.New(set); err == nil && !server.Settings().SameServer(before) {
				set.Secret = ""
			}
		}
	}
	server, err := mail.New(set)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(server.Settings())
	if err != nil {
		return fmt.Errorf("encode the mail server: %w", err)
	}
	g.Note("setting", serverSetting)
	g.Note("server", server.String())
	_, err = tx.Exec(`INSERT INTO setting (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed`, serverSetting, r.setting.Seal(serverSetting, raw))
	return err
}

// Stop takes the server away: nobody is told by mail any more. The act is setMail.
func (r *Room) Stop(g *guard.Grant) error {
	tx := g.Tx(access.SetMail)
	g.Note("setting", serverSetting)
	g.Note("server", "none")
	if _, err := tx.Exec(`UPDATE notice SET state = 'dropped', settled = $1 WHERE state = 'waiting'`, tx.Now.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM setting WHERE name = $1`, serverSetting)
	return err
}

// Try sends a mail to the caller and waits for what the server says. The act is setMail: what is to be sent is recorded first, and then what
// became of it.
func (r *Room) Try(ctx context.Context, who guard.Who) error {
	var server *mail.Server
	var l mail.Letter
	if err := r.Door.Do(ctx, who, access.SetMail, guard.Firm, func(g *guard.Grant) error {
		g.Note("test", "begun")
		me, err := r.People.One(g.Tx(), who.Person)
		if err != nil {
			return err
		}
		if me.Mail == "" {
			return problem.New(problem.Conflict, "您自己还没有登记邮箱；请另一位安全管理员在您的人员页面上登记")
		}
		if server, err = r.server(g.Tx()); err != nil {
			return err
		}
		if server == nil {
			return errNoServer
		}
		l = mail.Letter{ID: g.Tx().NewID(), To: me.Mail, Subject: "密卷：测试邮件", Text: "邮件提醒可以用了。\n" + r.Origin + "/\n" + foot}
		return nil
	}); err != nil {
		return err
	}
	said := server.Send(ctx, l)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := r.Door.Do(ctx, who, access.SetMail, guard.Firm, func(g *guard.Grant) error {
		g.Note("test", map[bool]string{true: "sent", false: "failed"}[said == nil])
		return nil
	})
	if said != nil {
		return said
	}
	return err
}

// Answers asks the mail server, for the operator; off tells that there is none to ask.
func (r *Room) Answers(ctx context.Context) (name string, off bool, err error) {
	var server *mail.Server
	if err := r.DB.Read(ctx, func(tx *store.Tx) (err error) { server, err = r.server(tx); return err }); err != nil || server == nil {
		return "", err == nil, err
	}
	return server.String(), false, server.Answers(ctx)
}

// Health is how notices stand, and where they go.
type Health struct {
	On        bool
	Server    mail.Settings // without its secret
	Secret    bool          // there is one
	Reached   int           // people at work who get mails
	Unreached int           // people at work who do not: no address, or not wanted
	Waiting   int
	Since     time.Time // when the oldest of those was made
	Sent      int       // in the last 30 days
	Last      time.Time // when the last was sent
	Failed    int       // given up in the last 30 days
}

const lookBack = 30 * 24 * time.Hour

// Look tells how notices stand. The act is setMail.
func (r *Room) Look(g *guard.Grant) (h Health, err error) {
	tx := g.Tx(access.SetMail)
	if h.On, err = r.on(tx); err != nil {
		return h, err
	}
	if h.On {
		if h.Server, err = r.settings(tx); err != nil {
			return h, err
		}
		h.Secret, h.Server.Secret = h.Server.Secret != "", ""
	}
	var since, last int64
	_, err = store.Get(tx, func(row store.Row) (struct{}, error) {
		return struct{}{}, row.Scan(&h.Waiting, &since, &h.Sent, &last, &h.Failed)
	}, `SELECT COALESCE(SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0), COALESCE(MIN(CASE WHEN state = 'waiting' THEN made END), 0),
		COALESCE(SUM(CASE WHEN state = 'sent' AND settled > $1 THEN 1 ELSE 0 END), 0), COALESCE(MAX(CASE WHEN state = 'sent' THEN settled END), 0),
		COALESCE(SUM(CASE WHEN state = 'failed' AND settled > $1 THEN 1 ELSE 0 END), 0) FROM notice`, tx.Now.Add(-lookBack).UnixMilli())
	if err != nil {
		return h, err
	}
	h.Since, h.Last = instant(since), instant(last)
	_, err = store.Get(tx, func(row store.Row) (struct{}, error) { return struct{}{}, row.Scan(&h.Reached, &h.Unreached) },
		`SELECT COALESCE(SUM(CASE WHEN sealed_mail IS NOT NULL AND mail_off = 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN sealed_mail IS NULL OR mail_off = 1 THEN 1 ELSE 0 END), 0)
		FROM person WHERE status = 'active'`)
	return h, err
}

// stuck is from when a notice that waits is worth somebody's while.
const stuck = time.Hour

// Failing counts what did not go out: notices given up in the last week, and those that wait for longer than an hour, for who sets the server.
// The act is useSystem.
func (r *Room) Failing(g *guard.Grant) (n int, err error) {
	tx := g.Tx(access.UseSystem)
	if !g.May(access.SetMail, access.Resource{Kind: access.Firm, ID: guard.Firm.ID, Exists: true}, access.Circumstances{}) {
		return 0, nil
	}
	return store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM notice WHERE state = 'failed' AND settled > $1 OR state = 'waiting' AND made < $2`, tx.Now.Add(-7*24*time.Hour).UnixMilli(), tx.Now.Add(-stuck).UnixMilli())
}
